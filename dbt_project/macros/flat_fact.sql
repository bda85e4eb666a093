{# The columns of a figure with its names, unit, source and licence: mart_observation and
   mart_forecast have the same. #}
{% macro flat_fact() -%}
select
    fact.city_id,
    city.name as city,
    city.country_iso2,
    country.name as country,
    city.admin1,
    city.latitude,
    city.longitude,
    indicator.theme,
    fact.indicator,
    indicator.name as indicator_name,
    indicator.concept,
    fact.spatial_unit,
    fact.time_period,
    fact.year,
    fact.obs_value,
    fact.unit_measure,
    fact.obs_status,
    fact.is_preferred,
    fact.break_before,
    fact.source_id,
    source.publisher,
    source.title as source_title,
    source.authority,
    source.licence,
    source.may_redistribute,
    source.attribution,
    fact.series_id,
    fact.observation_key
from {{ public('fct_observation') }} as fact
inner join {{ public('dim_city') }} as city on city.city_id = fact.city_id
inner join {{ public('dim_country') }} as country on country.country_iso2 = city.country_iso2
inner join {{ public('dim_indicator') }} as indicator on indicator.indicator = fact.indicator
inner join {{ public('dim_source') }} as source on source.source_id = fact.source_id
{%- endmacro %}
