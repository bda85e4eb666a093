"""Measures of networks: against an independent library, and against what the literature prints."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest

from analysis.networks.communities import adjusted_rand
from analysis.networks.graph import network
from analysis.networks.measures import NODE, measure, measure_all


def ties(edges: list[tuple[str, str, float]]) -> pa.Table:
    schema = pa.schema(
        [("origin", pa.string()), ("destination", pa.string()), ("weight", pa.float64())]
    )
    rows = [{"origin": a, "destination": b, "weight": w} for a, b, w in edges]
    return pa.Table.from_pylist(rows, schema=schema)


def measured(
    edges: list[tuple[str, str, float]], nodes: list[str] | None = None, directed: bool = False
) -> dict[str, dict[str, object]]:
    found = nodes or sorted({end for a, b, _ in edges for end in (a, b)})
    table = measure(network(found, ties(edges)), directed=directed)
    assert table.schema == NODE
    return {row["node"]: row for row in table.to_pylist()}


def column(made: dict[str, dict[str, object]], name: str) -> list[float]:
    return [float(str(row[name])) for row in made.values()]


def random_edges(size: int, count: int, seed: int) -> list[tuple[str, str, float]]:
    chosen = np.random.default_rng(seed)
    ends = chosen.integers(0, size, (count, 2))
    weights = chosen.integers(1, 9, count)
    return [(f"n{a:03}", f"n{b:03}", float(w)) for (a, b), w in zip(ends, weights, strict=True)]


@pytest.mark.parametrize("directed", [False, True])
def test_centralities_agree_with_another_library_on_a_network_in_pieces(directed: bool) -> None:
    edges = random_edges(120, 130, seed=7)
    nodes = [f"n{i:03}" for i in range(125)]
    made = measured(edges, nodes, directed)
    plain = nx.Graph()
    plain.add_nodes_from(nodes)
    plain.add_edges_from((a, b) for a, b, _ in edges if a != b)
    weighted: nx.Graph = nx.DiGraph() if directed else nx.Graph()
    weighted.add_nodes_from(nodes)
    for a, b, w in edges:
        if a != b:
            before = weighted.get_edge_data(a, b, {"weight": 0.0})["weight"]
            weighted.add_edge(a, b, weight=before + w)
    assert column(made, "degree") == [plain.degree(n) for n in nodes]
    expected = {
        "closeness": nx.closeness_centrality(plain, wf_improved=True),
        "betweenness": nx.betweenness_centrality(plain, normalized=True),
        "clustering": nx.clustering(plain),
        "pagerank": nx.pagerank(weighted, alpha=0.85, tol=1e-14, max_iter=1000),
    }
    for name, of_node in expected.items():
        assert column(made, name) == pytest.approx([of_node[n] for n in nodes], abs=1e-9), name
    giant = max(nx.connected_components(plain), key=len)
    assert {n for n, row in made.items() if row["is_giant"]} == giant
    assert len({row["component"] for row in made.values()}) == nx.number_connected_components(plain)


def test_krackhardts_kite_has_the_centralities_that_are_printed() -> None:
    """Krackhardt (1990): who has the most ties is not who is nearest, nor who is between."""
    kite = [(str(a), str(b), 1.0) for a, b in nx.krackhardt_kite_graph().edges()]
    made = measured(kite)
    most = {name: max(made, key=lambda n: made[n][name]) for name in ("degree", "betweenness")}
    assert most == {"degree": "3", "betweenness": "7"}
    assert made["3"]["degree"] == 6
    assert made["7"]["betweenness"] == pytest.approx(14 / 36)
    assert made["5"]["closeness"] == made["6"]["closeness"] == pytest.approx(9 / 14)


def test_zacharys_club_has_the_leaders_that_are_printed() -> None:
    club = nx.karate_club_graph()
    made = measured([(f"{a:02}", f"{b:02}", 1.0) for a, b in club.edges()])
    assert (made["00"]["degree"], made["33"]["degree"]) == (16, 17)
    assert made["00"]["betweenness"] == pytest.approx(0.437635, abs=1e-6)
    assert np.mean(column(made, "clustering")) == pytest.approx(0.5706, abs=1e-4)


def test_the_order_of_the_ties_changes_no_bit() -> None:
    edges = random_edges(80, 400, seed=3)
    table = ties(edges)
    nodes = sorted({end for a, b, _ in edges for end in (a, b)})
    shuffled = table.take(np.random.default_rng(1).permutation(table.num_rows))
    one, other = (measure(network(nodes, t), directed=True) for t in (table, shuffled))
    assert one.equals(other)


def test_what_nodes_are_called_changes_no_measure() -> None:
    """A tie without direction stands once, from the lesser name: nothing flows that way."""
    edges = [(min(a, b), max(a, b), w) for a, b, w in random_edges(40, 120, seed=11) if a != b]
    nodes = sorted({end for a, b, _ in edges for end in (a, b)})
    other = dict(zip(nodes, reversed(nodes), strict=True))
    renamed = [(*sorted((other[a], other[b])), w) for a, b, w in edges]
    one, two = measured(edges, nodes), measured(renamed, nodes)
    for name in ("degree", "strength", "closeness", "betweenness", "pagerank", "clustering"):
        expected = [one[n][name] for n in nodes]
        assert [two[other[n]][name] for n in nodes] == pytest.approx(expected, abs=1e-12), name


def test_two_clear_groups_are_communities_and_a_ring_has_none() -> None:
    cliques = [(f"{g}{a}", f"{g}{b}", 1.0) for g in "ab" for a in range(6) for b in range(a + 1, 6)]
    made = measured([*cliques, ("a0", "b0", 1.0)])
    assert {n[0] for n, row in made.items() if row["community"] == 0} in ({"a"}, {"b"})
    assert {row["community_agreement"] for row in made.values()} == {1.0}
    ring = measured([(f"{i:03}", f"{(i + 1) % 200:03}", 1.0) for i in range(200)])
    assert {row["community"] for row in ring.values()} == {None}
    stability = {row["stability"] for row in ring.values()}
    assert len(stability) == 1
    assert 0 < float(str(stability.pop())) < 0.7


def test_a_node_without_ties_stays_in_the_network() -> None:
    made = measured([("a", "b", 2.0), ("a", "a", 5.0)], ["a", "b", "c"])
    alone = made["c"]
    assert (alone["degree"], alone["strength"], alone["closeness"], alone["is_giant"]) == (
        *(0, 0.0, 0.0),
        False,
    )
    # Nor does a tie of a node with itself count.
    assert (made["a"]["degree"], made["a"]["strength"]) == (1, 2.0)


def test_agreement_of_two_labellings_is_that_of_the_literature() -> None:
    """Hubert and Arabie (1985): 0.31257 for the cross table of their example."""
    counts = [[1, 1, 0], [1, 2, 1], [0, 0, 4]]
    pairs = [(i, j) for i, row in enumerate(counts) for j, n in enumerate(row) for _ in range(n)]
    one, other = (np.array(side) for side in zip(*pairs, strict=True))
    assert adjusted_rand(one, other) == pytest.approx(0.31257, abs=1e-4)
    assert adjusted_rand(one, (one + 1) % 3) == 1.0


def test_each_network_and_period_is_measured_by_itself() -> None:
    periods = ["2014", "2014", "2015", "2015"]
    nodes = pa.table(
        {
            "network": ["x"] * 4,
            "time_period": periods,
            "node": ["a", "b", "a", "c"],
            "directed": [False] * 4,
        }
    )
    tied = pa.table(
        {
            "network": ["x"],
            "time_period": ["2014"],
            "origin": ["a"],
            "destination": ["b"],
            "weight": [1.0],
        }
    )
    made = measure_all(nodes, tied).to_pylist()
    degrees = {(row["time_period"], row["node"]): row["degree"] for row in made}
    assert degrees == {("2014", "a"): 1, ("2014", "b"): 1, ("2015", "a"): 0, ("2015", "c"): 0}
    assert measure_all(nodes.slice(0, 0), tied.slice(0, 0)).num_rows == 0


def test_a_tie_to_no_node_and_one_without_weight_are_refused() -> None:
    ties = pa.table({"origin": ["a"], "destination": ["z"], "weight": [1.0]})
    with pytest.raises(ValueError, match="z is none"):
        network(["a", "b"], ties)
    ties = pa.table({"origin": ["a"], "destination": ["b"], "weight": [0.0]})
    with pytest.raises(ValueError, match="above zero"):
        network(["a", "b"], ties)


def test_networks_of_no_node_and_of_two_are_measured() -> None:
    nothing = pa.table(
        {n: pa.array([], pa.string()) for n in ("origin", "destination")}
        | {"weight": pa.array([], pa.float64())}
    )
    assert measure(network([], nothing), directed=True).num_rows == 0
    pair = pa.table({"origin": ["a"], "destination": ["b"], "weight": [1.0]})
    found = measure(network(["a", "b"], pair), directed=False)
    assert found["betweenness"].to_pylist() == [0, 0]
