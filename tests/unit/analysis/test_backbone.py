"""The backbone of affiliations: exact tails, sums that are met, another implementation."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from analysis.networks.backbone import backbone, backbone_all, probabilities

RECORDED = Path(__file__).parents[4] / "shared"


def presence(matrix: np.ndarray) -> pa.Table:
    rows, columns = np.nonzero(matrix)
    return pa.table(
        {
            "node": [f"n{i:02}" for i in rows],
            "organisation": [f"o{i:02}" for i in columns],
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
        ("n00", "n01", 2),
        ("n00", "n02", 1),
        ("n01", "n02", 1),
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
    assert found["n02", "n03"]["p_more"] < 0.05 < found["n00", "n01"]["p_more"]
    assert found["n00", "n01"]["shared"] > found["n02", "n03"]["shared"]


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
