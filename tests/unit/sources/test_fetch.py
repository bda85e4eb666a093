"""The order of access: live, archive, last accepted, bundled; and what each leaves behind."""

from __future__ import annotations

import csv
import logging
from base64 import b64encode
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from core.errors import Unavailable
from core.files import sha256_of
from core.paths import DataPaths
from core.secrets import found_in_file, masked
from sources import fetch
from sources.declarations import Source
from sources.fetch import FetchContext
from sources.http import HttpClient, HttpSettings
from sources.landing import read_index
from sources.receipt import receipts
from sources.snapshot import SourceSnapshot, stored_snapshot

QUICK = HttpSettings(max_tries=2, backoff_base=0.001, default_rate=(1000, 1.0))
GOOD = "city,country,2019,2020\nParis,FR,1,2\nRome,IT,3,4\nOslo,NO,5,6\n"


@pytest.fixture
def source(httpserver: HTTPServer) -> Callable[..., Source]:
    """A declaration whose live way is the local server."""

    def declared(**changes: Any) -> Source:
        document: dict[str, Any] = {
            "source_id": "test__population",
            "publisher": "Test",
            "title": "Population",
            "homepage": "https://example.org",
            "licence": "cc-by-4.0",
            "attribution": "Test",
            "authority": "official",
            "cadence": "yearly",
            "edition": "1",
            "reference_period": "2019-2020",
            "theme": "population",
            "spatial_unit": "city_proper",
            "bounds": {"min_rows": 2, "max_rows": 10, "min_cities": 2},
            "tables": {
                "csv": {
                    "format": {"kind": "delimited"},
                    "columns": {
                        "city": {"as": "ref_area"},
                        "country": {"as": "country"},
                        r"/(\d{4})/": {"indicator": "population", "time_period": r"\1"},
                    },
                }
            },
            "access": {
                "live": {
                    "hosts": ["localhost"],
                    "resources": {"all": {"url": httpserver.url_for("/all.csv")}},
                    "table": "csv",
                }
            },
        }
        return Source(**{**document, **changes})

    return declared


@pytest.fixture
def context(tmp_path: Path) -> FetchContext:
    return FetchContext(paths=DataPaths(tmp_path), client=HttpClient(settings=QUICK))


def accepted(snapshot: SourceSnapshot) -> dict[str, list[dict[str, Any]]]:
    return {snapshot.source_id: [asdict(c) for c in snapshot.contents]}


def test_live_content_is_landed_decoded_and_offered(
    httpserver: HTTPServer, source: Callable[..., Source], context: FetchContext
) -> None:
    httpserver.expect_request("/all.csv").respond_with_data(GOOD, headers={"ETag": '"1"'})
    snapshot = fetch.obtain(context, source())
    assert (snapshot.state, snapshot.failures) == ("live", ())
    assert snapshot.contents[0].facts["cells"] == 6
    assert snapshot.contents[0].receipt["etag"] == '"1"'
    assert stored_snapshot(context.paths, "test__population") == snapshot


def test_unchanged_content_is_not_transferred_nor_decoded_again(
    httpserver: HTTPServer, source: Callable[..., Source], context: FetchContext
) -> None:
    httpserver.expect_oneshot_request("/all.csv").respond_with_data(GOOD, headers={"ETag": '"1"'})
    first = fetch.obtain(context, source())
    httpserver.expect_oneshot_request(
        "/all.csv", headers={"If-None-Match": '"1"'}
    ).respond_with_data(status=304)
    second = fetch.obtain(context, source())
    assert first.contents[0].is_new
    assert not second.contents[0].is_new
    assert second.contents[0].content_id == first.contents[0].content_id
    assert len(list(receipts(context.paths.receipts, "test__population"))) == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<!DOCTYPE html><html>down</html>", "page of markup"),
        ("", "empty"),
        ("city,country,2019,2020\nParis,FR,1,2\nRome,IT", "fields in every line"),
        (GOOD.replace("city,", "town,"), "no column 'city'"),
        (GOOD.replace("2019", "a2019"), "undeclared column 'a2019'"),
        (GOOD + GOOD.split("\n", 1)[1], "repeat"),
        (GOOD.replace("1,2", "x,y").replace("3,4", "x,y"), "values that are numbers"),
        ("city,country,2019,2020\nParis,FR,1,2\n", "1 rows"),
    ],
)
def test_content_that_disappoints_leaves_the_last_accepted_in_use_and_says_why(
    httpserver: HTTPServer,
    source: Callable[..., Source],
    context: FetchContext,
    body: str,
    said: str,
) -> None:
    httpserver.expect_oneshot_request("/all.csv").respond_with_data(GOOD)
    good = fetch.obtain(context, source())
    httpserver.expect_request("/all.csv").respond_with_data(body)
    snapshot = fetch.obtain(replace(context, accepted=accepted(good)), source())
    assert snapshot.state == "stale"
    assert snapshot.contents[0].content_id == good.contents[0].content_id
    assert "test__population" in snapshot.failures[0]
    assert said in snapshot.failures[0]


