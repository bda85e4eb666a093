"""The console that everything is printed on, and the colours of states.

Belongs here: width and colours.
"""

from __future__ import annotations

from rich.console import Console

STATES = {
    "live": "green",
    "archive": "green",
    "bundled": "cyan",
    "repository": "cyan",
    "stale": "yellow",
}


def console() -> Console:
    """Wide enough for the tables where nobody is looking (a log, a pipe)."""
    made = Console()
    return made if made.is_terminal else Console(width=160)
