-- Grain: label × candidate that its source lists under its own name. Where Daqing is listed, Anda
-- is Anda, although Daqing once had that name.
with own_name as (
    select distinct
        source_id,
        spatial_unit,
        label_id,
        city_id
    from candidate_evidence
    where name_level in ('spelt_main', 'written_main', 'accented_main')
)

select distinct
    candidate_evidence.label_id,
    candidate_evidence.city_id
from candidate_evidence
inner join own_name
    on
        own_name.city_id = candidate_evidence.city_id
        and own_name.source_id = candidate_evidence.source_id
        and own_name.spatial_unit is not distinct from candidate_evidence.spatial_unit
        and own_name.label_id != candidate_evidence.label_id
where
    candidate_evidence.name_level in ('alternate_of_another', 'alternate_of_a_peer')
    -- "Querétaro" beside "Santiago de Querétaro" is the same once more.
    and not contains(
        ' ' || name_key(candidate_evidence.name) || ' ',
        ' ' || name_key(candidate_evidence.written) || ' '
    )
