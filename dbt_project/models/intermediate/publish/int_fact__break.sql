-- One row per fact (observation_key) that does not simply carry on what stands before it: in the
-- preferred series of its city, else in its source's own. Only years follow each other.
with fact as (
    select
        fact.*,
        coalesce(preferred.is_preferred, true) as is_preferred,
        preferred.observation_key is not null as is_contested
    from {{ ref('int_fact') }} as fact
    left join {{ ref('int_fact__preferred') }} as preferred using (observation_key)
    where fact.period_kind = 'year'
),

own as (
    select
        *,
        lag(obs_value) over in_series as value_before,
        lag(obs_status) over in_series as status_before,
        lag(year) over in_series as year_before,
        source_id as source_before
    from fact
    window in_series as (
        partition by indicator, source_id, city_id, spatial_unit order by year
    )
),

-- Where another source carries a series on, the figure before is that of the preferred series.
joined as (
    select
        observation_key,
        lag(obs_value) over in_time as value_before,
        lag(source_id) over in_time as source_before,
        lag(year) over in_time as year_before
    from fact
    where is_contested and is_preferred
    window in_time as (partition by indicator, city_id, spatial_unit order by year)
),

described as (
    select
        own.* replace (
            coalesce(joined.source_before, own.source_before) as source_before,
            if(joined.observation_key is null, own.value_before, joined.value_before)
                as value_before,
            if(joined.observation_key is null, own.year_before, joined.year_before) as year_before
        )
    from own
    left join joined using (observation_key)
),

-- How far the figure is from the one before, up or down. People hardly change from year to year:
-- what grows by half, and by a tenth a year, has changed its boundary or is a slip.
measured as (
    select
        described.*,
        if(
            described.value_before > 0 and described.obs_value > 0,
            abs(ln(described.obs_value / described.value_before)), null
        ) as distance,
        ln(indicator.max_step) as allowed,
        indicator.value_kind = 'stock' and indicator.unit_measure = 'persons' as is_people
    from described
    inner join {{ source('raw', 'indicator') }} as indicator using (indicator)
    where described.value_before is not null
)

select
    described.observation_key,
    case
        when described.source_before != described.source_id then 'source'
        when marked.break_kind is not null then marked.break_kind
        -- The publisher says so, or says of one side only that its definition differs.
        when described.obs_status = 'B' then 'definition'
        when (described.obs_status = 'D') != (described.status_before = 'D') then 'definition'
        else 'unexplained'
    end as break_before
from measured as described
left join {{ ref('int_series_break') }} as marked
    using (source_id, indicator, spatial_unit, city_id, time_period)
where
    described.source_before != described.source_id
    or marked.break_kind is not null
    or described.obs_status = 'B'
    or (described.obs_status = 'D') != (described.status_before = 'D')
    or described.distance >= described.allowed
    or (
        described.is_people and described.distance >= ln({{ var('people_step') }})
        and described.distance >= {{ var('hop_min_per_year') }}
        * (described.year - described.year_before)
    )
