"""What every family of services may do to us, and what each one does in its own way.

Local servers answer as the services document it; the live ones were never called.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.paths import DataPaths
from tests.fixtures.services import FAMILIES, PLACES, QUICK, Family, Service

WELL = {("1", "12.50"), ("2", "7"), ("3", "0")}


@pytest.fixture(params=FAMILIES.values(), ids=FAMILIES.keys())
def service(request: pytest.FixtureRequest, httpserver: HTTPServer, tmp_path: Path) -> Service:
    return Service(request.param, httpserver, DataPaths(tmp_path))


@pytest.fixture
def service_of(httpserver: HTTPServer, tmp_path: Path) -> Callable[[str], Service]:
    return lambda name: Service(FAMILIES[name], httpserver, DataPaths(tmp_path))


def figures(service: Service, snapshot: object) -> set[tuple[str, str]]:
    return {(c[0].rpartition("Q")[2], c[3]) for c in service.cells(snapshot)}  # type: ignore[arg-type]


def requests(service: Service) -> int:
    return len(service.server.log)


# --- every family -------------------------------------------------------------------------------


def test_cells_are_those_of_the_documented_answer(service: Service) -> None:
    snapshot = service.snapshot()
    assert snapshot.failures == ()
    assert figures(service, snapshot) == WELL
    assert {c[1] for c in service.cells(snapshot)} == {p.name for p in PLACES}
    assert {c[2] for c in service.cells(snapshot)} == {"2020"}


def test_all_pages_are_read_and_equal_answers_are_equal_bytes(service: Service) -> None:
    first = service.snapshot()
    asked = requests(service)
    assert asked == -(-len(PLACES) // service.family.per_request)
    second = service.snapshot()
    assert requests(service) == 2 * asked
    assert first.contents[0].content_id == second.contents[0].content_id
    assert not second.contents[0].is_new


def _dropped(body: str) -> Iterator[bytes]:
    yield body.encode()[:10]
    raise ConnectionResetError("the server died")


BUSY = {
    "429": lambda *_: Response("slow down", 429),
    "429 with Retry-After": lambda *_: Response("", 429, headers={"Retry-After": "1"}),
    "503": lambda *_: Response("<html>outage</html>", 503),
    "slow": lambda *_: time.sleep(0.5) or Response("late"),
    # As a stream, or the server would set the length right.
    "truncated": lambda _, body: Response(
        iter([body.encode()]), headers={"Content-Length": str(len(body.encode()) + 50)}
    ),
    "dropped": lambda _, body: Response(_dropped(body), headers={"Content-Length": "5000"}),
}


@pytest.mark.parametrize("fault", BUSY.values(), ids=BUSY.keys())
def test_a_passing_fault_is_asked_again(
    service: Service, fault: Callable[[Request, str], Response]
) -> None:
    service.faults = [fault]
    snapshot = service.snapshot()
    assert figures(service, snapshot) == WELL
    assert requests(service) == -(-len(PLACES) // service.family.per_request) + 1


def test_429_that_stays_is_told_with_its_address(service: Service) -> None:
    service.always = lambda *_: Response("slow down", 429)
    snapshot = service.snapshot()
    assert snapshot.state == "unavailable"
    assert "status 429" in snapshot.failures[0]
    assert "localhost" in snapshot.failures[0]
    assert requests(service) == QUICK.max_tries


def test_a_page_of_html_is_no_data(service: Service) -> None:
    service.always = lambda *_: Response("<!DOCTYPE html><html>maintenance</html>")
    snapshot = service.snapshot()
    assert snapshot.state == "unavailable"
    assert any(w in snapshot.failures[0] for w in ("not JSON", "markup", "something else"))


def test_json_that_is_cut_off_is_no_data(service: Service) -> None:
    if not service.family.json:
        pytest.skip("CSV tells by its last line, as in test_formats")
    service.always = lambda _, body: Response(body[: len(body) // 2])
    snapshot = service.snapshot()
    assert snapshot.state == "unavailable"
    assert "cut off" in snapshot.failures[0]


def test_a_wrong_charset_is_refused_not_guessed(service: Service) -> None:
    service.always = lambda _, body: Response(body.encode("latin-1"))
    snapshot = service.snapshot()
    assert snapshot.state == "unavailable"
    assert any(w in snapshot.failures[0] for w in ("UTF-8", "utf-8", "not JSON", "decode"))


def test_another_order_of_columns_reads_the_same(service: Service) -> None:
    def turned(_: Request, body: str) -> Response:
        if not service.family.json:
            lines = [",".join(reversed(line.split(","))) for line in body.splitlines()]
            return Response("\r\n".join(lines) + "\r\n")

        def turn(pairs: list[tuple[str, object]]) -> dict[str, object]:
            return dict(reversed(pairs))

        written = json.loads(body, object_pairs_hook=turn, parse_float=lambda t: f"~{t}~")
        return Response(json.dumps(written).replace('"~', "").replace('~"', ""))

    service.always = turned
    assert figures(service, service.snapshot()) == WELL


def test_an_added_column_is_drift(service: Service) -> None:
    service.extra = {"novelty": "x"}
    snapshot = service.snapshot()
    assert snapshot.state == "unavailable"
    assert "undeclared column" in snapshot.failures[0]
    assert "novelty" in snapshot.failures[0]


def test_a_vanished_city_is_refused_by_the_declared_bounds(service: Service) -> None:
    service.places = PLACES[:2]
    snapshot = service.snapshot()
    assert snapshot.state == "unavailable"
    assert "at least 3 places" in snapshot.failures[0]


def test_a_vanished_city_is_accepted_where_the_bounds_allow_it(service: Service) -> None:
    service.places = PLACES[:2]
    snapshot = service.snapshot(bounds={"min_rows": 1, "max_rows": 10, "min_cities": 2})
    assert figures(service, snapshot) == {("1", "12.50"), ("2", "7")}


def test_an_undeclared_host_is_never_asked(service: Service) -> None:
    source = service.source()
    live = source.access.live
    assert live is not None
    document = live.model_dump(by_alias=True) | {"hosts": ["example.org"]}
    snapshot = service.snapshot(access={"live": document})
    assert "declared host" in snapshot.failures[0]
    assert requests(service) == 0


# --- keys ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["header", "query"])
def test_a_key_is_sent_and_stays_out_of_receipts_and_errors(
    service: Service, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("WCN_TEST_KEY", "hunter2")
    name = "X-Odd" if place == "header" else "api_key"
    live = service.source().access.live
    assert live is not None
    keyed = live.model_dump(by_alias=True) | {"key": {"env": "WCN_TEST_KEY", place: name}}
    snapshot = service.snapshot(access={"live": keyed})
    assert figures(service, snapshot) == WELL
    for request, _ in service.server.log:
        assert (request.headers if place == "header" else request.args)[name] == "hunter2"
    service.always = lambda request, _: Response(f"{request.url} {request.headers}", 403)
    refused = service.snapshot(access={"live": keyed})
    assert refused.failures
    files = [f for f in service.paths.root.rglob("*") if f.is_file() and f.suffix != ".parquet"]
    assert "hunter2" not in "".join(refused.failures)
    assert not [f for f in files if b"hunter2" in f.read_bytes()]


def test_without_its_key_a_way_is_passed_over_and_says_which(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WCN_TEST_KEY", raising=False)
    live = service.source().access.live
    assert live is not None
    keyed = live.model_dump(by_alias=True) | {"key": {"env": "WCN_TEST_KEY", "header": "X-Key"}}
    snapshot = service.snapshot(access={"live": keyed})
    assert "needs WCN_TEST_KEY" in snapshot.failures[0]
    assert requests(service) == 0


# --- World Bank ---------------------------------------------------------------------------------


def test_worldbank_message_with_status_200_is_an_error(
    service_of: Callable[[str], Service],
) -> None:
    service = service_of("worldbank")
    told = [{"message": [{"id": "120", "key": "Invalid value", "value": "not valid"}]}]
    service.always = lambda *_: Response(json.dumps(told))
    snapshot = service.snapshot()
    assert "120: not valid" in snapshot.failures[0]
    assert requests(service) == 1


@pytest.mark.parametrize("records", [None, []])
def test_worldbank_total_zero_is_no_data(
    service_of: Callable[[str], Service], records: object
) -> None:
    service = service_of("worldbank")
    nothing = [{"page": 1, "pages": 0, "per_page": "50", "total": 0}, records]
    service.always = lambda *_: Response(json.dumps(nothing))
    assert "total 0" in service.snapshot().failures[0]


def test_worldbank_xml_passes(service_of: Callable[[str], Service]) -> None:
    service = service_of("worldbank")
    service.faults = [lambda *_: Response('<?xml version="1.0"?><error/>')]
    assert figures(service, service.snapshot()) == WELL


def test_worldbank_that_changes_while_it_is_paged_is_refused(
    service_of: Callable[[str], Service],
) -> None:
    service = service_of("worldbank")
    service.faults = [lambda _, body: Response(body.replace('"total": 3', '"total": 4'))]
    assert "page 2 of 4 records" in service.snapshot().failures[0]


# --- Eurostat -----------------------------------------------------------------------------------

TOO_BIG = {
    "warning": (200, '{"warning":{"status":413,"label":"ASYNCHRONOUS_RESPONSE. Later."}}'),
    "413": (413, '{"error":[{"status":413,"label":"EXTRACTION_TOO_BIG: 5000000"}]}'),
    "soap": (413, "<S:Fault><faultcode>413</faultcode></S:Fault>"),
}


@pytest.mark.parametrize(("status", "body"), TOO_BIG.values(), ids=TOO_BIG.keys())
def test_eurostat_too_big_says_to_split(
    service_of: Callable[[str], Service], status: int, body: str
) -> None:
    service = service_of("eurostat")
    service.always = lambda *_: Response(body, status)
    assert "split the resource" in service.snapshot().failures[0]
    assert requests(service) == 1


def test_eurostat_without_values_is_a_wrong_code(service_of: Callable[[str], Service]) -> None:
    service = service_of("eurostat")
    service.always = lambda *_: Response('{"version":"2.0","value":{},"id":["time"],"size":[0]}')
    assert "a code in the address is unknown" in service.snapshot().failures[0]


@pytest.mark.parametrize("may_be_empty", [True, False])
def test_eurostat_no_results_is_no_data_where_that_is_declared(
    service_of: Callable[[str], Service], may_be_empty: bool
) -> None:
    service = service_of("eurostat")
    fault = "<S:Fault><faultcode>100</faultcode><faultstring>NO_RESULTS</faultstring></S:Fault>"
    live = service.source().access.live
    assert live is not None
    document = live.model_dump(by_alias=True)
    empty = {"url": service.server.url_for("/empty"), "may_be_empty": may_be_empty}
    document["resources"] = {"empty": empty, **document["resources"]}
    service.faults = [lambda *_: Response(fault, 404)]
    snapshot = service.snapshot(access={"live": document})
    assert (figures(service, snapshot) == WELL) is may_be_empty
    assert bool(snapshot.failures) is not may_be_empty


def test_eurostat_unknown_dataset_is_an_error(service_of: Callable[[str], Service]) -> None:
    service = service_of("eurostat")
    body = '{"error":[{"status":404,"id":100,"label":"ERR_NOT_FOUND_4: no such dataset"}]}'
    service.always = lambda *_: Response(body, 404)
    assert "ERR_NOT_FOUND_4" in service.snapshot().failures[0]


def test_eurostat_flags_become_statuses(service_of: Callable[[str], Service]) -> None:
    service = service_of("eurostat")
    assert {(c[0], c[4]) for c in service.cells(service.snapshot())} == {
        ("1", "A"),
        ("2", "P"),
        ("3", "A"),
    }


# --- SDMX ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("may_be_empty", [True, False])
def test_oecd_no_records_found_is_no_data_where_that_is_declared(
    service_of: Callable[[str], Service], may_be_empty: bool
) -> None:
    service = service_of("sdmx")
    live = service.source().access.live
    assert live is not None
    document = live.model_dump(by_alias=True)
    empty = {"url": service.server.url_for("/empty"), "may_be_empty": may_be_empty}
    document["resources"] = {"empty": empty, **document["resources"]}
    service.faults = [lambda *_: Response("NoRecordsFound", 404)]
    snapshot = service.snapshot(access={"live": document})
    assert (figures(service, snapshot) == WELL) is may_be_empty


def test_oecd_other_404_is_an_error(service_of: Callable[[str], Service]) -> None:
    service = service_of("sdmx")
    service.always = lambda *_: Response("Could not find Dataflow", 404)
    assert "the flow or its version is gone" in service.snapshot().failures[0]


# --- SPARQL -------------------------------------------------------------------------------------

SPLICED = "SPARQL-QUERY: queryStr=select\njava.util.concurrent.TimeoutException\n\tat x.y\n"


def test_wikidata_time_out_within_an_answer_is_asked_again(
    service_of: Callable[[str], Service],
) -> None:
    service = service_of("sparql")
    service.faults = [lambda _, body: Response(body[:60] + SPLICED)]
    assert figures(service, service.snapshot()) == WELL


def test_wikidata_time_out_is_found_even_behind_whole_json(
    service_of: Callable[[str], Service],
) -> None:
    service = service_of("sparql")
    service.always = lambda _, body: Response(body + SPLICED)
    assert "a time-out of the service" in service.snapshot().failures[0]


def test_killed_batches_resume_at_the_batch(service_of: Callable[[str], Service]) -> None:
    service = service_of("sparql")
    service.faults = [lambda _, body: Response(body), *[lambda *_: Response("", 500)] * 3]
    assert "status 500" in service.snapshot().failures[0]
    before = requests(service)
    assert figures(service, service.snapshot()) == WELL
    assert requests(service) - before == 1


def test_the_question_is_posted_with_a_contact(service_of: Callable[[str], Service]) -> None:
    service = service_of("sparql")
    service.settings = replace(QUICK, user_agent="WorldCityNetwork/0.1 (ops@example.org)")
    service.snapshot()
    for request, _ in service.server.log:
        assert request.method == "POST"
        assert request.headers["Accept"] == "application/sparql-results+json"
        assert "(ops@example.org)" in request.headers["User-Agent"]


# --- Opendatasoft -------------------------------------------------------------------------------


def test_opendatasoft_error_is_told(service_of: Callable[[str], Service]) -> None:
    service = service_of("opendatasoft")
    service.always = lambda *_: Response('{"message":"x","error_code":"ODSQLError"}', 400)
    assert "ODSQLError" in service.snapshot().failures[0]


def test_opendatasoft_beyond_its_limit_says_to_export(
    service_of: Callable[[str], Service],
) -> None:
    service = service_of("opendatasoft")
    service.always = lambda *_: Response('{"total_count": 10001, "results": [{}]}')
    assert "/exports/json" in service.snapshot().failures[0]


# --- city by city -------------------------------------------------------------------------------


def test_a_killed_pull_asks_only_for_the_rest(service_of: Callable[[str], Service]) -> None:
    service = service_of("per_city")

    def kill(*_: object) -> Response:
        raise_in_client.append(1)
        return Response("", 500)

    raise_in_client: list[int] = []
    service.faults = [lambda _, body: Response(body), lambda _, body: Response(body), *[kill] * 3]
    assert "status 500" in service.snapshot().failures[0]
    before = requests(service)
    assert figures(service, service.snapshot()) == WELL
    asked = [request.path for request, _ in service.server.log[before:]]
    assert asked == ["/views/2020/3"]
    assert not list(service.paths.spool.rglob("*.json"))


def test_404_is_recorded_as_no_data(service_of: Callable[[str], Service]) -> None:
    service = service_of("per_city")
    service.places = PLACES[1:]
    bounds = {"min_rows": 1, "max_rows": 10, "min_cities": 2}
    snapshot = service.snapshot(bounds=bounds)
    assert snapshot.failures == ()
    assert figures(service, snapshot) == {("2", "7"), ("3", "0")}
    (blob,) = [f for f in service.paths.blobs.rglob("*") if f.is_file()]
    lines = [json.loads(line) for line in blob.read_text().splitlines()]
    assert [(line["about"]["city_id"], line["status"]) for line in lines] == [
        ("1", 404),
        ("2", 200),
        ("3", 200),
    ]


def test_nothing_is_asked_by_the_refresh_itself(service_of: Callable[[str], Service]) -> None:
    from sources import fetch

    service = service_of("per_city")
    snapshot = fetch.obtain(service.context(), service.source())
    assert "launch a backfill of pull_test__per_city" in snapshot.failures[0]
    assert requests(service) == 0


def test_titles_are_sent_fully_encoded(service_of: Callable[[str], Service]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from sources.snapshot import Content, SourceSnapshot, store

    service = service_of("per_city")
    content = Content("test__titles", "all", "ct", "0" * 64, "t", "r", {}, {})
    folder = content.folder(service.paths)
    folder.mkdir(parents=True)
    titles = [
        {"ref_area_code": "1", "ref_area": "A/B & C"},
        {"ref_area_code": "9", "ref_area": "x"},
    ]
    pq.write_table(pa.Table.from_pylist(titles), folder / "cells.parquet")
    store(service.paths, SourceSnapshot("test__titles", "live", False, (content,), (), "now"))
    live = service.source().access.live
    assert live is not None
    document = live.model_dump(by_alias=True)
    document["url"] = service.server.url_for("/") + "{title}/{year}0101/{next_year}0101/{city_id}"
    document["cities"]["titles"] = "test__titles"
    service.snapshot(access={"live": document})
    (asked,) = [request.environ["RAW_URI"] for request, _ in service.server.log]
    assert asked == "/A%2FB_%26_C/20200101/20210101/1"


# --- dated files --------------------------------------------------------------------------------


def test_months_are_tried_backwards_until_one_is_published(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    from sources.protocols.dated_file import _backwards

    family = Family(
        "dated_file",
        lambda url: {"resources": {"x": {"url": f"{url}/full-{{month}}.csv"}}, "months_back": 4},
        FAMILIES["sdmx"].table,
        FAMILIES["sdmx"].answer,
        json=False,
    )
    service = Service(family, httpserver, DataPaths(tmp_path))
    service.faults = [lambda *_: Response("", 404), lambda *_: Response("denied", 403)]
    snapshot = service.snapshot()
    assert figures(service, snapshot) == WELL
    from datetime import UTC, datetime

    months = list(_backwards(datetime.now(UTC), 3))
    assert [r.path for r, _ in httpserver.log] == [f"/full-{m}.csv" for m in months]
    assert snapshot.contents[0].receipt["url"].endswith(f"/full-{months[2]}.csv")
    service.always = lambda *_: Response("", 404)
    assert "403 or 404 for every one" in service.snapshot().failures[0]


def test_the_year_turns_when_months_are_counted_backwards() -> None:
    from datetime import UTC, datetime

    from sources.protocols.dated_file import _backwards

    assert list(_backwards(datetime(2026, 2, 9, tzinfo=UTC), 3)) == [
        "2026-01",
        "2025-12",
        "2025-11",
    ]
