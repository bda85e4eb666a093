-- The key under which a name is looked up. A release carries these macros, too.

-- Letters without case and accents. Most names are ASCII, and most others have no letter that
-- Unicode does not take apart, so the slow functions see few of them.
create or replace macro plain_letters(written) as
if(
    length(written) = strlen(written), lower(written),
    strip_accents(lower(if(
        regexp_matches(written, '[łŁđĐðÐøØıİħƏəßæœþ]'),
        translate(written, 'łŁđĐðÐøØıİħƏə', 'lLdDdDoOiIhAa')
        .replace ('ß', 'ss').replace ('æ', 'ae').replace ('œ', 'oe').replace ('þ', 'th'),
        written
    )))
);

-- Common abbreviations written out.
create or replace macro written_out(plain) as
if(
    regexp_matches(plain, '(^| )(st|sankt|sint|ste|mt|ft) '),
    regexp_replace(plain, '(^| )(st|sankt|sint) ', '\1saint ', 'g')
    .regexp_replace ('(^| )ste ', '\1sainte ', 'g')
    .regexp_replace ('(^| )mt ', '\1mount ', 'g')
    .regexp_replace ('(^| )ft ', '\1fort ', 'g'),
    plain
);

-- The key under which a name is looked up: case, accents, punctuation and common abbreviations
-- carry no identity. What stands in brackets may, so brackets stay.
create or replace macro name_key(written) as
trim(written_out(
    regexp_replace(plain_letters(written), '[\s\-''’`´ʼʻ‘ʹ.,/_·|"*+]+', ' ', 'g')
));

-- What is compared of a code: names by their key, identifiers without regard to case.
create or replace macro lookup_key(scheme, code) as
if(scheme = 'name', name_key(code), upper(trim(code)));

-- A short name for it, so that half a million codes are searched in milliseconds; what has the same
-- one is compared in full.
create or replace macro lookup_hash(key) as (md5_number_lower(key) >> 32)::bigint;

-- What is compared of a country's name: "U.S." is "US", "Congo (Dem. Rep.)" is "Congo, Dem. Rep.".
create or replace macro country_key(written) as
regexp_replace(regexp_replace(plain_letters(trim(written)), '^the ', ''), '[^\p{L}]+', '', 'g');
