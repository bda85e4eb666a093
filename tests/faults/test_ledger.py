"""The second reader says what is lost: a row of a table, a cell of a row, a text of a body."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.conform import cells
from sources.formats import decode
from tests.faults.ledger import lost
from tests.faults.reading import SEEDS


@pytest.mark.parametrize("name", SEEDS)
def test_what_is_lost_is_seen(name: str, tmp_path: Path) -> None:
    seed = SEEDS[name]
    source, table = seed.source, seed.source.tables[seed.table]
    (tmp_path / "body").write_bytes(seed.body)
    raw = decode(name, tmp_path / "body", table.format, seed.source.bounds_of("x"), tmp_path)
    good = cells(source, "x", table, "content", raw)
    assert lost(source, table, seed.body, raw, good) == ""
    assert "cells of 8 rows" in lost(source, table, seed.body, raw, good.slice(1))
    if name != "lines_in_cells":  # its second reader is the one that it is read with
        fewer = raw.slice(0, 7)
        seven = cells(source, "x", table, "content", fewer)
        assert "7 of" in lost(source, table, seed.body, fewer, seven)
