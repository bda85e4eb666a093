"""Everything that Dagster loads. Assembly only."""

from dagster import Definitions, MetadataValue, in_process_executor

from core.settings import DOCUMENTATION
from orchestration import instance
from orchestration.assets.build import build_manifest
from orchestration.assets.pull import pull_assets, pull_jobs
from orchestration.assets.raw import raw_assets
from orchestration.assets.release import release
from orchestration.assets.warehouse import warehouse_assets
from orchestration.automation import automation
from orchestration.resources import FetchOptions, WriteSlot
from warehouse.project import Project


def build_definitions(project: Project) -> Definitions:
    """Assets, jobs, schedules and sensors of one project."""
    jobs, schedules, sensors = automation(project)
    return Definitions(
        assets=[
            raw_assets(project),
            *pull_assets(project),
            build_manifest(project),
            *warehouse_assets(project),
            release(project),
        ],
        jobs=[*jobs, *pull_jobs(project)],
        schedules=schedules,
        sensors=sensors,
        resources={
            "fetch_options": FetchOptions(),
            "write_slot": WriteSlot(data_home=str(project.paths.root)),
        },
        metadata={"documentation": MetadataValue.url(DOCUMENTATION)},
        # One process per run: DuckDB has one writer, and a step of its own process costs seconds.
        executor=in_process_executor,
    )


def load() -> Definitions:
    """Of the project that the environment describes: what `workspace.yaml` names."""
    project = Project.open()
    instance.prepare(project.paths)
    return build_definitions(project)
