"""The register of cities as a release has it: places, and what already leads to them.

Belongs here: reading places, the sources and codes that lead to them, from a release and from the
last build. Does not belong here: labels that wait for a person (`queue`).
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Place:
    """A city that a label may mean. `km` from the label; `named_by` other sources, with a label."""

    city_id: int
    name: str
    country_iso2: str | None
    admin1: str | None
    population: int | None
    km: float | None = None
    probability: float | None = None
    named_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Register:
    """The current release, opened, and where the tables of the last build lie, if anywhere."""

    release: duckdb.DuckDBPyConnection
    last_build: Path

    def place(self, city_id: int) -> Place:
        """A city of the release, or one of the smaller places that the last build knew.

        Raises LookupError where neither has it; while a build runs, only the release can be read.
        """
        if found := self.places([city_id]).get(city_id):
            return found
        if self.last_build.exists():
            raise LookupError(
                f"neither dim_city nor the places of the last build have an id {city_id}"
            )
        raise LookupError(
            f"dim_city has no id {city_id}, and the last build, which knows the smaller places, is"
            " gone"
        )

    def places(self, ids: Collection[int]) -> dict[int, Place]:
        """Those of these ids that the register has."""
        query = "select city_id, name, country_iso2, admin1, gazetteer_population"
        where = "where list_contains($ids, city_id)"
        rows = self.release.execute(f"{query} from dim_city {where}", {"ids": list(ids)}).fetchall()
        missing = set(ids) - {row[0] for row in rows}
        # The last build may be gone, half made, or being written just now: then it knows nothing.
        if missing and self.last_build.exists():
            with (
                suppress(duckdb.Error),
                duckdb.connect(str(self.last_build), read_only=True) as build,
            ):
                rows += build.execute(
                    f"{query} from intermediate.int_place {where}", {"ids": list(missing)}
                ).fetchall()
        return {row[0]: Place(*row) for row in rows}

    def names(self, ids: Collection[int]) -> dict[int, list[tuple[str, str]]]:
        """City → the sources that name it, each with one of its labels."""
        found = dict[int, list[tuple[str, str]]]()
        for city_id, source_id, name in self.release.execute(
            """select city_id, source_id, min(coalesce(ref_area_label, ref_area_code))
            from dim_label where outcome = 'resolved' and list_contains($ids, city_id)
            group by all order by all""",
            {"ids": list(ids)},
        ).fetchall():
            found.setdefault(city_id, []).append((source_id, name))
        return found

    def code_meanings(
        self, codes: Collection[tuple[str | None, str]]
    ) -> dict[tuple[str | None, str], tuple[str, ...]]:
        """Scheme and code → the cities that it leads to, for a person to read."""
        rows = self.release.execute(
            """select scheme, code, list(name || ' (' || city_id || ')' order by city_id)
            from dim_city_code inner join dim_city using (city_id)
            where list_contains($codes, code) and scheme != 'name' group by all""",
            {"codes": sorted({code for _, code in codes})},
        ).fetchall()
        return {(scheme, code): tuple(cities) for scheme, code, cities in rows}
