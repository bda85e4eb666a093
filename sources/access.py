"""The access methods of a source: live by a protocol, archived, or shipped with the software.

Belongs here: the words of `access` in a declaration; one model per live protocol, a closed set.
Does not belong here: obeying them (`protocols`, `fetch`), or how the bytes are read (`Table`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, Tag, model_validator

from sources.frozen import Frozen
from sources.keys import Key

AccessMethod = Literal["live", "archive", "bundled", "repository"]


class Resource(Frozen):
    """One file of a source, by its access method: a `url`, or a `path` in a package or here."""

    url: str | None = None
    """Live: its address, http or https."""
    path: str | None = None
    """In the package or the repository."""
    table: str | None = None
    """Its table, where it is not that of the access method."""
    may_be_empty: bool = False
    """The service may know nothing of this selection; without it, no data is a refusal."""


class CityList(Frozen):
    """The cities that are asked for: the largest of a gazetteer, or those with a known title."""

    gazetteer: str = "geonames__cities"
    """The source that the cities are of."""
    top: Annotated[int, Field(ge=1)]
    """The so many largest by population."""
    titles: str | None = None
    """A code list source: GeoNames id → Wikipedia title; cities without one are not asked for."""


class _Live(Frozen):
    hosts: Annotated[tuple[str, ...], Field(min_length=1)]
    """Only these are asked, by redirects as well; `example.org:8443` where the port is unusual."""
    table: str
    """The entry of `tables` that its answers are read by, unless a resource says another."""
    headers: dict[str, str] = {}
    """Sent with each request; no secrets."""
    key: Key | None = None
    """The service's key, by the name of its environment variable."""
    read_timeout: Annotated[float, Field(gt=0)] | None = None
    """Seconds in which an answer must begin, where the usual ones are too few for the service."""
    max_megabytes: int = 200
    """Of one answer. What follows is of all answers of one pull together."""
    max_requests: Annotated[int, Field(ge=1)] = 2000
    """Of one pull."""
    max_total_megabytes: Annotated[int, Field(ge=1)] = 2000
    """Of one pull."""
    max_minutes: Annotated[int, Field(ge=1)] = 180
    """Of one pull; what is left comes with the next one."""


_Resources = Annotated[
    dict[str, Resource], Field(min_length=1, description="Its files, by a name of ours.")
]


class FileAccess(_Live):
    """Plain files at addresses."""

    protocol: Literal["file"] = "file"
    resources: _Resources


class DatedFileAccess(_Live):
    """A file with its month in the address (`{month}`: 2026-09) and no alias for the newest."""

    protocol: Literal["dated_file"]
    resources: _Resources
    months_back: Annotated[int, Field(ge=1, le=24)] = 6
    """How many months before this one are tried, the newest first."""


class WorldBankAccess(_Live):
    """World Bank Indicators API: `url` without `format`, `page` and `per_page`."""

    protocol: Literal["worldbank"]
    resources: _Resources
    per_page: int = 1000
    """Rows of one answer."""


class EurostatAccess(_Live):
    """Eurostat dissemination API: JSON-stat or SDMX-CSV, as the `url` says.

    What is too much for one answer in SDMX-CSV is asked for again by spans of years.
    """

    protocol: Literal["eurostat"]
    resources: _Resources


class SdmxAccess(_Live):
    """An SDMX REST service that answers in CSV, as that of the OECD."""

    protocol: Literal["sdmx"]
    resources: _Resources


class OpendatasoftAccess(_Live):
    """Explore API: `/records`, in pages up to its limit of 10,000, or `/exports/json`."""

    protocol: Literal["opendatasoft"]
    resources: _Resources
    per_page: Annotated[int, Field(ge=1, le=100)] = 100
    """Records of one answer."""


class Query(Frozen):
    """One SPARQL query. `{values}` in it takes one batch after the other."""

    query: str
    """SPARQL; its variables are the columns."""
    values: tuple[str, ...] = ()
    """Declared terms, as `wd:Q406`."""
    cities: CityList | None = None
    """Or the GeoNames ids of cities, as string literals."""
    batch_size: Annotated[int, Field(ge=1)] = 150
    """Terms of one question."""
    table: str | None = None
    """Its table, where it is not that of the access method."""
    url: None = None

    @model_validator(mode="after")
    def _values_have_a_place(self) -> Query:
        if ("{values}" in self.query) != (bool(self.values) != bool(self.cities)):
            raise ValueError("`{values}` stands for `values` or for `cities`, one of them")
        return self


class SparqlAccess(_Live):
    """A SPARQL endpoint; without paging, so large questions come in batches of VALUES."""

    protocol: Literal["sparql"]
    endpoint: str
    """The address that is asked."""
    method: Literal["GET", "POST"] = "POST"
    resources: Annotated[dict[str, Query], Field(min_length=1)]
    """Queries, by a name of ours."""


