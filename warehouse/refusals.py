"""What the gates refused, and what people let through: two append-only logs.

Belongs here: reading and appending both. Does not belong here: judging (`expectations`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime

from core.files import append_json_lines, json_lines
from core.paths import DataPaths
from expectations.series import AcceptedBreak
from sources.snapshot import Content


def refused(paths: DataPaths) -> dict[str, str]:
    """Content id → why a gate refused it, unless a person has let the break through since."""
    # An acceptance pardons what was refused before it, not what is refused again in spite of it.
    pardoned = {c: b.accepted_at for b in accepted_breaks(paths) for c in b.content_ids}
    return {
        e["content_id"]: e["reason"]
        for e in json_lines(paths.refusals)
        if not e.get("same_bytes") and e["refused_at"] > pardoned.get(e["content_id"], "")
    }


def refused_contents(paths: DataPaths, source_id: str, check: str) -> list[str]:
    """Content ids of the newest refusal of a source, if this check was among its reasons."""
    entries = [e for e in json_lines(paths.refusals) if e["source_id"] == source_id]
    newest = max((e["refused_at"] for e in entries), default=None)
    last = [e for e in entries if e["refused_at"] == newest]
    return sorted({e["content_id"] for e in last if check in e["reason"]})


def refuse(
    paths: DataPaths, contents: Iterable[Content], reason: str, *, same_bytes: bool = False
) -> None:
    """Remember that a gate refused these contents.

    `same_bytes`: the current release has them too; how they are read now is what was refused.
    """
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    entries = [
        {
            "content_id": content.content_id,
            "source_id": content.source_id,
            "reason": reason,
            "refused_at": at,
            "same_bytes": same_bytes,
        }
        for content in contents
    ]
    append_json_lines(paths.refusals, entries)


def accepted_breaks(paths: DataPaths) -> list[AcceptedBreak]:
    """What people let through with `wcn gate accept`."""
    return [
        AcceptedBreak(**{**e, "content_ids": tuple(e["content_ids"])})
        for e in json_lines(paths.accepted_breaks)
    ]


def accept_break(paths: DataPaths, entry: AcceptedBreak) -> None:
    """Append a reviewed entry."""
    append_json_lines(paths.accepted_breaks, [asdict(entry)])
