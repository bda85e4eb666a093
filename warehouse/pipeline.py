"""A build, step by step, in the order of the way of a datum. No Dagster: assets call these too.

    obtain → assemble → begin → stage → resolve → observe → judge series (⟲) → model
           → complete → judge candidate → publish

Belongs here: the order. Does not belong here: the steps themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from core.events import Events
from sources import fetch
from sources.declarations import Source
from sources.fetch import FetchContext
from sources.parallel import Obtained, obtain_all
from warehouse import dbt
from warehouse.build import assemble, begin, is_published, model
from warehouse.gates import judge_all_series, judge_the_candidate
from warehouse.project import Project
from warehouse.publish import complete, publish
from warehouse.resolution import resolve_cities


def refresh(
    project: Project, context: FetchContext, source_ids: Collection[str] = ()
) -> str | None:
    """The whole way in one call: the version that was released, or None where nothing is new.

    `source_ids`: obtain only these; empty means all. Raises what the steps raise.
    """
    chosen = source_ids or set(project.catalog.sources)
    for _source, obtained in obtain(project, context, chosen):
        if isinstance(obtained, BaseException):
            raise obtained
    made = assemble(project)
    if is_published(project, made):
        return None
    begin(project, made)
    model(project, dbt.STAGE)
    resolve_cities(project)
    model(project, dbt.OBSERVE)
    if judge_all_series(project).nothing_new:
        return None
    model(project, dbt.MODEL)
    complete(project)
    judge_the_candidate(project)
    return str(publish(project)["version"])


def obtain(
    project: Project, context: FetchContext, source_ids: Collection[str]
) -> Iterator[tuple[Source, Obtained]]:
    """Every named source, side by side, as they come. An exception is given, not raised."""
    chosen = [s for s in project.catalog.sources.values() if s.source_id in source_ids]
    from_network = not context.offline and context.archive is None
    for source, obtained in obtain_all(
        chosen, lambda s: fetch.obtain(context, s), from_network=from_network
    ):
        _report(project.events, source, obtained)
        yield source, obtained


def _report(events: Events, source: Source, obtained: Obtained) -> None:
    if isinstance(obtained, BaseException):
        events.alert("unavailable", source.source_id, str(obtained))
        return
    if obtained.state in ("stale", "unavailable"):
        events.alert(obtained.state, source.source_id, " | ".join(obtained.failures))
    if obtained.access_method is None:
        events.progress(source.source_id, f"unavailable: {obtained.failures[-1]}")
        return
    cells = sum(c.facts["cells"] for c in obtained.contents)
    is_new = any(c.is_new for c in obtained.contents)
    text = f"{obtained.state}: {cells:,} cells" + ("" if is_new else ", unchanged")
    if obtained.failures:
        text += f"; passed over: {obtained.failures[-1]}"
    events.progress(source.source_id, text)
