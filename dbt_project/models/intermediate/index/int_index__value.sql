-- One row per index × year × city × indicator: the value that counts. Of the boundaries the one
-- that the index prefers, of that the latest year within its lag.
with asked as (
    select
        index,
        indicator
    from {{ source('raw', 'index_node') }}
    where indicator is not null
    union
    select
        index,
        per
    from {{ source('raw', 'index_node') }}
    where per is not null
),

wanted as (
    select
        index.index,
        unnest(index.years) as year,
        index.year_lag,
        index.spatial_units
    from {{ source('raw', 'index') }} as index
)

select
    wanted.index,
    wanted.year,
    offer.city_id,
    offer.indicator,
    offer.value,
    offer.year as value_year,
    offer.spatial_unit,
    offer.source_id,
    offer.observation_key
from wanted
inner join asked on asked.index = wanted.index
inner join {{ ref('int_index__offer') }} as offer
    on
        offer.indicator = asked.indicator
        and offer.year between wanted.year - wanted.year_lag and wanted.year
        and (
            offer.spatial_unit is null
            or list_contains(wanted.spatial_units, offer.spatial_unit)
        )
inner join {{ ref('int_index__city') }} as city
    on city.index = wanted.index and city.city_id = offer.city_id
qualify row_number() over (
    partition by wanted.index, wanted.year, offer.city_id, offer.indicator
    order by list_position(wanted.spatial_units, offer.spatial_unit), offer.year desc
) = 1
