"""What stands out in a part of a network: ties within a country, a continent, a region only.

Belongs here: cutting a network into parts, and measures of a part. Does not belong here: which
parts there are, and the measures themselves (`analysis.networks.measures`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.networks.each import Of, by_network, only
from analysis.networks.graph import Network, network, one_thread
from analysis.networks.kept import kept
from analysis.networks.measures import (
    EXACT_NODES,
    EXACT_TIES,
    PIVOTS,
    components,
    degrees,
    of_paths,
    strengths,
)

WITHIN = pa.schema(
    [(n, pa.string()) for n in ("scope_kind", "scope", "node")]
    + [("n_nodes", pa.int64()), ("degree", pa.int64())]
    + [(n, pa.float64()) for n in ("strength", "closeness", "betweenness")]
    + [("pivots", pa.int64())]
)


def within_all(parts: pa.Table, ties: pa.Table, folder: Path | None = None) -> pa.Table:
    """`WITHIN` of each network × time_period, with both before its columns.

    `parts`: network, time_period, node, scope_kind, scope, layer; within a layer, no node is in two
    scopes. `ties` and `folder` as of `measure_all`.
    """

    def made(of: Of, here: pa.Table) -> pa.Table:
        here = here.select(["node", "scope_kind", "scope", "layer"])
        tied = only(ties, of).select(["origin", "destination", "weight"])
        name = f"within {of['network']} {of['time_period']}"
        return kept(folder, name, [here, tied], lambda: _layers(here, tied))

    return by_network(parts, WITHIN, made)


def _layers(parts: pa.Table, ties: pa.Table) -> pa.Table:
    found = [WITHIN.empty_table()]
    for layer in sorted(set(parts["layer"].to_pylist())):
        here = parts.filter(pc.equal(parts["layer"], layer)).sort_by("node")
        nodes = here["node"].to_pylist()
        known = pa.array(nodes)
        both = pc.and_(pc.is_in(ties["origin"], known), pc.is_in(ties["destination"], known))
        found.append(within(network(nodes, ties.filter(both)), here))
    return pa.concat_tables(found)


def within(of: Network, parts: pa.Table) -> pa.Table:
    """`WITHIN`: one row a node, in the order of the nodes.

    `parts`: scope_kind and scope of each node, one a node. Ties between two scopes do not count.
    What is left is networks side by side: no path leads from one to another, so all are measured at
    once, and then set against the nodes of their own scope.
    """
    scope = parts["scope"].combine_chunks().dictionary_encode().indices.to_numpy()
    inside = scope[of.origin] == scope[of.destination]
    of = Network(of.nodes, of.origin[inside], of.destination[inside], of.weight[inside])
    with one_thread():
        graph = of.undirected()
        paths = of_paths(of, graph, components(graph), (EXACT_NODES, EXACT_TIES), PIVOTS)
    size, own = len(of.nodes), np.bincount(scope)[scope]
    others, pairs = np.maximum(own - 1, 1), np.maximum((own - 1) * (own - 2), 1)
    columns = {
        "scope_kind": parts["scope_kind"],
        "scope": parts["scope"],
        "node": of.nodes,
        "n_nodes": own,
        "degree": degrees(of),
        "strength": strengths(of),
        # Of two nodes there is no pair of others.
        "closeness": np.nan_to_num(np.asarray(paths["closeness"], dtype=np.float64))
        * (size - 1)
        / others,
        "betweenness": np.nan_to_num(np.asarray(paths["betweenness"], dtype=np.float64))
        * (size - 1)
        * (size - 2)
        / pairs,
        "pivots": paths["pivots"],
    }
    return pa.Table.from_pydict(columns, schema=WITHIN)
