-- The floor: the star core in one hand-written script, one DuckDB process, no framework, no tests.
-- It reads what dbt reads (schema `raw` of the attached `scratch`: cells, resolution, verdicts,
-- declarations; its cities with their names; the macros of names) and writes the same four tables
-- and the same view on them, with the same keys and in the same order. The thresholds are those of
-- dbt_project.yml. Belongs here: the least work that gives the same rows. Does not belong here:
-- labels, places, the series profile, the wide mart, contracts, comments (`python -m benchmarks`
-- measures the models without those, too). It is one script on purpose, so above 150 lines; a rule is
-- explained where it is modelled.

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
            when 'comma_number'
                then replace(
                    trim(regexp_replace(value_text, '[.\s\x{a0}\x{202f}](\d{3})\b', '\1', 'g'), ' %'),
                    ',', '.'
                )
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
        )) >> 11)::bigint as label_id,
        if(network is null, null, (md5_number_lower(concat_ws(
            '|', source_id, coalesce(code_scheme, ''), coalesce(to_ref_area_code, ''),
            coalesce(to_ref_area, ''), coalesce(to_country, ''), coalesce(to_admin1, ''),
            '', '', coalesce(spatial_unit, ''), ''
        )) >> 11)::bigint) as to_label_id
    from scratch.raw.cell
),

-- Labels whose source means another boundary than it says, by years.
boundary as (
    from scratch.intermediate.int_label__boundary
),

meant as (
    select
        typed.* replace (
            if(is_period, trim(time_period), null) as time_period,
            if(
                boundary.label_id is null,
                coalesce(resolution.spatial_unit, typed.spatial_unit), boundary.boundary
            ) as spatial_unit,
            resolution.label_id as label_id,
            -- The texts of a label that is resolved are in dim_label.
            if(resolution.label_id is null, typed.ref_area, null) as ref_area,
            if(resolution.label_id is null, typed.ref_area_code, null) as ref_area_code,
            if(resolution.label_id is null, typed.country, null) as country
        ),
        if(isfinite(number), number + 0.0, null) as obs_value,
        resolution.city_id,
        if(
            coalesce(resolution.spatial_unit, typed.spatial_unit) = 'country',
            resolution.country_iso2, null
        ) as country_iso2,
        outcome, role, valid_min, valid_above, valid_max,
        boundary.label_id is not null and boundary.boundary is null as is_other_boundary,
        coalesce(
            try_cast(left(trim(time_period), 4) as integer)
            < try_cast(left(source.reference_period, 4) as integer), false
        ) as is_too_early
    from typed
    inner join scratch.raw.source as source using (source_id)
    left join scratch.raw.indicator as indicator using (indicator)
    left join scratch.raw.resolution as resolution using (label_id)
    left join boundary
        on
            boundary.label_id = typed.label_id
            and coalesce(if(is_period, try_cast(left(trim(time_period), 4) as integer), null), -1)
            >= coalesce(first_year, if(last_year is null, -1, 0))
            and coalesce(if(is_period, try_cast(left(trim(time_period), 4) as integer), null), -1)
            <= coalesce(last_year, 9999)
)

select
    content_id, row_number, column_name, source_id, resource, ref_area, ref_area_code, country,
    indicator, indicator_code, time_period, freq, spatial_unit, value_text, point, network,
    organisation,
    coalesce(to_ref_area_code, to_ref_area) as to_ref_area,
    obs_value, obs_status, city_id, country_iso2, label_id, to_label_id, edition_order,
    case
        when filter_reason is not null then {'what': 'filtered', 'why': filter_reason}
        when role != 'observations' then {'what': 'published', 'why': 'reference'}
        when is_missing
            then {'what': 'filtered', 'why': if(is_confidential, 'confidential', 'missing_value')}
        when coalesce(indicator, network) is null
            then {'what': 'rejected', 'why': 'unknown_indicator'}
        when time_period is null then {'what': 'rejected', 'why': 'unreadable_period'}
        when obs_value is null then {'what': 'rejected', 'why': 'unreadable_value'}
        when is_other_boundary then {'what': 'rejected', 'why': 'not_this_boundary'}
        when spatial_unit is null then {'what': 'rejected', 'why': 'unknown_spatial_unit'}
        when is_too_early then {'what': 'rejected', 'why': 'before_reference_period'}
        when network is not null
            then if(obs_value = 0, {'what': 'filtered', 'why': 'no_edge'}, null)
        when outcome in ('not_a_city', 'no_city_within_reach')
            then {'what': 'filtered', 'why': outcome}
        when outcome != 'resolved' then {'what': 'rejected', 'why': outcome}
        when obs_value < valid_min or obs_value <= valid_above or obs_value > valid_max
            then {'what': 'rejected', 'why': 'impossible_value'}
    end as early
from meant;

-- Links and affiliations that nothing else keeps from readers.
create temp table edge as
with node as (
    select
        cell.rowid as cell,
        cell.* exclude (early),
        coalesce(own.ref_area_code, trim(own.ref_area)) as origin,
        coalesce(far.ref_area_code, trim(far.ref_area)) as destination,
        trim(organisation) as member
    from cell
    inner join scratch.raw.network as network using (network)
    inner join scratch.raw.resolution as own using (label_id)
    left join scratch.raw.resolution as far on far.label_id = cell.to_label_id
    where early is null
),

compared as (
    select
        *,
        row_number() over (same_edge order by content_id, row_number, column_name) as position,
        min(obs_value) over same_edge != max(obs_value) over same_edge as is_contested
    from node
    window same_edge as (
        partition by
            network, source_id, time_period, origin, destination, member, coalesce(point, '')
    )
)

select
    cell,
    case
        when origin is null or coalesce(destination, member) is null
            then {'what': 'rejected', 'why': 'edge_without_end'}
        when origin = destination then {'what': 'filtered', 'why': 'self_loop'}
        when is_contested then {'what': 'rejected', 'why': 'ambiguous_in_source'}
        when position > 1 then {'what': 'duplicate', 'why': 'same_key_and_value'}
    end as early
from compared
where early is not null;

-- Only keys that are said more than once need windows: they are few.
create temp table twice as
with candidate as (
    select
        rowid as cell,
        hash(city_id, country_iso2, indicator, source_id, spatial_unit, time_period, point) as key
    from cell
    where early is null and network is null
),

several as (
    select
        cell.rowid as cell, cell.*, key,
        if(
            point is null and city_id is not null and obs_value > 0 and time_period ~ '\d{4}',
            time_period::integer, null
        ) as year
    from candidate
    semi join (select key from candidate group by key having count(*) > 1) using (key)
    inner join cell on cell.rowid = candidate.cell
),

contested as (
    select key from several
    where year is not null
    group by key
    having count(distinct obs_value) > 1
),

-- Of several values the one that carries the series on, where all others are far from it.
beside as (
    select
        one.cell, one.key, one.obs_value,
        arg_min(
            abs(ln(one.obs_value / near.obs_value)),
            (abs(near.time_period::integer - one.year), near.time_period)
        ) as distance
    from several as one
    semi join contested using (key)
    inner join cell as near using (city_id, indicator, source_id, spatial_unit)
    where
        one.year is not null
        and near.early is null and near.point is null and near.obs_value > 0
        and near.time_period ~ '\d{4}'
        and abs(near.time_period::integer - one.year) <= 8
        and near.rowid not in (select cell from several semi join contested using (key))
    group by all
),

alone as (
    select
        key,
        min(cell) filter (where distance <= ln(1.1)) as cell
    from beside
    group by key
    having
        count(distinct obs_value) filter (where distance <= ln(1.1)) = 1
        and bool_and(distance <= ln(1.1) or distance >= ln(1.25))
),

-- Of two counts of the people, the one nearest to the year after.
counted as (
    select
        one.cell, one.key,
        arg_min(
            abs(ln(one.obs_value / near.obs_value)),
            (near.time_period::integer < one.year, abs(near.time_period::integer - one.year))
        ) as distance
    from several as one
    semi join contested using (key)
    semi join (
        select indicator from scratch.raw.indicator where gazetteer_comparable
    ) as total using (indicator)
    inner join cell as near using (city_id, indicator, source_id, spatial_unit)
    where
        one.year is not null
        and near.early is null and near.point is null and near.obs_value > 0
        and near.time_period ~ '\d{4}'
        and abs(near.time_period::integer - one.year) <= 3
        and near.rowid not in (select cell from several semi join contested using (key))
    group by all
),

