-- Grain: label × entry of an official list whose name it has; of several, that in its admin unit.
select
    placed_name.label_id,
    official_name.kind,
    official_name.city_id,
    coalesce(coalesce(label.admin_code, label.likely_admin) = official_name.admin1, true)
        as is_there
from placed_name
inner join label using (label_id)
inner join official_name
    on
        official_name.country_iso2 = placed_name.country_iso2
        and squeezed(official_name.name) = placed_name.short_name
where placed_name.rank <= 2
qualify is_there or not bool_or(is_there) over (partition by placed_name.label_id)
