"""Reads and validates every file of this room.

Belongs here: YAML and CSV into models, checks across them, what stands in for a file that is
broken. Does not belong here: sources (`sources.catalog`, which is checked against this), and what
dbt reads of it (`catalog.tables`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.csv as csv_arrow
import yaml
from pydantic import BaseModel, ValidationError

from catalog.concepts import Indicator, Licence, Network
from catalog.index import Index
from core.errors import DeclarationError

ROOM = Path(__file__).parent
CODE_LISTS = (
    *("observation_status", "spatial_unit", "source_boundary", "source_unit"),
    *("indicator_relation", "city_founded", "same_place", "english_name"),
    *("region", "statement"),
)

NETWORK_MEASURES = (
    *("degree", "strength", "closeness", "betweenness", "pagerank", "clustering"),
    *("gnc", "newman"),
)
"""What an index may take of a network, as `air_routes.degree`."""

M = TypeVar("M", bound=BaseModel)
# indicators, networks, indices, sources → id → what its file said when it was in force
Declared = dict[str, dict[str, dict[str, Any]]]
# Reading what was in force before costs more than all files: it is asked for where one is broken.
LastGood = Callable[[], Declared]
_MAX_DEPTH = 20


@dataclass(frozen=True)
class Concepts:
    """Everything that is declared beside sources, by id."""

    indicators: dict[str, Indicator]
    networks: dict[str, Network]
    indices: dict[str, Index]
    licences: dict[str, Licence]
    broken: dict[str, DeclarationError] = field(default_factory=dict)
    """By `indicators/<id>`, `networks/<id>`, `indices/<id>`; what was good last stands in, if there
    is any."""

    @property
    def declared(self) -> Declared:
        """What is in force, as it is kept for the day on which a file is broken."""
        rooms: dict[str, Mapping[str, BaseModel]] = {
            "indicators": self.indicators,
            "networks": self.networks,
            "indices": self.indices,
        }
        return {room: said(models) for room, models in rooms.items()}


def read_concepts(last_good: LastGood = dict) -> Concepts:
    """Read every file of this room; those that are broken stand in `broken`.

    Raises DeclarationError for licences, which every source needs.
    """
    indicators, broken_indicators = read_all(
        Indicator,
        {
            path.stem: (path, {"indicator": path.stem, "theme": path.parent.name})
            for path in _files("indicators/*/*.yml")
        },
        lambda: last_good().get("indicators", {}),
        _derived_from_known,
    )
    networks, broken_networks = read_all(
        Network,
        {path.stem: (path, {"network": path.stem}) for path in _files("networks/*.yml")},
        lambda: last_good().get("networks", {}),
    )
    indices, broken_indices = read_all(
        Index,
        {path.stem: (path, {"index": path.stem}) for path in _files("indices/*.yml")},
        lambda: last_good().get("indices", {}),
        partial(_made_of_known, indicators, networks),
    )
    rooms = {"indicators": broken_indicators, "networks": broken_networks}
    rooms["indices"] = broken_indices
    return Concepts(
        indicators,
        networks,
        indices,
        _licences(ROOM / "licences.yml"),
        {f"{room}/{name}": error for room, of in rooms.items() for name, error in of.items()},
    )


def _derived_from_known(one: Indicator, all_: Mapping[str, Indicator], _stands_in: bool) -> None:
    if one.derived_from and one.derived_from not in all_:
        raise fault(one.indicator, "`derived_from` an indicator", one.derived_from)


def _made_of_known(
    indicators: Mapping[str, Indicator],
    networks: Mapping[str, Network],
    one: Index,
    _all: Mapping[str, Index],
    _stands_in: bool,
) -> None:
    units = codes("spatial_unit")
    if unknown := set(one.spatial_units) - units:
        raise fault(one.index, "boundaries of spatial_unit.csv", ", ".join(sorted(unknown)))
    for code, part, *_ in one.nodes():
        if part.parts is None:
            name = part.indicator or code
            of, _, measure = name.partition(".")
            if name not in indicators and not (of in networks and measure in NETWORK_MEASURES):
                said = f"an indicator, or <network>.<one of {', '.join(NETWORK_MEASURES)}>"
                raise fault(one.index, said, f"{name} at {code}")
            if part.per and part.per not in indicators:
                raise fault(one.index, "an indicator as `per`", f"{part.per} at {code}")
            both = (name, part.per or name)
            bases = {n: indicators[n].price_base for n in both if n in indicators}
            if len(set(bases.values()) - {None}) > 1 and len(one.years) > 1:
                raise fault(one.index, f"one price base at {code}, or one year", str(bases))
            known = indicators[name].direction if name in indicators else "neutral"
            if part.per is None and known not in ("neutral", part.better):
                said = f"{code} as its indicator says, {known}"
                raise fault(one.index, said, str(part.better))


def _licences(path: Path) -> dict[str, Licence]:
    try:
        return {k: Licence.model_validate(v) for k, v in read_yaml(path).items()}
    except ValidationError as error:
        raise fault(path.name, "licences", _why_not(error)) from error


def _files(pattern: str) -> list[Path]:
    # A hidden one is an editor's.
    return [p for p in sorted(ROOM.glob(pattern)) if not p.name.startswith(".")]


def read_all(
    model: type[M],
    files: Mapping[str, tuple[Path, Mapping[str, str]]],
    last_good: Callable[[], Mapping[str, Any]],
    check: Callable[[M, Mapping[str, M], bool], None] = lambda _one, _all, _stands_in: None,
) -> tuple[dict[str, M], dict[str, DeclarationError]]:
    """What is in force, by id, and what is wrong with those files that are broken.

    `files`: by id, with the fields that the place of the file says. For a broken one stands what
    was good last, if that is sound today. `check` raises DeclarationError for one that does not go
    with all others that are in force; it is told whether the one stands in for a broken file.
    """
    chosen: dict[str, M] = {}
    broken: dict[str, DeclarationError] = {}

    def replace(name: str, error: DeclarationError) -> None:
        chosen.pop(name, None)
        if name not in broken and (kept := last_good().get(name)) is not None:
            # Kept by other code: today it may be no declaration any more.
            with suppress(Exception):
                chosen[name] = model.model_validate(kept)
        broken.setdefault(name, error)

    for name, (path, place) in files.items():
        try:
            chosen[name] = _declared(model, name, path, place)
        except DeclarationError as error:
            replace(name, error)
    # Who speaks of one that is not in force is broken as well, and so on.
    while True:
        for name, one in chosen.items():
            try:
                check(one, chosen, name in broken)
            except DeclarationError as error:
                replace(name, error)
                break
        else:
            return {name: chosen[name] for name in files if name in chosen}, broken


def _declared(model: type[M], name: str, path: Path, place: Mapping[str, str]) -> M:
    where = f"{path.parent.name}/{path.name}"
    # They become names of columns, assets and jobs.
    if not all(re.fullmatch(r"\w+", n, re.ASCII) for n in (path.parent.name, path.stem)):
        raise fault(
            name, "letters, digits and _ in the name of a file and its folder", where, where
        )
    fields = read_yaml(path, name)
    if twice := sorted(set(place) & set(fields)):
        raise fault(name, "what the place of the file says only there", ", ".join(twice), where)
    try:
        return model.model_validate({**fields, **place})
    except ValidationError as error:
        raise fault(name, f"a sound {model.__name__.lower()}", _why_not(error), where) from error
    # Our own validators meet what nobody foresaw.
    except Exception as error:
        raise fault(name, model.__name__, f"{type(error).__name__}: {error}", where) from error


def _why_not(error: ValidationError) -> str:
    """What is wrong where, one after the other, in one line."""
    return "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'it'}: "
        + ("no such word" if one["type"] == "extra_forbidden" else one["msg"])
        for one in error.errors()
    )


def said(models: Mapping[str, BaseModel]) -> dict[str, dict[str, Any]]:
    """What files said, by id: enough to make the same models again."""
    return {
        name: m.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for name, m in models.items()
    }


def code_list(name: str) -> pa.Table:
    """A table of `codelists/`; its first column is the code. Raises DeclarationError."""
    try:
        # An empty field is none; NA is Namibia.
        options = csv_arrow.ConvertOptions(strings_can_be_null=True, null_values=[""])
        return csv_arrow.read_csv(ROOM / "codelists" / f"{name}.csv", convert_options=options)
    except (OSError, pa.ArrowException) as error:
        raise fault(f"{name}.csv", "a code list", str(error)) from error


def codes(name: str) -> frozenset[str]:
    """The codes of one of `codelists/`."""
    return frozenset(code_list(name)[0].to_pylist())


def read_yaml(path: Path, name: str = "") -> dict[str, Any]:
    """A YAML mapping without surprises: no key twice, nothing that unfolds beyond its own size.

    Raises DeclarationError that calls it `name`.
    """
    name, where = name or path.stem, f"{path.parent.name}/{path.name}"
    # libyaml's safe loader: hundreds of declarations are read at each start of a command.
    try:
        text = path.read_text(encoding="utf-8")
        _refuse_traps(name, text)
        document = yaml.load(text, Loader=yaml.CSafeLoader)
    # No text in UTF-8 and no date (2026-13-01) are ValueErrors; a folder is an OSError.
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise fault(name, "YAML in UTF-8", str(error), where) from error
    if not isinstance(document, dict):
        found = "nothing" if document is None else type(document).__name__
        raise fault(name, "a YAML mapping", found, where)
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


def fault(name: str, expected: str, found: str, where: str = "") -> DeclarationError:
    """What is wrong with a declared file."""
    todo = f"mend the YAML file {where}".rstrip()
    return DeclarationError(name, expected=expected, found=found, todo=todo)


def files() -> Iterator[Path]:
    """Files whose bytes are part of a build's identity; of the others it is what they say."""
    for pattern in ("codelists/*.csv", "licences.yml"):
        yield from sorted(ROOM.glob(pattern))
