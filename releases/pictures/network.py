"""How a network is drawn: how its degrees are distributed, and where its cities and ties lie.

Belongs here: drawing. Does not belong here: reading tables (`said`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, NullFormatter

from releases.pictures.sheet import COLOURS, INK, place, plain, sources, svg

# Diameters of dots in points, up to this share of the largest degree.
_SIZES = ((0.05, 1.2), (0.15, 2.0), (0.3, 3.2), (0.6, 4.8), (1.0, 7.0))
_NAMES = 10


def draw(said: dict[str, Any]) -> str:
    """An SVG of a picture of kind `network`."""
    foot = [
        f"Left: of {said['n_nodes']:,} nodes, the share that has so many partners or more."
        f" Right: the {said['n_placed']:,} of them that are a city, larger with more partners."
        f" {_which_ties(said)}",
        f"{said['caveat']}.",
        sources(said["sources"]),
    ]

    def on(figure: Figure, below: float) -> None:
        _distribution(place(figure, 0.075, 0.28, below, 0.35), said["degrees"], said["shares"])
        _map(place(figure, 0.33, 0.985, below, 0.35), said)

    return svg(f"{said['name']}, {said['time_period']}", 4.0, foot, on)


def _which_ties(said: dict[str, Any]) -> str:
    shown, all_ = len(said["ties"]), said["n_ties"]
    if not shown:
        return f"None of {all_:,} ties is drawn: none has a city at both ends."
    if said["are_backbone"]:
        return (
            f"{shown:,} of {all_:,} ties are drawn, the backbone: those that chance would give in"
            " less than 5 % of cases, each by itself."
        )
    return (
        f"{shown:,} of {all_:,} ties are drawn: the heaviest, of equal ones those of the cities"
        " with the most partners."
    )


def _distribution(axes: Any, degrees: Sequence[int], shares: Sequence[float]) -> None:
    axes.set_xlabel("partners", fontsize=7.5)
    axes.set_ylabel("share of nodes with so many or more", fontsize=7.5)
    if not degrees:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.text(0.5, 0.5, "no ties", transform=axes.transAxes, ha="center")
        return
    axes.set_xscale("log")
    axes.set_yscale("log")
    _stroke(axes, [[point, point] for point in zip(degrees, shares, strict=True)], COLOURS[0], 3, 1)
    axes.set_xlim(0.8, 1.5 * max(degrees))
    axes.set_ylim(0.7 * min(shares), 1.4)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())


def _map(axes: Any, said: dict[str, Any]) -> None:
    """Longitudes and latitudes as they are, one degree as long in both."""
    longitudes, latitudes = said["dot_longitudes"], said["dot_latitudes"]
    axes.set_aspect("equal", adjustable="datalim")
    axes.grid(color="#DDDDDD", linewidth=0.4)
    axes.tick_params(labelsize=6.5, length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    for axis, letters in ((axes.xaxis, "EW"), (axes.yaxis, "NS")):
        axis.set_major_formatter(FuncFormatter(_degrees(*letters)))
    if not longitudes:
        axes.text(0.5, 0.5, "no cities", transform=axes.transAxes, ha="center")
        return
    pad = 0.04 * max(max(longitudes) - min(longitudes), max(latitudes) - min(latitudes), 1.0)
    axes.set_xlim(min(longitudes) - pad, max(longitudes) + pad)
    axes.set_ylim(min(latitudes) - pad, max(latitudes) + pad)
    width, alpha = (0.9, 0.8) if said["are_backbone"] else (0.4, 0.5)
    lines = [line for ends in said["ties"] for line in _short_way(*ends)]
    _stroke(axes, lines, COLOURS[1], width, alpha)
    _dots(axes, longitudes, latitudes, said["dot_degrees"])
    _name(axes, said["names"])


def _short_way(x: float, y: float, to_x: float, to_y: float) -> list[list[tuple[float, float]]]:
    """A straight line; over the edge of the map, from both sides, where that is shorter."""
    if abs(to_x - x) <= 180:
        return [[(x, y), (to_x, to_y)]]
    turn = 360.0 if to_x < x else -360.0
    return [[(x, y), (to_x + turn, to_y)], [(x - turn, y), (to_x, to_y)]]


def _dots(
    axes: Any, longitudes: Sequence[float], latitudes: Sequence[float], degrees: Sequence[int]
) -> None:
    largest, smaller_than = max(*degrees, 1), -1.0
    for share, size in _SIZES:
        points = [
            [(x, y), (x, y)]
            for x, y, degree in zip(longitudes, latitudes, degrees, strict=True)
            if smaller_than < degree / largest <= share
        ]
        smaller_than = share
        _stroke(axes, points, COLOURS[0], size, 0.7)


def _stroke(
    axes: Any,
    lines: Sequence[Sequence[tuple[float, float]]],
    colour: str,
    width: float,
    alpha: float,
) -> None:
    """Lines from a first to a second point, as one path.

    Those of no length are dots, by their round ends: a third of the bytes of circles.
    """
    if lines:
        points = [point for line in lines for point in line]
        path = Path(points, [Path.MOVETO, Path.LINETO] * len(lines))
        axes.add_patch(
            PathPatch(
                path,
                fill=False,
                edgecolor=colour,
                linewidth=width,
                alpha=alpha,
                capstyle="round",
                zorder=2,
            )
        )


def _name(axes: Any, cities: Sequence[dict[str, Any]]) -> None:
    """The most central cities, as far as their names do not lie on one another."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    named: list[tuple[float, float]] = []
    for city in cities:
        x, y = city["longitude"], city["latitude"]
        apart = all(
            abs(x - other_x) > 0.16 * (right - left) or abs(y - other_y) > 0.05 * (high - low)
            for other_x, other_y in named
        )
        if apart and len(named) < _NAMES:
            named.append((x, y))
            axes.annotate(
                plain(city["name"], 24),
                (x, y),
                xytext=(4, 3),
                textcoords="offset points",
                fontsize=6.5,
                color=INK,
                zorder=3,
            )


def _degrees(ahead: str, behind: str) -> Any:
    most = 180 if ahead == "E" else 90

    def label(value: float, _position: int) -> str:
        if abs(value) > most:
            return ""
        return f"{abs(value):g}° {ahead if value > 0 else behind}" if value else "0°"

    return label
