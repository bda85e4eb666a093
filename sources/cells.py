"""The canonical form that every source is brought into: cells, and places of gazetteers.

Belongs here: names and types of columns. Does not belong here: bringing a source into it
(`conform`), or casting texts (dbt's staging).
"""

# The canonical form. Everything is text but the row number and the power of ten.
CELL_COLUMNS = {
    "content_id": "VARCHAR",
    "source_id": "VARCHAR",
    "resource": "VARCHAR",
    "row_number": "BIGINT",
    "column_name": "VARCHAR",
    "indicator": "VARCHAR",
    "indicator_code": "VARCHAR",
    "network": "VARCHAR",
    "organisation": "VARCHAR",
    "to_ref_area": "VARCHAR",
    "to_ref_area_code": "VARCHAR",
    "to_country": "VARCHAR",
    "to_admin1": "VARCHAR",
    "ref_area": "VARCHAR",
    "ref_area_code": "VARCHAR",
    "code_scheme": "VARCHAR",
    "other_code": "VARCHAR",
    "other_code_scheme": "VARCHAR",
    "country": "VARCHAR",
    "admin1": "VARCHAR",
    "latitude": "VARCHAR",
    "longitude": "VARCHAR",
    "spatial_unit": "VARCHAR",
    "time_period": "VARCHAR",
    "freq": "VARCHAR",
    "value_text": "VARCHAR",
    "value_form": "VARCHAR",
    "point": "VARCHAR",
    "unit_mult": "INTEGER",
    "obs_status": "VARCHAR",
    "edition_order": "VARCHAR",
    "is_missing": "BOOLEAN",
    "is_confidential": "BOOLEAN",
    "filter_reason": "VARCHAR",
}
PLACE_COLUMNS = (
    "city_id",
    "name",
    "ascii_name",
    "alternate_names",
    "country",
    "admin1",
    "latitude",
    "longitude",
    "feature_code",
    "population",
    "timezone",
)
