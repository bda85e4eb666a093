"""The build manifest: exactly which contents a build reads, and the candidate that it starts from.

Belongs here: assembling offers into a manifest, its identity, and the `raw` schema that dbt reads.
Does not belong here: obtaining content (`sources.fetch`), judging or modelling it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cities import review
from cities.countries import countries
from cities.review import Decision
from expectations.series import AcceptedBreak
from orchestration.settings import decisions
from releases.shelf import Shelf
from sources import fetch
from sources.catalog import PUBLISHERS, ROOT, Catalog
from sources.conform import CELL_COLUMNS, PLACE_COLUMNS
from sources.fetch import Supply
from sources.home import Home
from sources.offers import Content, Offer, stored_offer
from sources.receipt import json_lines, write_atomically
from sources.sql import literal

_CODE = ("sources", "cities", "expectations", "releases", "dbt_project")
_CODE_SUFFIXES = {".py", ".sql", ".yml", ".csv"}


@dataclass(frozen=True)
class Manifest:
    """What a build reads. Two manifests of one identity give the same tables."""

    identity: str
    version: str
    previous_release: str | None
    code_version: str
    offers: tuple[Offer, ...]
    accepted_breaks: tuple[AcceptedBreak, ...]
    decisions: tuple[Decision, ...] = ()
    """What people decided about labels, and holds."""
    revocations: tuple[Decision, ...] = ()
    """Who took a decision back, and why: for the list of changes; it decides nothing."""

    def as_dict(self) -> dict[str, Any]:
        """The form that is stored, in the build folder and in the release."""
        document = asdict(self)
        document.pop("offers")
        document["sources"] = {
            o.source_id: {
                **asdict(o),
                "state": o.state,
                "contents": [_content(c) for c in o.contents],
            }
            for o in self.offers
        }
        return document

    def content_ids(self) -> dict[str, list[str]]:
        """Content ids by source."""
        return {o.source_id: [c.content_id for c in o.contents] for o in self.offers}


def _content(content: Content) -> dict[str, Any]:
    document = asdict(content)
    document.pop("decoded_anew")
    return document


def assemble(home: Home, catalog: Catalog, supply: Supply) -> Manifest:
    """Take every source's stored offer; a source without a readable one is obtained offline."""
    shelf = Shelf(home.releases)
    current = shelf.current()
    offers = []
    for source_id, source in catalog.sources.items():
        offer = stored_offer(home, source_id)
        if offer is None or not all(_is_read(home, catalog, c) for c in offer.contents):
            offer = fetch.obtain(supply, source)
        offers.append(offer)
    breaks = accepted_breaks(home)
    code = code_version()
    said = review.read(decisions())
    decided = review.holding(said)
    identity = _identity(offers, breaks, code, decided)
    now = datetime.now(UTC)
    version = f"{now:%Y%m%dT%H%M%S}Z-{identity[:8]}"
    previous = current["version"] if current else None
    return Manifest(
        identity,
        version,
        previous,
        code,
        tuple(offers),
        tuple(breaks),
        tuple(decided),
        tuple(review.revocations(said)),
    )


def store(home: Home, manifest: Manifest) -> None:
    """Write the manifest of the build that is under way."""
    write_atomically(home.manifest, json.dumps(manifest.as_dict(), indent=1, ensure_ascii=False))


def load(home: Home) -> Manifest:
    """The manifest of the build that is under way."""
    stored = json.loads(home.manifest.read_text(encoding="utf-8"))
    offers = []
    for offer in stored.pop("sources").values():
        offer.pop("state")
        contents = tuple(Content(**c) for c in offer["contents"])
        offers.append(
            Offer(**{**offer, "contents": contents, "failures": tuple(offer["failures"])})
        )
    breaks = [
        AcceptedBreak(**{**b, "content_ids": tuple(b["content_ids"])})
        for b in stored.pop("accepted_breaks")
    ]
    decided, revoked = (
        tuple(Decision(**d) for d in stored.pop(k, [])) for k in ("decisions", "revocations")
    )
    return Manifest(
        **stored,
        offers=tuple(offers),
        accepted_breaks=tuple(breaks),
        decisions=decided,
        revocations=revoked,
    )


