-- The floor: the star core in one hand-written script, one DuckDB process, no framework, no tests.
-- It reads what dbt reads (schema `raw` of the attached `scratch`: cells, resolution, verdicts,
-- declarations; and its cities) and writes the same four tables and the same view on them, with the
-- same keys and in the same order. Belongs here: the least work that gives the same rows. Does not
-- belong here: labels, places, the series profile, the wide mart, contracts, comments.

-- Every cell typed, resolved, and judged by itself. `rowid` names a cell from here on.
create temp table cell as
with typed as (
    select
        *,
        regexp_full_match(
            trim(time_period), '(\d{4}|\d{4}/\d{4})(-(Q[1-4]|M(0[1-9]|1[0-2])))?|undated'
        ) as is_period,
        case value_form
            when 'bracketed_number' then trim(value_text, ' ()')
            when 'grouped_number' then trim(replace(value_text, ',', ''), ' %')
            else trim(value_text)
        end as number_text,
        case
            when value_form = 'presence' then if(is_missing, null, 1.0)
            when not contains(number_text, 'e') and not contains(number_text, 'E')
                then try_cast(number_text || 'e' || coalesce(unit_mult, 0) as double)
            else try_cast(number_text as double) * pow(10, coalesce(unit_mult, 0))
        end as number,
        (md5_number_lower(concat_ws(
            '|', source_id, coalesce(code_scheme, ''), coalesce(ref_area_code, ''),
            coalesce(ref_area, ''), coalesce(country, ''), coalesce(admin1, ''),
            coalesce(latitude, ''), coalesce(longitude, ''), coalesce(spatial_unit, ''),
            coalesce(other_code, '')
        )) >> 11)::bigint as label_id
    from scratch.raw.cell
),

meant as (
    select
        typed.* replace (
            if(is_period, trim(time_period), null) as time_period,
            coalesce(resolution.spatial_unit, typed.spatial_unit) as spatial_unit,
            -- The texts of a label that is resolved are in dim_label.
            if(resolution.label_id is null, typed.ref_area, null) as ref_area,
            if(resolution.label_id is null, typed.ref_area_code, null) as ref_area_code,
            if(resolution.label_id is null, typed.country, null) as country
        ),
        if(isfinite(number), number + 0.0, null) as obs_value,
        resolution.city_id,
        resolution.outcome,
        source.role,
        indicator.valid_min,
        indicator.valid_above,
        indicator.valid_max,
        indicator.max_step,
        indicator.value_kind,
        indicator.per_person_min,
        indicator.per_person_max,
        indicator.gazetteer_comparable,
        coalesce(
            try_cast(left(trim(time_period), 4) as integer)
            < try_cast(left(source.reference_period, 4) as integer), false
        ) as is_too_early
    from typed
    inner join scratch.raw.source as source using (source_id)
    left join scratch.raw.indicator as indicator using (indicator)
    left join scratch.raw.resolution as resolution using (label_id)
)

select
    content_id,
    row_number,
    column_name,
    source_id,
    resource,
    ref_area,
    ref_area_code,
    country,
    indicator,
    indicator_code,
    time_period,
    freq,
    spatial_unit,
    value_text,
    point,
    network,
    organisation,
    coalesce(to_ref_area_code, to_ref_area) as to_ref_area,
    obs_value,
    obs_status,
    city_id,
    label_id,
    edition_order,
    max_step,
    value_kind,
    per_person_min,
    per_person_max,
    gazetteer_comparable,
    case
        when filter_reason is not null then {'what': 'filtered', 'why': filter_reason}
        when role != 'observations' then {'what': 'published', 'why': 'reference'}
        when is_missing
            then {'what': 'filtered', 'why': if(is_confidential, 'confidential', 'missing_value')}
        when indicator is null then {'what': 'rejected', 'why': 'unknown_indicator'}
        when time_period is null then {'what': 'rejected', 'why': 'unreadable_period'}
        when obs_value is null then {'what': 'rejected', 'why': 'unreadable_value'}
        when spatial_unit is null then {'what': 'rejected', 'why': 'unknown_spatial_unit'}
        when is_too_early then {'what': 'rejected', 'why': 'before_reference_period'}
        when outcome in ('not_a_city', 'no_city_within_reach')
            then {'what': 'filtered', 'why': outcome}
        when outcome != 'resolved' then {'what': 'rejected', 'why': outcome}
        when obs_value < valid_min or obs_value <= valid_above or obs_value > valid_max
            then {'what': 'rejected', 'why': 'impossible_value'}
    end as early
