"""What stands out in a network: its nodes by several centralities.

Belongs here: the measures and their definitions. Does not belong here: communities, which need
many runs (`analysis.networks.communities`).
"""

from __future__ import annotations

from pathlib import Path

import networkit as nk
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.networks.communities import communities
from analysis.networks.each import Of, by_network, only
from analysis.networks.graph import Indices, Network, Numbers, network, one_thread
from analysis.networks.kept import kept

NODE = pa.schema(
    [("node", pa.string()), ("degree", pa.int64())]
    + [(n, pa.float64()) for n in ("strength", "closeness", "betweenness", "pagerank")]
    + [("clustering", pa.float64()), ("component", pa.int64()), ("is_giant", pa.bool_())]
    + [("community", pa.int64()), ("community_agreement", pa.float64())]
    + [("stability", pa.float64())]
)


def measure_all(nodes: pa.Table, ties: pa.Table, folder: Path | None = None) -> pa.Table:
    """`measure` of each network × time period, with both before its columns.

    `nodes`: network, time_period, node, directed. `ties`: network, time_period, origin,
    destination, weight. `folder`: where what was measured before is kept.
    """

    def measured(of: Of, here: pa.Table) -> pa.Table:
        nodes = here.select(["node", "directed"])
        tied = only(ties, of).select(["origin", "destination", "weight"])

        def make() -> pa.Table:
            graph = network(nodes["node"].to_pylist(), tied)
            return measure(graph, directed=bool(pc.any(nodes["directed"]).as_py()))

        return kept(folder, f"{of['network']} {of['time_period']}", [nodes, tied], make)

    return by_network(nodes, NODE, measured)


def measure(of: Network, *, directed: bool, seeds: int = 20) -> pa.Table:
    """`NODE`: one row a node, in the order of the nodes.

    Partners count once, whatever the direction and the weight: degree, closeness (Wasserman and
    Faust 1994: of the nodes within reach, times their share of all), betweenness (Freeman 1977, as
    a share of all pairs), clustering (Watts and Strogatz 1998; 0 below two partners). Strength is
    the sum of the weights of both directions. PageRank (damping 0.85) follows direction and weight.
    `stability` is the same for all: how far runs agree about communities. Exact; equal ties in
    another order give equal bits.
    """
    with one_thread():
        plain = of.undirected()
        degree = _degrees(of)
        component = _components(plain)
        giant = int(np.bincount(component).argmax()) if len(component) else -1
        local = np.array(nk.centrality.LocalClusteringCoefficient(plain).run().scores())
        found = communities(of, seeds=seeds)
        closeness = _scores(
            nk.centrality.Closeness(plain, True, nk.centrality.ClosenessVariant.GENERALIZED)
        )
        columns = {
            "node": of.nodes,
            "degree": degree,
            "strength": _strengths(of),
            "closeness": closeness,
            "betweenness": _scores(nk.centrality.Betweenness(plain, normalized=True)),
            "pagerank": _pagerank(of, directed),
            "clustering": local,
            "component": component,
            "is_giant": component == giant,
            "community": found.label,
            "community_agreement": found.agreement_of_node,
            "stability": [found.agreement] * len(of.nodes),
        }
    return pa.Table.from_pydict(columns, schema=NODE)


def _scores(measured: nk.centrality.Centrality) -> Numbers:
    return np.array(measured.run().scores(), dtype=np.float64)


def _degrees(network: Network) -> Indices:
    lesser, greater, _ = network.ties
    return np.bincount(np.r_[lesser, greater], minlength=len(network.nodes)).astype(np.int64)


def _strengths(network: Network) -> Numbers:
    lesser, greater, weight = network.ties
    strength: Numbers = np.zeros(len(network.nodes))
    np.add.at(strength, lesser, weight)
    np.add.at(strength, greater, weight)
    return strength


def _pagerank(network: Network, directed: bool) -> Numbers:
    ranked = nk.centrality.PageRank(
        network.directed(directed),
        damp=0.85,
        tol=1e-14,
        distributeSinks=nk.centrality.SinkHandling.DistributeSinks,
    )
    return _scores(ranked)


def _components(plain: nk.Graph) -> Indices:
    """By node, numbered from 0 in the order of their first nodes."""
    found = np.array(
        nk.components.ConnectedComponents(plain).run().getPartition().getVector(), dtype=np.int64
    )
    _, first, place = np.unique(found, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[place]
