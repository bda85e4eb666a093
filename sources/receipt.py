"""When and how some bytes came: one small JSON per fetch, never changed afterwards.

Belongs here: the receipt, its identity, its file. Does not belong here: the bytes (`landing`).
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from core.files import write_atomically
from core.paths import inside
from sources.access import AccessMethod


def content_id(source_id: str, resource: str, sha256: str) -> str:
    """Identity of bytes as content of one resource: facts refer to it, receipts point to it."""
    return hashlib.sha256(f"{source_id}\n{resource}\n{sha256}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Receipt:
    """One fetch of one resource."""

    source_id: str
    resource: str
    access_method: AccessMethod
    table: str
    url: str
    retrieved_at: str
    sha256: str
    size: int
    licence: str
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None

    @property
    def content_id(self) -> str:
        return content_id(self.source_id, self.resource, self.sha256)

    def write(self, folder: Path) -> Path:
        """Store as `<source>/<time>-<resource>-<random>.json`, atomically.

        Raises ValueError where that would be no name of a file.
        """
        stamp = self.retrieved_at.replace(":", "").replace("-", "")
        name = f"{stamp}-{self.resource}-{uuid.uuid4().hex[:6]}.json"
        path = inside(folder, self.source_id, name)
        write_atomically(path, json.dumps(asdict(self), indent=1))
        return path


def receipts(folder: Path, source_id: str) -> Iterator[Receipt]:
    """All receipts of a source, oldest first; a half-written file cannot exist."""
    for path in sorted(inside(folder, source_id).glob("*.json")):
        yield Receipt(**json.loads(path.read_text(encoding="utf-8")))
