"""Several editions of one archived file: taken in order of time, the newest is the current one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import ContentError
from sources import editions
from sources.landing import ArchiveEntry


def line(source: str, resource: str, year: int, fault: ContentError | None = None) -> ArchiveEntry:
    moment = f"{year}-01-01T00:00:00+00:00"
    return ArchiveEntry(source, resource, None, "https://x", Path("x"), "0", moment, year, fault)


def years(entries: list[ArchiveEntry]) -> list[tuple[str, int]]:
    return [(e.resource, e.line) for e in entries]


def held(resource: str, year: int) -> dict[str, Any]:
    return {"resource": resource, "receipt": {"retrieved_at": f"{year}-01-01T00:00:00+00:00"}}


A = [line("a", "x", 2014), line("a", "x", 2024)]
B = [line("b", "x", 2020), line("b", "y", 2024), line("b", "y", 2010), line("b", "y", 2017)]


def test_the_newest_edition_of_each_resource_is_taken_in_whatever_order_the_lines_are() -> None:
    assert years(editions.newest(B)) == [("x", 2020), ("y", 2024)]


def test_lines_of_one_time_are_one_edition() -> None:
    twice = [*A, line("a", "x", 2024)]
    assert years(editions.newest(twice)) == [("x", 2024), ("x", 2024)]


def test_an_empty_home_takes_all_editions_and_the_newest_together_at_last() -> None:
    rounds = list(editions.steps({"a": A, "b": B}, {}))
    taken = [{s: years(editions.newest(e)) for s, e in archive.items()} for archive in rounds]
    assert taken == [
        {"a": [("x", 2014)], "b": [("x", 2020), ("y", 2010)]},
        {"a": [("x", 2014)], "b": [("x", 2020), ("y", 2017)]},
        {"a": [("x", 2024)], "b": [("x", 2020), ("y", 2024)]},
    ]


def test_no_round_is_made_for_an_edition_that_is_held() -> None:
    accepted = {"a": [held("x", 2024)], "b": [held("x", 2020), held("y", 2017)]}
    rounds = list(editions.steps({"a": A, "b": B}, accepted))
    assert [years(editions.newest(r["b"])) for r in rounds] == [[("x", 2020), ("y", 2024)]]
    # What was accepted may be newer than the whole archive: one round says so.
    (only,) = editions.steps({"a": A}, {"a": [held("x", 2030)]})
    assert years(editions.newest(only["a"])) == [("x", 2024)]


def test_what_is_older_than_what_is_held_is_not_taken_resource_by_resource() -> None:
    newer = [held("x", 2030), held("y", 2017)]
    taken, stays = editions.not_older(editions.newest(B), newer)
    assert (years(taken), stays) == ([("y", 2024)], newer[:1])
    assert editions.not_older(editions.newest(A), [held("x", 2024)])[1] == []
    # Held by other names of its parts, as a service has them: the source is compared as a whole.
    assert years(editions.not_older(editions.newest(A), [held("all", 2023)])[0]) == [("x", 2024)]
    assert editions.not_older(editions.newest(A), [held("all", 2025)])[0] == []
    # What the archive does not name stays beside what it brings.
    beside = [held("x", 2020), held("z", 2020)]
    assert editions.not_older(editions.newest(A), beside)[1] == beside[1:]


def test_without_editions_there_is_one_round() -> None:
    assert list(editions.steps({}, {})) == [{}]


def test_a_faulty_line_is_met_in_every_round() -> None:
    fault = ContentError("a", expected="x", found="y", todo="z")
    rounds = list(editions.steps({"a": [*A, line("a", "", 0, fault)]}, {}))
    assert [e.fault for r in rounds for e in editions.newest(r["a"])].count(fault) == 2
