-- Grain: label × key of the first name of several; of a polycentric unit it is the principal city.
with several as (
    select
        label_id,
        written,
        leave_out_before_first(written, country_iso2, is_point) as without_prefix
    from bare_name
    anti join hyphenated_name using (label_id)
    where names_several(written)
),

first as (
    select
        label_id,
        unnest(first_names(written, without_prefix)) as written
    from several
)

select distinct
    label_id,
    name_key(written) as name
from first
