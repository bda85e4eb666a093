"""An explanation is the decision's own: its parts sum to the score that decided."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from cities.explain import Explanation, explain
from cli.render.explain import explanations
from tests.fixtures.cities import asked

LABELS = [
    {"ref_area": "Arlington", "country": "US", "population": 390_000.0},
    {"ref_area": "Shauliai", "country": "Lithuania"},
    {"ref_area": "Dallas County", "country": "US"},
    {"ref_area": "Anda", "country": "CN"},
    {"ref_area": "Daqing", "country": "CN"},
]


@pytest.fixture(scope="module")
def made() -> dict[str, Explanation]:
    tables = asked(LABELS)
    return {
        name: explain(**tables, ref_area=name, source_id="s")[0]
        for name in ("Arlington", "Dallas County", "Anda")
    }


def test_contributions_sum_to_the_score(made: dict[str, Explanation]) -> None:
    candidates = [c for each in made.values() for c in each.candidates]
    assert len(candidates) >= 4
    for candidate in candidates:
        total = sum(c.weight for c in candidate.contributions)
        assert total == pytest.approx(candidate.score, abs=1e-5)
        assert abs(candidate.score) > 1


def test_every_step_has_its_say(made: dict[str, Explanation]) -> None:
    arlington = made["Arlington"]
    assert arlington.parsed["country_iso2"] == "US"
    assert arlington.names[0] == {"rank": 1, "name": "arlington"}
    assert arlington.countries[0] == "US"
    assert {f["city_id"] for f in arlington.found} == {13, 14}
    best = arlington.candidates[0]
    levels = {c.evidence: c.level for c in best.contributions}
    assert (best.city_id, levels["population"]) == (13, "within_1.06")
    assert best.probability is not None
    assert best.probability >= arlington.link
    assert arlington.decision["city_id"] == 13


def test_what_is_set_aside_says_why(made: dict[str, Explanation]) -> None:
    # Daqing once was Anda, but this source lists it under its own name.
    aside = {c.city_id: c.set_aside for c in made["Anda"].candidates}
    assert aside == {24: None, 23: "listed_otherwise"}


def test_what_is_no_city_says_so(made: dict[str, Explanation]) -> None:
    assert made["Dallas County"].claims_of_no_city == ("region",)
    assert made["Dallas County"].decision["outcome"] == "not_a_city"


def test_an_unknown_label_has_no_explanation() -> None:
    assert explain(**asked(LABELS), ref_area="Atlantis") == []
    assert explain(**asked(LABELS), ref_area="Anda", source_id="another") == []


def test_the_rendering_shows_evidence_and_decision(made: dict[str, Explanation]) -> None:
    console = Console(width=140, file=StringIO())
    console.print(explanations([made["Arlington"], made["Dallas County"]]))
    text = console.file.getvalue()
    for shown in ("within_1.06", "none of these", "→ resolved: 13", "no city: region"):
        assert shown in text