continued as (
    select cell, false as is_of_counts
    from alone
    union all
    select arg_min(cell, (distance, cell)), true
    from counted
    anti join alone using (key)
    group by key
    having max(distance) <= ln(1.1)
),

placed as (
    select
        several.*,
        continued.cell is not null
        and min(several.label_id) over same_key = max(several.label_id) over same_key
            as is_settling,
        coalesce(is_of_counts, false) as is_of_counts,
        is_settling::integer + case
            when label.ref_area = city.name then 4
            when name_key(label.ref_area) in (name_key(city.name), name_key(english.name)) then 2
            else 0
        end as precedence,
        length(regexp_replace(value_text, '\D', '', 'g')) as digits,
        coalesce(
            abs(obs_value / nullif(try_cast(value_text as double), 0))
            * 0.5 / pow(10, len(rtrim(regexp_extract(value_text, '\.(\d+)$', 1), '0'))), 0
        ) as rounding,
        coalesce(edition_order, '') = coalesce(max(edition_order) over same_key, '') as is_newest
    from several
    left join continued using (cell)
    left join scratch.raw.resolution as label on label.label_id = several.label_id
    left join scratch.intermediate.int_city as city on city.city_id = several.city_id
    left join scratch.intermediate.int_city__english_name as english
        on english.city_id = several.city_id
    window same_key as (partition by key)
),

ranked as (
    select
        *,
        row_number() over (
            partition by key
            order by
                edition_order desc nulls last, precedence desc, digits desc,
                content_id, row_number, column_name
        ) as position,
        is_newest and precedence = max(precedence) filter (where is_newest) over (partition by key)
            as is_preferred
    from placed
),

compared as (
    select
        *,
        first_value(obs_value) over (same_key order by position) as first_of_key,
        min(obs_value) filter (where is_preferred) over same_key as least,
        max(obs_value) filter (where is_preferred) over same_key - least > 0.01 * abs(least)
        and max(obs_value - rounding) filter (where is_preferred) over same_key
        > min(obs_value + rounding) filter (where is_preferred) over same_key as is_contested,
        min(label_id) filter (where is_preferred) over same_key
        != max(label_id) filter (where is_preferred) over same_key as has_two_labels,
        is_newest and bool_or(is_settling and is_newest) over same_key as is_settled,
        bool_or(is_of_counts and is_settling) over same_key as is_count
    from ranked
    window same_key as (partition by key)
)

select
    cell,
    case
        when is_preferred and is_contested
            then {
                'what': 'rejected',
                'why': if(has_two_labels, 'two_labels_one_city', 'ambiguous_in_source')
            }
        when obs_value = first_of_key then {'what': 'duplicate', 'why': 'same_key_and_value'}
        when is_preferred then {'what': 'filtered', 'why': 'same_figure_rounded'}
        when is_settled and is_count
            then {'what': 'filtered', 'why': 'other_count_of_the_year'}
        when is_settled then {'what': 'rejected', 'why': 'breaks_with_its_series'}
        when is_newest then {'what': 'filtered', 'why': 'other_name_of_city'}
        else {'what': 'filtered', 'why': 'superseded_in_source'}
    end as early
from compared
where position > 1 or (is_preferred and is_contested);

-- What cells share, once: integers in place of three to five texts make every window cheaper.
-- `q` source × indicator × boundary × frequency, `s` without frequency, `si` without boundary,
-- `iu` indicator × boundary.
create temp table series as
with found as (
    select distinct source_id, indicator, spatial_unit, freq
    from cell
    where early is null and network is null
)

select
    found.*,
    row_number() over (order by source_id, indicator, found.spatial_unit, freq) as q,
    dense_rank() over (order by source_id, indicator, found.spatial_unit) as s,
    dense_rank() over (order by source_id, indicator) as si,
    dense_rank() over (order by indicator, found.spatial_unit) as iu,
    value_kind,
    value_kind in ('stock', 'flow') as grows,
    value_kind in ('count', 'normal') as leaps,
    max_step, per_person_min, per_person_max, gazetteer_comparable,
    gazetteer_comparable or population_hint as is_population,
    concept in (select concept from scratch.raw.indicator where gazetteer_comparable)
        as is_like_population,
    unit_measure,
    authority, authority = 'official' as is_official,
    verdict
from found
inner join scratch.raw.indicator as indicator using (indicator)
inner join scratch.raw.source as source using (source_id)
left join scratch.raw.series_verdict as judged
    on
        judged.source_id = found.source_id and judged.indicator = found.indicator
        and judged.spatial_unit = found.spatial_unit;

create temp table living as
select cell.rowid as cell, q, s, city_id, point, time_period, obs_value, obs_status
from cell
inner join series using (source_id, indicator, spatial_unit, freq)
where
    early is null and network is null
    and cell.rowid not in (select twice.cell from twice);

-- Figures of cities that are compared with others, with their neighbours in time.
create temp table figure as
select
    cell, q, s, city_id, city.country_iso2 as country, time_period, obs_value,
    if(obs_value > 0, ln(obs_value), null) as log_value,
    gazetteer_population as people,
    log_value - if(grows, ln(nullif(people, 0)), 0) as log_level,
    -- Whether the gazetteer's undated population says something about the period.
    coalesce(people >= 300 and (time_period = 'undated' or time_period >= '1970'), false)
        as is_evidence,
    lag(obs_value) over in_time as before,
    lead(obs_value) over in_time as after
from living
inner join series using (q, s)
inner join scratch.intermediate.int_city as city using (city_id)
where point is null
window in_time as (partition by city_id, q order by time_period);

-- Countries that step as a whole: every cell, with the stretch between two steps that it lies in.
create temp table stretch_cell as
with step as (
    select
        q, time_period, country,
        log_value - ln(before) as step
    from figure
    inner join series using (q, s)
    where before > 0 and log_value is not null and max_step is not null and not leaps
),

in_country as (
    select
        q, time_period, country,
        median(step) as step
    from step
    group by all
    having count(*) >= 3
),

usual as (
    select
        q,
        1.4826 * mad(step) as sigma
    from in_country
    group by q
),

suspect as (
    select * from in_country
    where abs(step) > ln(2.0)
),

abroad as (
    select
        suspect.q, suspect.time_period, suspect.country,
        median(step.step) as step
    from suspect
    inner join step using (q, time_period)
    where step.country != suspect.country
    group by all
    having count(*) >= 10
),

country_step as (
    select q, country, time_period
    from step
    semi join suspect using (q, time_period, country)
    left join abroad using (q, time_period, country)
    inner join usual using (q)
    group by all
    having
        greatest(
            quantile_cont(step.step - coalesce(abroad.step, 0), 0.25),
            -quantile_cont(step.step - coalesce(abroad.step, 0), 0.75)
        ) > ln(2.0)
        and abs(median(step.step - coalesce(abroad.step, 0))) > 6.0 * any_value(sigma)
)

select
    figure.cell, q, country, city_id, figure.time_period, log_value, log_level,
    len(list_filter(periods, lambda p: p <= figure.time_period)) as stretch
from figure
inner join (
    select
        q, country,
        list(time_period) as periods
    from country_step
    group by all
) using (q, country);

create temp table stretch as
with level as (
    select
        q, country, stretch,
        median(log_level) as log_level,
        count(distinct time_period) as periods,
        count(*) / count(distinct time_period) as cities
    from stretch_cell
    where log_level is not null
    group by all
),

world as (
    select
        q,
        median(log_level) as middle,
        greatest(1.4826 * mad(log_level), 0.3) as sigma
    from (
        select
            q,
            median(log_level) as log_level
        from figure
        semi join level using (q)
        where log_level is not null
        group by q, country
    )
    group by q
    having count(*) >= 8
),

placed as (
    select
        level.*,
        abs(log_level - middle) / sigma as distance,
        lag(log_level) over in_time as level_before,
        lead(log_level) over in_time as level_after
    from level
    left join world using (q)
    window in_time as (partition by q, country order by stretch)
),

