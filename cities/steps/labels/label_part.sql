-- Grain: label × key of one of the names in the name of a polycentric unit.
with part as (
    select
        label_id,
        unnest(several_names(leave_out_of_parts(written, country_iso2, is_point))) as part
    from label
    where names_several(written)
)

select distinct
    label_id,
    name_key(part) as name
from part
where length(part) > 2
