"""A process beside this one: it answers, it raises, and its death is told."""

from __future__ import annotations

import os
import signal
import time

import pytest

from core.worker import Worker, tell


def test_it_answers_one_question_after_another() -> None:
    worker = Worker("json")
    assert worker.call(os.path.join, "a", "b") == "a/b"
    assert worker.call(os.getpid) == worker.call(os.getpid) != os.getpid()


def test_what_a_function_raises_is_raised_here_and_it_goes_on() -> None:
    worker = Worker()
    with pytest.raises(FileNotFoundError, match="no such place"):
        worker.call(os.listdir, "/no such place")
    assert worker.call(abs, -1) == 1


def test_an_answer_that_cannot_be_sent_is_an_error_and_not_a_silence() -> None:
    with pytest.raises(RuntimeError, match="scandir"):
        Worker().call(os.scandir, "/")


def test_its_death_is_told_with_its_exit_code() -> None:
    with pytest.raises(RuntimeError, match=r"exit has died \(exit code 7\)"):
        Worker().call(os._exit, 7)


def test_it_ends_where_its_owner_is_gone() -> None:
    worker = Worker()
    assert worker.call(abs, -1) == 1
    worker._connection.close()
    for _ in range(100):
        if worker._process.poll() is not None:
            break
        time.sleep(0.05)
    assert worker._process.returncode == 0


def test_an_interrupted_question_ends_it_so_that_no_answer_is_taken_for_another_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = Worker()

    def interrupted(_seconds: float | None) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(worker._connection, "poll", interrupted)
    with pytest.raises(KeyboardInterrupt):
        worker.call(abs, -1)
    assert not worker.is_alive


def test_a_hanging_process_ends_by_itself_where_its_owner_is_gone() -> None:
    worker = Worker(max_seconds=-4.5)  # five seconds of grace: half a second
    worker._connection.send((time.sleep, (60,), {}))
    assert worker._process.wait(timeout=30) == -signal.SIGALRM


def _count(up_to: int) -> str:
    for n in range(up_to):
        tell(n)
    return "done"


def test_what_it_tells_comes_before_its_answer_and_is_taken_for_none() -> None:
    worker = Worker()
    worker.begin(_count, 2)  # of no interest to anybody
    told = worker.stream(_count, 3)
    assert [next(told), next(told), next(told)] == [0, 1, 2]
    with pytest.raises(StopIteration) as end:
        next(told)
    assert end.value.value == "done"
    assert worker.call(_count, 3) == "done"


def test_who_stops_listening_ends_it() -> None:
    worker = Worker()
    told = worker.stream(_count, 3)
    assert next(told) == 0
    told.close()
    assert not worker.is_alive