compared as (
    select
        *,
        (level_before + level_after) / 2 as level_around,
        min(distance) over in_country as best_distance,
        arg_min(log_level, distance) over in_country as best_level,
        sum(periods) over in_country as all_periods
    from placed
    window in_country as (partition by q, country)
)

select
    q, country, stretch, log_level,
    case
        when
            abs(level_before - level_after) <= ln(2.0)
            and abs(log_level - level_around) >= ln(2.5) and periods * 2 <= all_periods
            then level_around
        when
            distance >= if(cities >= 20, 3.0, 3.5) and distance - best_distance >= 2.0
            and abs(log_level - best_level) >= ln(2.5)
            then best_level
    end as right_level
from compared;

-- Countries that leave their level for one to three years and come back, while others stay.
create temp table excursion as
with yearly as (
    select
        si, q, city_id, country, log_value,
        try_cast(time_period as integer) as year,
        ln(max_step) * 0.155 as least_step
    from figure
    inner join series using (q, s)
    where freq = 'A' and max_step is not null and not leaps and log_value is not null and year is not null
),

sides as (
    select
        *,
        lag(log_value) over in_time as log_before,
        lag(year) over in_time as year_before,
        lead(log_value, 1) over in_time as log_1, lead(year, 1) over in_time as year_1,
        lead(log_value, 2) over in_time as log_2, lead(year, 2) over in_time as year_2,
        lead(log_value, 3) over in_time as log_3, lead(year, 3) over in_time as year_3
    from yearly
    window in_time as (partition by q, city_id order by year)
),

in_country as (
    select
        si, year, country, least_step,
        median(log_value - log_before) as step,
        count(*) as cities
    from sides
    where log_before is not null
    group by all
    having cities >= 3
),

alone as (
    select one.si, one.country, one.year
    from in_country as one
    inner join in_country as other using (si, year)
    where one.country != other.country and one.cities >= 5 and abs(one.step) > one.least_step
    group by one.si, one.country, one.year, one.step
    having
        count(*) >= 3
        and quantile_cont(sign(one.step) * other.step, 0.9) < abs(one.step) * 0.34
),

run as (
    select
        si, country, least_step, year as first_year, log_before, year_before,
        unnest([
            {
                'last_year': year, 'log_after': log_1, 'year_after': year_1,
                'low': log_value, 'high': log_value
            },
            {
                'last_year': year_1, 'log_after': log_2, 'year_after': year_2,
                'low': least(log_value, log_1), 'high': greatest(log_value, log_1)
            },
            {
                'last_year': year_2, 'log_after': log_3, 'year_after': year_3,
                'low': least(log_value, log_1, log_2), 'high': greatest(log_value, log_1, log_2)
            }
        ], recursive := true)
    from sides
    semi join alone using (si, country, year)
),

departed as (
    select
        *,
        log_after - log_before as drift,
        greatest(low - (log_before + log_after) / 2, 0)
        + least(high - (log_before + log_after) / 2, 0) as departure
    from run
    where first_year - year_before <= 5 and year_after - last_year <= 5
)

select
    si, country, first_year, last_year,
    median(departure) as departure
from departed
group by si, country, first_year, last_year
having
    count(*) >= 5
    and abs(median(departed.departure)) > any_value(least_step)
    and mad(departed.departure) < abs(median(departed.departure)) * 0.34
    and abs(median(drift)) < abs(median(departed.departure)) * 0.34
    and greatest(
        quantile_cont(departed.departure, 0.33), -quantile_cont(departed.departure, 0.67)
    ) > abs(median(departed.departure)) * 0.34;

-- Calm series of a city that jump by a power of ten, once or there and back.
create temp table decimal_run as
with step as (
    select
        figure.*,
        log_value - ln(before) as step,
        round(abs(step) / ln(10)) as digits,
        coalesce(
            digits >= 1
            and abs(abs(step) - digits * ln(10)) <= ln(if(digits = 1, 1.15, 2.0))
            and greatest(obs_value, before) >= 20 and least(obs_value, before) != 1
            and try_cast(left(time_period, 4) as integer)
            - try_cast(left(lag(time_period) over (
                partition by q, city_id order by time_period
            ), 4) as integer) <= 10, false
        ) as is_jump
    from figure
    semi join (
        select q, city_id
        from figure
        inner join series using (q, s)
        where
            before > 0 and max_step is not null and not leaps
            and abs(log_value - ln(before)) >= ln(10) - ln(1.15)
    ) using (q, city_id)
    anti join stretch_cell using (cell)
    where log_value is not null and coalesce(before, 1) > 0
),

calm as (
    select
        q, city_id,
        count(*) as all_cells,
        median(log_value) as usual,
        max(if(is_jump, digits, 0)) as digits
    from step
    group by all
    having
        count(*) >= 5 and count_if(is_jump) between 1 and 2
        and max(if(is_jump, 0, abs(step))) <= ln(2.0)
),

placed as (
    select
        step.* exclude (digits),
        calm.* exclude (q, city_id),
        count_if(is_jump) over (partition by q, city_id order by time_period) as run
    from step
    inner join calm using (q, city_id)
),

measured as (
    select
        *,
        count(*) over this_run as cells,
        median(log_value) over this_run as level
    from placed
    window this_run as (partition by q, city_id, run)
)

select
    cell, q, city_id, time_period, run,
    cells <= 0.4 * all_cells and abs(level - usual) >= ln(10) - ln(2.0)
    and (cells = 1 or digits > 1) as is_slip
from measured;

-- Between two years of the series on one line, or one curve of constant growth.
create temp table on_line as
with stepped as (
    select
        figure.cell, figure.s, figure.city_id, figure.obs_value,
        time_period::integer as year,
        obs_value - lag(obs_value) over in_time as step,
        ln(obs_value / lag(obs_value) over in_time) as growth,
        year - lag(time_period::integer) over in_time = 1 as is_next
    from figure
    inner join series using (q, s)
    where
        (value_kind = 'flow' or (value_kind = 'stock' and unit_measure = 'persons'))
        and freq = 'A' and time_period ~ '\d{4}' and obs_value > 0 and obs_value < 1e18
    window in_time as (partition by figure.s, figure.city_id order by time_period::integer)
),

repeated as (
    select
        *,
        is_next and lag(is_next) over in_time and (
            abs(step - lag(step) over in_time) <= 1.01 and abs(step) > 101.0
            or abs(growth - lag(growth) over in_time) <= 0.00001 and abs(growth) > 0.001
        ) as is_repeated
    from stepped
    window in_time as (partition by s, city_id order by year)
)

select cell
from (
    select
        cell, obs_value, is_repeated,
        lead(is_repeated) over in_time as is_next_repeated,
        lead(is_repeated, 2) over in_time as is_second_repeated
    from repeated
    window in_time as (partition by s, city_id order by year)
)
where
    is_next_repeated and (is_repeated or is_second_repeated)
    and length(rtrim(cast(cast(obs_value as hugeint) as varchar), '0')) >= 5;

create temp table found as
-- Countries on the wrong side of their step, and their other boundaries with them.
with wrong as (
    select * from stretch
    where right_level is not null
),

own_level as (
    select
        q, city_id,
        median(log_value) as log_value
    from stretch_cell
    anti join wrong using (q, country, stretch)
    group by all
),

wrong_span as (
    select
        q, si, freq, spatial_unit, country, wrong.log_level, right_level,
        min(time_period) as first_period,
        max(time_period) as last_period
    from wrong
    inner join stretch_cell using (q, country, stretch)
    inner join series using (q)
    where not grows or abs(wrong.log_level - right_level) >= ln(5.0)
    group by all
),

-- Large figures that several cities of a country have, to the last of many digits.
figure_of_many as (
    select
        figure.*, iu, latitude, longitude,
        len(rtrim(obs_value::hugeint::varchar, '0')) as digits,
        cities
    from figure
    inner join (
        select
            s,
            any_value(iu) as iu,
            country, time_period, obs_value,
            count(*) as cities
        from figure
        inner join series using (q, s)
        where grows and obs_value >= 1e4
        group by s, country, time_period, obs_value
        having count(*) > 1
    ) using (s, country, time_period, obs_value)
    inner join scratch.intermediate.int_city using (city_id)
    where digits >= 5
),

