-- Grain: source with coordinates. How often they lie elsewhere than the only place of the name
-- (a logarithm of odds): some are typed by hand. One in a hundred until labels say otherwise; the
-- weights were fitted on one in twenty.
select
    source_id,
    ln((count(*) filter (where km > 100) + 0.2) / (count(*) + 20) / 0.05) as error_rate
from only_one
where km is not null
group by source_id
