"""Who is near whom."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.indices.peers import PEER, peers
from tests.fixtures.indices import LEAVES, index_of, leaf, random_values, three_parts, values_of


def test_the_nearest_by_profile_are_not_the_nearest_by_score() -> None:
    units = {
        "u": {"a": 80, "b": 20},
        "like": {"a": 70, "b": 10},
        "same_score": {"a": 20, "b": 80},
        "partly": {"a": 80},
    }
    index = index_of({"a": leaf(), "b": leaf()})
    rows = peers(index, values_of(units), k=2, least=0.6).to_pylist()
    of_u = [r for r in rows if r["unit"] == "u"]
    assert [(r["place"], r["peer"]) for r in of_u] == [(1, "like"), (2, "same_score")]
    assert [r["distance"] for r in of_u] == [pytest.approx(10), pytest.approx(60)]
    assert [r for r in rows if r["unit"] == "partly"] == []
    rows = peers(index, values_of(units), k=1, least=0.5).to_pylist()
    assert (rows[-1]["unit"], rows[-1]["peer"]) == ("u", "partly")
    assert (rows[-1]["distance"], rows[-1]["shared"]) == (0, 0.5)


def test_distances_are_weighted_over_what_both_have() -> None:
    index = index_of({"a": leaf(weight=3), "b": leaf(), "c": leaf()})
    units = {"u": {"a": 10, "b": 50}, "v": {"a": 20, "b": 80, "c": 5}}
    row = peers(index, values_of(units)).to_pylist()[0]
    assert row["distance"] == pytest.approx(((3 * 100 + 900) / 4) ** 0.5)
    assert row["shared"] == pytest.approx(0.8)


def test_order_of_rows_and_size_of_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    index, values = three_parts(), random_values(50, LEAVES, seed=2, missing=0.2)
    whole = peers(index, values)
    shuffled = values.take(np.random.default_rng(0).permutation(values.num_rows))
    assert peers(index, shuffled).equals(whole)
    monkeypatch.setattr("analysis.indices.peers._AT_ONCE", 350)
    assert peers(index, values).equals(whole)
    assert peers(index, values_of({})).equals(PEER.empty_table())
