"""What tests share that ask this machine as if it were a service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.fixtures.declared import Answer, Cells, obtained


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Local servers are asked directly, whatever the machine's proxy is."""
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def cells(httpserver: HTTPServer, tmp_path: Path) -> Callable[[str, Answer], Cells]:
    """(source id, answers) → its cells, by the whole way from request to Parquet."""
    return lambda source_id, answer: obtained(httpserver, tmp_path, source_id, answer)
