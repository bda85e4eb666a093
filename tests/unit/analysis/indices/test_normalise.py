"""Normalisers and the treatment of outliers, on columns that can be reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis.indices.normalise import ascending, normalised
from analysis.indices.treat import kurtosis, skewness, treated
from analysis.indices.tree import Tree
from catalog.index import Treatment
from tests.fixtures.indices import index_of, leaf

NAN = np.nan
UP, DOWN = leaf(0, 50), leaf(50, 0)


def column(x: list[float], how: str, of: dict[str, object] = UP, **said: object) -> list[float]:
    tree = Tree(index_of({"a": of}, **said))
    return normalised(tree, np.array(x)[:, None], how)[:, 0].tolist()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("how", "up", "down"),
    [
        ("goalposts", [20, 40, 40, NAN, 100], [80, 60, 60, NAN, 0]),
        ("minmax", [0, 20, 20, NAN, 100], [100, 80, 80, NAN, 0]),
        ("rank", [1, 2, 2, NAN, 4], [4, 2, 2, NAN, 1]),
        ("percentile", [0, 100 / 3, 100 / 3, NAN, 100], [100, 100 / 3, 100 / 3, NAN, 0]),
        ("distance_to_best", [100 / 6, 100 / 3, 100 / 3, NAN, 100], [100, 50, 50, NAN, 100 / 6]),
    ],
)
def test_each_normaliser_is_what_it_says(how: str, up: list[float], down: list[float]) -> None:
    x = [10.0, 20, 20, NAN, 60]
    np.testing.assert_allclose(column(x, how), up, atol=1e-12)
    np.testing.assert_allclose(column(x, how, DOWN), down, atol=1e-12)


def test_z_scores_have_the_declared_mean_and_deviation() -> None:
    assert column([1, 2, 3, NAN], "zscore")[:3] == [-1, 0, 1]
    x = np.array(column([1, 7, 3, 4], "zscore", DOWN, zscore={"mean": 50, "sd": 10}))
    assert (x.mean(), x.std(ddof=1)) == (pytest.approx(50), pytest.approx(10))
    assert x.argmax() == 0


def test_the_worst_gets_the_lowest_score_and_goalposts_cut_off() -> None:
    assert column([-10, 0, 25, 50, 90], "goalposts", lowest=10) == [10, 10, 55, 100, 100]
    assert column([2, 3, 4], "minmax", lowest=1) == [1, 50.5, 100]


@pytest.mark.parametrize("how", ["minmax", "percentile", "zscore"])
def test_a_column_without_differences_tells_nobody_apart(how: str) -> None:
    assert np.isnan(column([3, 3, NAN], how)).all()
    assert np.isnan(column([3], how)).all()


def test_a_ratio_to_the_best_needs_values_above_zero() -> None:
    with pytest.raises(ValueError, match=r"above zero of a.*found -1"):
        column([-1.0, 2], "distance_to_best")


def test_ranks_are_those_of_scipy() -> None:
    x = np.random.default_rng(3).integers(0, 9, (40, 5)).astype(float)
    assert (ascending(x) == stats.rankdata(x, method="min", axis=0)).all()


def test_skewness_and_kurtosis_are_those_of_scipy_without_bias() -> None:
    x = np.random.default_rng(4).gamma(1, 1, (30, 4))
    np.testing.assert_allclose(skewness(x), stats.skew(x, bias=False), rtol=1e-12)
    np.testing.assert_allclose(kurtosis(x), stats.kurtosis(x, bias=False), rtol=1e-12)
    assert np.isnan(skewness(np.ones((9, 1)))).all()
    assert np.isnan(kurtosis(x[:3])).all()


def test_one_giant_is_drawn_in_to_the_next_on_either_side() -> None:
    up = np.r_[np.arange(1.0, 20.0), 500.0][:, None]
    done = treated(np.hstack([up, -up]), Treatment(), may_log=True)
    assert done.points.tolist() == [1, 1]
    assert done.values[-1].tolist() == [19, -19]
    assert done.passes.all()
    assert (done.values[:-1, 0] == up[:-1, 0]).all()


def test_what_drawing_in_does_not_cure_is_logged_from_where_it_was() -> None:
    x = np.exp(np.random.default_rng(1).normal(0, 2.5, (60, 1)))
    done = treated(x, Treatment(max_points=2), may_log=True)
    assert (done.logged[0], done.points[0]) == (True, 0)
    expected = np.log(x - x.min() + 0.01 * (x.max() - x.min()))
    np.testing.assert_allclose(done.values, expected, rtol=1e-12)
    left = treated(x, Treatment(max_points=2), may_log=False)
    assert (left.values == x).all()
    assert not left.passes[0]


def test_on_a_scale_of_logarithms_a_doubling_is_one_step_and_nothing_stands_at_the_lower_end() -> (
    None
):
    tree = Tree(index_of({"a": leaf(1, 100, scale="log"), "b": leaf(100, 1, scale="log")}))
    x = np.array([[0.0, 0.0], [1, 1], [10, 10], [100, 100], [500, 500]])
    made = normalised(tree, tree.on_scales(x), "goalposts")
    np.testing.assert_allclose(made[:, 0], [0, 0, 50, 100, 100], atol=1e-12)
    np.testing.assert_allclose(made[:, 1], [100, 100, 50, 0, 0], atol=1e-12)
