"""Live sources of different hosts obtained side by side, while Dagster goes through them in turn.

One lane per host, a few lanes at a time: within a host, one source after the other. A slow host
holds up its own sources and no other. The raw assets wait for, and report, what comes of it.

Belongs here: lanes. Does not belong here: how a source is obtained (`sources.fetch`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future
from queue import Empty, SimpleQueue

from sources.declarations import Source
from sources.offers import Offer
from sources.ways import PerCityWay

WORKERS = 8
Futures = dict[str, "Future[Offer]"]

_runs: dict[str, Futures] = {}
_lock = threading.Lock()


def offer_of(
    run_id: str,
    source: Source,
    selected: Callable[[], Collection[Source]],
    obtain: Callable[[Source], Offer],
) -> Offer:
    """What `obtain` makes of the source; the first call of a run starts it for all `selected`.

    Raises what `obtain` raises. A second call for the same source (a retry) obtains it anew.
    """
    with _lock:
        if run_id not in _runs:
            _runs.clear()  # of runs of this process that are over
            _runs[run_id] = start(selected(), obtain)
        future = _runs[run_id].pop(source.source_id, None)
    return future.result() if future else obtain(source)


def start(
    sources: Iterable[Source], obtain: Callable[[Source], Offer], *, workers: int = WORKERS
) -> Futures:
    """Begin to obtain the live sources among `sources`; one future for each."""
    lanes = _lanes([s for s in sources if _asks(s)])
    futures: Futures = {s.source_id: Future() for lane in lanes for s in lane}
    queue: SimpleQueue[list[Source]] = SimpleQueue()
    for lane in lanes:
        queue.put(lane)

    def work() -> None:
        while True:
            try:
                lane = queue.get_nowait()
            except Empty:
                return
            for source in lane:
                _obtain(source, futures, obtain)

    # Not a ThreadPoolExecutor: the interpreter would wait for its threads when a person breaks off.
    for n in range(min(workers, len(lanes))):
        threading.Thread(target=work, name=f"prefetch-{n}", daemon=True).start()
    return futures


def _obtain(source: Source, futures: Futures, obtain: Callable[[Source], Offer]) -> None:
    future = futures[source.source_id]
    try:
        for needed in source.ways.needs():
            if needed in futures:
                futures[needed].exception()  # waits; that it failed, `obtain` will find itself
        future.set_result(obtain(source))
    except BaseException as error:
        future.set_exception(error)


def _asks(source: Source) -> bool:
    live = source.ways.live
    return live is not None and not isinstance(live, PerCityWay)


def _lanes(sources: Collection[Source]) -> list[list[Source]]:
    """Sources by host; those that others take their questions from come first."""
    needed = {n for s in sources for n in s.ways.needs()}
    lanes: dict[str, list[Source]] = {}
    for source in sorted(sources, key=lambda s: (len(s.ways.needs()), s.source_id)):
        assert source.ways.live is not None
        lanes.setdefault(source.ways.live.hosts[0], []).append(source)
    return sorted(lanes.values(), key=lambda lane: not any(s.source_id in needed for s in lane))
