"""Great Expectations in a process of its own: it loads for seconds, and a build need not wait.

Belongs here: which process judges. Does not belong here: judging.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from core.worker import Worker
from expectations import candidate, series

T = TypeVar("T")
_started: list[Worker] = []


def start() -> Worker:
    """The process, begun where none is; call it as soon as a build is certain."""
    if not _started or not _started[-1].is_alive:
        _started[:] = [
            Worker("great_expectations.expectations", series.__name__, candidate.__name__)
        ]
    return _started[-1]


def judge(judgement: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """A judgement of this room, made there. Raises what it raises."""
    return start().call(judgement, *arguments, **named)
