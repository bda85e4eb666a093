-- One row per series: its values against the same figures of better placed sources. A unit slip
-- stands out against them.
with series as (
    select distinct
        counted.source_id,
        counted.indicator,
        source.source_rank
    from {{ ref('int_series__cell_count') }} as counted
    inner join {{ source('raw', 'source') }} as source using (source_id)
    where counted.disposition is null and counted.indicator is not null
),

-- Most indicators have one source: those are left out before anything is joined.
pair as (
    select
        worse.indicator,
        worse.source_id,
        better.source_id as better_source_id
    from series as worse
    inner join series as better
        on better.indicator = worse.indicator and better.source_rank < worse.source_rank
),

own as (
    select observation.*
    from {{ ref('int_observation') }} as observation
    where observation.indicator in (select indicator from pair)
)

select
    own.source_id,
    own.indicator,
    own.spatial_unit,
    median(own.obs_value / better.obs_value) as peer_ratio,
    count(*) as peer_cells,
    -- Of many cities: labels that have changed places keep the ratio, and lose this.
    if(
        count(distinct own.city_id) >= {{ var('mislabel_min_cities') }},
        corr(ln(own.obs_value), ln(better.obs_value)), null
    ) as peer_correlation
from own
inner join pair on pair.source_id = own.source_id and pair.indicator = own.indicator
inner join own as better
    on
        better.source_id = pair.better_source_id and better.indicator = own.indicator
        and better.city_id = own.city_id and better.time_period = own.time_period
where better.obs_value > 0 and own.obs_value > 0
group by all
having count(*) >= 10
