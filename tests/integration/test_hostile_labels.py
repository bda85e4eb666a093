"""Labels that would command a terminal go through every command that prints labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.paths import DataPaths
from tests.fixtures import world as w
from tests.fixtures.terminal import COMMANDS, HOSTILE
from tests.fixtures.warehouse import Warehouse

# Without a line break and NUL, which would be none of the file's fields.
NAME = HOSTILE.replace("\r", "").replace("\0", "")
TOWN, TWIN = f"{NAME} town", f"{NAME} twin"


@pytest.fixture(scope="module")
def home(world: w.World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Warehouse, str]:
    """One release of a world with a hostile city and hostile twins; and what the run said."""
    folder, hostile = tmp_path_factory.mktemp("hostile"), world.changed()
    names = {world.cities[0].name: TOWN, "Twinford": TWIN}
    for rows in hostile.tables.values():
        rows[:] = [[names.get(field, field) for field in row] for row in rows]
    warehouse = Warehouse(DataPaths(folder / "data"))
    said = warehouse.run(hostile.write(folder / "archive"))
    return warehouse, said


def test_a_run_with_hostile_labels_prints_text(home: tuple[Warehouse, str]) -> None:
    assert "Cells, by source" in home[1]
    assert not COMMANDS.search(home[1])


COMMANDS_WITH_LABELS = {
    "find": (("cities", "find", TOWN), ""),
    "find near": (("cities", "find", TOWN[:-2]), ""),
    "explain": (("cities", "explain", TOWN), ""),
    "explain twins": (("cities", "explain", TWIN), ""),
    "review": (
        ("cities", "review", "--source", w.YEARBOOK, "--outcome", "city_ambiguous"),
        "1\n[/bold] \x1b[2J\nq\n",
    ),
    "decisions": (("cities", "decisions"), ""),
    "trace": (("trace", str(w.FIRST_ID), "population", "2010"), ""),
    "trace of nothing": (("trace", str(w.FIRST_ID), "nothing"), ""),
    "sources": (("sources",), ""),
    "release list": (("release", "list"), ""),
}


@pytest.mark.parametrize("command", COMMANDS_WITH_LABELS)
def test_a_hostile_label_is_printed_as_text(home: tuple[Warehouse, str], command: str) -> None:
    arguments, answers = COMMANDS_WITH_LABELS[command]
    ok = command not in ("find near", "trace of nothing")
    said = home[0].wcn(*arguments, answers=answers, ok=ok)
    # What a person types is shown again by the runner of tests.
    said = said.replace(answers.split("\n")[1], "") if answers else said
    assert not COMMANDS.search(said)
    if command not in ("sources", "release list"):
        assert "[/bold]" in said
        assert "␛" in said


def test_a_refusal_of_hostile_content_is_printed_as_text(home: tuple[Warehouse, str]) -> None:
    paths = home[0].paths
    paths.refusals.parent.mkdir(exist_ok=True)
    line = '{"content_id": "\\u001b[2J", "source_id": "a__b", "reason": "values_hold", '
    paths.refusals.write_text(line + '"refused_at": "2026"}\n', encoding="utf-8")
    arguments = ("values_hold", "--source", "a__b", "--reason", "so it is")
    said = home[0].wcn("gate", "accept", *arguments)
    assert "contents ␛[2J" in said


def test_a_hostile_name_is_found_as_it_is_written(home: tuple[Warehouse, str]) -> None:
    query = "select name from dim_city where city_id = ?"
    assert home[0].query(query, w.FIRST_ID) == [(TOWN,)]
    assert isinstance(home[0].paths.root, Path)
