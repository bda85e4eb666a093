-- Grain: label × key of its name × key of a place's name that is the same, or folded: the same but
-- for spaces and umlauts.
select
    placed_name.label_id,
    placed_name.rank,
    placed_name.name,
    placed_name.is_own,
    placed_name.has_list,
    place_name.city_id,
    place_name.is_main,
    place_name.is_shortened,
    place_name.name != placed_name.name as is_folded
from placed_name
inner join place_name using (country_iso2, short_name)
-- Two letters stand for an umlaut in one of the names, not in both ("Kocaeli", "Kocaali"), and no
-- aa of pinyin is one letter.
where
    place_name.name = placed_name.name
    or (
        length(placed_name.short_name) >= 4
        and (
            replace(placed_name.name, ' ', '') = replace(place_name.name, ' ', '')
            or (
                (
                    replace(placed_name.name, ' ', '') = placed_name.short_name
                    or replace(place_name.name, ' ', '') = place_name.short_name
                )
                and not (
                    placed_name.has_list and contains(placed_name.name || place_name.name, 'aa')
                )
            )
        )
    )
union all
-- A label without a country is looked for anywhere that its source allows.
select
    label_name.label_id,
    label_name.rank,
    label_name.name,
    true,
    false,
    place_name.city_id,
    place_name.is_main,
    place_name.is_shortened,
    false
from label_name
inner join label using (label_id)
inner join place_name using (name)
where
    label.country_text is null and label.without_country != 'reject'
    and (label.countries is null or list_contains(label.countries, place_name.country_iso2))
