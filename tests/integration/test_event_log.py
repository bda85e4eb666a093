"""What a run does is seen in the UI while it does it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from dagster import DagsterInstance, EventLogEntry, asset, materialize

from core.paths import DataPaths
from orchestration import instance as ours


def test_another_process_is_told_of_an_event_before_the_run_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    ours.prepare(DataPaths(tmp_path))
    seen = threading.Event()

    def saw(entry: EventLogEntry, _cursor: str) -> None:
        if "half way" in entry.user_message:
            seen.set()

    # Two instances, as the webserver and a run have.
    with DagsterInstance.get() as watching, DagsterInstance.get() as running:

        @asset
        def slow(context) -> bool:  # type: ignore[no-untyped-def]
            watching.event_log_storage.watch(context.run_id, None, saw)
            context.log.info("half way")
            return seen.wait(20)

        made = materialize([slow], instance=running)
        assert made.output_for_node("slow"), "nothing was told within 20 s"
