"""`python -m benchmarks.networks`: measures of networks of ten thousand cities, step by step.

Two invented networks: links (10,000 nodes, 1,000,000 drawn links), and affiliations (10,000 cities,
10,000 organisations, 1,000,000 offices; an interlock of 30 and more is a tie). Beside each step
stands a named floor: the least that a library needs for the same, or for its core. Nothing here
passes or fails.
"""

from __future__ import annotations

from typing import Any

from benchmarks.steps import Steps, main

CITIES, ORGANISATIONS, DRAWN, FLOOR = 10_000, 10_000, 1_000_000, 30.0


def links(steps: Steps) -> None:
    """From ties to every measure."""
    import networkit as nk
    import numpy as np
    import pyarrow as pa

    from analysis.networks import measures
    from analysis.networks.communities import communities
    from analysis.networks.graph import network, one_thread, plain
    from analysis.networks.sampled import sampled

    chosen = np.random.default_rng(1)
    ends = chosen.integers(0, CITIES, (2, DRAWN))
    names = [f"city:{n:05}" for n in range(CITIES)]
    named = pa.array(names)
    tied = {"origin": named.take(pa.array(ends[0])), "destination": named.take(pa.array(ends[1]))}
    ties = pa.table({**tied, "weight": np.ones(DRAWN)})
    of = steps.time(
        "ties → graph",
        lambda: network(names, ties),
        ("networkit: numbers → graph", lambda: plain(CITIES, *ends)),
    )
    graph = of.undirected()
    with one_thread():
        component = np.zeros(CITIES, dtype=np.int64)
        groups = nk.community.PLM(graph, refine=True, par="none")
        steps.time(
            "communities, 20 runs",
            lambda: communities(of, seeds=20),
            ("networkit: one run", groups.run),
        )
        between = nk.centrality.EstimateBetweenness(graph, measures.PIVOTS)
        steps.time(
            "closeness and betweenness, 2 × 1,000 pivots",
            lambda: sampled(of, component, pivots=measures.PIVOTS),
            ("networkit: betweenness, 1,000 pivots", between.run),
        )
    # The same once more with all that is cheap: what an asset takes.
    found = steps.time(
        "all measures of mart_node_connectivity",
        lambda: measures.measure(network(names, ties), directed=True),
    )
    for name in ("sampling_error", "closeness_error", "top_in_common"):
        steps.rows.append([f"  {name}", "", "", f"{found[name][0].as_py():.3f}", "", ""])


def affiliations(steps: Steps) -> None:
    """From presences to totals, ties and the backbone."""
    import duckdb
    import numpy as np
    import pyarrow as pa
    from jinja2 import Environment
    from scipy import sparse

    from analysis.networks.backbone import backbone_all
    from analysis.networks.fixed import drawn
    from analysis.networks.pairs import affiliations, interlocks_all, pairs
    from core.settings import DBT_PROJECT

    chosen = np.random.default_rng(1)
    cells = np.unique(chosen.integers(0, CITIES * ORGANISATIONS, DRAWN))
    cities, organisations = cells // ORGANISATIONS, cells % ORGANISATIONS
    values = chosen.integers(1, 6, len(cells)).astype(float)
    names = [
        pa.array([f"{kind}:{n:05}" for n in range(count)])
        for kind, count in (("city", CITIES), ("organisation", ORGANISATIONS))
    ]
    presence = pa.table(
        {
            "network": ["firms"] * len(cells),
            "time_period": ["2015"] * len(cells),
            "node": names[0].take(pa.array(cities)),
            "organisation": names[1].take(pa.array(organisations)),
            "service_value": values,
            "floor": [FLOOR] * len(cells),
        }
    )
    matrix = sparse.csr_array((values, (cities, organisations)), shape=(CITIES, ORGANISATIONS))
    model = DBT_PROJECT / "models" / "intermediate" / "network" / "int_network__interlock.sql"
    query = Environment(autoescape=False).from_string(model.read_text(encoding="utf-8"))  # noqa: S701
    with duckdb.connect() as connection:
        connection.register("presence", presence)
        connection.execute("create table int_network__presence as from presence")
        totals = query.render(ref=lambda name: name)
        steps.time(
            "totals (SQL)",
            lambda: connection.execute(totals).to_arrow_table(),
            ("scipy: two products", lambda: matrix @ matrix.sum(axis=0) - matrix.power(2).sum(1)),
        )
    steps.time(
        "interlocks of pairs from 30 on",
        lambda: interlocks_all(presence),
        ("scipy: the whole product", lambda: (matrix @ matrix.T.tocsr()).nnz),
    )
    steps.time("backbone, exact", lambda: backbone_all(presence))
    # What the survey of the world's firms has; a twentieth of the draws.
    part = affiliations(presence.filter(_first(presence, 707, 175)))
    steps.time(
        "fixed model, 707 × 175, 250 draws",
        lambda: drawn(part, pairs(part), values=True, draws=250),
    )


def _first(presence: Any, cities: int, organisations: int) -> Any:
    import pyarrow.compute as pc

    return pc.and_(
        pc.less(presence["node"], f"city:{cities:05}"),
        pc.less(presence["organisation"], f"organisation:{organisations:05}"),
    )


if __name__ == "__main__":
    main(
        "Networks of 10,000 cities",
        "benchmarks.networks",
        {"links": links, "affiliations": affiliations},
    )
