"""`wcn doctor` over the publishers' own bytes: the beginning of each real file shows its columns.

Recordings lie beside the repository, never in it. Of the sources that are read live with the same
table as their recording, each file is served here as a static server would, with ranges.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.paths import DataPaths
from core.settings import ROOT
from sources.fetch import FetchContext
from sources.http import HttpClient
from sources.landing import ArchiveEntry, read_index
from sources.probe import FIRST_BYTES, probe
from tests.fixtures.declared import declared, turned
from tests.fixtures.services import QUICK, Anything

RECORDINGS = ROOT.parent / "shared" / "recordings"

IN_PARTS = ("file", "dated_file", "sdmx", "eurostat")

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="no folder shared/recordings beside the repository"
)


def recorded() -> dict[str, ArchiveEntry]:
    """Source id → its newest recording, where live access reads files of the same table."""
    if not RECORDINGS.is_dir():
        return {}
    found = {}
    for source_id, entries in read_index(ROOT / "sources" / "recorded.csv", RECORDINGS).items():
        access = declared().source(source_id).access
        newest = max(entries, key=lambda e: e.retrieved_at)
        table = newest.table or (access.archive.table if access.archive else None)
        if (live := access.live) is None or live.protocol not in IN_PARTS:
            continue
        if table in {live.table, *(r.table for r in live.resources.values())}:
            found[source_id] = newest
    return found


ENTRIES = recorded()


def test_there_are_recordings_to_look_at() -> None:
    assert len(ENTRIES) >= 10


@pytest.mark.parametrize("source_id", ENTRIES)
def test_the_beginning_of_a_real_file_is_as_declared(
    httpserver: HTTPServer, tmp_path: Path, source_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    whole = ENTRIES[source_id].file.read_bytes()

    def static(request: Request) -> Response:
        until = re.fullmatch(r"bytes=0-(\d+)", request.headers.get("Range", ""))
        assert until, "the whole file was asked for"
        part = whole[: int(until[1]) + 1]
        size = {"Content-Range": f"bytes 0-{len(part) - 1}/{len(whole)}"}
        return Response(part, 206, headers=size)

    httpserver.expect_request(Anything()).respond_with_handler(static)
    # Bounds of few rows, and hosts of this machine: the columns are those that are declared.
    source = turned(httpserver, source_id)
    live = source.access.live
    assert live is not None
    context = FetchContext(DataPaths(tmp_path), HttpClient(settings=QUICK))
    found = probe(context, source, next(iter(live.resources)))
    assert found.is_well, f"{found.found}. {found.todo}"
    form = source.tables[live.table].format
    is_packed = len(whole) > FIRST_BYTES and (form.member or form.kind == "excel")
    assert found.shape == ("not checked" if is_packed else "as declared")
