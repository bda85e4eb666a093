"""What may be said about a source: frozen pydantic models of the YAML files.

Belongs here: the words of a declaration, their types, and rules that one file can break on its own.
Does not belong here: how to get the bytes (`access`), how they are read (`tables`), finding the
files (`catalog`), obeying them (`fetch`, `conform`, `accept`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sources.access import AccessMethods, Frozen
from sources.tables import SpatialUnit, Table

Cadence = Literal["daily", "weekly", "monthly", "quarterly", "yearly", "frozen"]
# How long one period of a cadence lasts; what is frozen has none.
PERIOD: dict[str, timedelta] = {
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=31),
    "quarterly": timedelta(days=92),
    "yearly": timedelta(days=366),
}
Role = Literal["observations", "gazetteer", "codelist"]


class Bounds(Frozen):
    """What a whole source may look like: rows of data, and distinct places named.

    Reading stops at `max_rows` and at `max_columns`, and gets memory and time by `max_rows`.
    """

    min_rows: int
    max_rows: int
    max_columns: int = 1000
    min_cities: int = 0
    max_duplicate_share: float = 0.02
    """Share of rows that repeat an earlier row in every column."""


class Resolve(Frozen):
    """How the labels of this source lead to cities."""

    by: Literal["name", "code", "reach"] = "name"
    """`name`: code, then name. `code`: a code list gives the name. `reach`: a point that serves the
    city it is named after, else the one within `reach_km` that draws most."""
    codelist: str | None = None
    reach_km: float = 60.0
    near_km: float = 40.0
    """Where the source gives coordinates: how far the city of that name may lie away."""
    without_country: Literal["reject", "dominant", "probable"] = "reject"
    """A name without a country: `dominant` takes the city that is five times as large as any other
    of that name, if it has 100,000 inhabitants; for sources that mean cities of the world.
    `probable` weighs every place of the name and links what is probable enough; `dominant` does so,
    too. Neither takes a city's other name where a city is called so."""
    countries: tuple[str, ...] = ()
    """Where those cities may lie (ISO alpha-2); empty: anywhere."""


class Source(Frozen):
    """One dataset of one publisher: everything that the house knows about it before fetching."""

    source_id: str
    publisher: str
    title: str
    homepage: str
    licence: str
    attribution: str
    authority: Literal["official", "secondary", "community"]
    cadence: Cadence
    edition: str
    reference_period: str
    theme: str
    role: Role = "observations"
    required: bool = False
    rank: int = 50
    """Order of preference where several sources give the same figure; lower is preferred."""
    spatial_unit: SpatialUnit | None = None
    freq: Literal["A", "Q", "M"] = "A"
    obs_status: str = "A"
    """Status of a figure of which no flag, column or period says another: `E` where the publisher
    models, interpolates, or compiles without saying from where."""
    resolve: Resolve = Resolve()
    bounds: Bounds | dict[str, Bounds]
    """For the whole source, or per resource where they differ."""
    tables: Annotated[dict[str, Table], Field(min_length=1)]
    access: AccessMethods

    @model_validator(mode="after")
    def _access_names_known_tables(self) -> Source:
        unknown = set(self.access.tables()) - set(self.tables)
        if unknown:
            raise ValueError(f"`access` names unknown tables: {sorted(unknown)}")
        return self

    def bounds_of(self, resource: str) -> Bounds:
        """The bounds that hold for one resource."""
        if isinstance(self.bounds, Bounds):
            return self.bounds
        return self.bounds[resource]
