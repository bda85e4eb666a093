"""What `wcn run` did stands in the Dagster UI as well, once."""

from __future__ import annotations

from dagster import DagsterInstance

from orchestration.elsewhere import unseen
from tests.fixtures import world as w
from tests.fixtures.warehouse import Warehouse


def test_sources_and_the_release_of_a_run_by_command_are_reported_once(built: Warehouse) -> None:
    project = built.project
    with DagsterInstance.ephemeral() as instance:
        reported = list(unseen(project, instance))
        assert {e.asset_key.path[-1] for e in reported} == {*project.catalog.sources, "release"}
        yearbook = next(e for e in reported if e.asset_key.path[-1] == w.YEARBOOK)
        assert yearbook.metadata["access_method"].value == "archive"
        for event in reported:
            instance.report_runless_asset_event(event)
        assert list(unseen(project, instance)) == []
