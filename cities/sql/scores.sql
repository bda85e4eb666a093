-- How probable each candidate is, beside the others and beside "none of these" (a conditional logit
-- model: McFadden 1974). Weights stand in weights.csv; they were fitted, see tests/identity.
-- Grain: label × city.
create macro weight_of(kind, what) as (
    select any_value(weight) from weight
    where feature = kind and level = what
);

create table candidate as
with found as (
    from named_candidate
    union all by name
    from similar_candidate
    union all by name
    -- A place at the very spot, of another name.
    select
        label_id,
        4 as rank,
        city_id,
        false as is_main,
        true as is_own,
        false as is_folded,
        0.0 as similarity
    from around
    where resolve_by != 'reach'
),

-- One evidence of the name for each city: the best.
best as (
    select
        *,
        -- "El Boulaïda (Blida)": two names of one city, one of them only alike.
        bool_or(rank = 4 and similarity = 1) over same_city
        and bool_or(rank <= 2 and similarity > 0 and similarity < 1) over same_city
            as is_bracket_alike
    from found
    window same_city as (partition by label_id, city_id)
    qualify row_number() over (
        partition by label_id, city_id
        order by
            similarity - 0.1 * rank - if(is_folded, 0.05, 0) + if(is_main, 0.04, 0) desc,
            rank, is_main desc, is_folded, is_own desc, is_twice desc
    ) = 1
),

-- That this place is it, or that another is, or none that the gazetteer has.
official as (
    select
        label_id,
        best.city_id,
        min(kind) filter (where official_meaning.city_id = best.city_id) as is_kind,
        min(kind) filter (where official_meaning.city_id is distinct from best.city_id)
            as other_kind
    from best
    inner join official_meaning using (label_id)
    group by all
),

listed_place as (
    select
        best.label_id,
        best.city_id,
        coalesce(
            kilometres(listing.latitude, listing.longitude, place.latitude, place.longitude),
            case
                when listing.admin1 = place.admin1 then 0
                when listing.admin1 != place.admin1 then 999
            end
        ) as km
    from best
    inner join listing using (label_id)
    inner join place using (city_id)
),

named_there as (
    select
        label_id,
        city_id,
        min(km) as km_to_listed
    from listed_place
    group by label_id, city_id
),

pair as (
    select
        best.*,
        official.is_kind,
        official.other_kind,
        named_there.km_to_listed,
        place.name,
        place.admin1,
        place.latitude,
        place.longitude,
        place.is_core,
        place.place_class,
        accompanied.city_id is not null as is_accompanied,
        renown.renown,
        coalesce(place.population, 0) as population,
        label.country_iso2 as label_country,
        label.country_text is null as is_anywhere,
        kilometres(label.lat, label.lon, place.latitude, place.longitude) as km,
        label.resolve_by,
        label.reach_km,
        label.near_km,
        label.admin_code,
        label.likely_admin,
        coalesce(place.admin1 = label.admin_code, true) as is_admin,
        coalesce(label.said_population, label.code_population) as said_population,
        label.spatial_unit,
        label.source_id,
        label.written,
        lower(place.name) = lower(label.written) as is_spelt,
        label.written != strip_accents(label.written) as has_accents,
        region_named.label_id is not null as is_region_name,
        bracketed.admin1s as bracket_admins
    from best
    inner join label using (label_id)
    inner join place using (city_id)
    inner join renown using (city_id)
    left join accompanied
        on accompanied.label_id = best.label_id and accompanied.city_id = best.city_id
    left join official
        on official.label_id = best.label_id and official.city_id = best.city_id
    left join region_named on region_named.label_id = best.label_id
    left join bracketed on bracketed.label_id = best.label_id
    left join named_there
        on named_there.label_id = best.label_id and named_there.city_id = best.city_id
),

-- How large the places are that a source speaks of, by those that its names leave no doubt about:
-- a yearbook of large cities does not mean the village of that name.
plain as (
    select
        label_id,
        any_value(source_id) as source_id,
        any_value(ln(greatest(population, 500) / 500)) as size
    from pair
    where similarity = 1 and rank = 1
    group by label_id
    having count(*) = 1 and any_value(population) > 0
),

usual as (
    select
        source_id,
        median(size) as middle,
        -- 1.4826 × the median absolute deviation estimates a standard deviation (Hampel 1974).
        greatest(1.4826 * mad(size), 0.8) as spread
    from plain
    group by source_id
    having count(*) >= 20
),