pair as (
    select
        one.cell, one.digits, other.people as other_people,
        111.2 * sqrt(
            pow(one.latitude - other.latitude, 2)
            + pow((one.longitude - other.longitude) * cos(radians(one.latitude)), 2)
        ) as km,
        count(distinct one.obs_value) over (partition by one.s, one.city_id, other.city_id)
            as figures
    from figure_of_many as one
    inner join figure_of_many as other using (s, country, time_period, obs_value)
    where one.city_id != other.city_id and one.cities <= 10
),

shared as (
    select
        cell,
        max(other_people) as other_people
    from pair
    where digits >= 7 or figures >= 3 or km <= 20 or (km <= 150 and digits > 5)
    group by cell
    union all
    select cell, null
    from figure_of_many
    where cities > 10
),

agreed as (
    select cell
    from shared
    inner join figure using (cell)
    inner join series using (q, s)
    where
        max_step is not null
        and (
            figure.obs_value / figure.before between 1 / 1.1 and 1.1
            or figure.obs_value / figure.after between 1 / 1.1 and 1.1
        )
    union
    select many.cell
    from figure_of_many as many
    inner join series using (iu)
    inner join figure as other
        on
            other.q = series.q and other.city_id = many.city_id
            and other.time_period = many.time_period
    where other.s != many.s and many.obs_value / other.obs_value between 1 / 1.1 and 1.1
),

judged as (
    select
        cell,
        agreed.cell is not null as fits,
        count(agreed.cell) over (partition by s, country, time_period, obs_value) as fitting,
        coalesce(people >= 2.0 * other_people, false) as is_owner
    from shared
    inner join figure_of_many using (cell)
    left join agreed using (cell)
),

-- Blocks of a country and year whose values have changed places.
yearly as (
    select
        cell, si, iu, country, figure.city_id, time_period, log_value,
        [
            log_value - lag(log_value) over in_time, log_value - lag(log_value, 2) over in_time,
            log_value - lead(log_value) over in_time, log_value - lead(log_value, 2) over in_time
        ] as from_own,
        if(gazetteer_comparable, log_level, null) as from_gazetteer
    from figure
    inner join series using (q, s)
    where value_kind = 'stock' and log_value is not null and freq = 'A' and max_step is not null
    window in_time as (partition by q, figure.city_id order by time_period)
),

elsewhere as (
    select
        one.cell,
        arg_min(one.log_value - other.log_value, abs(one.log_value - other.log_value))
            as from_elsewhere
    from yearly as one
    inner join yearly as other using (iu, city_id, time_period)
    where one.si != other.si
    group by one.cell
),

measured as (
    select
        yearly.*,
        coalesce(list_sort(list_transform(
            list_filter(list_append(from_own, from_elsewhere), lambda x: x is not null),
            lambda x: [abs(x), x]
        ))[1][2], from_gazetteer) as distance
    from yearly
    left join elsewhere using (cell)
),

block as (
    select
        si, country, time_period,
        count(*) as cities,
        avg((distance > ln(2.0))::int) as above,
        avg((distance < -ln(2.0))::int) as below
    from measured
    where distance is not null
    group by all
    having
        cities >= 8 and above + below >= 0.3 and least(above, below) >= 0.05
        and corr(log_value, log_value - distance) < 0.5
),

scrambled as (
    select si, country, time_period
    from block
    inner join (
        select
            si,
            count(*) as cities,
            count_if(abs(distance) > ln(2.0)) as off
        from measured
        where distance is not null
        group by si
    ) as whole using (si)
    where
        (above + below) * (whole.cities - block.cities)
        >= 6.0 * (off - (above + below) * block.cities)
),

-- Slips in time, against the city's own other values.
compared as (
    select
        figure.*, max_step,
        grows or value_kind = 'count' as may_be_none,
        if(before > 0, ln(before), null) as log_before,
        if(after > 0, ln(after), null) as log_after,
        if(abs(log_before - log_after) <= ln(3.0), log_value - (log_before + log_after) / 2, null)
            as deviation
    from figure
    inner join series using (q, s)
    where max_step is not null
),

suspect_step as (
    select * from compared
    where abs(deviation) >= ln(max_step)
),

period as (
    select
        q, time_period,
        median(deviation) as usual,
        greatest(quantile_cont(deviation, 0.25), -quantile_cont(deviation, 0.75)) as most_deviate
    from compared
    semi join suspect_step using (q, time_period)
    where deviation is not null
    group by all
    having count(*) >= 10
),

zero as (
    select
        cell, may_be_none,
        count(*) over (partition by s, city_id) as zeros,
        least(before, after) >= 20
        and (
            abs(log_before - log_after) <= ln(3.0)
            or (not may_be_none and coalesce(log_before, log_after) is not null)
        ) as is_suspect
    from compared
    where obs_value = 0
),

own_middle as (
    select
        q, city_id,
        median(log_value) as middle
    from figure
    semi join (
        select s, city_id
        from compared
        anti join stretch_cell using (cell)
        where abs(log_value - log_before) > ln(50.0)
    ) using (s, city_id)
    group by all
    having count(log_value) >= 5
),

-- Far from all other cities, and from the city's own values.
spread as (
    select
        figure.s, time_period,
        median(log_value) as middle,
        greatest(1.4826 * mad(log_value), 0.3) as sigma
    from figure
    inner join series using (q, s)
    where log_value is not null and not leaps
    group by all
    having count(*) >= 30
),

far as (
    select figure.*
    from figure
    inner join spread using (s, time_period)
    inner join series using (q, s)
    where
        abs(log_value - middle) > 10.0 * sigma
        and not leaps
        and not (unit_measure = 'percent' and obs_value > 1)
        and not coalesce(
            gazetteer_comparable and abs(log_value - ln(nullif(people, 0))) <= ln(3.0), false
        )
),

own_spread as (
    select
        s, city_id,
        median(log_value) as middle,
        greatest(1.4826 * mad(log_value), 0.3) as sigma
    from figure
    semi join far using (s, city_id)
    where log_value is not null
    group by all
    having count(*) >= 4
),

-- Impossible per inhabitant, or beside the gazetteer, where no steady official series says so.
evidence as (
    select
        figure.s, city_id,
        median(log_value) as middle
    from figure
    inner join series using (q, s)
    where is_official and log_value is not null
    group by all
    having count(*) >= 5 and mad(log_value) <= ln(1.5)
),

own_people as (
    select
        city_id, spatial_unit,
        median(log_value) as log_people
    from figure
    inner join series using (q, s)
    where is_population and log_value is not null
    group by all
),

per_person as (
    select
        cell, figure.s, figure.city_id, log_value, obs_value,
        if(is_evidence, ln(people), null) as log_gazetteer,
        coalesce(own.log_people, proper.log_people) as log_people,
        per_person_min, per_person_max,
        if(grows and not gazetteer_comparable, log_value, null) as log_shared
    from figure
    inner join series using (q, s)
    left join own_people as own
        on
            own.city_id = figure.city_id and own.spatial_unit = series.spatial_unit
            and not is_population
    left join own_people as proper
        on
            proper.city_id = figure.city_id and proper.spatial_unit = 'city_proper'
            and not is_population
    where
        obs_value != 0
        and (grows or coalesce(per_person_min, per_person_max) is not null)
),

spread_per_person as (
    select
        s,
        median(log_shared - log_gazetteer) as middle,
        8.0 * greatest(1.4826 * mad(log_shared - log_gazetteer), 0.75) as reach
    from per_person
    where log_shared is not null
    group by s
    having count(distinct city_id) >= 30
),

against_gazetteer as (
    select
        cell, figure.s, city_id, spatial_unit,
        obs_value / people as ratio
    from figure
    inner join series using (q, s)
    where gazetteer_comparable and is_evidence
),

outside as (
    select * from against_gazetteer
    where
        (spatial_unit = 'city_proper' and ratio not between 0.02 and 20.0)
        or (spatial_unit in ('urban_agglomeration', 'greater_city') and ratio > 80.0)
),