from meant;

-- Only keys that are said more than once need windows: they are few.
create temp table repeated as
select
    city_id,
    indicator,
    source_id,
    spatial_unit,
    time_period,
    coalesce(point, '') as point
from cell
where early is null
group by all
having count(*) > 1;

create temp table twice as
with ranked as (
    select
        cell.rowid as cell,
        cell.* replace (coalesce(cell.point, '') as point),
        coalesce(edition_order, '')
        = coalesce(max(edition_order) over same_key, '') as is_newest,
        row_number() over (
            same_key order by edition_order desc nulls last, content_id, row_number, column_name
        ) as position
    from cell
    inner join repeated using (city_id, indicator, source_id, spatial_unit, time_period)
    where early is null and repeated.point = coalesce(cell.point, '')
    window same_key as (
        partition by
            city_id, indicator, source_id, spatial_unit, time_period, coalesce(cell.point, '')
    )
),

compared as (
    select
        *,
        first_value(obs_value) over (same_key order by position) as first_of_key,
        min(obs_value) filter (where is_newest) over same_key
        != max(obs_value) filter (where is_newest) over same_key as is_contested,
        min(label_id) filter (where is_newest) over same_key
        != max(label_id) filter (where is_newest) over same_key as has_two_labels
    from ranked
    window same_key as (
        partition by city_id, indicator, source_id, spatial_unit, time_period, point
    )
)

select
    cell,
    case
        when is_newest and is_contested
            then {
                'what': 'rejected',
                'why': if(has_two_labels, 'two_labels_one_city', 'ambiguous_in_source')
            }
        when position = 1 then null
        when obs_value = first_of_key then {'what': 'duplicate', 'why': 'same_key_and_value'}
        else {'what': 'filtered', 'why': 'superseded_in_source'}
    end as early
from compared;

create temp table living as
select
    cell.rowid as cell,
    city_id,
    indicator,
    source_id,
    spatial_unit,
    time_period,
    freq,
    point,
    per_person_min,
    per_person_max,
    gazetteer_comparable,
    value_kind,
    obs_value,
    obs_status,
    ln(max_step) as log_step,
    gazetteer_population,
    if(obs_value > 0, ln(obs_value), null) as log_value,
    if(
        value_kind in ('stock', 'flow') and not gazetteer_comparable,
        log_value - ln(gazetteer_population), null
    ) as log_per_person
from cell
left join twice on twice.cell = cell.rowid
left join scratch.intermediate.int_city as city using (city_id)
where cell.early is null and twice.early is null;

create temp table implausible as
with centre as (
    select
        source_id,
        indicator,
        spatial_unit,
        time_period,
        count(distinct city_id) as cities,
        median(log_value) as middle
    from living
    where log_value is not null and point is null
    group by all
),

spread as (
    select
        source_id,
        indicator,
        spatial_unit,
        time_period,
        any_value(middle) as middle,
        greatest(1.4826 * median(abs(log_value - middle)), 0.3) as sigma
    from living
    inner join centre using (source_id, indicator, spatial_unit, time_period)
    where cities >= 30 and point is null
    group by all
),

centre_per_person as (
    select
        source_id,
        indicator,
        spatial_unit,
        median(log_per_person) as middle_pp
    from living
    where log_per_person is not null and point is null
    group by all
    having count(distinct city_id) >= 30
),

spread_per_person as (
    select
        source_id,
        indicator,
        spatial_unit,
        any_value(middle_pp) as middle_pp,
        greatest(1.4826 * median(abs(log_per_person - middle_pp)), 0.75) as sigma_pp
    from living
    inner join centre_per_person using (source_id, indicator, spatial_unit)
    where point is null
    group by all
),

usual as (
    select
        source_id,
        indicator,
        spatial_unit,
        quantile_cont(obs_value, 0.02) filter (where obs_value not in (0, 1)) as low_end
    from living
    where point is null
    group by all
    having count(distinct city_id) >= 30 and avg((obs_value in (0, 1))::int) <= 0.02
),

