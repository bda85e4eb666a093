"""What has been obtained and no release has: the reason for a build that nobody asked for.

Belongs here: comparing what is obtained with what is released. Does not belong here: building.
"""

from __future__ import annotations

from sources.snapshot import stored_snapshot
from warehouse import manifest
from warehouse.project import Project, accepted_contents


def unreleased(project: Project) -> dict[str, list[str]]:
    """Source id → content ids that its last snapshot has and the current release has not.

    Nothing where there is no release yet, or where a build of just these contents was begun: it has
    failed, was refused or is under way, and would end no better a second time.
    """
    current = project.releases.current()
    if current is None:
        return {}
    released = {s: _ids(contents) for s, contents in accepted_contents(current).items()}
    begun = manifest.load(project.paths).content_ids() if project.paths.manifest.exists() else {}
    found = {}
    for source_id in project.catalog.sources:
        snapshot = stored_snapshot(project.paths, source_id)
        obtained = {c.content_id for c in snapshot.contents} if snapshot else set()
        if obtained and obtained not in (released.get(source_id), set(begun.get(source_id, ()))):
            found[source_id] = sorted(obtained - released.get(source_id, set()))
    return found


def _ids(contents: list[dict[str, str]]) -> set[str]:
    return {c["content_id"] for c in contents}
