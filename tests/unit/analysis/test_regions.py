"""Measures within a part of a network are those of that part alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from analysis.networks.graph import network
from analysis.networks.measures import measure
from analysis.networks.regions import WITHIN, within, within_all


def invented() -> tuple[pa.Table, pa.Table]:
    chosen = np.random.default_rng(12)
    nodes = [f"n{i:02}" for i in range(60)]
    scopes = chosen.choice(["AT", "BE", "CH", "DE"], 60, p=[0.4, 0.3, 0.25, 0.05])
    scopes[:2] = "DE"
    ends = chosen.integers(0, 60, (240, 2))
    ties = {"origin": [nodes[a] for a, _ in ends], "destination": [nodes[b] for _, b in ends]}
    parts = {"node": nodes, "scope_kind": ["country"] * 60, "scope": scopes.tolist()}
    return pa.table(parts), pa.table({**ties, "weight": chosen.random(240)})


def test_a_part_is_measured_as_if_it_were_alone() -> None:
    parts, ties = invented()
    made = within(network(parts["node"].to_pylist(), ties), parts)
    assert made.schema == WITHIN
    rows = {row["node"]: row for row in made.to_pylist()}
    for scope in ("AT", "BE", "CH", "DE"):
        own = [n for n, s in zip(*parts.select(["node", "scope"]).columns, strict=True)
               if s.as_py() == scope]  # fmt: skip
        names = [n.as_py() for n in own]
        inside = [t for t in ties.to_pylist() if {t["origin"], t["destination"]} <= set(names)]
        alone = measure(network(names, pa.Table.from_pylist(inside, schema=ties.schema)),
                        directed=False)  # fmt: skip
        for expected in alone.to_pylist():
            found = rows[expected["node"]]
            assert (found["n_nodes"], found["degree"]) == (len(names), expected["degree"])
            for name in ("strength", "closeness", "betweenness"):
                beside = 0.0 if np.isnan(expected[name]) else expected[name]
                assert found[name] == pytest.approx(beside, abs=1e-12), (scope, name)


def test_a_node_may_be_in_parts_of_several_layers() -> None:
    parts, ties = invented()
    of = {"network": "air", "time_period": "2014"}
    layers = [
        parts.append_column("layer", pa.array(["country"] * 60)),
        parts.slice(0, 20)
        .set_column(1, "scope_kind", pa.array(["region"] * 20))
        .set_column(2, "scope", pa.array(["some"] * 20))
        .append_column("layer", pa.array(["some"] * 20)),
    ]
    tables = [pa.concat_tables(layers), ties]
    for name, value in of.items():
        tables = [t.append_column(name, pa.array([value] * t.num_rows)) for t in tables]
    made = within_all(*tables)
    assert made.num_rows == 80
    some = made.filter(pc.equal(made["scope"], "some"))
    assert set(some["n_nodes"].to_pylist()) == {20}
    assert within_all(tables[0].slice(0, 0), tables[1]).num_rows == 0


def test_alone_in_a_country_there_is_nothing_to_be_near_to() -> None:
    parts = pa.table({"node": ["a"], "scope_kind": ["country"], "scope": ["MC"]})
    none = pa.table({"origin": pa.array([], "string"), "destination": pa.array([], "string"),
                     "weight": pa.array([], "float64")})  # fmt: skip
    (row,) = within(network(["a"], none), parts).to_pylist()
    assert (row["degree"], row["closeness"], row["betweenness"]) == (0, 0.0, 0.0)
