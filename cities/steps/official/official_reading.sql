-- Grain: entry of an official list × way of reading its name, a syllable for each character.
select
    official_entry.code,
    array_to_string(list_slice(romanised.syllables, 1, length(own_name)), '') as name,
    bool_or(romanised.is_usual) as is_usual
from official_entry
inner join romanised on romanised.written = official_entry.full_name
group by all
