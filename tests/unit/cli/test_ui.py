"""`wcn ui` ends what it started, wherever it was started from."""

from __future__ import annotations

import signal
import subprocess
import sys

_STARTS = """
import signal, sys
from cli.ui import _services
with _services({}) as start:
    asks = "import signal, sys; sys.exit(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)"
    print("ignores", start(sys.executable, "-c", asks).wait())
    signal.raise_signal(signal.SIGTERM)
"""


def test_services_of_a_background_job_hear_the_interrupt_that_dagster_ends_its_parts_by() -> None:
    """A script's background jobs ignore it; its code server stayed, and the end took 20 s."""
    ran = subprocess.run(
        [sys.executable, "-c", _STARTS],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, "ignores 0\n"), ran.stderr
