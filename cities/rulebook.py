"""The declared rules of the matcher: checked, then given to a database as tables and macros.

A country, a code scheme or a word stands in `rules/*.csv` alone; the steps read it from there.

Belongs here: what a row of these files must be. Does not belong here: how a pattern becomes a macro
(`rule_macros.py`), what the rules decide (`steps/`), names of countries (`countries.py`).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from cities.countries import countries
from cities.rule_macros import BEFORE_COUNTRY, CONDITIONS, EFFECTS, MEANINGS, Row, macros
from cities.sql import literal

FOLDER = Path(__file__).parent / "rules"


class RuleError(ValueError):
    """A row of a rule file that is none: names the file and its line."""


@dataclass(frozen=True)
class _File:
    """A rule file: its columns, what must be unique, and what each row must be."""

    columns: tuple[str, ...]
    key: tuple[str, ...]
    checks: Mapping[str, Callable[[str], bool]] = field(default_factory=dict)
    table: str | None = None


@cache
def _countries() -> frozenset[str]:
    return frozenset(countries()["country_iso2"].to_pylist())


def _is_country(text: str) -> bool:
    return text in _countries()


def _is_country_or_any(text: str) -> bool:
    return text == "" or _is_country(text)


def _is_flag(text: str) -> bool:
    return text in ("yes", "no")


def _is_count_or_empty(text: str) -> bool:
    return text == "" or text.isdigit()


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < 1000
    except ValueError:
        return False


@cache
def _is_pattern(text: str) -> bool:
    try:
        duckdb.execute(f"select regexp_matches('', {literal(text)})")
    except duckdb.Error:
        return False
    return text != ""


def _one_of(*known: str) -> Callable[[str], bool]:
    return lambda text: text in known


_FILES = {
    "admin1": _File(
        ("scheme", "code", "country_iso2", "admin1"),
        ("scheme", "code"),
        {"scheme": bool, "code": bool, "country_iso2": _is_country, "admin1": bool},
        "admin_unit",
    ),
    "weights": _File(
        ("feature", "level", "weight"),
        ("feature", "level"),
        {"feature": bool, "level": bool, "weight": _is_number},
        "weight",
    ),
    "code_schemes": _File(
        ("scheme", "one_to_one", "country_prefix", "is_register", "what"),
        ("scheme",),
        {
            "scheme": bool,
            "one_to_one": _is_flag,
            "country_prefix": _is_count_or_empty,
            "is_register": _is_flag,
        },
        "code_scheme",
    ),
    "official_lists": _File(
        ("codelist", "scheme", "admin_digits", "pattern", "kind"),
        ("codelist", "pattern"),
        {"codelist": bool, "admin_digits": _is_count_or_empty, "pattern": _is_pattern},
        "official_list",
    ),
    "state_suffixes": _File(
        ("country_iso2", "admin_scheme", "is_iso_admin", "example"),
        ("country_iso2",),
        {"country_iso2": _is_country, "is_iso_admin": _is_flag},
        "state_suffix",
    ),
    "territories": _File(
        ("country_iso2", "territory_iso2"),
        ("country_iso2", "territory_iso2"),
        {"country_iso2": _is_country, "territory_iso2": _is_country},
        "territory",
    ),
    "not_a_city": _File(
        ("kind", "country_iso2", "always", "pattern"),
        ("country_iso2", "pattern"),
        {
            "kind": bool,
            "country_iso2": _is_country_or_any,
            "always": _is_flag,
            "pattern": _is_pattern,
        },
    ),
    "subdivision_kinds": _File(
        ("pattern", "meaning", "what"),
        ("pattern",),
        {"pattern": _is_pattern, "meaning": _one_of(*MEANINGS)},
    ),
    "label_rules": _File(
        ("effect", "country_iso2", "applies_to", "pattern", "replacement", "example"),
        ("effect", "country_iso2", "applies_to", "pattern"),
        {
            "effect": _one_of(*EFFECTS),
            "country_iso2": _is_country_or_any,
            "applies_to": _one_of(*CONDITIONS),
            "pattern": _is_pattern,
            "example": bool,
        },
    ),
}
_TYPES = {"weight": "double", "country_prefix": "integer", "admin_digits": "integer"}


def load(folder: Path | None = None) -> dict[str, list[Row]]:
    """Every rule file by its name, rows in the order of the file.

    Raises RuleError for a file with other columns, a row that repeats another, a value that is not
    what its column says, and a kind of official list that has no weights.
    """
    found = {name: list(_rows(name, folder or FOLDER)) for name in _FILES}
    _check_official_kinds(found)
    _check_schemes(found)
    for n, row in enumerate(found["label_rules"], start=2):
        if row["effect"] in BEFORE_COUNTRY and row["country_iso2"]:
            raise RuleError(f"label_rules.csv, line {n}: {row['effect']} knows no country yet")
    return found


def declare(connection: duckdb.DuckDBPyConnection, rules: Mapping[str, list[Row]]) -> None:
    """Make the tables and macros of the rules. Empty texts are null."""
    for name, file in _FILES.items():
        if file.table is None:
            continue
        values = {c: [row[c] or None for row in rules[name]] for c in file.columns}
        rows = pa.table({c: pa.array(v, pa.string()) for c, v in values.items()})
        columns = ", ".join(f'"{c}"::{_TYPES.get(c, "varchar")} as "{c}"' for c in file.columns)
        connection.register("rule_rows", rows)
        connection.execute(f"create table {file.table} as select {columns} from rule_rows")
        connection.unregister("rule_rows")
    for macro in macros(rules):
        connection.execute(f"create macro {macro}")


def _rows(name: str, folder: Path) -> Iterator[Row]:
    file = _FILES[name]
    seen: set[tuple[str, ...]] = set()
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if tuple(reader.fieldnames or ()) != file.columns:
            raise RuleError(f"{name}.csv: the columns are {', '.join(file.columns)}")
        for row in reader:
            where = f"{name}.csv, line {reader.line_num}"
            if None in row or None in row.values():
                raise RuleError(f"{where}: a row has {len(file.columns)} values")
            for column, is_valid in file.checks.items():
                if not is_valid(row[column]):
                    raise RuleError(f"{where}: {column} cannot be {row[column]!r}")
            key = tuple(row[c] for c in file.key)
            if key in seen:
                raise RuleError(f"{where}: repeats another row")
            seen.add(key)
            yield row


def _check_official_kinds(found: Mapping[str, list[Row]]) -> None:
    # Candidates are joined to their weights: a kind without a weight would drop them silently.
    kinds = {row["kind"] for row in found["official_lists"]}
    levels = {r["level"] for r in found["weights"] if r["feature"] == "official"}
    wanted = {"city", "not_the_city", "unknown"} | kinds | {f"not_the_{kind}" for kind in kinds}
    if wanted != levels:
        odd = ", ".join(sorted(wanted ^ levels))
        raise RuleError(f"official_lists.csv and weights.csv differ about: {odd}")


def _check_schemes(found: Mapping[str, list[Row]]) -> None:
    known = {row["scheme"] for row in found["admin1"]}
    for name, column in (("official_lists", "scheme"), ("state_suffixes", "admin_scheme")):
        for n, row in enumerate(found[name], start=2):
            if row[column] and row[column] not in known:
                raise RuleError(f"{name}.csv, line {n}: admin1.csv has no scheme {row[column]!r}")
