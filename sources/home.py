"""Where things lie in the data home. One fact, one home: no other module joins these names.

Belongs here: paths. Does not belong here: reading or writing what lies there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The data home (`data/`, or `$WCN_DATA`)."""

    root: Path

    @property
    def blobs(self) -> Path:
        return self.root / "landing" / "blobs" / "sha256"

    @property
    def receipts(self) -> Path:
        return self.root / "landing" / "receipts"

    @property
    def offers(self) -> Path:
        """What each source last had to offer: one JSON per source."""
        return self.root / "landing" / "offers"

    @property
    def refusals(self) -> Path:
        """Contents that a gate refused, one JSON line each."""
        return self.root / "landing" / "refusals.jsonl"

    @property
    def accepted_breaks(self) -> Path:
        """Breaks that a person let through (`wcn gate accept`), one JSON line each."""
        return self.root / "landing" / "accepted_breaks.jsonl"

    @property
    def spool(self) -> Path:
        """Answers of long pulls that are not complete yet."""
        return self.root / "landing" / "spool"

    @property
    def raw(self) -> Path:
        return self.root / "raw"

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def manifest(self) -> Path:
        return self.build / "manifest.json"

    @property
    def candidate(self) -> Path:
        return self.build / "candidate.duckdb"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"
