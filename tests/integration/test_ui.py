"""The Dagster UI in a real browser: the graph is there, and one source is materialised from it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium")
ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on this machine (Debian: apt-get install chromium)"
)


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """`wcn ui` on a fresh data home, started without any preparation."""
    paths = tmp_path_factory.mktemp("ui")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DAGSTER", "DBT"))}
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "wcn"), "ui", "--port", str(port)],
        env={**environment, "WCN_DATA": str(paths)},
        cwd=ROOT,
        stdout=(paths / "ui.log").open("w"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(lambda: _answers(f"{address}/server_info"), 120, "the UI to answer")
        yield address, paths
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def test_a_source_is_materialised_from_the_browser(ui: tuple[str, Path]) -> None:
    from playwright.sync_api import sync_playwright

    address, paths = ui
    with sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.goto(f"{address}/asset-groups")
        for group in ("raw_climate", "staging", "cities", "gate_1", "marts", "gate_2", "release"):
            page.get_by_text(group, exact=True).first.wait_for(timeout=60_000)
        page.goto(f"{address}/assets/raw/georank__rainfall")
        page.get_by_role("button").filter(has_text="Materialize").first.click()
        _wait(
            lambda: (paths / "landing" / "snapshots" / "georank__rainfall.json").exists(),
            120,
            "the source to be obtained",
        )
        page.goto(f"{address}/assets/raw/georank__rainfall?view=checks")
        page.get_by_text("obtained", exact=True).first.wait_for(timeout=60_000)
        page.goto(f"{address}/runs")
        page.get_by_text("Success", exact=True).first.wait_for(timeout=120_000)
        browser.close()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def _wait(condition: object, seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until, f"waited {seconds} s for {what}"
        time.sleep(0.5)
