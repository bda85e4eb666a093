-- One row per cell (cell_id) whose large figure other cities of its country have as well, to the
-- last of many digits: the total of a wider unit, or another row's figure. The city that it fits
-- keeps it, if it fits one only.
with figure as (
    select
        cell.*,
        city.country_iso2,
        city.latitude,
        city.longitude,
        city.gazetteer_population,
        -- Digits that say something: figures rounded to thousands meet by chance.
        len(rtrim(cell.obs_value::hugeint::varchar, '0')) as digits,
        count(*) over (
            partition by
                cell.source_id, cell.indicator, cell.spatial_unit, city.country_iso2,
                cell.time_period, cell.obs_value
        ) as cities
    from {{ ref('int_cell__comparable') }} as cell
    inner join {{ ref('int_city') }} as city on city.city_id = cell.city_id
    where
        cell.value_kind in ('stock', 'flow')
        and cell.obs_value >= pow(10, {{ var('shared_min_digits') }} - 1)
    qualify cities > 1 and digits >= {{ var('shared_min_digits') }}
),

pair as (
    select
        one.cell_id,
        one.digits,
        one.gazetteer_population,
        other.gazetteer_population as other_population,
        111.2 * sqrt(
            pow(one.latitude - other.latitude, 2)
            + pow((one.longitude - other.longitude) * cos(radians(one.latitude)), 2)
        ) as km,
        count(distinct one.obs_value) over (
            partition by
                one.source_id, one.indicator, one.spatial_unit, one.city_id, other.city_id
        ) as figures
    from figure as one
    inner join figure as other
        using (source_id, indicator, spatial_unit, country_iso2, time_period, obs_value)
    where one.city_id != other.city_id and one.cities <= {{ var('shared_max_pairs') }}
),

-- Two of hundreds of cities meet in five digits by chance; neighbours, or two that meet again with
-- another figure, do not.
shared as (
    select
        cell_id,
        max(other_population) as other_population
    from pair
    where
        digits >= {{ var('shared_certain_digits') }}
        or figures >= {{ var('shared_certain_figures') }}
        or km <= {{ var('shared_near_km') }}
        or (
            km <= {{ var('shared_region_km') }}
            and digits > {{ var('shared_min_digits') }}
        )
    group by cell_id
    union all
    select
        cell_id,
        null as other_population
    from figure
    where cities > {{ var('shared_max_pairs') }}
),

-- A figure fits a city that has nearly the same in the year before or after, or in another source.
agreed as (
    select shared.cell_id
    from shared
    inner join {{ ref('int_cell__neighbour') }} as cell on cell.cell_id = shared.cell_id
    where
        cell.obs_value / cell.value_before
        between 1 / {{ var('shared_fit') }} and {{ var('shared_fit') }}
        or cell.obs_value / cell.value_after
        between 1 / {{ var('shared_fit') }} and {{ var('shared_fit') }}
    union
    select figure.cell_id
    from figure
    inner join {{ ref('int_cell__comparable') }} as other
        using (indicator, spatial_unit, city_id, time_period)
    where
        other.source_id != figure.source_id
        and figure.obs_value / other.obs_value
        between 1 / {{ var('shared_fit') }} and {{ var('shared_fit') }}
),

judged as (
    select
        shared.cell_id,
        agreed.cell_id is not null as fits,
        count(agreed.cell_id) over same_figure as fitting,
        -- Of a city and its suburb the figure is the city's.
        figure.gazetteer_population
        >= {{ var('shared_owner_ratio') }} * shared.other_population as is_owner
    from shared
    inner join figure on figure.cell_id = shared.cell_id
    left join agreed on agreed.cell_id = shared.cell_id
    window same_figure as (
        partition by
            figure.source_id, figure.indicator, figure.spatial_unit, figure.country_iso2,
            figure.time_period, figure.obs_value
    )
)

select
    cell_id,
    'one_value_several_cities' as reason
from judged
where if(fitting = 1, not fits, not coalesce(is_owner, false))
