"""Whatever bytes a publisher sends: data or a refusal in words, and the next source goes on."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.paths import DataPaths
from sources import confined
from tests.faults.mutation import mutated
from tests.faults.payloads import payloads
from tests.faults.reading import SEEDS, corpus, read

CORPUS = Path(__file__).parent / "corpus"
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
    body = mutated(SEEDS[seed].body, Random(draw))
    outcome = read(paths, SEEDS[seed], body)
    whole = outcome.ending == "refused" or (outcome.rows, outcome.cells) == (8, 8)
    if outcome.ending == "crashed" or not whole:
        # It stays: from now on every run of the tests reads it.
        (CORPUS / f"{seed}-{hashlib.sha256(body).hexdigest()[:12]}").write_bytes(body)
    assert outcome.ending != "crashed", outcome.said
    assert whole, outcome


def test_what_once_broke_is_refused_or_read_whole(paths: DataPaths) -> None:
    for seed, body, name in corpus(CORPUS):
        outcome = read(paths, seed, body)
        is_whole = (outcome.rows, outcome.cells) == (8, 8)
        assert outcome.ending == "refused" or is_whole, (name, outcome)
