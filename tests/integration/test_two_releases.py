"""The life of a release: changed, unchanged, rolled back, pruned, repeated elsewhere.

One warehouse lives through the whole story once (`story`); each test looks at one moment of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.paths import DataPaths
from releases import pointer
from releases.pointer import Move
from tests.faults.releases import OF_RELEASES
from tests.fixtures import world as w
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World

Figures = dict[tuple[Any, ...], tuple[float, str]]
_KEY = "city_id, indicator, source_id, spatial_unit, time_period"
pytestmark = pytest.mark.slow(
    reason="five runs: changed, unchanged, rolled back, repeated elsewhere"
)


@dataclass
class Story:
    """What was said and seen at each moment."""

    warehouse: Warehouse
    said: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    figures: dict[str, Figures] = field(default_factory=dict)
    manifests: dict[str, Any] = field(default_factory=dict)
    ledgers: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    history: list[tuple[Any, ...]] = field(default_factory=list)
    elsewhere: Warehouse | None = None

    def note(self, moment: str) -> None:
        """Remember the current release under a name."""
        here = self.warehouse
        version = pointer.current(here.paths.releases)
        assert version is not None
        self.versions[moment] = version
        self.manifests[moment] = here.current
        self.figures[moment] = _figures(here)
        self.ledgers[moment] = {
            (source, reason): cells
            for source, reason, cells in here.query(
                "select source_id, reason, cells from fct_row_ledger where reason != ''"
            )
        }
        self.faults[moment] = here.store.verify(version) + here.store.verify_pointer()


def _figures(warehouse: Warehouse, of: str = "fct_observation") -> Figures:
    found = warehouse.query(f"select {_KEY}, obs_value, obs_status from {of}")
    return {row[:5]: row[5:] for row in found}


def _later(world: World) -> World:
    """What the publishers say later: three values and one status revised, two rows more, one less.

    Of the yearbook a row is two figures.
    """
    later = world.changed()
    yearbook, environment = later.tables[w.YEARBOOK], later.tables[w.ENVIRONMENT]
    for city, year in ((40, 2012), (41, 2013), (42, 2014)):
        row = yearbook[world.yearbook_row(city, year)]
        row[3] = str(round(float(row[3]) * 1.05, 3))
    (provisional,) = [r for r in environment if r[:3] == ["NO2", world.cities[33].code, "2018"]]
    assert provisional[4] == "p"
    provisional[4] = ""
    for city in (40, 41):
        last = yearbook[world.yearbook_row(city, 2020)]
        grown = [str(round(float(text) * 1.01, 2)) for text in last[3:5]]
        yearbook.append(["2021", *last[1:3], *grown, last[5]])
    del yearbook[world.yearbook_row(45, 2001)]
    return later


@pytest.fixture(scope="module")
def story(built: Warehouse, world: World, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """R1, the same again, R2, back to R1, R2's content again, pruned, and repeated elsewhere."""
    made = Story(built)
    folder = tmp_path_factory.mktemp("story")
    made.note("first")
    made.said["same"] = built.run(world.write(folder / "first"))
    made.note("same")
    later = _later(world).write(folder / "later")
    made.said["second"] = built.run(later)
    made.note("second")
    made.said["list"] = built.wcn("release", "list")
    made.said["rollback"] = built.wcn("release", "rollback", "--reason", "to see it")
    made.note("back")
    made.said["again"] = built.run(later)
    made.note("again")
    made.said["verify"] = built.wcn("release", "verify")
    made.said["prune"] = built.wcn("release", "prune", "--keep", "1")
    made.note("pruned")
    made.moves = pointer.moves(built.paths.releases)
    columns = "valid_from_release, valid_to_release, valid_from, valid_to, started_by, ended_by"
    made.history = built.query(
        f"select {_KEY}, obs_value, obs_status, {columns} from fct_observation_history"
        " order by valid_from"
    )
    made.said["archive"] = built.wcn("archive", str(folder / "exported"))
    made.elsewhere = Warehouse(DataPaths(folder / "elsewhere"))
    made.said["elsewhere"] = made.elsewhere.run(folder / "exported" / "index.csv")
    return made


def _intervals(story: Story, *key: Any) -> list[tuple[Any, ...]]:
    """(value, status, from release, to release, started by, ended by) of one figure, in time."""
    return [(*row[5:9], *row[11:]) for row in story.history if row[: len(key)] == key]


