"""Every pair of a network of affiliations against all models of chance.

Belongs here: which models there are, and their rows side by side. Does not belong here: the models.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from analysis.networks import fixed
from analysis.networks.backbone import backbone
from analysis.networks.each import Of, by_network
from analysis.networks.kept import kept
from analysis.networks.pairs import affiliations, pairs

CHANCE = pa.schema(
    [(n, pa.string()) for n in ("origin", "destination", "model")]
    + [(n, pa.float64()) for n in ("observed", "expected", "p_more", "p_fewer")]
    + [(n, pa.int64()) for n in ("draws", "trades", "seed")]
)
MOST_NODES, MOST_CELLS = 1_000, 200_000
"""Of more nodes, or nodes times organisations, nothing is drawn: there is no fixed model."""
# A state has one byte a cell.
_MOST_VALUES = 255


def chances_all(presence: pa.Table, folder: Path | None = None) -> pa.Table:
    """`CHANCE` of each network × time_period of `presence`, with both before its columns.

    One row per pair with an organisation in common (and an interlock of the network's `floor`) and
    model: `sdsm`, `fdsm`, and `fdsm_values` where not all service values are equal. `folder`: where
    what was computed before is kept.
    """

    def made(of: Of, here: pa.Table) -> pa.Table:
        here = here.select(["node", "organisation", "service_value", "floor"])
        return kept(
            folder, f"chances {of['network']} {of['time_period']}", [here], lambda: _of(here)
        )

    return by_network(presence, CHANCE, made)


def _of(presence: pa.Table) -> pa.Table:
    by_sums = backbone(presence)
    found = [_rows(by_sums, "sdsm", by_sums["shared"], by_sums)]
    of = affiliations(presence)
    nodes, organisations = len(of.nodes), len(of.organisations)
    if nodes <= MOST_NODES and nodes * organisations <= MOST_CELLS:
        both = pairs(of, presence["floor"][0].as_py())
        ends = pa.table(
            {
                "origin": of.nodes.take(pa.array(both.one)),
                "destination": of.nodes.take(pa.array(both.other)),
            }
        )
        table = fixed.drawn(of, both, values=False, draws=fixed.DRAWS)
        found.append(_rows(ends, "fdsm", pa.array(both.shared), table))
        if 1 < len(pc.unique(presence["service_value"])) <= _MOST_VALUES:
            table = fixed.drawn(of, both, values=True, draws=fixed.DRAWS)
            found.append(_rows(ends, "fdsm_values", pa.array(both.interlock), table))
    return pa.concat_tables(found)


def _rows(ends: pa.Table, model: str, observed: pa.Array, chance: pa.Table) -> pa.Table:
    size = ends.num_rows
    drawn = (fixed.DRAWS, fixed.TRADES, fixed.SEED) if model != "sdsm" else (None,) * 3
    columns = {
        "origin": ends["origin"],
        "destination": ends["destination"],
        "model": [model] * size,
        "observed": observed.cast(pa.float64()),
        **{name: chance[name] for name in ("expected", "p_more", "p_fewer")},
        **{n: [v] * size for n, v in zip(("draws", "trades", "seed"), drawn, strict=True)},
    }
    return pa.Table.from_pydict(columns, schema=CHANCE)
