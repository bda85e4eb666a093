-- A view: one row per two cities × concept that both have figures of. Of all pairs of their figures
-- the one that differs least: in what is measured, in its boundary, then in its year, the latest
-- first. The verdict says what differs still. Name the two cities: pairs of all are too many.
{{ config(materialized='view') }}
with pair as (
    select
        one.*,
        other.city_id as other_city_id,
        other.city as other_city,
        other.indicator as other_indicator,
        other.spatial_unit as other_spatial_unit,
        other.year as other_year,
        other.time_period as other_time_period,
        other.obs_value as other_value,
        other.unit_measure as other_unit_measure,
        other.source_id as other_source_id,
        coalesce(unit.price_base, '') != coalesce(other_unit.price_base, '') as price_base_differs,
        (one.indicator != other.indicator and one.unit_measure = other.unit_measure)
        or 'D' in (one.obs_status, other.obs_status) as definition_differs,
        case
            when one.time_period = other.time_period then 0
            else abs(one.year - other.year)
        end as years_apart
    from {{ public('mart_observation') }} as one
    inner join {{ public('mart_observation') }} as other
        on other.concept = one.concept and other.city_id != one.city_id
    inner join {{ public('dim_indicator') }} as unit on unit.indicator = one.indicator
    inner join {{ public('dim_indicator') }} as other_unit
        on other_unit.indicator = other.indicator
    where one.is_preferred and other.is_preferred
),

closest as (
    select *
    from pair
    qualify row_number() over (
        partition by city_id, other_city_id, concept
        order by
            indicator = other_indicator desc, spatial_unit = other_spatial_unit desc,
            years_apart nulls last, year desc nulls last, indicator, spatial_unit,
            time_period desc, other_indicator, other_spatial_unit, other_time_period desc
    ) = 1
)

select
    city_id,
    other_city_id,
    city,
    other_city,
    theme,
    concept,
    indicator,
    other_indicator,
    obs_value as value,
    other_value,
    unit_measure,
    other_unit_measure,
    year,
    other_year,
    spatial_unit,
    other_spatial_unit,
    source_id,
    other_source_id,
    coalesce(
        nullif(concat_ws(
            ', ',
            if(spatial_unit != other_spatial_unit, 'boundary', null),
            if(coalesce(years_apart, 999) > {{ var('comparison_year_lag') }}, 'year', null),
            if(unit_measure != other_unit_measure, 'unit', null),
            if(price_base_differs, 'price base', null),
            if(definition_differs, 'definition', null)
        ), ''), 'comparable'
    ) as verdict
from closest
