"""dbt in a process of its own: parsing the project once, and building a selection of it.

It loads and parses for seconds, and a refresh has sources to obtain meanwhile.

Belongs here: everything that calls dbt. Does not belong here: Dagster's view of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.files import write_atomically
from core.paths import DataPaths
from core.settings import DBT_PROJECT
from core.worker import Worker, WorkerDied, tell
from warehouse.project import Project

# The name of a step → what of the project it builds.
SELECTIONS = {"dbt_stage": "tag:stage", "dbt_observe": "tag:observe", "dbt_model": "tag:model"}


@dataclass(frozen=True)
class Node:
    """One model or test that was run."""

    unique_id: str
    name: str
    kind: str
    ok: bool
    message: str
    seconds: float
    rows: int | None = None
    """Of a table."""


def start(project: Project) -> None:
    """Have the project parsed while the caller goes on; call it as soon as a run begins."""
    _process().begin(_load, _project_hash(), project.paths.dbt_target)


def prepare(project: Project) -> Path:
    """Parse where anything has changed; dbt's manifest.json."""
    target = project.paths.dbt_target
    path, mark = target / "manifest.json", target / "parsed_from"
    now = _project_hash()
    if not path.exists() or not mark.exists() or mark.read_text(encoding="utf-8") != now:
        mark.unlink(missing_ok=True)
        _process().call(_write_manifest, now, target)
        write_atomically(mark, now)
    return path


def document(project: Project) -> dict[str, Any]:
    """dbt's manifest as a document."""
    found: dict[str, Any] = json.loads(prepare(project).read_text(encoding="utf-8"))
    return found


def build(
    project: Project, select: Iterable[str], *flags: str, released: Path | None = None
) -> Iterator[Node]:
    """`dbt build` of a selection: each model and test as soon as it is done.

    `released`: a release's database, which tests read in place of the candidate.

    A failed node does not raise: the caller reads `ok`. Raises RuntimeError if dbt dies. Both files
    are closed after the last node.
    """
    arguments = (_project_hash(), project.paths, tuple(select), flags, released)
    try:
        yield from _process().stream(_build, *arguments)
    except WorkerDied as death:
        raise RuntimeError(
            f"dbt: {death}. An exit code of -9 is a kill, mostly for want of memory. The current"
            " release stays; run again"
        ) from death


_started: list[Worker] = []


def _process() -> Worker:
    if not _started or not _started[-1].is_alive:
        loaded = ("dbt.cli.main", "dbt.adapters.duckdb.connections", __name__)
        _started[:] = [Worker(*loaded)]
    return _started[-1]


# What follows runs there: this process never loads dbt.


def _build(
    state: str,
    paths: DataPaths,
    select: tuple[str, ...],
    flags: tuple[str, ...],
    released: Path | None,
) -> None:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    manifest = _parse(state, paths.dbt_target)
    # What profiles.yml reads: dbt has no other way to learn the files of a build.
    os.environ["WCN_CANDIDATE"] = ":memory:" if released else str(paths.candidate)
    os.environ.pop("WCN_RELEASED", None)
    if released:
        os.environ["WCN_RELEASED"] = str(released)
    os.environ["WCN_SCRATCH"] = str(paths.scratch)
    os.environ["WCN_CACHE"] = str(paths.cache)
    told: set[str] = set()

    def listen(event: Any) -> None:
        if event.info.name == "NodeFinished" and event.data.node_info.unique_id not in told:
            told.add(event.data.node_info.unique_id)
            tell(_finished(event.data))

    try:
        # A copy: compiling writes into it, and what is compiled twice loses its ephemeral models.
        ran = dbtRunner(manifest=manifest.deepcopy(), callbacks=[listen]).invoke(
            ["build", *_flags(paths.dbt_target), *flags, "--select", *select],
        )
    finally:
        DuckDBConnectionManager.close_all_connections()
    if ran.exception:
        # As text: what dbt raises does not survive the way to another process.
        raise RuntimeError(f"dbt could not run: {ran.exception}")
    for result in ran.result.results:
        if result.node.unique_id not in told:
            tell(_node(result))


def _load(state: str, target: Path) -> None:
    _parse(state, target)  # its result stays there


def _write_manifest(state: str, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    made = target / f".manifest.{os.getpid()}.json"
    # Whole or not at all: this process ends with its owner, in whatever it does.
    manifest = _parse(state, target)
    manifest.write(str(made))
    made.replace(target / "manifest.json")
    _write_docs(manifest, target)


def _write_docs(manifest: Any, target: Path) -> None:
    """dbt's own documentation of the models, as one page: what the Dagster UI links to."""
    from dbt.cli.main import dbtRunner

    with tempfile.TemporaryDirectory(prefix="docs-", dir=target) as folder:
        manifest.write(str(Path(folder, "manifest.json")))  # which it puts into the page
        flags = [*_flags(Path(folder)), "--no-compile", "--empty-catalog", "--static"]
        ran = dbtRunner(manifest=manifest.deepcopy()).invoke(["docs", "generate", *flags])
        if not ran.success:
            raise RuntimeError(f"dbt could not write its documentation: {ran.exception}")
        (target / "docs").mkdir(exist_ok=True)
        Path(folder, "static_index.html").replace(target / "docs" / "index.html")


def _finished(data: Any) -> Node:
    """Of dbt's event that a node is finished."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    node, result = data.node_info, data.run_result
    rows = None
    if node.resource_type == "model" and node.node_status == "success":
        counted = "select estimated_size from duckdb_tables() where table_name = ?"
        with closing(DuckDBConnectionManager.env().handle().cursor()) as cursor:
            cursor.execute(counted, [node.node_name])
            rows = next(iter(cursor.fetchall()), (None,))[0]
    return Node(
        unique_id=node.unique_id,
        name=node.node_name,
        kind=node.resource_type,
        ok=node.node_status in ("success", "pass"),
        message=result.message,
        seconds=result.execution_time,
        rows=rows,
    )


def _node(result: Any) -> Node:
    return Node(
        unique_id=result.node.unique_id,
        name=result.node.name,
        kind=str(result.node.resource_type),
        ok=str(result.status) in ("success", "pass"),
        message=str(result.message or ""),
        seconds=float(result.execution_time),
    )


def _project_hash() -> str:
    """Identity of what dbt parses."""
    files = sorted(p for p in DBT_PROJECT.rglob("*") if p.suffix in (".sql", ".yml", ".py"))
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(DBT_PROJECT)).encode() + path.read_bytes())
    return digest.hexdigest()


_parsed: dict[str, Any] = {}


def _parse(state: str, target: Path) -> Any:
    """The project as dbt reads it; once per process and state of the code."""
    from dbt.cli.main import dbtRunner

    if state not in _parsed:
        os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
        ran = dbtRunner().invoke(["parse", *_flags(target)])
        if not ran.success:
            raise RuntimeError(f"the dbt project does not parse: {ran.exception or ran.result}")
        _parsed[state] = ran.result
    return _parsed[state]


def _flags(target: Path) -> list[str]:
    project = str(DBT_PROJECT)
    flags = ["--project-dir", project, "--profiles-dir", project, "--target-path", str(target)]
    # No log file either: dbt writes every statement into it, a second or so per build.
    # Nor documents about a run, which nobody reads.
    return [*flags, "--log-level", "none", "--log-level-file", "none", "--no-write-json"]
