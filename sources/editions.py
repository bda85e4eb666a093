"""Editions of archived files: lines of one resource with different times, the newest is current.

A run takes those that it has not taken yet one after the other, oldest first, so that what a
publisher added, revised and withdrew is in the history of values as if it had been watched.

An edition that is older than what is held, live or archived, never takes its place.

Belongs here: which lines of an archive are taken, and in which order. Does not belong here: what a
line says (`archive_index`), getting its file (`fetch`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sources.landing import ArchiveEntry

Archive = Mapping[str, list[ArchiveEntry]]


def newest(entries: list[ArchiveEntry]) -> list[ArchiveEntry]:
    """Of the lines of one source: for each resource those with its newest time, and every fault."""
    last = {r: times[-1] for r, times in _times(entries).items()}
    return [e for e in entries if e.fault or e.retrieved_at == last[e.resource]]


def not_older(
    entries: list[ArchiveEntry], held: list[dict[str, Any]]
) -> tuple[list[ArchiveEntry], list[dict[str, Any]]]:
    """Of the newest lines of one source those to take, and of what is held that which stays: newer.

    `held`: contents of the current release. A service may have its resources by other names than
    an archive; then the source is compared as a whole.
    """
    times = {c["resource"]: c["receipt"]["retrieved_at"] for c in held}
    known = times.keys() & {e.resource for e in entries}
    last = "" if known else max(times.values(), default="")
    taken = [e for e in entries if e.fault or e.retrieved_at >= times.get(e.resource, last)]
    if not taken:
        return [], list(held)
    stays = (times.keys() - {e.resource for e in taken}) if known else set()
    return taken, [c for c in held if c["resource"] in stays]


def steps(archive: Archive, accepted: Mapping[str, list[dict[str, Any]]]) -> Iterator[Archive]:
    """The archive as it grew: once for each edition that is newer than what was accepted.

    `accepted`: contents of the current release by source. Where resources have different numbers of
    editions, their newest ones come together in the last step; there is at least one step.
    """
    pending: dict[tuple[str, str], list[str]] = {}
    for source_id, entries in archive.items():
        held = {c["resource"]: c["receipt"]["retrieved_at"] for c in accepted.get(source_id, ())}
        for resource, times in _times(entries).items():
            later = [t for t in times if t > held.get(resource, "")]
            pending[source_id, resource] = later or times[-1:]
    count = max(map(len, pending.values()), default=1)
    for left in reversed(range(count)):
        until = {k: times[max(0, len(times) - 1 - left)] for k, times in pending.items()}
        yield {
            s: [e for e in entries if e.fault or e.retrieved_at <= until[s, e.resource]]
            for s, entries in archive.items()
        }


def _times(entries: list[ArchiveEntry]) -> dict[str, list[str]]:
    """The times of each resource, in order. They are of one form: see `archive_index`."""
    times: dict[str, set[str]] = {}
    for entry in entries:
        if not entry.fault:
            times.setdefault(entry.resource, set()).add(entry.retrieved_at)
    return {resource: sorted(found) for resource, found in times.items()}
