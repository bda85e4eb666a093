-- How keys of names (keys.sql) are compared.

-- A key without spaces and without the two ways of writing an umlaut.
create or replace macro squeezed(key) as
regexp_replace(
    replace(key, ' ', '').replace ('ae', 'a').replace ('oe', 'o').replace ('ue', 'u')
    .replace ('aa', 'a'), '[()]', '', 'g'
);

-- What remains of a name in every transliteration; only for finding what is worth comparing. Names
-- in other letters stay as they are.
create or replace macro skeleton(squeezed_key) as
if(
    regexp_matches(squeezed_key, '[a-z]'),
    translate(regexp_replace(squeezed_key, '[aeiouyhwj]', '', 'g'), 'ckqxzvpdg', 'sssssfbtt'),
    squeezed_key
);

-- The key of what stands in brackets at the end; "(La Réunion)" is Réunion.
create or replace macro key_in_brackets(written) as
regexp_replace(
    name_key(nullif(regexp_extract(written, '\(([^()]+)\)\s*$', 1), '')), '^(la|the) ', ''
);

-- How a key sounds, whoever transliterates it: "Kafr-El-Dwar" and "Kafr ad Dawwār" are alike.
-- Articles and vowels are left out, and what is doubled is written once.
create or replace macro sound(key) as
trim(
    regexp_replace(
        translate(
            regexp_replace(
                ' ' || key,
                ' (al|el|ad|ed|ar|er|as|es|ash|esh|az|ez|an|en|at|et|ath|ul) ', ' '
            ),
            'ckqgxzjvpd aeiouyhw()', 'kkkksssfbt'
        ), 'kk+', 'k', 'g'
    )
    .regexp_replace ('ss+', 's', 'g')
    .regexp_replace ('ff+', 'f', 'g')
    .regexp_replace ('bb+', 'b', 'g')
    .regexp_replace ('tt+', 't', 'g')
    .regexp_replace ('ll+', 'l', 'g')
    .regexp_replace ('rr+', 'r', 'g')
    .regexp_replace ('mm+', 'm', 'g')
    .regexp_replace ('nn+', 'n', 'g')
);

-- The words of one key that another has not.
create or replace macro words_only_of(one, other) as
array_to_string(
    list_filter(
        string_split(one, ' '),
        lambda word: not list_contains(string_split(other, ' '), word)
    ), ' '
);

-- The consonants of a word, as all transliterations write them ("tsh" is "sh"), none twice; signs
-- that stand for a lost letter ("Ca?on") are left out.
create or replace macro consonants(squeezed_key) as
trim(
    regexp_replace(
        skeleton(regexp_replace(squeezed_key, 't([sc]h)', '\1', 'g')), '[^\p{L}\p{N}]', '', 'g'
    )
    .regexp_replace ('ss+', 's', 'g')
    .regexp_replace ('tt+', 't', 'g')
    .regexp_replace ('ll+', 'l', 'g')
    .regexp_replace ('nn+', 'n', 'g')
    .regexp_replace ('rr+', 'r', 'g')
    .regexp_replace ('mm+', 'm', 'g')
    .regexp_replace ('bb+', 'b', 'g')
    .regexp_replace ('ff+', 'f', 'g')
);

-- Whether two keys are one word in two spellings: few letters differ, of the consonants hardly one,
-- and in a short word none. "Kahramankazan" is not Kahramanmaraş, "Calima" not Cali.
create or replace macro is_spelt_otherwise(one, other) as
damerau_levenshtein(one, other) <= greatest(length(one), length(other)) / 3
and damerau_levenshtein(consonants(one), consonants(other))
<= if(least(length(one), length(other)) >= 5, 1, 0);
