"""Where the ids of cities come from.

Belongs here: telling GeoNames' ids from the project's own. Does not belong here: giving one out
(`curated/added_places.csv` is where a place gets its id).
"""

from __future__ import annotations

OWN_IDS_FROM = 9_000_000_000
"""Every id above it is the project's own; GeoNames' ids have eight digits."""


def is_own(city_id: int) -> bool:
    """Whether the project itself gave this id, to a place that GeoNames lacks."""
    return city_id > OWN_IDS_FROM
