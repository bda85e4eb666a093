-- One row per cell (cell_id) that loses against another cell of its source with the same key.
-- Same key and value: duplicate. Same key, other value: the newest edition; what carries its series
-- on; of two labels of one city its main name (Helsinki, not Helsingfors); of values that differ by
-- a rounding the one with most digits; else ambiguous.
with candidate as (
    select
        cell_id,
        city_id,
        country_iso2,
        indicator,
        source_id,
        spatial_unit,
        time_period,
        -- Points are counted: each is its own observation of the city.
        point,
        obs_value,
        hash(city_id, country_iso2, indicator, source_id, spatial_unit, time_period, point)
            as key_hash
    from {{ ref('int_cell__candidate') }}
    where not is_impossible
),

-- Few keys have several cells. Only those are compared in full.
repeated as (
    select key_hash
    from candidate
    group by key_hash
    having count(*) > 1
),

described as (
    select
        candidate.*,
        cell.edition_order,
        cell.content_id,
        cell.row_number,
        cell.column_name,
        cell.label_id,
        case
            when label.ref_area = city.name then 4
            when name_key(label.ref_area) in (name_key(city.name), name_key(english.name)) then 2
            else 0
        end as name_level,
        continued.cell_id is not null as is_continued,
        coalesce(continued.is_of_counts, false) as is_of_counts,
        length(regexp_replace(cell.value_text, '\D', '', 'g')) as digits,
        -- Half a unit of its last digit behind the point: 11 may be 10.83.
        coalesce(
            abs(candidate.obs_value / nullif(try_cast(cell.value_text as double), 0))
            * 0.5 / pow(10, len(rtrim(regexp_extract(cell.value_text, '\.(\d+)$', 1), '0'))), 0
        ) as rounding
    from candidate
    semi join repeated on repeated.key_hash = candidate.key_hash
    inner join {{ ref('stg_cell') }} as cell on cell.rowid = candidate.cell_id
    left join {{ ref('int_cell__continued') }} as continued
        on continued.cell_id = candidate.cell_id
    left join {{ source('raw', 'resolution') }} as label on label.label_id = cell.label_id
    left join {{ ref('int_city') }} as city on city.city_id = candidate.city_id
    left join {{ ref('int_city__english_name') }} as english
        on english.city_id = candidate.city_id
),

-- What carries a series on is asked of one label alone: two labels have two series.
placed as (
    select
        *,
        is_continued and min(label_id) over same_key = max(label_id) over same_key as is_settling,
        name_level + is_settling::integer as precedence
    from described
    window same_key as (
        partition by
            city_id, country_iso2, indicator, source_id, spatial_unit, time_period, point
    )
),

ranked as (
    select
        *,
        coalesce(edition_order, '')
        = coalesce(max(edition_order) over same_key, '') as is_newest,
        row_number() over (
            same_key
            order by
                edition_order desc nulls last, precedence desc, digits desc,
                content_id, row_number, column_name
        ) as position
    from placed
    window same_key as (
        partition by
            city_id, country_iso2, indicator, source_id, spatial_unit, time_period, point
    )
),

preferred as (
    select
        *,
        is_newest and precedence = max(precedence) filter (where is_newest) over (
            partition by
                city_id, country_iso2, indicator, source_id, spatial_unit, time_period, point
        ) as is_preferred
    from ranked
),

compared as (
    select
        *,
        first_value(obs_value) over (same_key order by position) as first_of_key,
        max(obs_value - rounding) filter (where is_preferred) over same_key
        > min(obs_value + rounding) filter (where is_preferred) over same_key
        and max(obs_value) filter (where is_preferred) over same_key
        - min(obs_value) filter (where is_preferred) over same_key
        > {{ var('rounding_share') }}
        * abs(min(obs_value) filter (where is_preferred) over same_key) as is_contested,
        min(label_id) filter (where is_preferred) over same_key
        != max(label_id) filter (where is_preferred) over same_key as has_two_labels,
        is_newest and bool_or(is_settling and is_newest) over same_key as is_settled,
        bool_or(is_of_counts and is_settling) over same_key as is_count
    from preferred
    window same_key as (
        partition by
            city_id, country_iso2, indicator, source_id, spatial_unit, time_period, point
    )
)

select
    cell_id,
    case
        when is_preferred and is_contested then 'rejected'
        when obs_value = first_of_key then 'duplicate'
        when is_preferred then 'filtered'
        when is_settled and not is_count then 'rejected'
        else 'filtered'
    end as disposition,
    case
        when is_preferred and is_contested
            then if(has_two_labels, 'two_labels_one_city', 'ambiguous_in_source')
        when obs_value = first_of_key then 'same_key_and_value'
        when is_preferred then 'same_figure_rounded'
        when is_settled and is_count then 'other_count_of_the_year'
        when is_settled then 'breaks_with_its_series'
        when is_newest then 'other_name_of_city'
        else 'superseded_in_source'
    end as reason
from compared
where position > 1 or (is_preferred and is_contested)
