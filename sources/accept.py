"""Is this content what the declaration promises? The last hop before the build manifest.

Belongs here: checks that one content can fail by itself: counts, duplicates, readable values and
periods. Does not belong here: checks against cities, other sources or earlier releases (the gates).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from core.errors import ContentError, SchemaDrift
from core.sql import in_memory
from sources.binding import additional_columns
from sources.declarations import Source
from sources.tables import Table

# More than this share of unreadable cells means that the columns are not what they say.
MAX_UNREADABLE = 0.10
# dbt_project.yml has the same pattern as `period_pattern`; a unit test holds them equal.
PERIOD = r"(\d{4}|\d{4}/\d{4})(-(Q[1-4]|M(0[1-9]|1[0-2])))?|undated"


@dataclass(frozen=True)
class Facts:
    """Counts of one content; shares are of the cells that are neither missing nor filtered."""

    rows: int
    cells: int
    cities: int
    duplicate_share: float
    unreadable_values: float
    unreadable_periods: float
    unknown_indicators: float
    first_period: str | None
    last_period: str | None
    filtered_rows: dict[str, int]
    """Rows by the reason of the declared filter that took them out."""
    unreadable_rows: list[int]
    """Rows of which no typed cell can be read: up to five of them, by number."""
    first_row_unreadable: bool
    """Whether a typed cell of the first row of data cannot be read."""
    additional_columns: list[str]
    """Columns that nothing in the declaration names, where it lets them be."""
    cells_by_year: dict[str, int]
    """Cells that are neither missing nor filtered, by the first year of their period."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def facts(table: Table, raw: pa.Table, cells: pa.Table) -> Facts:
    """Count one content; set-based, no opinion."""
    # A period that stands in the declaration, or in the name of a column, tells nothing of a row.
    columns = table.columns.values()
    own_period = any(c.meaning in ("time_period", "year") or c.period_from for c in columns)
    with in_memory() as connection:
        connection.register("raw", raw)
        connection.register("cells", cells)
        counted = connection.execute(
            f"""with alive as (
                select *, time_period ~ '^({PERIOD})$' as readable_period from cells
                where filter_reason is null and not is_missing
            )
            select
                (select count(*) from raw) as rows,
                (select count(*) from cells) as cells,
                (select count(distinct (ref_area, ref_area_code, country, admin1)) from cells
                    where filter_reason is null) as cities,
                (select 1 - count(*) / greatest((select count(*) from raw), 1)
                    from (select distinct * exclude (row_number) from raw)) as duplicate_share,
                coalesce(avg((value_form = 'number' and coalesce(indicator, network) is not null
                    and try_cast(value_text as double) is null)::int), 0) as unreadable_values,
                coalesce(avg((not coalesce(readable_period, false))::int), 0) as unreadable_periods,
                coalesce(avg((coalesce(indicator, network) is null)::int), 0) as unknown_indicators,
                min(time_period) filter (where readable_period) as first_period,
                max(time_period) filter (where readable_period) as last_period
            from alive"""
        ).to_arrow_table()
        by_row = connection.execute(
            f"""with typed as (
                select row_number, unnest([
                    if(value_form != 'presence' and coalesce(indicator, network) is not null,
                        try_cast(translate(value_text, ',()% ' || chr(160) || chr(8239)
                            || if(value_form = 'comma_number', '.', ''), '') as double) is not null,
                        null),
                    if($own_period, coalesce(time_period ~ '^({PERIOD})$', false), null),
                    if(latitude is null, null, try_cast(latitude as double) is not null),
                    if(longitude is null, null, try_cast(longitude as double) is not null)
                ]) as is_read
                from cells where filter_reason is null and not is_missing
            ),
            by_row as (
                select row_number, bool_or(is_read) as any_read, bool_and(is_read) as all_read
                from typed where is_read is not null group by 1
            )
            select
                coalesce(list(row_number order by row_number) filter (not any_read), [])[:5],
                coalesce(not arg_min(all_read, row_number), false)
            from by_row""",
            {"own_period": own_period},
        ).fetchall()
        filtered = connection.execute(
            "select filter_reason, count(distinct row_number) from cells"
            " where filter_reason is not null group by 1"
        ).fetchall()
        by_year = connection.execute(
            f"""select left(time_period, 4) as year, count(*) from cells
            where filter_reason is null and time_period ~ '^({PERIOD})$' and year != 'unda'
            group by 1 order by 1"""
        ).fetchall()
    facts = counted.to_pylist()[0]
    reported = additional_columns(table, raw) if table.additional_columns == "report" else []
    return Facts(
        **facts,
        filtered_rows=dict(filtered),
        cells_by_year=dict(by_year),
        unreadable_rows=by_row[0][0],
        first_row_unreadable=by_row[0][1],
        additional_columns=reported,
    )


def accept(source: Source, resource: str, table: Table, found: Facts) -> None:
    """Raise ContentError or SchemaDrift when the counts break the declared bounds."""
    bounds = source.bounds_of(resource)
    who, again = source.source_id, "look at the file; the last good content stays in use"
    if not bounds.min_rows <= found.rows <= bounds.max_rows:
        raise SchemaDrift(
            who,
            expected=f"{bounds.min_rows:,} to {bounds.max_rows:,} rows in {resource}",
            found=f"{found.rows:,} rows",
            todo=f"{again}. If the publisher has really grown or shrunk, change `bounds`",
        )
    if found.duplicate_share > bounds.max_duplicate_share:
        raise ContentError(
            who,
            expected=f"at most {bounds.max_duplicate_share:.0%} repeated rows in {resource}",
            found=f"{found.duplicate_share:.0%} of the rows repeat others",
            todo=f"{again}. A doubled file looks like this",
        )
    if found.cities < bounds.min_cities:
        raise SchemaDrift(
            who,
            expected=f"at least {bounds.min_cities:,} places in {resource}",
            found=f"{found.cities:,}",
            todo=again,
        )
    for rule in table.rows:
        if found.filtered_rows.get(rule.reason, 0) < rule.at_least:
            raise ContentError(
                who,
                expected=f"at least {rule.at_least} {rule.reason} rows in {resource}",
                found=f"{found.filtered_rows.get(rule.reason, 0)}: the file may be cut off",
                todo=again,
            )
    if source.role == "observations":
        _readable(source, found, again)
    if found.first_row_unreadable or found.unreadable_rows:
        rows = (
            "the first row" if found.first_row_unreadable else f"row {found.unreadable_rows[0]:,}"
        )
        raise SchemaDrift(
            who,
            expected=f"numbers and periods in every row of {resource}, as far as it has any",
            found=f"{rows} with something else in their place",
            todo=f"{again}. A header among the data looks like this",
        )


def _readable(source: Source, found: Facts, todo: str) -> None:
    for what, share in (
        ("values that are numbers", found.unreadable_values),
        ("periods that are years, quarters or months", found.unreadable_periods),
        ("declared indicator codes", found.unknown_indicators),
    ):
        if share > MAX_UNREADABLE:
            raise SchemaDrift(
                source.source_id,
                expected=what,
                found=f"{share:.0%} of the cells hold something else",
                todo=f"{todo}. Columns that changed places look like this",
            )
