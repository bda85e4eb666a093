"""Damaged files of every source, at the door: refused by name and reason, the last good one held.

Parametrised over the invented sources, the bundled data of the real declarations, and recorded
files of the others where a folder of recordings lies beside the repository.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import asdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from core.paths import DataPaths
from core.settings import ROOT
from sources import catalog, fetch
from sources.access import BundledAccess
from sources.catalog import table_hash
from sources.declarations import Source
from sources.fetch import FetchContext
from sources.http import HttpClient
from sources.landing import INDEX_COLUMNS, read_index
from sources.snapshot import Content, SourceSnapshot
from tests.fixtures import corrupt, world
from tests.fixtures.warehouse import PUBLISHERS

RECORDINGS = ROOT.parent / "shared" / "recordings"
INDEX = ROOT / "sources" / "recorded.csv"
needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="no folder shared/recordings beside the repository"
)
# What a person must be told, one of: nothing else refuses a damaged file.
_REASONS = {
    "cut in a row": (
        "Expected Number of Columns",
        "unterminated quote",
        "rows in",
        "not JSON",
        "damaged",
        "cannot be",
    ),
    "cut at a row": ("rows in", "places in", "unterminated quote"),
    "html": ("page of markup", "not an Excel", "cannot be opened", "damaged"),
    "empty": ("an empty file",),
    "other column": (
        *("no column", "undeclared column"),
        *("Expected Number of Columns", "unterminated quote"),
    ),
    "one column more": ("undeclared column", "Expected Number of Columns"),
    "doubled": ("rows", "repeat others", "Expected Number of Columns", "not JSON"),
    "undecodable": ("expected text in utf-8", "not JSON"),
}


def _index(folder: Path, source_id: str, files: dict[str, tuple[str, bytes]]) -> Path:
    """An archive of one source whose hashes are those of the files, however damaged they are."""
    folder.mkdir(parents=True, exist_ok=True)
    index = folder / "index.csv"
    with index.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(INDEX_COLUMNS)
        for resource, (table, data) in files.items():
            (folder / resource).write_bytes(data)
            digest = hashlib.sha256(data).hexdigest()
            line = (source_id, resource, table, f"https://example.org/{resource}", resource, digest)
            writer.writerow((*line, "2026-01-01T00:00:00+00:00"))
    return index


def _obtain(
    paths: Path, source: Source, index: Path, accepted: dict[str, list[dict[str, Any]]]
) -> SourceSnapshot:
    archive = read_index(index, index.parent)
    context = FetchContext(DataPaths(paths), HttpClient(), archive=archive, accepted=accepted)
    return fetch.obtain(context, source)


def _check(tmp_path: Path, source: Source, resource: str, table: str, name: str, data: bytes,
           kind: str, good: dict[str, tuple[str, bytes]] | None) -> None:  # fmt: skip
    """SourceSnapshot the damaged file, after the good one where that is given."""
    accepted: dict[str, list[dict[str, Any]]] = {}
    held: tuple[Content, ...] = ()
    if good:
        first = _obtain(
            tmp_path / "data", source, _index(tmp_path / "g", source.source_id, good), {}
        )
        assert (first.state, first.failures) == ("archive", ())
        held = first.contents
        accepted = {source.source_id: [asdict(c) for c in held]}
    damage, _ = corrupt.damage_to(source.tables[table].format, name)
    damaged = damage(data, source.tables[table].format, kind)
    assert damaged != data
    files = {**(good or {}), resource: (table, damaged)}
    index = _index(tmp_path / "bad", source.source_id, files)
    snapshot = _obtain(tmp_path / "data", source, index, accepted)
    if good:
        assert snapshot.stale
        assert [c.content_id for c in snapshot.contents] == [c.content_id for c in held]
    else:
        assert snapshot.access_method != "archive"
        assert snapshot.failures
    assert snapshot.failures[0].startswith(f"archive: {source.source_id}: expected")
    assert any(reason in snapshot.failures[0] for reason in _REASONS[kind]), snapshot.failures[0]


# --- the invented sources, with a good content before


_INVENTED = [
    (source_id, kind)
    for source_id in (world.GAZETTEER, world.YEARBOOK, world.CODES, world.ENVIRONMENT,
                      world.PRICES, world.CENSUS, world.NORMALS)
    for kind in _REASONS
]  # fmt: skip


@pytest.mark.parametrize(("source_id", "kind"), _INVENTED)
def test_a_damaged_file_is_refused_and_the_last_good_one_held(
    tmp_path: Path, world: world.World, source_id: str, kind: str
) -> None:
    source = catalog.load(PUBLISHERS).source(source_id)
    ((table, _),) = source.tables.items()
    data = world.data(source_id)
    good = {"file": (table, data)}
    _check(tmp_path, source, "file", table, "file", data, kind, good)


# --- the declared sources


@cache
def _declared() -> dict[str, Source]:
    return catalog.load().sources


def _bundled_file(source: Source) -> tuple[str, str, Path]:
    shipped = source.access.shipped()
    assert shipped is not None
    _, access = shipped
    resource, at = next(iter(access.resources.items()))
    folder = ROOT
    if isinstance(access, BundledAccess):
        spec = find_spec(access.package)
        assert spec is not None
        folder = Path(next(iter(spec.submodule_search_locations or ())))
    return resource, at.table or access.table, folder / (at.path or "")


def _bundled() -> list[tuple[str, str]]:
    """Each form of file once: of several sources that read theirs alike, the smallest file."""
    smallest: dict[str, tuple[int, str]] = {}
    for source_id, source in _declared().items():
        if source.access.shipped():
            _, table, path = _bundled_file(source)
            form, size = table_hash(source.tables[table]), path.stat().st_size
            smallest[form] = min((size, source_id), smallest.get(form, (size, source_id)))
    found = []
    for _, source_id in smallest.values():
        _, table, path = _bundled_file(_declared()[source_id])
        form = _declared()[source_id].tables[table].format
        found += [(source_id, k) for k in corrupt.damage_to(form, path.name)[1]]
    return found


@pytest.mark.parametrize(("source_id", "kind"), _bundled())
def test_a_damaged_file_of_a_bundled_source_is_refused(
    tmp_path: Path, source_id: str, kind: str
) -> None:
    source = _declared()[source_id]
    resource, table, path = _bundled_file(source)
    _check(tmp_path, source, resource, table, path.name, path.read_bytes(), kind, None)


def _recorded_files(source_id: str) -> dict[str, tuple[str, str, Path]]:
    with INDEX.open(encoding="utf-8", newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if r["source"] == source_id]
    way = _declared()[source_id].access.archive
    assert way is not None
    return {
        r["resource"]: (
            getattr(way.resources.get(r["resource"]), "table", None) or way.table,
            Path(r["file"]).name,
            RECORDINGS / r["file"],
        )
        for r in rows
    }


def _recorded() -> list[tuple[str, str, str]]:
    found = []
    for source_id, source in _declared().items():
        if source.access.archive is None:
            continue
        for resource, (table, name, _) in _recorded_files(source_id).items():
            form = source.tables[table].format
            found += [(source_id, resource, k) for k in corrupt.damage_to(form, name)[1]]
    return found


@needs_recordings
@pytest.mark.parametrize(("source_id", "resource", "kind"), _recorded())
def test_a_damaged_recorded_file_is_refused(
    tmp_path: Path, source_id: str, resource: str, kind: str
) -> None:
    source, files = _declared()[source_id], _recorded_files(source_id)
    table, name, path = files[resource]
    others = {r: (t, p.read_bytes()) for r, (t, _, p) in files.items() if r != resource}
    damage, _ = corrupt.damage_to(source.tables[table].format, name)
    damaged = damage(path.read_bytes(), source.tables[table].format, kind)
    index = _index(tmp_path / "bad", source_id, {resource: (table, damaged), **others})
    archive = read_index(index, index.parent)
    context = FetchContext(DataPaths(tmp_path / "data"), HttpClient(), archive=archive)
    snapshot = fetch.obtain(context, source)
    if kind == "one column more" and source.tables[table].additional_columns == "report":
        assert (snapshot.failures, snapshot.additional_columns) == ((), ("new",))
        return
    assert snapshot.access_method != "archive"
    assert snapshot.failures[0].startswith(f"archive: {source_id}: expected")
    assert any(reason in snapshot.failures[0] for reason in _REASONS[kind]), snapshot.failures[0]
