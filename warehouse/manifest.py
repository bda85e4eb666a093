"""The build manifest: exactly which contents, decisions and code a build is a function of.

Belongs here: assembling, identity, its file. Does not belong here: obtaining content
(`sources.fetch`), or building from it (`pipeline`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from catalog.load import Declared
from catalog.load import files as concept_files
from cities import review
from cities.review import Decision
from core.files import write_atomically
from core.paths import DataPaths
from core.settings import ROOT
from expectations.series import AcceptedBreak
from sources.snapshot import Content, SourceSnapshot

_CODE = (
    *("core", "sources", "cities", "expectations", "releases", "analysis"),
    *("warehouse", "dbt_project"),
)
_CODE_SUFFIXES = {".py", ".sql", ".yml", ".csv"}
# Decisions and publishers count by what holds of them, not by their files.
_NOT_CODE = {"target", "__pycache__", "evaluation", "publishers"}
_DECISION_FILES = {"decisions.csv"}


@dataclass(frozen=True)
class Manifest:
    """What a build reads. Two manifests of one identity give the same tables."""

    identity: str
    version: str
    previous_release: str | None
    code_version: str
    snapshots: tuple[SourceSnapshot, ...]
    accepted_breaks: tuple[AcceptedBreak, ...]
    decisions: tuple[Decision, ...] = ()
    """What people decided about labels, and holds."""
    revocations: tuple[Decision, ...] = ()
    """Who took a decision back, and why: for the list of changes; it decides nothing."""
    declared: Declared = field(default_factory=dict)
    """The declarations that it is built with: they stand in for a file that is broken later."""

    def as_dict(self) -> dict[str, Any]:
        """The form that is stored, in the build folder and in the release."""
        document = asdict(self)
        document.pop("snapshots")
        document["sources"] = {
            s.source_id: {
                **asdict(s),
                "state": s.state,
                "contents": [_content(c) for c in s.contents],
            }
            for s in self.snapshots
        }
        return document

    def contents(self) -> list[Content]:
        """Every content that the build reads."""
        return [c for s in self.snapshots for c in s.contents]

    def content_ids(self) -> dict[str, list[str]]:
        """Content ids by source."""
        return {s.source_id: [c.content_id for c in s.contents] for s in self.snapshots}


def assemble(
    snapshots: Iterable[SourceSnapshot],
    breaks: Iterable[AcceptedBreak],
    decisions: list[Decision],
    code: str,
    previous_release: str | None,
    declared: Declared,
) -> Manifest:
    """What the next build reads. `decisions`: all that were ever made, oldest first."""
    snapshots, breaks = tuple(snapshots), tuple(breaks)
    holding = tuple(review.holding(decisions))
    identity = _identity(snapshots, breaks, code, holding)
    return Manifest(
        identity=identity,
        version=f"{datetime.now(UTC):%Y%m%dT%H%M%S}Z-{identity[:8]}",
        previous_release=previous_release,
        code_version=code,
        snapshots=snapshots,
        accepted_breaks=breaks,
        decisions=holding,
        revocations=tuple(review.revocations(decisions)),
        declared=declared,
    )


def store(paths: DataPaths, manifest: Manifest) -> None:
    """Write the manifest of the build that is under way."""
    write_atomically(paths.manifest, json.dumps(manifest.as_dict(), indent=1, ensure_ascii=False))


def load(paths: DataPaths) -> Manifest:
    """The manifest of the build that is under way."""
    stored = json.loads(paths.manifest.read_text(encoding="utf-8"))
    snapshots = []
    for snapshot in stored.pop("sources").values():
        snapshot.pop("state")
        contents = tuple(Content(**c) for c in snapshot["contents"])
        failures = tuple(snapshot["failures"])
        snapshots.append(SourceSnapshot(**{**snapshot, "contents": contents, "failures": failures}))
    breaks = [
        AcceptedBreak(**{**b, "content_ids": tuple(b["content_ids"])})
        for b in stored.pop("accepted_breaks")
    ]
    holding, revoked = (
        tuple(Decision(**d) for d in stored.pop(key)) for key in ("decisions", "revocations")
    )
    return Manifest(
        **stored,
        snapshots=tuple(snapshots),
        accepted_breaks=tuple(breaks),
        decisions=holding,
        revocations=revoked,
    )


def _content(content: Content) -> dict[str, Any]:
    document = asdict(content)
    document.pop("is_new")
    return document


def _identity(
    snapshots: Iterable[SourceSnapshot],
    breaks: Iterable[AcceptedBreak],
    code: str,
    decisions: Iterable[Decision],
) -> str:
    contents = sorted((c.content_id, c.parse_version) for s in snapshots for c in s.contents)
    accepted = sorted((b.check, b.source_id, b.content_ids) for b in breaks)
    parts = json.dumps([contents, accepted, code, [asdict(d) for d in decisions]])
    return hashlib.sha256(parts.encode()).hexdigest()


def code_version(declared: Declared) -> str:
    """Hash of everything that turns contents into tables: code, engine, concepts, declarations.

    Of declarations counts what they say: a broken file that a good one stands in for changes none.
    """
    digest = hashlib.sha256(f"duckdb {duckdb.__version__}".encode())
    for room in _CODE:
        for path in sorted((ROOT / room).rglob("*")):
            is_code = path.suffix in _CODE_SUFFIXES and path.name not in _DECISION_FILES
            if is_code and not _NOT_CODE & set(path.parts) and path.is_file():
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    for path in concept_files():
        digest.update(path.name.encode() + path.read_bytes())
    digest.update(json.dumps(declared).encode())
    return digest.hexdigest()[:16]
