"""Fits the weights of the matcher on the tuning half: `python -m cities.evaluation.fit`.

A conditional logit model (McFadden 1974): for each case, the probability of a candidate is
exp(score) over the sum of all candidates' and of "none of these". The weights maximise the
likelihood of the labelled answers, held to their present values by a ridge, so that a level without
cases keeps what was judged by hand. The weights of `country` are not fitted: hardly any case lies
abroad. Nor are those of `population`, which the cases show only where it was not their evidence:
they are the logarithms of a density (+ 1.7), that of ln(said / gazetteer's) among the 11,476 labels
of all recordings whose very name only one place has (2026-11-25). The threshold (LINK in
cities/resolve.py) was chosen on this half as well: at 0.93, 3-fold cross-validation had 3 wrong
links of 3,150 and a recall of 0.976. Prints the new weights; it writes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import numpy as np
from scipy.optimize import minimize

from cities import resolve, rulebook
from cities.evaluation import measure
from core.paths import DataPaths

FITTED = ("name", "distance", "size", "none", "admin", "official", "listed")
# Wrong coordinates are rarer than the few such cases suggest, and believing them costs more.
# That an official list knows a city of the name elsewhere is rare among the cases, and tells much.
# That a metropolis is taken for a place of a like name shows where populations are hidden from
# labels that have one (22 to 27 of 8,000), hardly among the cases.
# A name that goes on ("Porto Santo", "Porto") is one place or two: it needs a second witness, and
# so does a town in brackets ("Patlara (Daman)"), beside which no place in another state is meant.
# What no code list names is the measure of what one does.
FIXED = {
    ("distance", "within_100_km"),
    ("listed", "unknown"),
    ("distance", "beyond"),
    ("official", "not_the_city"),
    ("size", "per_e_fold_if_similar"),
    ("admin", "bracket_differs"),
    ("name", "bracket"),
    ("name", "similar_longer"),
    ("name", "similar_shorter"),
}
RIDGE = 2.0


def fit(paths: DataPaths, recordings: Path | None) -> dict[tuple[str, str], float]:
    """(feature, level) → weight, fitted on the tuning half."""
    weights = present()
    places, sections, codes = measure.gazetteer(paths, recordings)
    labelled = measure.cases("tune")
    connection = duckdb.connect()
    shown = measure.without_evidence(codes, labelled, places)
    weighed = resolve.weigh(measure.labels(labelled), places, shown, measure.rules(), sections)
    connection.register("weighed", weighed)
    connection.register("labelled", labelled)
    rows = connection.execute(
        """select case_id, name_level, country_level, admin_level, distance_level,
            population_level, official_level, listed_level, size, usual_size, name_count,
            place_class,
            is_unsized, name_commonness, name_length, coordinate_error + population_mismatch,
            gazetteer_gap,
            coalesce(weighed.city_id::varchar = labelled.city_id or list_contains(
                string_split(coalesce(also, ''), ' '), weighed.city_id::varchar), false) as is_it
        from weighed inner join labelled on weighed.label_id = labelled.case_id::varchar
        where verdict in ('city', 'none') and stratum not in ('name_only', 'airport_city')
        order by case_id"""
    ).fetchall()
    keys = [k for k in weights if k[0] in FITTED]
    at = {k: i for i, k in enumerate(keys)}
    start = np.array([weights[k] for k in keys])
    features = np.zeros((len(rows), len(keys)))
    fixed = np.zeros(len(rows))
    for n, row in enumerate(rows):
        _, name, country, admin, distance, population, official, listed = row[:8]
        size, usual, ways, place_class, unsized, common, length, error, gap = row[8:-1]
        features[n, at["name", name]] = 1
        features[n, at["admin", admin]] = 1
        features[n, at["distance", distance]] = 1
        features[n, at["official", official]] = 1
        features[n, at["listed", listed]] = 1
        features[n, at["size", "per_e_fold"]] = size
        if name.startswith(("similar", "nearby")):
            features[n, at["size", "per_e_fold_if_similar"]] = size
        features[n, at["size", "usual_of_source"]] = usual
        features[n, at["size", "seat"]] = place_class in ("capital", "seat")
        features[n, at["size", "not_known"]] = unsized
        features[n, at["size", f"per_name_count{'_if_not_known' if unsized else ''}"]] = ways
        features[n, at["none", "common_name"]] = common
        features[n, at["none", "name_length"]] = length
        features[n, at["none", "gazetteer_gap"]] = gap
        fixed[n] = weights["country", country] + weights["population", population] + error
    case = np.array([r[0] for r in rows])
    is_it = np.array([r[-1] for r in rows])
    groups = np.unique(case, return_inverse=True)[1]
    none = at["none", "constant"]

    def loss(x: np.ndarray) -> float:
        scores = features @ x + fixed
        top = np.full(groups.max() + 1, x[none])
        np.maximum.at(top, groups, scores)
        total = np.exp(x[none] - top)
        np.add.at(total, groups, np.exp(scores - top[groups]))
        chosen = np.full(groups.max() + 1, -np.inf)
        np.maximum.at(chosen, groups[is_it], scores[is_it])
        # What no candidate is, is "none of these".
        chosen = np.where(np.isinf(chosen), x[none], chosen)
        ridge = RIDGE * float(((x - start) ** 2).sum())
        return float((np.log(total) + top - chosen).sum()) + ridge

    bounds = [(s, s) if k in FIXED else (None, None) for k, s in zip(keys, start, strict=True)]
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300})
    print(
        f"log-loss {loss(start):.1f} → {found.fun:.1f} of {len(set(case))} cases", file=sys.stderr
    )
    return {**weights, **{k: round(float(found.x[i]), 2) for k, i in at.items()}}


def present() -> dict[tuple[str, str], float]:
    """The weights as they stand."""
    rows = rulebook.load()["weights"]
    return {(r["feature"], r["level"]): float(r["weight"]) for r in rows}


if __name__ == "__main__":
    import tempfile

    recorded = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder:
        made = fit(DataPaths(Path(folder)), recorded)
    print("feature,level,weight")
    for (feature, level), weight in made.items():
        print(f"{feature},{level},{weight:g}")
