"""The only registry: finds, validates and cross-links every declaration and every indicator.

Belongs here: reading YAML into models, checks across files, and the Arrow tables that dbt reads.
Does not belong here: anything about one source's content.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from sources.declarations import Indicator, Network, Source, Table
from sources.errors import DeclarationError

ROOT = Path(str(files("sources"))).parent
# Another folder of declarations may take its place: a private catalogue, or that of the tests.
PUBLISHERS = Path(os.environ.get("WCN_PUBLISHERS") or ROOT / "sources" / "publishers")
INDICATORS = ROOT / "dbt_project" / "indicators"
NETWORKS = ROOT / "dbt_project" / "networks"
SEEDS = ROOT / "dbt_project" / "seeds"
LICENCES = ROOT / "sources" / "licences.yml"

M = TypeVar("M", bound=BaseModel)


class Licence(BaseModel):
    """One entry of the closed list of licences."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    spdx: str | None
    url: str | None = None
    may_redistribute: bool
    share_alike: bool = False
    non_commercial: bool = False


@dataclass(frozen=True)
class Catalog:
    """All declarations, by id."""

    sources: dict[str, Source]
    indicators: dict[str, Indicator]
    networks: dict[str, Network]
    licences: dict[str, Licence]

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
        """One row per source, for dbt: the declaration without its ways and maps."""
        rows = []
        for source in self.sources.values():
            licence = self.licences[source.licence]
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
    def indicator_table(self) -> pa.Table:
        """One row per indicator, for dbt."""
        rows = [
            {
                **i.model_dump(exclude={"valid_range", "per_person_range"}),
                "valid_min": i.valid_range.min,
                "valid_above": i.valid_range.above,
                "valid_max": i.valid_range.max,
                "per_person_min": i.per_person_range.min,
                "per_person_max": i.per_person_range.max,
            }
            for i in self.indicators.values()
        ]
        schema = pa.schema(
            [(n, pa.string()) for n in ("indicator", "theme", "name", "definition")]
            + [(n, pa.string()) for n in ("unit_measure", "direction", "value_kind")]
            + [("price_base", pa.string())]
            + [("derived_from", pa.string()), ("aggregation", pa.string())]
            + [("min_periods", pa.int32()), ("max_step", pa.float64())]
            + [(n, pa.float64()) for n in ("valid_min", "valid_above", "valid_max")]
            + [(n, pa.float64()) for n in ("per_person_min", "per_person_max")]
        )
        return pa.Table.from_pylist(rows, schema=schema)

    @cached_property
    def network_table(self) -> pa.Table:
        """One row per network, for dbt."""
        text = ("network", "theme", "name", "definition", "kind", "weight", "aggregation")
        schema = pa.schema([*((n, pa.string()) for n in text), ("directed", pa.bool_())])
        rows = [n.model_dump() for n in self.networks.values()]
        return pa.Table.from_pylist(rows, schema=schema)


def table_hash(table: Table) -> str:
    """Identity of a format and column map: two equal maps read the same bytes alike."""
    dumped = json.dumps(table.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(dumped.encode()).hexdigest()[:12]


def load() -> Catalog:
    """Read and cross-check every YAML; raises DeclarationError naming the file and the fault."""
    licences = {k: Licence(**v) for k, v in _yaml(LICENCES).items()}
    indicators = {
        path.stem: _validated(
            Indicator, path, indicator=path.stem, theme=path.parent.name, **_yaml(path)
        )
        for path in sorted(INDICATORS.glob("*/*.yml"))
    }
    networks = {
        path.stem: _validated(Network, path, network=path.stem, **_yaml(path))
        for path in sorted(NETWORKS.glob("*.yml"))
    }
    sources = {}
    for path in sorted(PUBLISHERS.glob("*/*.yml")):
        source_id = f"{path.parent.name}__{path.stem}"
        sources[source_id] = _validated(Source, path, source_id=source_id, **_yaml(path))
    catalog = Catalog(sources, indicators, networks, licences)
    for source in sources.values():
        _cross_check(source, catalog)
    for indicator in indicators.values():
        if indicator.derived_from and indicator.derived_from not in indicators:
            raise _fault(indicator.indicator, "`derived_from` an indicator", indicator.derived_from)
    return catalog


def _cross_check(source: Source, catalog: Catalog) -> None:
    if source.licence not in catalog.licences:
        raise _fault(source.source_id, "a licence of licences.yml", source.licence)
    if source.resolve.codelist and source.resolve.codelist not in catalog.sources:
        raise _fault(source.source_id, "a code list of the catalogue", source.resolve.codelist)
    statuses = _code_list("observation_status")
    for table in source.tables.values():
        given = {*table.statuses.values(), *table.status_by_period}
        given |= {c.obs_status for c in table.columns.values() if c.obs_status}
        if unknown := given - statuses:
            raise _fault(source.source_id, "statuses of observation_status.csv", str(unknown))
        used = [c.indicator for c in table.columns.values()]
        used += [i.indicator for i in table.indicators.values()]
        for column in table.columns.values():
            if column.network and column.network not in catalog.networks:
                raise _fault(source.source_id, "a network of dbt_project/networks", column.network)
        for indicator in used:
            if indicator and indicator not in catalog.indicators:
                raise _fault(source.source_id, "an indicator of dbt_project/indicators", indicator)


@cache
def _code_list(name: str) -> frozenset[str]:
    """The codes of one of dbt's seeds: the first column."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return frozenset(row[0] for row in csv.reader(stream))


def _yaml(path: Path) -> dict[str, Any]:
    # libyaml's safe loader: hundreds of declarations are read at each start of a command.
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    if not isinstance(document, dict):
        raise _fault(path.stem, "a YAML mapping", type(document).__name__)
    return document


def _validated(model: type[M], path: Path, **fields: Any) -> M:
    try:
        return model(**fields)
    except ValidationError as error:
        raise _fault(f"{path.parent.name}/{path.name}", model.__name__, str(error)) from error


def _fault(who: str, expected: str, found: str) -> DeclarationError:
    return DeclarationError(who, expected=expected, found=found, todo="mend the YAML file")
