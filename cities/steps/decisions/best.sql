-- Grain: label with candidates: the most probable one, and how far a point's own name leads.
with compared as (
    select
        label_id,
        arg_max(
            {
                'city_id': city_id,
                'name_level': name_level,
                'country_level': country_level,
                'population_level': population_level,
                'is_doubtful': is_doubtful,
                'is_official': official_level = 'city'
            },
            (probability, population, -city_id)
        ) as best,
        max(probability) as probability,
        count(*) filter (
            where similarity = 1 and rank <= 2
            and distance_level not in ('within_100_km', 'beyond')
        ) as n_named,
        -- A point is named after the city of its name that draws most: with its size and against
        -- the square of its distance (Reilly 1931), alike within ten kilometres.
        arg_max(city_id, (
            similarity = 1, -rank, is_main, population / pow(greatest(km, 10), 2), -city_id
        )) filter (
            where is_point and similarity >= 0.88
        ) as named
    from candidate
    inner join candidate_evidence using (label_id, city_id)
    group by label_id
),

-- How many times larger the largest is than the next, or how many times more sources mean it by the
-- name: of a source that lists large cities, that decides.
sized as (
    select
        label_id,
        arg_max(city_id, (population, -city_id)) as largest,
        max(population) as largest_population,
        -- Rome is Rome, though Lomé is so called somewhere: an other name of a lesser place counts
        -- a fifth beside the name itself, and one of a larger place nothing.
        arg_max(not is_name_of_another, (population, -city_id)) or not bool_or(is_main)
            as is_largest_named,
        list(population * if(is_main, 1, 0.2) order by population desc, city_id)
            as populations_by_name,
        list(coalesce(sources_here, 0) order by population desc, city_id) as sources
    from candidate
    inner join candidate_evidence using (label_id, city_id)
    where is_anywhere and similarity = 1 and rank = 1
    group by label_id
)


select
    compared.label_id,
    compared.best['city_id'] as city_id,
    compared.probability,
    compared.best['name_level'] as name_level,
    compared.best['country_level'] as country_level,
    compared.best['population_level'] as population_level,
    compared.best['is_doubtful'] as is_doubtful,
    compared.best['is_official'] as is_official,
    compared.n_named,
    compared.named,
    sized.largest,
    sized.largest_population >= 100000 and sized.is_largest_named
    and (
        coalesce(
            sized.largest_population / greatest(list_max(sized.populations_by_name[2:]), 1), 9
        ) >= 5
        or (
            sized.sources[1] >= 5
            and sized.sources[1] >= 3 * coalesce(list_max(sized.sources[2:]), 0)
        )
    ) as is_dominant
from compared
left join sized using (label_id)
