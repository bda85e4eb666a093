-- Grain: label, decided by itself: by a person, by the register, or by the evidence.
select
    label.label_id,
    best.probability as best_probability,
    best.label_id is null as is_without_candidate,
    not_city.kind as not_city_kind,
    reviewed.label_id is not null as is_reviewed,
    reviewed.reviewed_by,
    reviewed.review_reason,
    country_text is null and not is_point and reviewed.label_id is null
    and registered.city_id is null as is_by_name_alone,
    case
        when reviewed.label_id is not null then reviewed.city_id
        when registered.city_id is not null then registered.city_id
        when spatial_unit = 'country' or not_city.kind is not null then null
        when is_point then coalesce(best.named, catchment_city.city_id)
        when held.label_id is not null then best.city_id
        when country_text is null
            then
                case
                    when
                        without_country != 'reject' and best.probability >= threshold.link_by_name
                        and not best.is_doubtful
                        then best.city_id
                    when without_country = 'dominant' and best.is_dominant then best.largest
                    -- Where a source means few countries, they are as good as one.
                    when countries is not null and best.n_named = 1 then best.city_id
                end
        when best.probability >= threshold.link and not best.is_doubtful then best.city_id
    end as city_id,
    case
        when reviewed.city_id is not null or registered.city_id is not null then 'resolved'
        when reviewed.label_id is not null then 'not_a_city'
        -- A country is context: known by itself, and no city.
        when spatial_unit = 'country' then if(country_iso2 is null, 'country_unknown', 'resolved')
        when not_city.kind is not null then 'not_a_city'
        when by_code and code_label is null and country_text is null and ref_area is null
            then 'code_unknown'
        when is_point
            then
                case
                    when country_text is not null and not is_known then 'country_unknown'
                    when coalesce(best.named, catchment_city.city_id) is null
                        then 'no_city_within_reach'
                    else 'resolved'
                end
        when country_text is not null and not is_known then 'country_unknown'
        when held.label_id is not null then 'resolved'
        when country_text is null
            then
                case
                    when without_country = 'reject' then 'country_unknown'
                    when best.probability >= threshold.link_by_name and not best.is_doubtful
                        then 'resolved'
                    when without_country = 'dominant' and best.is_dominant then 'resolved'
                    when countries is not null and best.n_named = 1 then 'resolved'
                    when best.n_named > 0 then 'city_ambiguous'
                    else 'city_unknown'
                end
        when best.probability >= threshold.link and not best.is_doubtful then 'resolved'
        when best.probability >= threshold.review then 'in_review'
        when best.n_named > 1 then 'city_ambiguous'
        when by_code and code_label is null and ref_area is null then 'code_unknown'
        else 'city_unknown'
    end as outcome,
    case
        when reviewed.label_id is not null then 'reviewed'
        when registered.city_id is not null
            then if(code_scheme.is_register = 'yes', 'identity', 'register_code')
        else concat_ws(
            '+',
            if(by_code and code_label is not null, 'code', null),
            case
                when is_point and best.named is null then 'city_within_reach'
                when best.name_level like 'several%' then 'principal_city'
                when best.name_level like 'similar%' then 'similar_name'
                when best.name_level = 'nearby' then 'place'
                else 'name'
            end,
            case
                when country_text is null then 'dominant'
                when best.country_level = 'territory' then 'territory'
                else 'country'
            end,
            -- A list of the country's cities has the name for this place.
            if(best.is_official and not is_point, 'official', null),
            if(admin_code is not null, 'admin1', null),
            if(lat is not null, 'coordinates', null),
            if(best.population_level like 'within%', 'population', null),
            if(held.is_kept and not is_point, 'kept', null)
        )
    end as method
from label
cross join threshold
left join code_scheme on code_scheme.scheme = label.code_scheme
left join best using (label_id)
left join held using (label_id)
left join catchment_city using (label_id)
left join registered using (label_id)
left join not_city using (label_id)
left join reviewed using (label_id)