def test_unchanged_content_makes_no_release_and_is_not_decoded_again(story: Story) -> None:
    assert story.versions["same"] == story.versions["first"]
    assert "No new release" in story.said["same"]
    assert "decoding" not in story.said["same"]
    assert story.said["same"].count(", unchanged") == 7
    assert "dbt_stage" not in story.said["same"]


def test_a_second_release_decodes_only_what_has_changed(story: Story) -> None:
    # Sources are obtained side by side: whichever answers first is told first.
    decoded = [line for line in story.said["second"].splitlines() if "decoding" in line]
    assert len(decoded) == 2
    for source in (w.ENVIRONMENT, w.YEARBOOK):
        assert sum(source in line for line in decoded) == 1, source


def test_changes_count_exactly_what_was_added_revised_and_withdrawn(story: Story) -> None:
    changes = story.manifests["second"]["changes"]
    assert {k: changes[k] for k in ("added", "revised", "withdrawn")} == {
        "added": 4,
        "revised": 4,
        "withdrawn": 2,
    }
    # By source, so that a reader sees whose edition it was.
    for what in ("added", "revised", "withdrawn"):
        assert sum(s[what] for s in changes["sources"]) == changes[what]
    assert all(s["source_id"] for s in changes["sources"])
    assert not any(v for k, v in changes.items() if k.endswith(("_appeared", "_gone")))


def test_the_change_list_says_which_reasons_withhold_more_or_less(story: Story) -> None:
    assert story.manifests["first"]["changes"]["reasons"] == []
    first, second = story.ledgers["first"], story.ledgers["second"]
    expected = {
        key: (first.get(key, 0), second.get(key, 0))
        for key in first.keys() | second.keys()
        if first.get(key, 0) != second.get(key, 0)
    }
    told = story.manifests["second"]["changes"]["reasons"]
    assert {(r["source_id"], r["reason"]): (r["before"], r["now"]) for r in told} == expected


def test_the_releases_differ_in_exactly_the_changed_figures(story: Story, world: World) -> None:
    first, second = story.figures["first"], story.figures["second"]
    city = [c.city_id for c in world.cities]
    yearbook = (w.YEARBOOK, "city_proper")
    assert second.keys() - first.keys() == {
        (city[c], i, *yearbook, "2021") for c in (40, 41) for i in ("population", "gdp_cny")
    }
    assert first.keys() - second.keys() == {
        (city[45], i, *yearbook, "2001") for i in ("population", "gdp_cny")
    }
    revised = {k for k in first.keys() & second.keys() if first[k] != second[k]}
    status = (city[33], "no2_annual_mean", w.ENVIRONMENT, "city_proper", "2018")
    assert revised == {
        status,
        *((city[c], "population", *yearbook, str(y)) for c, y in ((40, 2012), (41, 2013))),
        (city[42], "population", *yearbook, "2014"),
    }
    assert (first[status][1], second[status][1]) == ("P", "A")


def test_release_list_tells_the_changes_and_the_current_release(story: Story) -> None:
    first, second = story.versions["first"], story.versions["second"]
    lines = story.said["list"].splitlines()
    (line,) = [x for x in lines if second in x and "current" in x]
    cells = [c.strip() for c in line.split("│")]
    assert cells[2:5] == ["4", "4", "2"]
    assert any(first in x and "current" not in x for x in lines)
    moved = [x.split("│")[2].strip() for x in lines if "│ publish" in x]
    assert moved == ["publish", "publish"]


def test_observations_as_of_a_moment_are_what_readers_saw_then(story: Story) -> None:
    now = story.warehouse
    first, second, back, again = (datetime.fromisoformat(m.at) for m in story.moves)
    tick = timedelta(microseconds=1)

    def at(moment: datetime) -> Figures:
        text = moment.replace(tzinfo=None).isoformat(sep=" ")
        return _figures(now, f"observations_as_of(timestamp '{text}')")

    assert at(first - tick) == {}
    assert at(first) == story.figures["first"]
    assert at(second - tick) == story.figures["first"]
    assert at(second) == story.figures["second"]
    assert at(back - tick) == story.figures["second"]
    assert at(back) == story.figures["first"]
    assert at(again) == story.figures["second"]


def test_a_rollback_points_to_the_older_release_and_it_is_sound(story: Story) -> None:
    assert story.versions["back"] == story.versions["first"]
    assert story.faults["back"] == []
    assert story.figures["back"] == story.figures["first"]
    move = story.moves[2]
    assert (move.action, move.version) == ("rollback", story.versions["first"])
    assert (move.previous, move.reason) == (story.versions["second"], "to see it")