corroborated as (
    select distinct city_id
    from against_gazetteer
    semi join outside using (city_id)
    where spatial_unit = 'city_proper' and ratio between 1 / 5.0 and 5.0
),

-- Of people: alone against neighbours in time that agree with the gazetteer.
in_people as (
    select
        cell, figure.s, city_id,
        try_cast(time_period[:4] as integer) as year,
        obs_value / people as ratio,
        not is_official or count(distinct year) over same_series < 5
        or year = min(year) over same_series as may_be_slip
    from figure
    inner join series using (q, s)
    where
        obs_value > 0 and is_evidence and is_like_population and year is not null
    window same_series as (partition by figure.s, city_id)
),

lone as (
    select one.cell
    from in_people as one
    inner join in_people as other using (s, city_id)
    where one.may_be_slip and one.ratio not between 1 / 5.0 and 5.0
    group by one.cell
    having
        count(distinct other.year) filter (
            where greatest(other.ratio / one.ratio, one.ratio / other.ratio) <= 2.0
        ) = 1
        and count(*) filter (
            where
            abs(other.year - one.year) <= 5 and other.ratio between 1 / 2.0 and 2.0
            and greatest(other.ratio / one.ratio, one.ratio / other.ratio) >= 5.0
        ) > 0
),

-- Zeros and ones that stand for "unknown".
vague as (
    select
        cell, figure.s, city_id, obs_value,
        obs_value = 1 or (obs_value = 0 and value_kind != 'stock') as is_suspect
    from figure
    inner join series using (q, s)
    where value_kind not in ('flow', 'count')
),

clear_of_zero as (
    select s
    from vague
    semi join (select s from vague where is_suspect) using (s)
    group by s
    having
        count(distinct city_id) >= 30 and avg(is_suspect::int) <= 0.02
        and quantile_cont(obs_value, 0.02) filter (where not is_suspect) >= 5.0
),

-- Two cities with each other's people in one period.
swapped as (
    select
        figure.*,
        (ln(before) + ln(after)) / 2 as log_around
    from figure
    inner join series using (q, s)
    where
        is_population and max_step is not null and log_value is not null
        and before > 0 and after > 0
        and abs(ln(before / after)) < ln(1.2)
        and abs(log_value - (ln(before) + ln(after)) / 2) > ln(1.3)
),

-- The people of a wider area under the name of the city proper.
counted as (
    select
        figure.*, spatial_unit, source_id,
        try_cast(time_period as integer) as year
    from figure
    inner join series using (q, s)
    where is_population and freq = 'A' and obs_value > 0 and is_evidence
),

wide as (
    select * from counted
    where spatial_unit = 'city_proper' and obs_value > 1.5 * people
),

around as (
    select
        wide.cell,
        arg_min(near.obs_value, abs(near.year - wide.year)) filter (
            where near.spatial_unit = 'urban_agglomeration' and near.source_id != wide.source_id
        ) as agglomeration,
        bool_or(
            near.source_id != wide.source_id
            and greatest(near.obs_value, wide.obs_value)
            <= 1.2 * least(near.obs_value, wide.obs_value)
        ) filter (where near.spatial_unit = 'city_proper') as agrees,
        bool_or(wide.obs_value >= 1.5 * near.obs_value)
            filter (where near.spatial_unit = 'city_proper') as is_less
    from wide
    inner join counted as near using (city_id)
    where
        near.spatial_unit in ('urban_agglomeration', 'city_proper')
        and abs(near.year - wide.year) <= 5
    group by wide.cell
),

-- Figures that contradict each other: a part above its whole, a rate that implies other people.
related as (
    select
        one.cell, two.cell as other_cell, one.city_id, one.time_period, one.people,
        one.is_evidence, kind_one.spatial_unit, relation, denominator, one.obs_value,
        two.obs_value as other_value,
        factor,
        if(one.obs_value > 0, two.obs_value * factor / one.obs_value, null) as implied
    from scratch.raw.indicator_relation as declared
    inner join series as kind_one using (indicator)
    inner join series as kind_two
        on
            kind_two.indicator = declared.other and kind_two.source_id = kind_one.source_id
            and kind_two.spatial_unit = kind_one.spatial_unit
    inner join figure as one on one.q = kind_one.q
    inner join figure as two
        on
            two.q = kind_two.q and two.city_id = one.city_id and two.time_period = one.time_period
),

inhabitants as (
    select
        indicator as denominator, city_id, spatial_unit, time_period,
        median(obs_value) as inhabitants
    from figure
    inner join series using (q, s)
    where indicator in (select denominator from scratch.raw.indicator_relation)
    group by all
),

contradiction as (
    select
        cell, other_cell,
        'part_exceeds_whole' as why
    from related
    where relation = 'part' and obs_value > 1.05 * coalesce(factor, 1) * other_value
    union all
    select
        cell, other_cell,
        'rate_contradicts_parts'
    from related
    left join inhabitants using (denominator, city_id, spatial_unit, time_period)
    where
        relation = 'rate' and implied > 0 and obs_value >= 2.5
        and if(
            inhabitants > 0,
            abs(ln(implied / inhabitants)) > ln(2.5),
            is_evidence
            and if(spatial_unit = 'city_proper', abs(ln(implied / people)), ln(people / implied))
            > ln(20.0)
        )
)

select cell, 'country_step' as why, 1 as importance
from stretch_cell as member
inner join wrong using (q, country, stretch)
left join own_level using (q, city_id)
where
    abs(coalesce(member.log_value - own_level.log_value, member.log_level - right_level))
    > abs(wrong.log_level - right_level) / 2
union all
select figure.cell, 'country_step', 1
from figure
inner join series using (q, s)
inner join wrong_span as wrong using (si, freq, country)
anti join stretch_cell using (cell)
where
    series.spatial_unit != wrong.spatial_unit and series.max_step is not null
    and figure.time_period between first_period and last_period
    and abs(figure.log_level - wrong.log_level) < abs(figure.log_level - right_level)
union all
select figure.cell, 'country_step', 1
from figure
inner join series using (q, s)
inner join living on living.cell = figure.cell
inner join excursion
    on
        excursion.si = series.si and excursion.country = figure.country
        and try_cast(figure.time_period as integer) between first_year and last_year
left join figure as other
    on
        other.q = figure.q and other.city_id = figure.city_id and other.log_value is not null
        and try_cast(other.time_period as integer) not between first_year and last_year
where
    freq = 'A' and max_step is not null and figure.log_value is not null
    and living.obs_status is distinct from 'B'
group by figure.cell, figure.log_value, first_year, departure
having
    coalesce(
        sign(departure) * (
            figure.log_value - coalesce(
                (
                    arg_max(other.log_value, other.time_period)
                        filter (where try_cast(other.time_period as integer) < first_year)
                    + arg_min(other.log_value, other.time_period)
                        filter (where try_cast(other.time_period as integer) > first_year)
                ) / 2,
                arg_max(other.log_value, other.time_period),
                arg_min(other.log_value, other.time_period)
            )
        ) >= abs(departure) * 0.34, true
    )
union all
select cell, 'scrambled_block', 2
from yearly
semi join scrambled using (si, country, time_period)
union all
select cell, 'one_value_several_cities', 3
from judged
where if(fitting = 1, not fits, not is_owner)
union all
select cell, 'period_slip', 4
from compared
inner join period using (q, time_period)
where abs(usual) >= ln(3.0) and most_deviate >= ln(2.0)
union all
select cell, 'implausible_step', 5
from suspect_step
left join period using (q, time_period)
where abs(deviation) - if(sign(deviation) = sign(usual), abs(usual), 0) >= ln(max_step)
union all
select cell, 'implausible_step', 5
from lone
union all
select cell, 'decimal_slip', 6
from decimal_run
where is_slip
union all
select cell, 'sign_slip', 7
from compared
where
    obs_value < 0 and least(before, after) > 0
    and -obs_value between least(before, after) / 2.0 and greatest(before, after) * 2.0
