"""Published scores follow from their parts, or they do not."""

from __future__ import annotations

import pyarrow as pa
import pytest

from analysis.indices.published import verdict
from tests.fixtures.indices import index_of, leaf, part, values_of

INDEX = index_of({"a": part(2, x=leaf(), y=leaf()), "z": leaf()})
VALUES = values_of({"u": {"x": 40, "y": 81, "z": 10}, "v": {"x": 1, "y": 2, "z": 3}, "w": {}})


def told(*rows: tuple[str, str, float | None]) -> pa.Table:
    unit, node, score = zip(*rows, strict=True)
    return pa.table({"unit": unit, "node": node, "score": pa.array(score, pa.float64())})


def test_scores_within_their_printed_digits_are_reproduced() -> None:
    published = told(("u", "a", 60.5), ("u", "idx", 43.7), ("v", "idx", 2.0), ("v", "a", None))
    row = verdict(INDEX, VALUES, published, tolerance=0.05).to_pylist()[0]
    assert (row["verdict"], row["compared"], row["missing"]) == ("reproduced", 3, 0)
    assert row["largest"] == pytest.approx(43.7 - 131 / 3)
    assert (row["unit"], row["node"]) == ("u", "idx")


@pytest.mark.parametrize(
    ("extra", "largest", "missing"),
    [(("v", "a", 4.5), 3.0, 0), (("elsewhere", "idx", 4.0), 0.0, 1), (("u", "idx2", 4.0), 0.0, 1)],
)
def test_one_that_does_not_follow_makes_it_not_reproducible(
    extra: tuple[str, str, float], largest: float, missing: int
) -> None:
    row = verdict(INDEX, VALUES, told(("v", "idx", 2.0), extra), tolerance=0.05).to_pylist()[0]
    assert (row["verdict"], row["missing"]) == ("not reproducible", missing)
    assert row["largest"] == pytest.approx(largest)


def test_just_the_tolerance_is_within_it_and_nothing_published_is_an_error() -> None:
    row = verdict(INDEX, VALUES, told(("v", "idx", 2.05)), tolerance=0.05).to_pylist()[0]
    assert row["verdict"] == "reproduced"
    with pytest.raises(ValueError, match="expected published scores of idx"):
        verdict(INDEX, VALUES, told(("v", "idx", None)), tolerance=0.05)
