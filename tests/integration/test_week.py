"""Days by Dagster's own schedules and sensors: the short form of the scorecard's week."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults import week
from tests.fixtures.world import World

pytestmark = [
    pytest.mark.slow(reason="two days of schedules and sensors, with half a dozen runs"),
    pytest.mark.skipif(
        not os.environ.get("WCN_LONG"),
        reason="takes two minutes: WCN_LONG=1, or a week with `python -m tests.faults --week 7`",
    ),
]


def test_what_changes_is_released_once_through_an_outage_and_a_kill_and_no_run_is_lost(
    world: World, tmp_path: Path
) -> None:
    score = week.live(world, 1, tmp_path)
    assert score.faults == []
    assert score.endings["killed"] == 1
    assert "1 503" in score.aside
    assert "1 new contents in 1 releases" in score.aside
