"""What the numbered notes below a table say of the rows that bear their numbers.

Belongs here: notes of a `Footnotes` declaration as two further columns beside the rows. Does not
belong here: what becomes of them in a cell (`sources.conform`).
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from core.sql import identifier, literal
from sources.tables import Footnotes

UNIT = "__note_unit"
STATUS = "__note_status"


def with_notes(connection: duckdb.DuckDBPyConnection, notes: Footnotes, raw: pa.Table) -> pa.Table:
    """`raw` with what its notes say: `__note_unit`, `__note_status`, null where they say nothing.

    Of several notes that speak of one row, the last in the order of the declaration.
    """
    connection.register("noted", raw)
    return connection.execute(f"""
        with note as (
            select trim({identifier(notes.number)}) as number,
                {_said(notes.text, notes.spatial_units)} as unit,
                {_said(notes.text, notes.statuses)} as status
            from noted
            where regexp_full_match(trim({identifier(notes.number)}), '\\d+')
        ),

        mention as (
            select row_number, trim(unnest(string_split({identifier(notes.column)}, ','))) as number
            from noted
        ),

        said as (
            select row_number, max(unit) as unit, max(status) as status
            from mention
            inner join note using (number)
            group by row_number
        )

        select noted.*, said.unit[2] as {UNIT}, said.status[2] as {STATUS}
        from noted
        left join said using (row_number)
        order by row_number""").to_arrow_table()


def _said(text: str, patterns: Mapping[str, str]) -> str:
    """An SQL expression: [place of the pattern, what it means], of the last that is found."""
    whens = " ".join(
        f"when regexp_matches({identifier(text)}, {literal(pattern)}) "
        f"then ['{place:03}', {literal(meaning)}]"
        for place, (pattern, meaning) in reversed(list(enumerate(patterns.items())))
    )
    return f"case {whens} end" if whens else "null::varchar[]"
