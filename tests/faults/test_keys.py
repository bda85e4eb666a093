"""A key that a service says back stands nowhere afterwards."""

from __future__ import annotations

from pathlib import Path

from tests.faults.keys import ANSWERS, repeated
from tests.fixtures.services import FAMILIES


def test_a_key_that_services_repeat_is_kept_nowhere(tmp_path: Path) -> None:
    score = repeated(tmp_path)
    assert score.faults == []
    assert score.tried == 2 * len(FAMILIES) * len(ANSWERS)