def test_bytes_of_another_encoding_are_named(
    httpserver: HTTPServer, source: Callable[..., Source], context: FetchContext
) -> None:
    httpserver.expect_request("/all.csv").respond_with_data(
        GOOD.replace("Paris", "Orléans").encode("latin-1")
    )
    snapshot = fetch.obtain(context, source())
    assert snapshot.state == "unavailable"
    assert "byte 0xe9" in snapshot.failures[0]


def test_a_dead_server_without_accepted_content_makes_the_source_unavailable(
    httpserver: HTTPServer, source: Callable[..., Source], context: FetchContext
) -> None:
    httpserver.expect_request("/all.csv").respond_with_data(status=500)
    snapshot = fetch.obtain(context, source())
    assert snapshot.state == "unavailable"
    assert snapshot.contents == ()


def test_a_required_source_without_content_stops_the_run(
    httpserver: HTTPServer, source: Callable[..., Source], context: FetchContext
) -> None:
    httpserver.expect_request("/all.csv").respond_with_data(status=500)
    with pytest.raises(Unavailable, match="required"):
        fetch.obtain(context, source(required=True))


def test_the_age_of_stale_content_is_counted_from_its_fetch(
    httpserver: HTTPServer, source: Callable[..., Source], context: FetchContext
) -> None:
    httpserver.expect_oneshot_request("/all.csv").respond_with_data(GOOD)
    good = fetch.obtain(context, source())
    content = accepted(good)
    content["test__population"][0]["receipt"]["retrieved_at"] = "2020-01-01T00:00:00+00:00"
    snapshot = fetch.obtain(replace(context, offline=True, accepted=content), source())
    assert snapshot.state == "stale"
    assert snapshot.age_days(datetime(2020, 1, 11, tzinfo=UTC)) == pytest.approx(10)


def test_offline_never_asks_the_server(
    httpserver: HTTPServer, source: Callable[..., Source], context: FetchContext
) -> None:
    fetch.obtain(replace(context, offline=True), source())
    assert httpserver.log == []


def test_content_that_a_gate_refused_is_not_offered_again(
    httpserver: HTTPServer, source: Callable[..., Source], context: FetchContext
) -> None:
    httpserver.expect_request("/all.csv").respond_with_data(GOOD)
    first = fetch.obtain(context, source())
    refused = {first.contents[0].content_id: "gate 1: values_hold"}
    snapshot = fetch.obtain(replace(context, refused=refused), source())
    assert snapshot.state == "unavailable"
    assert "values_hold" in snapshot.failures[0]


def write_archive(folder: Path, sha256: str | None = None) -> Path:
    (folder / "all.csv").write_text(GOOD, encoding="utf-8")
    index = folder / "index.csv"
    with index.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("source", "resource", "url", "file", "sha256", "retrieved_at"))
        digest = sha256 or sha256_of(folder / "all.csv")
        url = "https://example.org/all.csv"
        at = "2020-01-01T00:00:00+00:00"
        writer.writerow(("test__population", "all", url, "all.csv", digest, at))
    return index


