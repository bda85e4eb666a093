"""Small pictures for people who look before they read: plots in asset metadata.

Belongs here: drawing. Does not belong here: computing anything but counts.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from pathlib import Path

import duckdb

from sources.sql import literal


def cells_per_period(files: Iterable[Path]) -> str | None:
    """Markdown with a bar chart of cells by period; None where there are fewer than two periods."""
    listed = ", ".join(literal(f) for f in files)
    if not listed:
        return None
    with duckdb.connect() as connection:
        counted = connection.execute(
            f"""select left(time_period, 4) as period, count(*) as cells
            from read_parquet([{listed}])
            where filter_reason is null and time_period similar to '[0-9]{{4}}.*'
            group by 1 having period between '1000' and '2100' order by 1"""
        ).fetchall()
    if len(counted) < 2:
        return None
    return bars([p for p, _ in counted], [n for _, n in counted], "cells per period")


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
