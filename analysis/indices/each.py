"""One index and year after the other.

Belongs here: declarations out of a table, values of those cities that may have a rank, tables of
all indices. Does not belong here: what is made of one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial, reduce
from operator import and_
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from analysis.indices import change, peers, sensitivity, uncertainty
from analysis.indices import score as scores
from analysis.indices.weights import Weighting, weights
from analysis.indices.whatif import in_pairs
from catalog.index import Index

_OF = pa.schema([("index", pa.string()), ("year", pa.int32())])
_WEIGHTINGS: tuple[Weighting, ...] = ("equal", "pca", "entropy")
_BASIS = pa.schema([*_OF, ("basis", pa.string())])
Made = Callable[[Index, pa.Table], pa.Table]


def by_index(
    indices: pa.Table, values: pa.Table, schema: pa.Schema, make: Made, *, screen: bool = True
) -> pa.Table:
    """What `make` makes of each index × year, with both before its columns.

    `indices`: index, declared (JSON). `values`: index, year, city_id, indicator, value. A column
    `unit`, `other` or `peer` of what is made becomes a `city_id` or `other_city_id`. `screen`:
    without cities that may have no rank; otherwise nobody would know what else a score depends on.
    """
    found = [_named(pa.schema([*_OF, *schema]).empty_table())]
    declared = _declared(indices)
    for of in _each(values, _OF.names):
        index, given = declared[of["index"]], _given(values, of)
        if screen:
            given = screened(index, given)
        if given.num_rows:
            found.append(_named(_said(of, _OF, make(index, given))))
    return pa.concat_tables(found)


def changes(indices: pa.Table, before: pa.Table, after: pa.Table, what: str) -> pa.Table:
    """`UNIT` (`what`: units) or `PASS` (passes) of `analysis.indices.change` for each index × year
    × basis, with those before its columns.

    `indices`: as above. Both other tables: index, year, city_id, indicator, value, value_year,
    spatial_unit. `before` has a `basis` as well, which says what the before is; its year is the one
    after.
    """
    schema = {"units": change.UNIT, "passes": change.PASS}[what]
    found = [_named(pa.schema([*_BASIS, *schema]).empty_table())]
    declared = _declared(indices)
    for of in _each(before, _BASIS.names):
        index = declared[of["index"]]
        both = _given(before, of), _given(after, {n: of[n] for n in _OF.names})
        one, two = (screened(index, given) for given in both)
        if one.num_rows and two.num_rows:
            made = getattr(change.change(index, one, two), what)
            found.append(_named(_said(of, _BASIS, made)))
    return pa.concat_tables(found)


def _declared(indices: pa.Table) -> dict[str, Index]:
    rows = indices.select(["index", "declared"]).to_pylist()
    return {row["index"]: Index.model_validate_json(row["declared"]) for row in rows}


def _each(values: pa.Table, names: list[str]) -> list[dict[str, Any]]:
    each = values.group_by(names).aggregate([]).sort_by([(n, "ascending") for n in names])
    found: list[dict[str, Any]] = each.to_pylist()
    return found


def _given(values: pa.Table, of: Mapping[str, Any]) -> pa.Table:
    """The values of one index and year as the engine takes them."""
    here = values.filter(reduce(and_, (pc.field(name) == said for name, said in of.items())))
    columns = {
        "unit": here["city_id"].cast(pa.string()),
        "indicator": here["indicator"],
        "value": here["value"],
    }
    if "value_year" in here.column_names:
        columns |= {"year": here["value_year"], "spatial_unit": here["spatial_unit"]}
    return pa.table(columns)


def _said(of: Mapping[str, Any], schema: pa.Schema, made: pa.Table) -> pa.Table:
    for place, field in enumerate(schema):
        column = pa.array([of[field.name]] * made.num_rows, field.type)
        made = made.add_column(place, field.name, column)
    return made


def screened(index: Index, values: pa.Table) -> pa.Table:
    """The values of units that may have a rank."""
    ranked = scores.rank(index, values)
    able = ranked.filter(ranked["rankable"])["unit"]
    return values.filter(pc.is_in(values["unit"], able))


def _ranked(index: Index, values: pa.Table) -> pa.Table:
    """Ranks among those that may have one, with their intervals; the others with their reasons."""
    refused = scores.rank(index, values)
    refused = refused.filter(pc.invert(refused["rankable"])).drop_columns(["score", "rank"])
    kept = screened(index, values)
    ranked = scores.rank(index, kept).join(uncertainty.uncertainty(index, kept).units, "unit")
    by_pairs = scores.rank(in_pairs(index), kept).select(["unit", "rank"])
    ranked = ranked.join(by_pairs.rename_columns({"rank": "rank_copeland"}), "unit")
    return pa.concat_tables([ranked, refused], promote_options="default").select(RANK.names)


def _of_nodes(index: Index, values: pa.Table) -> pa.Table:
    shares = sensitivity.variance_shares(index, values)
    without = sensitivity.leave_one_out(index, values).nodes
    outliers = scores.treatment(index, values)
    joined = shares.join(without, "node").join(outliers, "node")
    for how in _WEIGHTINGS:
        said: dict[str, float] = {}
        with suppress(ValueError):  # too few cities, or scores that have no entropy
            said = weights(index, values, how)
        other = {
            "node": pa.array(said, pa.string()),
            f"weight_{how}": pa.array(said.values(), pa.float64()),
        }
        joined = joined.join(pa.table(other), "node")
    return joined.select(NODE.names).sort_by("node")


def _named(table: pa.Table) -> pa.Table:
    names = {"unit": "city_id", "passed": "city_id", "cause_in": "cause_city_id"}
    names |= dict.fromkeys(("other", "peer", "passed_by"), "other_city_id")
    for place, field in enumerate(table.schema):
        if field.name in names:
            cities = table[field.name].cast(pa.int64())
            table = table.set_column(place, names[field.name], cities)
    return table


def _pairs(index: Index, values: pa.Table) -> pa.Table:
    return uncertainty.uncertainty(index, values).pairs


RANK = pa.schema([*scores.RANK, *list(uncertainty.UNIT)[1:], ("rank_copeland", pa.int32())])
NODE = pa.schema(
    [*sensitivity.SHARE, *list(sensitivity.EFFECT)[1:], *list(scores.TREATMENT)[1:]]
    + [(f"weight_{how}", pa.float64()) for how in _WEIGHTINGS]
)
score_all = partial(by_index, schema=scores.SCORE, make=scores.score)
rank_all = partial(by_index, schema=RANK, make=_ranked, screen=False)
pair_all = partial(by_index, schema=uncertainty.PAIR, make=_pairs)
peer_all = partial(by_index, schema=peers.PEER, make=peers.peers)
node_all = partial(by_index, schema=NODE, make=_of_nodes)
sensitivity_all = partial(by_index, schema=sensitivity.CHOICE, make=sensitivity.sensitivity)
change_all = partial(changes, what="units")
pass_all = partial(changes, what="passes")
