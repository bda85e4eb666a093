"""Everything that Dagster loads. Assembly only."""

from dagster import Definitions, in_process_executor

from orchestration.assets import build
from orchestration.assets.pull import pull_assets
from orchestration.assets.raw import raw_assets
from orchestration.assets.release import release
from orchestration.assets.warehouse import warehouse_assets
from orchestration.automation import refresh, schedules, sensors
from orchestration.resources import SourceSupply, WriteSlot
from orchestration.settings import prepare_environment
from sources.catalog import load

prepare_environment()
catalog = load()

definitions = Definitions(
    assets=[
        *raw_assets(catalog),
        *pull_assets(catalog),
        build.build_manifest,
        build.city_resolution,
        build.series_gate,
        build.candidate_gate,
        *warehouse_assets(),
        release,
    ],
    jobs=[refresh],
    schedules=schedules,
    sensors=sensors,
    resources={"supply": SourceSupply(), "write_slot": WriteSlot()},
    # One process per run: DuckDB has one writer, and a step of its own process costs seconds.
    executor=in_process_executor,
)
