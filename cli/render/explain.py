"""The explanation of a label, for a terminal.

Belongs here: layout, and the words for what a step made. Does not belong here: finding it out
(`cities.explain`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cities.explain import Candidate, Explanation

SHOWN = 5
"""Candidates whose evidence is shown; the others have a line each."""

_RANKS = {1: "as written", 2: "a part of it", 3: "the first of several", 4: "in brackets"}


def explanation(made: Explanation) -> RenderableType:
    """One label: what was read, what was looked for, what was found, and why it was decided so."""
    given, decision = made.given, made.decision
    title = given["ref_area"] or decision["ref_area"] or given["ref_area_code"]
    head = Text.assemble((str(title), "bold"), f"  {given['source_id']}")
    parts: list[RenderableType] = [head, _pairs("read as", made.parsed)]
    names = ", ".join(f"{n['name']} ({_RANKS.get(n['rank'], n['rank'])})" for n in made.names)
    parts.append(_line("looked for", names or "nothing: it has no name"))
    parts.append(_line("in", ", ".join(made.countries) or "no country is known"))
    parts.append(_line("found", f"{len(made.found)} cities"))
    if made.claims_of_no_city:
        parts.append(_line("no city", ", ".join(made.claims_of_no_city)))
    if made.candidates:
        parts.append(_candidates(made))
    parts += [_evidence(candidate) for candidate in made.candidates[:SHOWN]]
    parts.append(_decision(made))
    return Group(*parts)


def explanations(several: Iterable[Explanation]) -> RenderableType:
    """Several labels, one below the other."""
    spaced: list[RenderableType] = []
    for made in several:
        spaced += [explanation(made), Text()]
    return Group(*spaced[:-1]) if spaced else Text("No label is written so.")


def _candidates(made: Explanation) -> Table:
    table = Table(title="Candidates", title_justify="left")
    for name in ("city", "name", "country", "admin1"):
        table.add_column(name)
    for name in ("population", "km", "score", "probability"):
        table.add_column(name, justify="right")
    for c in made.candidates:
        table.add_row(
            str(c.city_id),
            c.name,
            c.country_iso2,
            c.admin1 or "–",
            "–" if c.population is None else f"{c.population:,}",
            "–" if c.km is None else f"{c.km:,.1f}",
            f"{c.score:.2f}",
            c.set_aside or f"{c.probability:.4f}",
        )
    table.add_row("", "none of these", "", "", "", "", f"{made.none_of_these:.2f}", "")
    return table


def _evidence(candidate: Candidate) -> Table:
    title = f"{candidate.name} ({candidate.city_id})"
    table = Table(title=title, title_justify="left", show_footer=True)
    table.add_column("evidence", footer="score")
    table.add_column("level or measure")
    table.add_column("adds", justify="right", footer=f"{candidate.score:+.2f}")
    for c in candidate.contributions:
        known = c.level or ("" if c.measure is None else f"{c.measure:.2f}")
        if c.weight or c.level:
            table.add_row(c.evidence.replace("_", " "), known, f"{c.weight:+.2f}")
    return table


def _decision(made: Explanation) -> Text:
    row = made.decision
    what = row["outcome"] if row["city_id"] is None else f"{row['outcome']}: {row['city_id']}"
    why = [row["method"], None if row["probability"] is None else f"p = {row['probability']:.4f}"]
    if row["reviewed_by"]:
        why.append(f"{row['reviewed_by']}: {row['review_reason']}")
    limits = f"linked from {made.link:g} on, reviewed from {made.review:g} on"
    return Text.assemble(
        (f"→ {what}", "bold"), "  ", " · ".join(w for w in why if w), f"  ({limits})"
    )


def _pairs(name: str, record: dict[str, Any]) -> Text:
    known = [f"{k} {v}" for k, v in record.items() if v is not None and v != "" and v is not False]
    return _line(name, " · ".join(known))


def _line(name: str, text: str) -> Text:
    return Text.assemble((f"{name}: ", "dim"), text)
