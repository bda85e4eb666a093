-- Grain: place. In how many ways it is written, as a logarithm: what many languages name is known,
-- even where the gazetteer does not say how many live there.
select
    city_id,
    ln(count(*)) as name_count
from gazetteer_name
group by city_id
