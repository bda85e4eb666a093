"""A sheet that pictures are drawn on, and how it becomes an SVG: the same bytes each time.

Belongs here: paper, type, colours, the lines at the foot. Does not belong here: what is drawn.
"""

from __future__ import annotations

import io
import logging
import re
import textwrap
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from releases.pictures.said import RELEASE

# Okabe and Ito (2008): told apart by colour-blind people as well.
COLOURS: tuple[str, ...] = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#000000",
)
INK, GREY = "#222222", "#767676"
WIDTH = 9.0
"""Inches."""
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # texts stay texts
    "svg.hashsalt": "wcn",
    "text.parse_math": False,  # a dollar sign in a name is one
    "path.simplify": False,
    "font.size": 8,
    "font.sans-serif": ["DejaVu Sans"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": INK,
}
_LINE = 0.15  # inches
# Points of paths, in points: a tenth is less than can be seen, and a third of a file is decimals.
_ROUNDED = re.compile(r"^([ML]) (-?[\d.]+) (-?[\d.]+)", re.MULTILINE)
logging.getLogger("matplotlib").setLevel(logging.ERROR)


def svg(
    title: str, height: float, foot: Sequence[str], draw: Callable[[Figure, float], None]
) -> str:
    """A picture with its title above and paragraphs below it.

    `draw` gets the figure, and the height in inches that the foot takes. `height`: without it.
    """
    lines = [line for text in foot for line in textwrap.wrap(plain(text, 2000), 190)]
    below = _LINE * len(lines) + 0.1
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of letters that the font for measuring lacks
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        figure = Figure(figsize=(WIDTH, height + below))
        canvas = FigureCanvasSVG(figure)
        top = 1 - 0.22 / (height + below)
        figure.text(0.01, top, plain(title, 120), fontsize=11, fontweight="bold")
        for nth, line in enumerate(reversed(lines)):
            at = (0.08 + _LINE * nth) / (height + below)
            figure.text(0.01, at, line, fontsize=6.5, color=GREY)
        draw(figure, below)
        written = io.BytesIO()
        canvas.print_figure(written, format="svg", metadata={"Date": None})
    return _ROUNDED.sub(_round, written.getvalue().decode())


def _round(point: re.Match[str]) -> str:
    return f"{point[1]} {float(point[2]):.1f} {float(point[3]):.1f}"


def place(figure: Any, left: float, right: float, below: float, above: float) -> Any:
    """Axes between two shares of the width, and two distances in inches from bottom and top."""
    height = figure.get_figheight()
    bottom, top = (below + 0.45) / height, 1 - above / height
    return figure.add_axes((left, bottom, right - left, top - bottom))


def plain(text: object, most: int) -> str:
    """Somebody's words on one line, in characters that a picture can have, cut where too long."""
    said = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return said if len(said) <= most else said[: most - 1] + "…"


def sources(attributions: Sequence[str]) -> str:
    """Whose figures a picture is made of, and the release that it is of."""
    named = "; ".join(attributions) or "none"
    return f"Made of figures of: {named}. World City Network, release {RELEASE}."
