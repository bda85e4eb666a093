"""The only registry of sources: finds, validates and cross-links every declaration.

Belongs here: reading YAML into models, checks across files, the Arrow table that dbt reads. Does
not belong here: concepts (`catalog`), or anything about one source's content.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from catalog.load import Concepts, codes, fault, load_concepts, read_yaml, validated
from core.errors import DeclarationError
from core.settings import PUBLISHERS
from sources.declarations import Source, Table


@dataclass(frozen=True)
class Catalog:
    """Every source by id, and the concepts that they speak of."""

    sources: dict[str, Source]
    concepts: Concepts

    def source(self, source_id: str) -> Source:
        """The declaration of one source; raises DeclarationError with the known ids."""
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
    """Read and cross-check every YAML; raises DeclarationError naming the file and the fault."""
    concepts = load_concepts()
    sources = {}
    for path in sorted(publishers.glob("*/*.yml")):
        source_id = f"{path.parent.name}__{path.stem}"
        sources[source_id] = validated(Source, path, source_id=source_id, **read_yaml(path))
    catalog = Catalog(sources, concepts)
    statuses = codes("observation_status")
    for source in sources.values():
        _cross_check(source, catalog, statuses)
    return catalog


def table_hash(table: Table) -> str:
    """Identity of a format and column map: two equal maps read the same bytes alike."""
    dumped = json.dumps(table.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(dumped.encode()).hexdigest()[:12]


def _cross_check(source: Source, catalog: Catalog, statuses: frozenset[str]) -> None:
    concepts = catalog.concepts
    if source.licence not in concepts.licences:
        raise fault(source.source_id, "a licence of licences.yml", source.licence)
    if source.resolve.codelist and source.resolve.codelist not in catalog.sources:
        raise fault(source.source_id, "a code list of the catalogue", source.resolve.codelist)
    for table in source.tables.values():
        given = {*table.statuses.values(), *table.status_by_period}
        given |= {c.obs_status for c in table.columns.values() if c.obs_status}
        if unknown := given - statuses:
            raise fault(source.source_id, "statuses of observation_status.csv", str(unknown))
        used = [c.indicator for c in table.columns.values()]
        used += [i.indicator for i in table.indicators.values()]
        for column in table.columns.values():
            if column.network and column.network not in concepts.networks:
                raise fault(source.source_id, "a network of catalog/networks", column.network)
        for indicator in used:
            if indicator and indicator not in concepts.indicators:
                raise fault(source.source_id, "an indicator of catalog/indicators", indicator)
