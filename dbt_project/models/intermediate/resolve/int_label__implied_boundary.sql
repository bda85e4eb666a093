-- One row per label (label_id) of a wider unit whose figures are those of the city proper, with the
-- years. A count beside its rate per inhabitant says how many inhabitants both are about: where
-- those are the city proper's of other labels, year after year, the code means the city proper,
-- whatever today's name of the code says; in every table that uses the code.
with relation as (
    select
        indicator as rate,
        other as counted,
        denominator,
        factor::double as factor
    from {{ source('raw', 'indicator_relation') }}
    where
        relation = 'rate' and denominator in (
            select known.indicator from {{ source('raw', 'indicator') }} as known
            where known.gazetteer_comparable
        )
),

label as (
    select
        resolution.label_id,
        resolution.source_id,
        resolution.code_scheme,
        resolution.ref_area_code,
        resolution.city_id,
        coalesce(resolution.spatial_unit, source.spatial_unit) as spatial_unit
    from {{ source('raw', 'resolution') }} as resolution
    inner join {{ source('raw', 'source') }} as source using (source_id)
    where resolution.city_id is not null
),

figure as (
    select
        cell.source_id,
        cell.label_id,
        cell.indicator,
        try_cast(cell.time_period as integer) as year,
        any_value(cell.obs_value) as obs_value
    from {{ ref('stg_cell') }} as cell
    where
        cell.obs_value > 0 and cell.filter_reason is null
        and (
            cell.indicator in (select relation.rate from relation)
            or cell.indicator in (select relation.counted from relation)
            or cell.indicator in (select relation.denominator from relation)
        )
        and try_cast(cell.time_period as integer) is not null
    group by all
),

-- Inhabitants of the city proper, as every source has them.
proper as (
    select
        label.city_id,
        figure.indicator,
        figure.year,
        median(figure.obs_value) as people
    from figure
    inner join label on label.label_id = figure.label_id
    where
        label.spatial_unit = 'city_proper'
        and figure.indicator in (select relation.denominator from relation)
        and figure.label_id not in (
            select declared.label_id from {{ ref('int_label__declared_boundary') }} as declared
        )
    group by all
),

implied as (
    select
        label.code_scheme,
        label.ref_area_code,
        label.spatial_unit,
        label.city_id,
        relation.denominator,
        rate.year,
        median(counted.obs_value * relation.factor / rate.obs_value) as people
    from figure as rate
    inner join relation on relation.rate = rate.indicator
    inner join figure as counted
        on
            counted.label_id = rate.label_id and counted.year = rate.year
            and counted.indicator = relation.counted
    inner join label on label.label_id = rate.label_id
    where label.spatial_unit != 'city_proper' and label.ref_area_code is not null
    group by all
),

compared as (
    select
        implied.code_scheme,
        implied.ref_area_code,
        implied.spatial_unit,
        implied.year,
        min(abs(proper.year - implied.year)) as gap,
        abs(ln(implied.people / arg_min(proper.people, abs(proper.year - implied.year))))
            as distance
    from implied
    inner join proper
        on proper.city_id = implied.city_id and proper.indicator = implied.denominator
    group by
        implied.code_scheme, implied.ref_area_code, implied.spatial_unit, implied.year,
        implied.people
),

judged as (
    select
        *,
        gap <= {{ var('implied_years') }} and distance <= ln({{ var('implied_same') }})
            as is_proper,
        -- Beside inhabitants of other years, less what may have changed since.
        distance > ln({{ var('implied_other') }}) + {{ var('implied_growth') }} * gap as is_other
    from compared
),

span as (
    select
        code_scheme,
        ref_area_code,
        spatial_unit,
        min(year) filter (where is_proper) as first_proper,
        max(year) filter (where is_proper) as last_proper,
        min(year) filter (where is_other) as first_other,
        max(year) filter (where is_other) as last_other,
        count(*) filter (where is_proper) as n_proper,
        list(year) filter (where is_other) as others
    from judged
    group by all
)

select
    label.label_id,
    label.source_id,
    -- Open where nothing speaks of another boundary.
    if(span.first_other < span.first_proper, span.first_proper, null)::integer as first_year,
    if(span.last_other > span.last_proper, span.last_proper, null)::integer as last_year,
    'city_proper' as boundary
from span
inner join label using (code_scheme, ref_area_code, spatial_unit)
-- A city that has a label of its own for the city proper has both.
left join label as own
    on
        own.source_id = label.source_id and own.city_id = label.city_id
        and own.spatial_unit = 'city_proper'
where
    own.label_id is null
    and span.n_proper >= {{ var('implied_min_years') }}
    -- A few years in between may be slips of one of the figures.
    and coalesce(len(list_filter(
        span.others, lambda year: year between span.first_proper and span.last_proper
    )), 0) * {{ var('implied_proper_times') }} <= span.n_proper
