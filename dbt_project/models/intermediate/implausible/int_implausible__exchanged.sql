-- One row per cell (cell_id) of two cities of a country that have each other's number of people in
-- one period: neither goes on from its own years before and after, and both do from the other's.
with suspect as (
    select
        cell_id,
        city_id,
        country_iso2,
        source_id,
        indicator,
        spatial_unit,
        time_period,
        log_value,
        (ln(value_before) + ln(value_after)) / 2 as log_around
    from {{ ref('int_cell__neighbour') }}
    where
        log_value is not null
        -- All the people of a city: the graduates of two towns may well meet.
        and indicator in (
            select known.indicator from {{ source('raw', 'indicator') }} as known
            where known.gazetteer_comparable or known.population_hint
        )
        and value_before > 0 and value_after > 0
        and abs(ln(value_before / value_after)) < ln({{ var('exchanged_steady') }})
        and abs(log_value - (ln(value_before) + ln(value_after)) / 2)
        > ln({{ var('exchanged_far') }})
)

select
    suspect.cell_id,
    'exchanged_rows' as reason
from suspect
inner join suspect as other
    using (country_iso2, source_id, indicator, spatial_unit, time_period)
where
    other.city_id != suspect.city_id
    and abs(suspect.log_value - other.log_around) < ln({{ var('exchanged_near') }})
    and abs(other.log_value - suspect.log_around) < ln({{ var('exchanged_near') }})
group by suspect.cell_id
