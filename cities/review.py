"""What people decided about labels: a file that is only appended to, and what of it holds.

A decision is about a label as its source writes it: source, name, code, country. The newest one of
a label holds; `revoked` takes it back, and the label is decided by the evidence again. Where a
source writes several labels alike (other boundaries, other coordinates), a decision holds for all.

Belongs here: reading, appending and comparing decisions. Does not belong here: asking a person (the
`wcn` command), applying them (`resolve`).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from io import StringIO
from pathlib import Path
from typing import Any, Literal, get_args

import pyarrow as pa

from core import files

Verdict = Literal["city", "not_a_city", "revoked"]
DECISIONS = pa.schema(
    [(n, pa.string()) for n in ("source_id", "ref_area", "ref_area_code", "country")]
    + [("city_id", pa.int64()), ("reviewed_by", pa.string()), ("reason", pa.string())]
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
        if any(not isinstance(getattr(self, f.name), str) for f in fields(self)):
            raise ValueError(f"a decision has {len(fields(self))} fields")
        if self.verdict not in get_args(Verdict):
            raise ValueError(f"a verdict is one of {', '.join(get_args(Verdict))}")
        if not (
            re.fullmatch("[1-9][0-9]*", self.city_id)
            if self.verdict == "city"
            else self.city_id == ""
        ):
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
        reader = csv.DictReader(stream)
        for row in reader:
            try:
                found.append(Decision(**row))  # type: ignore[arg-type]
            except (TypeError, ValueError) as error:
                raise ValueError(f"{path.name}, line {reader.line_num}: {error}") from error
    return found


def append(path: Path, *decisions: Decision) -> None:
    """Add decisions at the end of the file, all at once; nothing else of it is touched.

    Raises OSError where there is no room for all of them; then none is added.
    """
    text = StringIO(newline="")
    writer = csv.DictWriter(text, [f.name for f in fields(Decision)], lineterminator="\n")
    if not path.exists() or not path.stat().st_size:
        writer.writeheader()
    writer.writerows(asdict(d) for d in decisions)
    files.append(path, text.getvalue())


def holding(decisions: list[Decision]) -> list[Decision]:
    """The newest decision of each label, unless it was revoked."""
    newest = {d.label: d for d in decisions}
    return [d for d in newest.values() if d.verdict != "revoked"]


def revocations(decisions: list[Decision]) -> list[Decision]:
    """Who took back the newest decision of a label, and why; one of each such label."""
    newest = {d.label: d for d in decisions}
    return [d for d in newest.values() if d.verdict == "revoked"]


def compared(
    before: Iterable[Decision], now: Iterable[Decision], revoked: Iterable[Decision]
) -> list[dict[str, Any]]:
    """What changed between what held `before` and what holds `now`, by label.

    One entry per decision: source_id, ref_area, ref_area_code, country, verdict, city_id,
    reviewed_by, reason, and change: `added` (also where it takes the place of another), or
    `revoked` (then reviewer and reason are those of the revocation, where `revoked` has it).
    """
    old, new = ({d.label: d for d in several} for several in (before, now))
    back = {d.label: d for d in revoked}
    changed = [(d, d, "added") for label, d in sorted(new.items()) if old.get(label) != d]
    changed += [
        (d, back.get(label, d), "revoked") for label, d in sorted(old.items()) if label not in new
    ]
    return [
        {
            "source_id": d.source_id,
            "ref_area": d.ref_area,
            "ref_area_code": d.ref_area_code,
            "country": d.country,
            "verdict": d.verdict,
            "city_id": int(d.city_id) if d.city_id else None,
            "reviewed_by": who.reviewed_by,
            "reason": who.reason,
            "change": change,
        }
        for d, who, change in changed
    ]


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
                "reason": d.reason,
            }
            for d in holding(decisions)
        ],
        schema=DECISIONS,
    )
