"""Lanes: hosts side by side, sources of one host in turn, questions after what they come from."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.paths import DataPaths
from sources import fetch
from sources.declarations import Source
from sources.parallel import obtain_all
from sources.snapshot import SourceSnapshot
from tests.fixtures.services import FAMILIES, Service


class Crowd:
    """How many requests are being answered at once: in all, and by each server."""

    def __init__(self, wait_for: int) -> None:
        self.lock = threading.Condition()
        self.now: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self.together = 0
        self.wait_for = wait_for

    @contextmanager
    def joined_by(self, server: str):  # type: ignore[no-untyped-def]
        with self.lock:
            self.now[server] = self.now.get(server, 0) + 1
            self.most[server] = max(self.most.get(server, 0), self.now[server])
            self.together = max(self.together, sum(n > 0 for n in self.now.values()))
            self.lock.notify_all()
            # Each answers once the other is being asked as well; a limit, or a failure would hang.
            self.lock.wait_for(lambda: self.together >= self.wait_for, timeout=5)
        try:
            yield
        finally:
            with self.lock:
                self.now[server] -= 1


def named(source: Source, source_id: str, host: str) -> Source:
    """The source under another name; `host` is where its server is reached."""
    text = source.model_dump_json(by_alias=True).replace("localhost", host)
    return Source.model_validate_json(text).model_copy(update={"source_id": source_id})


def test_hosts_overlap_and_one_host_is_never_asked_twice_at_once(tmp_path: Path) -> None:
    crowd = Crowd(wait_for=2)
    with ExitStack() as stack:
        sources, services = [], []
        for host in ("localhost", "127.0.0.1"):
            server = stack.enter_context(HTTPServer(host=host, threaded=True))
            service = Service(FAMILIES["sdmx"], server, DataPaths(tmp_path))

            def answer(_: Request, body: str, host: str = host) -> Response:
                with crowd.joined_by(host):
                    return Response(body)

            service.always = answer
            services.append(service)
            sources += [named(service.source(), f"test__{host}_{n}", host) for n in range(3)]
        context = services[0].context()
        found = obtain_all(sources, lambda s: fetch.obtain(context, s), from_network=True)
        assert [o.failures for _, o in found if isinstance(o, SourceSnapshot)] == [()] * 6
        assert crowd.together == 2
        assert crowd.most == {"localhost": 1, "127.0.0.1": 1}


def test_a_slow_host_does_not_hold_up_another(tmp_path: Path) -> None:
    released = threading.Event()
    slow, quick = sources_on("slow.example", "quick.example")

    def obtain(source: Source) -> SourceSnapshot:
        if source is slow:
            assert released.wait(timeout=10)
        return snapshot(source)

    found = obtain_all([slow, quick], obtain, from_network=True)
    assert next(found)[0] is quick
    released.set()
    assert next(found)[0] is slow


def test_what_questions_come_from_is_obtained_before_them(tmp_path: Path) -> None:
    first, second = sources_on("a.example", "b.example")
    asking = second.model_dump(by_alias=True)
    asking["access"]["live"] = {
        "protocol": "sparql",
        "hosts": ["a.example"],
        "endpoint": "https://a.example/sparql",
        "table": "t",
        "resources": {
            "x": {"query": "{values}", "cities": {"gazetteer": first.source_id, "top": 5}}
        },
    }
    done: list[str] = []

    def obtain(source: Source) -> SourceSnapshot:
        done.append(source.source_id)
        return snapshot(source)

    asker = Source(**asking)
    list(obtain_all([asker, first], obtain, from_network=True))
    assert done == [first.source_id, asker.source_id]


def test_a_failure_is_handed_over_and_the_others_go_on() -> None:
    broken, sound = sources_on("a.example", "b.example")

    def obtain(source: Source) -> SourceSnapshot:
        if source is broken:
            raise RuntimeError("a fault that nobody foresaw")
        return snapshot(source)

    found = {s.source_id: o for s, o in obtain_all([broken, sound], obtain, from_network=True)}
    assert str(found[broken.source_id]) == "a fault that nobody foresaw"
    assert found[sound.source_id] == snapshot(sound)


def test_who_stops_listening_stops_the_work() -> None:
    sources = sources_on(*("a.example",) * 20)
    obtained: list[str] = []
    going_on = threading.Event()

    def obtain(source: Source) -> SourceSnapshot:
        obtained.append(source.source_id)
        if len(obtained) > 1:
            assert going_on.wait(timeout=10)
        return snapshot(source)

    found = obtain_all(sources, obtain, from_network=True)
    next(found)
    found.close()
    going_on.set()
    for thread in threading.enumerate():
        if thread.name.startswith("obtain-"):
            thread.join(timeout=10)
    assert len(obtained) <= 2


def sources_on(*hosts: str) -> list[Source]:
    """One plain source on each host."""
    made = []
    for n, host in enumerate(hosts):
        url = f"https://{host}/a.csv"
        live = {"hosts": [host], "resources": {"x": {"url": url}}, "table": "t"}
        made.append(
            Source(
                source_id=f"test__{n}",
                publisher="Test",
                title="Test",
                homepage="https://example.org",
                licence="cc-by-4.0",
                attribution="Test",
                authority="official",
                cadence="yearly",
                edition="1",
                reference_period="2020",
                theme="population",
                bounds={"min_rows": 1, "max_rows": 2},  # type: ignore[arg-type]
                tables={"t": FAMILIES["sdmx"].table},  # type: ignore[dict-item]
                access={"live": live},  # type: ignore[arg-type]
            )
        )
    return made


def snapshot(source: Source) -> SourceSnapshot:
    return SourceSnapshot(source.source_id, "live", False, (), (), "now")


def test_who_waits_is_told_for_whom() -> None:
    released, told = threading.Event(), list[dict[str, float]]()

    def obtain(source: Source) -> SourceSnapshot:
        released.wait(20)
        return SourceSnapshot(source.source_id, None, False, (), (), "now")

    def waiting_for(seconds: dict[str, float]) -> None:
        told.append(seconds)
        if len(told) == 2:
            released.set()

    (source,) = sources_on("a.example")
    found = obtain_all([source], obtain, from_network=True, waiting_for=waiting_for, patience=0.05)
    assert [s.source_id for s, _ in found] == [source.source_id]
    assert list(told[0]) == [source.source_id]
    assert 0 < told[0][source.source_id] < told[1][source.source_id]


def test_what_hangs_is_given_up_at_the_end_and_the_others_are_handed_over() -> None:
    """A resolver of names may hang for longer than any time-out of ours."""
    released = threading.Event()
    hanging, behind, quick = sources_on("slow.example", "slow.example", "quick.example")

    def obtain(source: Source) -> SourceSnapshot:
        if source is hanging:
            released.wait(timeout=20)
        return snapshot(source)

    try:
        found = list(obtain_all([hanging, behind, quick], obtain, from_network=True, seconds=0.3))
        assert not released.is_set()
    finally:
        released.set()
    assert found[0][0] is quick
    assert {s.source_id for s, _ in found[1:]} == {hanging.source_id, behind.source_id}
    assert all(isinstance(what, TimeoutError) for _, what in found[1:])
