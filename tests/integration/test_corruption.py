"""Corrupted sources: refused with a reason, the last good values stay, the others move on.

Gate-level corruption needs whole runs. One run meets all corruptions (see `tests/fixtures/flawed`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.paths import DataPaths
from tests.fixtures import flawed
from tests.fixtures.flawed import (
    AT_GATE_1,
    CORRUPTIONS,
    GOOD,
    LONE_SLIPS,
    REBASED,
    SLIP_YEAR,
    contents,
    slips,
    times,
)
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World, write_archive

pytestmark = pytest.mark.slow(reason="several runs of seventeen sources each")


@dataclass
class Story:
    """A good release, a run that meets every corruption, and what a person does about it."""

    warehouse: Warehouse
    said: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    snapshots: dict[str, dict[str, Any]] = field(default_factory=dict)

    def note(self, moment: str) -> None:
        self.versions[moment] = self.warehouse.current["version"]

    def figures(self, moment: str, source_id: str) -> dict[tuple[Any, ...], float]:
        found = self.warehouse.query(
            "select city_id, indicator, time_period, obs_value from fct_observation"
            " where source_id = ?",
            source_id,
            version=self.versions[moment],
        )
        return {row[:3]: row[3] for row in found}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return flawed.declare(tmp_path_factory.mktemp("publishers"))


@pytest.fixture(scope="module")
def story(catalogue: Path, world: World, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Good; all corruptions at once; one accepted; that one changed again."""
    folder = tmp_path_factory.mktemp("corruption")
    made = Story(Warehouse(DataPaths(folder / "data"), catalogue))
    made.said["good"] = made.warehouse.run(write_archive(folder / "good", contents(world)))
    made.note("good")
    changes = {name: change for name, (change, _) in CORRUPTIONS.items()}
    changes |= {"good": times(4, 1.1), "lone_slips": slips}
    met = write_archive(folder / "corrupted", contents(world, **changes))
    made.said["corrupted"] = made.warehouse.run(met)
    made.note("corrupted")
    made.snapshots = {f"flawed__{n}": made.warehouse.snapshot(f"flawed__{n}") for n in CORRUPTIONS}
    gate = ("gate", "accept", "values_hold", "--source", REBASED, "--reason", "new base year")
    made.said["accept"] = made.warehouse.wcn(*gate)
    made.said["accepted"] = made.warehouse.run(met)
    made.note("accepted")
    changes["rebased"] = times(4, 1.3 * 1.3)
    again = write_archive(folder / "again", contents(world, **changes))
    made.said["again"] = made.warehouse.run(again)
    made.note("again")
    return made


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_last_good_values_of_a_corrupted_source_stay(story: Story, name: str) -> None:
    good = story.figures("good", f"flawed__{name}")
    assert len(good) > 2000
    assert story.figures("corrupted", f"flawed__{name}") == good


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_refusal_names_the_source_and_the_reason(story: Story, name: str) -> None:
    source_id, reason = f"flawed__{name}", CORRUPTIONS[name][1]
    snapshot = story.snapshots[source_id]
    assert any(reason in failure for failure in snapshot["failures"]), snapshot["failures"]
    manifest = story.warehouse.store.manifest(story.versions["corrupted"])
    recorded = manifest["build"]["sources"][source_id]["failures"]
    assert any(reason in failure for failure in recorded)
    said = story.said["corrupted"].split(f"{source_id} ")[1:]
    assert any(reason in " ".join(part.split()) for part in said), story.said["corrupted"]


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_last_good_content_that_stands_in_is_marked_stale(story: Story, name: str) -> None:
    manifest = story.warehouse.store.manifest(story.versions["corrupted"])
    assert manifest["build"]["sources"][f"flawed__{name}"]["state"] == "stale"


def test_a_good_change_in_another_source_is_published_in_the_same_run(story: Story) -> None:
    before, after = story.figures("good", GOOD), story.figures("corrupted", GOOD)
    assert story.versions["corrupted"] != story.versions["good"]
    grown = [k for k in before if k[1] == "gdp_cny"]
    assert len(grown) > 1000
    assert all(after[k] == pytest.approx(1.1 * before[k], rel=1e-4) for k in grown)
    assert all(after[k] == before[k] for k in before if k[1] == "population")


def test_only_gate_refusals_are_remembered(story: Story) -> None:
    lines = story.warehouse.paths.refusals.read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    first = {e["source_id"] for e in entries}
    assert first == {f"flawed__{name}" for name in AT_GATE_1}
    assert all(e["reason"].startswith("gate 1: ") for e in entries)


def test_content_that_a_gate_refused_is_not_tried_again(story: Story) -> None:
    snapshot = story.warehouse.snapshot("flawed__slipped_unit")
    assert any("refused before" in failure for failure in snapshot["failures"])
    assert "refused at gate 1" not in story.said["accepted"]


def test_lone_slips_are_rejected_and_never_published(story: Story) -> None:
    before, after = story.figures("good", LONE_SLIPS), story.figures("corrupted", LONE_SLIPS)
    slipped = before.keys() - after.keys()
    assert {k[1:] for k in slipped} == {("gdp_cny", SLIP_YEAR)}
    assert len(slipped) == 24
    assert {k: v for k, v in before.items() if k not in slipped} == after
    reasons = story.warehouse.query(
        "select reason, count(*) from fct_rejected_cell where source_id = ? and indicator ="
        f" 'gdp_cny' and time_period = '{SLIP_YEAR}' group by all",
        LONE_SLIPS,
        version=story.versions["corrupted"],
    )
    # All cities of a country at once: it is the country that slipped.
    assert dict(reasons)["country_step"] == len(slipped)


def test_a_person_lets_a_legitimate_break_through(story: Story) -> None:
    assert "values_hold is let through for flawed__rebased" in story.said["accept"]
    before, after = story.figures("good", REBASED), story.figures("accepted", REBASED)
    rebased = [k for k in before if k[1] == "gdp_cny"]
    assert all(after[k] == pytest.approx(1.3 * before[k], rel=1e-4) for k in rebased)
    folder = story.warehouse.paths.releases / story.versions["accepted"]
    breaks = json.loads((folder / "manifest.json").read_text())["build"]["accepted_breaks"]
    assert [(b["check"], b["source_id"], b["reason"]) for b in breaks] == [
        ("values_hold", REBASED, "new base year")
    ]
    verdicts = story.warehouse.query(
        "select verdict, reason from fct_series_verdict where source_id = ? and"
        " indicator = 'gdp_cny'",
        REBASED,
        version=story.versions["accepted"],
    )
    assert [v for v, _ in verdicts] == ["warn"]
    assert "new base year" in verdicts[0][1]


def test_an_accepted_break_holds_for_no_other_content(story: Story) -> None:
    assert story.figures("again", REBASED) == story.figures("accepted", REBASED)
    failures = story.warehouse.snapshot(REBASED)["failures"]
    assert any("values_hold" in failure for failure in failures)


def test_only_refused_content_makes_no_release(story: Story) -> None:
    assert story.versions["again"] == story.versions["accepted"]
    assert "No new release" in story.said["again"]


def test_accepting_a_break_needs_a_refusal_and_a_known_check(story: Story) -> None:
    said = story.warehouse.wcn(
        "gate", "accept", "values_hold", "--source", GOOD, "--reason", "?", ok=False
    )
    assert f"has refused no content of {GOOD}" in said
    said = story.warehouse.wcn(
        "gate", "accept", "no_such", "--source", REBASED, "--reason", "?", ok=False
    )
    assert "no check no_such" in said
