"""Size and distance: coefficients that an invented world was made with come back."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy.optimize import minimize

from analysis.networks.gravity import _terms, gravity, gravity_all, poisson


def world(size: int, seed: int = 1) -> tuple[pa.Table, pa.Table]:
    """Cities and ties, drawn with 0.8 for size and -1.5 for distance."""
    chosen = np.random.default_rng(seed)
    cities = pa.table(
        {
            "city_id": np.arange(size) * 10,
            "population": np.exp(chosen.normal(11, 1, size)),
            "latitude": chosen.uniform(-50, 60, size),
            "longitude": chosen.uniform(-180, 180, size),
        }
    )
    pairs = np.stack(np.triu_indices(size, 1))
    weight = chosen.poisson(np.exp(_terms(cities, pairs) @ [-6.0, 0.8, -1.5]))
    tied = weight > 0
    ends = {"one": pairs[0][tied] * 10, "other": pairs[1][tied] * 10}
    return cities, pa.table({**ends, "weight": weight[tied].astype(float)})


def coefficients(made: pa.Table) -> dict[str, float]:
    return {row["term"]: row["coefficient"] for row in made.to_pylist()}


def test_the_coefficients_of_an_invented_world_come_back() -> None:
    cities, ties = world(200)
    made = gravity(cities, ties)
    assert set(made["n_untied"].to_pylist()) == {200 * 199 // 2 - ties.num_rows}
    for row in made.to_pylist():
        true = {"constant": -6.0, "log_population_product": 0.8, "log_distance_km": -1.5}
        assert abs(row["coefficient"] - true[row["term"]]) < 4 * row["standard_error"]
        assert row["n_untied_drawn"] == row["n_untied"]


def test_they_are_those_of_the_largest_likelihood() -> None:
    """Found by another method."""
    cities, ties = world(60)
    made = coefficients(gravity(cities, ties))
    pairs = np.stack(np.triu_indices(60, 1))
    weight = np.zeros(pairs.shape[1])
    at = {(a, b): n for n, (a, b) in enumerate(pairs.T)}
    for row in ties.to_pylist():
        weight[at[row["one"] // 10, row["other"] // 10]] = row["weight"]
    terms = _terms(cities, pairs)
    found = minimize(
        lambda b: np.exp(terms @ b).sum() - weight @ terms @ b,
        list(made.values()),
        jac=lambda b: terms.T @ (np.exp(terms @ b) - weight),
        tol=1e-10,
    )
    assert list(made.values()) == pytest.approx(found.x, abs=1e-5)


def test_drawn_pairs_count_for_all() -> None:
    cities, ties = world(300)
    whole, part = gravity(cities, ties), gravity(cities, ties, most_pairs=10_000)
    assert part["n_untied_drawn"][0].as_py() < 10_000 < whole["n_untied_drawn"][0].as_py()
    for name, value in coefficients(whole).items():
        assert coefficients(part)[name] == pytest.approx(value, rel=0.1)
    assert gravity(cities, ties, most_pairs=10_000).equals(part)


def test_a_city_without_inhabitants_is_left_out_and_two_cities_tell_nothing() -> None:
    cities, ties = world(60)
    rows = cities.to_pylist()
    lost = pa.Table.from_pylist([{**r, "population": None if not r["city_id"] else r["population"]}
                                 for r in rows], schema=cities.schema)  # fmt: skip
    made = gravity(lost, ties)
    assert made["n_cities"][0].as_py() == 59
    assert gravity(cities.slice(0, 2), ties.slice(0, 0)).num_rows == 0
    named = [t.append_column("network", pa.array(["x"] * t.num_rows))
             .append_column("time_period", pa.array(["2015"] * t.num_rows))
             for t in (lost, ties)]  # fmt: skip
    assert gravity_all(*named).select(made.column_names).equals(made)


def test_a_constant_alone_is_the_mean() -> None:
    seen = np.array([0.0, 1.0, 5.0])
    found, _, explained = poisson(np.ones((3, 1)), seen, np.array([2.0, 1.0, 1.0]))
    assert np.exp(found[0]) == pytest.approx(1.5)
    assert explained == pytest.approx(0.0)
