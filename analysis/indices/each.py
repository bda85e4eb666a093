"""One index and year after the other.

Belongs here: declarations out of a table, values of those cities that may have a rank, tables of
all indices. Does not belong here: what is made of one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from analysis.indices import peers, sensitivity, uncertainty
from analysis.indices import score as scores
from catalog.index import Index

_OF = pa.schema([("index", pa.string()), ("year", pa.int32())])
Made = Callable[[Index, pa.Table], pa.Table]


def by_index(
    indices: pa.Table, values: pa.Table, schema: pa.Schema, make: Made, *, screen: bool = True
) -> pa.Table:
    """What `make` makes of each index × year, with both before its columns.

    `indices`: index, declared (JSON). `values`: index, year, city_id, indicator, value. A column
    `unit`, `other` or `peer` of what is made becomes a `city_id` or `other_city_id`. `screen`: without
    cities that may have no rank; otherwise nobody would know what else a score depends on.
    """
    found = [_named(pa.schema([*_OF, *schema]).empty_table())]
    declared = {row["index"]: Index.model_validate_json(row["declared"])
                for row in indices.select(["index", "declared"]).to_pylist()}  # fmt: skip
    each = values.group_by(["index", "year"]).aggregate([]).sort_by(
        [("index", "ascending"), ("year", "ascending")]
    )  # fmt: skip
    for of in each.to_pylist():
        here = values.filter(pc.and_(*(pc.equal(values[name], of[name]) for name in _OF.names)))
        given = pa.table(
            {
                "unit": here["city_id"].cast(pa.string()),
                "indicator": here["indicator"],
                "value": here["value"],
            }
        )
        index = declared[of["index"]]
        if screen:
            given = screened(index, given)
        if given.num_rows:
            made = make(index, given)
            for place, name in enumerate(_OF.names):
                column = pa.array([of[name]] * made.num_rows, _OF.field(name).type)
                made = made.add_column(place, name, column)
            found.append(_named(made))
    return pa.concat_tables(found)


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
    return pa.concat_tables([ranked, refused], promote_options="default").select(RANK.names)


def _of_nodes(index: Index, values: pa.Table) -> pa.Table:
    shares = sensitivity.variance_shares(index, values)
    without = sensitivity.leave_one_out(index, values).nodes
    outliers = scores.treatment(index, values)
    joined = shares.join(without, "node").join(outliers, "node")
    return joined.select(NODE.names).sort_by("node")


def _named(table: pa.Table) -> pa.Table:
    names = {"unit": "city_id", "other": "other_city_id", "peer": "other_city_id"}
    for place, field in enumerate(table.schema):
        if field.name in names:
            cities = table[field.name].cast(pa.int64())
            table = table.set_column(place, names[field.name], cities)
    return table


def _pairs(index: Index, values: pa.Table) -> pa.Table:
    return uncertainty.uncertainty(index, values).pairs


RANK = pa.schema([*scores.RANK, *list(uncertainty.UNIT)[1:]])
NODE = pa.schema(
    [*sensitivity.SHARE, *list(sensitivity.EFFECT)[1:], *list(scores.TREATMENT)[1:]]
)
score_all = partial(by_index, schema=scores.SCORE, make=scores.score)
rank_all = partial(by_index, schema=RANK, make=_ranked, screen=False)
pair_all = partial(by_index, schema=uncertainty.PAIR, make=_pairs)
peer_all = partial(by_index, schema=peers.PEER, make=peers.peers)
node_all = partial(by_index, schema=NODE, make=_of_nodes)
sensitivity_all = partial(by_index, schema=sensitivity.CHOICE, make=sensitivity.sensitivity)
