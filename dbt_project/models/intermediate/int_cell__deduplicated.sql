-- One row per living cell, with the verdict on cells that say something twice.
-- Same key and value: duplicate. Same key, other value: the newest edition, else ambiguous.
with living as (
    select
        *,
        -- Points are counted: each is its own observation of the city.
        md5(concat_ws(
            '|', city_id, indicator, source_id, spatial_unit, time_period,
            if(value_form = 'presence', value_text, '')
        )) as cell_key
    from {{ ref('int_cell__resolved') }}
    where disposition is null
),

ranked as (
    select
        *,
        coalesce(edition_order, '')
        = coalesce(max(edition_order) over (partition by cell_key), '') as is_newest,
        row_number() over (
            partition by cell_key
            order by edition_order desc nulls last, content_id, row_number, column_name
        ) as position
    from living
),

compared as (
    select
        *,
        first_value(obs_value) over (partition by cell_key order by position) as first_of_key,
        min(obs_value) filter (where is_newest) over (partition by cell_key)
        != max(obs_value) filter (where is_newest) over (partition by cell_key) as is_contested,
        min(label_id) filter (where is_newest) over (partition by cell_key)
        != max(label_id) filter (where is_newest) over (partition by cell_key) as has_two_labels
    from ranked
)

select
    * exclude (disposition, reason),
    case
        when is_newest and is_contested then 'rejected'
        when position = 1 then null
        when obs_value = first_of_key then 'duplicate'
        else 'filtered'
    end as disposition,
    case
        when is_newest and is_contested
            then if(has_two_labels, 'two_labels_one_city', 'ambiguous_in_source')
        when position = 1 then null
        when obs_value = first_of_key then 'same_key_and_value'
        else 'superseded_in_source'
    end as reason
from compared
