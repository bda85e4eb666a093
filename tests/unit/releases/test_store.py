"""Whoever deletes and whoever moves exclude each other; readers always have a sound release."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from core.errors import ReleaseRefused
from core.files import sha256_of
from releases import pointer, store
from releases.store import ReleaseStore

VERSIONS = [f"2026010{n}T000000Z-aaaaaaa{n}" for n in (1, 2, 3)]


def _released(folder: Path) -> ReleaseStore:
    """Three releases of one small file each; the last is current."""
    for version in VERSIONS:
        file = folder / version / "parquet" / "fct_observation.parquet"
        file.parent.mkdir(parents=True)
        duckdb.sql(
            "select 1::bigint as city_id, 'population' as indicator, 's' as source_id,"
            " 'metro' as spatial_unit, '2020' as time_period, 1.0::double as obs_value,"
            " 'persons' as unit_measure, 'A' as obs_status"
        ).write_parquet(str(file))
        files = {"parquet/fct_observation.parquet": sha256_of(file)}
        manifest = {"version": version, "files": files, "tables": {}}
        (folder / version / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        pointer.move(folder, version, "publish")
    return ReleaseStore(folder)


def test_a_prune_that_died_leaves_no_half_release_in_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = _released(tmp_path)

    def killed(_folder: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(store, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            here.prune(1)
    assert here.versions() == [VERSIONS[2]]
    assert here.prune(1) == []
    assert [p.name for p in tmp_path.iterdir() if "2026" in p.name] == [VERSIONS[2]]


@pytest.mark.parametrize("damage", ["flipped", "gone", "added", "manifest cut"])
def test_a_rollback_to_a_damaged_release_is_refused(tmp_path: Path, damage: str) -> None:
    here = _released(tmp_path)
    folder = tmp_path / VERSIONS[0]
    file, manifest = folder / "parquet" / "fct_observation.parquet", folder / "manifest.json"
    match damage:
        case "flipped":
            content = file.read_bytes()
            file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        case "gone":
            file.unlink()
        case "added":
            (folder / "rogue.txt").touch()
        case _:
            manifest.write_text(manifest.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    with pytest.raises(ReleaseRefused, match="not as it was published"):
        here.rollback(VERSIONS[0], "")
    assert pointer.current(tmp_path) == VERSIONS[2]
    assert here.verify(VERSIONS[0])


def test_prune_keeps_the_release_that_a_dying_rollback_was_going_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = _released(tmp_path)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(pointer, "_point", killed)
        with pytest.raises(KeyboardInterrupt):
            here.rollback(VERSIONS[0], "")
    assert here.prune(1) == [VERSIONS[1]]
    assert pointer.current(tmp_path) == VERSIONS[0]
