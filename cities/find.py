"""Finding a city in a release, by a name in any language, a code, or an id.

Belongs here: queries on a release. Does not belong here: the macros that it carries (`releases`).
"""

from __future__ import annotations

from typing import Any

import duckdb

from cities.countries import iso2


def find(
    connection: duckdb.DuckDBPyConnection, name: str, country: str | None
) -> tuple[list[Any], list[Any]]:
    """Rows of the macro `find_city`; and where there are none, the cities with the nearest names.

    Of the latter: city_id, name, country_iso2, admin1, gazetteer_population, matched, similarity.
    """
    found = connection.execute("from find_city(?, ?)", [name, country]).fetchall()
    if found:
        return found, []
    near = connection.execute(
        """with near as (
            select city_id, arg_max(code, similarity) as matched,
                max(similarity) as similarity
            from (
                select city_id, code,
                    jaro_winkler_similarity(name_key(code), name_key($name)) as similarity
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


def named_city(connection: duckdb.DuckDBPyConnection, text: str) -> tuple[int, str]:
    """By id, else by a name that GeoNames or a source writes, with `, COUNTRY` where it is needed.

    What only the gazetteer knows as another name counts where no city is called so otherwise.
    Several cities of one name are a LookupError that lists them.
    """
    found = _called(connection, text)
    if len(found) > 1:
        raise LookupError(_several(text, found))
    return found[0][0], found[0][1]


def likeliest_city(connection: duckdb.DuckDBPyConnection, text: str) -> tuple[int, str]:
    """The same, and of several the one that has ten times the people of the next; with its country.

    The caller says whom it took. Raises LookupError where none is that much larger.
    """
    found = _called(connection, text)
    if len(found) > 1 and (found[0][3] or 0) < _FAR_LARGER * max(found[1][3] or 0, 1):
        raise LookupError(_several(text, found))
    return found[0][0], f"{found[0][1]}, {found[0][2]}"


_FAR_LARGER = 10


def _several(text: str, found: list[tuple[int, str, str, int | None]]) -> str:
    listed = "; ".join(f"{i} {n},{c} ({p or 0:,})" for i, n, c, p in found)
    return f"{text!r} names several cities; give NAME,CC or the id of one: {listed}"


def _called(
    connection: duckdb.DuckDBPyConnection, text: str
) -> list[tuple[int, str, str, int | None]]:
    """Id, name, country and population, the largest first. Raises LookupError for none."""
    name, _, last = text.rpartition(",")
    # "Washington, D.C." ends in no country.
    country = iso2(last) if name else None
    if country is None:
        name = text
    found = connection.execute(
        """select city_id, any_value(city.name), any_value(country_iso2),
            any_value(gazetteer_population) as population
        from dim_city as city
        left join dim_city_code as code using (city_id)
        where (city_id = try_cast($name as bigint)
                or lower($name) in (lower(city.name), lower(ascii_name), lower(local_name))
                or (code.scheme = 'name' and lower(code.code) = lower($name)))
            and country_iso2 = coalesce($country, country_iso2)
        group by city_id
        qualify rank() over (order by min(
            code.method = 'gazetteer'
            and lower($name) not in (lower(city.name), lower(ascii_name), lower(local_name))
        )) = 1
        order by population desc nulls last, city_id limit 12""",
        {"name": name.strip(), "country": country},
    ).fetchall()
    if not found:
        raise LookupError(f"no city is called {text!r}; try its GeoNames id")
    return found
