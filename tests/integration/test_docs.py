"""Every example of the documentation works: commands, queries, Python.

The blocks of a page run in their order, in a folder that looks like the repository, on a copy of
the invented world's release. The invented world has other cities and sources than the real one:
`EXAMPLES` says which of them stand for those that the pages name. Of `make`, only `run` is run;
other targets are shown what they would do (`make -n`), since some of them run these tests.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from core.paths import DataPaths
from core.settings import ROOT
from tests.fixtures.warehouse import PUBLISHERS, WCN, Warehouse

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
BLOCK = re.compile(r"^```(bash|console|sql|python)\n(.*?)^```$", re.S | re.M)
# What a page names → what stands for it in the invented world.
EXAMPLES = {
    "Shanghai": "Barmere",
    "1796236": "9000002",
    "un__wup_2018_largest": "bureau__yearbook",
}
SHELL = ("bash", "console")

pytestmark = pytest.mark.slow(reason="every command of the documentation")


def blocks(page: Path) -> list[tuple[str, str]]:
    text = page.read_text(encoding="utf-8")
    for named, here in EXAMPLES.items():
        text = text.replace(named, here)
    return BLOCK.findall(text)


@dataclass(frozen=True)
class Sandbox:
    """A folder like a checkout in which `make run` has been called, and its environment."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str, text: str) -> None:
        ran = subprocess.run(
            command, input=text, cwd=self.folder, env=self.environment, timeout=180,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert ran.returncode == 0, f"{text}\n--- failed with:\n{ran.stdout[-4000:]}"


@pytest.fixture
def sandbox(first_release: Path, tmp_path: Path) -> Sandbox:
    for entry in ROOT.iterdir():
        if entry.name not in (".git", ".venv", "data"):
            (tmp_path / entry.name).symlink_to(entry)
    shutil.copytree(first_release / "data", tmp_path / "data", symlinks=True)
    shutil.copytree(PUBLISHERS, tmp_path / "publishers")
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries.parent / ".ready").touch()
    # `wcn` of this checkout, whatever is installed.
    (binaries / "wcn").write_text(f'#!/bin/sh\nexec {shlex.join(WCN)} "$@"\n', encoding="utf-8")
    (binaries / "wcn").chmod(0o755)
    found = (binaries, Path(sys.executable).parent, os.environ["PATH"])
    mine = {
        "PATH": os.pathsep.join(map(str, found)),
        "PYTHONPATH": str(ROOT),
        "USER": "somebody",
    }
    warehouse = Warehouse(DataPaths(tmp_path / "data"), tmp_path / "publishers")
    return Sandbox(tmp_path, warehouse.environment | mine)


@pytest.mark.parametrize(
    "page", [p for p in PAGES if blocks(p)], ids=lambda p: str(p.relative_to(ROOT))
)
def test_every_example_works(page: Path, sandbox: Sandbox) -> None:
    found = blocks(page)
    if commands := [b for kind, b in found if kind in SHELL]:
        script = "".join(re.sub(r"^\$ ", "", b, flags=re.M) for b in commands)
        script = re.sub(r"^make (?!run\b)", "make -n ", script, flags=re.M)
        sandbox.run("bash", "-euxo", "pipefail", "-s", text=script)
    if programs := [b for kind, b in found if kind == "python"]:
        sandbox.run(sys.executable, "-W", "ignore", "-", text="\n".join(programs))
    current = sandbox.folder / "data" / "releases" / "current" / "warehouse.duckdb"
    with duckdb.connect(str(current), read_only=True) as connection:
        for query in (b for kind, b in found if kind == "sql"):
            connection.execute(query)


def test_a_broken_example_fails(sandbox: Sandbox) -> None:
    with pytest.raises(AssertionError, match="No such command"):
        sandbox.run("bash", "-euo", "pipefail", "-s", text="echo fine\nwcn nothing\necho on\n")


def test_every_tutorial_and_how_to_has_examples_that_are_run() -> None:
    with_blocks = {p.stem for p in PAGES if blocks(p)}
    wanted = {"README", "data-engineer", "analyst", "bi", "operate", "recover", "first-day"}
    assert wanted <= with_blocks
