"""What was measured of a network is not measured again, unless something is different."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from analysis.networks.kept import kept

TIES = pa.table({"origin": ["a", "b"], "weight": [1.0, 2.0]})
ANSWER = pa.table({"node": ["a"], "degree": [1]})


class Counted:
    """A computation that counts how often it was made."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> pa.Table:
        self.times += 1
        return ANSWER


def test_equal_ties_in_any_order_are_measured_once(tmp_path: Path) -> None:
    make = Counted()
    folder = tmp_path / "networks"
    assert kept(folder, "x 2014", [TIES], make).equals(ANSWER)
    assert kept(folder, "x 2014", [TIES.take([1, 0])], make).equals(ANSWER)
    assert make.times == 1


def test_what_differs_is_measured_anew_and_one_file_a_network_stays(tmp_path: Path) -> None:
    make = Counted()
    kept(tmp_path, "x 2014", [TIES], make)
    kept(tmp_path, "x 2014", [TIES.slice(1)], make)
    kept(tmp_path, "y 1981/2010", [TIES.slice(1)], make)
    assert make.times == 3
    assert len(list(tmp_path.iterdir())) == 2


def test_a_spoilt_file_is_none(tmp_path: Path) -> None:
    make = Counted()
    kept(tmp_path, "x", [TIES], make)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"PAR1 and no more")
    assert kept(tmp_path, "x", [TIES], make).equals(ANSWER)
    assert make.times == 2


def test_without_a_folder_nothing_is_kept() -> None:
    make = Counted()
    kept(None, "x", [TIES], make)
    kept(None, "x", [TIES], make)
    assert make.times == 2
