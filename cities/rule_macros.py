"""Rules as macros of DuckDB.

Patterns become macros, because DuckDB compiles a pattern once that is part of the text, and for
every row one that comes from a table.

Belongs here: what the effects of rules are called, and the SQL of each. Does not belong here:
reading and checking rules (`rulebook.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cities.sql import literal

Row = Mapping[str, str]

_LISTS = ("also_written", "also_named")
_REMOVALS = (
    "leave_out",
    "leave_out_in_brackets",
    "leave_out_before_first",
    "leave_out_of_parts",
    "leave_out_of_admin",
)
_VALUES = ("spatial_unit", "spatial_unit_of_code")
EFFECTS = (*_LISTS, *_REMOVALS, *_VALUES, "one_place")
# These are applied where a label's country is not known yet.
BEFORE_COUNTRY = ("spatial_unit", "spatial_unit_of_code", "leave_out", "leave_out_of_admin")
CONDITIONS = {
    "all": "",
    "points": "is_point",
    "with_country": "label_country is not null",
}
_REGION = "region"
MEANINGS = ("city", "district_of_a_city", _REGION)


def macros(rules: Mapping[str, list[Row]]) -> Iterator[str]:
    """Each macro as `name(parameters) as (…)`."""
    yield from _label_macros(rules["label_rules"])
    yield _weight_of(rules["weights"])
    yield _no_city(rules["not_a_city"])
    yield _subdivision(rules["subdivision_kinds"])


def _label_macros(rows: list[Row]) -> Iterator[str]:
    """One macro for each effect, of a text, its label's country and whether that is a point."""
    for effect in EFFECTS:
        own = [row for row in rows if row["effect"] == effect]
        if effect in _LISTS:
            body = _every_other_text(own)
        elif effect in _REMOVALS:
            body = "written"
            for row in own:
                removed = f"regexp_replace({body}, {literal(row['pattern'])}, '', 'g')"
                condition = _condition(row)
                body = (
                    f"case when {condition} then {removed} else {body} end"
                    if condition
                    else (removed)
                )
        elif effect in _VALUES:
            cases = [f"when {_matches(r)} then {literal(r['replacement'])}" for r in own]
            body = f"case {' '.join(cases)} end" if cases else "null::varchar"
        else:
            body = " or ".join(f"coalesce({_matches(r)}, false)" for r in own) or "false"
        name = {"spatial_unit": "spatial_unit_of", "one_place": "is_one_place"}.get(effect, effect)
        yield f"{name}(written, label_country, is_point) as ({body})"


def _every_other_text(rows: list[Row]) -> str:
    """A list of what the rules make of a text, where they change it."""
    made = []
    for row in rows:
        pattern, replacement = literal(row["pattern"]), literal(row["replacement"])
        changed = f"nullif(regexp_replace(written, {pattern}, {replacement}, 'g'), written)"
        condition = _condition(row)
        made.append(f"case when {condition} then {changed} end" if condition else changed)
    return f"list_filter([{', '.join(made)}]::varchar[], lambda text: text is not null)"


def _condition(row: Row) -> str:
    conditions = [CONDITIONS[row["applies_to"]]]
    if row["country_iso2"]:
        conditions.append(f"label_country = {literal(row['country_iso2'])}")
    return " and ".join(c for c in conditions if c)


def _matches(row: Row) -> str:
    conditions = [_condition(row), f"regexp_matches(written, {literal(row['pattern'])})"]
    return " and ".join(c for c in conditions if c)


def _weight_of(rows: list[Row]) -> str:
    """A weight that is multiplied, not chosen by level; of constants it is a constant."""
    cases = [
        f"when feature_name = {literal(row['feature'])} and level_name = {literal(row['level'])}"
        f" then {float(row['weight'])}::double"
        for row in rows
    ]
    return f"weight_of(feature_name, level_name) as (case {' '.join(cases)} end)"


def _no_city(rows: list[Row]) -> str:
    """Of several patterns that match, the first in the file counts."""
    cases = []
    for row in rows:
        conditions = [f"regexp_matches(name, {literal(row['pattern'])})"]
        if row["country_iso2"]:
            conditions.append(f"label_country = {literal(row['country_iso2'])}")
        if row["always"] != "yes":
            # Some words are parts of towns' names as well: there the name itself must be unknown.
            conditions.append("not is_known")
        cases.append(f"when {' and '.join(conditions)} then {literal(row['kind'])}")
    return f"kind_of_no_city(label_country, name, is_known) as (case {' '.join(cases)} end)"


def _subdivision(rows: list[Row]) -> str:
    cases = [
        f"when regexp_matches(lower(kind), {literal(row['pattern'])}) then"
        f" {literal(row['meaning'])}"
        for row in rows
    ]
    return f"meaning_of_subdivision(kind) as (case {' '.join(cases)} else '{_REGION}' end)"
