"""The end of a build: the candidate is completed, and what gate 2 passed becomes the release.

Belongs here: demanding evidence. Does not belong here: writing a release (`releases`).
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from cities import review
from cities.review import Decision
from core.errors import ReleaseRefused
from core.files import sha256_of
from core.interrupts import uninterrupted
from expectations.candidate import Evidence
from releases import builder, history, leaks, pointer
from releases.pictures import kept as pictures
from warehouse import fallen_links, manifest, tested
from warehouse.project import Project


def complete(project: Project) -> None:
    """Put into the candidate what it owes to the releases before it: history, macros, version."""
    made = manifest.load(project.paths)
    past = history.latest(project.paths.releases)
    builder.complete(project.paths.candidate, made.version, made.identity[:16], past)
    # While gate 2 judges. What goes wrong now goes wrong again, and is told, when they are wanted.
    with suppress(Exception):
        pictures.begin(project.paths.candidate, project.paths.cache)


def publish(project: Project) -> dict[str, Any]:
    """Exactly the candidate that gate 2 passed becomes the current release; its manifest.

    Raises ReleaseRefused where there is no such evidence, where a secret stands in what would be
    published or in a log, or where too many links of sources that did not change would fall.
    """
    paths = project.paths
    project.events.progress("release", "writing")
    _demand_evidence(project)
    tested.demand(project)
    leaks.refuse([paths.candidate, paths.manifest, paths.evidence, paths.quality, *paths.logs])
    made = manifest.load(paths)
    fallen = fallen_links.fallen(project, made)
    fallen_links.demand_few(project, fallen)
    current = project.releases.current()
    # A release of an earlier version knows no decisions.
    before = [Decision(**d) for d in current["build"].get("decisions", [])] if current else []
    released_at = builder.build(
        paths.releases,
        paths.candidate,
        builder.Parts(
            version=made.version,
            manifest=made.as_dict(),
            evidence=paths.evidence,
            docs=paths.quality,
            fallen_links=sum(fallen.values()),
            previous_ledger=_previous_ledger(project, current),
            previous_tables=current["tables"] if current else {},
            decisions=review.compared(before, made.decisions, made.revocations),
            pictures=_pictures(project, made.version),
        ),
    )
    # From here on it is released: nobody shall read of an interrupted run whose figures are there.
    with uninterrupted():
        pointer.move(paths.releases, made.version, "publish", at=released_at)
        history.latest(paths.releases)
    project.events.progress("release", f"{made.version} is current")
    return project.releases.manifest(made.version)


def _pictures(project: Project, version: str) -> dict[str, str]:
    """None where they cannot be drawn: readers need the figures more."""
    try:
        return pictures.drawn(project.paths.candidate, project.paths.cache, version)
    except Exception as error:
        text = f"release {version} has no pictures: {type(error).__name__}: {error}"
        project.events.alert("failed", "pictures", text)
        return {}


def _previous_ledger(project: Project, current: dict[str, Any] | None) -> Path | None:
    if not current:
        return None
    return project.paths.releases / str(current["version"]) / "parquet" / "fct_row_ledger.parquet"


def _demand_evidence(project: Project) -> None:
    paths = project.paths
    advice = "Materialise `candidate_gate` for this candidate, or run `wcn run`."
    if not paths.evidence.exists() or not paths.candidate.exists():
        raise ReleaseRefused(f"there is no evidence of a passed gate 2. {advice}")
    evidence = Evidence.read(paths.evidence)
    if not evidence.passed:
        raise ReleaseRefused(f"gate 2 refused this candidate. {advice}")
    for name, file, judged in (
        ("candidate", paths.candidate, evidence.candidate_sha256),
        ("manifest", paths.manifest, evidence.manifest_sha256),
    ):
        if sha256_of(file) != judged:
            raise ReleaseRefused(f"the {name} is not the one that gate 2 judged. {advice}")
