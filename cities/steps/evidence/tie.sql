-- Grain: label × label that a network ties it to, either way.
select
    label_id,
    other_label_id
from tie_in
union
select
    other_label_id,
    label_id
from tie_in
