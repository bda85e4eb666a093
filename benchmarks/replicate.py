"""A larger panel of the same cities: copies of the Chinese panel, each moved in time as a whole.

A copy keeps every label, column and value and moves the 25 years on by 25, so that no copy repeats
another: 10× is 1775 to 2024. 100× needs 2,500 years and is 1000 to 3499: more than gate 2 allows,
so that its verdict there is a refusal, and only its time is of interest.

Belongs here: choosing the years, and copying a file in SQL. Does not belong here: running anything.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from sources.declarations import Bounds
from sources.formats.header import column_names

SOURCE = "china__city_macro"
YEARS = 25
FIRST, EARLIEST = 2000, 1000
# What `pyarrow.parquet.write_table` does unless told otherwise; DuckDB reads a group per thread.
ROW_GROUP = 1 << 20


def shift(copy: str, scale: int) -> str:
    """SQL for the years that copy number `copy` (from 0) is moved by; a single one stays put."""
    back = min(YEARS * (scale - 1), FIRST - EARLIEST)
    return f"({YEARS} * {copy} - {back})"


def csv(source: Path, target: Path, year: str, scale: int, bounds: Bounds) -> None:
    """The publisher's file, `scale` times as long. `year` is its column of years.

    Names lose their line breaks, as in `sources.formats`: DuckDB writes \n after every line, and
    what it writes it cannot read where \r\n stands in a name.
    """
    with duckdb.connect() as connection:
        read = f"read_csv('{source}', all_varchar = true, header = true"
        found = connection.execute(f"describe from {read})").fetchall()
        names = column_names(SOURCE, [name for name, *_ in found], bounds)
        connection.execute(
            f"""copy (
                select panel.* replace (
                    (panel."{year}"::int + {shift("copies.k", scale)})::varchar as "{year}")
                from {read}, names = {names}) as panel, range({scale}) as copies(k)
            ) to '{target}' (format csv, header)"""
        )


def allow_years(scratch: Path) -> None:
    """Let the panel have begun with its first copy: what is older is rejected before any work."""
    with duckdb.connect(str(scratch)) as connection:
        connection.execute(
            "update raw.source set reference_period = ? where source_id = ?",
            [str(EARLIEST), SOURCE],
        )


def cells(file: Path, scale: int) -> int:
    """The cells of the panel, `scale` times as many, in the same place. Returns their number."""
    if scale > 1:
        grown = file.with_suffix(".grown")
        with duckdb.connect() as connection:
            connection.execute(
                f"""copy (
                    select cell.* replace (
                        cell.row_number + copies.k * total.n as row_number,
                        (cell.time_period::int + {shift("copies.k", scale)})::varchar
                            as time_period)
                    from range({scale}) as copies(k), read_parquet('{file}') as cell,
                        (select max(row_number) as n from read_parquet('{file}')) as total
                ) to '{grown}' (format parquet, compression zstd, row_group_size {ROW_GROUP})"""
            )
        grown.replace(file)
    with duckdb.connect() as connection:
        (n,) = connection.execute(f"select count(*) from read_parquet('{file}')").fetchone()
    return int(n)