-- How often a source's coordinates lie elsewhere than the only place of the name: some are typed by
-- hand. One in a hundred until labels say otherwise; the weights were fitted on one in twenty.
astray as (
    select
        source_id,
        ln((count(*) filter (where km > 100) + 0.2) / (count(*) + 20) / 0.05) as straying
    from (
        select
            label_id,
            any_value(source_id) as source_id,
            any_value(km) as km
        from pair
        where similarity = 1 and rank = 1
        group by label_id
        having count(*) = 1 and any_value(km) is not null
    ) as only_one
    group by source_id
),

-- How often in a country what a source counts lies far from what the gazetteer has: in China by its
-- rule, for a city's counties are its own; in Japan hardly ever. The weights were measured where
-- 65 of 1,000 do.
counting as (
    select
        label_country,
        ln((
            count(*) filter (where greatest(said / had, had / said) > 4) + 0.065 * 20
        ) / (count(*) + 20) / 0.065) as far_counts
    from (
        select
            label_id,
            any_value(label_country) as label_country,
            any_value(said_population) as said,
            any_value(population) as had
        from pair
        where similarity = 1 and rank = 1 and is_main
        group by label_id
        having count(*) = 1 and said > 0 and had > 0
    ) as only_one
    group by label_country
),

-- Where the gazetteer lacks many of the names of a country, one that it has may be another's.
lacking as (
    select
        label.country_iso2,
        -- One in twenty until labels say otherwise, and never less than the weight was fitted on.
        ln(greatest((sum((named.label_id is null)::int) + 2.5) / (count(*) + 50), 0.03)) as lack
    from label
    left join (
        select distinct label_id from named_candidate
        where rank <= 2
    ) as named using (label_id)
    where label.country_iso2 is not null and label.resolve_by != 'reach'
    group by label.country_iso2
),

common as (
    select
        label_id,
        ln(count(*)) as commonness
    from pair
    where similarity = 1 and rank <= 2
    group by label_id
),

described as (
    select
        *,
        max(population) filter (where similarity = 1 and rank = 1 and is_main and is_own) over (
            partition by pair.label_id
        ) as size_of_own,
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
            when is_anywhere then 'anywhere' when is_own then 'own' else 'territory'
        end as country_level,
        greatest(said_population / population, population / said_population) as factor,
        case
            when admin_code is not null and resolve_by != 'reach' then 'agrees'
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
            when km <= 15 then 'within_15_km'
            when km <= near_km then 'within_40_km'
            when km <= 100 then 'within_100_km'
            else 'beyond'
        end as distance_level,
        case
            when said_population is null or population = 0 then 'unknown'
            when factor <= 1.06 then 'within_1.06'
            when factor <= 1.2 then 'within_1.2'
            when factor <= 1.5 then 'within_1.5'
            -- Wider boundaries hold more; the centre alone is seldom meant.
            else concat(
                if(said_population > population, 'more_', 'less_'),
                case
                    when factor <= 2 then 'within_2' when factor <= 4 then 'within_4'
                    when factor <= 10 then 'within_10' when factor <= 100 then 'within_100'
                    else 'beyond'
                end
            )
        end as population_level,
        -- Where a city has the name, a division of that name is not meant; coordinates or a
        -- population that agrees know better.
        case
            when is_kind = 'city' then 'city'
            when km is not null or factor <= 1.5 then coalesce(is_kind, 'unknown')
            when other_kind = 'city' then 'not_the_city'
            else coalesce(is_kind, 'not_the_' || other_kind, 'unknown')
        end as official_level,
        case
            when is_kind = 'city' or km_to_listed is null then 'unknown'
            when km_to_listed <= 25 then 'here'
            when min(km_to_listed) over (partition by pair.label_id) <= 25 then 'another'
            when km_to_listed > 40 then 'elsewhere'
            else 'unknown'
        end as listed_level,
        -- Long names are seldom two places'.
        coalesce(ln(least(greatest(letters, 4), 20) / 8), 0) as name_length,
        ln(greatest(population, 500) / 500) as size,
        -- Of two, the one of that name, unless the other is far larger.
        population * if(is_main, 20, 1) as weight_as_twin,
        -- The logarithm of a normal density, but for its constant; a metropolis is never too large,
        -- and of small states a source means the capital.
        case
            when place_class = 'capital' then 0
            when population = 0 then -1
            else coalesce(-least(pow(least(size - middle, 0) / spread, 2) / 2, 10), -1)
        end as usual_size,
        if(km > near_km, coalesce(straying, ln(0.2)), 0) as doubt_of_place,
        if(factor > 4, coalesce(far_counts, 0), 0) as doubt_of_population,
        coalesce(lack, -3) as country_lack,
        coalesce(commonness, 0) as name_commonness
    from pair
    left join usual using (source_id)
    left join astray using (source_id)
    left join counting on counting.label_country = pair.label_country
    left join lacking on lacking.country_iso2 = pair.label_country
    left join common using (label_id)
    -- Another state, or out of a point's reach: contradicted, whatever the name. Other coordinates
    -- may be wrong themselves.
    where
        (is_admin or resolve_by = 'reach')
        and (resolve_by != 'reach' or km <= reach_km)
),