stepped as (
    select
        *,
        lag(log_value) over in_time as before,
        lead(log_value) over in_time as after,
        least(lag(obs_value) over in_time, lead(obs_value) over in_time) as smaller_neighbour,
        if(count(log_value) over own >= 5, median(log_value) over own, null) as own_middle
    from living
    where point is null
    window
        in_time as (
            partition by city_id, indicator, source_id, spatial_unit, freq order by time_period
        ),
        own as (partition by city_id, indicator, source_id, spatial_unit, freq)
),

edged as (
    select
        *,
        max(abs(log_value - before)) over (
            partition by city_id, indicator, source_id, spatial_unit
        ) as largest_edge
    from stepped
)

select
    cell,
    case
        when abs(before - after) <= ln(3.0) and abs(log_value - (before + after) / 2) >= log_step
            then 'implausible_step'
        when abs(log_value - middle) > 10.0 * sigma then 'implausible_outlier'
        when
            obs_value / gazetteer_population < per_person_min
            or obs_value / gazetteer_population > per_person_max
            or abs(log_per_person - middle_pp) > 8.0 * sigma_pp
            then 'implausible_per_person'
        when obs_value in (0, 1) and value_kind not in ('flow', 'count') and low_end >= 5.0
            then 'implausible_placeholder'
        when obs_value = 0 and log_step is not null and smaller_neighbour >= 20.0
            then 'implausible_zero'
        when abs(log_value - own_middle) > log_step + ln(20.0) and largest_edge > ln(20.0)
            then 'implausible_for_city'
        when
            gazetteer_comparable and spatial_unit = 'city_proper'
            and obs_value / gazetteer_population not between 0.02 and 20.0
            then 'contradicts_gazetteer'
        when
            gazetteer_comparable and spatial_unit in ('urban_agglomeration', 'greater_city')
            and obs_value / gazetteer_population > 80.0
            then 'contradicts_gazetteer'
    end as why
from edged
left join spread using (source_id, indicator, spatial_unit, time_period)
left join spread_per_person using (source_id, indicator, spatial_unit)
left join usual using (source_id, indicator, spatial_unit)
where why is not null;

-- Cells of series that were not withheld, with the facts that they may make.
create temp table passed as
select living.*
from living
inner join scratch.raw.series_verdict as verdict using (source_id, indicator, spatial_unit)
anti join implausible using (cell)
where verdict.verdict != 'withheld';

-- Nearly all facts are one cell: those are not grouped.
create temp table wanted as
select
    passed.*,
    target.indicator as target,
    target.aggregation,
    target.min_periods,
    target.unit_measure,
    status.severity,
    regexp_replace(time_period, '-(Q\d|M\d\d)$', '') as fact_period
from passed
inner join scratch.raw.indicator as target
    on coalesce(target.derived_from, target.indicator) = passed.indicator
inner join scratch.raw.observation_status as status on status.obs_status = passed.obs_status
where target.aggregation != 'none' or time_period = fact_period;

create temp table fact as
with grown as (
    select
        city_id,
        target as indicator,
        source_id,
        spatial_unit,
        fact_period,
        unit_measure,
        aggregation,
        obs_value,
        obs_status,
        1 as n_periods,
        [cell] as cells
    from wanted
    where aggregation = 'none'
    union all by name
    select
        city_id,
        target as indicator,
        source_id,
        spatial_unit,
        fact_period,
        any_value(unit_measure) as unit_measure,
        any_value(aggregation) as aggregation,
        case any_value(aggregation)
            when 'mean' then favg(obs_value order by time_period, obs_value)
            when 'median' then median(obs_value)
            when 'sum' then fsum(obs_value order by time_period, obs_value)
            when 'min' then min(obs_value)
            when 'max' then max(obs_value)
            when 'last' then max_by(obs_value, time_period)
            when 'count' then count(*)
        end as obs_value,
        max_by(obs_status, severity::integer) as obs_status,
        count(*) as n_periods,
        list(cell) as cells
    from wanted
    where aggregation != 'none'
    group by city_id, target, source_id, spatial_unit, fact_period
    having count(*) >= any_value(min_periods)
)

select
    *,
    row_number() over (
        order by indicator, source_id, city_id, spatial_unit, fact_period
    ) as observation_key
from grown;

create table fct_observation as
with contested as (
    select
        city_id,
        indicator,
        fact_period,
        spatial_unit
    from fact
    group by all
    having count(*) > 1
),

