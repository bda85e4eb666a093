"""How an index is drawn: its first ranks with their intervals, and what they are made of.

Belongs here: drawing. Does not belong here: reading tables (`said`).
"""

from __future__ import annotations

from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from releases.pictures.sheet import COLOURS, GREY, INK, place, plain, sources, svg


def draw(said: dict[str, Any]) -> str:
    """An SVG of a picture of kind `index`."""
    cities = said["cities"]
    shown, ranked = len(cities), said["n_ranked"]
    foot = [
        f"{said['question']} {said['reading']}. The first {shown} of {ranked:,} ranked cities."
        f" Left: rank (dot), and where it lies in 90 % of {said['draws']:,} draws of weights,"
        " normaliser, mean, outliers"
        " and gaps (line), with the median (tick). This is sensitivity to choices, not sampling"
        " error: it does not say how well a value was measured. Cities on one band are not surely"
        " (95 %) behind its first. Right: what each part adds to the score, which is the diamond;"
        " what stands left of zero takes away.",
        sources(said["sources"]),
    ]

    def on(figure: Figure, below: float) -> None:
        above = 0.62
        ranks = place(figure, 0.24, 0.58, below, above)
        parts = place(figure, 0.61, 0.985, below, above)
        for axes in (ranks, parts):
            _bands(axes, cities)
            axes.set_ylim(shown - 0.5, -0.5)
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
        _intervals(ranks, cities)
        _contributions(parts, cities, said["parts"])

    return svg(f"{said['name']}, {said['year']}", 1.2 + 0.2 * max(shown, 3), foot, on)


def _bands(axes: Any, cities: list[dict[str, Any]]) -> None:
    """Every other group of ranks (`rank_group`) has a grey ground."""
    groups = list(dict.fromkeys(c["rank_group"] for c in cities))
    for nth, city in enumerate(cities):
        if groups.index(city["rank_group"]) % 2 == 0:
            axes.axhspan(nth - 0.5, nth + 0.5, color="#EFEFEF", linewidth=0, zorder=0)


def _intervals(axes: Any, cities: list[dict[str, Any]]) -> None:
    names = [f"{c['rank']}  {plain(c['name'], 26)}, {plain(c['country'], 2)}" for c in cities]
    axes.set_yticks(range(len(cities)), names)
    axes.tick_params(axis="y", length=0)
    known = [(n, c) for n, c in enumerate(cities) if c["rank_p05"] is not None]
    rows = [n for n, _ in known]
    axes.hlines(
        rows,
        [c["rank_p05"] for _, c in known],
        [c["rank_p95"] for _, c in known],
        color=COLOURS[0],
        linewidth=2,
    )
    axes.plot([c["rank_median"] for _, c in known], rows, "|", color=COLOURS[0], markersize=8)
    ranks = [c["rank"] for c in cities]
    axes.plot(ranks, range(len(cities)), "o", color=COLOURS[5], markersize=4)
    last = max([*ranks, *(c["rank_p95"] for _, c in known)])
    axes.set_xlim(1 - 0.02 * last, 1.02 * last)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda rank, _: f"{rank:g}" if rank >= 1 else ""))
    axes.set_xlabel("rank, with its 90 % interval", fontsize=7.5)


def _contributions(axes: Any, cities: list[dict[str, Any]], parts: list[dict[str, Any]]) -> None:
    """Bars to the right of zero, and to the left of it what takes away."""
    colours = COLOURS
    if len(parts) > len(COLOURS):
        steps = [n / (len(parts) - 1) for n in range(len(parts))]
        colours = tuple(matplotlib.colors.to_hex(c) for c in matplotlib.colormaps["viridis"](steps))
    rows = range(len(cities))
    above, beneath = [0.0] * len(cities), [0.0] * len(cities)
    for nth, part in enumerate(parts):
        given = [(c["contributions"] or [None] * len(parts))[nth] or 0.0 for c in cities]
        start = [(a if g >= 0 else b) for g, a, b in zip(given, above, beneath, strict=True)]
        label = f"{plain(part['name'], 32)} ({part['weight']:.0%} of the weight)"
        axes.barh(
            rows,
            given,
            left=start,
            height=0.7,
            color=colours[nth],
            edgecolor="white",
            linewidth=0.4,
            label=label,
        )
        above = [a + max(g, 0.0) for a, g in zip(above, given, strict=True)]
        beneath = [b + min(g, 0.0) for b, g in zip(beneath, given, strict=True)]
    axes.axvline(0, color=GREY, linewidth=0.6)
    scores = [c["score"] for c in cities]
    axes.plot(scores, rows, "D", color=INK, markersize=3.5, markeredgecolor="white", label="score")
    axes.set_xlabel("contributions to the score", fontsize=7.5)
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=2,
        fontsize=6.5,
        frameon=False,
        borderaxespad=0.2,
        columnspacing=1.2,
        handlelength=1.2,
    )
