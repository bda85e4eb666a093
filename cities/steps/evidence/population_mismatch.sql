-- Grain: country of labels. How often what a source counts there lies far from what the gazetteer
-- has (a logarithm of odds): in China by its rule, for a city's counties are its own; in Japan
-- hardly ever. The weights were measured where 65 of 1,000 do.
with only_main as (
    select
        label_id,
        any_value(label_country) as label_country,
        any_value(stated_population) as stated,
        any_value(population) as known
    from candidate_fact
    where similarity = 1 and rank = 1 and is_main
    group by label_id
    having count(*) = 1 and stated > 0 and known > 0
)

select
    label_country,
    ln((
        count(*) filter (where greatest(stated / known, known / stated) > 4) + 0.065 * 20
    ) / (count(*) + 20) / 0.065) as mismatch_rate
from only_main
group by label_country
