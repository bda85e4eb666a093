"""Networks for people: their shape, how degrees spread, who stands out, how one city is tied.

Belongs here: rendering what a release says. Does not belong here: measuring.
"""

from __future__ import annotations

from typing import Any

import duckdb
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

_WIDTH = 50
_SHAPE = (
    *(("n_nodes", "nodes"), ("share_of_nodes", "of them cities"), ("n_ties", "tied pairs")),
    *(("share_of_ties", "of them between cities"), ("density", "density")),
    *(("assortativity", "assortativity"), ("mean_path", "mean path")),
    *(("clustering", "clustering"), ("n_components", "components")),
    *(("n_giant", "nodes of the largest"), ("n_communities", "communities")),
)
_SHARES = {"share_of_nodes", "share_of_ties"}


def network_list(connection: duckdb.DuckDBPyConnection) -> RenderableType:
    """Every network and period, with its size."""
    rows = connection.execute(
        """select network, network.name, kind, time_period, n_nodes, n_cities, n_ties
        from dim_network as network left join mart_network using (network)
        order by network, time_period"""
    ).fetchall()
    table = Table(title="Networks", title_justify="left")
    for name in ("network", "name", "kind", "period"):
        table.add_column(name)
    for name in ("nodes", "cities", "tied pairs"):
        table.add_column(name, justify="right")
    for *texts, nodes, cities, ties in rows:
        counts = ["" if n is None else f"{n:,}" for n in (nodes, cities, ties)]
        table.add_row(*(str(t or "none") for t in texts), *counts)
    return table


def network_report(
    connection: duckdb.DuckDBPyConnection, code: str, year: int | None, top: int
) -> RenderableType:
    """Shape, spread of degrees and first ranks. Raises LookupError for what there is none of."""
    found = _network(connection, code, year)
    shape = Table(title=f"{found['name']}, {found['time_period']}", title_justify="left")
    shape.add_column("measure")
    shape.add_column("value", justify="right")
    for name, said in _SHAPE:
        shown = _number(found[name], name in _SHARES)
        if name == "n_communities" and found[name] is None:
            shown = "no stable ones"
        shape.add_row(said, shown)
    rows = connection.execute(
        """select rank, city, country_iso2, degree, strength, closeness, betweenness, pagerank, gnc
        from mart_city_connectivity where network = ? and time_period = ?
        order by rank, city_id limit ?""",
        [code, found["time_period"], top],
    ).fetchall()
    ranks = Table(title=f"The first by {_ranked_by(found)}", title_justify="left")
    ranks.add_column("rank", justify="right")
    ranks.add_column("city")
    for name in ("degree", "strength", "closeness", "betweenness", "PageRank", "interlocks"):
        ranks.add_column(name, justify="right")
    for rank, city, country, *measures in rows:
        ranks.add_row(str(rank), f"{city}, {country}", *(_number(m) for m in measures))
    return Group(
        Text(found["definition"], style="bold"),
        shape,
        _degrees(connection, code, found["time_period"]),
        ranks,
        Text(f"Scope: {found['scope']}"),
        Text(f"What may not be concluded: {found['caveat']}", style="yellow"),
    )


