"""The queue as a table for a spreadsheet, and the decisions that people filled in there.

Belongs here: the table's columns, and what of a filled-in one cannot be meant. Does not belong
here: what a decision is (`cities.review`), which labels wait (`cases`).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from cities import review
from cities.review import Decision, Verdict
from orchestration.cases import Case, Place, several
from orchestration.settings import decisions
from sources.home import Home

# What tells the label, what a person fills in, and what is there to be read.
_KEY = ("source_id", "ref_area", "ref_area_code", "country")
_ANSWER = ("verdict", "city_id", "reason")
_SHOWN = ("label", "admin1", "latitude", "longitude", "population", "outcomes", "cells", "periods")
_MOST_FAULTS = 20


@dataclass(frozen=True)
class Imported:
    """What a table brought. `held`: rows that say what holds already; `abroad`: decisions for a
    city in another country than the label's, for a person to look at again."""

    made: list[Decision]
    held: int
    abroad: list[str]


def export(waiting: Iterable[Case], path: Path) -> None:
    """Write cases as a table, one row each, with empty columns for the answers.

    Raises FileExistsError rather than write over answers, OSError where it cannot be written.
    """
    # Spreadsheets know UTF-8 by its mark.
    with path.open("x", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*_KEY, *_ANSWER, *_SHOWN, "candidates"])
        for case in waiting:
            shown = (
                "; ".join(map(str, v)) if isinstance(v, tuple) else v
                for v in (getattr(case, name) for name in _SHOWN)
            )
            candidates = "; ".join(
                f"{c.city_id} {c.name} ({c.country_iso2 or '?'} {c.admin1 or '–'},"
                f" {c.population or '–'})"
                for c in case.candidates
            )
            writer.writerow([*case.key, *("" for _ in _ANSWER), *shown, candidates])


def decide_all(home: Home, path: Path, reviewer: str) -> Imported:
    """Write every decision of a table, or none of them. A row without a verdict is no decision.

    Raises LookupError without a release, and ValueError with the rows that cannot be meant: a label
    that the current release does not have, or that stands twice; a city that the register does not
    have; no reason; cells too many or too few.
    """
    if not reviewer.strip():
        raise ValueError("a decision says who made it: give --reviewer")
    holds = {d.label: d for d in review.holding(review.read(decisions()))}
    answered = [(line, row) for line, row in _rows(path) if row["verdict"].strip()]
    keys = [(r["source_id"], r["ref_area"], r["ref_area_code"], r["country"]) for _, r in answered]
    ids = [_plain_id(row["city_id"]) for _, row in answered]
    known, cities = several(home, keys, {int(i) for i in ids if re.fullmatch("[1-9][0-9]*", i)})
    at = datetime.now(UTC).isoformat(timespec="seconds")
    made, abroad, faults, held = list[Decision](), list[str](), list[str](), 0
    seen = set[tuple[str, str, str, str]]()
    for (line, row), key, city_id in zip(answered, keys, ids, strict=True):
        where = f"line {line} ({row['ref_area'] or row['ref_area_code']})"
        try:
            if key in seen:
                raise ValueError("the label stands in the table twice")
            seen.add(key)
            decision = _decision(at, key, row, city_id, reviewer.strip(), known, cities)
        except ValueError as error:
            faults.append(f"{where}: {error}")
            continue
        before = holds.get(key)
        if before and (before.verdict, before.city_id) == (decision.verdict, decision.city_id):
            held += 1
            continue
        made.append(decision)
        own, there = known[key].country_iso2, cities.get(int(city_id)) if city_id else None
        if own and there and there.country_iso2 != own:
            abroad.append(f"{where} in {own} → {there.name} in {there.country_iso2}")
    if faults:
        more = len(faults) - _MOST_FAULTS
        raise ValueError(
            f"{path.name}: nothing is written; "
            + "; ".join(faults[:_MOST_FAULTS])
            + (f" and {more} more" if more > 0 else "")
        )
    review.append(decisions(), *made)
    return Imported(made, held, abroad)


def _decision(
    at: str,
    key: tuple[str, str, str, str],
    row: dict[str, str],
    city_id: str,
    reviewer: str,
    known: dict[tuple[str, str, str, str], Case],
    cities: dict[int, Place],
) -> Decision:
    verdict = row["verdict"].strip().lower()
    if verdict not in ("city", "not_a_city"):
        back = "; `wcn cities revoke` takes a decision back" if verdict == "revoked" else ""
        raise ValueError(f"the verdict is city or not_a_city, not {row['verdict'].strip()}{back}")
    if key not in known:
        raise ValueError("the current release has no such label")
    if verdict == "city" and not re.fullmatch("[1-9][0-9]*", city_id):
        raise ValueError(f"the verdict city needs a city's id, not {city_id or 'an empty cell'}")
    if verdict == "city" and int(city_id) not in cities:
        raise ValueError(f"the register has no city {city_id}")
    return Decision(at, *key, cast(Verdict, verdict), city_id, reviewer, row["reason"].strip())


def _plain_id(text: str) -> str:
    # Spreadsheets write whole numbers as 1795196.0.
    return re.sub(r"\.0+$", "", text.strip())


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows with their lines, whichever of the usual delimiters a spreadsheet has written."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            heading = stream.readline()
            stream.seek(0)
            delimiter = max(",;\t", key=heading.count)
            reader = csv.DictReader(stream, delimiter=delimiter)
            lacking = [c for c in (*_KEY, *_ANSWER) if c not in (reader.fieldnames or ())]
            if lacking:
                raise ValueError(
                    f"{path.name} has no column {', '.join(lacking)}: it must be a table as"
                    " `wcn cities export` writes it"
                )
            rows = [(reader.line_num, row) for row in reader]
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} is no text in UTF-8: save it as “CSV UTF-8”") from error
    for line, row in rows:
        if None in row or None in row.values():
            raise ValueError(
                f"{path.name}, line {line}: it has more or fewer cells than the heading; a text"
                " with a delimiter stands in quotation marks"
            )
    return rows
