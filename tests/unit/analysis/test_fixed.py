"""The fixed model: what every draw keeps, and that more trades tell nothing else."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from analysis.networks.chances import chances_all
from analysis.networks.fixed import _draws, drawn
from analysis.networks.graph import Numbers
from analysis.networks.pairs import Affiliations, affiliations, pairs

RECORDED = Path(__file__).parents[4] / "shared" / "recordings" / "aps-firms-fsu-2015"


def presence(matrix: np.ndarray) -> pa.Table:
    rows, columns = np.nonzero(matrix)
    return pa.table(
        {
            "node": [f"n{i:03}" for i in rows],
            "organisation": [f"o{i:03}" for i in columns],
            "service_value": matrix[rows, columns].astype(float),
            "floor": np.ones(len(rows)),
        }
    )


def invented(size: int = 25, organisations: int = 30) -> np.ndarray:
    """Lists of large and small nodes, with service values from 1 to 3."""
    chosen = np.random.default_rng(9)
    odds = np.outer(chosen.random(size) ** 2, np.sqrt(chosen.random(organisations))) * 1.2
    values: np.ndarray = chosen.integers(1, 4, odds.shape) * (chosen.random(odds.shape) < odds)
    values[:, values.sum(axis=0) == 0] = 1
    values[values.sum(axis=1) == 0, 0] = 1
    return values


def test_every_draw_keeps_how_often_each_row_and_column_has_each_value() -> None:
    start = invented().astype(float)
    seen = list(_draws(start, 60, 20, np.random.default_rng(2)))
    assert len(seen) == 60
    for value, draw in product((1, 2, 3), seen):
        for axis in (0, 1):
            assert ((draw == value).sum(axis) == (start == value).sum(axis)).all()
    assert len({draw.tobytes() for draw in seen}) == 60


def test_all_lists_with_the_same_sums_are_equally_likely() -> None:
    """Three rows and three columns with sums of one: six lists there are."""
    draws = list(_draws(np.eye(3), 6_000, 20, np.random.default_rng(5)))
    _, counts = np.unique([draw.tobytes() for draw in draws], return_counts=True)
    assert len(counts) == 6
    assert counts == pytest.approx(1_000, abs=150)


def ties(of: Affiliations, trades: int, values: bool, draws: int = 5_000) -> int:
    table = drawn(of, pairs(of), values=values, draws=draws, trades=trades)
    return int((table["p_more"].to_numpy() < 0.05).sum())


@pytest.mark.parametrize("values", [False, True])
def test_twice_the_trades_give_as_many_ties(values: bool) -> None:
    # Four cities with the same three firms, which chance does not give them.
    matrix = invented(40, 25)
    matrix[:4, :3] = 2
    of = affiliations(presence(matrix))
    few, many = ties(of, 20, values), ties(of, 40, values)
    assert few > 5
    assert abs(many - few) <= max(0.05 * few, 1)


@pytest.mark.parametrize("values", [False, True])
def test_twice_the_trades_give_as_many_ties_of_the_recorded_firms(values: bool) -> None:
    of = affiliations(presence(recorded()))
    few, many = ties(of, 20, values), ties(of, 40, values)
    assert few > 20
    assert abs(many - few) <= 0.05 * few


def recorded() -> Numbers:
    """Cities × firms."""
    files = sorted(RECORDED.glob("*.xlsx"))
    if not files:
        pytest.skip("no folder shared/recordings beside the repository")
    rows = CalamineWorkbook.from_path(files[0]).get_sheet_by_index(0).to_python()
    return np.array([row[1:] for row in rows[1:]], dtype=float)


def test_draws_agree_with_all_lists_that_there_are() -> None:
    """Of three cities and four firms, every list with these sums, counted one by one."""
    matrix = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 1, 1]])
    sums = matrix.sum(axis=1), matrix.sum(axis=0)
    every = (np.array(cells).reshape(3, 4) for cells in product((0, 1), repeat=12))
    same = [m for m in every if all((m.sum(1 - a) == sums[a]).all() for a in (0, 1))]
    of = affiliations(presence(matrix))
    both = pairs(of)
    found = drawn(of, both, values=False, draws=4_000)
    for at, (one, other) in enumerate(zip(both.one, both.other, strict=True)):
        counts = np.array([(m[one] * m[other]).sum() for m in same])
        expected = {
            "expected": counts.mean(),
            "p_more": (counts >= both.shared[at]).mean(),
            "p_fewer": (counts <= both.shared[at]).mean(),
        }
        for name, value in expected.items():
            assert found[name][at].as_py() == pytest.approx(value, abs=0.04), (one, other, name)


def test_a_seed_gives_the_same_bits() -> None:
    of = affiliations(presence(invented()))
    one, same, other = (drawn(of, pairs(of), values=True, draws=100, seed=s) for s in (1, 1, 2))
    assert one.equals(same)
    assert not one.equals(other)


def test_each_model_has_a_row_a_pair_and_says_how_it_was_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("analysis.networks.chances.fixed.DRAWS", 100)
    of = {"network": "firms", "time_period": "2015"}
    table = presence(invented(10, 8))
    for name, value in of.items():
        table = table.append_column(name, pa.array([value] * table.num_rows))
    made = chances_all(table).to_pylist()
    counts = {m: sum(r["model"] == m for r in made) for m in ("sdsm", "fdsm", "fdsm_values")}
    assert len(set(counts.values())) == 1
    assert {(r["model"], r["trades"], r["seed"]) for r in made} == {
        ("sdsm", None, None),
        ("fdsm", 20, 1),
        ("fdsm_values", 20, 1),
    }
    # Memberships have no values to keep.
    flat = table.set_column(2, "service_value", pa.array([1.0] * table.num_rows))
    assert {r["model"] for r in chances_all(flat).to_pylist()} == {"sdsm", "fdsm"}
    monkeypatch.setattr("analysis.networks.chances._MOST_VALUES", 2)
    assert {r["model"] for r in chances_all(table).to_pylist()} == {"sdsm", "fdsm"}
    monkeypatch.setattr("analysis.networks.chances.MOST_NODES", 5)
    assert {r["model"] for r in chances_all(table).to_pylist()} == {"sdsm"}
