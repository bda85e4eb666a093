-- What lists, brackets and the other parts of a label say of what it means, before any candidate is
-- scored.

-- Of "Nuneaton and Bedworth" both are towns, near each other: then the first is a town's name, too.
create table accompanied as
select distinct
    named_candidate.label_id,
    named_candidate.city_id
from named_candidate
inner join place using (city_id)
inner join label_part using (label_id)
inner join place_name
    on place_name.country_iso2 = place.country_iso2 and place_name.name = label_part.name
inner join place as companion on companion.city_id = place_name.city_id
anti join place_name as own
    on own.city_id = named_candidate.city_id and own.name = label_part.name
where
    named_candidate.rank >= 3
    and kilometres(place.latitude, place.longitude, companion.latitude, companion.longitude) < 80;

-- Of which official cities and divisions a label has the name; of several, in its admin unit.
-- Grain: label × entry.
create table official_meaning as
select
    label_name.label_id,
    official_name.kind,
    official_name.city_id,
    coalesce(coalesce(label.admin_code, label.likely_admin) = official_name.admin1, true)
        as is_there
from label_name
inner join label using (label_id)
inner join label_country using (label_id)
inner join official_name
    on
        official_name.country_iso2 = label_country.country_iso2
        and squeezed(official_name.name) = squeezed(label_name.name)
where label_name.rank <= 2
qualify is_there or not bool_or(is_there) over (partition by label_name.label_id);

-- Labels that bear the name of a region: another name of a town may be the region's.
create table region_named as
select distinct label_name.label_id
from label_name
inner join label_country using (label_id)
inner join subdivision_name
    on
        subdivision_name.country_iso2 = label_country.country_iso2
        and normalised(subdivision_name.name) = label_name.name
where
    label_name.rank = 1
    and not regexp_matches(lower(subdivision_name.kind), 'city|municipal|capital|town');

-- "Aligarh (Jagraon)" lies where there is a Jagraon. Grain: label.
create table bracketed as
select
    label_name.label_id,
    list(distinct place.admin1) as admin1s
from label_name
inner join label_country using (label_id)
inner join place_name
    on
        place_name.country_iso2 = label_country.country_iso2
        and place_name.short_name = squeezed(label_name.name)
inner join place using (city_id)
-- A town of some size tells where; a village of that name does not.
where
    label_name.rank = 4 and length(label_name.name) >= 4
    and place.admin1 is not null and place.population >= 10000
group by label_name.label_id;

-- Where code lists have places of the label's name: a town that the gazetteer lacks is no misspelt
-- other one. A label with coordinates knows better, and an entry by itself tells nothing new.
-- Grain: label × entry.
create table listing as
with entry as (
    select
        code.country as country_iso2,
        normalised(code.label) as name,
        iso_admin.admin1,
        try_cast(code.latitude as double) as latitude,
        try_cast(code.longitude as double) as longitude
    from code
    left join iso_admin
        on iso_admin.country_iso2 = code.country and iso_admin.subdivision = code.admin1
    where code.latitude is not null or iso_admin.admin1 is not null
)

select
    label_name.label_id,
    entry.admin1,
    entry.latitude,
    entry.longitude
from label_name
inner join label using (label_id)
inner join label_country using (label_id)
inner join entry
    on entry.country_iso2 = label_country.country_iso2 and entry.name = label_name.name
where
    label_name.rank <= 2 and label_country.is_own
    and label.lat is null and not label.by_code
    and coalesce(label.admin_code = entry.admin1, true)
qualify label_name.rank = min(label_name.rank) over (partition by label_name.label_id);
