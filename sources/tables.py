"""The words of `tables` in a declaration: bytes become a text table, and its columns mean this.

Belongs here: formats, columns, filters of rows, indicator codes. Does not belong here: the source
as a whole (`declarations`), obeying these words (`formats`, `conform`).
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, model_validator

from sources.frozen import Frozen
from sources.meanings import Meaning

SpatialUnit = Literal[
    "city_proper",
    "greater_city",
    "fua",
    "metro",
    "metro_division",
    "urban_agglomeration",
    "urban_centre",
    "prefecture",
    "urban_extent",
    "point",
    "country",
]


class Format(Frozen):
    """How bytes become an all-text table."""

    kind: Literal[
        "delimited",
        "excel",
        "json_objects",
        "json_records",
        "jsonstat",
        "sparql_json",
        "worldbank_json",
    ]
    """The family of formats."""
    encoding: str = "utf-8"
    """As Python calls it: utf-8, latin-1, cp1252."""
    delimiter: str = ","
    """Between the fields of a delimited file."""
    quote: str | None = '"'
    """Around fields; null where quotation marks are text."""
    header: bool = True
    """The first row names the columns. What it leaves empty is called `(unnamed N)`, by position;
    a name that
    comes twice has its position behind it the second time: `2019 (7)`."""
    names: tuple[str, ...] = ()
    """The columns of a file without a header, in their order."""
    ragged: bool = False
    """Rows may have fewer fields than the header (a footnote block after the data)."""
    undoubled_quotes: bool = False
    """Quotation marks within a quoted field are not doubled: one that touches neither a delimiter
    nor the end of a line is text."""
    member: str | None = None
    """The one file to take out of a zip."""
    only: dict[str, tuple[str, ...]] = {}
    """A slice of a delimited file, as `isolanguage: [iata]`: rows with other texts in that column
    are another dataset, like the other members of a zip. Row numbers count the slice."""
    sheet: str | None = None
    """May be left out where the workbook has one sheet."""
    skip_rows: int = 0
    """Rows above the header, or above the data where there is none."""
    encoding_errors: Literal["strict", "replace"] = "strict"
    """`replace`: bytes that are no text of the encoding become �, where the publisher's are so."""
    repair: Literal["utf8_read_as_cp1252"] | None = None
    """Texts that the publisher encoded twice ("LiÃ¨ge") are read back."""
    one_cell_per_row: bool = False
    """A sheet that is comma-separated text, a line in the first cell of each row. Line breaks in
    quotes may have spilt a line over further cells or rows."""
    pages: bool = False
    """The bytes are the answers to many requests, one JSON line each (`protocols.pages`)."""
    records: str = ""
    """json_records: where the records stand in the document, as `properties.parameter`."""
    unnest: tuple[str, ...] = ()
    """json_records: fields of a record that hold lists of objects, each within the one before; a
    row for each of the innermost, named by the way to it: `prizes.affiliations.city`."""
    shape: Literal["records", "columns", "series"] = "records"
    """json_records: a list of objects; an object of lists of one length (a column each); or an
    object of objects (name → period → value)."""

    @model_validator(mode="after")
    def _options_fit_the_kind(self) -> Format:
        if self.kind == "delimited" and self.header == bool(self.names):
            raise ValueError("a delimited format needs either a header or `names`, not both")
        if self.only and self.kind != "delimited":
            raise ValueError("`only` cuts a slice out of a delimited file")
        if self.unnest and (self.kind, self.shape) != ("json_records", "records"):
            raise ValueError("`unnest` takes lists out of the records of json_records")
        return self


class Column(Frozen):
    """One source column: a meaning (`as`), or an `indicator` or `network` that it has values of."""

    meaning: Meaning | None = Field(default=None, alias="as")
    """What the column says about its row: see the table of meanings."""
    indicator: str | None = None
    """The indicator of `catalog/indicators` whose values stand in it."""
    network: str | None = None
    """The network whose links or affiliations stand in this column, one a row."""
    organisation: str | None = None
    """For an affiliation: its organisation, or `\\1` of a `/pattern/` column name."""
    time_period: str | None = None
    """For an indicator column: a fixed period, or `\\1` of a `/pattern/` column name."""
    period_from: str | None = None
    """The column that says of what period this one's values are, where columns differ in that."""
    unit_from: str | None = None
    """The column that says of what kind of area this one's values are, where columns differ: the
    table's `spatial_units` translates, and what it does not name is the table's own."""
    ref_area: str | None = None
    """The place, where it stands in the column's name: `\\1` of a `/pattern/`."""
    unit_mult: int = 0
    """SDMX: the value is given in units of 10**unit_mult."""
    obs_status: str | None = None
    """The status of all its values (E, F …), whatever a flag says."""
    parse: Literal["number", "grouped_number", "comma_number", "bracketed_number", "presence"] = (
        "number"
    )
    """`grouped_number`: 10,753,080 or 68%. `comma_number`: 10.753.080,5 or 68,5 %, with points or
    spaces between thousands. `presence`: any text counts as one."""
    each: str | None = None
    """The column that numbers the rows of one place and period: each is an observation of its own,
    and the indicator says how they become one figure."""
    filter: str | None = None
    """A value column that is read and counted, but left out for this reason."""
    decimals: int | None = Field(default=None, ge=0)
    """The most decimals that who counted it writes, as four of 10^4 persons. A number with more was
    computed by somebody, and is filtered as `finer_than_counted`."""

    @model_validator(mode="after")
    def _says_exactly_one_thing(self) -> Column:
        held = [x for x in (self.indicator, self.network) if x]
        if (self.meaning is None) == (not held and self.filter is None) or len(held) > 1:
            raise ValueError("a column is `as:` something, or has an `indicator` or a `network`")
        return self


