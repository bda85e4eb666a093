-- One row per index × year × city × indicator: the value that counts. Of the boundaries the one
-- that the index prefers, of that the latest year within its lag. A list that names all that there
-- are says of others that they have none.
with asked as (
    select
        index,
        indicator,
        bool_or(undated) as undated,
        max(absent) as absent
    from (
        select
            index,
            indicator,
            undated,
            absent
        from {{ source('raw', 'index_node') }}
        union all
        select
            index,
            per as indicator,
            false as undated,
            null as absent
        from {{ source('raw', 'index_node') }}
    )
    where indicator is not null
    group by all
),

wanted as (
    select
        index.index,
        unnest(index.years) as year,
        index.year_lag,
        index.spatial_units
    from {{ source('raw', 'index') }} as index
),

found as (
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
            and (
                offer.year between wanted.year - wanted.year_lag and wanted.year
                or (offer.year is null and asked.undated)
            )
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
)

select * from found
union all
select
    city.index,
    city.year,
    city.city_id,
    asked.indicator,
    asked.absent as value,
    null as value_year,
    null as spatial_unit,
    null as source_id,
    null as observation_key
from (
    select distinct
        index,
        year,
        city_id
    from found
) as city
inner join asked on asked.index = city.index and asked.absent is not null
left join found as named
    on
        named.index = city.index and named.year = city.year
        and named.city_id = city.city_id and named.indicator = asked.indicator
where named.indicator is null
