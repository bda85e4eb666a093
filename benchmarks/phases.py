"""One child process, in a data home of its own: `python -m benchmarks.phases PHASE SCALE FILE`.

`obtain` lands and reads the bundled sources at 1×. `read` decodes and conforms a grown file.
`build` takes grown cells through dbt, cities, gates and release. `floor` and `floor_read` do the
same work by hand; `verify` compares their rows with dbt's. The floor leaves out much of what a
build makes; `scope` has dbt make just what the floor makes, out of what the floor reads.

Belongs here: calling the product's own functions, each under the clock. Does not belong here:
doing their work in another way, except where the name says floor.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from unittest.mock import patch

import duckdb
import pyarrow.parquet as pq

from benchmarks import replicate
from benchmarks.clock import Clock
from cities.pipeline import KEY_MACROS
from core.errors import ReleaseRefused
from core.paths import DataPaths
from expectations import process as gate_process
from releases import builder, pointer
from releases.builder import logical_hash
from sources import accept, conform, fetch, parse
from sources.declarations import Bounds, Source
from sources.landing import blob_path, land
from sources.snapshot import Content, stored_snapshot
from warehouse import build as beginning
from warehouse import dbt, gates, publish, resolution
from warehouse.manifest import Manifest
from warehouse.project import Project

FLOOR = Path(__file__).parent / "floor.sql"
COMPARED = (
    "fct_observation",
    "bridge_observation_cell",
    "fct_source_cell",
    "fct_row_ledger",
    "mart_observation",
)
GIVEN = ("int_city", "int_city__english_name")
"""Models that the floor reads as they are."""
TABLE = "csv"


@cache
def _project() -> Project:
    return Project.open()


def obtain(_clock: Clock, _scale: int) -> None:
    """The sources that come with the software, as `wcn run` without a network takes them."""
    context = _project().fetch_context(offline=True)
    for source in _project().catalog.sources.values():
        if source.access.shipped():
            fetch.obtain(context, source)


def read(clock: Clock, scale: int) -> None:
    """Decode and conform a grown file of the publisher, as `sources.parse` does it."""
    paths, source = _project().paths, _grown_source(scale)
    content = _grown(scale)
    with (
        patch.object(parse, "decode", clock.timed("decode", parse.decode)),
        patch.object(conform, "cells", clock.timed("conform", conform.cells)),
        patch.object(accept, "facts", clock.timed("facts", accept.facts)),
        patch.object(pq, "write_table", clock.timed(_written, pq.write_table)),
    ):
        parse._write(paths, source, content, content.folder(paths))
    clock.write({"cells": pq.read_metadata(content.folder(paths) / "cells.parquet").num_rows})


def floor_read(clock: Clock, scale: int) -> None:
    """The same file: CSV to Parquet, and Parquet to long Parquet, by DuckDB alone."""
    paths = _project().paths
    content = _grown(scale)
    table = _project().catalog.source(replicate.SOURCE).tables[TABLE]
    meant = {c.meaning: n for n, c in table.columns.items() if c.meaning}
    values = ", ".join(f'"{n}"' for n, c in table.columns.items() if c.indicator)
    wide = content.folder(paths) / "table.parquet"
    plain, long = paths.temporary / "plain.parquet", paths.temporary / "long.parquet"
    zstd = "(format parquet, compression zstd)"
    csv = blob_path(paths, content.sha256)
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
    """Grown cells through the rest of the way, step by step, in one process."""
    project = _project()
    with clock.step("start"):
        gate_process.start().call(abs, 0)  # answers when it has loaded
        dbt.prepare(project)
        list(dbt.build(project, ("no_such_model",)))
    with clock.step("an empty selection"):
        list(dbt.build(project, ("no_such_model",)))
    made = _grown_manifest(scale)
    clock.write({"cells": sum(c.facts["cells"] for c in made.contents())})

    def model(name: str) -> None:
        with clock.step(name) as noted:
            nodes = beginning.model(project, f"dbt_{name}")
            noted["nodes"] = [[n.name, n.kind, n.seconds] for n in nodes]

    with clock.step("prepare"):
        beginning.begin(project, made)
        replicate.allow_years(project.paths.scratch)
    model("stage")
    with clock.step("cities"):
        resolution.resolve_cities(project)
    model("observe")
    with clock.step("series gate"):
        gates.judge_all_series(project)
    model("model")
    with clock.step("candidate gate") as noted:
        publish.complete(project)
        # 100× has years that gate 2 refuses; what its verdict takes is measured all the same.
        with suppress(ReleaseRefused):
            gates.judge_the_candidate(project)
        evidence = gates.Evidence.read(project.paths.evidence)
        noted["refused_by"] = sorted({o.check for o in evidence.outcomes if not o.success})
    clock.write({"candidate_bytes": project.paths.candidate.stat().st_size})
    with clock.step("release"):
        parts = builder.Parts(
            version=made.version,
            manifest=made.as_dict(),
            evidence=project.paths.evidence,
            docs=project.paths.quality,
            previous_tables={},
        )
        at = builder.build(project.paths.releases, project.paths.candidate, parts)
        pointer.move(project.paths.releases, made.version, "publish", at=at)
    clock.write({"release_bytes": project.releases.size(made.version)})


def begin_floor(connection: duckdb.DuckDBPyConnection, paths: DataPaths) -> list[duckdb.Statement]:
    """Attach what floor.sql reads; its statements, to be run in order."""
    connection.execute("set preserve_insertion_order = false")
    connection.execute(f"attach '{paths.scratch}' as scratch (read_only)")
    connection.execute(KEY_MACROS.read_text(encoding="utf-8"))
    return duckdb.extract_statements(FLOOR.read_text(encoding="utf-8"))


def floor(clock: Clock, _scale: int) -> None:
    """floor.sql, and a plain export of the public tables as the floor of a release."""
    paths = _project().paths
    with clock.step("floor"), duckdb.connect(str(paths.build / "floor.duckdb")) as connection:
        for statement in begin_floor(connection, paths):
            with clock.step(f"floor: {_title(statement.query)}"):
                connection.execute(statement)
    with clock.step("release"), duckdb.connect(str(_released(paths)), read_only=True) as connection:
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'main'"
        ).fetchall():
            file = paths.temporary / f"{table}.parquet"
            connection.execute(f"copy main.{table} to '{file}' (format parquet, compression zstd)")


def verify(clock: Clock, scale: int) -> None:
    """Rows of dbt and of the floor: counts at any scale, at 1× their logical hashes too."""
    _compare(clock, scale, _released(_project().paths))


def scope(clock: Clock, scale: int) -> None:
    """After a build: what the floor makes, made once more by dbt, without tests; then compared."""
    project = _project()
    nodes = dbt.document(project)["nodes"]
    above = {n["unique_id"]: n["depends_on"]["nodes"] for n in nodes.values()}

    def with_ancestors(names: tuple[str, ...]) -> set[str]:
        found = {i for i in above if i.startswith("model.") and nodes[i]["name"] in names}
        more = set(found)
        while more := {p for i in more for p in above[i] if p in above} - found:
            found |= more
        return found

    chosen = with_ancestors(COMPARED) - with_ancestors(GIVEN)
    names = sorted(nodes[i]["name"] for i in chosen)
    file = project.paths.candidate
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute(KEY_MACROS.read_text(encoding="utf-8"))
    list(dbt.build(project, ("no_such_model",)))  # its start is measured in `build`
    with clock.step("in scope"):
        made = list(dbt.build(project, names, "--full-refresh", "--exclude-resource-type", "test"))
    if failed := [n for n in made if not n.ok]:
        raise RuntimeError(f"{failed[0].name}: {failed[0].message}")
    _compare(clock, scale, file, " (in scope)")


def _compare(clock: Clock, scale: int, file: Path, which: str = "") -> None:
    with duckdb.connect(str(_project().paths.build / "floor.duckdb")) as connection:
        connection.execute(f"attach '{file}' as candidate (read_only)")
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
            clock.write({"table": table + which, "dbt": found[0], "floor": found[1]})


def _title(query: str) -> str:
    lines = [x for x in query.splitlines() if x.strip() and not x.startswith("--")]
    return lines[0].removeprefix("create ").removesuffix(" as")


def _written(_table: object, where: Path, **_options: object) -> str:
    return {"table.parquet": "write table", "cells.parquet": "write cells"}[where.name]


def _released(paths: DataPaths) -> Path:
    """The candidate, wherever it is by now."""
    return next(paths.releases.glob("current/warehouse.duckdb"), paths.candidate)


def _grown_source(scale: int) -> Source:
    """The panel's declaration, which lets `scale` times as many rows be read."""
    source = _project().catalog.source(replicate.SOURCE)
    assert isinstance(source.bounds, Bounds)
    bounds = source.bounds.model_copy(update={"max_rows": source.bounds.max_rows * scale})
    return source.model_copy(update={"bounds": bounds})


