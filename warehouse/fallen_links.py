"""Links that readers have and a build would take from them, of sources that did not change.

A new source, or a new edition of one, changes what labels of others are compared with. Few of their
links should fall for that; where many do, a person looks first.

Belongs here: counting them and refusing. Does not belong here: which links hold (`cities`).
"""

from __future__ import annotations

import duckdb

from core.errors import ReleaseRefused
from core.sql import literal
from warehouse.manifest import Manifest
from warehouse.project import Project, accepted_contents

# What a person decided falls or changes because somebody wants it to.
_FALLEN = """
select before.source_id, count(*)
from read_parquet({previous}) as before
left join dim_label as now using (label_id)
where before.outcome = 'resolved' and before.city_id is not null
    and list_contains($unchanged, before.source_id)
    and now.city_id is distinct from before.city_id
    and now.reviewed_by is null and before.reviewed_by is null
group by before.source_id order by 2 desc, 1
"""


def fallen(project: Project, made: Manifest) -> dict[str, int]:
    """Source → how many of its links lead nowhere now, or to another city; the most first."""
    if made.previous_release is None:
        return {}
    previous = project.paths.releases / made.previous_release / "parquet" / "dim_label.parquet"
    unchanged = _unchanged(project, made)
    if not unchanged or not previous.exists():
        return {}
    with duckdb.connect(str(project.paths.candidate), read_only=True) as connection:
        query = _FALLEN.format(previous=literal(previous))
        return dict(connection.execute(query, {"unchanged": unchanged}).fetchall())


def demand_few(project: Project, found: dict[str, int]) -> None:
    """Raises ReleaseRefused where more links fall than WCN_MAX_FALLEN_LINKS allows."""
    total, allowed = sum(found.values()), project.settings.max_fallen_links
    if total <= allowed:
        return
    listed = ", ".join(f"{source} {n:,}" for source, n in list(found.items())[:5])
    raise ReleaseRefused(
        f"{total:,} links of sources that did not change would fall or lead to another city"
        f" ({listed}), and {allowed:,} may. The current release stays. To look: select * from"
        f" dim_label where method like 'link_fell%' in {project.paths.candidate}, read-only."
        f" If it is as it should be, run again with WCN_MAX_FALLEN_LINKS={total}"
    )


def _unchanged(project: Project, made: Manifest) -> list[str]:
    before = {
        source: {(c["content_id"], c["parse_version"]) for c in contents}
        for source, contents in accepted_contents(project.releases.current()).items()
    }
    return [
        s.source_id
        for s in made.snapshots
        if {(c.content_id, c.parse_version) for c in s.contents} == before.get(s.source_id)
    ]
