"""What a part of a build reads that no part before it has made: said before the work begins.

Belongs here: which tables there are, and which are missing. Does not belong here: building them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from core.paths import DataPaths


class NotBuilt(RuntimeError):
    """Something reads a table that no build has made, or whose build is over."""


def demand(
    paths: DataPaths, reader: str, tables: Iterable[str], released: Path | None = None
) -> None:
    """Raises NotBuilt where one of these tables is in neither file of a build.

    `released`: a release's database, which stands for the candidate.
    """
    there = built(paths, released)
    if missing := sorted(set(tables) - there):
        some = ", ".join(missing[:8]) + (", …" if len(missing) > 8 else "")
        raise NotBuilt(
            f"{reader} reads {some}, which the build in {paths.build} does not have (a release"
            " takes its tables along). Materialize what stands before it as well: all from"
            " `build_manifest` on. Where nothing is new, no build is begun, and there is nothing to"
            " make again"
        )


def built(paths: DataPaths, released: Path | None = None) -> frozenset[str]:
    """Names of the relations that the two files of a build have; a missing file has none."""
    listed = "select table_name from duckdb_tables() union select view_name from duckdb_views()"
    names: set[str] = set()
    for file in (paths.scratch, released or paths.candidate):
        if file.exists():
            with duckdb.connect(str(file), read_only=True) as connection:
                names |= {name for (name,) in connection.execute(listed).fetchall()}
    return frozenset(names)


def reads(document: Mapping[str, Any], unique_ids: Iterable[str]) -> frozenset[str]:
    """Names of the relations that some nodes read and do not make themselves."""
    nodes, chosen = document["nodes"], set(unique_ids)
    found, waiting, seen = set[str](), list(chosen), set[str]()
    while waiting:
        for parent in nodes[waiting.pop()]["depends_on"]["nodes"]:
            if parent in chosen or parent in seen:
                continue
            seen.add(parent)
            if parent in document["sources"]:
                found.add(document["sources"][parent]["identifier"])
            elif nodes[parent]["config"]["materialized"] == "ephemeral":
                waiting.append(parent)  # it is a part of its reader
            else:
                found.add(nodes[parent]["name"])
    return frozenset(found)


def in_order(document: Mapping[str, Any]) -> list[str]:
    """Names of all models, none before one that it reads."""
    models = {i: n for i, n in document["nodes"].items() if n["resource_type"] == "model"}
    graph = {i: set(n["depends_on"]["nodes"]) & models.keys() for i, n in models.items()}
    return [models[i]["name"] for i in TopologicalSorter(graph).static_order()]
