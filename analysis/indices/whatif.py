"""The same index with something changed.

Belongs here: other weights, other values, a part less. Does not belong here: what follows from it
(`analysis.indices.score`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from catalog.index import Index
from core.errors import DeclarationError

Parts = dict[str, Any]


def with_weights(index: Index, weights: Mapping[str, float]) -> Index:
    """Other weights of some nodes, each against its neighbours. Raises DeclarationError."""
    _known(index, weights)

    def weighted(parts: Parts) -> Parts:
        return {c: p | {"weight": weights[c]} if c in weights else p for c, p in parts.items()}

    return _rebuilt(index, weighted, "weights above zero")


def without(index: Index, node: str) -> Index:
    """The index without a node; a part that has no part left goes with it.

    Raises DeclarationError for a node that is unknown, or the last one.
    """
    _known(index, [node])

    def left(parts: Parts) -> Parts:
        return {c: p for c, p in parts.items() if c != node and p["parts"] != {}}

    return _rebuilt(index, left, f"an index that has parts without {node}")


def in_pairs(index: Index) -> Index:
    """The index by majorities of pairs (Copeland) in all of its nodes."""
    said = index.model_dump() | {"aggregate": "copeland"}
    return Index.model_validate(said | {"parts": _as_above(said["parts"])})


def _as_above(parts: Parts) -> Parts:
    return {
        code: part | {"aggregate": None, "parts": part["parts"] and _as_above(part["parts"])}
        for code, part in parts.items()
    }


def with_values(values: pa.Table, changed: Mapping[tuple[str, str], float | None]) -> pa.Table:
    """`values` (unit, indicator, value) with other values of some cells, by unit and indicator.

    None takes one away. Other columns become null in rows that are new.
    """
    asked = pa.table(
        {
            "unit": pa.array([unit for unit, _ in changed], pa.string()),
            "indicator": pa.array([code for _, code in changed], pa.string()),
            "value": pa.array(list(changed.values()), pa.float64()),
        }
    )
    kept = values.join(asked.drop_columns(["value"]), ["unit", "indicator"], join_type="left anti")
    added = asked.filter(pc.is_valid(asked["value"]))
    return pa.concat_tables([kept, added], promote_options="permissive").select(values.column_names)


def _known(index: Index, nodes: Any) -> None:
    known = sorted(code for code, *_ in index.nodes())
    for node in nodes:
        if node not in known:
            raise DeclarationError(
                index.index,
                expected=f"one of the nodes {', '.join(known)}",
                found=str(node),
                todo="name nodes below the index by their codes",
            )


def _rebuilt(index: Index, change: Callable[[Parts], Parts], expected: str) -> Index:
    def below(parts: Parts) -> Parts:
        return change(
            {c: p | {"parts": p["parts"] and below(p["parts"])} for c, p in parts.items()}
        )

    said = index.model_dump()
    try:
        return Index.model_validate(said | {"parts": below(said["parts"])})
    except ValidationError as error:
        why = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise DeclarationError(
            index.index, expected=expected, found=why, todo="change something else"
        ) from error