def test_an_archive_stands_in_for_the_network_with_its_own_dates(
    httpserver: HTTPServer, source: Callable[..., Source], context: FetchContext, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    entries = read_index(write_archive(folder), folder)
    snapshot = fetch.obtain(replace(context, archive=entries), source())
    assert (snapshot.state, snapshot.retrieved_at) == ("archive", "2020-01-01T00:00:00+00:00")
    assert httpserver.log == []


def test_numbers_with_decimal_commas_are_numbers(
    httpserver: HTTPServer, source: Callable[..., Source], context: FetchContext
) -> None:
    text = "city;country;2019;2020\nWien;AT;1.234.567,5;12,5 %\nGraz;AT;7.413.250;1 024,5\n"
    httpserver.expect_request("/all.csv").respond_with_data(text)
    table = source().tables["csv"].model_dump(by_alias=True)
    table["format"]["delimiter"] = ";"
    table["columns"][r"/(\d{4})/"]["parse"] = "comma_number"
    assert fetch.obtain(context, source(tables={"csv": table})).failures == ()
    httpserver.clear()
    httpserver.expect_request("/all.csv").respond_with_data(text + "Stadt;Land;a;b\n")
    assert "every row" in fetch.obtain(context, source(tables={"csv": table})).failures[0]


def test_an_older_archive_never_takes_the_place_of_what_is_held(
    httpserver: HTTPServer, source: Callable[..., Source], context: FetchContext, tmp_path: Path
) -> None:
    httpserver.expect_request("/all.csv").respond_with_data(GOOD.replace("6", "7"))
    good = fetch.obtain(context, source())
    folder = tmp_path / "archive"
    folder.mkdir()
    entries = read_index(write_archive(folder), folder)
    asked = replace(context, archive=entries, accepted=accepted(good))
    snapshot = fetch.obtain(asked, source())
    assert (snapshot.access_method, snapshot.retrieved_at) == ("live", good.retrieved_at)
    assert snapshot.contents[0].content_id == good.contents[0].content_id
    assert "older than what is held" in snapshot.failures[0]


def test_archived_bytes_must_have_the_hash_that_the_index_promises(
    source: Callable[..., Source], context: FetchContext, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    entries = read_index(write_archive(folder, sha256="0" * 64), folder)
    snapshot = fetch.obtain(replace(context, archive=entries), source())
    assert snapshot.state == "unavailable"
    assert "SHA-256" in snapshot.failures[0]


def test_a_bundled_file_is_read_without_importing_its_package(
    source: Callable[..., Source],
    context: FetchContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = tmp_path / "trap_package"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "all.csv").write_text(GOOD)
    monkeypatch.syspath_prepend(tmp_path)
    bundled = {
        "package": "trap_package",
        "resources": {"all": {"path": "all.csv"}},
        "table": "csv",
    }
    snapshot = fetch.obtain(context, source(access={"bundled": bundled}))
    assert snapshot.state == "bundled"


# --- what a hostile service does -----------------------------------------------------------------

KEY = "s3cr3t/Key+of=ours"


def _redirect(key: str) -> Response:
    return Response(status=302, headers={"Location": f"http://elsewhere.example/?k={quote(key)}"})


@pytest.mark.parametrize(
    "answer",
    [
        lambda key: Response(f"Invalid API key: {key}"),
        lambda key: Response(f"Invalid API key: {key}", status=401),
        lambda key: Response("no", status=f"403 {key} is barred"),
        lambda key: Response(f'{{"error": "bad", "url": "/?apikey={quote(key, safe="")}"}}'),
        lambda key: Response(f"<!DOCTYPE html><html>{key}</html>"),
        lambda key: Response(f"city,country,{key},2020\nParis,FR,1,2\nRome,IT,3,4\n"),
        lambda key: Response(GOOD.replace("Paris", b64encode(key.encode()).decode())),
        lambda key: Response(GOOD, headers={"ETag": f'"{key}"', "Last-Modified": key}),
        _redirect,
    ],
)
@pytest.mark.parametrize("place", [{"header": "X-Api-Key"}, {"query": "apikey"}])
def test_a_key_that_a_service_gives_back_is_kept_nowhere(
    httpserver: HTTPServer,
    source: Callable[..., Source],
    context: FetchContext,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    answer: Callable[[str], Response],
    place: dict[str, str],
) -> None:
    monkeypatch.setenv("WCN_TEST_KEY", KEY)
    httpserver.expect_request("/all.csv").respond_with_response(answer(KEY))
    live = {
        "hosts": ["localhost"],
        "resources": {"all": {"url": httpserver.url_for("/all.csv")}},
        "table": "csv",
        "key": {"env": "WCN_TEST_KEY", **place},
    }
    with caplog.at_level(logging.DEBUG):
        snapshot = fetch.obtain(context, source(access={"live": live}))
    request, _ = httpserver.log[0]
    sent = [*request.headers.values(), *request.args.values()]
    assert KEY in sent  # the service did get it
    kept = [f for f in context.paths.root.rglob("*") if f.is_file()]
    assert kept
    for file in kept:
        assert found_in_file(file) is None, file
    logged = [r.getMessage() for r in caplog.records if r.name != "werkzeug"]  # the service's own
    assert masked(f"{snapshot} {logged}") == f"{snapshot} {logged}"
    assert bool(snapshot.contents) == ("ETag" in answer(KEY).headers)


@pytest.mark.parametrize(
    "raised", [TypeError("'int' has no attribute"), RecursionError(), MemoryError()]
)
def test_what_no_code_foresaw_is_the_failure_of_its_source_alone(
    httpserver: HTTPServer,
    source: Callable[..., Source],
    context: FetchContext,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    raised: Exception,
) -> None:
    httpserver.expect_request("/all.csv").respond_with_data(GOOD)
    good = fetch.obtain(context, source())

    def hostile(*_: Any) -> None:
        raise raised

    monkeypatch.setitem(fetch.PROTOCOLS, "file", hostile)
    snapshot = fetch.obtain(replace(context, accepted=accepted(good)), source())
    assert snapshot.state == "stale"
    assert type(raised).__name__ in snapshot.failures[0]
    assert "report it with the traceback" in snapshot.failures[0]
    assert "in hostile" in caplog.text


def test_an_interrupt_is_no_failure_of_a_source(
    source: Callable[..., Source], context: FetchContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(fetch.PROTOCOLS, "file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch.obtain(context, source())
