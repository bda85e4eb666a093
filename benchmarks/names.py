"""`python -m benchmarks.names`: how resolving names grows, beside the least that could be done.

The names are UN/LOCODE's, 116,000 with a country, most with coordinates: a tenth of them, and all.
The floor is one hash join on country and name as it stands. Each measurement runs in a process of
its own, so that its peak memory is its own. Nothing here passes or fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow as pa
from rich import box
from rich.console import Console
from rich.table import Table

from core.paths import DataPaths
from core.settings import ROOT

SHARES = (0.1, 1.0)


def main() -> None:
    """Measure every share and print a table."""
    table = Table(title="Names → cities, 235,000 places", title_justify="left", box=box.SIMPLE_HEAD)
    for head in ("names", "s", "names/s", "peak MB", "linked", "floor: s", "× floor", "linked"):
        table.add_column(head, justify="right")
    for share in SHARES:
        said = subprocess.run(
            [sys.executable, "-m", "benchmarks.names", str(share)],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        m = json.loads(said.splitlines()[-1])
        table.add_row(
            f"{m['names']:,}",
            f"{m['seconds']:.1f}",
            f"{m['names'] / m['seconds']:,.0f}",
            f"{m['peak']:,.0f}",
            f"{m['linked'] / m['names']:.1%}",
            f"{m['floor']:.2f}",
            f"{m['seconds'] / m['floor']:.0f}",
            f"{m['floor_linked'] / m['names']:.1%}",
        )
    Console(width=100).print(table)


def measure(share: float) -> dict[str, float]:
    """Resolve a share of the names; seconds, peak megabytes, and what was linked."""
    # Imported here: the parent needs no matcher.
    import resource

    from cities.evaluation import measure as yardstick
    from cities.resolve import resolve

    with tempfile.TemporaryDirectory() as folder:
        places, sections, codes = yardstick.gazetteer(DataPaths(Path(folder)), None)
    with duckdb.connect() as connection:
        connection.register("codes", codes)
        connection.register("places", places)
        labels = connection.execute(
            """select row_number() over (order by code)::varchar as label_id, 'names' as source_id,
                null::varchar as code_scheme, null::varchar as ref_area_code,
                null::varchar as other_code_scheme, null::varchar as other_code,
                label as ref_area, country, null::varchar as admin1, latitude, longitude,
                'city_proper' as spatial_unit, null::double as population
            from codes where hash(code) % 1000 < 1000 * $share""",
            {"share": share},
        ).to_arrow_table()
        connection.register("labels", labels)
        began = time.perf_counter()
        counted = connection.execute(
            """select count(distinct label_id) from labels inner join places
            on places.country_iso2 = labels.country and places.name = labels.ref_area"""
        ).fetchone()
        floor = time.perf_counter() - began
    rule = {"source_id": "names", "resolve_by": "name", "reach_km": 60.0, "near_km": 40.0,
            "without_country": "reject"}  # fmt: skip
    rules = pa.Table.from_pylist([rule], schema=yardstick.rules().schema)
    began = time.perf_counter()
    made = resolve(labels, places, codes, rules, sections=sections)
    seconds = time.perf_counter() - began
    return {
        "names": labels.num_rows,
        "seconds": seconds,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
        "linked": made.num_rows - made["city_id"].null_count,
        "floor": floor,
        "floor_linked": counted[0] if counted else 0,
    }


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    if len(sys.argv) > 1:
        print(json.dumps(measure(float(sys.argv[1]))))
    else:
        main()