class PerCityAccess(_Live):
    """One request per city, pulled in batches; what has been pulled is what the source has.

    `url` is a template: {city_id} {latitude} {longitude} {title}, and of the period {year}
    {next_year} (one pull per year) or {first_year} {last_year} (all years in one request).
    """

    protocol: Literal["per_city"]
    url: str
    """A template, see above."""
    cities: CityList
    """Which cities."""
    batch_size: Annotated[int, Field(ge=1)] = 100
    """Cities that are kept, and lost, together."""
    first_year: int
    """The first year that is asked for."""
    last_year: int | None = None
    """Without it, the last complete year."""
    resources: dict[str, Resource] = {}
    """None: they are the batches."""

    @model_validator(mode="after")
    def _titles_are_known(self) -> PerCityAccess:
        if "{title}" in self.url and not self.cities.titles:
            raise ValueError("{title} needs `cities.titles`, a source that knows them")
        return self

    def until(self) -> int:
        """The last year that is asked for."""
        return self.last_year or datetime.now(UTC).year - 1

    def batches(self) -> list[str]:
        """Names of all batches: `b001`, or `2024-b001` where every year is asked for by itself."""
        years = self.years()
        numbers = self.numbers()
        return [batch_name(n, y) for y in years for n in numbers] if years else numbers

    def numbers(self) -> list[str]:
        """Names of the batches of cities."""
        return [f"b{i:03d}" for i in range(1, -(-self.cities.top // self.batch_size) + 1)]

    def years(self) -> list[str]:
        """Years that are asked for one by one; none where they are not."""
        if "{year}" not in self.url:
            return []
        return [str(y) for y in range(self.first_year, self.until() + 1)]


def batch_name(batch: str, year: str | None = None) -> str:
    """How a batch of cities (of one year) is called where it is kept."""
    return f"{year}-{batch}" if year else batch


def _protocol(value: Any) -> str:
    return str(value.get("protocol", "file") if isinstance(value, dict) else value.protocol)


LiveAccess = Annotated[
    Annotated[FileAccess, Tag("file")]
    | Annotated[DatedFileAccess, Tag("dated_file")]
    | Annotated[WorldBankAccess, Tag("worldbank")]
    | Annotated[EurostatAccess, Tag("eurostat")]
    | Annotated[SdmxAccess, Tag("sdmx")]
    | Annotated[SparqlAccess, Tag("sparql")]
    | Annotated[OpendatasoftAccess, Tag("opendatasoft")]
    | Annotated[PerCityAccess, Tag("per_city")],
    Discriminator(_protocol),
]


class ArchiveAccess(Frozen):
    """The table that an archive's files are read with, where its index does not name one."""

    table: str
    """See above."""
    resources: dict[str, Resource] = {}
    """Tables of single resources, where they differ."""


class BundledAccess(Frozen):
    """A data file in an installed package."""

    package: str
    """Its name in `requirements.in`."""
    released: date | None = None
    """When the locked version was made: its bytes are not younger. None: nobody says."""
    resources: Annotated[dict[str, Resource], Field(min_length=1)]
    """Files of the package."""
    table: str
    """The table that they are read by."""


class RepositoryAccess(Frozen):
    """A data file of this repository, by its path from the top."""

    resources: Annotated[dict[str, Resource], Field(min_length=1)]
    """Files, by a name of ours."""
    table: str
    """The table that they are read by."""


class AccessMethods(Frozen):
    """At least one access method, in the order in which they are tried."""

    live: LiveAccess | None = None
    archive: ArchiveAccess | None = None
    bundled: BundledAccess | None = None
    repository: RepositoryAccess | None = None

    @model_validator(mode="after")
    def _at_least_one(self) -> AccessMethods:
        if not self.declared():
            raise ValueError("access needs live, archive, bundled or repository")
        if self.bundled and self.repository:
            raise ValueError("a file comes with a package or with this repository, not with both")
        return self

    def declared(self) -> list[AccessMethod]:
        """The names of those that are declared."""
        names = get_args(AccessMethod)
        return [name for name in names if getattr(self, name) is not None]

    def shipped(self) -> tuple[AccessMethod, BundledAccess | RepositoryAccess] | None:
        """What needs neither a network nor an archive."""
        if self.bundled:
            return "bundled", self.bundled
        return ("repository", self.repository) if self.repository else None

    def tables(self) -> Iterator[str]:
        """Every table that some access method reads its files with."""
        for access in (self.live, self.archive, self.bundled, self.repository):
            if access is not None:
                yield access.table
                yield from (r.table for r in access.resources.values() if r.table)

    def needs(self) -> frozenset[str]:
        """Sources that live access takes its questions from: they are obtained first."""
        live = self.live
        lists = [live.cities] if isinstance(live, PerCityAccess) else []
        if isinstance(live, SparqlAccess):
            lists += [q.cities for q in live.resources.values() if q.cities]
        return frozenset(s for a in lists for s in (a.gazetteer, a.titles) if s)
