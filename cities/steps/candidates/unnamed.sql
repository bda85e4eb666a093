-- Grain: label × key of its name × country, where no place has that name for its main one, and no
-- part of a city: Friedrichshain is in Berlin, and not Friedrichshafen misspelt.
with known as (
    select
        label_id,
        min(rank) as best_rank,
        bool_or(rank <= 2 and is_main) as is_main_known
    from named_candidate
    group by label_id
)

select
    placed_name.label_id,
    placed_name.rank,
    placed_name.name,
    placed_name.short_name,
    placed_name.country_iso2,
    known.label_id is not null as is_part_known,
    coalesce(known.best_rank <= 2, false) as is_named
from placed_name
left join known using (label_id)
anti join section_name using (country_iso2, name)
where
    length(placed_name.name) >= 4 and length(placed_name.short_name) >= 4
    and placed_name.is_own
    and not coalesce(known.is_main_known, false)
    and (placed_name.rank = 1 or not is_named)
    and (placed_name.rank <= 2 or not is_part_known)
    -- Where a country lists its cities, a syllable more or less is another city.
    and not placed_name.has_list
