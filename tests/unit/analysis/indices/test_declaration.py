"""What a declaration of an index may not say, and that the message says why."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from analysis.indices.tree import Tree
from tests.fixtures.indices import index_of, leaf, part, three_parts

PLAIN = {"name": "A leaf", "direction": "higher_is_better"}


@pytest.mark.parametrize(
    ("parts", "said", "why"),
    [
        ({"a": leaf(5, 5)}, {}, "both 5"),
        ({"a": leaf(), "b": leaf(indicator="a")}, {}, "'a' and 'b' are one figure"),
        ({"a": leaf()}, {"years": [2016, 2016]}, "each once"),
        ({"a": leaf()}, {"years": [20160]}, "between 1900 and 2100"),
        ({"a": leaf()}, {"cities": {"countries": ["Germany"]}}, "should match pattern"),
        ({"a": leaf(0, 10, scale="log")}, {}, "above zero"),
        ({"a": leaf(per="b")}, {"spatial_units": ["metro", "fua"]}, "one boundary"),
        ({"a": leaf(0, 10, direction="lower_is_better")}, {}, "say higher_is_better"),
        ({"a": {"name": "A leaf"}}, {}, "needs `direction` or `goalposts`"),
        ({"a": PLAIN}, {}, "'a' has no `goalposts`"),
        ({"a": PLAIN}, {"normalise": "minmax", "uncertainty": {"normalise": ["goalposts"]}},
         "'a' has no `goalposts`"),
        ({"a": leaf(weight=0)}, {}, "greater than 0"),
        ({"idx": leaf()}, {}, "'idx' stands twice"),
        ({"a": part(b=leaf()), "b": leaf()}, {}, "'b' stands twice"),
        ({"a": part()}, {}, "without a part"),
        ({"a": {**part(b=leaf()), "indicator": "x"}}, {}, "`indicator` is said of a leaf"),
        ({"a": leaf(aggregate="geometric")}, {}, "nothing to bring together"),
        ({"a": leaf()}, {"uncertainty": {"draws": 0}}, "greater than 0"),
        ({"a": leaf()}, {"uncertainty": {"aggregate": ["copeland"]}}, "'harmonic'"),
        ({"a": leaf()}, {"normalise": "zscore", "aggregate": "geometric"}, "{mean: 50, sd: 10}"),
        ({"a": leaf()}, {"colour": "red"}, "Extra inputs"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_reason(
    parts: dict[str, Any], said: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        index_of(parts, **said)
    assert why in str(refused.value)


def test_the_tree_is_the_same_in_whatever_order_it_was_written() -> None:
    one = index_of({"b": part(y=leaf(weight=3), x=leaf()), "a": leaf(weight=3)})
    other = index_of({"a": leaf(weight=3), "b": part(x=leaf(), y=leaf(weight=3))})
    assert Tree(one).codes == Tree(other).codes == ["idx", "a", "b", "x", "y"]
    assert Tree(one).parents == [-1, 0, 0, 2, 2]
    assert Tree(one).levels == [0, 1, 1, 2, 2]
    assert Tree(one).effective.tolist() == [1, 0.75, 0.25, 0.0625, 0.1875]


def test_a_part_aggregates_as_what_it_is_in_unless_it_says_otherwise() -> None:
    tree = Tree(
        index_of(
            {"a": {**part(b=part(c=leaf())), "aggregate": "harmonic"}, "d": part(e=leaf())},
            aggregate="geometric",
        )
    )
    how = {tree.codes[place]: kind for place, kind in tree.aggregates().items()}
    assert how == {"idx": "geometric", "a": "harmonic", "b": "harmonic", "d": "geometric"}
    assert tree.aggregates("arithmetic")[0] == "arithmetic"


def test_goalposts_tell_the_direction() -> None:
    assert Tree(three_parts()).signs.tolist() == [1, -1, 1, 1, -1, 1]
