"""What may be said about a source: frozen pydantic models of the YAML files.

Belongs here: the words of a declaration, their types, and rules that one file can break on its own.
Does not belong here: how to get the bytes (`access`), how they are read (`tables`), finding the
files (`catalog`), obeying them (`fetch`, `conform`, `accept`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sources.access import AccessMethods
from sources.frozen import Frozen
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
# What a skeleton leaves for a person to say (`skeleton`), and the catalogue refuses (`catalog`).
TO_BE_NAMED = "TO_BE_NAMED"
Role = Literal["observations", "gazetteer", "codelist"]


class Bounds(Frozen):
    """What a whole source may look like: rows of data, and distinct places named.

    Reading stops at `max_rows` and at `max_columns`, and gets memory and time by `max_rows`.
    """

    min_rows: int
    """Fewer refuse the content: a file that is cut off."""
    max_rows: int
    """More refuse it: another dataset, or one that has grown beyond the usual."""
    max_columns: int = 1000
    """More refuse it."""
    min_cities: int = 0
    """Distinct places; fewer refuse it."""
    max_duplicate_share: float = 0.02
    """Share of rows that repeat an earlier row in every column."""


class Resolve(Frozen):
    """How the labels of this source lead to cities."""

    by: Literal["name", "code", "reach"] = "name"
    """`name`: code, then name. `code`: a code list gives the name. `reach`: a point that serves the
    city it is named after, else the one within `reach_km` that draws most."""
    codelist: str | None = None
    """`by: code`: the source with the names of the codes."""
    reach_km: float = 60.0
    """`by: reach`: how far a city may lie from its point."""
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
    """Who answers for the figures, as readers should name it."""
    title: str
    """The dataset's name."""
    homepage: str
    """Where a person reads about it."""
    licence: str
    """A key of `catalog/licences.yml`; `not-stated` means: not passed on."""
    attribution: str
    """What readers must show."""
    authority: Literal["official", "secondary", "community"]
    cadence: Cadence
    edition: str
    """The publisher's name of this edition; a later one sorts behind it."""
    reference_period: str
    """First and last year, as 2010-2025; what is older is a slip of the pen."""
    theme: str
    """The theme that most of it is about."""
    role: Role = "observations"
    required: bool = False
    """No build can do without it: the gazetteer."""
    rank: int = 50
    """Order of preference where several sources give the same figure; lower is preferred."""
    spatial_unit: SpatialUnit | None = None
    """What its figures are about, where no column and no label says so."""
    freq: Literal["A", "Q", "M"] = "A"
    obs_status: str = "A"
    """Status of a figure of which no flag, column or period says another: `E` where the publisher
    models, interpolates, or compiles without saying from where."""
    resolve: Resolve = Resolve()
    """How its labels lead to cities."""
    bounds: Bounds | dict[str, Bounds]
    """For the whole source, or per resource where they differ."""
    tables: Annotated[dict[str, Table], Field(min_length=1)]
    """Forms of its files, by a name of ours."""
    access: AccessMethods
    """Where the bytes come from."""

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
