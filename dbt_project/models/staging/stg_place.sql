{{ config(materialized="view") }}
-- One row per gazetteer row (content_id, row_number): cast.
-- Sections of cities and abandoned places are marked.
select
    content_id,
    row_number,
    try_cast(city_id as bigint) as city_id,
    name,
    ascii_name,
    alternate_names,
    upper(country) as country_iso2,
    admin1,
    try_cast(latitude as double) as latitude,
    try_cast(longitude as double) as longitude,
    case
        when feature_code is null then 'unknown'
        when feature_code = 'PPLX' then 'section'
        when feature_code in ('PPLH', 'PPLQ', 'PPLW', 'PPLCH') then 'abandoned'
        when feature_code = 'PPLC' then 'capital'
        when feature_code like 'PPLA%' then 'seat'
        else 'populated_place'
    end as place_class,
    nullif(try_cast(population as bigint), 0) as gazetteer_population,
    timezone
from {{ source('raw', 'place') }}
