"""One child process, in a home of its own: `python -m tests.bench.phases PHASE SCALE FILE`.

`obtain` lands and reads the bundled sources at 1×. `read` decodes and conforms a grown file.
`build` takes grown cells through dbt, cities, gates and release. `floor` and `floor_read` do the
same work by hand; `verify` compares their rows with dbt's.

Belongs here: calling the product's own functions, each under the clock. Does not belong here:
doing their work in another way, except where the name says floor.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import duckdb
import pyarrow.parquet as pq

from orchestration.settings import home
from sources import accept, catalog, conform, fetch, offers
from sources.landing import blob_path, land
from tests.bench import replicate
from tests.bench.clock import Clock

FLOOR = Path(__file__).parent / "floor.sql"
COMPARED = (
    "fct_observation",
    "bridge_observation_cell",
    "fct_source_observation",
    "fct_row_ledger",
    "mart_observation",
)
TABLE = "csv"


def obtain(_clock: Clock, _scale: int) -> None:
    """The bundled sources, offline, as `wcn run` without a network takes them."""
    from orchestration.resources import SourceSupply

    supply = SourceSupply(offline=True).supply(offline=True)
    for source in catalog.load().sources.values():
        if source.ways.bundled:
            fetch.obtain(supply, source)


def read(clock: Clock, scale: int) -> None:
    """Decode and conform a grown file of the publisher with `sources.fetch._decode`."""
    here = home()
    source = catalog.load().source(replicate.SOURCE)
    content = _grown(scale)
    with (
        patch.object(fetch, "decode", clock.timed("decode", fetch.decode)),
        patch.object(conform, "cells", clock.timed("conform", conform.cells)),
        patch.object(accept, "facts", clock.timed("facts", accept.facts)),
        patch.object(pq, "write_table", clock.timed(_written, pq.write_table)),
    ):
        fetch._decode(here, source, content, content.folder(here))
    clock.write({"cells": pq.read_metadata(content.folder(here) / "cells.parquet").num_rows})


def floor_read(clock: Clock, scale: int) -> None:
    """The same file: CSV to Parquet, and Parquet to long Parquet, by DuckDB alone."""
    here = home()
    content = _grown(scale)
    table = catalog.load().source(replicate.SOURCE).tables[TABLE]
    meant = {c.meaning: n for n, c in table.columns.items() if c.meaning}
    values = ", ".join(f'"{n}"' for n, c in table.columns.items() if c.indicator)
    wide = content.folder(here) / "table.parquet"
    plain, long = here.temporary / "plain.parquet", here.temporary / "long.parquet"
    zstd = "(format parquet, compression zstd)"
    csv = blob_path(here, content.sha256)
    with clock.step("decode"), duckdb.connect() as connection:
        connection.execute(f"copy (from read_csv('{csv}', all_varchar = true)) to '{plain}' {zstd}")
    with clock.step("conform"), duckdb.connect() as connection:
        connection.execute(
            f"""copy (
                select '{content.content_id}' as content_id, '{replicate.SOURCE}' as source_id,
                    row_number, column_name, "{meant["ref_area"]}" as ref_area,
                    "{meant["ref_area_code"]}" as ref_area_code, "{meant["admin1"]}" as admin1,
                    "{meant["time_period"]}" as time_period, value_text
                from read_parquet('{wide}')
                    unpivot include nulls (value_text for column_name in ({values}))
                order by row_number, column_name
            ) to '{long}' {zstd}"""
        )


def build(clock: Clock, scale: int) -> None:
    """Grown cells through the rest of the way, as the assets take them, in one process."""
    with clock.step("start"):
        import great_expectations  # noqa: F401  the gates import it when they are first called

        from expectations.candidate import judge_candidate
        from orchestration import dbt, manifest
        from orchestration.assets import build as rooms
        from orchestration.assets.release import _attribution
        from orchestration.assets.selections import MODEL, OBSERVE, STAGE
        from orchestration.settings import min_cities, prepare_environment
        from releases import builder, history, pointer

        prepare_environment()
        dbt._parse()
    here = home()
    made = _grown_manifest(scale)
    clock.write({"cells": sum(c.facts["cells"] for o in made.offers for c in o.contents)})

    def model(name: str, selection: tuple[str, ...]) -> None:
        with clock.step(name) as noted:
            nodes = dbt.build(selection)
            noted["nodes"] = [[n.name, n.kind, n.seconds] for n in nodes]
        if failed := [n for n in nodes if not n.ok]:
            raise RuntimeError(f"dbt: {failed[0].name}: {failed[0].message}")

    with clock.step("prepare"):
        rooms._begin(made)
    model("stage", STAGE)
    with clock.step("cities"):
        rooms._resolve()
    model("observe", OBSERVE)
    with clock.step("series gate"):
        gate = rooms._judge()
        with duckdb.connect(str(here.candidate)) as connection:
            manifest.write_table(connection, "raw", "series_verdict", gate.verdicts)
            manifest.write_table(connection, "raw", "gate_result", gate.results)
    model("model", MODEL)
    with clock.step("candidate gate") as noted:
        served = [o.source_id for o in made.offers if o.contents]
        docs = here.build / "quality" / "candidate"
        evidence = judge_candidate(here.candidate, here.manifest, docs, served, min_cities())
        evidence.write(here.build / "evidence.json")
        noted["refused_by"] = sorted({o.check for o in evidence.outcomes if not o.success})
    clock.write({"candidate_bytes": here.candidate.stat().st_size})
    with clock.step("release"):
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        folder = builder.build(
            here.releases,
            here.candidate,
            builder.Parts(
                version=made.version,
                released_at=at,
                manifest=made.as_dict(),
                evidence=here.build / "evidence.json",
                docs=here.build / "quality",
                attribution=_attribution(made),
                previous_tables={},
                history=history.latest(here.releases),
            ),
        )
        pointer.move(here.releases, made.version, "publish", at=at)
        history.latest(here.releases)
    clock.write({"release_bytes": sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())})


def floor(clock: Clock, _scale: int) -> None:
    """floor.sql, and a plain export of the public tables as the floor of a release."""
    here = home()
    # Where dbt was stopped in the middle, what it wrote last still lies in the log beside the file.
    duckdb.connect(str(here.candidate)).close()
    with clock.step("floor"), duckdb.connect(str(here.build / "floor.duckdb")) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"attach '{here.candidate}' as candidate (read_only)")
        for statement in duckdb.extract_statements(FLOOR.read_text(encoding="utf-8")):
            with clock.step(f"floor: {_title(statement.query)}"):
                connection.execute(statement)
    with clock.step("release"), duckdb.connect(str(here.candidate), read_only=True) as connection:
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'main'"
        ).fetchall():
            file = here.temporary / f"{table}.parquet"
            connection.execute(f"copy main.{table} to '{file}' (format parquet, compression zstd)")


def verify(clock: Clock, scale: int) -> None:
    """Rows of dbt and of the floor: counts at any scale, at 1× their logical hashes too."""
    from releases.builder import logical_hash

    here = home()
    with duckdb.connect(str(here.build / "floor.duckdb")) as connection:
        connection.execute(f"attach '{here.candidate}' as candidate (read_only)")
        for table in COMPARED:
            columns = ", ".join(c for c, *_ in connection.execute(f"describe {table}").fetchall())
            found = []
            for database in ("candidate", "floor"):
                rows = f"{database}.main.{table}"
                connection.execute(
                    f"create or replace temp view rows as select {columns} from {rows}"
                )
                found.append(
                    logical_hash(connection, "rows")
                    if scale == 1
                    else str(connection.execute("select count(*) from rows").fetchone()[0])
                )
            clock.write({"table": table, "dbt": found[0], "floor": found[1]})


def _title(query: str) -> str:
    lines = [x for x in query.splitlines() if x.strip() and not x.startswith("--")]
    return lines[0].removeprefix("create ").removesuffix(" as")


def _written(_table: object, where: Path, **_options: object) -> str:
    return {"table.parquet": "write table", "cells.parquet": "write cells"}[where.name]


def _grown(scale: int) -> offers.Content:
    """The panel's content with the publisher's file grown, landed under its own hash."""
    here = home()
    offer = offers.stored_offer(here, replicate.SOURCE)
    (content,) = offer.contents
    columns = catalog.load().source(replicate.SOURCE).tables[TABLE].columns
    year = next(n for n, c in columns.items() if c.meaning == "time_period")
    grown = here.temporary / f"grown_{scale}.csv"
    if not grown.exists():
        replicate.csv(blob_path(here, content.sha256), grown, year, scale)
    sha256, _size = land(here, replicate.SOURCE, grown)
    return replace(content, sha256=sha256, content_id=f"grown{scale}")


def _grown_manifest(scale: int):
    """The manifest of the bundled sources, the panel's cells grown and counted."""
    from orchestration import manifest
    from orchestration.resources import SourceSupply

    here = home()
    supply = SourceSupply(offline=True).supply(offline=True)
    made = manifest.assemble(here, catalog.load(), supply)
    offers = []
    for offer in made.offers:
        if offer.source_id == replicate.SOURCE:
            (content,) = offer.contents
            n = replicate.cells(content.folder(here) / "cells.parquet", scale)
            facts = {**content.facts, "cells": n, "rows": content.facts["rows"] * scale}
            offer = replace(offer, contents=(replace(content, facts=facts),))
        offers.append(offer)
    return replace(made, offers=tuple(offers))


PHASES: dict[str, Callable[[Clock, int], None]] = {
    f.__name__: f for f in (obtain, read, floor_read, build, floor, verify)
}

if __name__ == "__main__":
    PHASES[sys.argv[1]](Clock(Path(sys.argv[3])), int(sys.argv[2]))
