"""A process beside this one that has loaded what it needs by the time it is asked.

Loading a large library takes seconds of one core, and cannot be done in a second thread: two
threads that import at once meet half-loaded modules.

Belongs here: starting, asking and losing such a process. Does not belong here: what it is asked.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, TypeVar

T = TypeVar("T")


class Worker:
    """Started once, asked one question at a time. It ends with the process that started it."""

    def __init__(self, *modules: str) -> None:
        """`modules`: what it imports at once, while its owner goes on."""
        self._connection, theirs = Pipe()
        with theirs:
            # Not multiprocessing: its `spawn` would load our main program, and its children hold
            # our end of the pipe as well, so that they outlive us.
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, modules named in code
                [sys.executable, "-m", __name__, str(theirs.fileno()), *modules],
                pass_fds=[theirs.fileno()],
                # An interrupt of the terminal is its owner's business.
                start_new_session=True,
            )

    def call(self, function: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """The result of a module's function; what it raises is raised here.

        Raises RuntimeError where the process has died.
        """
        try:
            self._connection.send((function, arguments, named))
            raised, result = self._connection.recv()
        except (EOFError, OSError) as e:
            code = self._process.wait()
            raise RuntimeError(
                f"the process that was asked for {function.__name__} has died (exit code {code})"
            ) from e
        if raised:
            raise result
        return result  # type: ignore[no-any-return]


def _answer(connection: Connection) -> None:
    while True:
        try:
            function, arguments, named = connection.recv()
        except EOFError:
            return
        try:
            answer = (False, function(*arguments, **named))
        except Exception as e:
            answer = (True, e)
        try:
            connection.send(answer)
        except Exception as e:
            connection.send((True, RuntimeError(f"{function.__name__}: {answer[1]!r} ({e})")))


def main() -> None:
    """Load, then answer until the other end is closed."""
    connection = Connection(int(sys.argv[1]))
    for module in sys.argv[2:]:
        importlib.import_module(module)
    _answer(connection)
    os._exit(0)


if __name__ == "__main__":
    main()