class RowFilter(Frozen):
    """Rows that are read, counted and left out: a DuckDB predicate over the raw columns."""

    reason: str
    """In the row ledger: `not_a_city`, `footnote`, `rebased` …"""
    where: str
    """A DuckDB condition over the columns as they are in the file, all of them texts."""
    at_least: int = 0
    """Fewer such rows than this mean that the file is cut off (a footnote block at its end)."""


class LongIndicator(Frozen):
    """What one code in the `indicator_code` column stands for."""

    indicator: str | None = None
    """Of `catalog/indicators`."""
    unit_mult: int = 0
    """Its values are given in units of 10**unit_mult."""
    filter: str | None = None
    """Or the reason to leave it out."""

    @model_validator(mode="after")
    def _published_or_filtered(self) -> LongIndicator:
        if (self.indicator is None) == (self.filter is None):
            raise ValueError("an indicator code maps to an `indicator` or has a `filter` reason")
        return self


class Footnotes(Frozen):
    """Numbered notes in the same file as the rows that bear their numbers, and what they say."""

    column: str
    """The column of a row with the numbers of its notes, commas between them."""
    number: str
    """The column that holds the number, where a row is a note."""
    text: str
    """The column that holds its text."""
    spatial_units: dict[str, SpatialUnit] = {}
    """A `regular expression` that a text contains → what kind of area its rows are of."""
    statuses: dict[str, str] = {}
    """A `regular expression` that a text contains → the status of its rows that else are normal."""

    @model_validator(mode="after")
    def _patterns_compile(self) -> Footnotes:
        for pattern in (*self.spatial_units, *self.statuses):
            re.compile(pattern)
        if not (self.spatial_units or self.statuses):
            raise ValueError("`footnotes` says what its notes mean: `spatial_units` or `statuses`")
        return self


class Table(Frozen):
    """A format and the column map from it into the canonical form.

    A column key may be `/regular expression/`, matched in full against the column name.
    """

    format: Format
    """How the bytes become rows and columns of text."""
    computed: dict[str, str] = {}
    """Further text columns, as DuckDB expressions over the raw ones, mapped like those."""
    columns: dict[str, Column]
    """What each column means, by its name or by a `/pattern/`."""
    additional_columns: Literal["refuse", "report"] = "refuse"
    """What a column means that nothing here names. `refuse`: the file is not the one declared; so
    where positions matter, or a new column may be a new dimension. `report`: the source goes on
    without it, and a check names it. A column that is missing or renamed is refused either way."""
    indicators: dict[str, LongIndicator] = {}
    """Long tables: what the codes of the `indicator_code` column stand for."""
    other_indicators: str | None = None
    """The reason to leave out indicator codes that `indicators` does not name; without one they are
    rejected as unknown."""
    rows: tuple[RowFilter, ...] = ()
    """Rows that are left out, each with its reason."""
    missing: tuple[str, ...] = ("",)
    """Texts that stand for no value: "", "n/a", ":"."""
    constants: dict[Literal["country", "time_period", "spatial_unit"], str] = {}
    """What no column says because it is the same for the whole table: its country, its period."""
    code_scheme: str | None = None
    """Scheme of the `ref_area_code` column, of `cities/rules/code_schemes.csv`."""
    other_code_scheme: str | None = None
    """Scheme of the `other_code` column: a second identifier of the same place."""
    spatial_units: dict[str, SpatialUnit | None] = {}
    """Texts of the `spatial_unit` column, or of those that `unit_from` names → our code list, or
    null for an area that it does not have."""
    label_units: dict[str, SpatialUnit] = {}
    """Endings of the `ref_area` label that name the spatial unit, as "(MSAD)"."""
    status_by_period: dict[str, str] = {}
    """Status by first and last period, as `F: 2020-2035`; the flag of the row comes first."""
    statuses: dict[str, str] = {}
    """Flags of the `obs_status` column → SDMX CL_OBS_STATUS."""
    footnotes: Footnotes | None = None
    """Notes of the file that say what kind of area a row is of, or how its value came to be."""
    status_order: tuple[str, ...] = ()
    """Where a flag may be several letters, each of them in `statuses`, as "bep": their statuses,
    the one that weighs most first; it is that of the flag."""

    @model_validator(mode="after")
    def _every_letter_weighs(self) -> Table:
        if self.status_order and (left := set(self.statuses.values()) - set(self.status_order)):
            raise ValueError(f"`status_order` has no place for {', '.join(sorted(left))}")
        return self

    @model_validator(mode="after")
    def _only_names_can_be_additional(self) -> Table:
        if self.additional_columns == "report" and self.format.names:
            raise ValueError("columns without a header are told by position: they are not reported")
        return self

    @model_validator(mode="after")
    def _patterns_compile(self) -> Table:
        for key in self.columns:
            if key.startswith("/") and key.endswith("/"):
                re.compile(key[1:-1])
        return self

    @model_validator(mode="after")
    def _reads_declared_columns(self) -> Table:
        """Of those, binding says whether a file has them."""
        notes = self.footnotes
        read = [name for c in self.columns.values() for name in (c.period_from, c.unit_from)]
        read += [notes.column, notes.number, notes.text] if notes else []
        for name in filter(None, read):
            if not any(_names(key, name) for key in self.columns):
                raise ValueError(f"`columns` has no {name!r}, which another declaration reads")
        if any(c.unit_from for c in self.columns.values()) and not self.spatial_units:
            raise ValueError("`unit_from` needs `spatial_units`, which translate its texts")
        return self


def _names(key: str, column: str) -> bool:
    if key.startswith("/") and key.endswith("/"):
        return re.fullmatch(key[1:-1], column) is not None
    return key == column
