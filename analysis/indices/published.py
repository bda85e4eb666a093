"""Whether the scores that somebody published follow from the parts that they published.

Belongs here: the verdict. Does not belong here: how their index is declared.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from analysis.indices.score import score
from catalog.index import Index

REPRODUCED, NOT = "reproduced", "not reproducible"
VERDICT = pa.schema(
    [
        *(("verdict", pa.string()), ("largest", pa.float64())),
        *(("unit", pa.string()), ("node", pa.string())),
        *(("compared", pa.int64()), ("missing", pa.int64())),
    ]
)


def verdict(index: Index, values: pa.Table, published: pa.Table, *, tolerance: float) -> pa.Table:
    """`VERDICT`: one row. `published`: unit, node, score, of the index or of its parts as well.

    `reproduced` if each published score is met within `tolerance` (points; half a unit of the last
    printed digit). `largest` difference, of which unit and node; `missing` counts the published
    ones that do not follow at all, for want of values. Raises ValueError where none is published.
    """
    told = published.select(["unit", "node", "score"]).drop_null()
    if not told.num_rows:
        raise ValueError(f"expected published scores of {index.index}; found none")
    told = told.rename_columns({"score": "told"}).cast(
        pa.schema([("unit", pa.string()), ("node", pa.string()), ("told", pa.float64())])
    )
    made = score(index, values).select(["unit", "node", "score"])
    pairs = told.join(made, ["unit", "node"]).sort_by(
        [("unit", "ascending"), ("node", "ascending")]
    )
    off = np.abs(
        pairs["told"].to_numpy() - pairs["score"].to_numpy(zero_copy_only=False).astype(np.float64)
    )
    met = ~np.isnan(off)
    worst = int(np.nanargmax(off)) if met.any() else None
    # A difference of just the tolerance is none of the numbers' last bits.
    within = met.all() and float(off.max()) <= tolerance * (1 + 1e-9)
    row = {
        "verdict": REPRODUCED if within else NOT,
        "largest": None if worst is None else float(off[worst]),
        "unit": None if worst is None else pairs["unit"][worst].as_py(),
        "node": None if worst is None else pairs["node"][worst].as_py(),
        "compared": int(met.sum()),
        "missing": int((~met).sum()),
    }
    return pa.Table.from_pylist([row], schema=VERDICT)
