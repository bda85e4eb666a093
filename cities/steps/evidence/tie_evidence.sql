-- Grain: label without a country × candidate that has partners. How much likelier a city of the
-- candidate's country has partners in these countries than any city has: French towns are tied to
-- German ones, and hardly any town to one of its own country. Partners are no independent
-- witnesses, so that all of them say no more than 1.5 (a logarithm).
with partner as (
    select
        tie.label_id,
        sure_country.source_id,
        sure_country.country_iso2 as other_country
    from tie
    inner join label using (label_id)
    inner join sure_country on sure_country.label_id = tie.other_label_id
    where label.country_text is null and not label.is_point
),

of_country as (
    select distinct
        source_id,
        country_iso2,
        ties_of_country
    from tie_count
),

of_other as (
    select distinct
        source_id,
        other_country,
        share_of_other
    from tie_count
)

select
    found_candidate.label_id,
    found_candidate.city_id,
    -- As if two more ties of the country had been like any other.
    greatest(least(sum(ln(
        (coalesce(tie_count.ties, 0) + 2 * of_other.share_of_other)
        / (coalesce(of_country.ties_of_country, 0) + 2) / of_other.share_of_other
    )), 1.5), -1.5) as affinity
from found_candidate
inner join place using (city_id)
inner join partner using (label_id)
inner join of_other using (source_id, other_country)
left join of_country
    on
        of_country.source_id = partner.source_id
        and of_country.country_iso2 = place.country_iso2
left join tie_count
    on
        tie_count.source_id = partner.source_id
        and tie_count.country_iso2 = place.country_iso2
        and tie_count.other_country = partner.other_country
group by all