def _grown(scale: int) -> Content:
    """The panel's content with the publisher's file grown, landed under its own hash."""
    paths = _project().paths
    snapshot = stored_snapshot(paths, replicate.SOURCE)
    assert snapshot is not None
    (content,) = snapshot.contents
    columns = _project().catalog.source(replicate.SOURCE).tables[TABLE].columns
    year = next(n for n, c in columns.items() if c.meaning == "time_period")
    grown = paths.temporary / f"grown_{scale}.csv"
    if not grown.exists():
        bounds = _grown_source(scale).bounds_of(content.resource)
        replicate.csv(blob_path(paths, content.sha256), grown, year, scale, bounds)
    sha256, _size = land(paths, replicate.SOURCE, grown)
    return replace(content, sha256=sha256, content_id=f"grown{scale}")


def _grown_manifest(scale: int) -> Manifest:
    """The manifest of the shipped sources, the panel's cells grown and counted."""
    paths = _project().paths
    made = beginning.assemble(_project())
    snapshots = []
    for snapshot in made.snapshots:
        if snapshot.source_id == replicate.SOURCE:
            (content,) = snapshot.contents
            n = replicate.cells(content.folder(paths) / "cells.parquet", scale)
            facts = {**content.facts, "cells": n, "rows": content.facts["rows"] * scale}
            snapshot = replace(snapshot, contents=(replace(content, facts=facts),))
        snapshots.append(snapshot)
    return replace(made, snapshots=tuple(snapshots))


PHASES: dict[str, Callable[[Clock, int], None]] = {
    f.__name__: f for f in (obtain, read, floor_read, build, floor, verify, scope)
}

if __name__ == "__main__":
    PHASES[sys.argv[1]](Clock(Path(sys.argv[3])), int(sys.argv[2]))
