"""How far the sizes of two cities and the distance between them explain what ties them.

Belongs here: the regression over pairs. Does not belong here: what is left of a pair, which follows
from the coefficients in SQL.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.networks.each import Of, by_network, only
from analysis.networks.graph import Indices, Numbers

TERMS = ("constant", "log_population_product", "log_distance_km")
TERM = pa.schema(
    [("term", pa.string()), ("coefficient", pa.float64()), ("standard_error", pa.float64())]
    + [(n, pa.int64()) for n in ("n_cities", "n_tied", "n_untied", "n_untied_drawn", "seed")]
    + [("deviance_explained", pa.float64())]
)
SEED, MOST_PAIRS = 1, 500_000
"""Of more pairs, so many are drawn for those without a tie."""
_RADIUS_KM = 6371.0088
_MOST_ROUNDS = 50
_CLOSE = 1e-10


def gravity_all(cities: pa.Table, ties: pa.Table) -> pa.Table:
    """`TERM` of each network × time_period, with both before its columns.

    `cities`: network, time_period, city_id, population, latitude, longitude; those without
    inhabitants are left out. `ties`: network, time_period, one, other, weight.
    """

    def made(of: Of, here: pa.Table) -> pa.Table:
        return gravity(here, only(ties, of))

    return by_network(cities, TERM, made)


def gravity(cities: pa.Table, ties: pa.Table, most_pairs: int = MOST_PAIRS) -> pa.Table:
    """`TERM`: one row a term; none where sizes and distances do not tell coefficients apart.

    Poisson pseudo-maximum likelihood (Santos Silva and Tenreyro 2006): the weight of a pair, nought
    where it has no tie, is the exponential of a constant, the logarithm of the product of both
    populations and that of the kilometres between them, times a coefficient each, on average.
    Of many pairs without a tie some are drawn, and count for all. Standard errors are robust, of
    pairs as if they were independent; below 1 km counts as 1 km.
    """
    known = cities.filter(pc.greater(cities["population"], 0)).sort_by("city_id")
    ids = known["city_id"].to_numpy()
    ends = [np.searchsorted(ids, ties[end].to_numpy()) for end in ("one", "other")]
    inside = [np.isin(ties[end].to_numpy(), ids) for end in ("one", "other")]
    kept = inside[0] & inside[1]
    tied = np.stack([ends[0][kept], ends[1][kept]])
    untied, n_untied = _untied(len(ids), tied, most_pairs)
    pairs = np.concatenate([tied, untied], axis=1)
    weight = np.r_[ties["weight"].to_numpy()[kept], np.zeros(untied.shape[1])]
    counts = np.r_[
        np.ones(tied.shape[1]), np.full(untied.shape[1], n_untied / max(untied.shape[1], 1))
    ]
    terms = _terms(known, pairs)
    if len(weight) <= len(TERMS) or np.linalg.matrix_rank(terms) < len(TERMS):
        return TERM.empty_table()
    found, errors, explained = poisson(terms, weight, counts)
    size = {
        "n_cities": len(ids),
        "n_tied": tied.shape[1],
        "n_untied": n_untied,
        "n_untied_drawn": untied.shape[1],
        "seed": SEED,
        "deviance_explained": explained,
    }
    rows = [
        {"term": term, "coefficient": value, "standard_error": error, **size}
        for term, value, error in zip(TERMS, found.tolist(), errors.tolist(), strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=TERM)


def poisson(terms: Numbers, seen: Numbers, counts: Numbers) -> tuple[Numbers, Numbers, float]:
    """Coefficients, their robust standard errors, and the share of the deviance that is explained,
    by iteratively reweighted least squares; each row counts so many times."""
    mean = (counts * seen).sum() / counts.sum()
    fitted = (seen + mean) / 2
    found = np.zeros(terms.shape[1])
    for _ in range(_MOST_ROUNDS):
        linear = np.log(fitted) + (seen - fitted) / fitted
        share = (counts * fitted)[:, None] * terms
        before, found = found, np.linalg.solve(terms.T @ share, share.T @ linear)
        fitted = np.exp(terms @ found)
        if np.abs(found - before).max() < _CLOSE:
            break
    else:
        raise ArithmeticError("the regression of a network on size and distance does not settle")
    bread = np.linalg.inv(terms.T @ ((counts * fitted)[:, None] * terms))
    left = (counts * (seen - fitted))[:, None] * terms
    errors = np.sqrt(np.diag(bread @ (left.T @ left) @ bread))
    whole, rest = _deviance(seen, np.full_like(seen, mean), counts), _deviance(seen, fitted, counts)
    return found, errors, float(1 - rest / whole) if whole else 0.0


def _deviance(seen: Numbers, fitted: Numbers, counts: Numbers) -> float:
    logs = np.log(np.divide(seen, fitted, out=np.ones_like(seen), where=seen > 0))
    return float(2 * (counts * (seen * logs - (seen - fitted))).sum())


def _untied(size: int, tied: Indices, most: int) -> tuple[Indices, int]:
    """Pairs without a tie, all or drawn; and how many there are."""
    codes = np.sort(tied, axis=0)
    taken = codes[0] * size + codes[1]
    total = size * (size - 1) // 2
    if total <= most:
        every = np.stack(np.triu_indices(size, 1))
    else:
        drawn = np.sort(np.random.default_rng(SEED).integers(0, size, (2, most)), axis=0)
        every = np.unique(drawn[:, drawn[0] != drawn[1]], axis=1)
    free = every[:, ~np.isin(every[0] * size + every[1], taken)]
    return free, total - len(np.unique(taken))


def _terms(cities: pa.Table, pairs: Indices) -> Numbers:
    population = cities["population"].to_numpy().astype(np.float64)
    latitude, longitude = (np.radians(cities[n].to_numpy()) for n in ("latitude", "longitude"))
    one, other = pairs
    half = (
        np.sin((latitude[one] - latitude[other]) / 2) ** 2
        + np.cos(latitude[one])
        * np.cos(latitude[other])
        * np.sin((longitude[one] - longitude[other]) / 2) ** 2
    )
    distance = 2 * _RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    size = np.log(population[one]) + np.log(population[other])
    return np.stack([np.ones(len(size)), size, np.log(np.maximum(distance, 1.0))], axis=1)
