"""Sources obtained side by side, each handed over as soon as it is there.

One lane per host that is asked, so that within a host one source follows the other, and a slow
host holds up its own sources alone. What needs no network has a lane of its own.

Belongs here: lanes. Does not belong here: how a source is obtained (`sources.fetch`).
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import TypeVar

from sources.access import PerCityAccess
from sources.declarations import Source
from sources.snapshot import SourceSnapshot

NETWORK_WORKERS = 8
PATIENCE = 10.0
T = TypeVar("T")
Obtained = SourceSnapshot | BaseException


def obtain_all(
    sources: Iterable[Source],
    obtain: Callable[[Source], T],
    *,
    from_network: bool,
    workers: int | None = None,
    waiting_for: Callable[[dict[str, float]], None] = lambda _seconds: None,
    patience: float = PATIENCE,
    seconds: float = math.inf,
) -> Iterator[tuple[Source, T | BaseException]]:
    """What `obtain` made of each source, or the exception that it raised, as they come.

    `waiting_for` is told, whenever `patience` seconds have passed without news, which sources are
    being obtained, and for how many seconds each. After `seconds` those that are not done are
    given up with a TimeoutError; where one hangs, its thread is left behind.

    Closing the iterator ends the work after the sources that are being obtained just then.
    """
    lanes = _lanes(list(sources), from_network=from_network)
    futures = {s.source_id: Future[T]() for lane in lanes for s in lane}
    waiting: SimpleQueue[list[Source]] = SimpleQueue()
    finished: SimpleQueue[Source] = SimpleQueue()
    stopped = threading.Event()
    begun: dict[str, float] = {}
    told: set[str] = set()
    until = time.monotonic() + seconds
    for lane in lanes:
        waiting.put(lane)

    def work() -> None:
        while not stopped.is_set():
            try:
                lane = waiting.get_nowait()
            except Empty:
                return
            for source in lane:
                if stopped.is_set():
                    return
                begun[source.source_id] = time.monotonic()
                _obtain(source, futures, obtain)
                finished.put(source)

    # Not a ThreadPoolExecutor: the interpreter would wait for its threads when a person breaks off.
    count = workers or (NETWORK_WORKERS if from_network else os.cpu_count() or 1)
    for n in range(min(count, len(lanes))):
        threading.Thread(target=work, name=f"obtain-{n}", daemon=True).start()
    try:
        for _ in futures:
            while (source := _news(finished, min(patience, until - time.monotonic()))) is None:
                now = time.monotonic()
                if now >= until:
                    late = [s for lane in lanes for s in lane if s.source_id not in told]
                    yield from ((s, TimeoutError(f"not done in {seconds:.0f} s")) for s in late)
                    return
                waiting_for({s: now - t for s, t in begun.items() if not futures[s].done()})
            error = futures[source.source_id].exception()
            told.add(source.source_id)
            yield source, error or futures[source.source_id].result()
    finally:
        stopped.set()


def _news(finished: SimpleQueue[Source], patience: float) -> Source | None:
    try:
        return finished.get(timeout=max(patience, 0.0))
    except Empty:
        return None


def _obtain(
    source: Source,
    futures: dict[str, Future[T]],
    obtain: Callable[[Source], T],
) -> None:
    future = futures[source.source_id]
    try:
        for needed in source.access.needs():
            if needed in futures:
                futures[needed].exception()  # waits; that it failed, `obtain` will find itself
        future.set_result(obtain(source))
    except BaseException as error:
        future.set_exception(error)


def _lanes(sources: Collection[Source], *, from_network: bool) -> list[list[Source]]:
    """Sources by host; those that others take their lists of cities from come first."""
    needed = {n for s in sources for n in s.access.needs()}
    lanes: dict[str, list[Source]] = {}
    for source in sorted(sources, key=lambda s: (len(s.access.needs()), s.source_id)):
        live = source.access.live
        asks = from_network and live is not None and not isinstance(live, PerCityAccess)
        lane = live.hosts[0] if asks and live else source.source_id
        lanes.setdefault(lane, []).append(source)
    return sorted(lanes.values(), key=lambda lane: not any(s.source_id in needed for s in lane))
