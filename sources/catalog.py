"""The only registry of sources: finds, validates and cross-links every declaration.

One that is broken takes nobody else's away: what it said last, when it was sound, stands in.

Belongs here: reading YAML into models, checks across files, the Arrow table that dbt reads. Does
not belong here: concepts (`catalog`), or anything about one source's content.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from catalog.load import (
    Concepts,
    Declared,
    LastGood,
    codes,
    fault,
    read_all,
    read_concepts,
    said,
)
from core.errors import DeclarationError
from core.settings import PUBLISHERS
from sources.declarations import TO_BE_NAMED, Source
from sources.tables import Table


@dataclass(frozen=True)
class Catalog:
    """Every source that is in force by id, and the concepts that they speak of."""

    sources: dict[str, Source]
    concepts: Concepts
    broken: dict[str, DeclarationError] = field(default_factory=dict)
    """Sources whose file is broken; in `sources` stands what was good last, where there is any."""

    @property
    def ids(self) -> set[str]:
        """Every source that has a file, sound or broken."""
        return {*self.sources, *self.broken}

    @property
    def missing(self) -> dict[str, DeclarationError]:
        """The broken sources that nothing stands in for."""
        return {s: error for s, error in self.broken.items() if s not in self.sources}

    @property
    def faults(self) -> list[DeclarationError]:
        """What is wrong with every broken file."""
        return [*self.concepts.broken.values(), *self.broken.values()]

    @cached_property
    def declared(self) -> Declared:
        """What is in force, as a release keeps it for the day on which a file is broken."""
        return {**self.concepts.declared, "sources": said(self.sources)}

    def source(self, source_id: str) -> Source:
        """The declaration of one source; raises DeclarationError with the known ids."""
        if source_id in self.missing:
            raise self.missing[source_id]
        if source_id not in self.sources:
            raise DeclarationError(
                source_id,
                expected="a source of the catalogue",
                found="an unknown id",
                todo=f"choose one of {', '.join(sorted(self.sources))}",
            )
        return self.sources[source_id]

    @cached_property
    def source_table(self) -> pa.Table:
        """One row per source, for dbt: the declaration without its access methods and maps."""
        rows = []
        for source in self.sources.values():
            licence = self.concepts.licences[source.licence]
            rows.append(
                {
                    "source_id": source.source_id,
                    "publisher": source.publisher,
                    "title": source.title,
                    "homepage": source.homepage,
                    "theme": source.theme,
                    "role": source.role,
                    "licence": licence.name,
                    "may_redistribute": licence.may_redistribute,
                    "share_alike": licence.share_alike,
                    "attribution": source.attribution,
                    "cadence": source.cadence,
                    "authority": source.authority,
                    "edition": source.edition,
                    "reference_period": source.reference_period,
                    "source_rank": source.rank,
                    "spatial_unit": source.spatial_unit,
                }
            )
        return pa.Table.from_pylist(rows)

    @cached_property
    def resolve_table(self) -> pa.Table:
        """How each source's labels lead to cities, one row a source, as `cities.resolve` takes it.

        Columns: source_id, resolve_by, codelist, without_country, countries, reach_km, near_km.
        """
        rows = [
            {
                "source_id": s.source_id,
                "resolve_by": s.resolve.by,
                "codelist": s.resolve.codelist,
                "reach_km": s.resolve.reach_km,
                "near_km": s.resolve.near_km,
                "without_country": s.resolve.without_country,
                "countries": list(s.resolve.countries) or None,
            }
            for s in self.sources.values()
        ]
        text = ("source_id", "resolve_by", "codelist", "without_country")
        schema = pa.schema(
            [(n, pa.string()) for n in text]
            + [("countries", pa.list_(pa.string()))]
            + [("reach_km", pa.float64()), ("near_km", pa.float64())]
        )
        return pa.Table.from_pylist(rows, schema=schema)


def load(publishers: Path = PUBLISHERS) -> Catalog:
    """Every declaration, all of them sound; raises DeclarationError of the first that is not."""
    catalog = read(publishers)
    for error in catalog.faults:
        raise error
    return catalog


def read(publishers: Path, last_good: LastGood = dict) -> Catalog:
    """Read and cross-check every YAML; those that are broken stand in `broken`.

    Raises DeclarationError for files that every source needs: licences, code lists.
    """
    concepts, statuses = read_concepts(last_good), codes("observation_status")

    def check(source: Source, sources: Mapping[str, Source], stands_in: bool) -> None:
        if not stands_in:
            _sound_concepts(source, concepts)
        _cross_check(source, concepts, statuses)
        _known_sources(source, sources)

    files = {
        _source_id(path): (path, {"source_id": _source_id(path)})
        for path in sorted(publishers.glob("*/*.yml"))
        if not path.name.startswith(".")  # an editor's
    }
    sources, broken = read_all(Source, files, lambda: last_good().get("sources", {}), check)
    return Catalog(sources, concepts, broken)


def _source_id(path: Path) -> str:
    """`<publisher>__<dataset>`; a sign that no id can have, and breaks the file, as its number."""
    name = f"{path.parent.name}__{path.stem}"
    return re.sub(r"\W", lambda sign: f"_{ord(sign[0]):x}_", name, flags=re.ASCII)


def table_hash(table: Table) -> str:
    """Identity of a format and column map: two equal maps read the same bytes alike."""
    dumped = json.dumps(table.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(dumped.encode()).hexdigest()[:12]


def _to_be_named(part: object, at: str = "") -> Iterator[str]:
    """Where in a declaration a person has to say something still."""
    if part == TO_BE_NAMED:
        yield at
    elif isinstance(part, Mapping):
        for name, inner in part.items():
            yield from _to_be_named(inner, f"{at}.{name}".strip("."))
    elif isinstance(part, (list, tuple)):
        for inner in part:
            yield from _to_be_named(inner, at)


def _cross_check(source: Source, concepts: Concepts, statuses: frozenset[str]) -> None:
    said = source.model_dump(by_alias=True, exclude_defaults=True)
    if left := list(_to_be_named(said)):
        raise _fault(
            source, f"an answer for every {TO_BE_NAMED}", f"{len(left)}: {', '.join(left)}"
        )
    if not re.fullmatch(r"\w+", source.theme, re.ASCII):
        raise _fault(source, "a theme of letters, digits and _", source.theme)
    if source.licence not in concepts.licences:
        raise _fault(source, "a licence of licences.yml", source.licence)
    for table in source.tables.values():
        given = {*table.statuses.values(), *table.status_by_period, *table.status_order}
        given |= set(table.footnotes.statuses.values()) if table.footnotes else set()
        given |= {c.obs_status for c in table.columns.values() if c.obs_status}
        if unknown := given - statuses:
            raise _fault(source, "statuses of observation_status.csv", str(unknown))
    for room, name in _concepts(source):
        if name not in (concepts.indicators if room == "indicators" else concepts.networks):
            known = concepts.indicators if room == "indicators" else concepts.networks
            alike = difflib.get_close_matches(name, known, n=3)
            proposed = f" (is it {' or '.join(alike)}?)" if alike else ""
            raise _fault(source, f"one of catalog/{room}", name + proposed)
    for table in source.tables.values():
        for name, column in table.columns.items():
            # Of several observations that nothing adds up, none could be preferred.
            several = column.indicator and (column.each or column.parse == "presence")
            if several and concepts.indicators[str(column.indicator)].aggregation == "none":
                expected = f"an indicator with an `aggregation`: `{name}` gives several a place"
                raise _fault(source, expected, f"{column.indicator}, which has none")


def _known_sources(source: Source, sources: Mapping[str, Source]) -> None:
    """Those that it is resolved by, or takes its cities from. A circle would wait for ever."""
    if source.resolve.codelist and source.resolve.codelist not in sources:
        raise _fault(source, "a code list of the catalogue", source.resolve.codelist)
    needed = set[str]()
    left = set(source.access.needs())
    while left:
        needed.add(one := left.pop())
        if one not in sources:
            raise _fault(source, "cities of a source of the catalogue", one)
        left |= sources[one].access.needs() - needed
    if source.source_id in needed:
        raise _fault(source, "cities of other sources", f"a circle of {', '.join(sorted(needed))}")


def _sound_concepts(source: Source, concepts: Concepts) -> None:
    """Whoever changed the file of a concept may have changed this one to match: together only."""
    for room, name in _concepts(source):
        if error := concepts.broken.get(f"{room}/{name}"):
            raise DeclarationError(
                source.source_id,
                expected=f"a sound file in catalog/{room} for {name}",
                found=f"one that is broken ({error.found})",
                todo=error.todo,
            )


def _concepts(source: Source) -> list[tuple[str, str]]:
    """Room and id of every indicator and network that it has cells of."""
    tables = source.tables.values()
    used = [("indicators", c.indicator) for t in tables for c in t.columns.values()]
    used += [("indicators", i.indicator) for t in tables for i in t.indicators.values()]
    used += [("networks", c.network) for t in tables for c in t.columns.values()]
    return [(room, name) for room, name in used if name]


def _fault(source: Source, expected: str, found: str) -> DeclarationError:
    publisher, _, dataset = source.source_id.partition("__")
    return fault(source.source_id, expected, found, f"{publisher}/{dataset}.yml")
