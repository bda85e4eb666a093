"""Whatever bytes a publisher sends: data or a refusal in words, and the next source goes on."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.paths import DataPaths
from sources import confined
from tests.faults import kept
from tests.faults.payloads import payloads
from tests.faults.reading import SEEDS, read

CASES = {f"{seed}: {name}": (seed, body) for seed, name, body in payloads()}
# A long run: WCN_FAULT_EXAMPLES=100000 python -m pytest tests/faults/test_payloads.py
EXAMPLES = int(os.environ.get("WCN_FAULT_EXAMPLES", "1000"))


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    return DataPaths(tmp_path_factory.mktemp("faults")).create()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_good_body_is_accepted_with_every_cell(seed: str, paths: DataPaths) -> None:
    outcome = read(paths, SEEDS[seed], SEEDS[seed].body)
    assert (outcome.ending, outcome.rows, outcome.cells) == ("accepted", 8, 8)
    assert not outcome.fault


@pytest.mark.parametrize("seed", sorted(SEEDS.keys() - {"zip"}))
def test_a_body_that_is_still_compressed_is_read_with_every_cell(
    seed: str, paths: DataPaths
) -> None:
    outcome = read(paths, SEEDS[seed], gzip.compress(SEEDS[seed].body))
    assert (outcome.ending, outcome.rows, outcome.cells) == ("accepted", 8, 8)
    assert not outcome.fault


@pytest.mark.parametrize("case", CASES)
def test_a_payload_is_refused_in_words(case: str, paths: DataPaths) -> None:
    seed, body = CASES[case]
    outcome = read(paths, SEEDS[seed], body)
    assert outcome.ending == "refused", outcome
    assert outcome.said.startswith(f"fault__{seed}: expected ")
    assert "What to do: " in outcome.said


def test_no_reader_has_taken_more_memory_than_one_may() -> None:
    """Measured by the system, over all the payloads before."""
    idle = [confined._idle.get_nowait() for _ in range(confined._idle.qsize())]
    assert idle
    for worker in idle:
        status = Path(f"/proc/{worker.pid}/status").read_text(encoding="utf-8")
        peak = int(status.partition("VmHWM:")[2].split()[0]) << 10
        confined._idle.put(worker)
        assert peak < confined.BYTES


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == 1000,
    suppress_health_check=list(HealthCheck),
)
@given(st.sampled_from(sorted(SEEDS)), st.integers(0, 2**48))
def test_a_spoilt_body_is_refused_or_read_whole(paths: DataPaths, seed: str, draw: int) -> None:
    body = kept.drawn(SEEDS[seed], draw)
    outcome = read(paths, SEEDS[seed], body)
    if outcome.fault:
        kept.keep(SEEDS[seed], draw, body)
    assert not outcome.fault, outcome


def test_what_once_broke_is_refused_or_read_whole(paths: DataPaths) -> None:
    for name, seed, body in kept.invented():
        outcome = read(paths, seed, body)
        assert not outcome.fault, (name, outcome)
