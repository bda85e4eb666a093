"""The release: publish exactly the candidate that the gates passed, or nothing.

Belongs here: demanding evidence and moving the pointer. Does not belong here: writing (`releases`).
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dagster import AssetKey, MaterializeResult, MetadataValue, asset

from cities import review
from cities.review import Decision
from expectations.candidate import Evidence
from orchestration import manifest
from orchestration.assets.build import CANDIDATE_GATE
from orchestration.progress import say
from orchestration.resources import WriteSlot
from orchestration.settings import home
from releases import builder, history, pointer
from releases.shelf import Shelf
from sources import catalog as catalogue
from sources.errors import ReleaseRefused
from sources.home import Home
from sources.landing import sha256_of

RELEASE = AssetKey("release")


@asset(
    key=RELEASE,
    group_name="release",
    deps=[CANDIDATE_GATE],
    description="An immutable folder, made current by one move of a pointer.",
)
def release(write_slot: WriteSlot) -> MaterializeResult:
    here = home()
    _demand_evidence(here)
    made = manifest.load(here)
    shelf = Shelf(here.releases)
    current = shelf.current()
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    say("release", f"writing {made.version}")
    builder.build(
        here.releases,
        here.candidate,
        builder.Parts(
            version=made.version,
            released_at=at,
            manifest=made.as_dict(),
            evidence=here.build / "evidence.json",
            docs=here.build / "quality",
            attribution=_attribution(made),
            previous_tables=current["tables"] if current else {},
            history=history.latest(here.releases),
            decisions=_decision_changes(made, current),
        ),
    )
    pointer.move(here.releases, made.version, "publish", at=at)
    history.latest(here.releases)
    document = shelf.manifest(made.version)
    changes = document["changes"]
    say("release", f"{made.version} is current")
    return MaterializeResult(
        metadata={
            "version": made.version,
            "path": str(here.releases / made.version),
            "observations": document["tables"]["fct_observation"]["rows"],
            "cities": document["tables"]["dim_city"]["rows"],
            "megabytes": round(shelf.size(made.version) / 1e6, 1),
            "changes": MetadataValue.json(json.loads(json.dumps(changes))),
        }
    )


def _demand_evidence(here: Home) -> None:
    """Raise ReleaseRefused unless gate 2 passed exactly these bytes."""
    path = here.build / "evidence.json"
    advice = "Materialise `candidate_gate` for this candidate, or run `wcn run`."
    if not path.exists() or not here.candidate.exists():
        raise ReleaseRefused(f"there is no evidence of a passed gate 2. {advice}")
    evidence = Evidence.read(path)
    if not evidence.passed:
        raise ReleaseRefused(f"gate 2 refused this candidate. {advice}")
    for what, file, judged in (
        ("candidate", here.candidate, evidence.candidate_sha256),
        ("manifest", here.manifest, evidence.manifest_sha256),
    ):
        if sha256_of(file) != judged:
            raise ReleaseRefused(f"the {what} is not the one that gate 2 judged. {advice}")


def _decision_changes(
    made: manifest.Manifest, current: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    # A release of an earlier version knows no decisions.
    before = current["build"].get("decisions", []) if current else []
    return review.compared([Decision(**d) for d in before], made.decisions, made.revocations)


def _attribution(made: manifest.Manifest) -> str:
    known = catalogue.load()
    lines = ["# Attribution", "", "The figures of this release come from these sources.", ""]
    for offer in made.offers:
        if not offer.contents:
            continue
        source = known.source(offer.source_id)
        licence = known.licences[source.licence]
        may = "" if licence.may_redistribute else " **Not to be redistributed.**"
        lines.append(
            f"* **{source.title}** (`{source.source_id}`), {source.publisher}, {source.edition}."
            f" {source.attribution}. Licence: {licence.name}.{may}"
        )
    return "\n".join(lines) + "\n"
