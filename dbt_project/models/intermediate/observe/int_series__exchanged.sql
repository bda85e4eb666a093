-- One row per series of the previous release in which a city now has what another city had then:
-- how many such cities there are, and the pairs by name. Two exchanged labels are enough.
with previous as (
    select before.*
    from {{ source('raw', 'previous_figure') }} as before
    inner join {{ source('raw', 'source') }} using (source_id)
    qualify count(*) over (
        partition by
            before.source_id, before.indicator, before.spatial_unit, before.time_period,
            before.city_id
    ) = 1
),

-- Only what has changed can have changed places.
changed as (
    select
        previous.source_id,
        previous.indicator,
        previous.spatial_unit,
        previous.time_period,
        previous.city_id,
        now.obs_value
    from previous
    inner join {{ ref('int_series__now') }} as now
        using (source_id, indicator, spatial_unit, time_period, city_id)
    where now.obs_value != previous.obs_value
),

changed_city as (
    select
        source_id,
        indicator,
        spatial_unit,
        city_id,
        count(*) as cells
    from changed
    group by all
),

-- A pair has several figures in common: one is met by chance.
pair as (
    select
        changed.source_id,
        changed.indicator,
        changed.spatial_unit,
        changed.city_id,
        previous.city_id as other_city_id,
        count(*) as cells,
        count(distinct changed.obs_value) as figures,
        -- Without point and closing zeros: what two have in common by chance has few of them.
        sum(len(rtrim(
            replace(regexp_replace(changed.obs_value::varchar, '\.0$', ''), '.', ''), '0'
        ))) as digits
    from changed
    inner join previous
        using (source_id, indicator, spatial_unit, time_period, obs_value)
    where previous.city_id != changed.city_id
    group by all
),

exchanged as (
    select pair.*
    from pair
    inner join changed_city using (source_id, indicator, spatial_unit, city_id)
    left join pair as back
        on
            back.source_id = pair.source_id and back.indicator = pair.indicator
            and back.spatial_unit = pair.spatial_unit
            and back.city_id = pair.other_city_id and back.other_city_id = pair.city_id
    where
        pair.cells >= {{ var('exchanged_min_share') }} * changed_city.cells
        and pair.digits + coalesce(back.digits, 0) >= {{ var('exchanged_min_digits') }}
        and (
            pair.figures >= {{ var('exchanged_min_figures') }}
            -- Of a source with one period, both have to have the other's.
            or back.city_id is not null
        )
)

select
    exchanged.source_id,
    exchanged.indicator,
    exchanged.spatial_unit,
    count(distinct exchanged.city_id) as exchanged_cities,
    string_agg(
        city.name || ' (' || exchanged.city_id || ') has what ' || other.name || ' ('
        || exchanged.other_city_id || ') had', ', ' order by exchanged.city_id
    ) as exchanged_pairs
from exchanged
inner join {{ ref('int_city') }} as city on city.city_id = exchanged.city_id
inner join {{ ref('int_city') }} as other on other.city_id = exchanged.other_city_id
group by all
