"""The beginning of a build: manifest, its two files, and dbt's selections.

Belongs here: what gate 1 does again when it falls back. Does not belong here: the order of steps.
"""

from __future__ import annotations

import shutil

from cities import review
from core.errors import ReleaseRefused
from expectations import process as gate_process
from releases import pointer
from sources import fetch
from sources.parse import is_parsed
from sources.snapshot import stored_snapshot
from warehouse import candidate, dbt, manifest, refusals, tested
from warehouse.manifest import Manifest
from warehouse.project import Project, accepted_contents


def assemble(project: Project) -> Manifest:
    """The manifest of the last snapshot of every source; what is missing is obtained offline.

    Raises ReleaseRefused where readers would lose a source because its file is broken.
    """
    context = project.fetch_context(offline=True)
    current = project.releases.current()
    missing = project.catalog.missing
    if lost := [str(missing[s]) for s in accepted_contents(current) if s in missing]:
        raise ReleaseRefused(
            "the current release has data of a source whose declaration is broken, and no earlier"
            f" one that could stand in is kept: {' | '.join(lost)}"
        )
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
        project.catalog.declared,
    )


def is_published(project: Project, made: Manifest) -> bool:
    """Whether the current release was built from just this."""
    current = project.releases.current()
    return current is not None and current["build"]["identity"] == made.identity


def begin_if_new(project: Project) -> Manifest | None:
    """Begin a build of what was obtained last; None where the current release is made of just that.

    First finishes what a process that died while it moved a pointer had begun.
    """
    pointer.recover(project.paths.releases)
    made = assemble(project)
    if is_published(project, made):
        version = pointer.current(project.paths.releases)
        text = f"nothing changed since release {version}: no new release"
        project.events.progress("manifest", text)
        return None
    begin(project, made)
    return made


def begin(project: Project, made: Manifest) -> None:
    """Make the two files of a build, and forget what was judged before."""
    gate_process.start()
    paths = project.paths
    paths.evidence.unlink(missing_ok=True)
    paths.tested.unlink(missing_ok=True)
    shutil.rmtree(paths.quality, ignore_errors=True)
    paths.quality.mkdir()
    manifest.store(paths, made)
    candidate.prepare(paths, project.catalog, made)
    text = f"build {made.identity[:8]}: {len(made.snapshots)} sources"
    project.events.progress("manifest", text)


def model(project: Project, step: str) -> list[dbt.Node]:
    """One step of `dbt.SELECTIONS`. Raises RuntimeError naming the first model or test."""
    nodes = list(dbt.build(project, [dbt.SELECTIONS[step]]))
    finish(project, step, nodes)
    return nodes


def finish(project: Project, step: str, nodes: list[dbt.Node]) -> None:
    """Say what a step has built. Raises RuntimeError for the first model or test that failed."""
    tested.remember(project, nodes)
    # What was skipped because of a failure has no message of its own.
    failed = [n for n in nodes if not n.ok and n.message]
    if broken := [n for n in failed if n.kind != "test"]:
        raise RuntimeError(f"dbt: {broken[0].name} failed: {broken[0].message}")
    if broken := failed or [n for n in nodes if not n.ok]:
        raise RuntimeError(
            f"dbt test {broken[0].name} failed: {broken[0].message}. The current release stays."
        )
    models = sum(n.kind == "model" for n in nodes)
    tests = sum(n.kind == "test" for n in nodes)
    project.events.progress(step, f"{models} models, {tests} tests")
