-- A stratified draw of cells of the attached release, with what a person needs to judge them.
-- Variables: published and withheld (cells to draw), smallest (of each stratum), seed.
-- Grain: drawn cell. Above 150 lines: one draw, whose two samples share strata and columns.
with universe as (
    select
        cell.*,
        if(disposition = 'published', 'published', 'withheld') as sample,
        if(disposition = 'published', source_id, reason) as stratum
    from fct_source_observation as cell
    where
        indicator is not null and obs_value is not null
        and (
            (disposition = 'published' and city_id is not null)
            or disposition = 'rejected' or reason = 'withheld_series'
        )
),

counted as (
    select
        sample,
        stratum,
        count(*) as cells
    from universe
    group by all
),

-- In proportion to the strata, but no stratum with less than a few.
allotted as (
    select
        *,
        least(cells, greatest(
            getvariable('smallest'),
            round(
                if(sample = 'published', getvariable('published'), getvariable('withheld')) * cells
                / sum(cells) over (partition by sample)
            )
        ))::bigint as to_draw
    from counted
),

-- Every so-manieth cell: indicators and countries share the draw as they share the stratum.
ordered as (
    select
        universe.*,
        allotted.cells,
        allotted.to_draw,
        row_number() over (
            partition by universe.sample, universe.stratum
            order by
                universe.source_id, universe.indicator, universe.country_label,
                hash(
                    universe.content_id,
                    universe.row_number,
                    universe.column_name,
                    getvariable('seed')
                )
        ) - 1 as place
    from universe
    inner join allotted using (sample, stratum)
),

drawn as (
    select
        *,
        cells / to_draw as weight
    from ordered
    where floor((place + 1) * to_draw / cells) > floor(place * to_draw / cells)
),

written as (
    select
        drawn.*,
        drawn.ref_area_label as label,
        drawn.ref_area_code as code,
        drawn.country_label as label_country,
        label.candidates,
        label.outcome,
        label.probability
    from drawn
    left join dim_label as label on label.label_id = drawn.label_id
),

-- What the same label says near by.
near as (
    select
        written.content_id,
        written.row_number,
        written.column_name,
        string_agg(
            other.time_period || ': ' || other.obs_value
            || if(other.disposition = 'published', '', ' (' || coalesce(other.reason, '') || ')'),
            '; ' order by other.time_period
        ) as neighbours
    from written
    inner join fct_source_observation as other
        on
            other.label_id = written.label_id and other.indicator = written.indicator
            and other.source_id = written.source_id
            and abs(
                try_cast(left(other.time_period, 4) as integer)
                - try_cast(left(written.time_period, 4) as integer)
            ) between 0 and 4
            and other.obs_value is not null
    group by all
),

-- What other sources, and the same source for other boundaries, say of the city.
elsewhere as (
    select
        written.content_id,
        written.row_number,
        written.column_name,
        string_agg(
            concat_ws(
                ' ', fact.source_id, fact.spatial_unit, fact.time_period || ':', fact.obs_value
            ),
            '; ' order by fact.source_id, fact.spatial_unit, fact.time_period
        ) as other_sources
    from written
    inner join dim_indicator as measured on measured.indicator = written.indicator
    inner join dim_indicator as alike on alike.concept = measured.concept
    inner join fct_observation as fact
        on
            fact.city_id = written.city_id and fact.indicator = alike.indicator
            and (
                fact.source_id != written.source_id or fact.spatial_unit != written.spatial_unit
            )
            and (
                fact.year is null
                or abs(fact.year - try_cast(left(written.time_period, 4) as integer)) <= 2
            )
    group by all
)

select
    written.sample,
    written.stratum,
    written.weight,
    written.source_id,
    written.label,
    written.code,
    written.label_country,
    written.city_id,
    city.name as city,
    city.country_iso2,
    city.gazetteer_population,
    written.indicator,
    indicator.unit_measure,
    written.spatial_unit,
    written.time_period,
    written.value_text,
    written.obs_value,
    written.obs_status,
    written.disposition,
    written.reason,
    near.neighbours,
    elsewhere.other_sources,
    written.outcome,
    written.probability,
    written.candidates,
    written.content_id,
    content.parse_version,
    written.row_number,
    written.column_name
from written
inner join dim_content as content on content.content_id = written.content_id
left join dim_city as city on city.city_id = written.city_id
left join dim_indicator as indicator on indicator.indicator = written.indicator
left join near
    on
        near.content_id = written.content_id and near.row_number = written.row_number
        and near.column_name = written.column_name
left join elsewhere
    on
        elsewhere.content_id = written.content_id and elsewhere.row_number = written.row_number
        and elsewhere.column_name = written.column_name
order by
    written.sample, written.stratum, written.source_id, written.indicator, written.label_country,
    written.label, written.time_period, written.content_id, written.row_number, written.column_name
