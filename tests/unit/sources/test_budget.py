"""A pull ends: whatever a service says of its size, and however long it goes on."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.errors import ContentError
from core.paths import DataPaths
from sources.protocols.budget import Budget
from tests.fixtures.services import FAMILIES, Service


def _refused(service: Service, **limits: int) -> str:
    live = service.source().access.live
    assert live is not None
    snapshot = service.snapshot(access={"live": live.model_dump(by_alias=True) | limits})
    assert snapshot.access_method is None
    return snapshot.failures[0]


def test_a_thousand_million_pages_are_not_followed(httpserver: HTTPServer, tmp_path: Path) -> None:
    def many(request: Request, _body: str) -> Response:
        page = int(request.args["page"])
        header = {"page": page, "pages": 10**9, "per_page": 1, "total": 10**9}
        return Response(json.dumps([header, [{"date": "2020"}]]))

    service = Service(FAMILIES["worldbank"], httpserver, DataPaths(tmp_path), always=many)
    said = _refused(service)
    assert "expected at most 2,000 requests for one pull; found 1,000,000,000" in said
    assert "max_requests" in said
    assert len(httpserver.log) == 1


def test_pages_that_never_end_are_asked_so_often(httpserver: HTTPServer, tmp_path: Path) -> None:
    def more(_request: Request, _body: str) -> Response:
        return Response(json.dumps({"total_count": 9999, "results": [{"code": "1"}]}))

    service = Service(FAMILIES["opendatasoft"], httpserver, DataPaths(tmp_path), always=more)
    assert "at most 7 requests" in _refused(service, max_requests=7)
    assert len(httpserver.log) == 7


@pytest.mark.parametrize("family", ["sdmx", "opendatasoft"])
def test_more_bytes_than_declared_end_a_pull_and_leave_nothing_behind(
    httpserver: HTTPServer, tmp_path: Path, family: str
) -> None:
    def large(_request: Request, body: str) -> Response:
        return Response(body + " " * 1_100_000)

    service = Service(FAMILIES[family], httpserver, DataPaths(tmp_path), always=large)
    assert "at most 1 MB for one pull; found 1.1 MB" in _refused(service, max_total_megabytes=1)
    assert list(service.paths.temporary.iterdir()) == []


def test_time_is_counted_from_the_beginning_of_the_pull() -> None:
    late = Budget("a__b", 10, 10, 60.0, began=time.monotonic() - 61)
    with pytest.raises(ContentError, match=r"at most 1 minutes .*max_minutes"):
        late.ask()
    Budget("a__b", 10, 10, 60.0).ask()
