"""What a person looks at before deciding who a label is: the cases of the current release.

A case is a label as its source writes it (source, name, code, country); it may be several rows of
dim_label (other boundaries, other coordinates), and a decision holds for all of them.

Belongs here: reading cases and places. Does not belong here: deciding and printing (`identity`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import duckdb

from cities import review
from orchestration.settings import decisions
from releases.shelf import Shelf
from sources.home import Home

IN_REVIEW = "in_review"


@dataclass(frozen=True)
class Place:
    """A city that a label may mean. `km`: from the label; `led_by`: other sources, with a label."""

    city_id: int
    name: str
    country_iso2: str | None
    admin1: str | None
    population: int | None
    km: float | None = None
    probability: float | None = None
    led_by: tuple[str, ...] = ()


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
    code_leads_to: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, str, str]:
        """As `Decision.label`."""
        return (self.source_id, self.ref_area, self.ref_area_code, self.country)


def queue(home: Home, outcomes: Collection[str], source: str | None) -> tuple[list[Case], int]:
    """Cases with one of these outcomes, most cells first; and how many more wait for the next run.

    Raises LookupError without a release that can be reviewed, and for a source that it has not.
    """
    with opened_release(home) as connection:
        if source:
            _known_source(connection, source)
        found = _cases(
            connection,
            home,
            "list_contains($outcomes, outcome) and $source in ('', source_id)",
            {"outcomes": list(outcomes), "source": source or ""},
        )
    known = {d.label for d in review.holding(review.read(decisions()))}
    waiting = [c for c in found if c.key not in known]
    return waiting, len(found) - len(waiting)


def case(home: Home, source: str, name: str | None, code: str | None, country: str | None) -> Case:
    """The one case of the current release that is meant; None means any, '' that none is given.

    Raises LookupError where there is none (with near ones) or several (with all).
    """
    if name is None and code is None:
        raise LookupError("a label is told by its name, its code, or both")
    asked = {"source": source, "name": name, "code": code, "country": country}
    with opened_release(home) as connection:
        found = _cases(
            connection,
            home,
            """source_id = $source
            and ($name is null or $name in (coalesce(ref_area, ''), ref_area_label))
            and ($code is null or coalesce(ref_area_code, '') = $code)
            and ($country is null or coalesce(country_label, '') = $country)""",
            asked,
        )
        if len(found) == 1:
            return found[0]
        if not found:
            raise LookupError(_nothing_like_it(connection, asked))
    said = "; ".join(label_text(*c.key[1:]) for c in found[:8])
    raise LookupError(f"{source} has several such labels; give --code or --country: {said}")


def several(
    home: Home, keys: Collection[tuple[str, str, str, str]], city_ids: Collection[int]
) -> tuple[dict[tuple[str, str, str, str], Case], dict[int, Place]]:
    """Of these labels (as `Case.key`) and cities those that the current release and register have.

    Raises LookupError without a release that can be reviewed.
    """
    with opened_release(home) as connection:
        found = _cases(
            connection,
            home,
            "concat_ws(chr(31), source_id, area, code, country) in (select unnest($keys))",
            {"keys": ["\x1f".join(key) for key in keys]},
        )
        return {c.key: c for c in found}, _places(connection, home, city_ids)


def place(home: Home, city_id: int) -> Place:
    """A city of the register: of the release, or of the places that the last build knew.

    Raises LookupError where neither has it; while a build runs, only the release can be read.
    """
    with opened_release(home) as connection:
        found = _places(connection, home, [city_id])
    if city_id in found:
        return found[city_id]
    if home.candidate.exists():
        raise LookupError(f"neither dim_city nor the places of the last build have an id {city_id}")
    raise LookupError(
        f"dim_city has no id {city_id}, and the last build, which knows the smaller places, is gone"
    )


def label_text(name: str, code: str, country: str) -> str:
    """A label as options of `wcn cities decide`."""
    given = (("--name", name), ("--code", code), ("--country", country))
    return " ".join(f"{option} {json.dumps(v, ensure_ascii=False)}" for option, v in given if v)


@contextmanager
def opened_release(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    current = Shelf(home.releases).current()
    if current is None:
        raise LookupError("there is no release yet: run `wcn run` first")
    if "country_label" not in current["tables"]["dim_label"]["columns"]:
        raise LookupError(
            f"release {current['version']} was made by an earlier version and does not say what a"
            " decision needs: run `wcn run` first"
        )
    path = home.releases / current["version"] / "warehouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def _cases(
    connection: duckdb.DuckDBPyConnection, home: Home, where: str, values: dict[str, Any]
) -> list[Case]:
    rows = connection.execute(
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
    known, led = _places(connection, home, ids), _led_by(connection, ids)
    spoken = _code_leads_to(connection, {(r[4]["code_scheme"], r[2]) for r in rows if r[2]})
    return [_case(row, near[row[:4]], known, led, spoken) for row in rows]


def _case(
    row: tuple[Any, ...],
    near: list[dict[str, Any]],
    known: dict[int, Place],
    led: dict[int, list[tuple[str, str]]],
    spoken: dict[tuple[str | None, str], tuple[str, ...]],
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
        candidates=tuple(_candidate(c, known, led, source_id) for c in near),
        code_leads_to=spoken.get((shown["code_scheme"], code), ()),
    )


def _candidate(
    said: dict[str, Any],
    known: dict[int, Place],
    led: dict[int, list[tuple[str, str]]],
    source: str,
) -> Place:
    there = known.get(said["city_id"])
    return Place(
        said["city_id"],
        said["name"],
        there.country_iso2 if there else None,
        said["admin1"],
        said["population"],
        said["km"],
        said["probability"],
        tuple(f"{s} ({n})" for s, n in led.get(said["city_id"], []) if s != source),
    )


def _places(
    connection: duckdb.DuckDBPyConnection, home: Home, ids: Collection[int]
) -> dict[int, Place]:
    asked = "select city_id, name, country_iso2, admin1, gazetteer_population"
    where = "where list_contains($ids, city_id)"
    rows = connection.execute(f"{asked} from dim_city {where}", {"ids": list(ids)}).fetchall()
    missing = set(ids) - {row[0] for row in rows}
    # The last build may be gone, half made, or being written just now: then it knows nothing.
    if missing and home.candidate.exists():
        with (
            suppress(duckdb.Error),
            duckdb.connect(str(home.candidate), read_only=True) as build,
        ):
            rows += build.execute(
                f"{asked} from intermediate.int_place {where}", {"ids": list(missing)}
            ).fetchall()
    return {row[0]: Place(*row) for row in rows}


def _led_by(
    connection: duckdb.DuckDBPyConnection, ids: Collection[int]
) -> dict[int, list[tuple[str, str]]]:
    """City → which sources lead to it, each with one of its labels."""
    found = dict[int, list[tuple[str, str]]]()
    for city_id, source_id, name in connection.execute(
        """select city_id, source_id, min(coalesce(ref_area_label, ref_area_code)) from dim_label
        where outcome = 'resolved' and list_contains($ids, city_id)
        group by all order by all""",
        {"ids": list(ids)},
    ).fetchall():
        found.setdefault(city_id, []).append((source_id, name))
    return found


def _code_leads_to(
    connection: duckdb.DuckDBPyConnection, codes: Collection[tuple[str | None, str]]
) -> dict[tuple[str | None, str], tuple[str, ...]]:
    """Scheme and code → the cities that it leads to in the release, for a person to read."""
    rows = connection.execute(
        """select scheme, code, list(name || ' (' || city_id || ')' order by city_id)
        from dim_city_code inner join dim_city using (city_id)
        where list_contains($codes, code) and scheme != 'name' group by all""",
        {"codes": sorted({code for _, code in codes})},
    ).fetchall()
    return {(scheme, code): tuple(cities) for scheme, code, cities in rows}


def _known_source(connection: duckdb.DuckDBPyConnection, source: str) -> None:
    near = connection.execute(
        """from (select distinct source_id from dim_label)
        order by source_id = $source desc, jaro_winkler_similarity(source_id, $source) desc
        limit 3""",
        {"source": source},
    ).fetchall()
    if (source,) not in near:
        said = ", ".join(name for (name,) in near)
        raise LookupError(f"the current release has no source {source}; near are: {said}")


def _nothing_like_it(connection: duckdb.DuckDBPyConnection, asked: dict[str, Any]) -> str:
    near = connection.execute(
        """select distinct coalesce(ref_area, ''), coalesce(ref_area_code, ''),
            coalesce(country_label, ''), greatest(
                jaro_winkler_similarity(lower(coalesce(ref_area_label, '')), lower($name)),
                jaro_winkler_similarity(coalesce(ref_area_code, ''), $code)
            ) as similarity
        from dim_label where source_id = $source order by similarity desc, 1, 2, 3 limit 5""",
        {"source": asked["source"], "name": asked["name"] or "", "code": asked["code"] or ""},
    ).fetchall()
    if not near:
        return f"the current release has no label of a source {asked['source']}"
    said = "; ".join(label_text(*row[:3]) for row in near)
    return f"{asked['source']} has no such label in the current release; near are: {said}"
