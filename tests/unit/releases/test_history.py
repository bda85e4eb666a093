"""The history of values: intervals by comparison of two states, through all moves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.files import sha256_of
from releases import history, pointer
from releases.store import ReleaseStore

V1, V2, V3 = (f"2026010{n}T000000Z-aaaaaaa{n}" for n in (1, 2, 3))
# (city, value, status) of the figures that a release holds
Figures = list[tuple[int, float, str]]


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    return tmp_path


def _release(releases: Path, version: str, figures: Figures) -> None:
    folder = releases / version / "parquet"
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            "create table f (city_id bigint, indicator varchar, source_id varchar,"
            " spatial_unit varchar, time_period varchar, obs_value double, unit_measure varchar,"
            " obs_status varchar)"
        )
        for city, value, status in figures:
            row = [city, "population", "s", "metro", "2020", value, "persons", status]
            connection.execute("insert into f values (?, ?, ?, ?, ?, ?, ?, ?)", row)
        connection.execute(f"copy f to '{folder / 'fct_observation.parquet'}' (format parquet)")
    files = {"parquet/fct_observation.parquet": sha256_of(folder / "fct_observation.parquet")}
    manifest = {"version": version, "files": files, "tables": {}}
    (releases / version / "manifest.json").write_text(json.dumps(manifest))


def _publish(releases: Path, version: str, figures: Figures) -> None:
    _release(releases, version, figures)
    pointer.move(releases, version, "publish")


def _read(path: Path | None) -> list[tuple[Any, ...]]:
    assert path is not None
    with duckdb.connect() as connection:
        return connection.execute(
            "select city_id, obs_value, obs_status, valid_from_release, valid_to_release,"
            f" started_by, ended_by from read_parquet('{path}') order by city_id, valid_from"
        ).fetchall()


def test_there_is_no_history_before_the_first_release(releases: Path) -> None:
    assert history.latest(releases) is None


def test_values_are_added_revised_and_withdrawn(releases: Path) -> None:
    _publish(releases, V1, [(1, 10, "A"), (2, 20, "A"), (3, 30, "A")])
    _publish(releases, V2, [(1, 10, "A"), (2, 21, "A"), (4, 40, "A")])
    assert _read(history.latest(releases)) == [
        (1, 10, "A", V1, None, "added", None),
        (2, 20, "A", V1, V2, "added", "revised"),
        (2, 21, "A", V2, None, "revised", None),
        (3, 30, "A", V1, V2, "added", "withdrawn"),
        (4, 40, "A", V2, None, "added", None),
    ]


def test_another_status_is_a_revision(releases: Path) -> None:
    _publish(releases, V1, [(1, 10, "P")])
    _publish(releases, V2, [(1, 10, "A")])
    assert _read(history.latest(releases)) == [
        (1, 10, "P", V1, V2, "added", "revised"),
        (1, 10, "A", V2, None, "revised", None),
    ]


def test_intervals_meet_without_gap_or_overlap(releases: Path) -> None:
    for version, value in ((V1, 10), (V2, 11), (V3, 12)):
        _publish(releases, version, [(1, value, "A")])
    path = history.latest(releases)
    with duckdb.connect() as connection:
        spans = connection.execute(
            f"select valid_from, valid_to from read_parquet('{path}') order by valid_from"
        ).fetchall()
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
    assert spans[-1][1] is None


def test_a_rollback_ends_and_restores(releases: Path) -> None:
    _publish(releases, V1, [(1, 10, "A"), (2, 20, "A")])
    _publish(releases, V2, [(1, 11, "A"), (3, 30, "A")])
    ReleaseStore(releases).rollback(None, "")
    assert _read(history.latest(releases)) == [
        (1, 10, "A", V1, V2, "added", "revised"),
        (1, 11, "A", V2, V1, "revised", "rolled_back"),
        (1, 10, "A", V1, None, "restored", None),
        (2, 20, "A", V1, V2, "added", "withdrawn"),
        (2, 20, "A", V1, None, "restored", None),
        (3, 30, "A", V2, V1, "added", "rolled_back"),
    ]


def test_history_that_was_never_written_is_made_from_the_moves(releases: Path) -> None:
    _publish(releases, V1, [(1, 10, "A")])
    history.latest(releases)
    _publish(releases, V2, [(1, 11, "A")])
    _publish(releases, V3, [(1, 12, "A")])
    made = _read(history.latest(releases))
    assert [row[1] for row in made] == [10, 11, 12]
    assert [row[6] for row in made] == ["revised", "revised", None]


def test_a_half_written_history_is_not_taken_for_one(releases: Path) -> None:
    _publish(releases, V1, [(1, 10, "A")])
    folder = releases / history.FOLDER
    folder.mkdir()
    (folder / "000001.tmp").write_bytes(b"PAR1")
    assert _read(history.latest(releases)) == [(1, 10, "A", V1, None, "added", None)]


def test_pruned_releases_stay_in_the_history(releases: Path) -> None:
    for version, value in ((V1, 10), (V2, 11), (V3, 12)):
        _publish(releases, version, [(1, value, "A")])
    assert ReleaseStore(releases).prune(1) == [V1, V2]
    assert [p.name for p in (releases / history.FOLDER).iterdir()] == ["000003.parquet"]
    assert [row[1] for row in _read(history.latest(releases))] == [10, 11, 12]


def test_history_goes_on_after_pruning_and_a_death_before_it_was_written(releases: Path) -> None:
    _publish(releases, V1, [(1, 10, "A")])
    _publish(releases, V2, [(1, 11, "A")])
    ReleaseStore(releases).prune(1)
    _publish(releases, V3, [(1, 12, "A")])
    assert [row[1] for row in _read(history.latest(releases))] == [10, 11, 12]


def test_the_current_release_is_never_pruned(releases: Path) -> None:
    for version, value in ((V1, 10), (V2, 11), (V3, 12)):
        _publish(releases, version, [(1, value, "A")])
    ReleaseStore(releases).rollback(V1, "")
    assert ReleaseStore(releases).prune(1) == [V2]
    assert ReleaseStore(releases).versions() == [V1, V3]
