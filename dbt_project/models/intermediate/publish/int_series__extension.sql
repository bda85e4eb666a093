-- One row per city × indicator × spatial unit × side (before, after): the one source that carries
-- the base series on beyond its span, because both agree where they meet.
with fact as (
    from {{ ref('int_fact') }}
    anti join {{ ref('int_series__contradicted') }} using (observation_key)
),

base as (
    from {{ ref('int_series') }}
    where preference = 1 and period_kind = 'year' and first_year is not null
),

other as (
    from {{ ref('int_series') }}
    where preference > 1 and period_kind = 'year'
),

-- What both state for the same year.
common as (
    select
        other.city_id,
        other.indicator,
        other.spatial_unit,
        other.source_id,
        max(abs(ln(theirs.obs_value / ours.obs_value))) as common_distance
    from other
    inner join base using (city_id, indicator, spatial_unit)
    inner join fact as theirs
        on
            theirs.city_id = other.city_id and theirs.indicator = other.indicator
            and theirs.spatial_unit = other.spatial_unit and theirs.source_id = other.source_id
    inner join fact as ours
        on
            ours.city_id = base.city_id and ours.indicator = base.indicator
            and ours.spatial_unit = base.spatial_unit and ours.source_id = base.source_id
            and ours.year = theirs.year
    where theirs.obs_value > 0 and ours.obs_value > 0
    group by all
),

-- Either end of the base's span, with its value there.
edge as (
    select
        base.city_id,
        base.indicator,
        base.spatial_unit,
        side.side,
        ours.year as edge_year,
        ours.obs_value as edge_value
    from base
    cross join (select unnest(['before', 'after']) as side) as side
    inner join fact as ours
        on
            ours.city_id = base.city_id and ours.indicator = base.indicator
            and ours.spatial_unit = base.spatial_unit and ours.source_id = base.source_id
            and ours.year = if(side.side = 'after', base.last_year, base.first_year)
),

-- What another source states next to it.
seam as (
    select
        edge.city_id,
        edge.indicator,
        edge.spatial_unit,
        edge.side,
        edge.edge_year,
        edge.edge_value,
        other.source_id,
        other.preference,
        min(abs(theirs.year - edge.edge_year)) as gap,
        arg_min(theirs.obs_value, abs(theirs.year - edge.edge_year)) as next_value
    from other
    inner join edge using (city_id, indicator, spatial_unit)
    inner join fact as theirs
        on
            theirs.city_id = other.city_id and theirs.indicator = other.indicator
            and theirs.spatial_unit = other.spatial_unit and theirs.source_id = other.source_id
    where
        theirs.obs_status != 'F'
        and if(
            edge.side = 'after', theirs.year > edge.edge_year, theirs.year < edge.edge_year
        )
    group by all
)

select
    city_id,
    indicator,
    spatial_unit,
    side,
    edge_year,
    arg_min(source_id, preference) as source_id
from seam
left join common using (city_id, indicator, spatial_unit, source_id)
where
    next_value > 0 and edge_value > 0
    and abs(ln(next_value / edge_value)) <= ln({{ var('extension_max_seam') }})
    and gap <= {{ var('extension_max_gap') }}
    and coalesce(common_distance, 0) <= ln({{ var('extension_max_ratio') }})
group by all
