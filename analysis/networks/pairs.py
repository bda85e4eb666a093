"""What two nodes have in common: the products of what they have, added up over organisations.

Belongs here: presences as a sparse matrix, and pairs from it. Does not belong here: what chance
would give (`analysis.networks.backbone`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from analysis.networks.each import by_network
from analysis.networks.graph import Indices, Numbers

PAIR = pa.schema(
    [(n, pa.string()) for n in ("origin", "destination")]
    + [("interlock", pa.float64()), ("n_shared", pa.int64())]
)
# Rows of the product at once: 10,000 cities of 100 organisations have 3 million entries then.
_ROWS = 500


@dataclass(frozen=True)
class Affiliations:
    """Nodes and organisations in alphabetical order; `values`: nodes × organisations."""

    nodes: pa.Array
    organisations: pa.Array
    values: sparse.csr_array

    @property
    def presence(self) -> sparse.csr_array:
        """One for each value."""
        return sparse.csr_array(
            (np.ones(self.values.nnz, dtype=np.int64), self.values.indices, self.values.indptr),
            shape=self.values.shape,
        )


@dataclass(frozen=True)
class Pairs:
    """By the places of the nodes, the lesser first, in their order."""

    one: Indices
    other: Indices
    interlock: Numbers
    shared: Indices


def affiliations(presence: pa.Table) -> Affiliations:
    """`presence`: node, organisation, once each; service_value (positive), or all count one."""
    nodes = pc.unique(presence["node"]).sort()
    organisations = pc.unique(presence["organisation"]).sort()
    places = (
        pc.index_in(presence["node"], nodes).to_numpy(),
        pc.index_in(presence["organisation"], organisations).to_numpy(),
    )
    valued = "service_value" in presence.column_names
    values = presence["service_value"].to_numpy() if valued else np.ones(presence.num_rows)
    matrix = sparse.csr_array(
        (values.astype(np.float64), places), shape=(len(nodes), len(organisations))
    )
    return Affiliations(nodes, organisations, matrix)


def pairs(of: Affiliations, floor: float = 0.0) -> Pairs:
    """Those with an organisation in common, and an interlock of `floor` and more."""
    presence = of.presence
    found = [Pairs(*(np.empty(0, dtype) for dtype in (int, int, float, int)))]
    for begin in range(0, len(of.nodes), _ROWS):
        interlock, shared = (
            matrix[begin : begin + _ROWS] @ matrix[begin:].T.tocsr()
            for matrix in (of.values, presence)
        )
        # Both have their entries in one order, which is that of the work.
        one = np.repeat(np.arange(interlock.shape[0]), np.diff(interlock.indptr))
        kept = np.flatnonzero((interlock.indices > one) & (interlock.data >= floor))
        kept = kept[np.lexsort((interlock.indices[kept], one[kept]))]
        ends = begin + one[kept], begin + interlock.indices[kept]
        found.append(Pairs(*ends, interlock.data[kept], shared.data[kept]))
    return Pairs(
        *(
            np.concatenate([getattr(part, name) for part in found])
            for name in Pairs.__dataclass_fields__
        )
    )


def interlocks_all(presence: pa.Table) -> pa.Table:
    """`PAIR` of each network × time_period of `presence`, with both before its columns.

    Pairs below the network's `floor` (the same in all its rows) are left out.
    """
    return by_network(presence, PAIR, lambda _of, here: _interlocks(here))


def _interlocks(presence: pa.Table) -> pa.Table:
    of = affiliations(presence)
    found = pairs(of, presence["floor"][0].as_py())
    return pa.Table.from_arrays(
        [
            of.nodes.take(pa.array(found.one)),
            of.nodes.take(pa.array(found.other)),
            pa.array(found.interlock),
            pa.array(found.shared),
        ],
        schema=PAIR,
    )
