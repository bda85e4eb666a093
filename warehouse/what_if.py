"""An index of the current release with other weights or values.

Belongs here: taking the values of a release out of it again. Does not belong here: scores
(`analysis.indices`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from analysis.indices.score import rank
from analysis.indices.whatif import with_values, with_weights
from catalog.index import Index


@dataclass(frozen=True)
class WhatIf:
    """`ranks`: one row per city with a rank in the release or now: city_id, score, rank, coverage,
    rankable, reason."""

    index: Index
    year: int
    ranks: pa.Table


def what_if(
    connection: duckdb.DuckDBPyConnection,
    code: str,
    year: int | None,
    *,
    weights: Mapping[str, float],
    values: Mapping[tuple[int, str], float | None],
) -> WhatIf:
    """Of the cities that have a rank in the release, and those of `values` (city_id, indicator).

    Raises LookupError for an index, a year, a city or an indicator that there is none of, and
    DeclarationError for weights that cannot be.
    """
    index, year = released(connection, code, year)
    known = connection.execute(
        """select city_id::varchar as unit, indicator, any_value(value) as value from (
            select city_id, indicator, value from fct_index_score
            where index = $index and year = $year and value is not null
            union all
            select score.city_id, node.per, score.per_value
            from fct_index_score as score inner join dim_index_node as node using (index, node)
            where index = $index and year = $year and score.per_value is not null
        ) group by all""",
        {"index": code, "year": year},
    ).to_arrow_table()
    cities, indicators = set(known["unit"].to_pylist()), _indicators(index)
    for city_id, indicator in values:
        if indicator not in indicators:
            raise LookupError(
                f"{code} has no indicator {indicator!r}; it has {', '.join(sorted(indicators))}"
            )
        if str(city_id) not in cities:
            named = connection.execute("select name from dim_city where city_id = ?", [city_id])
            name = (named.fetchone() or (city_id,))[0]
            raise LookupError(f"{name} has no rank in {code} {year}: its values are not known")
    changed = {(str(city), indicator): value for (city, indicator), value in values.items()}
    ranks = rank(
        with_weights(index, weights) if weights else index,
        with_values(known, changed) if changed else known,
    )
    place = ranks.column_names.index("unit")
    ranks = ranks.set_column(place, "city_id", ranks["unit"].cast(pa.int64()))
    return WhatIf(index, year, ranks)


def released(
    connection: duckdb.DuckDBPyConnection, code: str, year: int | None
) -> tuple[Index, int]:
    """An index of a release as it was declared, and its year; the last where none is named.

    Raises LookupError with what there is.
    """
    found = connection.execute("select declared from dim_index where index = ?", [code]).fetchone()
    if found is None:
        known = connection.execute("select index from dim_index order by index").fetchall()
        listed = ", ".join(name for (name,) in known)
        raise LookupError(f"no index is called {code!r}; there are {listed}")
    years = [
        each
        for (each,) in connection.execute(
            "select distinct year from mart_index_rank where index = ? order by year", [code]
        ).fetchall()
    ]
    if not years or year not in (None, *years):
        listed = ", ".join(map(str, years)) or "no year: no city has a value"
        raise LookupError(f"{code} has {listed}")
    return Index.model_validate_json(found[0]), year or years[-1]


def _indicators(index: Index) -> set[str]:
    leaves = [(code, part) for code, part, *_ in index.nodes() if part.parts is None]
    return {part.indicator or code for code, part in leaves} | {
        part.per for _, part in leaves if part.per
    }
