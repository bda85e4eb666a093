"""The console that everything is drawn on, and the colours of states.

Markup is off: a city may be called `[/bold]`. Where a style is meant, the code says so with `Text`
and `style`.

Belongs here: width, colours, and that nothing which is drawn commands the terminal (`plain`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from cli.render.plain import visible

STATES = {
    "live": "green",
    "archive": "green",
    "bundled": "cyan",
    "repository": "cyan",
    "stale": "yellow",
}


class _Console(Console):
    """Draws what it is given, with every command to the terminal made visible."""

    def render_str(self, text: str, **options: Any) -> Text:
        # Before a table is measured, so that its columns are wide enough for the signs.
        return super().render_str(visible(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control:  # the library's own
                yield segment
            else:
                yield Segment(visible(segment.text), segment.style)


def console() -> Console:
    """Wide enough for the tables where nobody is looking (a log, a pipe)."""
    made = _Console(markup=False, emoji=False)
    return made if made.is_terminal else _Console(markup=False, emoji=False, width=160)
