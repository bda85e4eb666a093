"""The first day with a network, and the network is bad: what `wcn doctor` and `wcn run` say and do.

Every source of the invented world has a server on this machine: one is silent, one is rate limited,
one is down, one hangs up, one is gone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.paths import DataPaths
from tests.fixtures import world as w
from tests.fixtures.live_world import LiveWorld, served
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World

SILENT, LIMITED, DOWN, HANGS_UP, GONE = w.YEARBOOK, w.PRICES, w.CENSUS, w.CODES, w.ENVIRONMENT
ILL = {SILENT, LIMITED, DOWN, HANGS_UP, GONE}
WELL = {w.GAZETTEER, w.NORMALS}


@pytest.fixture(scope="module", autouse=True)
def _no_proxy() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "*")
        yield


def spoil(live: LiveWorld) -> None:
    live.delay[SILENT] = 600
    live.status |= {LIMITED: 429, DOWN: 503, HANGS_UP: 0, GONE: 404}
    live.headers[LIMITED] = {"Retry-After": "3600"}


def mend(live: LiveWorld) -> None:
    for changes in (live.delay, live.status, live.headers):
        changes.clear()


@pytest.fixture
def live(world: World, tmp_path: Path) -> Iterator[LiveWorld]:
    with served({s: world.data(s) for s in world.tables}, tmp_path) as made:
        yield made


@pytest.fixture
def here(live: LiveWorld, tmp_path: Path) -> Warehouse:
    return Warehouse(DataPaths(tmp_path / "data"), live.publishers)


# --- wcn doctor


def document(said: str) -> dict[str, Any]:
    """The JSON among lines of progress."""
    found: dict[str, Any] = json.loads(said[said.index("\n{") if said[0] != "{" else 0 :])
    return found


def services(said: str) -> dict[str, dict[str, Any]]:
    end = said.rindex("\n}") + 2
    return {f["source_id"]: f for f in document(said[:end])["services"]}


def test_a_sound_home_and_services_that_are_well_end_with_status_0(here: Warehouse) -> None:
    said = here.wcn("doctor")
    assert "no faults, 7 live services are well" in said
    assert said.count("as declared") >= 7


def test_each_service_is_told_by_itself_and_the_command_ends_with_status_1(
    here: Warehouse, live: LiveWorld
) -> None:
    spoil(live)
    said = here.wcn("doctor", "--budget", "4", ok=False)
    assert "5 of 7 live services need attention" in said
    for source_id in ILL:
        assert f"{source_id}: needs attention: " in said, source_id
    for source_id in WELL:
        assert f"{source_id}: well" in said, source_id
    assert f"wcn doctor {SILENT}, or give a larger --budget" in " ".join(said.split())


def test_machines_get_one_document(here: Warehouse, live: LiveWorld) -> None:
    spoil(live)
    found = services(here.wcn("doctor", "--json", "--budget", "4", ok=False))
    assert {s for s, f in found.items() if f["is_well"]} == WELL
    status = {s: f["status"] for s, f in found.items()}
    assert (status[LIMITED], status[DOWN], status[GONE]) == (429, 503, 404)
    assert (status[HANGS_UP], found[HANGS_UP]["reachable"]) == (None, False)
    assert found[w.GAZETTEER]["shape"] == "as declared"
    assert all(f["todo"] for s, f in found.items() if s in ILL)


def test_named_sources_alone_are_asked(here: Warehouse, live: LiveWorld) -> None:
    spoil(live)
    assert "no faults, 2 live services are well" in here.wcn("doctor", *sorted(WELL))
    assert set(live.asked) == WELL
    assert "1 of 1 live services need attention" in here.wcn("doctor", GONE, ok=False)


def test_options_may_follow_the_names(here: Warehouse) -> None:
    assert set(services(here.wcn("doctor", w.NORMALS, "--json"))) == {w.NORMALS}


def test_a_name_that_no_source_has_is_an_error_before_anything_is_asked(
    here: Warehouse, live: LiveWorld
) -> None:
    assert "an unknown id" in here.wcn("doctor", w.NORMALS, "nobody__nothing", ok=False)
    assert not live.asked


@pytest.mark.parametrize("option", ["--offline", "--mend"])
def test_the_data_home_can_be_looked_at_without_a_network(
    here: Warehouse, live: LiveWorld, option: str
) -> None:
    assert "no faults" in here.wcn("doctor", option)
    assert not live.asked


def test_commands_of_the_doctor_stay_what_they_are(here: Warehouse, live: LiveWorld) -> None:
    assert "would delete 0 blobs" in here.wcn("doctor", "prune-landed", "--dry-run")
    assert not live.asked


def test_a_source_without_a_live_service_is_said_to_have_none(tmp_path: Path) -> None:
    archived = Warehouse(DataPaths(tmp_path / "data"))
    said = archived.wcn("doctor", w.NORMALS)
    assert f"{w.NORMALS}: no live service: declared for archive" in said


# --- wcn run


@dataclass
class First:
    """A first run over a bad network, and one more when the network is well."""

    here: Warehouse
    live: LiveWorld
    said: str

    def state(self) -> dict[str, str]:
        return dict(self.here.query("select source_id, state from dim_source"))


@pytest.fixture(scope="module")
def first(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[First]:
    folder = tmp_path_factory.mktemp("bad-network")
    with served({s: world.data(s) for s in world.tables}, folder) as live:
        spoil(live)
        here = Warehouse(DataPaths(folder / "data"), live.publishers)
        yield First(here, live, here.wcn("run", "--budget", "20"))


def test_what_could_be_had_is_published(first: First) -> None:
    state = first.state()
    assert {s for s in state if state[s] == "live"} == WELL
    assert {s for s in state if state[s] == "unavailable"} == ILL


def test_whom_a_run_waits_for_is_told(first: First) -> None:
    assert re.search(rf"waiting for {SILENT} \(\d\d s\)", first.said)


def test_what_was_skipped_is_listed_with_the_reason(first: First) -> None:
    listed = first.said.partition("Not obtained from the network")[2].partition("Later: ")[0]
    listed = " ".join(listed.replace("│", " ").split())
    for source_id in ILL:
        assert source_id in listed
    assert "come back in 3600 s" in listed
    assert "the time budget is over" in listed
    assert all(source_id not in listed for source_id in WELL)


def later_of(said: str) -> list[str]:
    """The command that a run gives for what it skipped."""
    (command,) = re.findall(r"^Later: wcn (run .*)$", said, re.M)
    return str(command).split()


def test_what_was_skipped_is_got_later_by_the_command_that_was_given(first: First) -> None:
    command = later_of(first.said)
    assert {a for a in command[1:] if a != "--only"} == ILL
    mend(first.live)
    first.live.asked.clear()
    said = first.here.wcn(*command)
    assert "Not obtained from the network" not in said
    assert set(first.state().values()) == {"live"}
    assert set(first.live.asked) == ILL
