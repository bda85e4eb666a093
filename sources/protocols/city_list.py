"""Which cities a pull asks about: the largest of the gazetteer, with a title where one is needed.

Belongs here: reading what other sources last offered. Does not belong here: obtaining those; they
are obtained first (`AccessMethods.needs`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from catalog.load import code_list
from core.errors import ContentError
from core.sql import in_memory
from sources.access import CityList
from sources.declarations import Source
from sources.protocols.live import LiveContext
from sources.snapshot import stored_snapshot


@dataclass(frozen=True)
class City:
    """A city to ask about; all text, as the gazetteer has it."""

    city_id: str
    name: str
    country: str
    latitude: str
    longitude: str
    title: str | None = None

    def about(self) -> dict[str, str]:
        """What an answer about it cannot say itself."""
        said = {"city_id": self.city_id, "name": self.name, "country": self.country}
        return {**said, "latitude": self.latitude, "longitude": self.longitude}


def cities(live: LiveContext, source: Source, asked: CityList) -> list[City]:
    """The largest first; equal ones by id, so that batches are the same every time."""
    if live.sample:
        known = replace(live, paths=live.sample, sample=None)
        try:
            return cities(known, source, asked.model_copy(update={"top": 1}))
        except ContentError:
            return [_example()]
    with in_memory() as connection:
        places = _files(live, source, asked.gazetteer, "places.parquet")
        titles = _files(live, source, asked.titles, "cells.parquet") if asked.titles else []
        connection.execute("create temp table title (city_id varchar, title varchar)")
        if titles:
            connection.execute(
                "insert into title select ref_area_code, min(ref_area)"
                " from read_parquet($titles) where ref_area is not null group by 1",
                {"titles": titles},
            )
        rows = connection.execute(
            """select distinct on (city_id) city_id, name, country, latitude, longitude, title
            from read_parquet($places) left join title using (city_id)
            where coalesce(feature_code, '') not in ('PPLX', 'PPLH', 'PPLQ', 'PPLW', 'PPLCH')
                and city_id is not null and latitude is not null and longitude is not null
                and (title is not null or not $titled)
            order by try_cast(population as bigint) desc nulls last, try_cast(city_id as bigint)
            limit $top""",
            {"places": places, "titled": bool(asked.titles), "top": asked.top},
        ).fetchall()
    return [City(*row) for row in rows]


def _example() -> City:
    """Some city, where no gazetteer has been obtained yet; of a point, any will do."""
    listed = code_list("english_name").slice(0, 1).to_pylist()[0]
    city_id, name = str(listed["city_id"]), listed["name"]
    return City(city_id, name, listed["country_iso2"], "0.0", "0.0", name)


def _files(live: LiveContext, source: Source, needed: str, name: str) -> list[str]:
    snapshot = stored_snapshot(live.paths, needed)
    files: list[Path] = [c.folder(live.paths) / name for c in snapshot.contents] if snapshot else []
    held = [str(f) for f in files if f.exists()]
    if not held:
        raise ContentError(
            source.source_id,
            expected=f"the cities that {needed} names",
            found="nothing that it has offered yet",
            todo=f"obtain {needed} first: wcn run --only {needed}",
        )
    return held
