-- One row per cell (cell_id) that loses against another cell of its source with the same key.
-- Same key and value: duplicate. Same key, other value: the newest edition, else ambiguous.
with living as (
    select
        cell_id,
        city_id,
        coalesce(country_iso2, '') as country,
        indicator,
        source_id,
        spatial_unit,
        time_period,
        -- Points are counted: each is its own observation of the city.
        coalesce(point, '') as point,
        obs_value,
        label_id,
        edition_order,
        content_id,
        row_number,
        column_name
    from {{ ref('int_cell__resolved') }}
    where disposition is null and network is null
),

-- Few keys are said more than once; only those are compared.
repeated as (
    select
        city_id,
        country,
        indicator,
        source_id,
        spatial_unit,
        time_period,
        point
    from living
    group by all
    having count(*) > 1
),

ranked as (
    select
        living.*,
        coalesce(edition_order, '')
        = coalesce(max(edition_order) over same_key, '') as is_newest,
        row_number() over (
            same_key order by edition_order desc nulls last, content_id, row_number, column_name
        ) as position
    from living
    inner join repeated
        on
            living.city_id is not distinct from repeated.city_id
            and living.country = repeated.country and living.indicator = repeated.indicator
            and living.source_id = repeated.source_id
            and living.spatial_unit = repeated.spatial_unit
            and living.time_period = repeated.time_period and living.point = repeated.point
    window same_key as (
        partition by
            living.city_id, living.country, living.indicator, living.source_id,
            living.spatial_unit, living.time_period, living.point
    )
),

compared as (
    select
        *,
        first_value(obs_value) over (same_key order by position) as first_of_key,
        min(obs_value) filter (where is_newest) over same_key
        != max(obs_value) filter (where is_newest) over same_key as is_contested,
        min(label_id) filter (where is_newest) over same_key
        != max(label_id) filter (where is_newest) over same_key as has_two_labels
    from ranked
    window same_key as (
        partition by city_id, country, indicator, source_id, spatial_unit, time_period, point
    )
)

select
    cell_id,
    case
        when is_newest and is_contested then 'rejected'
        when obs_value = first_of_key then 'duplicate'
        else 'filtered'
    end as disposition,
    case
        when is_newest and is_contested
            then if(has_two_labels, 'two_labels_one_city', 'ambiguous_in_source')
        when obs_value = first_of_key then 'same_key_and_value'
        else 'superseded_in_source'
    end as reason
from compared
where position > 1 or (is_newest and is_contested)
