"""The release: publish exactly the candidate that the gates passed, or nothing.

Belongs here: what Dagster sees of a release. Does not belong here: making it (`pipeline`).
"""

from dagster import AssetKey, AssetsDefinition, MaterializeResult, MetadataValue, asset

from orchestration.assets.build import CANDIDATE_GATE
from orchestration.resources import WriteSlot
from warehouse.project import Project
from warehouse.publish import publish

RELEASE = AssetKey("release")


def release(project: Project) -> AssetsDefinition:
    @asset(
        key=RELEASE,
        group_name="release",
        deps=[CANDIDATE_GATE],
        description="An immutable folder, made current by one move of a pointer.",
    )
    def release(write_slot: WriteSlot) -> MaterializeResult:
        document = publish(project)
        version = document["version"]
        return MaterializeResult(
            metadata={
                "version": version,
                "path": str(project.paths.releases / version),
                "observations": document["tables"]["fct_observation"]["rows"],
                "cities": document["tables"]["dim_city"]["rows"],
                "megabytes": round(project.releases.size(version) / 1e6, 1),
                "changes": MetadataValue.json(document["changes"]),
            }
        )

    return release
