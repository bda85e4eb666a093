"""What is declared as Arrow tables, for dbt.

Belongs here: one table a kind of declaration. Does not belong here: reading files (`catalog.load`).
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from catalog.index import Part
from catalog.load import Concepts


def indicator_table(concepts: Concepts) -> pa.Table:
    """One row per indicator."""
    rows = [
        {
            **i.model_dump(exclude={"valid_range", "per_person_range"}),
            "concept": i.concept or i.indicator,
            "valid_min": i.valid_range.min,
            "valid_above": i.valid_range.above,
            "valid_max": i.valid_range.max,
            "per_person_min": i.per_person_range.min,
            "per_person_max": i.per_person_range.max,
        }
        for i in concepts.indicators.values()
    ]
    schema = pa.schema(
        [(n, pa.string()) for n in ("indicator", "theme", "name", "definition")]
        + [(n, pa.string()) for n in ("unit_measure", "direction", "value_kind")]
        + [(n, pa.string()) for n in ("concept", "direction_reason", "price_base")]
        + [("derived_from", pa.string()), ("aggregation", pa.string())]
        + [("min_periods", pa.int32()), ("max_step", pa.float64())]
        + [(n, pa.float64()) for n in ("valid_min", "valid_above", "valid_max")]
        + [(n, pa.float64()) for n in ("per_person_min", "per_person_max")]
        + [(n, pa.bool_()) for n in ("gazetteer_comparable", "population_hint")]
        + [("code_scheme", pa.string())]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def network_table(concepts: Concepts) -> pa.Table:
    """One row per network."""
    text = (
        *("network", "theme", "name", "definition", "kind", "weight", "aggregation"),
        *("scope", "reference_period", "caveat"),
    )
    schema = pa.schema(
        [(n, pa.string()) for n in text]
        + [(n, pa.bool_()) for n in ("directed", "comparable")]
        + [("floor", pa.float64())]
    )
    rows = [n.model_dump() for n in concepts.networks.values()]
    return pa.Table.from_pylist(rows, schema=schema)


_INDEX = pa.schema(
    [(n, pa.string()) for n in ("index", "name", "question", "audience", "purpose", "reading")]
    + [("limits", pa.string()), ("aggregate", pa.string()), ("normalise", pa.string())]
    + [("years", pa.list_(pa.int32())), ("year_lag", pa.int32())]
    + [("spatial_units", pa.list_(pa.string())), ("min_population", pa.float64())]
    + [("countries", pa.list_(pa.string()))]
    + [(n, pa.float64()) for n in ("coverage_index", "coverage_part")]
    + [("seed", pa.int64()), ("draws", pa.int32()), ("declared", pa.string())]
)


def index_table(concepts: Concepts) -> pa.Table:
    """One row per index; `declared` is its whole declaration, as the engine reads it (JSON)."""
    rows = [
        {
            **index.model_dump(include={n for n in _INDEX.names if n in type(index).model_fields}),
            **index.cities.model_dump(),
            **{f"coverage_{k}": share for k, share in index.coverage.model_dump().items()},
            "seed": index.uncertainty.seed,
            "draws": index.uncertainty.draws,
            "declared": index.model_dump_json(exclude_defaults=True),
        }
        for index in concepts.indices.values()
    ]
    return pa.Table.from_pylist(rows, schema=_INDEX)


_NODE = pa.schema(
    [(n, pa.string()) for n in ("index", "node", "parent", "kind", "name", "indicator", "per")]
    + [("level", pa.int32()), ("worst", pa.float64()), ("best", pa.float64())]
    + [("direction", pa.string()), ("scale", pa.string())]
)


def index_node_table(concepts: Concepts) -> pa.Table:
    """One row per node of an index: the index itself, its parts, and its leaves."""
    rows = []
    for index in concepts.indices.values():
        rows.append(
            {
                "index": index.index,
                "node": index.index,
                "kind": "index",
                "name": index.name,
                "level": 0,
            }
        )
        rows += [_node_row(index.index, *node) for node in index.nodes()]
    return pa.Table.from_pylist(rows, schema=_NODE)


def _node_row(index: str, code: str, part: Part, parent: str, level: int) -> dict[str, Any]:
    row = {"index": index, "node": code, "parent": parent, "name": part.name, "level": level}
    if part.parts is not None:
        return {**row, "kind": "part"}
    return {
        **row,
        "kind": "indicator",
        "indicator": part.indicator or code,
        "per": part.per,
        "direction": part.better,
        **(part.goalposts.model_dump() if part.goalposts else {}),
    }
