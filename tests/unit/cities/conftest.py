"""The tables of these tests have a few rows: planning takes the time, and threads only cost."""

from __future__ import annotations

from functools import partial

import duckdb
import pytest


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB with one thread; a quarter less of the processor's time for each call of `resolve`."""
    monkeypatch.setattr(duckdb, "connect", partial(duckdb.connect, config={"threads": 1}))
