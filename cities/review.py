"""What people decided about labels: a file that is only appended to, and what of it holds.

A decision is about a label as its source writes it: source, name, code, country. The newest one of
a label holds; `revoked` takes it back, and the label is decided by the evidence again.

Belongs here: reading and appending decisions. Does not belong here: asking a person (the `wcn`
command), applying them (`resolve`).
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

import pyarrow as pa

Verdict = Literal["city", "not_a_city", "revoked"]
DECISIONS = pa.schema(
    [(n, pa.string()) for n in ("source_id", "ref_area", "ref_area_code", "country")]
    + [("city_id", pa.int64()), ("reviewed_by", pa.string())]
)


@dataclass(frozen=True)
class Decision:
    """One person's decision about one label. `city_id` goes with the verdict `city` alone."""

    decided_at: str
    source_id: str
    ref_area: str
    ref_area_code: str
    country: str
    verdict: Verdict
    city_id: str
    reviewed_by: str
    reason: str

    def __post_init__(self) -> None:
        if (self.verdict == "city") != self.city_id.isdigit():
            raise ValueError("a decision for a city names its id, and no other decision does")
        if not (self.reason.strip() and self.reviewed_by.strip()):
            raise ValueError("a decision says who made it and why")

    @property
    def label(self) -> tuple[str, str, str, str]:
        """What it is about; empty text where the source gives none."""
        return (self.source_id, self.ref_area, self.ref_area_code, self.country)


def read(path: Path) -> list[Decision]:
    """All decisions, oldest first. Raises ValueError, with the line, for one that is none."""
    if not path.exists():
        return []
    found = []
    with path.open(encoding="utf-8", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), start=2):
            try:
                found.append(Decision(**row))  # type: ignore[arg-type]
            except (TypeError, ValueError) as error:
                raise ValueError(f"{path.name}, line {line}: {error}") from error
    return found


def append(path: Path, decision: Decision) -> None:
    """Add one decision at the end of the file; nothing else of it is touched."""
    names = [f.name for f in fields(Decision)]
    anew = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, lineterminator="\n")
        if anew:
            writer.writeheader()
        writer.writerow(asdict(decision))


def holding(decisions: list[Decision]) -> list[Decision]:
    """The newest decision of each label, unless it was revoked."""
    newest = {d.label: d for d in decisions}
    return [d for d in newest.values() if d.verdict != "revoked"]


def table(decisions: list[Decision]) -> pa.Table:
    """What holds, as `resolve` takes it; empty texts are null. Columns: `DECISIONS`."""
    return pa.Table.from_pylist(
        [
            {
                "source_id": d.source_id,
                "ref_area": d.ref_area or None,
                "ref_area_code": d.ref_area_code or None,
                "country": d.country or None,
                "city_id": int(d.city_id) if d.city_id else None,
                "reviewed_by": d.reviewed_by,
            }
            for d in holding(decisions)
        ],
        schema=DECISIONS,
    )
