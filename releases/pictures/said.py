"""What each picture says, read from the tables of a candidate or a release.

Belongs here: queries. Does not belong here: how it looks (`index`, `network`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

RELEASE = "@release@"
"""Stands in a drawing for the release: what says the same is not drawn again for that name."""
KINDS = ("index", "network")
_FILES = Path(__file__).parent


@dataclass(frozen=True)
class Picture:
    """One picture before it is drawn: equal ones are drawn alike, byte by byte."""

    kind: str
    """`index` or `network`."""
    code: str
    said: dict[str, Any]
    """Texts, numbers, and lists of them."""

    @property
    def name(self) -> str:
        """Of its file, without the suffix."""
        return f"{self.kind}_{self.code}"


def pictures(database: Path, kinds: Collection[str] = KINDS) -> list[Picture]:
    """Of each index its last year with ranks, of each network its latest period.

    Raises duckdb.Error where a table is not there.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        return [
            Picture(kind, said["code"], said)
            for kind in kinds
            for said in connection.execute((_FILES / f"{kind}.sql").read_text(encoding="utf-8"))
            .to_arrow_table()
            .to_pylist()
        ]
