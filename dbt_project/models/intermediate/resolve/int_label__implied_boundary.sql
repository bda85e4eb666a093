-- One row per label (label_id) of a wider unit whose figures are those of the city proper, with the
-- years. A count beside its rate per inhabitant says how many inhabitants both are about: where
-- those are its publisher's for the city proper, year after year, the code means the city proper,
-- whatever today's name of the code says; in every table that uses the code. Above 150 lines: one
-- comparison in steps that are of no use alone.
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
        source.publisher,
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
        any_value(cell.obs_value) as obs_value,
        -- Half a unit of its last digit: a rate of 1 may be 0.5 or 1.5.
        any_value(
            0.5 / pow(10, len(regexp_extract(trim(cell.value_text), '\.(\d+)$', 1)))
        ) as rounding
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

-- Inhabitants of the city proper, by source: what one of them calls so may be another area.
proper as (
    select
        label.city_id,
        label.publisher,
        figure.source_id,
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

-- Of the rates of a year the one that says it most exactly.
implied as (
    select
        label.code_scheme,
        label.ref_area_code,
        label.spatial_unit,
        label.city_id,
        label.publisher,
        relation.denominator,
        rate.year,
        counted.obs_value * relation.factor / rate.obs_value as people,
        counted.obs_value * relation.factor / (rate.obs_value + rate.rounding) as at_least,
        rate.rounding / rate.obs_value as inexactness
    from figure as rate
    inner join relation on relation.rate = rate.indicator
    inner join figure as counted
        on
            counted.label_id = rate.label_id and counted.year = rate.year
            and counted.indicator = relation.counted
    inner join label on label.label_id = rate.label_id
    where label.spatial_unit != 'city_proper' and label.ref_area_code is not null
    qualify row_number() over (
        partition by
            label.code_scheme, label.ref_area_code, label.spatial_unit, label.city_id, rate.year
        order by inexactness, people
    ) = 1
),

-- Beside what every source has for the year next to it.
compared as (
    select
        implied.*,
        abs(proper.year - implied.year) as gap,
        proper.people as proper_people,
        -- What others add to their lists moves no figure of this publisher.
        proper.publisher = implied.publisher as is_own
    from implied
    inner join proper
        on proper.city_id = implied.city_id and proper.indicator = implied.denominator
    qualify row_number() over (
        partition by
            implied.code_scheme, implied.ref_area_code, implied.spatial_unit, implied.city_id,
            implied.year, proper.source_id
        order by gap, proper.year
    ) = 1
),

judged as (
    select
        code_scheme,
        ref_area_code,
        spatial_unit,
        city_id,
        year,
        bool_or(
            is_own and gap <= {{ var('implied_years') }}
            and inexactness <= {{ var('implied_same') }} - 1
            and abs(ln(people / proper_people)) <= ln({{ var('implied_same') }})
        ) as is_proper,
        -- More than it has for the city proper, less what may have changed since.
        coalesce(bool_and(
            ln(at_least / proper_people)
            > ln({{ var('implied_other') }}) + {{ var('implied_growth') }} * gap
        ) filter (where is_own), false) as is_other,
        -- Where sources mean different areas by the city proper, it is no measure.
        max(proper_people) filter (where gap <= {{ var('implied_years') }})
        > {{ var('boundary_own_ratio') }}
        * min(proper_people) filter (where gap <= {{ var('implied_years') }}) as is_disputed
    from compared
    group by all
),

span as (
    select
        code_scheme,
        ref_area_code,
        spatial_unit,
        min(year) filter (where is_proper) as first_proper,
        max(year) filter (where is_proper) as last_proper,
        count(*) filter (where is_proper) as n_proper,
        coalesce(list(year) filter (where is_other), []) as others
    from judged
    group by all
    having not coalesce(bool_or(is_disputed), false)
)

select
    label.label_id,
    label.source_id,
    -- Open where nothing, or one year alone, speaks of another boundary.
    if(
        len(list_filter(span.others, lambda year: year < span.first_proper)) > 1,
        span.first_proper, null
    )::integer as first_year,
    if(
        len(list_filter(span.others, lambda year: year > span.last_proper)) > 1,
        span.last_proper, null
    )::integer as last_year,
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
    and len(list_filter(
        span.others, lambda year: year between span.first_proper and span.last_proper
    )) * {{ var('implied_proper_times') }} <= span.n_proper
