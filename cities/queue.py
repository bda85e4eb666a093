"""Labels that wait for a person, as the current release has them.

A case is a label as its source writes it (source, name, code, country); it may be several rows of
dim_label (other boundaries, other coordinates), and a decision holds for all of them.

Belongs here: reading cases. Does not belong here: places (`register`), decisions (`review`),
asking a person and printing (`cli`).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import duckdb

from cities import review
from cities.register import Place, Register
from cities.review import Decision

IN_REVIEW = "in_review"
Label = tuple[str, str, str, str]
"""Source, name, code, country, as the source writes them."""


@dataclass(frozen=True)
class Case:
    """What one decision is about; empty text where the source gives none. Units: persons, degrees.

    `cells` are those that are published with a city, and not without; of a link only those whose
    origin it is. The description is that of the label with most cells.
    """

    source_id: str
    ref_area: str
    ref_area_code: str
    country: str
    label: str
    country_iso2: str | None
    admin1: str | None
    spatial_units: tuple[str, ...]
    latitude: float | None
    longitude: float | None
    population: float | None
    outcomes: tuple[str, ...]
    labels: int
    cells: int
    indicators: tuple[str, ...]
    periods: str
    candidates: tuple[Place, ...]
    code_meanings: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, str, str]:
        """As `Decision.label`."""
        return (self.source_id, self.ref_area, self.ref_area_code, self.country)


def queue(
    register: Register,
    outcomes: Collection[str],
    source: str | None,
    decisions: list[Decision],
) -> tuple[list[Case], int]:
    """Cases with one of these outcomes, most cells first; and how many more wait for the next run.

    Raises LookupError for a source that the release does not have.
    """
    if source:
        _known_source(register.release, source)
    found = _cases(
        register,
        "list_contains($outcomes, outcome) and $source in ('', source_id)",
        {"outcomes": list(outcomes), "source": source or ""},
    )
    known = {d.label for d in review.holding(decisions)}
    waiting = [c for c in found if c.key not in known]
    return waiting, len(found) - len(waiting)


def case(
    register: Register, source: str, name: str | None, code: str | None, country: str | None
) -> Case:
    """The one case of the current release that is meant; None means any, '' that none is given.

    Raises LookupError where there is none (with near ones) or several (with all).
    """
    if name is None and code is None:
        raise LookupError("a label is named by its name, its code, or both")
    wanted = {"source": source, "name": name, "code": code, "country": country}
    found = _cases(
        register,
        """source_id = $source
        and ($name is null or $name in (coalesce(ref_area, ''), ref_area_label))
        and ($code is null or coalesce(ref_area_code, '') = $code)
        and ($country is null or coalesce(country_label, '') = $country)""",
        wanted,
    )
    if len(found) == 1:
        return found[0]
    if not found:
        raise LookupError(_nothing_like_it(register.release, wanted))
    listed = "; ".join(label_text(*c.key[1:]) for c in found[:8])
    raise LookupError(f"{source} has several such labels; give --code or --country: {listed}")


def cases(
    register: Register, keys: Collection[tuple[str, str, str, str]]
) -> dict[tuple[str, str, str, str], Case]:
    """Those of these labels (as `Case.key`) that the release has."""
    found = _cases(
        register,
        "concat_ws(chr(31), source_id, area, code, country) in (select unnest($keys))",
        {"keys": ["\x1f".join(key) for key in keys]},
    )
    return {c.key: c for c in found}


def label_text(name: str, code: str, country: str) -> str:
    """A label as options of `wcn cities decide`."""
    given = (("--name", name), ("--code", code), ("--country", country))
    return " ".join(f"{option} {json.dumps(v, ensure_ascii=False)}" for option, v in given if v)


def _cases(register: Register, where: str, values: dict[str, Any]) -> list[Case]:
    rows = register.release.execute(
        f"""with named as (
            select *, coalesce(ref_area, '') as area, coalesce(ref_area_code, '') as code,
                coalesce(country_label, '') as country
            from dim_label
        ),
        chosen as (select distinct source_id, area, code, country from named where {where}),
        label as (from named semi join chosen using (source_id, area, code, country)),
        cell as (
            select label_id,
                count(*) filter (disposition != 'filtered' or reason = 'not_a_city') as cells,
                list(distinct coalesce(indicator, network)) as indicators,
                min(time_period) as first, max(time_period) as last
            from fct_source_observation semi join label using (label_id)
            group by label_id
        )
        select source_id, area, code, country,
            arg_max(label, (candidates is not null, coalesce(cells, 0), label_id)) as shown,
            list_sort(list(distinct outcome)), list_sort(list(distinct spatial_unit)), count(*),
            coalesce(sum(cells), 0)::bigint as cells,
            list_sort(list_distinct(flatten(list(indicators)))), min(first), max(last)
        from label left join cell using (label_id)
        group by source_id, area, code, country
        order by cells desc, source_id, area, code, country""",
        values,
    ).fetchall()
    near = {row[:4]: json.loads(row[4]["candidates"] or "[]") for row in rows}
    ids = {c["city_id"] for several in near.values() for c in several}
    places, names = register.places(ids), register.names(ids)
    meanings = register.code_meanings({(r[4]["code_scheme"], r[2]) for r in rows if r[2]})
    return [_case(row, near[row[:4]], places, names, meanings) for row in rows]


def _case(
    row: tuple[Any, ...],
    near: list[dict[str, Any]],
    places: dict[int, Place],
    names: dict[int, list[tuple[str, str]]],
    meanings: dict[tuple[str | None, str], tuple[str, ...]],
) -> Case:
    source_id, name, code, country, shown, outcomes, units, labels, cells, indicators, *span = row
    return Case(
        source_id=source_id,
        ref_area=name,
        ref_area_code=code,
        country=country,
        label=shown["ref_area_label"] or code,
        country_iso2=shown["country_iso2"],
        admin1=shown["admin1_label"],
        spatial_units=tuple(units),
        latitude=shown["latitude"],
        longitude=shown["longitude"],
        population=shown["population"],
        outcomes=tuple(outcomes),
        labels=labels,
        cells=cells,
        indicators=tuple(indicators or ()),
        periods="–".join(dict.fromkeys(p for p in span if p)),
        candidates=tuple(_candidate(c, places, names, source_id) for c in near),
        code_meanings=meanings.get((shown["code_scheme"], code), ()),
    )


def _candidate(
    candidate: dict[str, Any],
    places: dict[int, Place],
    names: dict[int, list[tuple[str, str]]],
    source: str,
) -> Place:
    known = places.get(candidate["city_id"])
    return Place(
        candidate["city_id"],
        candidate["name"],
        known.country_iso2 if known else None,
        candidate["admin1"],
        candidate["population"],
        candidate["km"],
        candidate["probability"],
        tuple(f"{s} ({n})" for s, n in names.get(candidate["city_id"], []) if s != source),
    )


def _known_source(connection: duckdb.DuckDBPyConnection, source: str) -> None:
    near = connection.execute(
        """from (select distinct source_id from dim_label)
        order by source_id = $source desc, jaro_winkler_similarity(source_id, $source) desc
        limit 3""",
        {"source": source},
    ).fetchall()
    if (source,) not in near:
        listed = ", ".join(name for (name,) in near)
        raise LookupError(f"the current release has no source {source}; near are: {listed}")


def _nothing_like_it(connection: duckdb.DuckDBPyConnection, wanted: dict[str, Any]) -> str:
    near = connection.execute(
        """select distinct coalesce(ref_area, ''), coalesce(ref_area_code, ''),
            coalesce(country_label, ''), greatest(
                jaro_winkler_similarity(lower(coalesce(ref_area_label, '')), lower($name)),
                jaro_winkler_similarity(coalesce(ref_area_code, ''), $code)
            ) as similarity
        from dim_label where source_id = $source order by similarity desc, 1, 2, 3 limit 5""",
        {"source": wanted["source"], "name": wanted["name"] or "", "code": wanted["code"] or ""},
    ).fetchall()
    if not near:
        return f"the current release has no label of a source {wanted['source']}"
    listed = "; ".join(label_text(*row[:3]) for row in near)
    return f"{wanted['source']} has no such label in the current release; near are: {listed}"
