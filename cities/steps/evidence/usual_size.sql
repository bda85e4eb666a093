-- Grain: source with labels enough. How large the places are that it lists (ln of people / 500): a
-- yearbook of large cities does not mean the village of that name.
with sized as (
    select
        source_id,
        ln(greatest(population, 500) / 500) as size
    from only_one
    where population > 0
)

select
    source_id,
    median(size) as middle,
    -- 1.4826 × the median absolute deviation estimates a standard deviation (Hampel 1974).
    greatest(1.4826 * mad(size), 0.8) as spread
from sized
group by source_id
having count(*) >= 20
