-- Grain: label. Its name and place as the source or the code list gives them, and the parts of the
-- text that are no name.
with written as (
    select
        label_code.* exclude (population),
        nullif(try_cast(label_code.population as double), 0) as stated_population,
        code_population.code_population,
        coalesce(code_label, ref_area) as written,
        coalesce(country, code_country, prefix_country, stated_place.country_iso2) as country_text,
        try_cast(coalesce(latitude, code_latitude) as double) as lat,
        try_cast(coalesce(longitude, code_longitude) as double) as lon
    from label_code
    left join stated_place using (label_id)
    left join code_population
        on
            code_population.ref_area_code = label_code.ref_area_code
            and code_population.code_scheme is not distinct from label_code.code_scheme
)

select
    written.* replace (
        coalesce(
            spatial_unit_of(written, country_text, is_point),
            if(by_code, spatial_unit_of_code(ref_area_code, country_text, is_point), null),
            spatial_unit
        ) as spatial_unit
    ),
    -- The text may have been encoded twice; what is left out of it says no name.
    leave_out(coalesce(mended_text.mended, written), country_text, is_point) as bare,
    states_at_the_end(bare) as state_text,
    -- The first state is the principal city's.
    nullif(regexp_extract(state_text, '([A-Z]{2})', 1), '') as written_state,
    -- What stands last, in brackets or after a comma: it may be an admin unit.
    leave_out_of_admin(last_name_of(written), country_text, is_point) as last_name
from written
left join mended_text using (written)
