-- Grain: label with a name: what is written without the state that it ends in.
with ends_in_state as (
    select country_iso2 from state_suffix
    union
    select territory.territory_iso2
    from state_suffix
    inner join territory using (country_iso2)
)

select
    label.label_id,
    label.country_iso2,
    label.is_point,
    trim(if(ends_in_state.country_iso2 is null, label.bare, without_states(label.bare))) as written
from label
left join ends_in_state using (country_iso2)
where label.written is not null
