-- One row per kind of boundary that a figure may speak of.
select
    spatial_unit,
    name,
    definition
from {{ source('raw', 'spatial_unit') }}
