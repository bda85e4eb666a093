"""A build, step by step, in the order of the way of a datum. No Dagster: assets call these too.

    obtain → begin → stage → resolve → observe → judge series (⟲) → model
           → complete → judge candidate → publish

Belongs here: the order. Does not belong here: the steps themselves.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

from core.errors import ReleaseRefused, Unavailable
from core.events import Events
from sources import fetch
from sources.declarations import Source
from sources.fetch import FetchContext
from sources.parallel import Obtained, obtain_all
from sources.snapshot import SourceSnapshot, nothing
from warehouse import dbt, write_slot
from warehouse.build import begin_if_new, model
from warehouse.gates import demand_pass, judge_all_series, judge_the_candidate
from warehouse.project import Project
from warehouse.publish import complete, publish
from warehouse.resolution import resolve_cities


def refresh(
    project: Project, context: FetchContext, source_ids: Collection[str] = ()
) -> str | None:
    """The whole way in one call: the version that was released, or None where nothing is new.

    `source_ids`: obtain only these; empty means all. Raises what the steps raise.
    """
    dbt.start(project)
    name = f"wcn run (process {os.getpid()})"

    def waiting(holder: str) -> None:
        project.events.progress("wcn", f"waiting for {holder}")

    with write_slot.held(project.paths, name, waiting):
        for _ in obtain(project, context, source_ids or project.catalog.ids):
            pass
        if begin_if_new(project) is None:
            return None
        model(project, "dbt_stage")
        resolve_cities(project)
        model(project, "dbt_observe")
        if judge_all_series(project).nothing_new:
            return None
        model(project, "dbt_model")
        complete(project)
        demand_pass(project, judge_the_candidate(project))
        return str(publish(project)["version"])


def obtain(
    project: Project, context: FetchContext, source_ids: Collection[str]
) -> Iterator[tuple[Source | None, SourceSnapshot]]:
    """What every named source gave, side by side, as they come; no Source where its file is broken.

    Raises after the last one where a source that no build can do without gave nothing; and at once
    what is no disappointment of a source.
    """
    for source_id, fault in project.catalog.missing.items():
        if source_id in source_ids:
            snapshot = nothing(source_id, [str(fault)])
            _report(project.events, source_id, snapshot)
            yield None, snapshot
    chosen = [s for s in project.catalog.sources.values() if s.source_id in source_ids]
    from_network = not context.offline and context.archive is None
    unavailable: list[Unavailable] = []

    def waiting_for(seconds: dict[str, float]) -> None:
        text = ", ".join(f"{s} ({n:.0f} s)" for s, n in sorted(seconds.items()))
        project.events.progress("wcn", f"waiting for {text}")

    for source, obtained in obtain_all(
        chosen,
        lambda s: fetch.obtain(context, s),
        from_network=from_network,
        waiting_for=waiting_for,
    ):
        _report(project.events, source.source_id, obtained)
        if isinstance(obtained, Unavailable):
            unavailable.append(obtained)
        elif isinstance(obtained, BaseException):
            raise obtained
        else:
            yield source, obtained
    if unavailable:
        raise ReleaseRefused(" | ".join(map(str, unavailable)))


def _report(events: Events, source_id: str, obtained: Obtained) -> None:
    if isinstance(obtained, BaseException):
        events.alert("unavailable", source_id, str(obtained))
        return
    if obtained.state in ("stale", "unavailable"):
        events.alert(obtained.state, source_id, " | ".join(obtained.failures))
    if obtained.access_method is None:
        events.progress(source_id, f"unavailable: {obtained.failures[-1]}")
        return
    cells = sum(c.facts["cells"] for c in obtained.contents)
    is_new = any(c.is_new for c in obtained.contents)
    text = f"{obtained.state}: {cells:,} cells" + ("" if is_new else ", unchanged")
    if obtained.additional_columns:
        text += f"; columns that nobody declared: {', '.join(obtained.additional_columns)}"
    if obtained.failures:
        text += f"; passed over: {obtained.failures[-1]}"
    events.progress(source_id, text)
