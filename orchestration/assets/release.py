"""The release: publish exactly the candidate that the gates passed, or nothing.

Belongs here: what Dagster sees of a release. Does not belong here: making it (`pipeline`).
"""

from collections.abc import Mapping
from typing import Any

from dagster import (
    AssetKey,
    AssetsDefinition,
    DataVersion,
    MaterializeResult,
    MetadataValue,
    asset,
)

from orchestration.assets.build import CANDIDATE_GATE
from orchestration.assets.raw import OWNERS
from orchestration.links import of_release
from orchestration.resources import WriteSlot
from orchestration.tables import table
from warehouse.project import Project
from warehouse.publish import publish

RELEASE = AssetKey("release")


def release(project: Project) -> AssetsDefinition:
    @asset(
        key=RELEASE,
        group_name="release",
        deps=[CANDIDATE_GATE],
        owners=OWNERS,
        kinds={"duckdb", "parquet"},
        description="An immutable folder, made current by one move of a pointer.",
    )
    def release(write_slot: WriteSlot) -> MaterializeResult:
        document = publish(project)
        return MaterializeResult(
            metadata=release_metadata(project, document), data_version=release_version(document)
        )

    return release


def release_version(document: Mapping[str, Any]) -> DataVersion:
    """Of a release's manifest: what it was built from, so that equal builds are equal."""
    return DataVersion(document["build"]["identity"])


def release_metadata(
    project: Project, document: Mapping[str, Any]
) -> dict[str, MetadataValue | str | int | float]:
    """What a person sees of a release, from its manifest."""
    version = document["version"]
    return {
        "version": version,
        "path": MetadataValue.path(str(project.paths.releases / version)),
        "observations": document["tables"]["fct_observation"]["rows"],
        "cities": document["tables"]["dim_city"]["rows"],
        "megabytes": round(project.releases.size(version) / 1e6, 1),
        "changes": table(_changes(document["changes"])),
        "data_docs": MetadataValue.url(of_release(version, "quality/candidate/index.html")),
        "data_docs_of_series": MetadataValue.url(of_release(version, "quality/series/index.html")),
        "datapackage": MetadataValue.url(of_release(version, "datapackage.json")),
        "attribution": MetadataValue.url(of_release(version, "ATTRIBUTION.md")),
        "manifest": MetadataValue.url(of_release(version, "manifest.json")),
    }


def _changes(changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A line per kind of change: how many, and some of them by name."""
    lines = []
    for kind, found in changes.items():
        names = [_name(f) for f in found] if isinstance(found, list) else []
        count = len(names) if isinstance(found, list) else found
        some = ", ".join(names[:8])
        lines.append({"change": kind.replace("_", " "), "count": count, "some": some})
    return lines


def _name(changed: Any) -> str:
    if isinstance(changed, str):
        return changed
    return " ".join(str(v) for v in changed.values() if v)
