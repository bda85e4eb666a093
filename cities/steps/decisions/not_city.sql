-- Grain: label that is no city, with the first of its reasons in the order of letters.
select
    label_id,
    min(kind) as kind
from no_city_claim
group by label_id