def accepted_contents(current: Mapping[str, Any] | None) -> dict[str, list[dict[str, Any]]]:
    """The contents of the current release by source: what is fallen back to."""
    if current is None:
        return {}
    sources = current["build"]["sources"]
    return {s: o["contents"] for s, o in sources.items() if o["contents"]}


def refusals(home: Home) -> dict[str, str]:
    """Content id → why a gate refused it, unless a person has let the break through since."""
    # An acceptance pardons what was refused before it, not what is refused again in spite of it.
    pardoned = {c: b.accepted_at for b in accepted_breaks(home) for c in b.content_ids}
    return {
        e["content_id"]: e["reason"]
        for e in json_lines(home.refusals)
        if not e.get("only_reading") and e["refused_at"] > pardoned.get(e["content_id"], "")
    }


def refused_contents(home: Home, source_id: str, check: str) -> list[str]:
    """Content ids of the newest refusal of a source, if this check was among its reasons."""
    entries = [e for e in json_lines(home.refusals) if e["source_id"] == source_id]
    newest = max((e["refused_at"] for e in entries), default=None)
    last = [e for e in entries if e["refused_at"] == newest]
    return sorted({e["content_id"] for e in last if check in e["reason"]})


def refuse(
    home: Home, contents: Iterable[Content], reason: str, *, only_reading: bool = False
) -> None:
    """Remember that a gate refused these contents.

    `only_reading`: the bytes are those of the current release; their reading is what was refused.
    """
    home.refusals.parent.mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    with home.refusals.open("a", encoding="utf-8") as stream:
        for content in contents:
            entry = {
                "content_id": content.content_id,
                "source_id": content.source_id,
                "reason": reason,
                "refused_at": at,
                "only_reading": only_reading,
            }
            stream.write(json.dumps(entry, ensure_ascii=False) + "\n")


def accepted_breaks(home: Home) -> list[AcceptedBreak]:
    """What people let through with `wcn gate accept`."""
    return [
        AcceptedBreak(**{**e, "content_ids": tuple(e["content_ids"])})
        for e in json_lines(home.accepted_breaks)
    ]


def accept_break(home: Home, entry: AcceptedBreak) -> None:
    """Append a reviewed entry."""
    home.accepted_breaks.parent.mkdir(parents=True, exist_ok=True)
    with home.accepted_breaks.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")


def prepare_candidate(home: Home, catalog: Catalog, manifest: Manifest) -> None:
    """Begin a new candidate: an empty file with a `raw` schema over exactly the named contents."""
    home.candidate.unlink(missing_ok=True)
    home.candidate.with_suffix(".duckdb.wal").unlink(missing_ok=True)
    contents = [c for o in manifest.offers for c in o.contents]
    observed = [c.folder(home) / "cells.parquet" for c in contents]
    places = [c.folder(home) / "places.parquet" for c in contents]
    places = [p for p in places if p.exists()]
    with duckdb.connect(str(home.candidate)) as connection:
        connection.execute("create schema raw; create schema quality")
        _view(connection, "cell", observed, CELL_COLUMNS)
        _view(connection, "place", places, _PLACE)
        tables = {
            "source": catalog.source_table,
            "country": countries(),
            "indicator": catalog.indicator_table,
            "network": catalog.network_table,
            "content": _content_table(contents),
            "source_state": _state_table(manifest),
            "build": _build_table(manifest),
        }
        for name, table in tables.items():
            write_table(connection, "raw", name, table)
        previous = home.releases / (manifest.previous_release or "-") / "parquet"
        for name, columns in _PREVIOUS.items():
            file = previous / f"{_PUBLIC_NAME[name]}.parquet"
            _view(connection, name, [file] if file.exists() else [], columns)


def write_table(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, table: pa.Table
) -> None:
    """Hand an Arrow table to dbt."""
    connection.register("handed", table)
    connection.execute(f"create or replace table {schema}.{name} as from handed")
    connection.unregister("handed")


