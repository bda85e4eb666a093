"""The Dagster UI answers under the names of this machine, and under no other."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import ROOT

pytestmark = pytest.mark.slow(reason="`wcn ui`: a webserver and a daemon, each loads Dagster")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    home = tmp_path_factory.mktemp("ui")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DAGSTER", "DBT"))}
    with (home / "ui.log").open("w") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "wcn"), "ui", "--port", str(port)],
            env={**environment, "WCN_DATA": str(home / "data")},
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            until = time.monotonic() + 180
            while _status(port, "localhost") is None:
                assert process.poll() is None, (home / "ui.log").read_text()
                assert time.monotonic() < until, (home / "ui.log").read_text()
                time.sleep(0.5)
            yield port
        finally:
            process.terminate()
            assert process.wait(60) == 0


def _status(port: int, host: str) -> int | None:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/server_info", headers={"Host": f"{host}:{port}"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_it_answers_under_our_names(port: int, host: str) -> None:
    assert _status(port, host) == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil"])
def test_it_refuses_a_foreign_name(port: int, host: str) -> None:
    assert _status(port, host) == 400
