"""The beginning of a build: manifest, its two files, and dbt's selections.

Belongs here: what gate 1 does again when it falls back. Does not belong here: the order of steps.
"""

from __future__ import annotations

import shutil

from cities import review
from expectations import process as gate_process
from sources import fetch
from sources.parse import is_parsed
from sources.snapshot import stored_snapshot
from warehouse import candidate, dbt, manifest, refusals
from warehouse.manifest import Manifest
from warehouse.project import Project


def assemble(project: Project) -> Manifest:
    """The manifest of the last snapshot of every source; what is missing is obtained offline."""
    context = project.fetch_context(offline=True)
    current = project.releases.current()
    snapshots = []
    for source_id, source in project.catalog.sources.items():
        snapshot = stored_snapshot(project.paths, source_id)
        if snapshot is None or not all(
            is_parsed(project.paths, source, c) for c in snapshot.contents
        ):
            snapshot = fetch.obtain(context, source)
        snapshots.append(snapshot)
    return manifest.assemble(
        snapshots,
        refusals.accepted_breaks(project.paths),
        review.read(project.settings.decisions),
        project.code_version,
        current["version"] if current else None,
    )


def is_published(project: Project, made: Manifest) -> bool:
    """Whether the current release was built from just this."""
    current = project.releases.current()
    return current is not None and current["build"]["identity"] == made.identity


def begin(project: Project, made: Manifest) -> None:
    """Make the two files of a build, and forget what was judged before."""
    gate_process.start()
    paths = project.paths
    paths.evidence.unlink(missing_ok=True)
    shutil.rmtree(paths.quality, ignore_errors=True)
    paths.quality.mkdir()
    manifest.store(paths, made)
    candidate.prepare(paths, project.catalog, made)


def model(project: Project, select: tuple[str, ...]) -> list[dbt.Node]:
    """A selection of the dbt project. Raises RuntimeError naming the first model or test."""
    nodes = dbt.build(project, select)
    raise_failed(nodes)
    return nodes


def raise_failed(nodes: list[dbt.Node]) -> None:
    """Raise RuntimeError for the first model, else the first test, that failed."""
    # What was skipped because of a failure has no message of its own.
    failed = [n for n in nodes if not n.ok and n.message]
    if broken := [n for n in failed if n.kind != "test"]:
        raise RuntimeError(f"dbt: {broken[0].name} failed: {broken[0].message}")
    if broken := failed or [n for n in nodes if not n.ok]:
        raise RuntimeError(
            f"dbt test {broken[0].name} failed: {broken[0].message}. The current release stays."
        )
