-- Grain: label whose city readers have, and that is still probable: a link holds until evidence
-- speaks against it, although the crowd of candidates changed with a source that has nothing to do
-- with it. Where nothing but other sources changed, only another city does.
select
    previous_in.label_id,
    candidate.probability < if(
        candidate_evidence.is_anywhere, threshold.link_by_name, threshold.link
    ) as is_kept
from previous_in
inner join candidate using (label_id, city_id)
inner join candidate_evidence using (label_id, city_id)
inner join best using (label_id, city_id)
cross join threshold
where
    not candidate_evidence.is_doubtful
    and (candidate.probability >= threshold.keep or previous_in.is_unchanged)