def test_the_history_of_a_revised_value_goes_through_the_rollback(
    story: Story, world: World
) -> None:
    first, second, again = (story.versions[m] for m in ("first", "second", "again"))
    key = (world.cities[40].city_id, "population", w.YEARBOOK, "city_proper", "2012")
    old, new = story.figures["first"][key], story.figures["second"][key]
    assert _intervals(story, *key) == [
        (*old, first, second, "added", "revised"),
        (*new, second, first, "revised", "rolled_back"),
        (*old, first, again, "restored", "revised"),
        (*new, again, None, "revised", None),
    ]


def test_the_history_of_an_added_value_goes_through_the_rollback(
    story: Story, world: World
) -> None:
    first, second, again = (story.versions[m] for m in ("first", "second", "again"))
    key = (world.cities[41].city_id, "gdp_cny", w.YEARBOOK, "city_proper", "2021")
    value = story.figures["second"][key]
    assert _intervals(story, *key) == [
        (*value, second, first, "added", "rolled_back"),
        (*value, again, None, "added", None),
    ]


def test_the_history_of_a_withdrawn_value_goes_through_the_rollback(
    story: Story, world: World
) -> None:
    first, second, again = (story.versions[m] for m in ("first", "second", "again"))
    key = (world.cities[45].city_id, "gdp_cny", w.YEARBOOK, "city_proper", "2001")
    value = story.figures["first"][key]
    assert _intervals(story, *key) == [
        (*value, first, second, "added", "withdrawn"),
        (*value, first, again, "restored", "withdrawn"),
    ]


def test_a_value_that_never_changed_has_one_open_interval(story: Story, world: World) -> None:
    key = (world.cities[50].city_id, "population", w.YEARBOOK, "city_proper", "2012")
    value = story.figures["first"][key]
    assert _intervals(story, *key) == [(*value, story.versions["first"], None, "added", None)]


def test_content_published_again_after_a_rollback_is_a_new_release(story: Story) -> None:
    assert story.versions["again"] not in (story.versions["first"], story.versions["second"])
    assert story.figures["again"] == story.figures["second"]
    assert story.said["verify"].count("sound") == 3
    assert story.manifests["again"]["changes"]["revised"] == 4


def test_pruning_keeps_the_current_release_and_the_whole_history(story: Story) -> None:
    here = story.warehouse
    assert here.store.versions() == [story.versions["again"]]
    assert story.versions["pruned"] == story.versions["again"]
    assert story.faults["pruned"] == []
    assert len(story.moves) == 4
    kept = here.query("select count(*) from fct_observation_history where valid_to is not null")
    # Eight ended at the second release's move, ten at the rollback, eight at the last.
    ended = {"second": 4 + 2, "back": 4 + 4, "again": 4 + 2}
    assert kept == [(sum(ended.values()),)]
    (history,) = sorted((here.paths.releases / "history").glob("*.parquet"))
    assert int(history.stem) == len(story.moves)
    same = here.query(
        f"select count(*) from ((from read_parquet('{history}') except"
        " from fct_observation_history) union all (from fct_observation_history except"
        f" from read_parquet('{history}')))"
    )
    assert same == [(0,)]


def test_an_exported_archive_gives_the_same_tables_elsewhere(story: Story) -> None:
    """All tables are compared by logical hash but three; of those all but the release's columns."""
    here, there = story.warehouse, story.elsewhere
    assert there is not None
    assert there.paths.root != here.paths.root
    mine, theirs = here.current["tables"], there.current["tables"]
    assert set(mine) == set(theirs)
    assert len(set(mine) - OF_RELEASES) >= 16
    differing = [
        t
        for t in sorted(set(mine) - OF_RELEASES)
        if mine[t]["logical_hash"] != theirs[t]["logical_hash"]
    ]
    assert differing == []
    codes = "select * exclude (first_release) from dim_city_code order by all"
    assert here.query(codes) == there.query(codes)
    assert _figures(there, "(from fct_observation_history where valid_to is null)") == _figures(
        here, "(from fct_observation_history where valid_to is null)"
    )


def test_an_exported_archive_tells_where_its_bytes_came_from(story: Story) -> None:
    assert story.elsewhere is not None
    read = [
        {(r["source_id"], r["url"], r["retrieved_at"], r["sha256"]) for r in json.loads(text)}
        for text in (
            Path(x.paths.releases / "current" / "receipts.json").read_text(encoding="utf-8")
            for x in (story.warehouse, story.elsewhere)
        )
    ]
    assert read[0] == read[1]
    assert len(read[0]) == 7
