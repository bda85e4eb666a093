"""The words of a declaration as rows for the reference: read from the models, so never out of date.

Belongs here: which model stands where, and the text of a field. Does not belong here: the words
themselves (`declarations`, `tables`, `access`), writing the page (`docs`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel

from sources import access
from sources.declarations import Bounds, Resolve, Source
from sources.keys import Key
from sources.tables import Column, Format, LongIndicator, RowFilter, Table

_LIVE: tuple[type[BaseModel], ...] = (
    access.FileAccess,
    access.DatedFileAccess,
    access.WorldBankAccess,
    access.EurostatAccess,
    access.SdmxAccess,
    access.SparqlAccess,
    access.OpendatasoftAccess,
    access.PerCityAccess,
)
_MODELS: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("The source", "the file", Source),
    ("Bounds", "bounds", Bounds),
    ("How labels lead to cities", "resolve", Resolve),
    ("A table", "tables.<name>", Table),
    ("Its format", "tables.<name>.format", Format),
    ("A column", "tables.<name>.columns.<name>", Column),
    ("Rows that are left out", "tables.<name>.rows", RowFilter),
    ("What a code stands for", "tables.<name>.indicators.<code>", LongIndicator),
    ("A resource", "access.<method>.resources.<name>", access.Resource),
    ("A SPARQL query", "access.live.resources.<name>", access.Query),
    ("A key", "access.live.key", Key),
    ("Cities that are asked for", "access.live.cities", access.CityList),
    ("Archived files", "access.archive", access.ArchiveAccess),
    ("A package", "access.bundled", access.BundledAccess),
    ("A file of the repository", "access.repository", access.RepositoryAccess),
)


def parts() -> Iterator[tuple[str, str, str, list[tuple[str, str, str]]]]:
    """(title, where it stands, what it is, its words) of every part of a declaration."""
    for title, where, model in _MODELS:
        yield title, where, _text(model.__doc__), list(fields(model))
    for model in _LIVE:
        protocol = get_args(model.model_fields["protocol"].annotation)[0]
        yield f"Live: {protocol}", "access.live", _text(model.__doc__), list(fields(model))


def fields(model: type[BaseModel]) -> Iterator[tuple[str, str, str]]:
    """(word, default, what it says) of every field that a file may have."""
    for name, field in model.model_fields.items():
        if name == "source_id" or field.annotation is type(None):
            continue  # the name of the file; what this kind of resource has not
        choice = ", ".join(f"`{c}`" for c in get_args(field.annotation) if isinstance(c, str))
        default = "must be said" if field.is_required() else f"`{_plain(field.default)}`"
        said = (_text(field.description), choice and f"One of {choice}.")
        yield f"`{field.alias or name}`", default, " ".join(filter(None, said))


def _text(written: str | None) -> str:
    return " ".join((written or "").split())


def _plain(default: object) -> str:
    if isinstance(default, BaseModel):
        return "{}"
    return json.dumps(default, ensure_ascii=False, default=str)
