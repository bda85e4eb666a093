-- The shapes in which labels write several things at once; which countries do so, say the rules.

-- "New York-Newark-Jersey City, NY-NJ-PA", "Springfield (Il-Mo)".
create or replace macro states_at_the_end(written) as
upper(nullif(regexp_extract(
    written, '(?:,\s*([A-Z]{2})(?:-[A-Z]{2})*\s*$)|(?:\(([A-Za-z]{2})(?:-[A-Za-z]{2})*\)\s*$)', 0
), ''));

create or replace macro without_states(written) as
regexp_replace(written, '\s*(,\s*[A-Z]{2}(-[A-Z]{2})*|\([A-Za-z]{2}(-[A-Za-z]{2})*\))\s*$', '');

-- "A, B", "A and B", "A–B".
create or replace macro names_several(written) as
regexp_matches(written, '[-–—/&+,;]|\s(and|und|et|y|e|és|en)\s');

create or replace macro several_names(written) as
string_split_regex(written, '\s*(?:--|[-–—/&+]|,|\s(?:and|und|et|y|e|és|en)\s)\s*');

-- The first of several: up to any sign that joins; up to the second hyphen, for "Winston-Salem";
-- up to a sign that is no hyphen, for "Aix-en-Provence and …".
create or replace macro first_names(written, without_prefix) as [
    regexp_extract(
        without_prefix, '^([^-–—/&+,;]+?)\s*(--|[-–—/&+,;]|\s(?:and|und|et|y|e|és|en)\s)', 1
    ),
    regexp_extract(written, '^([^-–]+[-–][^-–]+)[-–]', 1),
    regexp_extract(written, '^(.+?)\s*(--|[/&+,;]|\s(?:and|und|et|y|e|és|en)\s|\s[-–]\s)', 1)
];

-- The key of what stands last, in brackets or after a comma: "Kaesŏng (North)", "Portland, Oregon".
create or replace macro last_name_of(written) as
name_key(nullif(
    regexp_extract(written, '(?:\(([^()]+)\)|,\s*([^,]+))\s*$', 0), ''
).trim ('(), '));