scored as (
    select
        described.*,
        round(
            n.weight + c.weight + a.weight + d.weight + p.weight + o.weight + l.weight
            + size * weight_of('size', 'per_e_fold')
            -- A large city is not likelier to be misspelt than a small one.
            + if(similarity < 1, size, 0) * weight_of('size', 'per_e_fold_if_similar')
            + if(population = 0, weight_of('size', 'not_known'), 0)
            + renown * weight_of(
                'size', if(population = 0, 'per_renown_if_not_known', 'per_renown')
            )
            + usual_size * weight_of('size', 'usual_of_source')
            + if(place_class in ('capital', 'seat'), weight_of('size', 'seat'), 0)
            + name_length * weight_of('none', 'name_length')
            + name_commonness * weight_of('none', 'common_name')
            + doubt_of_place
            + doubt_of_population
            + country_lack * weight_of('none', 'lacking_country'), 6
        ) as score
    from described
    inner join weight as n on n.feature = 'name' and n.level = name_level
    inner join weight as c on c.feature = 'country' and c.level = country_level
    inner join weight as a on a.feature = 'admin' and a.level = admin_level
    inner join weight as d on d.feature = 'distance' and d.level = distance_level
    inner join weight as p on p.feature = 'population' and p.level = population_level
    inner join weight as o on o.feature = 'official' and o.level = official_level
    inner join weight as l on l.feature = 'listed' and l.level = listed_level
),

-- The gazetteer has some cities twice, as town and as unit: the larger stands for both.
-- Looked for among the best: some names are borne by hundreds of villages.
foremost as (
    select * from scored
    where similarity = 1
    qualify row_number() over (
        partition by label_id order by score desc, population desc, city_id
    ) <= 30
),

twin as (
    select distinct
        lesser.label_id,
        lesser.city_id
    from foremost as lesser
    inner join foremost as greater
        on
            greater.label_id = lesser.label_id and greater.city_id != lesser.city_id
            and abs(greater.latitude - lesser.latitude) < 0.25
            and kilometres(
                greater.latitude, greater.longitude, lesser.latitude, lesser.longitude
            ) < 20
            and (
                greater.official_level = 'city',
                -greater.rank, greater.weight_as_twin, -greater.city_id
            ) > (
                lesser.official_level = 'city',
                -lesser.rank, lesser.weight_as_twin, -lesser.city_id
            )
),

-- What a source lists under its own name is not what another of its names means: where Daqing is
-- listed, Anda is Anda, although Daqing once bore that name.
own_name as (
    select distinct
        source_id,
        spatial_unit,
        label_id,
        city_id
    from scored
    where name_level in ('spelt_main', 'written_main', 'accented_main')
),

elsewhere as (
    select distinct
        scored.label_id,
        scored.city_id
    from scored
    inner join own_name
        on
            own_name.city_id = scored.city_id and own_name.source_id = scored.source_id
            and own_name.spatial_unit is not distinct from scored.spatial_unit
            and own_name.label_id != scored.label_id
    where
        scored.name_level in ('alternate_of_another', 'alternate_of_a_peer')
        -- "Querétaro" beside "Santiago de Querétaro" is the same once more.
        and not contains(
            ' ' || normalised(scored.name) || ' ', ' ' || normalised(scored.written) || ' '
        )
),

remaining as (
    select
        scored.*,
        greatest(
            max(score) over (partition by scored.label_id),
            weight_of('none', 'constant')
        ) as top
    from scored
    anti join twin on twin.label_id = scored.label_id and twin.city_id = scored.city_id
    anti join elsewhere
        on elsewhere.label_id = scored.label_id and elsewhere.city_id = scored.city_id
)

select
    * exclude (top),
    -- Rounded, so that the order of a sum is not seen.
    round(exp(score - top) / (
        exp(weight_of('none', 'constant') - top)
        + sum(exp(score - top)) over (partition by label_id)
    ), 9) as probability
from remaining;
