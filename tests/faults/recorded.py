"""Real bodies, cut small in memory, each with the declaration that reads it.

They lie beside the repository and are others' works: nothing of them is ever written into it. A
failing case is kept as the name of the seed and the number of the draw (`kept`).

Belongs here: which bodies take part, and how a body is cut so that it stays one of its format. Does
not belong here: spoiling them (`mutation`), reading them (`reading`).
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.paths import DataPaths
from core.settings import ROOT
from sources import catalog
from sources.declarations import Bounds, Source
from sources.editions import newest
from sources.landing import read_index
from sources.tables import Format
from tests.faults.reading import Seed, read

RECORDINGS = ROOT.parent / "shared" / "recordings"
# Of records from the beginning and, as footnotes are there, from the end.
_FIRST, _LAST = 30, 10
# A text of this size is read in no time as it is.
_SMALL = 20_000
# Workbooks of the old form cannot be cut here; the one recorded has 1,860 rows.
_BOUNDS = Bounds(min_rows=1, max_rows=2000, max_duplicate_share=1)


@dataclass(frozen=True)
class Real:
    """Real bodies by name: those that take part, and how it ended for the others."""

    taken: dict[str, Seed]
    refused: dict[str, str]
    """Answers that are an error, or of an indicator that is not declared: no data for a release."""

    @property
    def described(self) -> str:
        """How many take part, for the scorecard."""
        sources = {seed.source.source_id for seed in self.taken.values()}
        formats = {seed.source.tables[seed.table].format.kind for seed in self.taken.values()}
        return (
            f"; {len(self.taken)} bodies of {len(sources)} sources in {len(formats)} formats"
            f" ({', '.join(sorted(formats))}) took part, {len(self.refused)} answers that"
            " are errors or not of a declared indicator did not"
        )


def real(paths: DataPaths, recordings: Path) -> Real:
    """All recordings, and the answers that their declaration takes.

    Raises ValueError for a recording that is not read: then the cut is wrong.
    """
    found = Real({}, {})
    for seed in _recorded(recordings):
        outcome = read(paths, seed, seed.body)
        if outcome.ending != "accepted" or outcome.fault:
            raise ValueError(f"{seed.name}, cut small: {outcome}")
        found.taken[seed.name] = seed
    for seed in _answered(recordings.with_name("answers")):
        outcome = read(paths, seed, seed.body)
        if outcome.ending == "accepted":
            found.taken[seed.name] = seed
        else:
            found.refused[seed.name] = outcome.said
    return found


def _recorded(folder: Path) -> list[Seed]:
    """Every entry of the index of recordings."""
    found, known = [], catalog.load()
    for source_id, entries in read_index(ROOT / "sources" / "recorded.csv", folder).items():
        source = known.source(source_id)
        access = source.access.archive
        assert access is not None
        current = newest(entries)
        for entry in entries:
            resource = access.resources.get(entry.resource)
            table = entry.table or (resource and resource.table) or access.table
            name = f"{source_id} {entry.resource}"
            if entry not in current:
                name += f" of {entry.retrieved_at[:10]}"
            found.append(_seed(name, source, table, entry.file.read_bytes()))
    return found


def _answered(folder: Path) -> list[Seed]:
    """Answers of services that the index calls fit for the declaration of a live source."""
    if not folder.is_dir():
        return []
    found, known = [], catalog.load().sources
    with (folder / "INDEX.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    for line in lines:
        source = known.get(line["source_id"])
        if source and source.access.live and line["matches_declaration"].startswith("yes"):
            table = source.access.live.table
            body = (folder / line["file"]).read_bytes()
            if source.tables[table].format.pages:
                body = _landed(source, table, body)
            found.append(
                _seed(f"{source.source_id} {Path(line['file']).stem}", source, table, body)
            )
    return found


def _landed(source: Source, table: str, body: bytes) -> bytes:
    """The line that `protocols.pages` writes of an answer, about an invented city."""
    keys = (k.partition("about.")[2] for k in source.tables[table].columns)
    line = {"url": "https://example.org", "status": 200, "body": body.decode()}
    about = {key: "1" for key in keys if key}
    return json.dumps(line | ({"about": about} if about else {}), ensure_ascii=False).encode()


def _seed(name: str, source: Source, table: str, body: bytes) -> Seed:
    """With bounds for a body that is cut: any number of rows, of places, of footnotes."""
    declared = source.tables[table]
    rows = tuple(rule.model_copy(update={"at_least": 0}) for rule in declared.rows)
    update = {"tables": {table: declared.model_copy(update={"rows": rows})}, "bounds": _BOUNDS}
    return Seed(name, source.model_copy(update=update), table, _cut(body, declared.format))


def _cut(body: bytes, form: Format) -> bytes:
    if form.kind == "excel" or form.member:
        return _cut_archive(body, form) if body[:2] == b"PK" else body
    if form.kind == "delimited":
        return _cut_lines(body, form)
    return body if len(body) <= _SMALL else json.dumps(_cut_lists(json.loads(body))).encode()


def _cut_lines(body: bytes, form: Format) -> bytes:
    """Whole records: a line with an open quotation mark goes on in the next one."""
    quote = (form.quote or "\0").encode()
    records: list[bytes] = []
    is_open = False
    for line in body.splitlines(keepends=True):
        if is_open:
            records[-1] += line
        else:
            records.append(line)
        is_open ^= line.count(quote) % 2 == 1
    first = _FIRST + form.skip_rows
    return b"".join(records[:first] + records[first:][-_LAST:])


def _cut_lists(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _cut_lists(value) for key, value in node.items()}
    return [_cut_lists(n) for n in node[:_FIRST]] if isinstance(node, list) else node


def _cut_archive(body: bytes, form: Format) -> bytes:
    """The member of a zip; or the rows of all sheets, and the texts that they still need."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if form.member:
        parts = {form.member: _cut_lines(parts[form.member], form)}
    sheets = [name for name in parts if name.startswith("xl/worksheets/sheet")]
    for name in sheets:
        rows = list(re.finditer(rb"<row [^>]*/>|<row .*?</row>", parts[name], re.S))
        kept = rows[: _FIRST + form.skip_rows]
        if len(kept) < len(rows):
            parts[name] = parts[name][: kept[-1].end()] + parts[name][rows[-1].end() :]
    needed = [
        int(number)
        for name in sheets
        for number in re.findall(rb'<c [^>]*t="s"[^>]*><v>(\d+)', parts[name])
    ]
    if texts := parts.get("xl/sharedStrings.xml"):
        items = list(re.finditer(rb"<si>.*?</si>|<si/>", texts, re.S))
        kept = items[: max(needed, default=0) + 1]
        parts["xl/sharedStrings.xml"] = texts[: kept[-1].end()] + texts[items[-1].end() :]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made.getvalue()
