"""Nothing is published where a secret of the environment stands in it, or in a log."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote_plus

import duckdb
import pytest

from core.errors import ReleaseRefused
from core.secrets import found_in_file
from releases import leaks

KEY = "Open & shut/key 42"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("create table dim_source as select 1 as id, 'a title' as title")
        connection.execute(
            "create table fct_cell as select i::varchar as value_text from range(100000) t(i)"
        )
    (tmp_path / "quality").mkdir()
    (tmp_path / "quality" / "index.html").write_text("<html>fine</html>", encoding="utf-8")
    (tmp_path / "empty.log").touch()
    return tmp_path


def test_a_clean_folder_passes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WCN_DEMO_KEY", KEY)
    leaks.refuse([folder, folder / "missing.log"])


@pytest.mark.parametrize("spelling", [KEY, KEY.lower(), quote_plus(KEY)])
def test_a_secret_in_a_file_is_refused_and_not_repeated(
    folder: Path, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    monkeypatch.setenv("WCN_DEMO_KEY", KEY)
    (folder / "quality" / "deep.json").write_text(f'{{"t": "{spelling}"}}', encoding="utf-8")
    with pytest.raises(ReleaseRefused, match=r"WCN_DEMO_KEY stands in .*deep\.json") as caught:
        leaks.refuse([folder])
    assert spelling not in str(caught.value)


@pytest.mark.parametrize("spelling", [KEY, quote_plus(KEY)])
def test_a_secret_in_a_compressed_column_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    monkeypatch.setenv("WCN_DEMO_KEY", KEY)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        # Many alike, so that the file has them in pieces.
        connection.execute(
            "create table said as select 'bad ' || i || ? || i as text from range(9999) t(i)",
            [spelling],
        )
    assert found_in_file(folder / "warehouse.duckdb") is None
    with pytest.raises(ReleaseRefused, match="WCN_DEMO_KEY stands in said of"):
        leaks.refuse([folder])


def test_without_secrets_nothing_is_read(folder: Path) -> None:
    (folder / "quality" / "unreadable").symlink_to(folder / "nowhere")
    leaks.refuse([folder])
