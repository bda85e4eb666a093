-- Grain: label, with its decision and the reason, as `cities.resolve` returns it.
with member_list as (
    select
        label_id,
        list(distinct city_id order by city_id) as member_city_ids
    from member
    group by label_id
)

select
    settled.label_id,
    label.source_id,
    label.code_scheme,
    label.ref_area_code,
    label.other_code_scheme,
    label.other_code,
    coalesce(label.written, label.ref_area) as ref_area,
    -- As the source gives it: what a person's decision is about, and what a person looks at.
    label.ref_area as given_ref_area,
    label.country as given_country,
    label.admin1 as given_admin1,
    label.lat as latitude,
    label.lon as longitude,
    label.stated_population as population,
    settled.city_id,
    label.spatial_unit,
    -- Of a former state, the country in which the city lies now.
    coalesce(label.country_iso2, place.country_iso2) as country_iso2,
    case
        -- Readers have a city for it: why they lose it.
        when settled.city_id is null and previous_in.city_id is not null and outcome != 'not_a_city'
            then 'link_fell+' || case
                when is_contested then 'contested'
                when is_without_candidate then 'no_candidate'
                else 'not_probable_enough'
            end
        when is_contested then null
        when own_city_id is not null then settled.method
        when settled.outcome = 'not_a_city' then if(is_reviewed, 'reviewed', not_city_kind)
        when shared_city_id is not null then 'shared_code'
    end as method,
    case
        when is_contested then null
        when own_city_id is not null
            then if(
                is_reviewed or settled.method in ('register_code', 'identity')
                or is_point,
                1.0, round(best_probability, 4)
            )
        when shared_city_id is not null then round(coalesce(shared_probability, 1.0), 4)
    end as probability,
    case
        when is_contested then 'in_review'
        when shared_city_id is not null then 'resolved'
        else settled.outcome
    end as outcome,
    settled.reviewed_by,
    settled.review_reason,
    if(is_contested, null, member_list.member_city_ids) as member_city_ids,
    if(
        settled.city_id is null,
        to_json(coalesce(near_miss.candidates, excluded.candidates, []))::varchar, null
    ) as candidates
from settled
inner join label using (label_id)
left join member_list using (label_id)
left join near_miss using (label_id)
left join excluded using (label_id)
left join previous_in on previous_in.label_id = settled.label_id
left join place on place.city_id = coalesce(settled.own_city_id, settled.shared_city_id)
