"""What Dagster says of one source, from what it gave."""

from dataclasses import replace

import pytest
from dagster import AssetCheckSeverity, AssetKey

from orchestration.assets import raw_checks
from sources.snapshot import Content, SourceSnapshot
from tests.unit.sources.test_conform import WIDE, source


@pytest.mark.parametrize("columns", [[], ["note", "flag"]])
def test_columns_that_nobody_declared_fail_a_check_that_blocks_nothing(columns: list[str]) -> None:
    declared = source({**WIDE, "additional_columns": "report"})
    facts = {"additional_columns": columns}
    receipt = {"last_modified": None, "retrieved_at": "2026-01-01T00:00:00+00:00"}
    content = Content("t__t", "r", "c", "0" * 64, "t", "p", facts, receipt)
    snapshot = SourceSnapshot("t__t", "live", False, (content,), (), "now")
    found = {r.check_name: r for r in raw_checks.results(AssetKey("k"), declared, snapshot)}
    assert set(found) == {name for name, _ in raw_checks.descriptions(declared)}
    assert found["obtained"].passed
    check = found["columns"]
    assert (check.passed, check.severity) == (not columns, AssetCheckSeverity.WARN)
    assert check.metadata["additional columns"].value == (", ".join(columns) or "none")
    older = replace(snapshot, contents=(replace(content, facts={}),))
    assert all(
        r.passed
        for r in raw_checks.results(AssetKey("k"), declared, older)
        if r.check_name == "columns"
    )
