"""The models that are written from declarations: `mart_city_year` and its contract.

Belongs here: generated dbt files. Does not belong here: calling dbt (`dbt`).
"""

from __future__ import annotations

from pathlib import Path

import yaml

from catalog.load import Concepts
from core.settings import DBT_PROJECT

GENERATED = DBT_PROJECT / "models" / "generated"


def generate(concepts: Concepts) -> None:
    """Write mart_city_year, its contract and nothing else from the indicator files."""
    wide = [
        i
        for i in concepts.indicators.values()
        if i.value_kind != "normal" and i.aggregation != "count"
    ]
    names = ",\n".join(f"        '{i.indicator}'" for i in wide)
    columns = ",\n".join(f"    wide.{i.indicator}::double as {i.indicator}" for i in wide)
    query = (
        "-- One row per city × year × spatial unit; one column per indicator: preferred figures.\n"
        "-- Generated from catalog/indicators; do not edit.\n"
        "with fact as (\n    select\n        city_id,\n        year,\n        spatial_unit,\n"
        "        indicator,\n        obs_value\n    from {{ ref('fct_observation') }}\n"
        "    where is_preferred and year is not null\n),\n\n"
        "wide as (\n    from fact\n    pivot (max(obs_value) for indicator in (\n"
        f"{names}\n    ) group by city_id, year, spatial_unit)\n)\n\n"
        "select\n    wide.city_id,\n    city.name as city,\n    city.country_iso2,\n"
        f"    wide.year,\n    wide.spatial_unit,\n{columns}\n"
        "from wide\n"
        "inner join {{ ref('dim_city') }} as city on city.city_id = wide.city_id\n"
        # Neighbouring rows with the same columns empty: a third smaller.
        "order by wide.spatial_unit, wide.city_id, wide.year\n"
    )
    keys = [
        ("city_id", "bigint", "GeoNames id of the city"),
        ("city", "varchar", "Name of the city"),
        ("country_iso2", "varchar", "Country"),
        ("year", "integer", "Calendar year"),
        ("spatial_unit", "varchar", "Kind of boundary that the row speaks of"),
    ]
    measured = [(i.indicator, "double", f"{i.name} ({i.unit_measure})") for i in wide]
    grain = {"keys": {"arguments": {"grain": ["city_id", "year", "spatial_unit"]}}}
    document = {
        "models": [
            {
                "name": "mart_city_year",
                "description": "One row per city × year × spatial unit; one column per indicator.",
                "data_tests": [grain],
                "columns": [
                    {"name": n, "data_type": t, "description": d} for n, t, d in keys + measured
                ],
            }
        ]
    }
    GENERATED.mkdir(exist_ok=True)
    _write_if_new(GENERATED / "mart_city_year.sql", query)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    _write_if_new(GENERATED / "mart_city_year.yml", text)


def _write_if_new(path: Path, text: str) -> None:
    # An untouched file keeps dbt's partial parse valid.
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
