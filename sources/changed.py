"""Whether publishers have new bytes: conditional requests to many hosts, side by side.

A look has an end, whatever the hosts do: who was not asked in time is asked in the next one.

Belongs here: whom to ask next, and asking. Does not belong here: when to look (`orchestration`),
obtaining (`fetch`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from core.errors import SourceError
from sources.access import LiveAccess
from sources.conditions import Validators
from sources.declarations import Source
from sources.fetch import FetchContext, live_context
from sources.protocols.live import last_receipt

HOSTS_AT_ONCE = 16
SECONDS_PER_ANSWER = 8.0
SECONDS = 30.0
"""After which no further source is asked. The last answers may take `SECONDS_PER_ANSWER` more."""


@dataclass(frozen=True)
class Look:
    """What one look found: the sources that were asked, and those of them that have new bytes."""

    asked: frozenset[str]
    changed: frozenset[str]


def look(
    context: FetchContext,
    sources: Iterable[Source],
    last_asked: Mapping[str, float],
    *,
    seconds: float = SECONDS,
    seconds_per_answer: float = SECONDS_PER_ANSWER,
) -> Look:
    """Ask live sources that have been obtained before; who was asked least lately comes first.

    `last_asked`: source id → any clock that only grows. A source that does not answer counts as
    asked and unchanged: its schedule will meet it, and say so.
    """
    hosts: dict[str, list[Source]] = {}
    for source in sorted(sources, key=lambda s: (last_asked.get(s.source_id, 0.0), s.source_id)):
        if (live := source.access.live) is not None:
            hosts.setdefault(live.hosts[0], []).append(source)
    until = time.monotonic() + seconds
    asked: set[str] = set()
    changed: set[str] = set()

    def ask(lane: list[Source]) -> None:
        for source in lane:
            if time.monotonic() > until:
                return
            live = source.access.live
            for name in live.resources if live else ():
                if time.monotonic() > until:
                    return
                if live and _is_changed(context, source, live, name, seconds_per_answer):
                    changed.add(source.source_id)
                    break
            asked.add(source.source_id)

    with ThreadPoolExecutor(min(HOSTS_AT_ONCE, len(hosts) or 1)) as pool:
        list(pool.map(ask, hosts.values()))
    return Look(frozenset(asked), frozenset(changed))


def _is_changed(
    context: FetchContext, source: Source, live: LiveAccess, resource: str, seconds: float
) -> bool:
    url = live.resources[resource].url or ""
    if (known := last_receipt(context.paths, source.source_id, resource, url)) is None:
        return False
    try:
        return bool(
            context.client.changed(
                source.source_id,
                url,
                hosts=live.hosts,
                validators=Validators(known.etag, known.last_modified),
                headers=live.headers,
                secret=live_context(context, source, live).secret,
                seconds=seconds,
            )
        )
    except SourceError:
        return False
