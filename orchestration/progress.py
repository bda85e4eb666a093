"""What a long run says while it works: one line per event, to whoever listens.

Belongs here: the one function `say`. The terminal listens in `wcn run`; Dagster logs by itself.
"""

from __future__ import annotations

from collections.abc import Callable

_listeners: list[Callable[[str, str], None]] = []


def listen(listener: Callable[[str, str], None]) -> None:
    """Call `listener(topic, text)` for everything that is said from now on."""
    _listeners.append(listener)


def say(topic: str, text: str) -> None:
    """Tell the listeners; `topic` is a source id or a step."""
    for listener in _listeners:
        listener(topic, text)
