-- Grain: label. How many cities have its name, as a logarithm.
select
    label_id,
    ln(count(*)) as commonness
from candidate_fact
where similarity = 1 and rank <= 2
group by label_id
