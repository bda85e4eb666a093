"""Worked examples that the Handbook on Constructing Composite Indicators prints (OECD/JRC 2008)."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.indices.aggregate import copeland
from analysis.indices.normalise import normalised
from analysis.indices.score import rank
from analysis.indices.tree import Tree
from tests.fixtures.indices import by, index_of, leaf, values_of

# Table 15: mean years of schooling of 23 countries, Finland, United States, Sweden, Japan, ...
YEARS = (
    *(10, 12, 11.4, 9.5, 10.8, 9.4, 9.4, 11.6, 10.9, 7.1, 10.2, 11.9),
    *(9.4, 9.3, 11.7, 8.4, 7.9, 9.6, 7.3, 7.2, 9.5, 9.1, 7.1),
)
RANK = (15, 23, 19, 12, 17, 9, 9, 20, 18, 1, 16, 22, 9, 8, 21, 6, 5, 14, 4, 3, 12, 7, 1)
Z_SCORE = (
    *(0.26, 1.52, 1.14, -0.06, 0.76, -0.12, -0.12, 1.27, 0.83, -1.58, 0.38, 1.46),
    *(-0.12, -0.19, 1.33, -0.76, -1.08, 0.00, -1.46, -1.52, -0.06, -0.31, -1.58),
)
MIN_MAX = (
    *(0.59, 1.00, 0.88, 0.49, 0.76, 0.47, 0.47, 0.92, 0.78, 0.00, 0.63, 0.98),
    *(0.47, 0.45, 0.94, 0.27, 0.16, 0.51, 0.04, 0.02, 0.49, 0.41, 0.00),
)
OF_BEST = (
    *(0.83, 1.00, 0.95, 0.79, 0.90, 0.78, 0.78, 0.97, 0.91, 0.59, 0.85, 0.99),
    *(0.78, 0.78, 0.98, 0.70, 0.66, 0.80, 0.61, 0.60, 0.79, 0.76, 0.59),
)


@pytest.mark.parametrize(
    ("how", "printed", "whole", "digit"),
    [
        ("rank", RANK, 1, 0),
        ("zscore", Z_SCORE, 1, 0.005),
        ("minmax", MIN_MAX, 100, 0.005),
        ("distance_to_best", OF_BEST, 100, 0.005),
    ],
)
def test_schooling_is_normalised_as_printed(
    how: str, printed: tuple[float, ...], whole: float, digit: float
) -> None:
    tree = Tree(index_of({"schooling": leaf()}))
    found = normalised(tree, np.array(YEARS, float)[:, None], how)[:, 0]  # type: ignore[arg-type]
    np.testing.assert_allclose(found / whole, printed, rtol=0, atol=digit + 1e-9)


@pytest.mark.parametrize(
    ("degrees", "of_a", "of_b"),
    [
        ({"A": 35, "B": 39}, 0.949, 0.833),
        ({"A": 95, "B": 102.2}, 0.965, 0.833),
    ],
)
def test_a_ratio_to_the_best_depends_on_the_unit(
    degrees: dict[str, float], of_a: float, of_b: float
) -> None:
    """Table 14: temperature in Celsius and in Fahrenheit, with humidity, in 2003."""
    units = {"A": {"t": degrees["A"], "h": 75}, "B": {"t": degrees["B"], "h": 50}}
    index = index_of({"t": leaf(), "h": leaf()}, normalise="distance_to_best")
    made = by(rank(index, values_of(units)), "unit")
    assert made["A"]["score"] / 100 == pytest.approx(of_a, abs=0.0005)
    assert made["B"]["score"] / 100 == pytest.approx(of_b, abs=0.0005)


def test_a_geometric_mean_does_not_compensate() -> None:
    """Section 6.11: 21, 1, 1, 1 and four times 6 are equal if added, and 2.14 and 6 if multiplied;
    one more for the second part brings 2.54 and 6.23. What is printed is cut off, not rounded."""
    units = {
        "one": (21, 1, 1, 1),
        "other": (6, 6, 6, 6),
        "one_more": (21, 2, 1, 1),
        "other_more": (6, 7, 6, 6),
    }
    values = values_of({u: dict(zip("abcd", x, strict=True)) for u, x in units.items()})
    parts = {code: leaf() for code in "abcd"}
    added = by(rank(index_of(parts), values), "unit")
    assert added["one"]["score"] == added["other"]["score"]
    made = by(rank(index_of(parts, aggregate="geometric"), values), "unit")
    found = [int(made[u]["score"] * 100 + 1e-9) / 100 for u in units]
    assert found == [2.14, 6, 2.54, 6.23]


def places(*orders: tuple[int, str]) -> tuple[np.ndarray, np.ndarray]:
    """Scores of countries a, b, ... and weights, by how many indicators put them in which order."""
    countries = sorted(orders[0][1])
    x = [[-order.index(country) for _, order in orders] for country in countries]
    return np.array(x, float), np.array([number for number, _ in orders], float)


def test_pairs_of_four_countries_give_the_order_of_condorcet() -> None:
    """Tables 25 and 27: c before b before d before a."""
    x, weights = places((3, "abcd"), (5, "acbd"), (7, "bdca"), (6, "cbda"))
    assert dict(zip("abcd", copeland(x, weights), strict=True)) == {
        "c": 3,
        "b": 1,
        "d": -1,
        "a": -3,
    }


def test_a_cycle_of_majorities_leaves_all_even() -> None:
    """Table 28, of Condorcet himself: a wins over b, b over c and c over a."""
    x, weights = places((23, "abc"), (17, "bca"), (2, "bac"), (10, "cab"), (8, "cba"))
    assert copeland(x, weights).tolist() == [0, 0, 0]
