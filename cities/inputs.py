"""What the steps read: Arrow tables of the caller, and what Python has to make of their texts.

Belongs here: the names under which inputs stand in the database, and texts that SQL cannot read
(countries, characters, broken encodings). Does not belong here: what is made of them (`steps/`).
"""

from __future__ import annotations

import html
from contextlib import suppress
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cities.countries import countries, country_codes, country_names, subdivisions
from cities.review import DECISIONS
from cities.romanised import romanised

_PLACE = [
    *("city_id", "name", "ascii_name", "alternate_names", "country_iso2", "admin1"),
    *("latitude", "longitude", "population", "is_core", "place_class"),
]
_CODE = [
    *("codelist", "code", "label", "country", "admin1", "latitude", "longitude"),
    *("other_code_scheme", "other_code"),
]
_SECTIONS = pa.schema([("country_iso2", pa.string()), ("name", pa.string())])


@dataclass(frozen=True)
class Inputs:
    """What `cities.resolve` is asked; see there for the columns."""

    labels: pa.Table
    places: pa.Table
    codes: pa.Table
    rules: pa.Table
    decisions: pa.Table | None = None
    sections: pa.Table | None = None
    ties: pa.Table | None = None
    previous: pa.Table | None = None

    def gazetteer_tables(self) -> dict[str, pa.Table]:
        """What does not depend on the labels, by name in the database."""
        sections = _SECTIONS.empty_table() if self.sections is None else self.sections
        return {
            "place_in": self.places.select(_PLACE),
            "code_in": self.codes.select(_CODE),
            "section_in": sections,
        }

    def label_tables(self) -> dict[str, pa.Table]:
        """The labels and what is asked of them, by name in the database."""
        decisions = DECISIONS.empty_table() if self.decisions is None else self.decisions
        kind = self.labels.schema.field("label_id").type
        no_ties = pa.schema([("label_id", kind), ("other_label_id", kind)]).empty_table()
        links = [("label_id", kind), ("city_id", pa.int64()), ("is_unchanged", pa.bool_())]
        no_links = pa.schema(links).empty_table()
        return {
            "label_in": self.labels,
            "source_rule": self.rules,
            "decision_in": decisions,
            "tie_in": no_ties if self.ties is None else self.ties,
            "previous_in": no_links if self.previous is None else self.previous,
        }


def register_gazetteer(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    """The inputs of the steps that know no labels."""
    for name, table in inputs.gazetteer_tables().items():
        connection.register(name, table)
    connection.register("country_name_in", country_names())
    connection.register("subdivision_in", subdivisions())
    listed = connection.execute("select distinct codelist from official_list").fetchall()
    is_listed = pc.is_in(inputs.codes["codelist"], pa.array([c for (c,) in listed], pa.string()))
    connection.register("romanised", romanised(inputs.codes["label"].filter(is_listed).to_pylist()))


def register_labels(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    """The inputs of the steps that know labels; needs the rules and `code_in`."""
    for name, table in inputs.label_tables().items():
        connection.register(name, table)
    connection.register("mended_text", mended(inputs.labels["ref_area"]))
    texts = connection.execute(_COUNTRY_TEXTS).fetchall()
    # Codes as well, which the steps make of countries that a text names.
    known = countries()["country_iso2"].to_pylist()
    connection.register("country_code", country_codes([*(text for (text,) in texts), *known]))


# Every text that may stand for a country: the labels', the code lists', and the beginning of those
# codes that begin with their country's.
_COUNTRY_TEXTS = """
select country from label_in
union
select country from code_in
union
select left(ref_area_code, country_prefix)
from label_in inner join code_scheme on scheme = code_scheme
where country_prefix is not null
union
select left(other_code, country_prefix)
from label_in inner join code_scheme on scheme = other_code_scheme
where country_prefix is not null
"""


def mended(texts: pa.ChunkedArray) -> pa.Table:
    """Texts with HTML entities ("J&uuml;lich"), and those whose UTF-8 was once read as Windows-1252
    ("San JosÃ©"), read back. Columns: `written`, `mended`; one row per text that needs it."""
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
