"""Labels → cities: codes, then names, weighed with country, admin unit, place and population.

A code that the register knows beats any name. Otherwise every city that a label may mean is scored
by what agrees and what does not, beside the other candidates and beside "none of these"; what is
probable enough is linked, what is not quite goes to a person, and the rest is refused with its best
candidates. What is no city (a district, a region, a country) is known before anything is scored. A
person's decision comes before all of this.

Belongs here: the order of evidence. Does not belong here: what sources or facts are, or how the
weights were found (tests/identity).
"""

from __future__ import annotations

import csv
import html
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import pyarrow as pa

from cities.countries import country_codes, country_names, subdivisions, territories
from cities.review import DECISIONS
from cities.romanised import romanised

_HERE = Path(__file__).parent
_STEPS = ("names", "official", "labels", "candidates", "evidence", "scores")
_TABLES = {
    "admin_unit": ("admin1.csv", "*"),
    "weight": ("weights.csv", "feature, level, weight::double as weight"),
    "code_scheme": ("code_schemes.csv", "*"),
    "official_list": ("official_lists.csv", "*"),
}

# From this probability on a label is linked; from the lower one on a person is asked.
LINK = 0.93
REVIEW = 0.6


def resolve(
    labels: pa.Table,
    places: pa.Table,
    codes: pa.Table,
    rules: pa.Table,
    decisions: pa.Table | None = None,
    sections: pa.Table | None = None,
) -> pa.Table:
    """Decide for every label.

    `labels`: label_id, source_id, code_scheme, ref_area_code, other_code_scheme, other_code,
        ref_area, country, admin1, latitude, longitude, spatial_unit (text), population (persons,
        or null); one row per distinct label of a source.
    `places`: city_id, name, ascii_name, alternate_names (JSON list), country_iso2, admin1,
        latitude, longitude, population, is_core (a city by itself, not only where it carries
        something), place_class (`capital`, `seat` of an admin unit, `populated_place`, `unknown`);
        one row per place.
    `codes`: codelist (source id), code, label, country, admin1, latitude, longitude,
        other_code_scheme, other_code: an entry with a GeoNames id leads to that city.
    `rules`: source_id, resolve_by, codelist, reach_km, near_km, without_country, countries.
    `decisions`: see `cities.review`. `sections`: country_iso2, name of parts of cities.
    Returns one row per label: label_id, source_id, code_scheme, ref_area_code, other_code_scheme,
        other_code, ref_area (as written, or as the code list gives it), given_ref_area,
        given_country, given_admin1 (as the source gives them), latitude, longitude (degrees, the
        source's or the code list's), population (persons, as the source says), city_id,
        country_iso2, spatial_unit, method, probability,
        outcome (`resolved`, `not_a_city`, `in_review`, `city_unknown`, `city_ambiguous`,
        `country_unknown`, `no_city_within_reach`, `code_unknown`), reviewed_by, review_reason,
        member_city_ids (of a polycentric unit: the cities in its name, its principal one too),
        candidates (JSON list of {city_id, name, admin1, km, population, probability}).
    """
    with _asked(labels, places, codes, rules, decisions, sections) as connection:
        connection.execute((_HERE / "sql" / "decisions.sql").read_text(encoding="utf-8"))
        return connection.execute("from decision order by label_id").to_arrow_table()


def weigh(
    labels: pa.Table,
    places: pa.Table,
    codes: pa.Table,
    rules: pa.Table,
    sections: pa.Table | None = None,
) -> pa.Table:
    """What `resolve` weighs: one row per label × candidate, with its evidence and probability.

    Columns: label_id, city_id, name_level, country_level, admin_level, distance_level,
    population_level, official_level, listed_level, size, usual_size, renown, place_class,
    is_unsized, name_commonness, name_length, doubt_of_place, doubt_of_population, country_lack,
    score, probability.
    """
    with _asked(labels, places, codes, rules, None, sections) as connection:
        return connection.execute(
            """select label_id, city_id, name_level, country_level, admin_level, distance_level,
                population_level, official_level, listed_level, size, usual_size, renown,
                place_class, population = 0 as is_unsized,
                name_commonness, name_length, doubt_of_place, doubt_of_population, country_lack,
                score, probability
            from candidate order by label_id, city_id"""
        ).to_arrow_table()


@contextmanager
def _asked(
    labels: pa.Table,
    places: pa.Table,
    codes: pa.Table,
    rules: pa.Table,
    decisions: pa.Table | None,
    sections: pa.Table | None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in which every candidate of every label has been scored."""
    with duckdb.connect() as connection:
        connection.register("label_in", labels)
        connection.register("place", places)
        connection.register("code", codes)
        connection.register("rule", rules)
        connection.register(
            "decision_in", DECISIONS.empty_table() if decisions is None else decisions
        )
        connection.register("section", _SECTIONS.empty_table() if sections is None else sections)
        countries = [*labels["country"].to_pylist(), *_code_countries(codes)]
        connection.register("country_code", country_codes(countries))
        connection.register("country_name_in", country_names())
        connection.register("subdivision_name", subdivisions())
        connection.register("territory", territories())
        connection.register("mended_text", _mended(labels["ref_area"]))
        connection.register("romanised", romanised(codes["label"].to_pylist()))
        for table, (file, columns) in _TABLES.items():
            connection.execute(
                f"create table {table} as"
                f" select {columns} from read_csv($file, all_varchar = true)",
                {"file": str(_HERE / file)},
            )
        connection.execute(_no_city_macro())
        connection.execute(f"create table threshold as select {LINK} as link, {REVIEW} as review")
        for step in _STEPS:
            connection.execute((_HERE / "sql" / f"{step}.sql").read_text(encoding="utf-8"))
        yield connection


def _no_city_macro() -> str:
    """not_a_city.csv as a macro: a pattern that is part of the text is compiled once only.

    Of several patterns that match, the first in the file counts.
    """
    with (_HERE / "not_a_city.csv").open(encoding="utf-8") as stream:
        cases = " ".join(_no_city_case(**row) for row in csv.DictReader(stream))
    return f"create macro kind_of_no_city(country, name, is_known) as (case {cases} end)"


def _no_city_case(kind: str, country_iso2: str, always: str, pattern: str) -> str:
    quoted = pattern.replace("'", "''")
    conditions = [f"regexp_matches(name, '{quoted}')"]
    if country_iso2:
        conditions.append(f"country = '{country_iso2}'")
    if always != "yes":
        # Some words are parts of towns' names as well: there the name itself must be unknown.
        conditions.append("not is_known")
    return f"when {' and '.join(conditions)} then '{kind}'"


_SECTIONS = pa.schema([("country_iso2", pa.string()), ("name", pa.string())])


def _code_countries(codes: pa.Table) -> set[str | None]:
    # The codes of both code lists begin with the country: AT001C, ATVIE.
    return {c[:2] for c in codes["code"].to_pylist() if c} | set(codes["country"].to_pylist())


def _mended(texts: pa.ChunkedArray) -> pa.Table:
    """Texts with HTML entities ("J&uuml;lich"), and those whose UTF-8 was once read as Windows-1252
    ("San JosÃ©"), read back."""
    found = {}
    for text in {t for t in texts.to_pylist() if t and ("&" in t or not t.isascii())}:
        found[text] = html.unescape(text)
        with suppress(UnicodeError):
            found[text] = found[text].encode("cp1252").decode("utf-8")
    return pa.table(
        {
            "written": pa.array(found.keys(), pa.string()),
            "mended": pa.array(found.values(), pa.string()),
        }
    )
