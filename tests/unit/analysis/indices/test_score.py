"""Who has a score and who a rank, and what may not move them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from analysis.indices.score import RANK, SCORE, TREATMENT, rank, score, treatment
from analysis.indices.weights import weights
from analysis.indices.whatif import with_values, with_weights, without
from core.errors import DeclarationError
from tests.fixtures.indices import (
    LEAVES,
    by,
    index_of,
    leaf,
    part,
    random_values,
    three_parts,
    values_of,
)


@pytest.mark.parametrize("how", ["arithmetic", "geometric", "harmonic"])
def test_a_newcomer_with_full_data_moves_no_score_under_goalposts(how: str) -> None:
    index = three_parts(aggregate=how)
    values = random_values(40, LEAVES, seed=5, missing=0.1)
    more = values_of({"new": dict.fromkeys(LEAVES, 1000000.0)})
    before, after = score(index, values), score(index, pa.concat_tables([values, more]))
    kept = after.filter(pa.compute.not_equal(after["unit"], "new"))
    assert kept.equals(before)


@pytest.mark.parametrize("normalise", ["goalposts", "minmax", "zscore", "rank", "percentile"])
def test_rows_in_another_order_give_the_same_bits(normalise: str) -> None:
    index = three_parts(normalise=normalise, treat={})
    values = random_values(60, LEAVES, seed=6, missing=0.1)
    shuffled = values.take(np.random.default_rng(0).permutation(values.num_rows))
    for made in (score, rank, treatment):
        assert made(index, shuffled).equals(made(index, values))


def test_below_the_declared_coverage_there_is_a_reason_and_no_rank() -> None:
    index = three_parts(coverage={"index": 0.6, "part": 0.5})
    full = dict.fromkeys(LEAVES, 50.0)
    units = {
        "all": full,
        "no_b": {**full, "b1": None, "b2": None},
        "half": {"a1": 90.0, "b2": 90.0},
        "none": {"elsewhere": 1.0},
    }
    made = by(rank(index, values_of(units)), "unit")
    assert (made["all"]["rank"], made["all"]["reason"]) == (1, None)
    assert made["no_b"]["reason"] == "0% of b has values, below 50%"
    assert made["no_b"]["score"] is not None
    assert made["half"]["reason"].startswith("41% of idx has values, below 60%")
    assert [made[u]["rank"] for u in ("no_b", "half", "none")] == [None] * 3
    assert not any(made[u]["rankable"] for u in ("no_b", "half", "none"))
    assert made["none"]["score"] is None


def test_just_the_declared_coverage_is_enough() -> None:
    """Seven tenths that are added up may be less than 0.7 in the last digit."""
    codes = [f"c{n}" for n in range(10)]
    index = index_of({code: leaf() for code in codes}, coverage={"index": 0.7})
    units = {"seven": dict.fromkeys(codes[3:], 1.0), "six": dict.fromkeys(codes[4:], 1.0)}
    made = by(rank(index, values_of(units)), "unit")
    assert made["seven"]["rank"] == 1
    assert made["six"]["reason"].startswith("6")
    assert made["six"]["rank"] is None


def test_equal_scores_share_a_rank_and_the_next_is_left_out() -> None:
    values = values_of({u: {"a": x} for u, x in {"p": 9, "q": 5, "r": 9, "s": 1}.items()})
    made = by(rank(index_of({"a": leaf()}), values), "unit")
    assert {unit: row["rank"] for unit, row in made.items()} == {"p": 1, "r": 1, "q": 3, "s": 4}


def test_a_unit_alone_cannot_be_ranked_by_comparison() -> None:
    index = index_of({"a": leaf()}, normalise="minmax")
    made = rank(index, values_of({"u": {"a": 3}})).to_pylist()
    assert made[0]["reason"] == "no score: there is nobody to compare it with"


def test_values_are_divided_and_nothing_by_zero() -> None:
    index = index_of({"a": leaf(0, 1, per="people")})
    values = values_of({"u": {"a": 2, "people": 4}, "v": {"a": 2, "people": 0}, "w": {"a": 2}})
    made = by(score(index, values), "unit", "node")
    assert (made["u", "a"]["value"], made["u", "a"]["denominated"]) == (2, 0.5)
    assert made["u", "idx"]["score"] == 50
    assert made["v", "idx"]["score"] is None
    assert made["w", "idx"]["score"] is None


@pytest.mark.parametrize(
    ("added", "why"),
    [
        (values_of({"u": {"a": 3}}), "two of a in u"),
        (values_of({"x": {"a": float("inf")}}), "infinite one of a in x"),
        (pa.table({"unit": pa.array([None], pa.string()), "indicator": ["a"], "value": [1.0]}),
         "name of a unit"),
    ],
)  # fmt: skip
def test_values_that_cannot_be_used_are_refused(added: pa.Table, why: str) -> None:
    values = pa.concat_tables([values_of({"u": {"a": 2}}), added])
    with pytest.raises(ValueError, match=why):
        score(index_of({"a": leaf()}), values)


def test_an_empty_table_gives_empty_tables() -> None:
    nothing = values_of({})
    for made, schema in ((score, SCORE), (rank, RANK)):
        assert made(three_parts(), nothing).schema == schema
        assert made(three_parts(), nothing).num_rows == 0
    assert treatment(three_parts(treat={}), nothing).schema == TREATMENT


def test_other_weights_and_values_are_a_call() -> None:
    index = index_of({"a": leaf(), "b": leaf()})
    values = values_of({"u": {"a": 40, "b": 80}})
    assert rank(with_weights(index, {"b": 3}), values)["score"].to_pylist() == [70]
    changed = with_values(values, {("u", "a"): 60.0, ("v", "b"): 10.0})
    assert rank(index, changed)["score"].to_pylist() == [70, 10]
    assert rank(index, with_values(values, {("u", "a"): None}))["score"].to_pylist() == [80]
    with pytest.raises(DeclarationError, match="one of the nodes a, b; found nobody"):
        with_weights(index, {"nobody": 1})
    with pytest.raises(DeclarationError, match="weights above zero"):
        with_weights(index, {"a": -1})


def test_a_part_whose_last_part_goes_goes_with_it() -> None:
    index = index_of({"a": part(b=part(c=leaf())), "d": leaf()})
    assert [code for code, *_ in without(index, "c").nodes()] == ["d"]
    with pytest.raises(DeclarationError, match="has parts without d"):
        without(without(index, "a"), "d")


def test_weights_of_data_are_shares_of_each_parent() -> None:
    """Two leaves that agree share what they measure; one that tells nobody apart has no weight."""
    chosen = np.random.default_rng(8)
    x = chosen.random(200)
    values = values_of(
        {
            f"u{n:03}": {"a1": 50 * x[n] + 9, "a2": 50 * x[n] + 9 + chosen.random(), "a3": 50.0}
            for n in range(200)
        }
    )
    index = index_of({"a": part(a1=leaf(weight=7), a2=leaf(), a3=leaf()), "c": leaf()})
    assert weights(index, values, "declared")["a1"] == pytest.approx(7 / 9)
    assert weights(index, values, "equal")["a1"] == pytest.approx(1 / 3)
    index = without(index, "c")
    for how in ("pca", "entropy"):
        found = weights(index, values, how)  # type: ignore[arg-type]
        assert sum(found[n] for n in ("a1", "a2", "a3")) == pytest.approx(1)
        assert found["a1"] == pytest.approx(0.5, abs=0.03)
        assert found["a3"] == pytest.approx(0, abs=1e-9)
        assert found["a"] == 1
