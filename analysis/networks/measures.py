"""What stands out in a network: its nodes by several centralities.

Belongs here: the measures and their definitions. Does not belong here: communities, which need
many runs (`analysis.networks.communities`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.networks.communities import communities
from analysis.networks.each import Of, by_network, only
from analysis.networks.graph import Indices, Network, Numbers, network, one_thread, scores
from analysis.networks.kept import kept
from analysis.networks.sampled import sampled

if TYPE_CHECKING:
    import networkit as nk

NODE = pa.schema(
    [("node", pa.string()), ("degree", pa.int64())]
    + [(n, pa.float64()) for n in ("strength", "closeness", "betweenness", "pagerank")]
    + [("clustering", pa.float64()), ("component", pa.int64()), ("is_giant", pa.bool_())]
    + [("community", pa.int64()), ("community_agreement", pa.float64())]
    + [("stability", pa.float64()), ("pivots", pa.int64())]
    + [(n, pa.float64()) for n in ("sampling_error", "closeness_error", "top_in_common")]
)
_SAMPLED = NODE.names[-4:]
EXACT_NODES, EXACT_TIES = 20_000, 50_000
"""With more of either, closeness and betweenness are of `PIVOTS` nodes, drawn twice."""
PIVOTS = 1_000


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


def measure(
    of: Network,
    *,
    directed: bool,
    seeds: int = 20,
    exact: tuple[int, int] = (EXACT_NODES, EXACT_TIES),
    pivots: int = PIVOTS,
) -> pa.Table:
    """`NODE`: one row a node, in the order of the nodes.

    Partners count once, whatever the direction and the weight: degree, closeness (Wasserman and
    Faust 1994: of the nodes within reach, times their share of all), betweenness (Freeman 1977, as
    a share of all pairs), clustering (Watts and Strogatz 1998; 0 below two partners). Strength is
    the sum of the weights of both directions. PageRank (damping 0.85) follows direction and weight.

    With more nodes or ties than `exact`, and a component of more than `pivots` nodes, closeness and
    betweenness are sampled; `pivots` (of both
    draws together) and the errors are null where they are exact. These and `stability`, how far
    runs agree about communities, are the same for all nodes. Equal ties in another order give equal
    bits.
    """
    import networkit as nk

    if not of.nodes:
        return NODE.empty_table()
    with one_thread():
        plain = of.undirected()
        component = components(plain)
        giant = int(np.bincount(component).argmax()) if len(component) else -1
        local = nk.centrality.LocalClusteringCoefficient(plain, turbo=True)
        found = communities(of, seeds=seeds)
        columns = {
            "node": of.nodes,
            "degree": degrees(of),
            "strength": strengths(of),
            "pagerank": _pagerank(of, directed),
            "clustering": scores(local),
            "component": component,
            "is_giant": component == giant,
            "community": found.label,
            "community_agreement": found.agreement_of_node,
            "stability": [found.agreement] * len(of.nodes),
            **of_paths(of, plain, component, exact, pivots),
        }
    return pa.Table.from_pydict(columns, schema=NODE)


def of_paths(
    of: Network, plain: nk.Graph, component: Indices, exact: tuple[int, int], pivots: int
) -> dict[str, Numbers | list[float | None]]:
    """Closeness and betweenness of all nodes, and the columns that say how they were sampled."""
    import networkit as nk

    size = len(of.nodes)
    largest = np.bincount(component).max(initial=0)
    if largest <= pivots or (size <= exact[0] and plain.numberOfEdges() <= exact[1]):
        variant = nk.centrality.ClosenessVariant.GENERALIZED
        return {
            "closeness": scores(nk.centrality.Closeness(plain, True, variant)),
            # Of two nodes there is no pair of others, and so no share.
            "betweenness": np.nan_to_num(scores(nk.centrality.Betweenness(plain, normalized=True))),
            **{name: [None] * size for name in _SAMPLED},
        }
    found = sampled(of, component, pivots=pivots)
    errors = found.betweenness_error, found.closeness_error, found.top_in_common
    return {
        "closeness": found.closeness,
        "betweenness": found.betweenness,
        **{n: [v] * size for n, v in zip(_SAMPLED, (2 * pivots, *errors), strict=True)},
    }


def degrees(network: Network) -> Indices:
    """Partners of each node."""
    lesser, greater, _ = network.ties
    return np.bincount(np.r_[lesser, greater], minlength=len(network.nodes)).astype(np.int64)


def strengths(network: Network) -> Numbers:
    """Sum of the weights of each node's ties."""
    lesser, greater, weight = network.ties
    strength: Numbers = np.zeros(len(network.nodes))
    np.add.at(strength, lesser, weight)
    np.add.at(strength, greater, weight)
    return strength


def _pagerank(network: Network, directed: bool) -> Numbers:
    import networkit as nk

    ranked = nk.centrality.PageRank(
        network.directed(directed),
        damp=0.85,
        tol=1e-14,
        distributeSinks=nk.centrality.SinkHandling.DistributeSinks,
    )
    return scores(ranked)


def components(plain: nk.Graph) -> Indices:
    """By node, numbered from 0 in the order of their first nodes."""
    import networkit as nk

    found = np.array(
        nk.components.ConnectedComponents(plain).run().getPartition().getVector(), dtype=np.int64
    )
    _, first, place = np.unique(found, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[place]
