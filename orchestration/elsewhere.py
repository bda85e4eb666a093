"""What was done without Dagster (`wcn run`, another machine) is shown in it: assets as they are.

A refresh by command writes the same data home, so the UI would go on saying that a source is older
than it is, or was never obtained. A sensor looks at the data home and reports what Dagster has no
event of.

Belongs here: comparing the data home with Dagster's last events. Does not belong here: refreshing.
"""

from collections.abc import Iterator

from dagster import (
    AssetMaterialization,
    DagsterInstance,
    DataVersion,
    DefaultSensorStatus,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    sensor,
)
from dagster._core.definitions.data_version import DATA_VERSION_TAG

from orchestration.assets.raw import is_known, raw_key, snapshot_metadata, snapshot_version
from orchestration.assets.release import RELEASE, release_metadata, release_version
from sources.snapshot import stored_snapshot
from warehouse.project import Project


def elsewhere_sensor(project: Project) -> SensorDefinition:
    """It is on from the beginning: what it says is what is there."""

    @sensor(
        name="done_elsewhere",
        minimum_interval_seconds=60,
        default_status=DefaultSensorStatus.RUNNING,
        description="Reports what `wcn run` or another machine obtained or released meanwhile.",
    )
    def done_elsewhere(context: SensorEvaluationContext) -> SensorResult:
        return SensorResult(asset_events=list(unseen(project, context.instance)))

    return done_elsewhere


def unseen(project: Project, instance: DagsterInstance) -> Iterator[AssetMaterialization]:
    """Sources and the current release, where Dagster's last event is of other content."""
    for source_id, source in project.catalog.sources.items():
        snapshot = stored_snapshot(project.paths, source_id)
        if snapshot is None or snapshot.stale or not snapshot.contents:
            continue
        key, version = raw_key(source_id), snapshot_version(snapshot)
        if not is_known(instance, key, version):
            metadata = snapshot_metadata(project, source, snapshot)
            yield AssetMaterialization(key, metadata=metadata, tags=_tags(version))
    document = project.releases.current()
    if document and not is_known(instance, RELEASE, release_version(document)):
        metadata = release_metadata(project, document)
        yield AssetMaterialization(
            RELEASE, metadata=metadata, tags=_tags(release_version(document))
        )


def _tags(version: DataVersion) -> dict[str, str]:
    return {DATA_VERSION_TAG: version.value}
