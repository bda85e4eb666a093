-- One row per cell (cell_id) of a country that steps as a whole, where it cannot be told which side
-- of the step is right: its cities' figures are published and said to be of low reliability, those
-- of cities that begin after the step among them.
with undecided as (
    select
        source_id,
        indicator,
        spatial_unit,
        freq,
        country_iso2
    from {{ ref('int_country__stretch') }}
    group by all
    having
        count(right_level) = 0
        and max(log_level) - min(log_level) >= ln({{ var('country_doubt_min') }})
)

-- So is the figure that the next year only repeats: it may be of that year.
select cell_id
from {{ ref('int_cell__carried') }}
where not is_none
union
select cell.cell_id
from {{ ref('int_country__stretch_cell') }} as cell
inner join undecided using (source_id, indicator, spatial_unit, freq, country_iso2)
