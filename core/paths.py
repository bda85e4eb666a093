"""Where things lie in the data home. One fact, one home: no other module joins these names.

Belongs here: paths, and what may become a name in one. Does not belong here: reading or writing
what lies there.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

from core.errors import OutdatedDataHome

# Of a name in bytes: file systems take 255, and a file that is being written has a longer one.
MAX_NAME = 200
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT)


def inside(folder: Path, *names: str) -> Path:
    """The path below `folder` whose parts are these names: ids, resources, times out of data.

    Raises ValueError for a name that is none, and where a link leads out of the folder.
    """
    for name in names:
        is_plain = name.isprintable() and "/" not in name and name not in ("", ".", "..")
        if not is_plain or len(name.encode("utf-8", "replace")) > MAX_NAME:
            raise ValueError(
                f"{name[:100]!a} cannot be the name of a file in {folder.name}: a name has"
                f" 1 to {MAX_NAME} bytes, no slash and no control character"
            )
    path = folder.joinpath(*names)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{'/'.join(names)} leads out of {folder.name} by a link; remove the link")
    return path


@dataclass(frozen=True)
class DataPaths:
    """The data home (`data/`, or `$WCN_DATA`)."""

    root: Path

    def create(self) -> DataPaths:
        """Make the folders that a run writes into; returns itself.

        A data home that cannot be written is left as it is: readers need no more, and a writer
        hears of it at the first file. Raises OutdatedDataHome for one that an earlier version has
        made.
        """
        if (self.root / "landing" / "offers").exists():
            raise OutdatedDataHome(
                f"{self.root} was made by an earlier version, whose receipts and releases this one"
                " does not read. Set WCN_DATA to another folder (the old releases stay as they"
                " are), or move this one away"
            )
        for folder in (self.build, self.releases, self.temporary):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                if error.errno not in _READ_ONLY:
                    raise
        return self

    @property
    def blobs(self) -> Path:
        return self.root / "landing" / "blobs" / "sha256"

    @property
    def receipts(self) -> Path:
        return self.root / "landing" / "receipts"

    @property
    def snapshots(self) -> Path:
        """What each source last gave: one JSON per source."""
        return self.root / "landing" / "snapshots"

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
        """Decoded tables and cells, by content and version of the parser."""
        return self.root / "raw"

    @property
    def cache(self) -> Path:
        """What can be made again at any time, kept because making it takes long."""
        return self.root / "cache"

    @property
    def dbt_target(self) -> Path:
        """What dbt made of its project: compiled models, its manifest."""
        return self.root / "dbt" / "target"

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def manifest(self) -> Path:
        return self.build / "manifest.json"

    @property
    def evidence(self) -> Path:
        """What gate 2 found, bound to the bytes that it judged."""
        return self.build / "evidence.json"

    @property
    def tested(self) -> Path:
        """Which tests of dbt have passed on the build that is under way."""
        return self.build / "tested.json"

    @property
    def quality(self) -> Path:
        """Data Docs of the build that is under way."""
        return self.build / "quality"

    @property
    def scratch(self) -> Path:
        """Raw, staging and intermediate tables of the last build."""
        return self.build / "scratch.duckdb"

    @property
    def candidate(self) -> Path:
        """The public tables of a build, until they become a release."""
        return self.build / "candidate.duckdb"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def logs(self) -> tuple[Path, ...]:
        """Where texts about runs and answers of services are kept; each may be missing."""
        return (
            self.root / "alerts.log",
            self.root / "dagster",
            self.receipts,
            self.snapshots,
            self.refusals,
            self.spool,
        )

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"
