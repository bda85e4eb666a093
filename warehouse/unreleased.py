"""What has been obtained and the current release has not: a reason to build that nobody gave.

Belongs here: comparing what is obtained with what is released. Does not belong here: building.
"""

from __future__ import annotations

from sources.snapshot import stored_snapshot
from warehouse.project import Project, accepted_contents


def unreleased(project: Project) -> dict[str, list[str]]:
    """Source id → content ids that of its last snapshot, where the current release lacks some.

    Nothing where there is no release yet. What a gate refused is none of it: the last good content
    has taken its place.
    """
    current = project.releases.current()
    if current is None:
        return {}
    released = {s: _ids(contents) for s, contents in accepted_contents(current).items()}
    found = {}
    for source_id in project.catalog.sources:
        snapshot = stored_snapshot(project.paths, source_id)
        obtained = {c.content_id for c in snapshot.contents} if snapshot else set()
        if obtained - released.get(source_id, set()):
            found[source_id] = sorted(obtained)
    return found


def _ids(contents: list[dict[str, str]]) -> set[str]:
    return {c["content_id"] for c in contents}
