"""Small pictures for people who look before they read: plots in asset metadata.

Belongs here: drawing. Does not belong here: computing anything but counts.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import duckdb
from dagster import MetadataValue

from core.files import write_atomically
from releases.pictures import kept
from sources.snapshot import Content
from warehouse import manifest
from warehouse.project import Project


def cells_per_year(contents: Sequence[Content], cache: Path) -> str | None:
    """Markdown with a bar chart of cells by year; None where there are fewer than two years.

    Drawn once per content, and kept in `cache`: drawing takes longer than reading most sources.
    """
    counted = Counter[str]()
    for content in contents:
        counted.update({y: n for y, n in content.facts["cells_by_year"].items() if y >= "1000"})
    if len(counted) < 2:
        return None
    identity = "-".join(f"{c.content_id}.{c.parse_version}" for c in contents)
    path = cache / "plots" / f"{hashlib.sha256(identity.encode()).hexdigest()[:24]}.md"
    if not path.exists():
        years = sorted(counted)
        write_atomically(path, bars(years, [counted[y] for y in years], "cells per year"))
    return path.read_text(encoding="utf-8")


def pictures(project: Project, kind: str) -> dict[str, MetadataValue]:
    """Code of an index or network → its picture of the build that is under way, as in a release.

    Nothing where a table that it is drawn from was not built.
    """
    paths = project.paths
    with suppress(duckdb.Error):
        drawn = kept.drawn(paths.candidate, paths.cache, manifest.load(paths).version, [kind])
        return {
            name.removeprefix(f"{kind}_").removesuffix(".svg"): MetadataValue.md(
                # A picture within a page, which cannot run anything.
                f"![{name}](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})"
            )
            for name, svg in drawn.items()
        }
    return {}


def bars(labels: list[str], values: list[int], title: str) -> str:
    """A bar chart as an inline PNG in Markdown."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 1.6), dpi=80, layout="tight")
    axes = figure.subplots()
    axes.bar(range(len(values)), values, color="#4c78a8")
    shown = range(0, len(labels), max(1, len(labels) // 8))
    axes.set_xticks(list(shown), [labels[i] for i in shown], fontsize=7)
    axes.tick_params(axis="y", labelsize=7)
    axes.set_title(title, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return f"![{title}](data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()})"