_PLACE = {
    "content_id": "VARCHAR",
    "row_number": "BIGINT",
    **dict.fromkeys(PLACE_COLUMNS, "VARCHAR"),
}
_PUBLIC_NAME = {
    "previous_source_observation": "fct_source_observation",
    "previous_city_code": "dim_city_code",
    "previous_city": "dim_city",
    "previous_city_history": "dim_city_history",
}
_PREVIOUS = {
    "previous_source_observation": {
        "content_id": "VARCHAR",
        "row_number": "BIGINT",
        "column_name": "VARCHAR",
        "source_id": "VARCHAR",
        "indicator": "VARCHAR",
        "network": "VARCHAR",
        "spatial_unit": "VARCHAR",
        "time_period": "VARCHAR",
        "obs_value": "DOUBLE",
        "city_id": "BIGINT",
        "disposition": "VARCHAR",
    },
    "previous_city_code": {
        "city_id": "BIGINT",
        "scheme": "VARCHAR",
        "code": "VARCHAR",
        "first_release": "VARCHAR",
    },
    "previous_city": {
        "city_id": "BIGINT",
        "name": "VARCHAR",
        "country_iso2": "VARCHAR",
        "latitude": "DOUBLE",
        "longitude": "DOUBLE",
    },
    "previous_city_history": {
        "city_id": "BIGINT",
        "name": "VARCHAR",
        "country_iso2": "VARCHAR",
        "admin1": "VARCHAR",
        "valid_from_release": "VARCHAR",
        "valid_to_release": "VARCHAR",
        "ended_by": "VARCHAR",
        "successor_city_id": "BIGINT",
    },
}


def _view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    files: list[Path],
    columns: Mapping[str, str],
) -> None:
    """A view on named Parquet files, or on nothing of the same shape."""
    if files:
        listed = ", ".join(literal(f) for f in files)
        # A release of an earlier version may know fewer columns.
        there = {c for f in files for c in pq.read_schema(f).names}
        chosen = ", ".join(
            f'"{c}"' if c in there else f'null::{kind} as "{c}"' for c, kind in columns.items()
        )
        query = f"select {chosen} from read_parquet([{listed}], union_by_name = true)"
    else:
        typed = ", ".join(f'null::{kind} as "{c}"' for c, kind in columns.items())
        query = f"select {typed} where false"
    connection.execute(f"create or replace view raw.{name} as {query}")


def _content_table(contents: list[Content]) -> pa.Table:
    text = ("content_id", "source_id", "resource", "sha256", "way", "url", "retrieved_at")
    schema = pa.schema(
        [(n, pa.string()) for n in (*text, "etag", "last_modified", "table_map", "reading")]
        + [(n, pa.int64()) for n in ("size", "status", "rows_read", "cells_read")]
    )
    return pa.Table.from_pylist(
        [
            {
                **c.receipt,
                "content_id": c.content_id,
                "table_map": c.table,
                "reading": c.reading,
                "rows_read": c.facts["rows"],
                "cells_read": c.facts["cells"],
            }
            for c in contents
        ],
        schema=schema,
    )


def _state_table(manifest: Manifest) -> pa.Table:
    return pa.table(
        {
            "source_id": pa.array([o.source_id for o in manifest.offers], pa.string()),
            "state": pa.array([o.state for o in manifest.offers], pa.string()),
        }
    )


def _build_table(manifest: Manifest) -> pa.Table:
    return pa.table(
        {
            "build_id": [manifest.identity[:16]],
            "release": [manifest.version],
            "previous_release": pa.array([manifest.previous_release], pa.string()),
        }
    )


def _is_read(home: Home, catalog: Catalog, content: Content) -> bool:
    source = catalog.sources[content.source_id]
    known = content.table in source.tables
    current = known and fetch.reading_id(source, content.table) == content.reading
    return current and (content.folder(home) / "facts.json").exists()


def _identity(
    offers: Iterable[Offer],
    breaks: Iterable[AcceptedBreak],
    code: str,
    decided: Iterable[Decision],
) -> str:
    named = sorted((c.content_id, c.reading) for o in offers for c in o.contents)
    let_through = sorted((b.check, b.source_id, b.content_ids) for b in breaks)
    said = json.dumps([named, let_through, code, [asdict(d) for d in decided]])
    return hashlib.sha256(said.encode()).hexdigest()


@cache
def code_version() -> str:
    """Hash of everything that turns contents into tables."""
    digest = hashlib.sha256()
    for room in [*(ROOT / room for room in _CODE), PUBLISHERS]:
        for path in sorted(room.rglob("*")):
            # Decisions are counted by what holds of them, not by their file.
            left_out = {"generated", "target", "__pycache__", "city_decision.csv"}
            if path.suffix in _CODE_SUFFIXES and path.is_file() and not left_out & set(path.parts):
                digest.update(str(path.relative_to(room)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
