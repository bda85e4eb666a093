"""Both gates as steps of a build: what they are asked with, and what follows from a refusal.

Belongs here: falling back to the last good content, refusing a candidate. Does not belong here:
judging (`expectations`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.errors import ReleaseRefused
from expectations.candidate import Evidence, judge_candidate
from expectations.process import judge
from expectations.series import SeriesGate, judge_series
from releases import pointer
from sources import fetch
from sources.snapshot import SourceSnapshot
from warehouse import candidate, manifest, refusals
from warehouse.build import assemble, begin, is_published, model
from warehouse.project import Project, accepted_contents
from warehouse.resolution import resolve_cities


@dataclass(frozen=True)
class SeriesJudgement:
    """How gate 1 ended: the last verdicts, and which sources' new content was refused, and why."""

    gate: SeriesGate
    refused: dict[str, str]
    nothing_new: bool
    """Only refused content was new: the current release stays as it is."""


def judge_all_series(project: Project) -> SeriesJudgement:
    """Gate 1. Refused content is replaced by the last good one, and modelled again up to here."""
    gate, refused = _judge_series(project), dict[str, str]()
    while gate.refusals:
        refused |= gate.refusals
        _fall_back(project, gate.refusals)
        gate = _judge_series(project)
    nothing_new = bool(refused) and is_published(project, manifest.load(project.paths))
    if nothing_new:
        version = pointer.current(project.paths.releases)
        project.events.progress("gate 1", f"only refused content is new: {version} stays current")
    else:
        candidate.hand_over(project.paths, series_verdict=gate.verdicts, gate_result=gate.results)
        _tell(project, gate)
    return SeriesJudgement(gate, refused, nothing_new)


def _tell(project: Project, gate: SeriesGate) -> None:
    verdicts = gate.verdicts.to_pylist()
    for v in verdicts:
        if v["verdict"] == "withheld":
            series = f"{v['source_id']} {v['indicator']} ({v['spatial_unit']})"
            project.events.progress("gate 1", f"withheld {series}: {v['reason']}")
    passed = sum(v["verdict"] == "pass" for v in verdicts)
    project.events.progress("gate 1", f"{passed} of {len(verdicts)} series pass")


def _judge_series(project: Project) -> SeriesGate:
    made = manifest.load(project.paths)
    before = accepted_contents(project.releases.current())
    known = {
        s: {(c["content_id"], c["parse_version"]) for c in contents}
        for s, contents in before.items()
    }
    renewed = [
        s.source_id
        for s in made.snapshots
        if s.source_id in known
        and {(c.content_id, c.parse_version) for c in s.contents} != known[s.source_id]
    ]
    docs = project.paths.quality / "series"
    contents = made.content_ids()
    return judge(judge_series, project.paths.scratch, docs, contents, renewed, made.accepted_breaks)


def _fall_back(project: Project, refused: dict[str, str]) -> None:
    """Refuse contents, take the last good ones in their place, and model again up to gate 1."""
    made = manifest.load(project.paths)
    known = accepted_contents(project.releases.current())
    for snapshot in made.snapshots:
        if snapshot.source_id in refused:
            reason = f"gate 1: {refused[snapshot.source_id]}"
            good = {c["content_id"] for c in known.get(snapshot.source_id, [])}
            _refuse(project, snapshot, reason, good)
            last_good = replace(project.fetch_context(offline=True), archive=None)
            fetch.obtain(last_good, project.catalog.source(snapshot.source_id), (reason,))
    begin(project, assemble(project))
    model(project, "dbt_stage")
    resolve_cities(project)
    model(project, "dbt_observe")


def _refuse(project: Project, snapshot: SourceSnapshot, reason: str, good: set[str]) -> None:
    new = [c for c in snapshot.contents if c.content_id not in good]
    if not new:
        refusals.refuse(project.paths, snapshot.contents, reason, same_bytes=True)
        raise ReleaseRefused(
            f"{snapshot.source_id} is read otherwise than in the current release, from the same"
            f" bytes, and its series drift: {reason}. Mend its declaration, or let the break"
            f" through with `wcn gate accept`. The current release stays."
        )
    project.events.progress(snapshot.source_id, f"refused at {reason}")
    project.events.alert("refused", snapshot.source_id, reason)
    refusals.refuse(project.paths, new, reason)


def judge_the_candidate(project: Project) -> Evidence:
    """Gate 2: what it found stands in the evidence, and a refusal is told."""
    paths, made = project.paths, manifest.load(project.paths)
    evidence = judge(
        judge_candidate,
        paths.candidate,
        paths.manifest,
        paths.quality / "candidate",
        previous=paths.releases / (made.previous_release or "-"),
        sources=[s.source_id for s in made.snapshots if s.contents],
        min_cities=project.settings.min_cities,
    )
    evidence.write(paths.evidence)
    if evidence.passed:
        project.events.progress("gate 2", f"passed: {len(evidence.outcomes)} expectations")
    else:
        project.events.alert("refused", "candidate", faults(evidence))
    return evidence


def demand_pass(project: Project, evidence: Evidence) -> None:
    """Raises ReleaseRefused where the candidate did not pass."""
    if not evidence.passed:
        paths = project.paths
        raise ReleaseRefused(
            f"gate 2 refuses the candidate: {faults(evidence)}. The current release stays. To look:"
            f" open {paths.candidate} read-only, or {paths.quality}/candidate/index.html"
        )


def faults(evidence: Evidence) -> str:
    """What gate 2 refuses a candidate for, in one line."""
    return "; ".join(
        f"{o.check} on {o.table}: {o.unexpected} rows ({o.note})"
        for o in evidence.outcomes
        if not o.success
    )
