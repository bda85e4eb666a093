"""One refresh in this process: what `wcn run` calls; the UI runs the same job.

Belongs here: choosing assets and resources for a run. Does not belong here: printing.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass

from dagster import DagsterInstance

from orchestration import instance
from orchestration.definitions import build_definitions
from releases import pointer
from warehouse.project import Project


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `version` is None where nothing new was released."""

    ok: bool
    version: str | None
    error: str | None


def run(
    project: Project,
    *,
    only: Collection[str] = (),
    offline: bool = False,
    archive_index: str = "",
    archive_root: str = "",
) -> Outcome:
    """Run the refresh job; sources not in `only` keep what they gave last."""
    instance.prepare(project.paths)
    # It says of every skipped step that its checks gave no result.
    logging.getLogger("dagster._core.execution.plan.active").setLevel(logging.ERROR)
    before = pointer.current(project.paths.releases)
    job = build_definitions(project).resolve_job_def("refresh")
    chosen = None
    if only:
        known = job.asset_layer.executable_asset_keys
        chosen = [k for k in known if k.path[0] != "raw" or k.path[-1] in only]
    options = {"offline": offline, "archive_index": archive_index, "archive_root": archive_root}
    with DagsterInstance.get() as dagster:
        result = job.execute_in_process(
            instance=dagster,
            asset_selection=chosen,
            raise_on_error=False,
            run_config={
                "resources": {"fetch_options": {"config": options}},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
        )
    after = pointer.current(project.paths.releases)
    failed = [e for e in result.all_events if e.is_step_failure]
    if failed:
        project.events.alert("failed", failed[0].step_key or "run", _cause(failed[0]))
    return Outcome(
        ok=result.success,
        version=after if after != before else None,
        error=_cause(failed[0]) if failed else None,
    )


def _cause(event: object) -> str:
    error = event.event_specific_data.error  # type: ignore[attr-defined]
    while error.cause is not None:
        error = error.cause
    return f"{event.step_key}: {error.message.strip()}"  # type: ignore[attr-defined]
