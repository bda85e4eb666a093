"""A person decides who a label is: the next run applies it, the release names it, nothing loses it.

One warehouse lives through the story once: asked, decided, released, made again elsewhere from the
same decisions, revoked, released.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from cities import decision_table, review
from cities.register import Register
from core.paths import DataPaths
from tests.fixtures import world as w
from tests.fixtures.warehouse import Warehouse

TWIN = w.FIRST_ID + 101
YEARBOOK = ("--source", w.YEARBOOK)
_LABEL = (
    "select outcome, city_id, method, reviewed_by, review_reason from dim_label where source_id = ?"
)

pytestmark = pytest.mark.slow(reason="eight runs, one after each kind of decision")


@dataclass
class Story:
    """What was said and seen at each moment."""

    warehouse: Warehouse
    elsewhere: Warehouse
    said: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, tuple[Any, ...]]] = field(default_factory=dict)
    cells: dict[str, dict[str, set[tuple[Any, ...]]]] = field(default_factory=dict)
    changes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    queue: list[dict[str, str]] = field(default_factory=list)
    imported: list[review.Decision] = field(default_factory=list)
    after_refusal: bool = False
    folder: Path = Path()

    @contextmanager
    def register(self) -> Iterator[Register]:
        """The current release, as the commands open it."""
        with self.warehouse.store.opened() as release:
            yield Register(release, self.warehouse.paths.scratch)

    def note(self, moment: str, here: Warehouse | None = None) -> None:
        """Remember what a release says of the two labels, and its list of changes."""
        seen = here or self.warehouse
        names = ("Twinford", "Atlantis")
        self.labels[moment] = {
            n: seen.query(f"{_LABEL} and ref_area = ?", w.YEARBOOK, n)[0] for n in names
        }
        self.cells[moment] = {
            n: set(
                seen.query(
                    "select disposition, reason, count(*) from fct_source_observation"
                    " where source_id = ? and ref_area_label = ? group by all",
                    w.YEARBOOK,
                    n,
                )
            )
            for n in names
        }
        self.changes[moment] = seen.current["changes"]["decisions"]

    def tables(self, folder: Path) -> None:
        """The queue as a table, a table that cannot be meant, and one that can."""
        self.folder = folder
        here = replace(self.warehouse, decisions=folder / "of_tables.csv")
        path = folder / "queue.csv"
        self.said["exported"] = here.wcn(
            *("cities", "export", str(path), *YEARBOOK),
            *("--outcome", "city_ambiguous", "--outcome", "city_unknown"),
        )
        with path.open(encoding="utf-8-sig", newline="") as stream:
            self.queue = list(csv.DictReader(stream))
        wrong = [
            {**r, "verdict": "city", "city_id": "123", "reason": "so it is"}
            for r in self.queue
            if r["ref_area"] == "Twinford"
        ]
        wrong += [{**r, "ref_area": "Nowhere", "verdict": "city", "city_id": "1"} for r in wrong]
        self.said["refused table"] = self._imported(here, folder / "wrong.csv", wrong, ok=False)
        assert here.decisions
        self.after_refusal = here.decisions.exists()
        filled = [
            {**r, "verdict": "city", "city_id": str(TWIN), "reason": "says the map"}
            if r["ref_area"] == "Twinford"
            else r
            for r in self.queue
        ]
        self.said["imported"] = self._imported(here, folder / "filled.csv", filled)
        self.imported = review.read(here.decisions)

    def _imported(
        self, here: Warehouse, path: Path, rows: list[dict[str, str]], ok: bool = True
    ) -> str:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return here.wcn("cities", "import", str(path), "--reviewer", "cleo", ok=ok)


@pytest.fixture(scope="module")
def story(built: Warehouse, first_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("review")
    here = replace(built, decisions=folder / "decisions.csv")
    made = Story(here, Warehouse(DataPaths(folder / "data"), decisions=here.decisions))
    made.note("first")
    made.said["asked"] = here.wcn(
        *("cities", "review", "--outcome", "city_ambiguous", "--reviewer", "anna", *YEARBOOK),
        # No such choice, no such city; then the candidate's id, no reason, a reason.
        answers=f"x\n123\n{TWIN}\n \nthe smaller one, says the map\n",
    )
    made.said["decided"] = here.wcn(
        *("cities", "decide", *YEARBOOK, "--name", "Atlantis", "--not-a-city"),
        *("--reason", "a tale", "--reviewer", "ben"),
    )
    made.said["asked again"] = here.wcn(
        "cities", "review", "--outcome", "city_ambiguous", answers="q\n"
    )
    made.said["second"] = here.run(None)
    made.note("second")
    made.said["same"] = here.run(None)
    made.elsewhere.run(first_release / "archive" / "index.csv")
    made.note("elsewhere", made.elsewhere)
    made.said["revoked"] = here.wcn(
        *("cities", "revoke", *YEARBOOK, "--name", "Twinford"),
        *("--reason", "the map is wrong", "--reviewer", "ben"),
    )
    made.said["third"] = here.run(None)
    made.note("third")
    made.tables(folder)
    made.said["list"] = here.wcn("release", "list")
    made.said["decisions"] = here.wcn("cities", "decisions")
    return made


def test_a_person_sees_both_sides_of_a_case(story: Story) -> None:
    said = story.said["asked"]
    assert f"1/1 Twinford · {w.YEARBOOK} · 8 cells" in said
    assert "country CA" in said
    assert "population, gdp" in said or "gdp_cny, population" in said
    assert all(f"{i}" in said for i in (w.FIRST_ID + 100, TWIN))
    assert "90,000" in said


def test_only_a_candidate_or_a_known_city_with_a_reason_is_a_decision(story: Story) -> None:
    said = story.said["asked"]
    assert "'x' is none of" in said
    assert "have an id 123" in said
    assert story.warehouse.decisions
    decisions = review.read(story.warehouse.decisions)
    assert [(d.ref_area, d.country, d.verdict, d.city_id) for d in decisions] == [
        ("Twinford", "CA", "city", str(TWIN)),
        ("Atlantis", "AT", "not_a_city", ""),
        ("Twinford", "CA", "revoked", ""),
    ]
    assert decisions[0].reviewed_by == "anna"
    assert decisions[0].reason == "the smaller one, says the map"
    assert decisions[0].decided_at.endswith("+00:00")


def test_what_is_decided_is_not_asked_again(story: Story) -> None:
    assert "1 are decided and wait for the next `wcn run`" in story.said["asked again"]
    assert "Twinford" not in story.said["asked again"]


def test_the_next_run_applies_a_decision(story: Story) -> None:
    assert story.labels["first"]["Twinford"][0] == "city_ambiguous"
    why = "the smaller one, says the map"
    assert story.labels["second"]["Twinford"] == ("resolved", TWIN, "reviewed", "anna", why)
    assert story.labels["second"]["Atlantis"] == ("not_a_city", None, "reviewed", "ben", "a tale")
    assert story.cells["first"]["Twinford"] == {("rejected", "city_ambiguous", 8)}
    assert story.cells["second"]["Twinford"] == {("published", None, 8)}
    assert story.cells["second"]["Atlantis"] == {("filtered", "not_a_city", 6)}
    assert "No new release" in story.said["same"]


def test_the_release_names_the_decisions_that_it_applied(story: Story) -> None:
    twin = {"source_id": w.YEARBOOK, "ref_area": "Twinford", "ref_area_code": "", "country": "CA"}
    atlantis, applied = story.changes["second"]
    assert (atlantis["ref_area"], atlantis["verdict"]) == ("Atlantis", "not_a_city")
    assert applied == {
        **twin,
        "verdict": "city",
        "city_id": TWIN,
        "reviewed_by": "anna",
        "reason": "the smaller one, says the map",
        "change": "added",
    }
    (revoked,) = story.changes["third"]
    assert revoked == {
        **applied,
        "change": "revoked",
        "reviewed_by": "ben",
        "reason": "the map is wrong",
    }
    assert story.changes["first"] == []


def test_release_list_shows_decisions(story: Story) -> None:
    said = " ".join(story.said["list"].replace("│", " ").split())
    assert "decisions" in said
    assert "revoked:" in said


def test_a_warehouse_made_anew_keeps_what_people_decided(story: Story) -> None:
    assert story.labels["elsewhere"] == story.labels["second"]
    assert story.cells["elsewhere"] == story.cells["second"]
    assert [c["change"] for c in story.changes["elsewhere"]] == ["added", "added"]


def test_a_revoked_label_goes_back_to_what_the_evidence_says(story: Story) -> None:
    assert "revoked" in story.said["revoked"]
    assert story.labels["third"]["Twinford"] == story.labels["first"]["Twinford"]
    assert story.cells["third"]["Twinford"] == story.cells["first"]["Twinford"]
    assert story.labels["third"]["Atlantis"] == story.labels["second"]["Atlantis"]


def test_the_codes_of_a_reviewed_city_name_the_reviewer(story: Story) -> None:
    names = story.elsewhere.query(
        "select method, reviewed_by from dim_city_code where city_id = ? and code = 'Twinford'",
        TWIN,
    )
    assert names == [("reviewed", "anna")]


def test_the_queue_can_be_answered_in_a_table(story: Story) -> None:
    twin = next(r for r in story.queue if r["ref_area"] == "Twinford")
    assert (twin["cells"], twin["verdict"]) == ("8", "")
    assert f"{TWIN} Twinford" in twin["candidates"]
    assert "1 decided" in story.said["imported"]
    assert [(d.label, d.city_id, d.reviewed_by, d.reason) for d in story.imported] == [
        ((w.YEARBOOK, "Twinford", "", "CA"), str(TWIN), "cleo", "says the map")
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",city,", ",City,", ""),
        (f",{TWIN},", f",{TWIN}.0,", ""),
        (",says the map,", ",,", "who made it and why"),
        (",city,", ",revoked,", "`wcn cities revoke` takes a decision back"),
        (f",{TWIN},", ",²,", "needs a city's id, not ²"),
        (",says the map,", ",says the map, really,", "more or fewer cells"),
        (",verdict,", ",answer,", "has no column verdict"),
        ("\n", "\nyearbook,Twinford\n", "more or fewer cells"),
    ],
)
def test_what_a_spreadsheet_makes_of_a_table_is_understood_or_refused(
    story: Story, tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = (story.folder / "filled.csv").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "table.csv"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    decisions = tmp_path / "decisions.csv"
    with story.register() as register:
        if said:
            with pytest.raises(ValueError, match=re.escape(said)):
                decision_table.decide_all(register, decisions, path, "cleo")
            assert not decisions.exists()
        else:
            assert len(decision_table.decide_all(register, decisions, path, "cleo").made) == 1
            again = decision_table.decide_all(register, decisions, path, "cleo")
            assert (again.made, again.holding) == ([], 1)


def test_a_label_that_stands_in_a_table_twice_is_not_decided(story: Story, tmp_path: Path) -> None:
    text = (story.folder / "filled.csv").read_text(encoding="utf-8")
    twin = next(line for line in text.splitlines() if "says the map" in line)
    path = tmp_path / "table.csv"
    path.write_text(f"{text}{twin}\n".replace(",", ";"), encoding="utf-8-sig")
    with (
        story.register() as register,
        pytest.raises(ValueError, match="stands in the table twice"),
    ):
        decision_table.decide_all(register, tmp_path / "decisions.csv", path, "cleo")


def test_a_table_with_a_row_that_cannot_be_meant_decides_nothing(story: Story) -> None:
    said = story.said["refused table"]
    assert "nothing is written" in said
    assert "the register has no city 123" in said
    assert "(Nowhere): the current release has no such label" in said
    assert not story.after_refusal


def test_the_list_of_decisions_says_what_holds(story: Story) -> None:
    lines = story.said["decisions"].splitlines()
    (city,) = [x for x in lines if "anna" in x]
    assert "revoked" in city.split("│")[-2]
    (tale,) = [x for x in lines if "a tale" in x]
    assert "holds" in tale


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--name", "Twinfort", "--city", str(TWIN)), '--name "Twinford" --country "CA"'),
        (("--name", "Samename", "--city", str(TWIN)), "several such labels"),
        (("--name", "Twinford", "--city", "123"), "have an id 123"),
        (("--name", "Twinford"), "either --city ID or --not-a-city"),
        (("--city", str(TWIN)), "by its name, its code"),
        (("--name", "Twinford", "--not-a-city", "--reason", " "), "who made it and why"),
    ],
)
def test_a_decision_that_cannot_be_meant_is_refused(
    story: Story, arguments: tuple[str, ...], said: str
) -> None:
    assert story.warehouse.decisions
    before = story.warehouse.decisions.read_bytes()
    told = story.warehouse.wcn(
        "cities", "decide", *YEARBOOK, "--reason", "why not", *arguments, ok=False
    )
    assert said in " ".join(told.split())
    assert story.warehouse.decisions.read_bytes() == before


def test_what_no_decision_is_about_cannot_be_revoked(story: Story) -> None:
    told = story.warehouse.wcn(
        *("cities", "revoke", *YEARBOOK, "--name", "Twinford", "--reason", "again"), ok=False
    )
    assert "no decision about it holds" in told
    assert "Atlantis" in told


def test_the_release_holds_what_a_decision_needs(story: Story) -> None:
    ((candidates,),) = story.warehouse.query(
        "select candidates from dim_label where ref_area = 'Twinford' and country_label = 'CA'"
    )
    assert {c["city_id"] for c in json.loads(candidates)} == {TWIN - 1, TWIN}
