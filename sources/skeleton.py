"""The skeleton of a declaration, from a sample file: what can be seen, for a person to complete.

Belongs here: a declaration as YAML, with what was seen beside every column. Does not belong here:
opening the sample (`sources.sample`), guessing (`sources.guesses`), meaning. What only a person
knows (licence, indicators, address) is left as TO_BE_NAMED, which the catalogue refuses until it is
done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from python_calamine import CalamineWorkbook

from sources import guesses
from sources.declarations import TO_BE_NAMED
from sources.guesses import Seen
from sources.sample import opened
from sources.tables import Format

_WITHOUT_COUNTRY = (
    "resolve: {without_country: reject}  # no column of countries: probable, dominant, or the"
    " table's `constants: {country: …}`"
)


def skeleton(source_id: str, sample: Path) -> str:
    """YAML text for `sources/publishers/…`; raises ContentError for a file of no known kind."""
    form, table = opened(source_id, sample)
    rows = table.num_rows
    columns = guesses.seen(table)
    periods = _periods(table, columns)
    said = {k: v for k, v in form.model_dump(exclude_defaults=True).items() if v is not None}
    lines = [
        f"# Written from {sample.name}. Complete what says {TO_BE_NAMED}, and look at every guess.",
        *(f"{key}: {TO_BE_NAMED}" for key in ("title", "publisher", "homepage")),
        f"licence: not-stated  # {TO_BE_NAMED}: a key of catalog/licences.yml",
        f"attribution: {TO_BE_NAMED}",
        "authority: secondary  # official, secondary or community",
        "cadence: yearly  # daily, weekly, monthly, quarterly, yearly or frozen",
        f"edition: {TO_BE_NAMED}",
        f"reference_period: {periods or TO_BE_NAMED}",
        f"theme: {TO_BE_NAMED}",
        "spatial_unit: city_proper  # of catalog/codelists/spatial_unit.csv",
        *([] if any(c.meaning == "country" for c in columns) else [_WITHOUT_COUNTRY]),
        f"bounds: {{min_rows: {round(rows * 0.95)}, max_rows: {round(rows * 1.3) + 1}}}"
        f"  # {rows:,} rows in the sample",
        "tables:",
        "  sample:",
        f"    format: {_json({'kind': form.kind, **said})}",
        *(f"    {line}" for line in _around(table, columns, sample, form, periods)),
        "    columns:",
        *(f"      {line}" for line in _columns(table, columns)),
        *(f"    {line}" for line in _indicators(table, columns)),
        "access:",
        "  live:",
        f"    hosts: [{TO_BE_NAMED}]",
        f"    resources: {{sample: {{url: {TO_BE_NAMED}}}}}",
        "    table: sample",
        "  archive: {table: sample}",
    ]
    return "\n".join(lines) + "\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _around(
    table: pa.Table, columns: list[Seen], sample: Path, form: Format, periods: str | None
) -> Iterator[str]:
    """What a table says beside its columns, as far as the file shows that it has to."""
    if form.kind == "excel":
        others = [s for s in CalamineWorkbook.from_path(str(sample)).sheet_names if s != form.sheet]
        if others:
            yield f"# not read: the sheets {', '.join(others)}; each is a table of its own"
    if words := sorted({word for column in columns for word in column.nothing}):
        yield f"missing: {_json(['', *words])}  # no numbers among numbers"
    if not periods:
        yield f'constants: {{time_period: "{TO_BE_NAMED}"}}  # no column says when'
    place = guesses.place(columns)
    keys = [c.name for c in columns if c.meaning == "ref_area" or c.name == place][:1]
    if keys:
        keys += [
            c.name for c in columns if c.meaning in ("ref_area_code", "country", "time_period")
        ]
        keys += filter(None, [guesses.indicator_names(columns, place)])
        if label := guesses.repeated(table, keys):
            yield f"# {label} has several rows: `each` adds them up, `rows` leaves some out"
    if point := dict(guesses.point(table)):
        yield f"computed: {_json(point)}"


def _columns(table: pa.Table, columns: list[Seen]) -> Iterator[str]:
    """One line per column, or one for all the columns of figures that differ in a year."""
    years = guesses.years(columns)
    pattern_of = {c.name: pattern for pattern, same in years.items() for c in same}
    place = guesses.place(columns)
    what = guesses.indicator_names(columns, place)
    taken: set[str] = set()
    for column in columns:
        pattern = pattern_of.get(column.name)
        if pattern and column is not years[pattern][0]:
            continue
        key, meaning = _json(column.name), column.meaning
        seen = f"{column.count:,} filled, as {column.example!r}"
        if pattern:
            key = "'" + pattern.replace("'", "''") + "'"
            said, seen = _of_years(years[pattern])
        elif column.name == what:
            said, seen = "{as: indicator_code}", f"{column.different} indicators, by name"
        elif meaning == "value" and what:
            said, seen = f"{{as: value{_parse([column])}}}", _numbers(column)
        elif meaning not in (None, "value", "indicator_code", *taken):
            taken.update({str(meaning)} - {"note"})
            said = f"{{as: {meaning}}}"
        elif column.name == place:
            said, seen = "{as: ref_area}", f"is it the place? {seen}"
        elif column.counts_rows:
            said, seen = "{as: note}", f"the rows, numbered from 1 to {column.count:,}"
        elif column.is_number:
            said, seen = f"{{indicator: {TO_BE_NAMED}{_parse([column])}}}", _numbers(column)
        else:
            said = "{as: note}"
            seen += f", {column.numbers:,} of them numbers" if column.numbers else ""
            if meaning in ("ref_area", "country"):
                seen += f"; of the far end of a link, `as: to_{meaning}`"
        yield f"{key}: {said}  # {seen}"
    for name, _ in guesses.point(table):
        yield f"{name}: {{as: {name}}}  # of the point"


def _of_years(same: list[Seen]) -> tuple[str, str]:
    """What columns say that differ in a year, and what was seen of them."""
    status = guesses.status_of(same[0].name)
    said = rf"{{indicator: {TO_BE_NAMED}, time_period: '\1'{_parse(same)}"
    said += f", obs_status: {status}}}" if status else "}"
    names = same[0].name if len(same) == 1 else f"{len(same)} years, from {same[0].name!r}"
    return said, names + ("" if all(c.is_sure for c in same) else _UNSURE)


def _parse(same: list[Seen]) -> str:
    """How the numbers are written, where it is not as programs write them."""
    found = sorted({c.parse for c in same} - {"number"})
    return f", parse: {found[0]}" if found else ""


_UNSURE = "; look at it: a decimal comma, or groups of thousands?"


def _numbers(column: Seen) -> str:
    seen = f"{column.numbers:,} numbers from {column.low:g} to {column.high:g}"
    if column.low >= 1700 and column.high <= 2100 and column.low != column.high:
        seen += "; if they are years, `as: time_period` or `as: note`"
    return seen if column.is_sure else seen + _UNSURE


def _indicators(table: pa.Table, columns: list[Seen]) -> Iterator[str]:
    """Of a long table: its indicators by the names that they have there."""
    if what := guesses.indicator_names(columns, guesses.place(columns)):
        yield "indicators:"
        for name in sorted(set(table[what].drop_null().to_pylist())):
            yield f"  {_json(name)}: {{indicator: {TO_BE_NAMED}}}"


def _periods(table: pa.Table, columns: list[Seen]) -> str | None:
    """The first and the last year, of the names of columns or of the column of periods."""
    found = [guesses.year_in(c.name) for same in guesses.years(columns).values() for c in same]
    when = next((c.name for c in columns if c.meaning == "time_period"), None)
    if not found and when:
        found = [y[:4] for y in table[when].to_pylist() if y and y[:4].isdigit()]
    return f"{min(found)}-{max(found)}" if found else None
