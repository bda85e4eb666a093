"""How long the network may be asked: one option of all commands that ask it.

Belongs here: that option. Does not belong here: what comes after (each command).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., object])


def budget_option(seconds: int, then: str) -> Callable[[Command], Command]:
    """`--budget SECONDS`; `then` says what the command does when they are over."""
    return click.option(
        "--budget",
        type=click.FloatRange(min=1),
        default=seconds,
        show_default=True,
        metavar="SECONDS",
        help=f"After which the network is not asked any more; {then}.",
    )
