"""The order of releases is the order of their moves: the times in their names decide nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from core.errors import ReleaseRefused
from releases import history, pointer
from releases.store import ReleaseStore
from tests.fixtures import releases as made

# The third was made after the clock had been set back by a year; the last two within one second.
ORDER = [
    "20260501T000000Z-bbbbbbbb",
    "20260601T000000Z-aaaaaaaa",
    "20250601T000000Z-cccccccc",
    "20250601T000001Z-ffffffff",
    "20250601T000001Z-eeeeeeee",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, version in enumerate(ORDER, start=1):
        made.publish(tmp_path, version, {1: float(number)})
    return tmp_path


def _intervals(folder: Path) -> list[tuple[float, datetime, datetime | None]]:
    with duckdb.connect() as connection:
        return connection.execute(
            f"select obs_value, valid_from, valid_to from read_parquet('{history.latest(folder)}')"
            " order by obs_value"
        ).fetchall()


def test_releases_are_listed_in_the_order_in_which_they_were_published(folder: Path) -> None:
    assert ReleaseStore(folder).versions() == ORDER


def test_rollbacks_go_back_one_by_one_in_that_order(folder: Path) -> None:
    store = ReleaseStore(folder)
    assert [store.rollback(None, "").version for _ in ORDER[1:]] == ORDER[-2::-1]
    with pytest.raises(FileNotFoundError, match="no other release"):
        store.rollback(None, "")


def test_after_a_pruning_a_rollback_goes_to_the_one_before_that_is_left(folder: Path) -> None:
    store = ReleaseStore(folder)
    store.rollback(ORDER[1], "")
    assert store.prune(2) == [ORDER[0], ORDER[2]]
    store.rollback(ORDER[4], "")
    assert store.rollback(None, "").version == ORDER[3]
    assert store.rollback(None, "").version == ORDER[1]


def test_prune_keeps_what_was_published_last(folder: Path) -> None:
    assert ReleaseStore(folder).prune(2) == ORDER[:3]
    assert ReleaseStore(folder).versions() == ORDER[3:]


def test_prune_keeps_an_old_release_that_was_gone_back_to(folder: Path) -> None:
    ReleaseStore(folder).rollback(ORDER[0], "")
    assert ReleaseStore(folder).prune(1) == ORDER[1:4]


def test_a_clock_that_is_a_year_back_gives_moves_and_intervals_in_order(folder: Path) -> None:
    later = datetime.now(UTC) + timedelta(days=365)
    version = "20271127T000000Z-dddddddd"
    made.make(folder, version, {1: 6.0})
    at = later.isoformat(timespec="microseconds")
    pointer.move(folder, version, "publish", at=at)  # a year ahead; then the clock is set right
    history.latest(folder)
    ReleaseStore(folder).rollback(None, "")
    made.publish(folder, "20261127T000000Z-99999999", {1: 7.0})
    moments = [datetime.fromisoformat(m.at) for m in pointer.moves(folder)]
    assert moments == sorted(set(moments))
    assert moments[-1] == later + timedelta(microseconds=2)
    spans = _intervals(folder)
    assert all(end is None or start < end for _, start, end in spans)
    assert [value for value, _, end in spans if end is None] == [7.0]


def test_a_release_that_does_not_know_of_a_rollback_is_not_published(folder: Path) -> None:
    version = "20270101T000000Z-dddddddd"
    at = made.make(folder, version, {1: 6.0})
    ReleaseStore(folder).rollback(None, "while the release is being made")
    with pytest.raises(ReleaseRefused, match="Run again"):
        pointer.move(folder, version, "publish", at=at)
    assert pointer.current(folder) == ORDER[3]


def test_nobody_rolls_back_to_a_release_that_was_never_published(folder: Path) -> None:
    version = "20200101T000000Z-dddddddd"
    made.make(folder, version, {1: 6.0})
    with pytest.raises(ReleaseRefused, match="never published"):
        ReleaseStore(folder).rollback(version, "")
    assert ReleaseStore(folder).rollback(None, "").version == ORDER[3]
