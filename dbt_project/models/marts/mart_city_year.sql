-- One row per city × year × spatial unit; one column per indicator that has a figure: preferred
-- ones and no forecasts. Its columns follow the data, so no contract names them.
{{ config(
    contract={'enforced': false}, post_hook="{{ describe_measures(ref('fct_observation')) }}"
) }}
with fact as (
    select
        city_id,
        year,
        spatial_unit,
        indicator,
        obs_value
    from {{ ref('fct_observation') }}
    where is_preferred and year is not null and obs_status != 'F'
),

wide as (
    from fact
    pivot (
        max(obs_value) for indicator in (
            {%- for measure in measures(ref('fct_observation')) %}
                '{{ measure['indicator'] }}'{{ '' if loop.last else ',' }}
            {%- endfor %}
        )
        group by city_id, year, spatial_unit
    )
)

select
    wide.city_id,
    city.name as city,
    city.country_iso2,
    country.name as country,
    city.admin1,
    wide.year,
    wide.spatial_unit,
    wide.* exclude (city_id, year, spatial_unit)
from wide
inner join {{ ref('dim_city') }} as city on city.city_id = wide.city_id
inner join {{ ref('dim_country') }} as country on country.country_iso2 = city.country_iso2
-- Neighbouring rows with the same columns empty: a third smaller.
order by wide.spatial_unit, wide.city_id, wide.year
