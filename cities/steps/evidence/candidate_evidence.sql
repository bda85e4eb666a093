-- Grain: label × candidate that nothing contradicts, with the level of every evidence.
with measured as (
    select
        *,
        max(population) filter (where similarity = 1 and rank = 1 and is_main and is_own) over (
            partition by label_id
        ) as size_of_own,
        greatest(stated_population / population, population / stated_population) as factor,
        min(km_to_listed) over (partition by label_id) as km_to_listed_of_any,
        max(population) filter (where similarity < 1 and is_spelling) over (
            partition by label_id
        ) as size_of_alike,
        -- "Islamabad" is a name of Chattogram, too; but another city is called so. "Geneva" is one
        -- of Genève, and most sources mean it.
        not is_main and size_of_own is not null
        and coalesce(sources_here < greatest(sources_anywhere, 2), true) as is_name_of_another
    from candidate_fact
    -- Another state, or outside a point's catchment: contradicted, whatever the name; but a city
    -- that the point has the very name of may lie twice as far (airports of capitals do). Other
    -- coordinates may be wrong themselves.
    where
        (is_admin or is_point)
        and (
            not is_point
            or km <= catchment_km * if(similarity = 1 and rank = 1 and is_main, 2, 1)
        )
)

select
    measured.*,
    case
        when similarity = 0 then 'nearby'
        when is_bracket_alike then 'bracket_alike'
        when likeness_kind = 'sound' and similarity < 0.9 then 'similar_sound'
        when likeness_kind in ('longer', 'shorter') then 'similar_' || likeness_kind
        when similarity < 1
            then 'similar_' || least(80 + 5 * floor((similarity - 0.8) / 0.05)::integer, 90)
        when rank >= 2 and is_twice then 'both_parts'
        when rank = 4 then 'bracket'
        when rank = 3
            then
                case
                    when is_accompanied then 'several_near'
                    when is_main then 'several_main'
                    else 'several_alternate'
                end
        when is_spelt then 'spelt_main'
        when rank = 1 and not is_main and size_of_own * 3 >= greatest(population, 500)
            then 'alternate_of_a_peer'
        when rank = 1 and not is_main and size_of_own is not null then 'alternate_of_another'
        when is_folded then if(is_main, 'folded_main', 'folded_alternate')
        when rank = 1 and is_region_name and not is_main then 'alternate_of_a_region'
        when is_shortened then 'shortened'
        when rank = 2 then if(is_main, 'part_main', 'part_alternate')
        when is_main and has_accents then 'accented_main'
        else if(is_main, 'written_main', 'written_alternate')
    end as name_level,
    case
        when is_anywhere and is_name_of_another then 'anywhere_of_another'
        when is_anywhere then 'anywhere' when is_own then 'own' else 'territory'
    end as country_level,
    case
        when admin_code is not null and not is_point then 'agrees'
        when
            likely_admin is null and not list_contains(bracket_admins, admin1)
            and coalesce(factor > 1.5, true)
            then 'bracket_differs'
        when likely_admin is null or admin1 is null then 'unknown'
        else if(likely_admin = admin1, 'likely_agrees', 'likely_differs')
    end as admin_level,
    case
        when km is null then 'unknown'
        when similarity = 0 then if(km <= 5, 'unnamed_within_5_km', 'unnamed_within_15_km')
        -- A name that is hardly otherwise, at the very spot.
        when km <= 3 and is_main and is_spelling then 'similar_within_3_km'
        when km <= 15 then 'within_15_km'
        when km <= near_km then 'within_40_km'
        when km <= 100 then 'within_100_km'
        else 'beyond'
    end as distance_level,
    case
        when stated_population is null or population = 0 then 'unknown'
        when factor <= 1.06 then 'within_1.06'
        when factor <= 1.2 then 'within_1.2'
        when factor <= 1.5 then 'within_1.5'
        -- Wider boundaries have more people; the centre alone is seldom meant.
        else concat(
            if(stated_population > population, 'more_', 'less_'),
            case
                when factor <= 2 then 'within_2' when factor <= 4 then 'within_4'
                when factor <= 10 then 'within_10' when factor <= 100 then 'within_100'
                else 'beyond'
            end
        )
    end as population_level,
    -- Where a city has the name, a division of that name is not meant; coordinates or a population
    -- that agrees know better.
    case
        when is_kind = 'city' then 'city'
        when km is not null or factor <= 1.5 then coalesce(is_kind, 'unknown')
        when other_kind = 'city' then 'not_the_city'
        else coalesce(is_kind, 'not_the_' || other_kind, 'unknown')
    end as official_level,
    case
        when is_kind = 'city' or km_to_listed is null then 'unknown'
        when km_to_listed <= 25 then 'here'
        when km_to_listed_of_any <= 25 then 'another'
        when km_to_listed > 40 then 'elsewhere'
        else 'unknown'
    end as listed_level,
    ln(greatest(population, 500) / 500) as size,
    -- A name that is only alike, and more than a spelling away, is believed where the place or its
    -- size says the same: "Paris-l'Hôpital" is not Paris.
    if(
        is_anywhere,
        -- Without a country, the name has to be the label's as a whole.
        similarity < 1 or rank > 2
        or (is_named_elsewhere and not (is_main and is_core)),
        not (
            -- "Ahmadnagar" is another name of Himatnagar, and one letter from a larger city's.
            (
                similarity = 1 and (
                    is_main or coalesce(size_of_alike < 2 * population, true)
                    or contains(name_key(written), name_key(name))
                )
            )
            or is_bracket_alike or coalesce(is_spelling, false)
            or coalesce(km <= 15, false) or coalesce(factor <= 1.5, false)
        )
    ) as is_doubtful
from measured
