-- Grain: scheme × code. What one label says of a code's population holds for the code's others.
select
    code_scheme,
    ref_area_code,
    median(try_cast(population as double)) as code_population
from label_in
where ref_area_code is not null and population is not null
group by all
