"""Which tests of dbt have passed on the build under way: a release demands all of them.

A build may be made in parts, and a test that was not run, or ran before its table was made again,
has said nothing about what would be published.

Belongs here: remembering that, and demanding it. Does not belong here: running tests (`dbt`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from core.errors import ReleaseRefused
from core.files import write_atomically
from warehouse import dbt, manifest
from warehouse.dbt import Node
from warehouse.project import Project


def remember(project: Project, nodes: Iterable[Node]) -> None:
    """Note what a part of the build has run. A table that is made again makes its tests void."""
    nodes = list(nodes)
    tests = _tests(project)
    made = {n.unique_id for n in nodes if n.kind == "model"}
    passed = {t for t in _passed(project) if not tests.get(t, set()) & made}
    passed -= {n.unique_id for n in nodes}
    passed |= {n.unique_id for n in nodes if n.kind == "test" and n.ok}
    document = {"identity": manifest.load(project.paths).identity, "passed": sorted(passed)}
    write_atomically(project.paths.tested, json.dumps(document))


def demand(project: Project) -> None:
    """Raises ReleaseRefused where a test has not passed on what the build holds."""
    if missing := sorted(_tests(project).keys() - _passed(project)):
        names = ", ".join(t.split(".")[2] for t in missing[:5])
        raise ReleaseRefused(
            f"{len(missing)} tests of dbt have not passed on this build: {names}"
            f"{', …' if len(missing) > 5 else ''}. Materialize the models with their checks again,"
            " or run the job `refresh`. The current release stays"
        )


def _tests(project: Project) -> dict[str, set[str]]:
    """Every test, and the models that it reads."""
    nodes = dbt.document(project)["nodes"]
    return {
        i: set(n["depends_on"]["nodes"]) for i, n in nodes.items() if n["resource_type"] == "test"
    }


def _passed(project: Project) -> set[str]:
    path = project.paths.tested
    if not path.exists():
        return set()
    document = json.loads(path.read_text(encoding="utf-8"))
    mine = document["identity"] == manifest.load(project.paths).identity
    return set(document["passed"]) if mine else set()
