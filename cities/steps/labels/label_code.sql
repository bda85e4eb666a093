-- Grain: label, with its source's rule and what the source's code list has of its codes.
select
    label_in.*,
    source_rule.resolve_by = 'reach' as is_point,
    source_rule.reach_km as catchment_km,
    source_rule.near_km,
    source_rule.without_country,
    source_rule.countries,
    source_rule.codelist is not null as by_code,
    coalesce(own.label, other.label) as code_label,
    coalesce(own.country, other.country) as code_country,
    coalesce(own.admin1, other.admin1) as code_admin1,
    coalesce(own.latitude, other.latitude) as code_latitude,
    coalesce(own.longitude, other.longitude) as code_longitude,
    -- The second code counts first: a source gives it where its own says less.
    case
        when label_in.other_code is null
            then left(label_in.ref_area_code, own_scheme.country_prefix)
        else left(label_in.other_code, other_scheme.country_prefix)
    end as prefix_country
from label_in
inner join source_rule using (source_id)
left join code_entry as own
    on own.codelist = source_rule.codelist and own.code = label_in.ref_area_code
left join code_entry as other
    on other.codelist = source_rule.codelist and other.code = label_in.other_code
left join code_scheme as own_scheme on own_scheme.scheme = label_in.code_scheme
left join code_scheme as other_scheme on other_scheme.scheme = label_in.other_code_scheme
