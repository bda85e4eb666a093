"""Processes that change the releases at one time exclude each other; readers see none of it."""

from __future__ import annotations

from pathlib import Path

from tests.faults.releases import races


def test_in_forty_races_of_prune_and_rollback_readers_keep_a_sound_release(tmp_path: Path) -> None:
    score = races(40, tmp_path)
    assert (score.tried, score.faults) == (40, [])