union all
select cell, 'implausible_outlier', 8
from far
left join own_spread using (s, city_id)
where coalesce(abs(log_value - middle) > 4.0 * sigma, true)
union all
select cell, 'implausible_per_person', 9
from per_person
left join spread_per_person as spread_pp using (s)
left join evidence using (s, city_id)
where
    coalesce(log_gazetteer, log_people) is not null
    and (
        log_gazetteer is null
        or obs_value / exp(log_gazetteer) < per_person_min
        or obs_value / exp(log_gazetteer) > per_person_max
        or abs(log_shared - log_gazetteer - spread_pp.middle) > reach
    )
    and (
        log_people is null
        or coalesce(abs(log_people - log_gazetteer) < ln(1.5), false)
        or obs_value / exp(log_people) < per_person_min
        or obs_value / exp(log_people) > per_person_max
        or abs(log_shared - log_people - spread_pp.middle) > reach
    )
    and not coalesce(abs(log_value - evidence.middle) <= ln(3.0), false)
union all
select cell, 'implausible_placeholder', 10
from vague
semi join clear_of_zero using (s)
where is_suspect
union all
select cell, 'implausible_zero', 11
from zero
where is_suspect and (zeros = 1 or not may_be_none)
union all
select cell, 'implausible_for_city', 12
from compared
inner join own_middle using (q, city_id)
where abs(log_value - middle) > ln(max_step * 20.0) and middle != 0 and time_period >= '1970'
union all
select
    unnest([cell, other_cell]),
    why,
    if(why = 'part_exceeds_whole', 13, 14)
from contradiction
union all
select cell, 'contradicts_gazetteer', 15
from outside
left join evidence using (s, city_id)
where evidence.s is null or city_id in (select corroborated.city_id from corroborated)
union all
select cell, 'not_this_boundary', 16
from wide
inner join around using (cell)
inner join series using (q, s)
anti join (
    -- What readers have of a source that did not change, in a release of the same code.
    select held.*
    from scratch.raw.previous_figure as held
    inner join scratch.raw.build as build on build.code_version = build.previous_code_version
    where
        held.source_id in (
            select source_id from scratch.raw.content
            group by source_id
            having
                list(content_id || parse_version order by content_id) = (
                    select list(content_id || parse_version order by content_id)
                    from scratch.raw.previous_content as previous
                    where previous.source_id = content.source_id
                )
        )
) as held
    on
        held.source_id = wide.source_id and held.indicator = series.indicator
        and held.spatial_unit = wide.spatial_unit and held.city_id = wide.city_id
        and held.time_period = wide.time_period and held.obs_value = wide.obs_value
where
    not agrees
    and if(
        obs_value between agglomeration / 1.2 and agglomeration * 1.2, is_less,
        obs_value > 2.0 * people and obs_value > 1.5 * agglomeration
    )
union all
select
    cell,
    if(left(time_period, 4)::integer < founded.founded, 'before_city_existed', 'after_city_ended'),
    17
from figure
inner join series using (q, s)
inner join scratch.raw.city_founded as founded using (city_id, spatial_unit)
where
    try_cast(left(time_period, 4) as integer) < founded.founded
    or try_cast(left(time_period, 4) as integer) >= founded.abolished
union all
select distinct one.cell, 'exchanged_rows', 18
from swapped as one
inner join swapped as two using (country, s, time_period)
where
    one.city_id != two.city_id
    and abs(one.log_value - two.log_around) < ln(1.05)
    and abs(two.log_value - one.log_around) < ln(1.05)
union all
select cell, 'interpolated', 20
from on_line
inner join figure using (cell)
inner join series using (q, s)
where authority = 'secondary'
union all
select cell, 'other_unit', 0
from figure
inner join series using (q, s)
inner join scratch.raw.source_unit as declared
    on
        declared.source_id = series.source_id and declared.indicator = series.indicator
        and declared.country_iso2 = figure.country
where try_cast(left(time_period, 4) as integer) between first_year::integer and last_year::integer;

-- The figure of the year before, to the last of many digits, or in most cities of a country.
create temp table carried as
with beside as (
    select
        figure.cell, figure.s, figure.city_id, living.obs_status, si, figure.country,
        figure.time_period::integer as year,
        living.obs_status in ('E', 'F') and is_official as is_modelled,
        length(rtrim(cast(cast(abs(figure.obs_value) as hugeint) as varchar), '0')) as digits,
        year - lag(figure.time_period::integer) over in_time as years,
        figure.obs_value = lag(figure.obs_value) over in_time and years <= 2
        and not (is_modelled and lag(is_modelled) over in_time) as is_repeated,
        figure.obs_value = lead(figure.obs_value) over in_time
        and lead(figure.time_period::integer) over in_time - year <= 2 as is_same_after,
        is_same_after and not (is_modelled and lead(is_modelled) over in_time) as is_repeated_after,
        is_same_after
        and figure.obs_value = lead(figure.obs_value, 2) over in_time as is_repeated_twice
    from figure
    inner join series using (q, s)
    inner join living on living.cell = figure.cell
    where
        figure.cell not in (select found.cell from found where why = 'scrambled_block')
        and (value_kind = 'flow' or (value_kind = 'stock' and unit_measure = 'persons'))
        and freq = 'A' and figure.time_period ~ '\d{4}' and abs(figure.obs_value) < 1e18
        and length(rtrim(cast(cast(abs(figure.obs_value) as hugeint) as varchar), '0')) >= 3
    window in_time as (partition by figure.s, figure.city_id order by figure.time_period::integer)
),

marked as (
    select
        *,
        coalesce(is_block, false) as in_block,
        lead(coalesce(is_block, false))
            over (partition by beside.s, beside.city_id order by beside.year) as in_block_after
    from beside
    left join (
        select si, country, year, true as is_block
        from beside
        where years is not null
        group by all
        having count_if(is_repeated) >= 5 and avg(is_repeated::integer) >= 0.5
    ) using (si, country, year)
)

select
    cell,
    coalesce(is_repeated and (in_block or digits >= 6), false)
    or coalesce(is_repeated_twice and obs_status = 'E' and not is_modelled and digits >= 6, false) as is_none
from marked
where
    (is_repeated and (in_block or digits >= 6))
    or (is_repeated_after and (in_block_after or digits >= 6));

insert into found
select cell, 'carried_figure', 19
from carried
where is_none;

-- The first reason counts. Where most figures of a label are another place's, so are the rest.
create temp table implausible as
with misplaced as (
    select
        figure.s, city_id,
        min(why) as why,
        arg_min(importance, why) as importance
    from figure
    semi join (
        select figure.s, city_id
        from found
        inner join figure using (cell)
        where importance in (9, 15, 16)
    ) using (s, city_id)
    left join found as place on place.cell = figure.cell and importance in (9, 15, 16)
    group by all
    having
        count(distinct place.cell) > count(distinct figure.cell) / 2
        and count(distinct place.cell) < count(distinct figure.cell)
)

select
    cell,
    arg_min(why, importance) as why
from (
    from found
    union all
    select cell, why, importance
    from figure
    inner join misplaced using (s, city_id)
)
group by cell;

-- What is left of series that were not withheld, with the year of a part of one.
create temp table passed as
select
    living.*,
    regexp_replace(time_period, '-(Q\d|M\d\d)$', '') as fact_period
from living
inner join series using (q, s)
where verdict != 'withheld' and cell not in (select implausible.cell from implausible);

-- Cells with the facts that they make.
create temp table part as
with doubtful as (
    select q, country
    from stretch
    group by all
    having count(right_level) = 0 and max(log_level) - min(log_level) >= ln(4.0)
),

wanted as (
    select
        passed.cell, source_id, passed.city_id, target.indicator, spatial_unit, fact_period,
        passed.time_period, obs_value,
        case
            when obs_status != 'A' then obs_status
            when stretch_cell.cell is not null then 'U'
            when passed.cell in (select carried.cell from carried where not is_none) then 'U'
            when passed.cell in (select on_line.cell from on_line) then 'E'
            when target.unit_measure = 'persons' and abs(obs_value - round(obs_value)) > 0.001
                then 'E'
            else 'A'
        end as obs_status,
        aggregation, min_periods
    from passed
    inner join series using (q, s)
    inner join scratch.raw.indicator as target
        on coalesce(target.derived_from, target.indicator) = series.indicator
    left join (from stretch_cell semi join doubtful using (q, country)) as stretch_cell
        using (cell)
    where
        passed.city_id is not null
        and (aggregation != 'none' or passed.time_period = fact_period)
),

