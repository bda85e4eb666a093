"""Decisions of people: appended, never rewritten; the newest holds; what is none names its line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cities import review
from cities.review import Decision

VIENNA = Decision(
    decided_at="2026-01-01T10:00:00+00:00",
    source_id="s",
    ref_area="Vienna",
    ref_area_code="",
    country="AT",
    verdict="city",
    city_id="2761369",
    reviewed_by="anna",
    reason='the capital, "Wien"; seen on the map',
)
NO_CITY = replace(VIENNA, verdict="not_a_city", city_id="", reason="a district")
REVOKED = replace(NO_CITY, verdict="revoked", reviewed_by="ben", reason="it is the capital")
ELSEWHERE = replace(VIENNA, country="US", city_id="4791160")
HEADER = "decided_at,source_id,ref_area,ref_area_code,country,verdict,city_id,reviewed_by,reason\n"


def written(path: Path, *decisions: Decision) -> list[Decision]:
    for decision in decisions:
        review.append(path, decision)
    return review.read(path)


def test_a_file_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert review.read(tmp_path / "none.csv") == []
    assert review.table([]).num_rows == 0


def test_what_is_appended_is_read_back(tmp_path: Path) -> None:
    several = [VIENNA, replace(NO_CITY, reason="one line\nand another"), ELSEWHERE]
    assert written(tmp_path / "d.csv", *several) == several


def test_appending_touches_nothing_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    before = b""
    for decision in (VIENNA, NO_CITY, REVOKED):
        review.append(path, decision)
        assert path.read_bytes().startswith(before)
        before = path.read_bytes()
    assert before.decode().startswith(HEADER)


def test_a_file_with_a_header_alone_or_without_a_last_line_end_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(HEADER, encoding="utf-8")
    review.append(path, VIENNA)
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert written(path, ELSEWHERE) == [VIENNA, ELSEWHERE]
    path.write_bytes(b"")
    assert written(path, VIENNA) == [VIENNA]


def test_the_newest_decision_of_a_label_holds() -> None:
    assert review.holding([VIENNA, ELSEWHERE, NO_CITY]) == [NO_CITY, ELSEWHERE]


def test_a_revoked_decision_holds_no_longer_until_there_is_another() -> None:
    assert review.holding([VIENNA, REVOKED]) == []
    assert review.revocations([VIENNA, REVOKED]) == [REVOKED]
    again = [VIENNA, REVOKED, VIENNA]
    assert (review.holding(again), review.revocations(again)) == ([VIENNA], [])


def test_labels_differ_by_source_name_code_and_country() -> None:
    others = [replace(VIENNA, **{k: "x"}) for k in ("source_id", "ref_area", "ref_area_code")]
    assert len(review.holding([VIENNA, ELSEWHERE, *others])) == 5


def test_what_the_matcher_gets_has_nulls_where_the_source_gives_nothing() -> None:
    (row,) = review.table([replace(VIENNA, country="")]).to_pylist()
    assert (row["ref_area"], row["ref_area_code"], row["country"]) == ("Vienna", None, None)
    assert (row["city_id"], row["reviewed_by"]) == (2761369, "anna")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("t,s,Vienna,,AT,ctiy,,anna,why", "a verdict is one of"),
        ("t,s,Vienna,,AT,city,,anna,why", "names its id"),
        ("t,s,Vienna,,AT,city,Vienna,anna,why", "names its id"),
        ("t,s,Vienna,,AT,not_a_city,5,anna,why", "names its id"),
        ("t,s,Vienna,,AT,city,5,anna, ", "who made it and why"),
        ("t,s,Vienna,,AT,city,5,,why", "who made it and why"),
        ("t,s,Vienna", "9 fields"),
        ("t,s,Vienna,,AT,city,5,anna,why,more", "d.csv"),
    ],
)
def test_a_line_that_is_no_decision_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "d.csv"
    review.append(path, replace(VIENNA, reason="over\ntwo lines"))
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"d\.csv, line 4: .*{'' if said == 'd.csv' else said}"):
        review.read(path)


def test_what_changed_is_told_by_label() -> None:
    assert review.compared([VIENNA], [VIENNA], []) == []
    assert [(c["change"], c["city_id"]) for c in review.compared([], [VIENNA], [])] == [
        ("added", 2761369)
    ]
    # Another decision takes the place of the first: one entry.
    (replaced,) = review.compared([VIENNA], [NO_CITY], [])
    assert (replaced["change"], replaced["verdict"], replaced["city_id"]) == (
        *("added", "not_a_city"),
        None,
    )
    (back,) = review.compared([VIENNA], [], [REVOKED])
    assert (back["change"], back["verdict"], back["city_id"]) == ("revoked", "city", 2761369)
    assert (back["reviewed_by"], back["reason"]) == ("ben", "it is the capital")
    (gone,) = review.compared([VIENNA], [], [])
    assert (gone["change"], gone["reviewed_by"]) == ("revoked", "anna")
