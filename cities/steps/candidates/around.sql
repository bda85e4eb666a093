-- Grain: label × place around it: all in the catchment of a point, the largest few around a town.
-- Both sides are put on a grid of half a degree, so that only near ones are compared.
with boxed as (
    select
        *,
        -- A degree of latitude has 111.19 km, one of longitude fewer towards the poles.
        radius_km / 111 as half_height,
        radius_km / 111 / greatest(cos(radians(least(abs(lat) + radius_km / 111, 89))), 0.01)
            as half_width
    from unplaced
),

in_rows as (
    select
        *,
        unnest(range(
            floor(2 * (lat - half_height))::bigint, floor(2 * (lat + half_height))::bigint + 1
        )) as grid_row
    from boxed
),

cell as (
    select
        *,
        unnest(range(
            floor(2 * (lon - half_width))::bigint, floor(2 * (lon + half_width))::bigint + 1
        )) as grid_column
    from in_rows
),

gridded as (
    select
        *,
        floor(2 * latitude)::bigint as grid_row,
        floor(2 * longitude)::bigint as grid_column
    from place
)

select
    cell.label_id,
    gridded.city_id,
    gridded.population,
    cell.is_point,
    cell.radius_km,
    kilometres(cell.lat, cell.lon, gridded.latitude, gridded.longitude) as km
from cell
inner join gridded using (grid_row, grid_column)
inner join label_country
    on
        label_country.label_id = cell.label_id
        and label_country.country_iso2 = gridded.country_iso2
-- Villages have no catchment.
where (gridded.is_core or not cell.is_point) and km <= cell.radius_km
qualify
    cell.is_point
    or row_number() over (
        partition by cell.label_id order by gridded.population desc nulls last, gridded.city_id
    ) <= 5