complete as (
    from wanted
    where min_periods = 1
    union all
    from wanted
    semi join (
        select city_id, indicator, source_id, spatial_unit, fact_period
        from wanted
        where min_periods > 1
        group by all
        having count(*) >= any_value(min_periods)
    ) using (city_id, indicator, source_id, spatial_unit, fact_period)
    where min_periods > 1
)

select
    *,
    dense_rank() over (order by indicator, source_id, city_id, spatial_unit, fact_period)
        as observation_key
from complete;

create temp table fact as
with grown as (
    select
        observation_key, city_id, indicator, source_id, spatial_unit, fact_period, obs_value,
        obs_status, 1 as n_periods
    from part
    where aggregation = 'none'
    -- Nearly all facts are one cell: those are not grouped.
    union all
    select
        observation_key,
        any_value(city_id),
        any_value(indicator),
        any_value(source_id),
        any_value(spatial_unit),
        any_value(fact_period),
        case any_value(aggregation)
            when 'mean' then favg(obs_value order by time_period, obs_value)
            when 'median' then median(obs_value)
            when 'sum' then fsum(obs_value order by time_period, obs_value)
            when 'min' then min(obs_value)
            when 'max' then max(obs_value)
            when 'last' then max_by(obs_value, time_period)
            when 'count' then count(*)
        end,
        max_by(part.obs_status, severity::integer),
        if(any_value(aggregation) = 'count', 1, count(*))
    from part
    inner join scratch.raw.observation_status as status using (obs_status)
    where aggregation != 'none'
    group by observation_key
)

select
    grown.*,
    try_cast(fact_period as integer) as year,
    if(year is null, fact_period, 'year') as kind,
    dense_rank() over (order by indicator, source_id, city_id, spatial_unit) as series_id,
    indicator.unit_measure,
    value_kind = 'stock' and indicator.unit_measure = 'persons' as is_people,
    ln(max_step) as allowed
from grown
inner join scratch.raw.indicator as indicator using (indicator);

-- Where a source changes what a series is about.
create temp table series_break as
with observation as (
    select
        living.cell, q, series.s, living.city_id, time_period, obs_value, obs_status, source_id,
        spatial_unit, is_population,
        value_kind = 'stock' and unit_measure = 'persons' and freq = 'A'
        and obs_value > 0 and time_period ~ '\d{4}' as is_people
    from living
    inner join series using (q, s)
    where
        point is null and living.city_id is not null
        and cell not in (select implausible.cell from implausible)
),

step as (
    select
        s, source_id, spatial_unit, city_id, time_period, is_population,
        time_period::integer as year,
        ln(obs_value) as log_value,
        year - lag(year) over in_time as years,
        log_value - lag(log_value) over in_time as log_step,
        (lag(log_value) over in_time - lag(log_value, 2) over in_time)
        / (lag(year) over in_time - lag(year, 2) over in_time) as growth_before,
        (lead(log_value) over in_time - log_value) / (lead(year) over in_time - year)
            as growth_after
    from observation
    where is_people
    window in_time as (partition by s, city_id order by time_period)
),

hop as (
    select
        s, city_id, time_period,
        if(
            bool_or(is_population) over (
                partition by source_id, spatial_unit, city_id, time_period
            ),
            'boundary', 'unexplained'
        ) as break_kind
    from step
    where
        abs(log_step) > ln(1.3) and abs(log_step) / years > 0.1
        and coalesce(growth_before, growth_after) is not null
        and coalesce(abs(growth_before), 0) < 0.05 and coalesce(abs(growth_after), 0) < 0.05
        and ((growth_before is not null and growth_after is not null) or years <= 3)
),

country as (
    select
        q, city_id, time_period,
        abs(log_value - lag(log_value) over in_time) as own_step,
        abs(stretch.log_level - lag(stretch.log_level) over in_time) as country_step
    from stretch_cell
    inner join stretch using (q, country, stretch)
    semi join observation using (cell)
    window in_time as (partition by q, city_id order by time_period)
),

decimal as (
    select
        q, city_id, time_period,
        run - lag(run) over (partition by q, city_id order by time_period) as runs
    from decimal_run
    semi join observation using (cell)
),

-- Two delimitations of one boundary, one after the other, as declared.
seam as (
    select
        observation.s, observation.city_id,
        min(observation.time_period) as time_period
    from observation
    inner join (
        select distinct s, source_id, spatial_unit, value_kind, unit_measure
        from series
    ) as kind using (s)
    inner join scratch.intermediate.int_city as city using (city_id)
    inner join scratch.raw.source_boundary as later
        on
            kind.source_id glob later.source_id and later.boundary = kind.spatial_unit
            and later.country_iso2 = city.country_iso2
    inner join scratch.raw.source_boundary as earlier
        on
            kind.source_id glob earlier.source_id and earlier.boundary = later.boundary
            and earlier.country_iso2 = later.country_iso2
            and earlier.last_year = later.first_year - 1
    where
        value_kind = 'stock' and unit_measure = 'persons'
        and try_cast(time_period as integer) >= later.first_year
    group by all
),

every_break as (
    from hop
    union all
    select *, 'boundary'
    from seam
    union all
    select
        s, city_id, time_period,
        'definition'
    from observation
    where obs_status = 'B'
    union all
    select
        s, city_id, time_period,
        'unexplained'
    from country
    inner join series using (q)
    where own_step > ln(2.0) and country_step > ln(1.3)
    union all
    select
        s, city_id, time_period,
        'unexplained'
    from decimal
    inner join series using (q)
    where runs = 1
)

select
    source_id, indicator, spatial_unit, city_id, time_period as fact_period,
    min(break_kind) as break_kind
from every_break
inner join (select distinct s, source_id, indicator, spatial_unit from series) as named using (s)
group by all;

-- Parts of a series on one side of a boundary break that another source, nearer to the gazetteer,
-- has otherwise in all common years.
create temp table contradicted as
with part_of_series as (
    select
        fact.*,
        len(list_filter(breaks, lambda period: period <= fact_period)) as side_of_break
    from fact
    inner join (
        select
            source_id, indicator, spatial_unit, city_id,
            list(fact_period) as breaks
        from series_break
        where break_kind = 'boundary'
        group by all
    ) as broken using (source_id, indicator, spatial_unit, city_id)
    inner join scratch.raw.indicator as declared using (indicator)
    where kind = 'year' and obs_value > 0 and (gazetteer_comparable or population_hint)
)

select observation_key
from part_of_series
inner join (
    select one.series_id, one.side_of_break
    from part_of_series as one
    inner join fact as other using (city_id, indicator, spatial_unit, year)
    inner join scratch.intermediate.int_city as city using (city_id)
    where
        other.source_id != one.source_id and other.obs_value > 0
        and other.obs_status != 'F'
        and gazetteer_population >= 300 and other.fact_period >= '1970'
    group by all
    having
        min(abs(ln(one.obs_value / other.obs_value))) > ln(1.5)
        and avg(abs(ln(one.obs_value / gazetteer_population)))
        > avg(abs(ln(other.obs_value / gazetteer_population)))
) as otherwise using (series_id, side_of_break);

create temp table standing as
from fact
anti join contradicted using (observation_key);

-- Of a figure that several sources state, one series is the base, and another may carry it on.
create temp table rival as
with spans as (
    select
        series_id, kind,
        any_value(city_id) as city_id,
        any_value(indicator) as indicator,
        any_value(spatial_unit) as spatial_unit,
        any_value(source_id) as source_id,
        count(*) as n_periods,
        min(year) filter (where obs_status != 'F') as first_year,
        max(year) filter (where obs_status != 'F') as last_year
    from standing as fact
    group by series_id, kind
),

covered as (
    select
        *,
        n_periods < 0.5 * max(n_periods) over same_figure as is_sparse,
        count(*) over same_figure as n_sources
    from spans
    window same_figure as (partition by city_id, indicator, spatial_unit, kind)
    qualify n_sources > 1
)

