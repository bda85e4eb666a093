"""The column map as SQL: an all-text table becomes cells, long form, still text.

Belongs here: compiling a `Table` declaration into one DuckDB query. Does not belong here: casting,
scaling, filtering or joining: a cell leaves this room as it was written, with what the declaration
says about it beside it. Every row of the table is in the cells; none is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from core.errors import DeclarationError, SchemaDrift
from core.sql import identifier, in_memory, literal
from sources.binding import Bound, bind
from sources.cells import CELL_COLUMNS, PLACE_COLUMNS
from sources.declarations import Source
from sources.footnotes import STATUS, UNIT, with_notes
from sources.tables import Column, Table

_UNKNOWN = re.compile('Referenced column "(.+?)" not found')
_ByMeaning = dict[str | None, str]


def cells(source: Source, resource: str, table: Table, content_id: str, raw: pa.Table) -> pa.Table:
    """Grain: one row per value column × row of `raw`. Columns: `CELL_COLUMNS`.

    A gazetteer or code list has one cell per row: the place's name, the code's label.
    Raises SchemaDrift for an undeclared or a missing column.
    """
    raw = _with_computed(source, table, raw)
    bound = bind(source, table, raw)
    values = [b for b in bound if b.column.meaning == "value" or _holds_values(b.column)]
    if source.role != "observations":
        wanted = "name" if source.role == "gazetteer" else "label"
        values = [b for b in bound if b.column.meaning == wanted]
    selects = " union all by name ".join(_select(source, table, bound, value) for value in values)
    with _sealed(source) as connection:
        if table.footnotes:
            raw = with_notes(connection, table.footnotes, raw)
        connection.register("raw", raw)
        connection.register("long_indicator", _long_indicators(table))
        columns = ", ".join(f'{name}::{kind} as "{name}"' for name, kind in CELL_COLUMNS.items())
        parameters = {"content_id": content_id, "source_id": source.source_id, "resource": resource}
        return connection.execute(
            f"""select {columns} from (
                select *, $content_id as content_id, $source_id as source_id,
                    $resource as resource
                from ({selects})
            ) order by row_number, column_name""",
            parameters,
        ).to_arrow_table()


def places(source: Source, table: Table, content_id: str, raw: pa.Table) -> pa.Table:
    """Grain: one row per row of a gazetteer. Columns: `PLACE_COLUMNS`, text; names as JSON list."""
    raw = _with_computed(source, table, raw)
    by_meaning: _ByMeaning = {b.column.meaning: b.name for b in bind(source, table, raw)}
    selected = ", ".join(
        f"{identifier(by_meaning[c])} as {c}" if c in by_meaning else f"null::varchar as {c}"
        for c in PLACE_COLUMNS
    )
    with _sealed(source) as connection:
        connection.register("raw", raw)
        return connection.execute(
            f"""
            select $content_id as content_id, row_number, * exclude (row_number, alternate_names),
                case when alternate_names like '[%' then alternate_names
                    when alternate_names is not null
                        then to_json(string_split(alternate_names, ','))::varchar
                end as alternate_names
            from (select row_number, {selected} from raw) order by row_number""",
            {"content_id": content_id},
        ).to_arrow_table()


@contextmanager
def _sealed(source: Source) -> Iterator[duckdb.DuckDBPyConnection]:
    """Where the SQL of a declaration runs. Raises DeclarationError if it reaches for more."""
    with in_memory(sealed=True) as connection:
        try:
            yield connection
        except (
            duckdb.PermissionException,
            duckdb.CatalogException,
            duckdb.ParserException,
        ) as error:
            raise DeclarationError(
                source.source_id,
                expected="`computed` and `rows` with expressions over the columns of a row",
                found=str(error).splitlines()[0],
                todo="mend them; they reach no file, no network and no other table",
            ) from error


def _with_computed(source: Source, table: Table, raw: pa.Table) -> pa.Table:
    """`raw` with the declared expressions as further text columns."""
    if not table.computed:
        return raw
    if taken := [n for n in table.computed if n in raw.column_names]:
        raise SchemaDrift(
            source.source_id,
            expected="columns of other names than the `computed` ones",
            found=f"a column {', '.join(map(repr, taken))} in the file",
            todo="give the computed one another name",
        )
    made = ", ".join(f"({e})::varchar as {identifier(n)}" for n, e in table.computed.items())
    with _sealed(source) as connection:
        connection.register("raw", raw)
        try:
            return connection.execute(
                f"select *, {made} from raw order by row_number"
            ).to_arrow_table()
        except duckdb.BinderException as error:
            raise SchemaDrift(
                source.source_id,
                expected="columns that the `computed` expressions can read",
                found="no column " + ", ".join(_UNKNOWN.findall(str(error))) or str(error),
                todo="compare the file with the declaration; the last good content is used",
            ) from error


def _holds_values(column: Column) -> bool:
    return column.meaning is None


def _select(source: Source, table: Table, bound: list[Bound], value: Bound) -> str:
    """The query that turns one value column into cells."""
    at: _ByMeaning = {b.column.meaning: identifier(b.name) for b in bound if b.column.meaning}
    column = value.column
    text = identifier(value.name)
    is_long = "indicator_code" in at and column.meaning == "value"
    missing = ", ".join(literal(m) for m in table.missing)
    fields = {
        "row_number": "row_number",
        "column_name": literal(value.name),
        "indicator": "__indicator" if is_long else literal(column.indicator),
        "indicator_code": at.get("indicator_code", "null"),
        "network": literal(column.network),
        "organisation": literal(value.organisation)
        if value.organisation
        else at.get("organisation", "null"),
        "to_ref_area": at.get("to_ref_area", "null"),
        "to_ref_area_code": at.get("to_ref_area_code", "null"),
        "to_country": at.get("to_country", "null"),
        "to_admin1": at.get("to_admin1", "null"),
        "ref_area": literal(value.ref_area)
        if value.ref_area
        else at.get("ref_area") or at.get("name") or at.get("label", "null"),
        "ref_area_code": at.get("ref_area_code") or at.get("city_id") or at.get("code", "null"),
        "code_scheme": literal(table.code_scheme),
        "other_code": at.get("other_code", "null"),
        "other_code_scheme": literal(table.other_code_scheme if "other_code" in at else None),
        "country": at.get("country", literal(table.constants.get("country"))),
        "admin1": at.get("admin1", "null"),
        "latitude": at.get("latitude", "null"),
        "longitude": at.get("longitude", "null"),
        "spatial_unit": _noted(table, UNIT, _spatial_unit(source, table, column, at)),
        "time_period": _period(table, value, at),
        "freq": literal(_frequency(source, value)),
        "value_text": text,
        "value_form": literal(column.parse),
        "point": identifier(column.each)
        if column.each
        else text
        if column.parse == "presence"
        else "null",
        "unit_mult": "__unit_mult" if is_long else str(column.unit_mult),
        "obs_status": _noted(table, STATUS, _status(source, table, column, at), over="A"),
        "edition_order": at.get("edition", "null"),
        "is_missing": f"coalesce(trim({text}), '') in ({missing}, '')",
        "is_confidential": f"coalesce({at.get('conf_status', 'null')} = 'C', false)",
        "filter_reason": _filters(
            table, column, text, at.get("indicator_code") if is_long else None
        ),
    }
    chosen = ", ".join(f"{expression} as {name}" for name, expression in fields.items())
    join = f"left join long_indicator on __code = {at['indicator_code']}" if is_long else ""
    return f"(select {chosen} from raw {join})"


def _noted(table: Table, note: str, expression: str, over: str | None = None) -> str:
    """What a note says, in place of what else would be said, or of `over` alone."""
    if not table.footnotes:
        return expression
    if over is None:
        return f"coalesce({note}, {expression})"
    return f"if({expression} = {literal(over)}, coalesce({note}, {literal(over)}), {expression})"


def _spatial_unit(source: Source, table: Table, column: Column, at: _ByMeaning) -> str:
    fixed = table.constants.get("spatial_unit") or source.spatial_unit
    if column.unit_from:
        return _mapped(identifier(column.unit_from), table.spatial_units, otherwise=literal(fixed))
    if "spatial_unit" not in at:
        endings = " ".join(
            f"when ends_with(trim({at['ref_area']}), {literal(ending)}) then {literal(unit)}"
            for ending, unit in table.label_units.items()
        )
        return f"case {endings} else {literal(fixed)} end" if endings else literal(fixed)
    return _mapped(at["spatial_unit"], table.spatial_units, otherwise="null")


def _status(source: Source, table: Table, column: Column, at: _ByMeaning) -> str:
    if column.obs_status:
        return literal(column.obs_status)
    usual = literal(source.obs_status)
    if "obs_status" not in at:
        period = at.get("time_period") or at.get("year", "null")
        spans = " ".join(
            f"when {period} between {literal(span[:4])} and {literal(span[-4:])} then '{status}'"
            for status, span in table.status_by_period.items()
        )
        return f"case {spans} else {usual} end" if spans else usual
    flag = f"coalesce(trim({at['obs_status']}), '')"
    letters = "".join(f for f in table.statuses if len(f) == 1)
    by_letter = " ".join(
        f"when {flag} ~ '.*[{of}].*' then '{status}'"
        for status in table.status_order
        if (of := "".join(f for f in letters if table.statuses[f] == status))
    )
    several = f"when {flag} ~ '[{letters}]+' then case {by_letter} end" if by_letter else ""
    return _mapped(
        flag,
        {"": source.obs_status, **table.statuses},
        otherwise=f"case {several} else '?' end" if several else "'?'",
    )


def _mapped(expression: str, mapping: Mapping[str, str | None], otherwise: str) -> str:
    whens = " ".join(f"when {literal(k)} then {literal(v)}" for k, v in mapping.items())
    return f"case {expression} {whens} else {otherwise} end"


def _period(table: Table, value: Bound, at: _ByMeaning) -> str:
    if value.time_period:
        return literal(value.time_period)
    if value.column.period_from:
        return identifier(value.column.period_from)
    if "quarter" in at:
        return f"{at['year']} || '-Q' || {at['quarter']}"
    fallback = literal(table.constants.get("time_period"))
    return at.get("time_period", at.get("year", fallback))


def _frequency(source: Source, value: Bound) -> str:
    return "M" if re.search(r"-M\d\d$", value.time_period or "") else source.freq


def _filters(table: Table, column: Column, text: str, long_code: str | None) -> str:
    # A declared row filter comes first: a footnote is a footnote, whatever else is wrong with it.
    whens = " ".join(f"when {f.where} then {literal(f.reason)}" for f in table.rows)
    rest = literal(column.filter)
    if long_code:
        other = literal(table.other_indicators)
        rest = f"case when __code is null then {other} else __filter end"
    if column.decimals is not None:
        whens += f" when {text} ~ '.*\\.\\d{{{column.decimals + 1},}}' then 'finer_than_counted'"
    return f"case {whens} else {rest} end" if whens else rest


def _long_indicators(table: Table) -> pa.Table:
    # Names that no publisher's column has: a bare name in a row filter must mean the raw column.
    rows = [
        {"__code": code, **{f"__{k}": v for k, v in i.model_dump().items()}}
        for code, i in table.indicators.items()
    ]
    schema = pa.schema(
        {
            "__code": pa.string(),
            "__indicator": pa.string(),
            "__unit_mult": pa.int32(),
            "__filter": pa.string(),
        }
    )
    return pa.Table.from_pylist(rows, schema=schema)
