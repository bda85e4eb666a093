"""The cache answers what was asked before, and nothing else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cities import rulebook
from cities.cache import content_hash
from cities.pipeline import Ran
from cities.resolve import resolve
from tests.fixtures.cities import asked

LABELS = [
    {"ref_area": "Wien (Vienna)", "country": "AT"},
    {"ref_area": "Liyang", "country": "CN"},
    {"ref_area": "Shauliai", "country": "Lithuania"},
]


def tables_made(ran: list[Ran]) -> set[str]:
    return {r.step.table for r in ran}


def test_with_and_without_it_the_answer_is_the_same(tmp_path: Path) -> None:
    tables = asked(LABELS)
    plain = resolve(**tables)
    first: list[Ran] = []
    assert resolve(**tables, cache=tmp_path, ran=first).equals(plain)
    assert "spelling" in tables_made(first)
    (answer,) = tmp_path.glob("answer-*.parquet")
    again: list[Ran] = []
    assert resolve(**tables, cache=tmp_path, ran=again).equals(plain)
    assert again == []  # The whole answer was kept.
    answer.unlink()
    prepared: list[Ran] = []
    assert resolve(**tables, cache=tmp_path, ran=prepared).equals(plain)
    assert "decision" in tables_made(prepared)
    assert "spelling" not in tables_made(prepared)  # The gazetteer was kept.


def test_other_labels_find_the_gazetteer_ready(tmp_path: Path) -> None:
    resolve(**asked(LABELS), cache=tmp_path)
    ran: list[Ran] = []
    made = resolve(**asked(LABELS[:1]), cache=tmp_path, ran=ran)
    assert made.num_rows == 1
    assert "spelling" not in tables_made(ran)
    assert len(list(tmp_path.iterdir())) == 2  # The old answer went.


def test_another_place_is_another_gazetteer(tmp_path: Path) -> None:
    tables = asked(LABELS)
    resolve(**tables, cache=tmp_path)
    places = tables["places"].filter(pc.not_equal(tables["places"]["city_id"], 1))
    made = resolve(**{**tables, "places": places}, cache=tmp_path)
    assert made["city_id"].to_pylist()[0] is None
    assert len(list(tmp_path.glob("gazetteer-*"))) == 1


def test_another_rule_is_another_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = asked(LABELS)
    assert resolve(**tables, cache=tmp_path)["city_id"].to_pylist()[0] == 1
    rules = Path(shutil.copytree(rulebook.FOLDER, tmp_path / "rules"))
    with (rules / "not_a_city.csv").open("a", encoding="utf-8") as stream:
        stream.write("joke,AT,yes,^wien$\n")
    monkeypatch.setattr(rulebook, "FOLDER", rules)
    assert resolve(**tables, cache=tmp_path)["outcome"].to_pylist()[0] == "not_a_city"


def test_a_file_that_cannot_be_read_is_made_anew(tmp_path: Path) -> None:
    tables = asked(LABELS)
    plain = resolve(**tables, cache=tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(b"cut off")
    assert resolve(**tables, cache=tmp_path).equals(plain)


def test_a_run_that_is_stopped_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cities.cache.pq.write_table", stop)
    with pytest.raises(KeyboardInterrupt):
        resolve(**asked(LABELS[:1]), cache=tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".duckdb"]


def test_what_another_run_is_writing_stays_and_what_was_abandoned_goes(tmp_path: Path) -> None:
    busy, old = (tmp_path / f"answer-{n}.1.1.writing" for n in ("busy", "old"))
    log = tmp_path / "answer-busy.1.1.writing.wal"
    for path in (busy, old, log):
        path.touch()
    os.utime(old, (0, 0))
    resolve(**asked(LABELS[:1]), cache=tmp_path)
    assert (busy.exists(), log.exists(), old.exists()) == (True, True, False)


def test_a_hash_is_of_rows_whatever_their_order() -> None:
    table = pa.table({"a": [1, 2, 2], "b": ["x", None, "y"]})
    assert content_hash(table) == content_hash(table.take(pa.array([2, 0, 1])))
    others = [
        table.slice(0, 2),
        pa.concat_tables([table, table.slice(0, 1)]),
        pa.table({"a": [1, 2, 2], "b": ["x", "y", None]}).slice(0, 2),
        table.rename_columns(["b", "a"]),
        table.set_column(0, "a", pa.array([1, 2, 2], pa.int32())),
        table.set_column(1, "b", pa.array(["x", "", "y"])),
    ]
    assert len({content_hash(t) for t in [table, *others]}) == len(others) + 1
