"""The backbone of affiliations: exact tails, sums that are met, another implementation."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from analysis.networks.backbone import backbone, backbone_all, probabilities
from analysis.networks.pairs import affiliations, pairs

RECORDED = Path(__file__).parents[4] / "shared"


def presence(matrix: np.ndarray) -> pa.Table:
    rows, columns = np.nonzero(matrix)
    return pa.table(
        {
            "node": [f"n{i:03}" for i in rows],
            "organisation": [f"o{i:03}" for i in columns],
        }
    )


def test_the_chances_give_every_row_and_column_its_sum() -> None:
    matrix = np.random.default_rng(5).random((40, 25)) < np.linspace(0.05, 0.9, 25)
    matrix[3], matrix[7], matrix[:, 2] = False, True, True
    chance = probabilities(matrix)
    assert chance.sum(axis=1) == pytest.approx(matrix.sum(axis=1), abs=1e-9)
    assert chance.sum(axis=0) == pytest.approx(matrix.sum(axis=0), abs=1e-9)
    # What is full is certain.
    assert (chance[7].min(), chance[:, 2].min()) == (1.0, 1.0)


def test_sums_that_force_single_cells_are_approached() -> None:
    """Four cities and four firms: no finite odds give these sums, and no build may end on them."""
    matrix = np.array([[1, 0, 1, 1], [0, 1, 1, 1], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=bool)
    chance = probabilities(matrix)
    assert chance.sum(axis=1) == pytest.approx(matrix.sum(axis=1), abs=1e-2)
    assert backbone(presence(matrix)).num_rows == 5


def test_the_tails_are_those_of_all_outcomes() -> None:
    matrix = np.array([[1, 1, 0, 1], [1, 0, 1, 1], [0, 1, 1, 0]], dtype=bool)
    chance = probabilities(matrix)
    found = backbone(presence(matrix)).to_pylist()
    assert [(r["origin"], r["destination"], r["shared"]) for r in found] == [
        ("n000", "n001", 2),
        ("n000", "n002", 1),
        ("n001", "n002", 1),
    ]
    both = chance[0] * chance[1]
    outcomes = {
        outcome: np.prod([p if hit else 1 - p for p, hit in zip(both, outcome, strict=True)])
        for outcome in product((0, 1), repeat=4)
    }
    more = sum(p for outcome, p in outcomes.items() if sum(outcome) >= 2)
    fewer = sum(p for outcome, p in outcomes.items() if sum(outcome) <= 2)
    assert found[0]["p_more"] == pytest.approx(more, abs=1e-12)
    assert found[0]["p_fewer"] == pytest.approx(fewer, abs=1e-12)
    assert found[0]["expected"] == pytest.approx(both.sum(), abs=1e-12)


def test_two_specialists_stand_out_and_two_giants_do_not() -> None:
    """Cities with every firm share most firms; two small ones with the same rare firms are tied."""
    matrix = np.zeros((12, 30), dtype=bool)
    matrix[0:2, :28] = True
    matrix[2:4, 28:] = True
    matrix[4:, :] = np.random.default_rng(2).random((8, 30)) < 0.3
    found = {(r["origin"], r["destination"]): r for r in backbone(presence(matrix)).to_pylist()}
    assert found["n002", "n003"]["p_more"] < 0.05 < found["n000", "n001"]["p_more"]
    assert found["n000", "n001"]["shared"] > found["n002", "n003"]["shared"]


def test_a_pair_of_hundreds_has_the_tails_of_one_trial_after_the_other() -> None:
    """Pairs are put together by their sums, and tails are cut where nothing is left of them."""
    chosen = np.random.default_rng(4)
    sizes = np.outer(chosen.random(150), chosen.random(120)) * 1.2
    matrix = chosen.random((150, 120)) < np.clip(sizes, 0, 1)
    matrix[0], matrix[:, 1] = True, True
    chance, counts = probabilities(matrix), matrix.astype(int) @ matrix.T.astype(int)
    for row in backbone(presence(matrix)).to_pylist()[::97]:
        one, other = (int(row[end][1:]) for end in ("origin", "destination"))
        spread = np.array([1.0])
        for hit in chance[one] * chance[other]:
            spread = np.convolve(spread, [1 - hit, hit])
        assert row["shared"] == counts[one, other]
        assert row["p_more"] == pytest.approx(spread[row["shared"] :].sum(), rel=1e-11, abs=1e-300)
        assert row["p_fewer"] == pytest.approx(spread[: row["shared"] + 1].sum(), rel=1e-11)


def test_too_many_pairs_have_no_backbone() -> None:
    matrix = np.ones((4, 2), dtype=bool)
    assert backbone(presence(matrix), most_pairs=6).num_rows == 6
    assert backbone(presence(matrix), most_pairs=5).num_rows == 0


def test_pairs_are_those_of_the_product_of_the_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    """In blocks of rows, of which the last one is short."""
    monkeypatch.setattr("analysis.networks.pairs._ROWS", 7)
    chosen = np.random.default_rng(6)
    matrix = chosen.integers(1, 6, (30, 20)) * (chosen.random((30, 20)) < 0.2)
    rows = presence(matrix != 0)
    values = pa.array(matrix[matrix != 0].astype(float))
    of = affiliations(rows.append_column("service_value", values))
    named = [int(name[1:]) for name in of.nodes.to_pylist()]
    whole, both = matrix @ matrix.T, (matrix != 0).astype(int) @ (matrix != 0).T.astype(int)
    found = pairs(of, floor=5.0)
    made = {
        (named[a], named[b]): (w, n)
        for a, b, w, n in zip(found.one, found.other, found.interlock, found.shared, strict=True)
    }
    assert made == {
        (a, b): (whole[a, b], both[a, b])
        for a in range(30)
        for b in range(a + 1, 30)
        if whole[a, b] >= 5
    }


def test_one_organisation_of_all_explains_every_tie() -> None:
    found = backbone(presence(np.ones((5, 1), dtype=bool))).to_pylist()
    assert {(r["shared"], r["expected"], r["p_more"]) for r in found} == {(1, 1.0, 1.0)}


def test_each_network_and_period_has_a_backbone_of_its_own() -> None:
    one = presence(np.array([[1, 1], [1, 1]], dtype=bool))
    both = pa.table(
        {
            "network": ["x"] * 8,
            "time_period": ["2014"] * 4 + ["2015"] * 4,
            **{n: one[n].to_pylist() * 2 for n in one.column_names},
        }
    )
    found = backbone_all(both).to_pylist()
    assert [(r["network"], r["time_period"], r["shared"]) for r in found] == [
        ("x", "2014", 2),
        ("x", "2015", 2),
    ]
    assert backbone_all(both.slice(0, 0)).num_rows == 0
