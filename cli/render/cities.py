"""What people read about labels and cities: cases, decisions, what a name may mean.

Belongs here: tables for the terminal. Does not belong here: reading or deciding (`cities`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cities import review
from cities.queue import Case
from cities.review import Decision

_RIGHT = ("#", "id", "population", "km", "probability")
_CANDIDATE_COLUMNS = ("#", "id", "name", "country", "admin1", *_RIGHT[2:], "named by")


def case_view(case: Case, position: str) -> RenderableType:
    """Both sides of a case: the label with what hangs on it, and the cities that it may mean."""
    head = f"\n{position} {case.label} · {case.source_id} · {case.cells:,} cells"
    facts = [
        f"name {case.ref_area or '–'} · code {case.ref_area_code or '–'}"
        f" · country {case.country or '–'} · admin unit {case.admin1 or '–'}"
        f" · {', '.join(case.spatial_units)}",
        f"place {_degrees(case)} · population {_number(case.population)}"
        f" · {', '.join(case.outcomes)}"
        + (f" · one decision for {case.labels} labels" if case.labels > 1 else ""),
        f"{case.periods}: {_some(case.indicators, 6)}",
    ]
    if case.code_meanings:
        facts.append(f"its code leads to {_some(case.code_meanings, 4)}")
    if not case.candidates:
        return Group(Text(head, style="bold"), *map(Text, facts), Text("no candidates"))
    table = Table()
    for name in _CANDIDATE_COLUMNS:
        table.add_column(name, justify="right" if name in _RIGHT else "left")
    for i, city in enumerate(case.candidates, start=1):
        table.add_row(
            str(i),
            str(city.city_id),
            city.name,
            city.country_iso2 or "?",
            city.admin1 or "",
            _number(city.population),
            "" if city.km is None else f"{city.km:,.0f}",
            "" if city.probability is None else f"{city.probability:.2f}",
            _some(city.named_by, 3),
        )
    return Group(Text(head, style="bold"), *map(Text, facts), table)


def decisions_view(decisions: list[Decision]) -> RenderableType:
    """Every decision, oldest first, and whether it holds."""
    if not decisions:
        return Text("No decisions yet: `wcn cities review` asks for them.")
    holds = {id(d) for d in review.holding(decisions)}
    newest = {d.label: d for d in decisions}
    table = Table(title="Decisions", title_justify="left")
    for name in ("when", "who", "source", "label", "verdict", "city", "reason", "now"):
        table.add_column(name)
    for d in decisions:
        last = newest[d.label]
        state = (
            "holds" if id(d) in holds else "revoked" if last.verdict == "revoked" else "replaced"
        )
        table.add_row(
            d.decided_at[:16].replace("T", " "),
            d.reviewed_by,
            d.source_id,
            " · ".join(filter(None, d.label[1:])),
            d.verdict,
            d.city_id,
            d.reason,
            "" if d.verdict == "revoked" else state,
        )
    return table


def find_view(found: list[Any], near: list[Any], name: str) -> RenderableType:
    """The cities that a name or a code may mean; without any, those with the nearest names."""
    title = f"No city is called {name}; near are" if not found else f"{name} may be"
    table = Table(title=title, title_justify="left")
    for column in ("city", "country", "admin1", "population", "id", "found by", "why"):
        table.add_column(column, justify="right" if column in ("population", "id") else "left")
    for city_id, city, country, admin1, population, matched, *why in found or near:
        reason = why[1] if found else f"similarity {why[0]:.2f}"
        size = _number(population)
        table.add_row(city, country, admin1 or "", size, str(city_id), matched, reason)
    return table if found or near else Text(f"No city is called {name}, and none nearly so.")


def decided_text(change: Mapping[str, Any]) -> str:
    """One decision that a release applied or took back, for the list of releases."""
    label = change["ref_area"] or change["ref_area_code"]
    meant = f"city {change['city_id']}" if change["city_id"] else "not a city"
    back = "revoked: " if change["change"] == "revoked" else ""
    return f"{back}{label} ({change['source_id']}) → {meant}, {change['reviewed_by']}"


def _degrees(case: Case) -> str:
    is_known = case.latitude is not None and case.longitude is not None
    return f"{case.latitude:.3f}, {case.longitude:.3f}" if is_known else "–"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _some(texts: tuple[str, ...], n: int) -> str:
    more = f" and {len(texts) - n} more" if len(texts) > n else ""
    return ", ".join(texts[:n]) + more