select
    covered.*, source_rank,
    row_number() over (
        same_figure
        order by
            is_sparse, source_rank, n_periods desc, last_year desc nulls last, edition desc,
            source_id
    ) as preference,
    first_value(series_id) over (
        same_figure
        order by
            is_sparse, source_rank, n_periods desc, last_year desc nulls last, edition desc,
            source_id
    ) as base_id
from covered
inner join (
    select source_id, source_rank, edition
    from scratch.raw.source
) using (source_id)
window same_figure as (partition by city_id, indicator, spatial_unit, kind);

create temp table preferred as
with other as (
    select theirs.series_id, theirs.base_id, theirs.preference, base.first_year, base.last_year
    from rival as theirs
    inner join rival as base on base.series_id = theirs.base_id and base.kind = theirs.kind
    where theirs.preference > 1 and theirs.kind = 'year' and base.first_year is not null
),

common as (
    select
        other.series_id,
        max(abs(ln(theirs.obs_value / ours.obs_value))) as distance
    from other
    inner join standing as theirs using (series_id)
    inner join standing as ours on ours.series_id = base_id and ours.year = theirs.year
    where theirs.obs_value > 0 and ours.obs_value > 0
    group by all
),

seam as (
    select
        other.series_id, base_id, preference, side, edge.year as edge_year,
        edge.obs_value as edge_value,
        min(abs(theirs.year - edge.year)) as gap,
        arg_min(theirs.obs_value, abs(theirs.year - edge.year)) as next_value
    from other
    cross join (select unnest(['before', 'after']) as side) as side
    inner join standing as edge
        on edge.series_id = base_id and edge.year = if(side = 'after', last_year, first_year)
    inner join standing as theirs on theirs.series_id = other.series_id
    where
        theirs.obs_status != 'F'
        and if(side = 'after', theirs.year > edge.year, theirs.year < edge.year)
    group by all
),

extension as (
    select
        base_id, side, edge_year,
        arg_min(series_id, preference) as series_id
    from seam
    left join common using (series_id)
    where
        next_value > 0 and edge_value > 0
        and abs(ln(next_value / edge_value)) <= ln(1.25) and gap <= 10
        and coalesce(distance, 0) <= ln(1.1)
    group by all
),

described as (
    select
        observation_key, year,
        obs_status = 'F' as is_forecast,
        rival.*, base.source_id as base_source, side,
        max(year) filter (
            where obs_status != 'F' and (rival.preference = 1 or side is not null)
        ) over (partition by rival.base_id, rival.kind) as counted_until
    from standing as fact
    inner join rival using (series_id, kind)
    inner join rival as base on base.series_id = rival.base_id and base.kind = rival.kind
    left join extension
        on
            extension.series_id = fact.series_id and fact.kind = 'year' and obs_status != 'F'
            and if(side = 'after', year > edge_year, year < edge_year)
)

select
    observation_key,
    if(
        preference > 1, side is not null, not is_forecast or year > coalesce(counted_until, 0)
    ) as is_preferred,
    case
        when preference = 1 and is_preferred
            then 'base series: best of ' || n_sources || ' sources by declared rank ' || source_rank
        when preference = 1 then 'forecast of a year that another source has counted'
        when is_preferred
            then 'carries ' || base_source || ' on ' || side || ' its span: both agree'
        when is_sparse then 'few years beside ' || base_source
        else 'series of ' || base_source || ' comes first by rank, coverage or recency'
    end as preferred_reason
from described
union all
select
    observation_key,
    false,
    'of another area than the rest of its series, as another source shows'
from contradicted;

-- Facts that do not simply carry on what stands before them.
create temp table fact_break as
with own as (
    select
        fact.*,
        coalesce(is_preferred, true) as is_preferred,
        preferred.observation_key is not null as is_contested,
        lag(obs_value) over in_series as value_before,
        lag(obs_status) over in_series as status_before,
        lag(year) over in_series as year_before
    from fact
    left join preferred using (observation_key)
    where kind = 'year'
    window in_series as (partition by series_id order by year)
),

carried_on as (
    select
        observation_key,
        lag(obs_value) over in_time as their_value,
        lag(source_id) over in_time as their_source,
        lag(year) over in_time as their_year,
        true as is_carried_on
    from own
    where is_contested and is_preferred
    window in_time as (partition by indicator, city_id, spatial_unit order by year)
),

described as (
    select
        own.* replace (
            if(is_carried_on, their_value, value_before) as value_before,
            if(is_carried_on, their_year, year_before) as year_before
        ),
        coalesce(their_source, source_id) != source_id as is_other_source,
        (obs_status = 'D') != (status_before = 'D') as is_redefined
    from own
    left join carried_on using (observation_key)
),

measured as (
    select
        *,
        if(value_before > 0 and obs_value > 0, obs_value / value_before, null) as ratio
    from described
    where value_before is not null
)

select
    observation_key,
    case
        when is_other_source then 'source'
        when break_kind is not null then break_kind
        when obs_status = 'B' or is_redefined then 'definition'
        else 'unexplained'
    end as break_before
from measured
left join series_break using (source_id, indicator, spatial_unit, city_id, fact_period)
where
    is_other_source or break_kind is not null or obs_status = 'B' or is_redefined
    or abs(ln(ratio)) >= allowed
    or (
        is_people and abs(ln(ratio)) >= ln(1.5)
        and abs(ln(ratio)) >= 0.1 * (year - year_before)
    );

create table fct_observation as
select
    city_id, indicator, source_id, spatial_unit, fact_period as time_period, year, obs_value,
    unit_measure, obs_status,
    n_periods::integer as n_periods,
    coalesce(is_preferred, true) as is_preferred,
    coalesce(preferred_reason, 'only source') as preferred_reason,
    break_before, series_id, observation_key
from fact
left join preferred using (observation_key)
left join fact_break using (observation_key)
order by observation_key;

create table bridge_observation_cell as
select content_id, row_number, column_name, observation_key
from part
inner join cell on cell.rowid = part.cell
order by observation_key;

create table fct_source_cell as
with late as (
    from twice
    union all
    from edge
    union all
    select
        cell,
        {'what': 'rejected', 'why': why}
    from implausible
    union all
    select
        cell,
        {'what': 'filtered', 'why': 'withheld_series'}
    from living
    inner join series using (q, s)
    where verdict = 'withheld' and cell not in (select implausible.cell from implausible)
    union all
    select
        cell,
        {'what': 'filtered', 'why': 'incomplete_year'}
    from passed
    where
        cell not in (select part.cell from part)
        and (city_id is not null or time_period != fact_period)
)

select
    content_id, row_number, column_name, source_id, resource, indicator, indicator_code, network,
    organisation, to_ref_area, time_period, freq, spatial_unit, value_text,
    coalesce(obs_value = try_cast(value_text as double), false) as is_as_written,
    if(is_as_written, null, obs_value) as other_value, obs_status, label_id,
    coalesce(coalesce(cell.early, late.early).what, 'published') as disposition,
    coalesce(cell.early, late.early).why as reason,
    if(cell.early.why = 'reference', null, ref_area) as ref_area_label,
    ref_area_code, country as country_label
from cell
left join late on late.cell = cell.rowid
order by content_id, row_number, column_name;

create table fct_row_ledger as
with counted as (
    select
        source_id, disposition,
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
    build_id, counted.source_id, disposition, reason, cells,
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
    coalesce(english.name, city.name) as name,
    country_iso2, admin1, latitude, longitude
from scratch.intermediate.int_city as city
left join scratch.intermediate.int_city__english_name as english using (city_id);

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
    fact.city_id, city.name as city, city.country_iso2, country.name as country, city.admin1,
    city.latitude, city.longitude, indicator.theme, fact.indicator,
    indicator.name as indicator_name, indicator.concept, fact.spatial_unit, fact.time_period,
    fact.year, fact.obs_value, fact.unit_measure, fact.obs_status, fact.is_preferred,
    fact.break_before, fact.source_id, source.publisher, source.title as source_title,
    source.authority, source.licence, source.may_redistribute, source.attribution, fact.series_id,
    fact.observation_key
from fct_observation as fact
inner join dim_city as city using (city_id)
inner join dim_country as country on country.country_iso2 = city.country_iso2
inner join dim_indicator as indicator using (indicator)
inner join dim_source as source using (source_id)
where fact.obs_status != 'F';
