"""Reads and validates every file of this room.

Belongs here: YAML and CSV into models, checks across them, the Arrow tables that dbt reads. Does
not belong here: sources (`sources.catalog`, which is checked against this).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.csv as csv_arrow
import yaml
from pydantic import BaseModel, ValidationError

from catalog.concepts import Indicator, Licence, Network
from core.errors import DeclarationError

ROOM = Path(__file__).parent
CODE_LISTS = ("observation_status", "spatial_unit")

M = TypeVar("M", bound=BaseModel)
_MAX_DEPTH = 20


@dataclass(frozen=True)
class Concepts:
    """Everything that is declared beside sources, by id."""

    indicators: dict[str, Indicator]
    networks: dict[str, Network]
    licences: dict[str, Licence]

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
            + [(n, pa.bool_()) for n in ("gazetteer_comparable", "population_hint")]
            + [("code_scheme", pa.string())]
        )
        return pa.Table.from_pylist(rows, schema=schema)

    @cached_property
    def network_table(self) -> pa.Table:
        """One row per network, for dbt."""
        text = ("network", "theme", "name", "definition", "kind", "weight", "aggregation")
        schema = pa.schema([*((n, pa.string()) for n in text), ("directed", pa.bool_())])
        rows = [n.model_dump() for n in self.networks.values()]
        return pa.Table.from_pylist(rows, schema=schema)


def load_concepts() -> Concepts:
    """Read every file of this room; raises DeclarationError naming the file and the fault."""
    concepts = Concepts(
        indicators={
            path.stem: validated(
                Indicator, path, indicator=path.stem, theme=path.parent.name, **read_yaml(path)
            )
            for path in sorted((ROOM / "indicators").glob("*/*.yml"))
        },
        networks={
            path.stem: validated(Network, path, network=path.stem, **read_yaml(path))
            for path in sorted((ROOM / "networks").glob("*.yml"))
        },
        licences={k: Licence(**v) for k, v in read_yaml(ROOM / "licences.yml").items()},
    )
    for indicator in concepts.indicators.values():
        if indicator.derived_from and indicator.derived_from not in concepts.indicators:
            raise fault(indicator.indicator, "`derived_from` an indicator", indicator.derived_from)
    return concepts


def code_list(name: str) -> pa.Table:
    """A table of `codelists/`; its first column is the code."""
    return csv_arrow.read_csv(ROOM / "codelists" / f"{name}.csv")


def codes(name: str) -> frozenset[str]:
    """The codes of one of `codelists/`."""
    return frozenset(code_list(name)[0].to_pylist())


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML mapping without surprises: no key twice, nothing that unfolds beyond its own size.

    Raises DeclarationError.
    """
    # libyaml's safe loader: hundreds of declarations are read at each start of a command.
    try:
        text = path.read_text(encoding="utf-8")
        _refuse_traps(path.stem, text)
        document = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise fault(path.stem, "YAML in UTF-8", str(error)) from error
    if not isinstance(document, dict):
        raise fault(path.stem, "a YAML mapping", type(document).__name__)
    return document


def _refuse_traps(name: str, text: str) -> None:
    """A key given twice (the last one would count), deep nesting, aliases within aliases."""
    keys: list[set[str] | None] = []  # of each open mapping, None of a sequence
    key_is_next: list[bool] = []
    anchored: list[bool] = []
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionEndEvent):
            keys.pop(), key_is_next.pop(), anchored.pop()
        elif isinstance(event, yaml.NodeEvent):
            if keys and keys[-1] is not None:
                if key_is_next[-1] and isinstance(event, yaml.ScalarEvent):
                    if event.value in keys[-1]:
                        where = str(event.start_mark).strip()
                        raise fault(name, "every key once", f"{event.value!r} again {where}")
                    keys[-1].add(event.value)
                key_is_next[-1] = not key_is_next[-1]
            if isinstance(event, yaml.AliasEvent) and any(anchored):
                raise fault(name, "no alias within what has an anchor", f"*{event.anchor}")
            if isinstance(event, yaml.CollectionStartEvent):
                keys.append(set() if isinstance(event, yaml.MappingStartEvent) else None)
                key_is_next.append(True)
                anchored.append(event.anchor is not None)
                if len(keys) > _MAX_DEPTH:
                    raise fault(name, f"at most {_MAX_DEPTH} levels", "a deeper nesting")


def validated(model: type[M], path: Path, **fields: Any) -> M:
    """The model of a file's fields. Raises DeclarationError."""
    try:
        return model(**fields)
    except ValidationError as error:
        raise fault(f"{path.parent.name}/{path.name}", model.__name__, str(error)) from error


def fault(name: str, expected: str, found: str) -> DeclarationError:
    """What is wrong with a declared file."""
    return DeclarationError(name, expected=expected, found=found, todo="mend the YAML file")


def files() -> Iterator[Path]:
    """Every file whose content is part of a build's identity."""
    for pattern in ("indicators/*/*.yml", "networks/*.yml", "codelists/*.csv", "licences.yml"):
        yield from sorted(ROOM.glob(pattern))
