-- Grain: label × candidate, with the sum of its contributions.
select
    label_id,
    city_id,
    -- Rounded, so that the order of a sum is not seen.
    round(
        from_name + from_country + from_admin + from_distance + from_population + from_official
        + from_listed + from_size + from_size_if_similar + from_unknown_size + from_name_count
        + from_usual_size + from_tie + from_seat + from_name_length + from_common_name
        + from_coordinate_error + from_population_mismatch + from_gazetteer_gap, 6
    ) as score
from contribution
