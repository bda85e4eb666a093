"""One network and period after the other.

Belongs here: cutting tables of all networks into those of one, and back. Does not belong here: what
is done with one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_OF = ("network", "time_period")
Of = Mapping[str, Any]


def by_network(
    table: pa.Table, schema: pa.Schema, measure: Callable[[Of, pa.Table], pa.Table]
) -> pa.Table:
    """What `measure` makes of each network × time_period, with both before its columns."""
    found = [pa.schema([*((n, pa.string()) for n in _OF), *schema]).empty_table()]
    each = table.group_by(list(_OF)).aggregate([]).sort_by([(n, "ascending") for n in _OF])
    for of in each.to_pylist():
        made = measure(of, only(table, of))
        for name in reversed(_OF):
            made = made.add_column(0, name, pa.array([of[name]] * made.num_rows, pa.string()))
        found.append(made)
    return pa.concat_tables(found)


def only(table: pa.Table, of: Of) -> pa.Table:
    """The rows of one network and period."""
    return table.filter(pc.and_(*(pc.equal(table[name], of[name]) for name in _OF)))
