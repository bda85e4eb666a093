"""Real bodies, spoilt at random: refused in words, or read with every text that they still have."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.paths import DataPaths
from core.settings import ROOT
from tests.faults import kept, recorded
from tests.faults.reading import read
from tests.faults.recorded import RECORDINGS, Real

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="no folder shared/recordings beside the repository"
)
# A long run: WCN_FAULT_EXAMPLES=100000 python -m pytest tests/faults/test_recorded.py
EXAMPLES = int(os.environ.get("WCN_FAULT_EXAMPLES", "1000"))


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    return DataPaths(tmp_path_factory.mktemp("recorded")).create()


@pytest.fixture(scope="module")
def real(paths: DataPaths) -> Real:
    return recorded.real(paths, RECORDINGS)


def test_every_recording_takes_part_and_refused_answers_say_why(real: Real) -> None:
    with (ROOT / "sources" / "recorded.csv").open(encoding="utf-8") as lines:
        entries = sum(1 for _ in lines) - 1
    has_answers = RECORDINGS.with_name("answers").is_dir()
    assert len(real.taken) >= entries + 5 * has_answers
    assert all("What to do: " in said for said in real.refused.values())


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == 1000,
    suppress_health_check=list(HealthCheck),
    # A smaller number of a draw is no smaller fault.
    phases=[Phase.generate],
)
@given(st.integers(0, 2**16), st.integers(0, 2**48))
def test_a_spoilt_recording_is_refused_or_read_with_every_text(
    paths: DataPaths, real: Real, which: int, draw: int
) -> None:
    taken = sorted(real.taken.items())
    name, seed = taken[which % len(taken)]
    body = kept.drawn(seed, draw)
    outcome = read(paths, seed, body)
    if outcome.fault:
        kept.keep(seed, draw, body)
    assert not outcome.fault, (name, draw, outcome)


def test_what_once_broke_is_refused_or_read_with_every_text(paths: DataPaths, real: Real) -> None:
    others = []
    for name, seed, body, is_same in kept.real(real.taken):
        outcome = read(paths, seed, body)
        assert not outcome.fault, (name, outcome)
        others += [] if is_same else [name]
    if others:
        pytest.skip(f"{', '.join(others)}: the draw makes another body than the one that was kept")
