-- Grain: label × candidate: what each evidence adds to its score (natural logarithm of odds), one
-- column `from_…` each.
with measured as (
    select
        candidate_evidence.label_id,
        candidate_evidence.city_id,
        name_level,
        country_level,
        is_anywhere,
        usual_size.middle is not null as has_usual_size,
        coalesce(tie_evidence.affinity, 0) as tie_affinity,
        admin_level,
        distance_level,
        population_level,
        official_level,
        listed_level,
        place_class,
        similarity,
        population,
        size,
        name_count,
        -- Long names are seldom two places'.
        coalesce(ln(least(greatest(letters, 4), 20) / 8), 0) as name_length,
        -- The logarithm of a normal density, but for its constant; a metropolis is never too large,
        -- and of small states a source means the capital.
        case
            when place_class = 'capital' then 0
            when population = 0 then -1
            else coalesce(
                -least(pow(least(size - usual_size.middle, 0) / usual_size.spread, 2) / 2, 10), -1
            )
        end as usual_size,
        if(km > near_km, coalesce(coordinate_error.error_rate, ln(0.2)), 0) as coordinate_error,
        if(factor > 4, coalesce(population_mismatch.mismatch_rate, 0), 0) as population_mismatch,
        coalesce(gazetteer_gap.gap, -3) as gazetteer_gap,
        coalesce(common_name.commonness, 0) as name_commonness
    from candidate_evidence
    left join tie_evidence using (label_id, city_id)
    left join usual_size using (source_id)
    left join coordinate_error using (source_id)
    left join population_mismatch using (label_country)
    left join gazetteer_gap on gazetteer_gap.country_iso2 = candidate_evidence.label_country
    left join common_name using (label_id)
)

select
    label_id,
    city_id,
    usual_size,
    tie_affinity,
    name_length,
    name_commonness,
    coordinate_error,
    population_mismatch,
    gazetteer_gap,
    n.weight as from_name,
    c.weight as from_country,
    a.weight as from_admin,
    d.weight as from_distance,
    p.weight as from_population,
    o.weight as from_official,
    l.weight as from_listed,
    size * weight_of('size', 'per_e_fold') as from_size,
    -- A large city is not likelier to be misspelt than a small one.
    if(similarity < 1, size, 0) * weight_of('size', 'per_e_fold_if_similar')
        as from_size_if_similar,
    if(population = 0, weight_of('size', 'not_known'), 0) as from_unknown_size,
    name_count * if(
        population = 0, weight_of('size', 'per_name_count_if_not_known'),
        weight_of('size', 'per_name_count')
    ) as from_name_count,
    -- Without a country nothing else says which of the cities of a name a source means.
    usual_size * if(
        is_anywhere and has_usual_size, weight_of('size', 'usual_of_source_anywhere'),
        weight_of('size', 'usual_of_source')
    ) as from_usual_size,
    tie_affinity * weight_of('tie', 'per_affinity') as from_tie,
    if(place_class in ('capital', 'seat'), weight_of('size', 'seat'), 0) as from_seat,
    name_length * weight_of('none', 'name_length') as from_name_length,
    name_commonness * weight_of('none', 'common_name') as from_common_name,
    coordinate_error as from_coordinate_error,
    population_mismatch as from_population_mismatch,
    gazetteer_gap * weight_of('none', 'gazetteer_gap') as from_gazetteer_gap
from measured
inner join weight as n on n.feature = 'name' and n.level = name_level
inner join weight as c on c.feature = 'country' and c.level = country_level
inner join weight as a on a.feature = 'admin' and a.level = admin_level
inner join weight as d on d.feature = 'distance' and d.level = distance_level
inner join weight as p on p.feature = 'population' and p.level = population_level
inner join weight as o on o.feature = 'official' and o.level = official_level
inner join weight as l on l.feature = 'listed' and l.level = listed_level