ranked as (
    select
        observation_key,
        source_rank,
        count(*) over same_figure as n_sources,
        row_number() over (
            same_figure order by source_rank, source.edition desc, fact.source_id
        ) as preference
    from fact
    inner join contested using (city_id, indicator, fact_period, spatial_unit)
    inner join scratch.raw.source as source using (source_id)
    window same_figure as (partition by city_id, indicator, fact_period, spatial_unit)
)

select
    fact.observation_key,
    city_id,
    indicator,
    source_id,
    spatial_unit,
    fact_period as time_period,
    try_cast(fact_period as integer) as year,
    obs_value,
    unit_measure,
    obs_status,
    if(aggregation = 'count', 1, n_periods)::integer as n_periods,
    coalesce(preference = 1, true) as is_preferred,
    case
        when preference is null then 'only source'
        when preference = 1
            then 'best of ' || n_sources || ' sources by declared rank ' || source_rank
        else 'rank ' || source_rank || ' or edition comes after another source'
    end as preferred_reason
from fact
left join ranked using (observation_key)
order by observation_key;

create temp table part as
select
    observation_key,
    unnest(cells) as cell
from fact;

create table bridge_observation_cell as
select
    observation_key,
    content_id,
    row_number,
    column_name
from part
inner join cell on cell.rowid = part.cell
order by observation_key;

create table fct_source_cell as
with late as (
    select
        cell,
        early.what as disposition,
        early.why as reason
    from twice
    where early is not null
    union all
    select
        cell,
        'rejected',
        why
    from implausible
    union all
    select distinct
        cell,
        'published',
        null
    from part
    union all
    select
        cell,
        'filtered',
        'incomplete_year'
    from passed
    anti join part using (cell)
)

select
    content_id,
    row_number,
    column_name,
    source_id,
    resource,
    indicator,
    indicator_code,
    network,
    organisation,
    to_ref_area,
    time_period,
    freq,
    spatial_unit,
    value_text,
    obs_value,
    obs_status,
    city_id,
    label_id,
    case
        when early is not null then early.what
        else coalesce(late.disposition, 'filtered')
    end as disposition,
    case
        when early is not null then early.why
        when late.disposition is null then 'withheld_series'
        else late.reason
    end as reason,
    ref_area as ref_area_label,
    ref_area_code,
    country as country_label
from cell
left join late on late.cell = cell.rowid
order by content_id, row_number, column_name;

create table fct_row_ledger as
with counted as (
    select
        source_id,
        disposition,
        coalesce(reason, '') as reason,
        count(*) as cells
    from fct_source_cell
    group by all
),

read as (
    select
        source_id,
        sum(cells_read) as cells_read,
        sum(rows_read) as rows_read
    from scratch.raw.content
    group by all
)

select
    build_id,
    counted.source_id,
    disposition,
    reason,
    cells,
    cells_read::bigint as cells_read,
    coalesce(sum(cells) filter (where disposition = 'published') over whole, 0)::bigint
        as published,
    coalesce(sum(cells) filter (where disposition = 'rejected') over whole, 0)::bigint as rejected,
    coalesce(sum(cells) filter (where disposition = 'duplicate') over whole, 0)::bigint
        as duplicate,
    coalesce(sum(cells) filter (where disposition = 'filtered') over whole, 0)::bigint as filtered,
    rows_read::bigint as rows_read
from counted
inner join read using (source_id)
cross join scratch.raw.build
window whole as (partition by counted.source_id);

-- A view needs its dimensions.
create table dim_city as
select
    city_id,
    name,
    country_iso2,
    admin1,
    latitude,
    longitude
from scratch.intermediate.int_city;

create table dim_country as
select
    city.country_iso2,
    coalesce(any_value(country.name), city.country_iso2) as name
from dim_city as city
left join scratch.raw.country as country using (country_iso2)
group by city.country_iso2;

create table dim_indicator as
from scratch.raw.indicator;

create table dim_source as
from scratch.raw.source;

create view mart_observation as
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
    fact.spatial_unit,
    fact.time_period,
    fact.year,
    fact.obs_value,
    fact.unit_measure,
    fact.obs_status,
    fact.is_preferred,
    fact.source_id,
    source.publisher,
    source.title as source_title,
    source.authority,
    source.licence,
    source.may_redistribute,
    source.attribution,
    fact.observation_key
from fct_observation as fact
inner join dim_city as city using (city_id)
inner join dim_country as country on country.country_iso2 = city.country_iso2
inner join dim_indicator as indicator using (indicator)
inner join dim_source as source using (source_id);
