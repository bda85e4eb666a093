"""The data home: what is made in it, and what another version has made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import OutdatedDataHome
from core.paths import DataPaths
from core.settings import Settings
from warehouse import write_slot


def test_a_data_home_of_an_earlier_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "landing" / "offers").mkdir(parents=True)
    with pytest.raises(OutdatedDataHome, match="Set WCN_DATA to another folder"):
        DataPaths(tmp_path).create()


def test_the_environment_is_read_where_it_is_asked_for(tmp_path: Path) -> None:
    given = Settings.from_environment({"WCN_DATA": str(tmp_path), "WCN_MIN_CITIES": "60"})
    assert (given.data, given.min_cities) == (tmp_path, 60)
    assert Settings.from_environment({"WCN_DATA": ""}) == Settings.from_environment({})


def test_a_secret_address_is_not_in_what_is_printed_of_the_settings() -> None:
    given = Settings.from_environment({"WCN_ALERT_WEBHOOK": "https://example.org/secret-token"})
    assert "secret-token" not in repr(given)


def test_what_is_no_folder_is_no_data_home(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        DataPaths(tmp_path / "file").create()


def test_a_run_deletes_what_a_dead_one_left_half_written(tmp_path: Path) -> None:
    paths = DataPaths(tmp_path).create()
    left = paths.temporary / "fetch-dead"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    with write_slot.held(paths, "a run", lambda _: None):
        assert not left.exists()
