"""What data say is shown, and commands nothing to the terminal, in whatever way it is printed."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from rich.console import Group
from rich.table import Table
from rich.text import Text

from cities.queue import Case
from cities.register import Place
from cities.review import Decision
from cli import run
from cli.main import main
from cli.render.cities import case_view, decisions_view, find_view
from cli.render.console import console
from cli.render.plain import say, visible
from core.settings import Settings
from tests.fixtures.terminal import COMMANDS, HOSTILE, SHOWN
from warehouse.project import Project


@pytest.fixture(params=["a pipe", "a terminal"])
def _where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "a terminal":
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.setenv("COLUMNS", "160")


CASE = Case(
    *(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, (HOSTILE,)),
    *(None, None, None, (HOSTILE,), 1, 1, (HOSTILE,), HOSTILE),
    (Place(1, HOSTILE, HOSTILE, HOSTILE, 1, named_by=(HOSTILE,)),),
    (HOSTILE,),
)
DECISION = Decision(*["2026"], *[HOSTILE] * 4, "not_a_city", "", HOSTILE, HOSTILE)
DRAWN = {
    "text": HOSTILE,
    "styled text": Text(HOSTILE, style="bold"),
    "a case": case_view(CASE, "1/1"),
    "decisions": decisions_view([DECISION]),
    "cities found": find_view([(1, *[HOSTILE] * 3, 1, HOSTILE, 1, HOSTILE)], [], HOSTILE),
    "cities near": find_view([], [(1, *[HOSTILE] * 3, 1, HOSTILE, 0.5)], HOSTILE),
    "nothing found": find_view([], [], HOSTILE),
    "a group": Group(HOSTILE, Table(HOSTILE, title=HOSTILE)),
}


@pytest.mark.usefixtures("_where")
@pytest.mark.parametrize("drawn", DRAWN)
def test_what_is_drawn_commands_nothing(drawn: str, capsys: pytest.CaptureFixture[str]) -> None:
    console().print(DRAWN[drawn])
    # Colours and styles are our own.
    printed = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert not COMMANDS.search(printed)
    assert "[/bold]" in printed
    assert ":smile:" in printed
    assert SHOWN in re.sub(r"\s+", " ", printed) or drawn != "text"


def test_a_table_stays_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("name")
    table.add_row("\x1b\x1b\x1b")
    table.add_row("plain")
    console().print(table)
    assert len({len(line) for line in capsys.readouterr().out.splitlines()}) == 1


def test_lines_and_errors_command_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    say(HOSTILE)
    say(HOSTILE, err=True)
    printed = capsys.readouterr()
    assert printed.out == printed.err == SHOWN + "\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (HOSTILE,),
        ("cities", HOSTILE),
        ("cities", "find", "x", "--country", HOSTILE),
        ("cities", "explain", HOSTILE),
        ("trace", HOSTILE, HOSTILE),
        ("gate", "accept", HOSTILE, "--source", HOSTILE, "--reason", HOSTILE),
        ("gate", "accept", "values_hold", "--source", HOSTILE, "--reason", HOSTILE),
        ("run", "--only", HOSTILE),
        ("run", "--archive", HOSTILE),
        ("sources", "new", "a__b", HOSTILE),
        ("release", "verify", HOSTILE),
    ],
)
def test_what_a_command_was_given_is_not_sent_back_as_a_command(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    given = [a.replace("\0", "") for a in arguments]  # no shell can pass it
    ran = CliRunner().invoke(main, given, env={"WCN_DATA": str(tmp_path)})
    assert ran.exit_code in (1, 2)
    assert isinstance(ran.exception, SystemExit)
    assert not COMMANDS.search(ran.output)


def test_errors_of_an_index_are_told_as_text(tmp_path: Path) -> None:
    index = tmp_path / "index.csv"
    index.write_text(f"{HOSTILE},b\n", encoding="utf-8")
    ran = CliRunner().invoke(
        main, ["run", "--archive", str(index)], env={"WCN_DATA": str(tmp_path / "data")}
    )
    assert (ran.exit_code, "an index with the columns" in ran.output) == (1, True)
    assert not COMMANDS.search(ran.output)


def test_the_log_of_alerts_holds_text(tmp_path: Path) -> None:
    project = Project.open(Settings(data=tmp_path))
    with run._alerts_logged(project):
        logging.getLogger("wcn.alert").warning("%s", HOSTILE)
    logged = (tmp_path / "alerts.log").read_text(encoding="utf-8")
    assert logged.endswith(SHOWN + "\n")


@pytest.mark.parametrize("text", ["São Paulo", "北京", "تهران", "Zürich\n\tOslo", "क्‍ष", "👩‍🚀"])
def test_names_of_every_script_stay_as_they_are(text: str) -> None:
    assert visible(text) == text


def test_every_line_is_printed_past_the_one_place() -> None:
    assert click.echo is not say
    here = Path(run.__file__).parent
    allowed = {"plain.py"}
    # Fixed words, versions and paths of the operator's own.
    allowed |= {"archive.py", "docs.py", "release.py", "ui.py", "doctor.py"}
    found = {
        path.name
        for path in here.rglob("*.py")
        if re.search(r"click\.echo\(|\bprint\((?!.*console)|\bConsole\(", _code(path))
    }
    assert found - allowed - {"console.py"} == set()


def _code(path: Path) -> str:
    return re.sub(r"console(\(\))?\.print\(", "", path.read_text(encoding="utf-8"))
