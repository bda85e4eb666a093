"""`wcn ui`: the Dagster UI of this project.

Three services: a code server that both others ask (each would load the project for itself), the
webserver, and the daemon of schedules and sensors.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from core.settings import DOCUMENTATION, ROOT
from core.worker import Worker

LOCATION = "world_city_network"


@click.command()
@click.option("--port", default=3000, show_default=True)
def ui(port: int) -> None:
    """The Dagster UI: the asset graph, schedules, sensors, checks."""
    # In a process of its own, which ends: this one stays, and shall be small.
    preparing = Worker()
    environment = preparing.call(prepare)
    preparing.end()
    click.echo(f"documentation: `make docs` builds it, `wcn docs` serves it at {DOCUMENTATION}")
    tools = Path(sys.executable).parent
    # Not in the data home: the path of a socket has at most a hundred characters.
    with tempfile.TemporaryDirectory(prefix="wcn-ui-") as folder:
        socket, workspace = Path(folder, "code"), Path(folder, "workspace.yaml")
        location = {"socket": str(socket), "location_name": LOCATION}
        workspace.write_text(f"load_from: [grpc_server: {location}]\n", encoding="utf-8")
        of_it = ("-w", str(workspace))
        code = ("-m", "orchestration.definitions", "-a", "load", "--location-name", LOCATION)
        with _services(environment) as start:
            server = start(str(tools / "dagster"), "code-server", "start", "-s", str(socket), *code)
            # The others would complain of a server that does not answer yet.
            while not socket.exists() and server.poll() is None:
                time.sleep(0.1)
            # Not `dagster dev`: its webserver answers under every name.
            start(sys.executable, "-m", "orchestration.webserver", *of_it, "-p", str(port))
            start(str(tools / "dagster-daemon"), "run", *of_it)


def prepare() -> dict[str, str]:
    """Make what the services want to find; the environment that they are started with."""
    import os

    from orchestration import instance
    from warehouse import dbt
    from warehouse.project import Project

    project = Project.open()
    instance.prepare(project.paths)
    dbt.prepare(project)
    return dict(os.environ)


@contextmanager
def _services(environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start services; then wait until one ends or this process is told to, and end them all."""
    signal.signal(signal.SIGTERM, _end)
    # A script's background job ignores it, and so would they, whom Dagster ends by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    running: list[subprocess.Popen[bytes]] = []

    def start(*command: str) -> subprocess.Popen[bytes]:
        running.append(subprocess.Popen(command, cwd=ROOT, env=environment))  # noqa: S603 - ours
        return running[-1]

    try:
        yield start
        while all(p.poll() is None for p in running):
            time.sleep(0.5)
        raise click.ClickException("a service of the UI has ended: the lines above say why")
    except KeyboardInterrupt:
        pass  # the terminal has told them as well
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
