"""A missing or damaged history is made again, from whatever still has it; it is the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from core.files import sha256_of
from releases import history, integrity, ledger
from releases.history import HistoryLost
from releases.store import ReleaseStore
from tests.fixtures import releases as made
from tests.fixtures.releases import flip

V1, V2, V3 = (f"2026010{n}T000000Z-aaaaaaa{n}" for n in (1, 2, 3))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three releases, then back to the second: four moves."""
    made.publish(tmp_path, V1, {1: 10.0, 2: 20.0})
    made.publish(tmp_path, V2, {1: 11.0, 3: 30.0})
    made.publish(tmp_path, V3, {1: 12.0, 2: 20.0})
    ReleaseStore(tmp_path).rollback(None, "")
    return tmp_path


def _rows(folder: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        file = history.path(folder, 4)
        return connection.execute(f"from read_parquet('{file}') order by all").fetchall()


def _last_flipped(folder: Path) -> None:
    flip(history.path(folder, 4), 100)


def _last_gone(folder: Path) -> None:
    history.path(folder, 4).unlink()


def _last_empty(folder: Path) -> None:
    history.path(folder, 4).write_bytes(b"")


def _all_flipped(folder: Path) -> None:
    for number in (1, 2, 3, 4):
        flip(history.path(folder, number), 100)


def _all_gone_and_the_first_release_too(folder: Path) -> None:
    for number in (1, 2, 3, 4):
        history.path(folder, number).unlink()
    (folder / V1).rename(folder.parent / "away")


def _pruned_and_flipped(folder: Path) -> None:
    ReleaseStore(folder).prune(1)
    flip(history.path(folder, 4), 100)


@pytest.mark.parametrize(
    "damage",
    [
        _last_flipped,
        _last_gone,
        _last_empty,
        _all_flipped,
        _all_gone_and_the_first_release_too,
        _pruned_and_flipped,
    ],
)
def test_the_history_is_made_again_and_is_the_same(
    folder: Path, damage: Callable[[Path], None]
) -> None:
    before = _rows(folder)
    assert len(before) == 8
    damage(folder)
    assert history.latest(folder) == history.path(folder, 4)
    assert _rows(folder) == before
    assert ledger.read(folder).history[4] == sha256_of(history.path(folder, 4))
    assert not any("000004" in fault for fault in ReleaseStore(folder).audit().faults)


def test_a_damaged_history_is_never_built_upon(folder: Path) -> None:
    before = len(_rows(folder))
    _last_flipped(folder)
    made.publish(folder, "20260104T000000Z-aaaaaaa4", {1: 11.0, 3: 30.0})
    with duckdb.connect() as connection:
        kept = connection.execute(
            f"select count(*) from read_parquet('{history.latest(folder)}')"
        ).fetchone()
    assert kept == (before,)  # the same values: nothing began and nothing ended


def test_a_damaged_release_is_not_derived_from(folder: Path) -> None:
    _all_flipped(folder)
    for version in (V1, V2, V3):
        flip(folder / version / integrity.WAREHOUSE)
        flip(folder / version / integrity.FIGURES)
    with pytest.raises(HistoryLost, match="from a backup"):
        history.latest(folder)


def test_without_its_history_nothing_is_pruned(folder: Path) -> None:
    ReleaseStore(folder).prune(1)
    flip(history.path(folder, 4), 100)
    flip(folder / V3 / integrity.WAREHOUSE)
    flip(folder / V3 / integrity.FIGURES)
    with pytest.raises(HistoryLost):
        ReleaseStore(folder).prune(1)
    assert ReleaseStore(folder).versions() == [V2, V3]
