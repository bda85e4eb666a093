"""The smallest question shows whether a live service is as declared, and says what is not.

Local servers; the live services were never called. The declarations are the real ones, and those of
`services.FAMILIES`.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.paths import DataPaths
from sources.access import PerCityAccess
from sources.beginning import shortened
from sources.declarations import Source
from sources.fetch import FetchContext
from sources.http import HttpClient, HttpSettings
from sources.probe import FIRST_BYTES, Finding, probe, probe_all
from sources.tables import Format
from tests.fixtures import declared as catalogue
from tests.fixtures import samples
from tests.fixtures.declared import Change, turned, write_cities
from tests.fixtures.services import QUICK, Anything

LIVE = [s.source_id for s in catalogue.declared().sources.values() if s.access.live]
PATIENT = replace(QUICK, max_tries=2, max_retry_after=0.5)
FILE = "ourairports__airports"  # additional columns are reported
STRICT = "fhfa__hpi_metro"
BY_PROTOCOL = {
    "file": "transit_costs__projects",
    "dated_file": "land_registry__uk_hpi",
    "worldbank": "worldbank__urban",
    "eurostat": "eurostat__urb_cenv",
    "sdmx": "oecd__fua_economy",
    "sparql": "wikidata__city_population",
    "opendatasoft": "unesco__world_heritage",
    "per_city": "wikimedia__pageviews",
}
Answer = Callable[[Request], Response]


class Doctor:
    """Asks about declared sources, all of them on one local server."""

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        self.server, self.paths = server, DataPaths(folder / "data").create()
        self.said: list[tuple[str, str]] = []
        self.requests: list[Request] = []

    def context(self, settings: HttpSettings = PATIENT) -> FetchContext:
        def say(source_id: str, text: str) -> None:
            self.said.append((source_id, text))

        return FetchContext(self.paths, HttpClient(settings=settings), progress=say)

    def source(self, source_id: str, change: Change = lambda document: None) -> Source:
        return turned(self.server, source_id, change)

    def ask(
        self, source_id: str, answer: Answer | bytes, change: Change = lambda document: None
    ) -> Finding:
        """What the first resource shows where the service answers so."""

        def give(request: Request) -> Response:
            self.requests.append(request)
            return answer(request) if callable(answer) else Response(answer)

        self.server.expect_request(Anything()).respond_with_handler(give)
        source = self.source(source_id, change)
        live = source.access.live
        assert live is not None
        return probe(self.context(), source, next(iter(live.resources), ""))


@pytest.fixture
def doctor(httpserver: HTTPServer, tmp_path: Path) -> Doctor:
    return Doctor(httpserver, tmp_path)


def declared(source_id: str) -> Source:
    return catalogue.declared().source(source_id)


def body(source_id: str, change: Callable[[list[str]], list[str]] = lambda n: n) -> bytes:
    return samples.body(declared(source_id), change)


# --- every live source


@pytest.mark.parametrize("source_id", LIVE)
def test_every_live_source_is_well_where_its_service_is(doctor: Doctor, source_id: str) -> None:
    found = doctor.ask(source_id, body(source_id))
    assert (found.found, found.todo, found.is_well) == ("", "", True)
    assert (found.status, found.shape, found.reachable) == (200, "as declared", True)
    assert len(doctor.requests) == 1


@pytest.mark.parametrize("source_id", LIVE)
def test_a_page_instead_of_data_is_seen_everywhere(doctor: Doctor, source_id: str) -> None:
    page = b"<!DOCTYPE html><html><body>We have moved</body></html>"
    found = doctor.ask(source_id, lambda _: Response(page, mimetype="text/html"))
    assert (found.is_well, found.status, found.shape) == (False, 200, "not checked")
    assert found.content_type.startswith("text/html")
    assert found.todo


@pytest.mark.parametrize("source_id", BY_PROTOCOL.values(), ids=BY_PROTOCOL)
def test_nothing_is_kept_of_what_was_asked(doctor: Doctor, source_id: str) -> None:
    before = sorted(doctor.paths.root.rglob("*"))
    doctor.ask(source_id, body(source_id))
    assert sorted(doctor.paths.root.rglob("*")) == before


# --- the smallest question


def asked(doctor: Doctor, source_id: str) -> Request:
    doctor.ask(source_id, body(source_id))
    return doctor.requests[0]


@pytest.mark.parametrize("source_id", [FILE, "geonames__cities", "un__wup_2018_cities"])
def test_of_a_file_the_beginning_is_asked_for(doctor: Doctor, source_id: str) -> None:
    assert asked(doctor, source_id).headers["Range"] == f"bytes=0-{FIRST_BYTES - 1}"


@pytest.mark.parametrize(
    ("source_id", "parameter", "value"),
    [
        ("worldbank__urban", "per_page", "1"),
        ("eurostat__urb_cenv", "lastNObservations", "1"),
        ("eurostat__met_gdp", "lastTimePeriod", "1"),
        ("oecd__fua_economy", "lastNObservations", "1"),
        ("unesco__world_heritage", "limit", "1"),
    ],
)
def test_of_an_interface_one_row_is_asked_for(
    doctor: Doctor, source_id: str, parameter: str, value: str
) -> None:
    assert asked(doctor, source_id).args[parameter] == value


@pytest.mark.parametrize("source_id", [s for s in LIVE if s.startswith("wikidata__")])
def test_of_a_query_one_row_of_one_value_is_asked_for(doctor: Doctor, source_id: str) -> None:
    query = asked(doctor, source_id).form["query"]
    assert query.endswith("\nLIMIT 1")
    assert "{values}" not in query
    live = declared(source_id).access.live
    assert live is not None
    assert len(query) < len(next(iter(live.resources.values())).model_dump()["query"]) + 40


PER_CITY = [s for s in LIVE if isinstance(declared(s).access.live, PerCityAccess)]


@pytest.mark.parametrize("source_id", PER_CITY)
def test_of_cities_the_largest_that_is_known_is_asked_for(doctor: Doctor, source_id: str) -> None:
    for needed in declared(source_id).access.needs():
        write_cities(doctor.paths, needed)
    url = asked(doctor, source_id).url
    assert "28.95" in url or "/Istanbul/" in url


def test_a_question_about_cities_needs_no_gazetteer(doctor: Doctor) -> None:
    """On the first day there is none yet: some city of a code list, as good as any."""
    query = asked(doctor, "wikidata__city_titles").form["query"]
    assert re.search(r'VALUES \?geonames \{ "\d+" \}', query)


def test_of_pages_only_the_first_is_asked_for(doctor: Doctor) -> None:
    assert doctor.ask("worldbank__urban", body("worldbank__urban")).is_well
    assert len(doctor.requests) == 1


# --- a part of a file is enough, or it is said that it is not


def long(source_id: str, times: int = 30_000) -> bytes:
    head, _, row = body(source_id).rstrip(b"\n").rpartition(b"\n")
    return head + b"\n" + b"\n".join([row] * times) + b"\n"


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
def test_the_first_lines_of_a_long_file_show_its_columns(doctor: Doctor, ranges: bool) -> None:
    whole = long(FILE)

    def answer(_: Request) -> Response:
        if not ranges:
            return Response(whole)
        given = f"bytes 0-{FIRST_BYTES - 1}/{len(whole)}"
        return Response(whole[:FIRST_BYTES], 206, headers={"Content-Range": given})

    found = doctor.ask(FILE, answer)
    assert (found.is_well, found.shape) == (True, "as declared")
    assert found.megabytes == pytest.approx(len(whole) / 1e6)
    assert found.status == (206 if ranges else 200)


def test_a_line_break_in_quotes_is_no_end_of_a_line(doctor: Doctor) -> None:
    head, _, row = body(FILE).rstrip(b"\n").partition(b"\n")
    cells = row.split(b",")
    cells[0] = b'"' + b"a line,\nand one more;\n" * 4000 + b'"'
    found = doctor.ask(FILE, head + b"\n" + b"\n".join([row, b",".join(cells)] * 3) + b"\n")
    assert (found.is_well, found.shape) == (True, "as declared")


def test_the_first_records_of_a_long_document_show_its_fields(doctor: Doctor) -> None:
    record = {"id": "x", "name": 'a 5" pipe ]}', "location": {"city": "Y", "country": "FR"}}
    record["location"] |= {"latitude": 1, "longitude": 2}  # type: ignore[operator]
    record |= {"href": "/v2", "company": ["a"]}
    whole = json.dumps({"networks": [record] * 5000}).encode()
    found = doctor.ask("citybikes__networks", whole)
    assert len(whole) > FIRST_BYTES
    assert (found.found, found.shape) == ("", "as declared")


def test_a_field_that_the_first_records_lack_is_told_and_no_fault(doctor: Doctor) -> None:
    whole = json.dumps({"networks": [{"id": "x", "name": "y"}] * 5000}).encode()
    found = doctor.ask("citybikes__networks", whole)
    assert (found.is_well, "location.latitude" in found.columns.missing) == (True, True)
    assert found.shape == "not checked"
    assert found.found.startswith("in the first records no column")


def test_records_beyond_the_first_bytes_are_said_not_to_be_checked(doctor: Doctor) -> None:
    before = "x" * FIRST_BYTES
    found = doctor.ask("citybikes__networks", json.dumps({"a": before, "networks": []}).encode())
    assert (found.is_well, found.shape) == (True, "not checked")
    assert found.found == "shape not checked: no complete line or record in the first bytes"


@pytest.mark.parametrize(
    ("source_id", "kind"),
    [("geonames__cities", "a zip"), ("un__wup_2018_cities", "a workbook")],
)
def test_of_a_cut_zip_or_workbook_it_is_said_that_the_shape_was_not_checked(
    doctor: Doctor, source_id: str, kind: str
) -> None:
    whole = b"PK\x03\x04" + bytes(range(256)) * 1000
    found = doctor.ask(source_id, whole)
    assert (found.is_well, found.shape) == (True, "not checked")
    assert kind in found.found
    assert "the whole file would be needed" in found.found
    # Asking again would not help.
    assert found.todo == ""


@pytest.mark.parametrize("source_id", ["geonames__cities", "un__wup_2018_cities"])
def test_of_a_cut_zip_or_workbook_the_first_bytes_tell_the_kind(
    doctor: Doctor, source_id: str
) -> None:
    found = doctor.ask(source_id, b"id;name\n" * 20_000)
    assert (found.is_well, found.status) == (False, 200)
    assert "bytes that begin with b'id;name" in found.found


def test_a_beginning_that_is_packed_without_a_word_is_unpacked(doctor: Doctor) -> None:
    noise = random.Random(1)
    head, row = body("eurostat__urb_cenv").decode().splitlines()
    cells = row.split(",")
    rows = [",".join([*cells[:-1], f"{noise.random()}"]) for _ in range(30_000)]
    packed = gzip.compress("\n".join([head, *rows]).encode())
    assert len(packed) > FIRST_BYTES
    found = doctor.ask("eurostat__urb_cenv", packed)
    assert (found.found, found.shape) == ("", "as declared")


def test_a_file_that_a_run_would_refuse_for_its_size_is_told(doctor: Doctor) -> None:
    def small(document: dict[str, Any]) -> None:
        document["access"]["live"]["max_megabytes"] = 1

    found = doctor.ask(FILE, long(FILE), small)
    assert (found.is_well, found.found) == (False, "a file of 1 MB")
    assert "max_megabytes" in found.todo


# --- other columns


def test_every_protocol_is_among_them() -> None:
    protocols = {s: live.protocol for s in LIVE if (live := declared(s).access.live)}
    assert {protocols[s] for s in BY_PROTOCOL.values()} == set(protocols.values())


@pytest.mark.parametrize("source_id", BY_PROTOCOL.values(), ids=BY_PROTOCOL)
def test_a_missing_column_is_named(doctor: Doctor, source_id: str) -> None:
    table = declared(source_id).tables
    live = declared(source_id).access.live
    assert live is not None
    plain = [k for k in table[live.table].columns if not k.startswith(("/", "about."))]
    gone = [k for k in plain if k not in table[live.table].computed][-1]
    found = doctor.ask(source_id, body(source_id, lambda names: [n for n in names if n != gone]))
    assert (found.is_well, found.shape) == (False, "other columns")
    assert found.columns.missing == (gone,)
    assert "compare the file with the declaration" in found.todo


@pytest.mark.parametrize("source_id", BY_PROTOCOL.values(), ids=BY_PROTOCOL)
def test_an_added_column_is_named_and_judged_by_the_declaration(
    doctor: Doctor, source_id: str
) -> None:
    live = declared(source_id).access.live
    assert live is not None
    table = declared(source_id).tables[live.table]
    found = doctor.ask(source_id, body(source_id, lambda names: [*names, "brand new"]))
    if "/.*/" in table.columns:
        assert (found.is_well, found.shape) == (True, "as declared")
        return
    assert found.columns.additional == ("brand new",)
    reported = table.additional_columns == "report"
    assert (found.is_well, found.shape) == (
        reported,
        "columns added" if reported else "other columns",
    )
    assert found.todo


@pytest.mark.parametrize("source_id", [FILE, "eurostat__urb_cenv", "wikidata__city_population"])
def test_a_renamed_column_is_proposed(doctor: Doctor, source_id: str) -> None:
    live = declared(source_id).access.live
    assert live is not None
    was = max(samples.names_of(declared(source_id), live.table), key=len)
    now = f"{was}_new"
    found = doctor.ask(source_id, body(source_id, lambda n: [now if x == was else x for x in n]))
    assert found.columns.renamed == {was: now}
    assert f"{was!r} may now be {now!r}" in found.found
    assert not found.is_well


def test_a_header_where_none_was_is_seen(doctor: Doctor) -> None:
    form = declared(STRICT).tables["csv"].format
    found = doctor.ask(STRICT, ",".join(form.names).encode() + b"\n" + body(STRICT))
    assert (found.is_well, "names its columns" in found.found) == (False, True)


# --- services that are not well


@pytest.mark.parametrize("status", [404, 403, 410, 503])
@pytest.mark.parametrize("source_id", BY_PROTOCOL.values(), ids=BY_PROTOCOL)
def test_a_status_is_told(doctor: Doctor, source_id: str, status: int) -> None:
    found = doctor.ask(source_id, lambda _: Response("gone", status))
    live = declared(source_id).access.live
    if isinstance(live, PerCityAccess) and status == 404:
        # The service has nothing of this city, as it says so.
        assert (found.is_well, found.status) == (True, 404)
        assert "no record" in found.found
        return
    assert (found.is_well, found.reachable, found.status) == (False, True, status)
    assert str(status) in found.found
    assert found.todo


@pytest.mark.parametrize("source_id", BY_PROTOCOL.values(), ids=BY_PROTOCOL)
def test_a_service_that_wants_to_be_asked_later_is_not_waited_for(
    doctor: Doctor, source_id: str
) -> None:
    later = {"Retry-After": "3600"}
    found = doctor.ask(source_id, lambda _: Response("slow down", 429, headers=later))
    assert (found.is_well, found.status) == (False, 429)
    assert "come back in 3600 s" in found.found
    assert len(doctor.requests) == 1


def test_a_short_wait_is_waited_and_told(doctor: Doctor) -> None:
    answers = [Response("busy", 503, headers={"Retry-After": "1"}), Response(body(FILE))]
    doctor.server.expect_request(Anything()).respond_with_handler(lambda _: answers.pop(0))
    context = doctor.context(replace(PATIENT, max_retry_after=2))
    assert probe(context, doctor.source(FILE), "airports").is_well
    assert (FILE, "status 503 SERVICE UNAVAILABLE; asked again in 1 s") in doctor.said


@pytest.mark.parametrize("source_id", BY_PROTOCOL.values(), ids=BY_PROTOCOL)
def test_silence_has_an_end(doctor: Doctor, source_id: str) -> None:
    released = threading.Event()

    def silent(_: Request) -> Response:
        released.wait(20)
        return Response("late")

    def short(document: dict[str, Any]) -> None:
        document["access"]["live"]["read_timeout"] = 0.2

    try:
        found = doctor.ask(source_id, silent, short)
    finally:
        released.set()
    assert (found.is_well, found.reachable, found.status) == (False, False, None)
    assert "ReadTimeout" in found.found


def test_a_host_that_does_not_exist_is_told(doctor: Doctor) -> None:
    def elsewhere(document: dict[str, Any]) -> None:
        live = document["access"]["live"]
        live["hosts"] = ["nowhere.invalid"]
        live["resources"]["airports"]["url"] = "https://nowhere.invalid/airports.csv"

    found = doctor.ask(FILE, b"", elsewhere)
    assert (found.is_well, found.reachable) == (False, False)
    assert "no network address of nowhere.invalid" in found.found


@pytest.mark.parametrize("source_id", BY_PROTOCOL.values(), ids=BY_PROTOCOL)
def test_a_redirect_to_an_undeclared_host_is_not_followed(doctor: Doctor, source_id: str) -> None:
    away = {"Location": "https://elsewhere.example/data?token=abcdefgh"}
    found = doctor.ask(source_id, lambda _: Response("", 302, headers=away))
    assert (found.is_well, found.reachable, found.status) == (False, True, 302)
    assert found.found == "https://elsewhere.example"
    assert "declare" in found.todo


def test_a_missing_key_is_told_before_anything_is_asked(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keyed(document: dict[str, Any]) -> None:
        document["access"]["live"]["key"] = {"env": "WCN_DEMO_KEY", "query": "api_key"}

    monkeypatch.delenv("WCN_DEMO_KEY", raising=False)
    found = doctor.ask(FILE, body(FILE), keyed)
    assert (found.is_well, found.reachable, doctor.requests) == (False, False, [])
    assert "set WCN_DEMO_KEY" in found.todo
    monkeypatch.setenv("WCN_DEMO_KEY", "a secret of the service")
    found = doctor.ask(FILE, body(FILE), keyed)
    assert found.is_well
    assert doctor.requests[0].args["api_key"] == "a secret of the service"


# --- all of them, within a budget


def test_one_failure_stops_no_other_and_each_is_told(doctor: Doctor) -> None:
    well, ill = doctor.source(FILE), doctor.source("transit_costs__projects")
    bodies = {FILE: body(FILE)}
    doctor.server.expect_request(Anything()).respond_with_handler(
        lambda r: Response(bodies[FILE]) if "airports" in r.path else Response("", 500)
    )
    found = {f.source_id: f.is_well for f in probe_all(doctor.context(), [ill, well], 30)}
    assert found == {FILE: True, "transit_costs__projects": False}


def test_each_resource_of_a_source_is_asked_about(doctor: Doctor) -> None:
    def answer(request: Request) -> Response:
        gone = "ZG" in request.path or "MCTY" in request.path or "URB.LCTY" in request.path
        return Response("", 404) if gone else Response(body("worldbank__urban"))

    doctor.server.expect_request(Anything()).respond_with_handler(answer)
    found = list(probe_all(doctor.context(), [doctor.source("worldbank__urban")], 30))
    live = declared("worldbank__urban").access.live
    assert live is not None
    assert {f.resource for f in found} == set(live.resources)
    assert {f.is_well for f in found} == {True, False}


def test_what_the_budget_does_not_reach_is_named_with_what_to_do(doctor: Doctor) -> None:
    released = threading.Event()

    answered: list[str] = []

    def slow(request: Request) -> Response:
        released.wait(20)
        answered.append(request.path)
        return Response(body(FILE))

    doctor.server.expect_request(Anything()).respond_with_handler(slow)
    chosen = [doctor.source(s) for s in (FILE, "transit_costs__projects", STRICT)]
    settings = replace(PATIENT, read_timeout=30, total_timeout=60)
    try:
        found = list(probe_all(doctor.context(settings), chosen, 1.0))
        assert answered == []  # nobody waited for the service
    finally:
        released.set()
    assert {f.source_id for f in found} == {s.source_id for s in chosen}
    assert not any(f.is_well for f in found)
    late = [f for f in found if "was over before" in f.found]
    assert len(late) == 2
    assert all(f"wcn doctor {f.source_id}" in f.todo for f in late)


def test_of_a_source_that_overruns_the_budget_the_resources_that_answered_are_told(
    doctor: Doctor,
) -> None:
    released, slow = threading.Event(), "NY.GDP.PCAP.PP.CD"  # the last

    def answer(request: Request) -> Response:
        if request.path.endswith(slow):
            released.wait(20)
        return Response(body("worldbank__urban"))

    doctor.server.expect_request(Anything()).respond_with_handler(answer)
    source = doctor.source("worldbank__urban")
    settings = replace(PATIENT, read_timeout=30, total_timeout=60)
    try:
        found = list(probe_all(doctor.context(settings), [source], 2.0))
    finally:
        released.set()
    assert source.access.live is not None
    assert [f.resource for f in found] == list(source.access.live.resources)
    assert [f.is_well for f in found] == [True] * (len(found) - 1) + [False]
    assert "no answer within the budget" in found[-1].found


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        # A quotation mark within a field that has none around it opens nothing.
        ('a,b\n1,5" pipe\n2,"x\ny', 'a,b\n1,5" pipe\n'),
        ('a,b\n1,5" pipe\n2,6" pipe\n3,', 'a,b\n1,5" pipe\n2,6" pipe\n'),
        ('a,b\n"x\n""y""",2\n3', 'a,b\n"x\n""y""",2\n'),
        ('a,b\n"never closed,2\n3,4\n', "a,b\n"),
    ],
)
def test_the_beginning_of_a_text_ends_with_a_line_outside_of_quotes(
    tmp_path: Path, text: str, complete: str
) -> None:
    path = tmp_path / "head"
    path.write_text(text, encoding="utf-8")
    cut = shortened("s__a", path, Format(kind="delimited"))
    assert cut is not None
    assert cut.read_text(encoding="utf-8") == complete
