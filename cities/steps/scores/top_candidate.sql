-- Grain: label × candidate of its name, the best thirty: some names are those of hundreds of
-- villages.
select
    label_id,
    city_id,
    latitude,
    longitude,
    -- Which of two stands for both; compared from left to right.
    {
        'is_official_city': official_level = 'city',
        'rank': -rank,
        -- The one of that name, unless the other is far larger.
        'people': population * if(is_main, 20, 1),
        'city_id': -city_id
    } as precedence
from scored
inner join candidate_evidence using (label_id, city_id)
where similarity = 1
qualify row_number() over (
    partition by label_id order by score desc, population desc, city_id
) <= 30
