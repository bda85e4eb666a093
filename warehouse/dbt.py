"""dbt in this process: parsing the project once, and building a selection of it.

Belongs here: everything that calls dbt. Does not belong here: Dagster's view of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.paths import DataPaths
from core.settings import DBT_PROJECT
from warehouse.generate import generate
from warehouse.project import Project

STAGE = ("tag:stage",)
OBSERVE = ("tag:observe",)
MODEL = ("tag:model",)


@dataclass(frozen=True)
class Node:
    """One model or test that was run."""

    unique_id: str
    name: str
    kind: str
    ok: bool
    message: str
    seconds: float


def prepare(project: Project) -> Path:
    """Write the generated models and parse, where either has changed; dbt's manifest.json."""
    generate(project.catalog.concepts)
    target = _target(project.paths)
    path, mark = target / "manifest.json", target / "parsed_from"
    now = _project_hash()
    if not path.exists() or not mark.exists() or mark.read_text(encoding="utf-8") != now:
        _environment(project.paths)
        parsed = _parse(now, str(target))
        if not path.exists() or parsed.target != str(target):
            # Parsed by this process for another data home.
            target.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(parsed.target) / "manifest.json", path)
        mark.write_text(now, encoding="utf-8")
    return path


def document(project: Project) -> dict[str, Any]:
    """dbt's manifest as a document."""
    found: dict[str, Any] = json.loads(prepare(project).read_text(encoding="utf-8"))
    return found


def build(project: Project, select: Iterable[str]) -> list[Node]:
    """`dbt build` of a selection: models and their tests. Raises RuntimeError if dbt dies.

    A failed node does not raise: the caller reads `ok`. Both files are closed afterwards.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    prepare(project)
    _environment(project.paths)
    target = str(_target(project.paths))
    parsed = _parse(_project_hash(), target)
    try:
        # A copy: compiling writes into it, and what is compiled twice loses its ephemeral models.
        ran = dbtRunner(manifest=parsed.manifest.deepcopy()).invoke(
            ["build", *_flags(target), "--select", *select],
        )
    finally:
        DuckDBConnectionManager.close_all_connections()
    if ran.exception:
        raise RuntimeError(f"dbt could not run: {ran.exception}") from ran.exception
    return [_node(r) for r in ran.result.results]


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
    """Identity of what dbt parses, the generated models among it."""
    files = sorted(p for p in DBT_PROJECT.rglob("*") if p.suffix in (".sql", ".yml"))
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(DBT_PROJECT)).encode() + path.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class _Parsed:
    manifest: Any
    target: str


_parsed: dict[str, _Parsed] = {}


def _parse(parsed_from: str, target: str) -> _Parsed:
    """The project as dbt reads it; once per process and state of the code."""
    from dbt.cli.main import dbtRunner

    if parsed_from not in _parsed:
        ran = dbtRunner().invoke(["parse", *_flags(target)])
        if not ran.success:
            raise RuntimeError(f"the dbt project does not parse: {ran.exception or ran.result}")
        _parsed[parsed_from] = _Parsed(ran.result, target)
    return _parsed[parsed_from]


def _environment(paths: DataPaths) -> None:
    """What profiles.yml reads: dbt has no other way to learn the files of a build."""
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    os.environ["WCN_CANDIDATE"] = str(paths.candidate)
    os.environ["WCN_SCRATCH"] = str(paths.scratch)


def _target(paths: DataPaths) -> Path:
    return paths.root / "dbt" / "target"


def _flags(target: str) -> list[str]:
    project = str(DBT_PROJECT)
    flags = ["--project-dir", project, "--profiles-dir", project, "--target-path", target]
    # No log file either: dbt writes every statement into it, a second or so per build.
    return [*flags, "--log-level", "none", "--log-level-file", "none"]
