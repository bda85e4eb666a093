"""The queue as a table for a spreadsheet, and the decisions that people filled in there.

Belongs here: the table's columns, and what of a filled-in one cannot be meant. Does not belong
here: what a decision is (`cities.review`), which labels wait (`queue`).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from cities import queue, review
from cities.queue import Case, Label
from cities.register import Place, Register
from cities.review import Decision, Verdict

# What tells the label, what a person fills in, and what is there to be read.
_KEY = ("source_id", "ref_area", "ref_area_code", "country")
_ANSWER = ("verdict", "city_id", "reason")
_SHOWN = ("label", "admin1", "latitude", "longitude", "population", "outcomes", "cells", "periods")
_MOST_FAULTS = 20


@dataclass(frozen=True)
class Imported:
    """What a table brought. `holding`: rows that say what holds already; `abroad`: decisions for a
    city in another country than the label's, for a person to look at again."""

    made: list[Decision]
    holding: int
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


def decide_all(register: Register, decisions: Path, table: Path, reviewer: str) -> Imported:
    """Write every decision of a table, or none of them. A row without a verdict is no decision.

    `decisions`: the file that is appended to. Raises ValueError with the rows that cannot be meant:
    a label that the current release does not have, or that stands twice; a city that the register
    does not have; no reason; cells too many or too few.
    """
    if not reviewer.strip():
        raise ValueError("a decision says who made it: give --reviewer")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    made, faults = list[tuple[str, Decision]](), list[str]()
    answered = [(line, row) for line, row in _rows(table) if row["verdict"].strip()]
    keys = Counter(_label(row) for _, row in answered)
    cases = queue.cases(register, keys)
    places = register.places(
        {int(i) for _, r in answered if re.fullmatch("[1-9][0-9]*", i := _plain_id(r))}
    )
    for line, row in answered:
        where = f"line {line} ({row['ref_area'] or row['ref_area_code']})"
        try:
            if keys[_label(row)] > 1:
                raise ValueError("the label stands in the table twice")
            made.append((where, _decision(at, row, reviewer.strip(), cases, places)))
        except ValueError as error:
            faults.append(f"{where}: {error}")
    if faults:
        more = len(faults) - _MOST_FAULTS
        raise ValueError(
            f"{table.name}: nothing is written; "
            + "; ".join(faults[:_MOST_FAULTS])
            + (f" and {more} more" if more > 0 else "")
        )
    holding = {d.label: (d.verdict, d.city_id) for d in review.holding(review.read(decisions))}
    new = [(w, d) for w, d in made if holding.get(d.label) != (d.verdict, d.city_id)]
    review.append(decisions, *(d for _, d in new))
    abroad = [text for w, d in new if (text := _abroad(w, d, cases, places))]
    return Imported([d for _, d in new], len(made) - len(new), abroad)


def _label(row: dict[str, str]) -> Label:
    return (row["source_id"], row["ref_area"], row["ref_area_code"], row["country"])


def _abroad(
    where: str, decision: Decision, cases: dict[Label, Case], places: dict[int, Place]
) -> str | None:
    """A city in another country than the label's, for a person to look at again."""
    country = cases[decision.label].country_iso2
    city = places.get(int(decision.city_id)) if decision.city_id else None
    if country and city and city.country_iso2 != country:
        return f"{where} in {country} → {city.name} in {city.country_iso2}"
    return None


def _decision(
    at: str,
    row: dict[str, str],
    reviewer: str,
    cases: dict[Label, Case],
    places: dict[int, Place],
) -> Decision:
    verdict, city_id = row["verdict"].strip().lower(), _plain_id(row)
    if verdict not in ("city", "not_a_city"):
        back = "; `wcn cities revoke` takes a decision back" if verdict == "revoked" else ""
        raise ValueError(f"the verdict is city or not_a_city, not {row['verdict'].strip()}{back}")
    if _label(row) not in cases:
        raise ValueError("the current release has no such label")
    if verdict == "city" and not re.fullmatch("[1-9][0-9]*", city_id):
        raise ValueError(f"the verdict city needs a city's id, not {city_id or 'an empty cell'}")
    if verdict == "city" and int(city_id) not in places:
        raise ValueError(f"the register has no city {city_id}")
    reason = row["reason"].strip()
    return Decision(at, *_label(row), cast(Verdict, verdict), city_id, reviewer, reason)


def _plain_id(row: dict[str, str]) -> str:
    # Spreadsheets write whole numbers as 1795196.0.
    return re.sub(r"\.0+$", "", row["city_id"].strip())


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows with their lines, whichever of the usual delimiters a spreadsheet has written."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            heading = stream.readline()
            stream.seek(0)
            delimiter = max(",;\t", key=heading.count)
            reader = csv.DictReader(stream, delimiter=delimiter)
            missing = [c for c in (*_KEY, *_ANSWER) if c not in (reader.fieldnames or ())]
            if missing:
                raise ValueError(
                    f"{path.name} has no column {', '.join(missing)}: it must be a table as"
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