def city_report(
    connection: duckdb.DuckDBPyConnection,
    code: str,
    year: int | None,
    city: tuple[int, str],
    top: int,
) -> RenderableType:
    """One city's measures and its strongest ties. Raises LookupError for what there is none of."""
    found = _network(connection, code, year)
    city_id, name = city
    of = {"network": code, "period": found["time_period"], "city": city_id, "top": top}
    measured = connection.execute(
        """select rank, degree, strength, closeness, betweenness, pagerank, clustering
        from mart_city_connectivity
        where network = $network and time_period = $period and city_id = $city""",
        {k: of[k] for k in ("network", "period", "city")},
    ).fetchone()
    if measured is None:
        raise LookupError(f"{name} is not in {code} {found['time_period']}")
    said = ("rank", "degree", "strength", "closeness", "betweenness", "PageRank", "clustering")
    line = ", ".join(f"{n} {_number(m)}" for n, m in zip(said, measured, strict=True))
    ties = connection.execute(_TIES[found["kind"]], of).fetchall()
    table = Table(title=f"{name}: the strongest ties", title_justify="left")
    table.add_column("with")
    table.add_column("weight", justify="right")
    is_interlock = found["kind"] == "affiliation"
    if is_interlock:
        table.add_column("more than chance")
    for other, country, weight, is_backbone in ties:
        mark = ["yes" if is_backbone else "no"] if is_interlock else []
        table.add_row(f"{other}, {country}", _number(weight), *mark)
    return Group(
        Text(f"{found['name']}, {found['time_period']}: {name}", style="bold"),
        Text(line),
        table,
        Text(
            "A weight is the sum of the products of both cities' values over organisations."
            if is_interlock
            else f"A weight of one is {found['weight']}."
        ),
        Text(f"What may not be concluded: {found['caveat']}", style="yellow"),
    )


_TIES = {
    "link": """
        select city.name, city.country_iso2, sum(weight) as weight, null
        from (
            select if(origin_city_id = $city, destination_city_id, origin_city_id) as other, weight
            from fct_city_link
            where network = $network and time_period = $period
                and $city in (origin_city_id, destination_city_id)
                and origin_city_id != destination_city_id
        ) inner join dim_city as city on city.city_id = other
        group by city.city_id, city.name, city.country_iso2
        order by weight desc, city.city_id limit $top""",
    "affiliation": """
        select city.name, city.country_iso2, interlock, is_backbone
        from (
            select if(origin_city_id = $city, destination_city_id, origin_city_id) as other,
                interlock, is_backbone
            from mart_city_interlock
            where network = $network and time_period = $period
                and $city in (origin_city_id, destination_city_id)
        ) inner join dim_city as city on city.city_id = other
        order by interlock desc, city.city_id limit $top""",
}


def _network(connection: duckdb.DuckDBPyConnection, code: str, year: int | None) -> dict[str, Any]:
    cursor = connection.execute(
        """select * from mart_network inner join (
            select network, name, kind, definition, weight from dim_network) using (network)
        where network = ? order by time_period desc""",
        [code],
    )
    names = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if not rows:
        known = connection.execute("select network from dim_network order by network").fetchall()
        listed = ", ".join(name for (name,) in known)
        raise LookupError(f"no network with ties is called {code!r}; there are {listed}")
    chosen = [row for row in rows if year in (None, row["year"])]
    if not chosen:
        listed = ", ".join(row["time_period"] for row in reversed(rows))
        raise LookupError(f"{code} has {listed}")
    return chosen[0]


def _degrees(connection: duckdb.DuckDBPyConnection, code: str, period: str) -> RenderableType:
    """How many nodes have 1, 2 to 3, 4 to 7 … partners, as bars."""
    rows = connection.execute(
        """select floor(log2(degree))::integer as step, count(*)
        from mart_node_connectivity where network = ? and time_period = ? and degree > 0
        group by step order by step""",
        [code, period],
    ).fetchall()
    most = max((n for _, n in rows), default=1)
    table = Table(title="Partners of a node", title_justify="left")
    for name in ("partners", "nodes"):
        table.add_column(name, justify="right")
    table.add_column("", min_width=_WIDTH)
    for step, n in rows:
        low, high = 2**step, 2 ** (step + 1) - 1
        said = str(low) if low == high else f"{low} to {high}"
        table.add_row(said, f"{n:,}", "█" * max(round(n / most * _WIDTH), 1))
    return table


def _ranked_by(found: dict[str, Any]) -> str:
    return "degree" if found["kind"] == "link" else "interlocks with all others"


def _number(value: Any, is_share: bool = False) -> str:
    if value is None:
        return "none"
    if is_share:
        return f"{value:.0%}"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"
