"""`python -m benchmarks.indices`: an index of 1,000 cities × 40 indicators, step by step.

Five parts of eight leaves under fixed goalposts, a tenth of the values missing; 1,000 draws over
weights, three normalisers, two means, treatment and imputation. The floor of the draws is what no
analysis can do without: a weighted mean and a ranking of each draw. Nothing here passes or fails.
"""

from __future__ import annotations

from benchmarks.steps import Steps, main

CITIES, PARTS, LEAVES, DRAWS = 1_000, 5, 8, 1_000


def index(steps: Steps) -> None:
    """From values to every table of a release."""
    import numpy as np
    import pyarrow as pa

    from analysis.indices import change, peers, score, sensitivity, uncertainty
    from catalog.index import Index

    chosen = np.random.default_rng(1)
    codes = [f"p{part}l{leaf}" for part in range(PARTS) for leaf in range(LEAVES)]
    tree = {
        f"p{part}": {
            "name": "A part",
            "parts": {
                f"p{part}l{leaf}": {"name": "A leaf", "goalposts": {"worst": 0, "best": 100}}
                for leaf in range(LEAVES)
            },
        }
        for part in range(PARTS)
    }
    words = dict.fromkeys(("name", "question", "audience", "purpose", "reading", "limits"), "x")
    alternatives = {
        "draws": DRAWS,
        "normalise": ["minmax", "percentile"],
        "aggregate": ["geometric"],
        "treat": [True],
        "impute": ["median", "peers"],
    }
    declared = Index.model_validate(
        {"index": "idx", **words, "years": [2020], "spatial_units": ["city_proper"]}
        | {"parts": tree, "uncertainty": alternatives, "floor": 5}
    )
    units = np.repeat([f"city:{n:05}" for n in range(CITIES)], len(codes))
    there = chosen.random(len(units)) > 0.1
    table = {
        "unit": pa.array(units[there]),
        "indicator": pa.array(np.tile(codes, CITIES)[there]),
        "value": pa.array(chosen.gamma(4, 12, len(units)).round(3)[there]),
    }
    values = pa.table(table)
    matrix = chosen.random((CITIES, len(codes)))
    weights = chosen.dirichlet(np.ones(len(codes)), DRAWS).T
    steps.time("scores and contributions", lambda: score.score(declared, values))
    steps.time("ranks", lambda: score.rank(declared, values))
    steps.time(
        f"{DRAWS:,} draws: intervals, pairs, groups",
        lambda: uncertainty.uncertainty(declared, values).units,
        ("numpy: weighted means, ranked", lambda: (matrix @ weights).argsort(0).argsort(0)),
    )
    steps.time("Sobol shares with bootstrap", lambda: sensitivity.sensitivity(declared, values))
    steps.time("leaving out each node", lambda: sensitivity.leave_one_out(declared, values).nodes)
    steps.time("peers", lambda: peers.peers(declared, values))
    more = {"year": pa.array([2020] * len(values)), "spatial_unit": ["city_proper"] * len(values)}
    after = pa.table({**table, **more})
    before = pa.table({**table, **more, "year": pa.array([2019] * len(values))})
    steps.time("causes of a change", lambda: change.change(declared, before, after).units)


if __name__ == "__main__":
    main("An index of 1,000 cities × 40 indicators", "benchmarks.indices", {"index": index})
