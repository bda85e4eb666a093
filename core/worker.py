"""A process beside this one: for what takes long to load, and for what may break its process.

Loading a large library takes seconds of one core, and cannot be done in a second thread: two
threads that import at once meet half-loaded modules. And bytes of others may make a native library
ask for more memory than there is, which no exception can catch.

Belongs here: starting, asking and losing such a process. Does not belong here: what it is asked.
"""

from __future__ import annotations

import importlib
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from core.secrets import secrets

T = TypeVar("T")


# It ends at once: what libraries leave behind for the system to collect is no news to anybody.
_QUIET = {"PYTHONWARNINGS": "ignore::UserWarning:multiprocessing.resource_tracker"}


class WorkerDied(RuntimeError):
    """The process ended before it answered; the message says how."""


class Worker:
    """Started once, asked one question at a time. It ends with the process that started it."""

    def __init__(
        self, *modules: str, max_bytes: int | None = None, max_seconds: float | None = None
    ) -> None:
        """`modules`: what it imports at once, while its owner goes on.

        `max_bytes`: of memory that it may address. `max_seconds`: that one answer may take.
        """
        self.patience = max_seconds
        """Seconds that one answer may take; less than `max_seconds`, where there are such."""
        self._connection, theirs = Pipe()
        self._unanswered = 0
        # Nothing is ever written: at our end it closes, and the process ends in whatever it does.
        lifeline, ours = os.pipe()
        self._lifeline = os.fdopen(ours, "wb")
        known = secrets()
        with theirs:
            # Not multiprocessing: its `spawn` would load our main program, and its children hold
            # our end of the pipe as well, so that they outlive us.
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, modules named in code
                [
                    *(sys.executable, "-m", __name__, str(theirs.fileno()), str(lifeline)),
                    *(str(max_bytes or 0), str(max_seconds or 0)),
                    *modules,
                ],
                pass_fds=[theirs.fileno(), lifeline],
                # Whatever happens in there, there is no key to be had.
                env={k: v for k, v in os.environ.items() if k not in known} | _QUIET,
                # An interrupt of the terminal is its owner's business.
                start_new_session=True,
            )
        os.close(lifeline)

    @property
    def is_alive(self) -> bool:
        return not self._connection.closed and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def end(self) -> None:
        """Kill it; it is of no use afterwards."""
        self._process.kill()
        self._process.wait()
        self._connection.close()
        self._lifeline.close()

    def begin(self, function: Callable[..., object], *arguments: Any, **named: Any) -> None:
        """Have it do something while its owner goes on; what it gives or raises is not told."""
        with suppress(OSError):  # where it has died, the next call says so
            self._connection.send((function, arguments, named))
            self._unanswered += 1

    def call(self, function: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """The result of a module's function; what it raises is raised here.

        Raises WorkerDied where the process has died or was too slow. Then, and after an interrupt,
        it is of no use.
        """
        told = self.stream(function, *arguments, **named)
        while True:
            try:
                next(told)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]

    def stream(
        self, function: Callable[..., T], *arguments: Any, **named: Any
    ) -> Generator[Any, None, T]:
        """As `call`, and meanwhile whatever the function gives to `tell`, as it comes."""
        try:
            self._connection.send((function, arguments, named))
            while True:
                if not self._connection.poll(self.patience):
                    raise WorkerDied(f"no answer within {self.patience:g} s")
                kind, given = self._connection.recv()
                if self._unanswered:
                    self._unanswered -= kind != "told"
                elif kind == "told":
                    yield given
                else:
                    break
        except (EOFError, OSError) as e:
            code = self._process.wait()
            raise WorkerDied(
                f"the process that was asked for {function.__name__.strip('_')} has died"
                f" (exit code {code})"
            ) from e
        except BaseException:
            self.end()  # its answer, which may still come, must not be taken for another's
            raise
        if kind == "raised":
            raise given
        return given  # type: ignore[no-any-return]


# Its process knows one owner.
_owner: list[Connection] = []
_telling = threading.Lock()


def tell(given: Any) -> None:
    """Say something to the owner before the answer; called in the worker, by any thread."""
    with _telling:
        _owner[0].send(("told", given))


def _answer(connection: Connection, max_seconds: float) -> None:
    while True:
        try:
            function, arguments, named = connection.recv()
        except (EOFError, OSError):
            return
        if max_seconds:
            # Where its owner is no longer there to end it, the system does.
            signal.setitimer(signal.ITIMER_REAL, max_seconds + 5)
        try:
            answer = ("result", function(*arguments, **named))
        except Exception as e:
            answer = ("raised", e)
        except BaseException as e:  # a panic of a native library is no Exception
            answer = ("raised", RuntimeError(f"{type(e).__name__}: {e}"))
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            connection.send(answer)
        except OSError:
            return  # nobody is there any more
        except Exception as e:
            unsent = RuntimeError(f"{function.__name__}: {answer[1]!r} ({e})")
            connection.send(("raised", unsent))


def _end_with_owner(lifeline: int) -> None:
    os.read(lifeline, 1)
    os._exit(0)


def main() -> None:
    """Load, then answer until the owner is gone."""
    descriptor, lifeline, max_bytes = map(int, sys.argv[1:4])
    threading.Thread(target=_end_with_owner, args=[lifeline], daemon=True).start()
    connection = Connection(descriptor)
    _owner.append(connection)
    if max_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (max_bytes, max_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for module in sys.argv[5:]:
        importlib.import_module(module)
    _answer(connection, float(sys.argv[4]))
    os._exit(0)


if __name__ == "__main__":
    # As the module that others import: what they tell finds the owner there.
    importlib.import_module("core.worker").main()
