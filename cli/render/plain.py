"""What data say is shown as text, and commands nothing to the terminal.

A label, a server's words or an error may hold characters that move the cursor, retitle the window
or turn the direction of writing around.

Belongs here: making such characters visible, and plain lines. Does not belong here: tables and
colours (`console`). Loaded by `wcn --help`, so it loads next to nothing.
"""

from __future__ import annotations

import re

import click

# Controls but for the end of a line and the tabulator; what turns the direction of writing around;
# other ends of lines; halves of characters, which no terminal can be sent.
_COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def visible(text: str) -> str:
    """`text` with a sign for every character that is a command to a terminal: ␛, <U+202E>."""
    return _COMMANDS.sub(_sign, text)


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"<U+{code:04X}>"


def say(text: str = "", *, err: bool = False) -> None:
    """One plain line, or several."""
    click.echo(visible(text), err=err)
