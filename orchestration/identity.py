"""Who a city is: writing what a person decides, finding a city, and what is printed of both.

Belongs here: decisions made from a release, and their rendering. Does not belong here: reading the
cases (`cases`), asking (`cli_cities`), applying decisions (`cities`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cities import review
from cities.review import Decision, Verdict
from orchestration.cases import Case, Place, label_text, opened_release
from orchestration.settings import decisions
from sources.home import Home

_RIGHT = ("#", "id", "population", "km", "probability")
_CANDIDATE_COLUMNS = ("#", "id", "name", "country", "admin1", *_RIGHT[2:], "led to by")


def decide(about: Case, city: Place | None, reviewer: str, reason: str) -> Decision:
    """Write that a case is this city, or none. Raises ValueError without a reviewer or a reason."""
    return _write(about.key, "city" if city else "not_a_city", city, reviewer, reason)


def revoke(
    source: str,
    name: str | None,
    code: str | None,
    country: str | None,
    reviewer: str,
    reason: str,
) -> Decision:
    """Write that a decision holds no longer; the label need not be in the release any more.

    Raises LookupError where not exactly one decision is meant, ValueError without a reason.
    """
    asked = (source, name, code, country)
    held = review.holding(review.read(decisions()))
    meant = [
        d for d in held if all(a is None or a == b for a, b in zip(asked, d.label, strict=True))
    ]
    if len(meant) != 1:
        listed = meant or [d for d in held if d.source_id == source]
        said = "; ".join(label_text(*d.label[1:]) for d in listed[:8]) or "none"
        which = "several decisions are meant" if meant else "no decision about it holds"
        raise LookupError(f"{which}; of {source} there are: {said}")
    return _write(meant[0].label, "revoked", None, reviewer, reason)


def find(home: Home, name: str, country: str | None) -> tuple[list[Any], list[Any]]:
    """Rows of the macro `find_city`; and where there are none, the cities with the nearest names.

    Of the latter: city_id, name, country_iso2, admin1, gazetteer_population, matched, similarity.
    """
    with opened_release(home) as connection:
        found = connection.execute("from find_city(?, ?)", [name, country]).fetchall()
        if found:
            return found, []
        near = connection.execute(
            """with near as (
                select city_id, arg_max(code, similarity) as matched,
                    max(similarity) as similarity
                from (
                    select city_id, code,
                        jaro_winkler_similarity(plain_name(code), plain_name($name)) as similarity
                    from dim_city_code where scheme = 'name'
                )
                where similarity >= 0.8
                group by city_id
            )
            select city_id, name, country_iso2, admin1, gazetteer_population, matched, similarity
            from near inner join dim_city using (city_id)
            where $country is null or country_iso2 = $country
            order by similarity desc, gazetteer_population desc nulls last, city_id limit 8""",
            {"name": name, "country": country},
        ).fetchall()
    return [], near


def _write(
    label: tuple[str, str, str, str],
    verdict: Verdict,
    city: Place | None,
    reviewer: str,
    reason: str,
) -> Decision:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    city_id = str(city.city_id) if city else ""
    made = Decision(at, *label, verdict, city_id, reviewer.strip(), reason.strip())
    review.append(decisions(), made)
    return made


def named_city(connection: duckdb.DuckDBPyConnection, text: str) -> tuple[int, str]:
    """By id, else by a name that GeoNames or a source writes, with `,CC` for the country.

    What only the gazetteer knows as another name counts where no city is called so otherwise.
    Several cities of one name are a LookupError that lists them.
    """
    name, _, country = (
        text.rpartition(",") if re.search(r",\s*[A-Za-z]{2}$", text) else (text, "", "")
    )
    found = connection.execute(
        """select city_id, any_value(city.name), any_value(country_iso2),
            any_value(gazetteer_population) as population
        from dim_city as city
        left join dim_city_code as code using (city_id)
        where (city_id = try_cast($name as bigint)
                or lower($name) in (lower(city.name), lower(ascii_name))
                or (code.scheme = 'name' and lower(code.code) = lower($name)))
            and $country in ('', country_iso2)
        group by city_id
        qualify rank() over (order by min(
            code.method = 'gazetteer' and lower($name) not in (lower(city.name), lower(ascii_name))
        )) = 1
        order by population desc nulls last, city_id limit 12""",
        {"name": name.strip(), "country": country.strip().upper()},
    ).fetchall()
    if len(found) == 1:
        return found[0][0], found[0][1]
    if not found:
        raise LookupError(f"no city is called {text!r}; try its GeoNames id")
    listed = "; ".join(f"{i} {n},{c} ({p or 0:,})" for i, n, c, p in found)
    raise LookupError(f"{text!r} names several cities; give NAME,CC or the id of one: {listed}")


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
    if case.code_leads_to:
        facts.append(f"its code leads to {_some(case.code_leads_to, 4)}")
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
            _some(city.led_by, 3),
        )
    return Group(Text(head, style="bold"), *map(Text, facts), table)


def decisions_view() -> RenderableType:
    """Every decision, oldest first, and whether it holds."""
    said = review.read(decisions())
    if not said:
        return Text("No decisions yet: `wcn cities review` asks for them.")
    holds = {id(d) for d in review.holding(said)}
    newest = {d.label: d for d in said}
    table = Table(title="Decisions", title_justify="left")
    for name in ("when", "who", "source", "label", "verdict", "city", "reason", "now"):
        table.add_column(name)
    for d in said:
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
    there = case.latitude is not None and case.longitude is not None
    return f"{case.latitude:.3f}, {case.longitude:.3f}" if there else "–"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _some(texts: tuple[str, ...], n: int) -> str:
    more = f" and {len(texts) - n} more" if len(texts) > n else ""
    return ", ".join(texts[:n]) + more
