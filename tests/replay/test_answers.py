"""Bodies that the services themselves sent, replayed by a local server through the real protocols.

They lie beside the repository, never in it. Some answer another question than the declared one, or
are cut: what is adapted to them stands with each. Where the folder is absent, equal-shaped bytes
are in `tests/unit/sources/test_first_contact.py` and `test_live_answers.py`.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.errors import SourceError
from core.settings import ROOT
from docs import generate
from sources.snapshot import SourceSnapshot
from tests.fixtures.declared import Cells, Change, cells_of, kept, reasons, snapshot

ANSWERS = ROOT.parent / "shared" / "answers"

pytestmark = pytest.mark.skipif(
    not ANSWERS.is_dir(), reason="no folder shared/answers beside the repository"
)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


class Replay:
    """Gives a recorded body to every request, and says what became of it."""

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        self._server, self._folder = server, folder

    def snapshot(
        self,
        source_id: str,
        body: bytes,
        status: int = 200,
        change: Change = lambda document: None,
    ) -> SourceSnapshot:
        return snapshot(
            self._server, self._folder, source_id, lambda _: Response(body, status), change
        )

    def cells(self, *given: Any, **more: Any) -> Cells:
        return cells_of(self._folder, self.snapshot(*given, **more))


@pytest.fixture
def replay(httpserver: HTTPServer, tmp_path: Path) -> Replay:
    return Replay(httpserver, tmp_path)


def body(name: str) -> bytes:
    return (ANSWERS / name).read_bytes()


def without(column: str, table: str) -> Change:
    """A declaration that does not ask for one of its variables."""
    return lambda document: document["tables"][table]["columns"].pop(column)


# --- World Bank: one page of several, of a series that is not declared


def _of_gdp(document: dict[str, Any]) -> None:
    document["tables"]["api"]["indicators"] = {
        "NY.GDP.MKTP.CD": {"indicator": "largest_city_population"}
    }
    live = document["access"]["live"]
    live["resources"] = dict([next(iter(live["resources"].items()))])


def _only_page(name: str) -> bytes:
    header, records = json.loads(body(f"worldbank__urban/{name}"))
    header |= {"pages": 1, "total": len(records)}
    return json.dumps([header, records]).encode()


def test_worldbank_page_of_groups_of_countries(replay: Replay) -> None:
    given = _only_page("TestIndicatorValuesService_List_0.body.json")
    made = replay.cells("worldbank__urban", given, change=_of_gdp)
    assert reasons(made) == {"country_group": 50}


def test_worldbank_page_of_countries(replay: Replay) -> None:
    given = _only_page("TestIndicatorValuesService_ListByCountryIDs_0.body.json")
    made = replay.cells("worldbank__urban", given, change=_of_gdp)
    assert len(made) == 50
    figures = {(c["country"], c["time_period"]): c["value_text"] for c in kept(made)}
    assert figures["JP", "2019"] == "5081769542379.77"


def test_worldbank_fields_of_another_request_are_reported(replay: Replay) -> None:
    name = "TestIndicatorValuesService_ListByCountryIDsAndSourceIDWithFootnote_0.body.json"
    made = replay.snapshot("worldbank__urban", _only_page(name), change=_of_gdp)
    assert made.failures == ()
    assert set(made.additional_columns) == {"scale", "footnote"}


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("List_3.body.json", 200, "The provided parameter value is not valid"),
        ("ListByCountryIDsAndSourceIDWithFootnote_4.body.html", 400, "status 400"),
    ],
)
def test_worldbank_errors_are_told(replay: Replay, name: str, status: int, said: str) -> None:
    given = body(f"worldbank__urban/TestIndicatorValuesService_{name}")
    (failure,) = replay.snapshot("worldbank__urban", given, status, _of_gdp).failures
    assert said in failure


# --- Eurostat: other datasets, so that only the frame of the columns is the declared one


@pytest.mark.parametrize(
    ("name", "dimensions", "code", "figures"),
    [
        ("MIGR_RESFIRST.csv", ("reason", "citizen", "duration", "unit"), "TOTAL",
         [("2021", "287179", "A"), ("2022", "326948", "A")]),
        ("LFSA_ARGAN.csv", ("unit", "sex", "age", "citizen"), "PC",
         [("2021", "66.5", "B"), ("2022", "66.6", "D")]),
    ],
)  # fmt: skip
def test_eurostat_frame_of_columns_and_flags(
    replay: Replay,
    name: str,
    dimensions: tuple[str, ...],
    code: str,
    figures: list[tuple[str, ...]],
) -> None:
    def change(document: dict[str, Any]) -> None:
        table = document["tables"]["sdmx_csv"]
        columns = table["columns"]
        del columns["indic_ur"], columns["cities"]
        columns |= {name: {"as": "ignored"} for name in dimensions[1:]}
        columns |= {dimensions[0]: {"as": "indicator_code"}, "geo": {"as": "ref_area_code"}}
        table["rows"], table["indicators"] = [], {code: {"indicator": "water_use"}}

    made = replay.cells("eurostat__urb_cenv", body(f"eurostat__sdmx_csv/{name}"), change=change)
    told = [(c["time_period"], c["value_text"], c["obs_status"]) for c in made]
    assert told == figures
    assert {c["ref_area_code"] for c in made} == {"FR"}


# --- one request per city


def test_page_views_of_an_article(replay: Replay) -> None:
    made = replay.cells("wikimedia__pageviews", body("wikimedia__pageviews/sample-bard.json"))
    # The same body stands for both cities of the local gazetteer.
    assert len(made) == 2 * 44
    assert ("2023-M02", "16163") in {(c["time_period"], c["value_text"]) for c in made}


def test_page_views_that_are_none_are_no_data(httpserver: HTTPServer, tmp_path: Path) -> None:
    def serve(request: Request) -> Response:
        if "/London/" in request.path:
            return Response(body("wikimedia__pageviews/sample-404.json"), 404)
        return Response(body("wikimedia__pageviews/sample-bard.json"))

    made = cells_of(tmp_path, snapshot(httpserver, tmp_path, "wikimedia__pageviews", serve))
    assert {c["ref_area"] for c in made} == {"Istanbul"}


def test_page_views_of_no_whole_month_are_an_error(replay: Replay) -> None:
    given = body("wikimedia__pageviews/sample-400-no-full-months.json")
    with pytest.raises(SourceError, match="status 400"):
        replay.snapshot("wikimedia__pageviews", given, 400)


def test_power_months_of_another_variable(replay: Replay) -> None:
    def change(document: dict[str, Any]) -> None:
        table = document["tables"]["monthly"]
        table["indicators"] = {"ALLSKY_SFC_SW_DWN": {"indicator": "air_temperature_of_year"}}

    given = body("nasa__power/monthly_v2.2.6_ALLSKY.json")
    made = replay.cells("nasa__power", given, change=change)
    assert ("2015-M01", "0.62") in {(c["time_period"], c["value_text"]) for c in kept(made)}
    assert reasons(made) == {"mean_of_the_year": 2 * 6}


@pytest.mark.parametrize(
    ("name", "absent", "figures"),
    [
        ("archive_oslo_temperature_2m_mean.json", "precipitation_sum", ["0.0", "2.3", "3.0"]),
        ("archive_bergen_max_min_precipitation.json", "temperature_2m_mean",
         ["13.20", "5.60", "4.00"]),
    ],
)  # fmt: skip
def test_open_meteo_days_keep_their_zeros(
    replay: Replay, name: str, absent: str, figures: list[str]
) -> None:
    def change(document: dict[str, Any]) -> None:
        without(absent, "daily")(document)
        document["tables"]["daily"]["additional_columns"] = "report"

    made = replay.cells("openmeteo__archive", body(f"openmeteo__archive/{name}"), change=change)
    assert [c["value_text"] for c in made if c["ref_area"] == "London"] == figures


# --- files: a header and the first rows


def test_catalogue_of_feeds(replay: Replay) -> None:
    given = body("mobilitydata__catalogue/feeds_v2.head.csv")
    (feed,) = replay.cells("mobilitydata__catalogue", given)
    assert (feed["country"], feed["ref_area"]) == ("JP", "Agematsu")


def test_airports(replay: Replay) -> None:
    made = replay.cells("ourairports__airports", body("ourairports__airports/airports.head.csv"))
    assert {c["ref_area"] for c in made} == {"Bensalem", "Leoti", "Anchor Point", "Harvest"}
    assert reasons(made) == {"no_iata_code": 4}


def test_another_export_of_world_heritage_is_refused(replay: Replay) -> None:
    """Its CSV has labels for columns; the declared one is JSON, with names."""
    given = body("unesco__world_heritage/whc001.csv.head.txt")
    (failure,) = replay.snapshot("unesco__world_heritage", given).failures
    assert "not JSON" in failure


def test_every_source_that_was_answered_says_so_in_the_table_of_proofs() -> None:
    with (ANSWERS / "INDEX.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    named = {s: set(p["answer_sha256"].split()) for s, p in generate.proof().items()}
    # Of Eurostat, other datasets in the form of these four were answered.
    form = "eurostat__sdmx_csv"
    answered = {r["source_id"] for r in rows} - {form}
    urban = {s for s in named if s.startswith("eurostat__urb_")}
    assert {s for s, found in named.items() if found} == answered | urban
    for source_id, found in named.items():
        of = form if source_id in urban else source_id
        assert found <= {r["sha256"] for r in rows if r["source_id"] == of}
