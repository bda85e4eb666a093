"""`python -m benchmarks.commands`: what people wait for, each command beside a named floor.

A floor is the least that any program would have to do for the same answer, timed in the same run:
loading the libraries, reading the same bytes, one hand-written script over the same cells. Whole
processes are timed; the machine's load stands beside them. Nothing here passes or fails.

Belongs here: the commands and their floors. Does not belong here: single steps (`phases`).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.phases import begin_floor
from core.paths import DataPaths
from core.settings import ROOT
from releases.store import ReleaseStore
from sources.landing import INDEX_COLUMNS, read_index

WCN = Path(sys.executable).parent / "wcn"
INDEX = ROOT / "sources" / "recorded.csv"
# A source of middle size: 74,000 of 1.7 million cells.
CHANGED = "eurostat__urb_ctour"


@dataclass(frozen=True)
class Line:
    """One row of the table: seconds (or megabytes) of the command and of its floor."""

    name: str
    measured: float
    floor_name: str
    floor: float
    load: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.commands", description=__doc__)
    parser.add_argument("--recordings", type=Path, default=ROOT.parent / "shared" / "recordings")
    parser.add_argument("--clone", action="store_true", help="also `make run` in a fresh clone")
    chosen = parser.parse_args()
    lines = list(_starts())
    with tempfile.TemporaryDirectory(prefix="wcn-bench-") as folder:
        if chosen.recordings.is_dir():
            lines += _recorded(Path(folder), chosen.recordings)
        if chosen.clone:
            lines.append(_clone(Path(folder)))
    _show(lines)


def _starts() -> list[Line]:
    python = sys.executable
    return [
        _line(
            "wcn --help",
            lambda: _run([str(WCN), "--help"]),
            "import click",
            lambda: _run([python, "-c", "import click"]),
        ),
        _line(
            "import of the code location",
            lambda: _run([python, "-c", "import orchestration.definitions"]),
            "import dagster, dagster_dbt",
            lambda: _run([python, "-c", "import dagster, dagster_dbt"]),
        ),
    ]


def _recorded(folder: Path, recordings: Path) -> list[Line]:
    """Everything anew, nothing changed, one source changed; and the size of a release."""
    home = folder / "data"

    def refresh(index: Path, root: Path) -> Callable[[], None]:
        arguments = [str(WCN), "run", "--archive", str(index), "--archive-root", str(root)]
        return lambda: _run(arguments, WCN_DATA=str(home))

    paths = DataPaths(home)
    anew = _line("recorded, everything anew", refresh(INDEX, recordings), "", lambda: None)
    script = _seconds(lambda: _hand_written(paths))
    named = "floor.sql on its cells, and a plain export"
    store = ReleaseStore(paths.releases)
    size = sum(store.size(v) for v in store.versions()) / 1e6
    raw = sum(p.stat().st_size for p in home.glob("raw/*/*/cells.parquet")) / 1e6
    same = _line(
        "recorded, nothing changed",
        refresh(INDEX, recordings),
        "import dagster, and the hash of every file",
        lambda: _hashes(recordings),
    )
    index, root = _one_changed(folder / "changed", recordings)
    changed = _line(f"recorded, {CHANGED} changed", refresh(index, root), "", lambda: None)
    return [
        Line(anew.name, anew.measured, named, script, anew.load),
        same,
        Line(changed.name, changed.measured, named, script, changed.load),
        Line("release on disk, MB", size, "its cells as Parquet, MB", raw, os.getloadavg()[0]),
    ]


def _hand_written(paths: DataPaths) -> None:
    with duckdb.connect(str(paths.temporary / "floor.duckdb")) as connection:
        for statement in begin_floor(connection, paths):
            connection.execute(statement)
        for (table,) in connection.execute(
            "select table_name from duckdb_tables()"
            " where database_name = current_database() and not temporary"
        ).fetchall():
            file = paths.temporary / f"{table}.parquet"
            connection.execute(f"copy \"{table}\" to '{file}' (format parquet, compression zstd)")


def _hashes(recordings: Path) -> None:
    code = (
        "import dagster, hashlib, pathlib, sys\n"
        "for p in pathlib.Path(sys.argv[1]).rglob('*'):\n"
        "    if p.is_file(): hashlib.file_digest(p.open('rb'), 'sha256')"
    )
    _run([sys.executable, "-c", code, str(recordings)])


def _one_changed(folder: Path, recordings: Path) -> tuple[Path, Path]:
    """The same archive, with one figure of one source another: links, but for that file."""
    folder.mkdir()
    lines = [",".join(INDEX_COLUMNS)]
    for entries in read_index(INDEX, recordings).values():
        for entry in entries:
            name = entry.file.relative_to(recordings.resolve())
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            sha256 = entry.sha256
            if entry.source == CHANGED:
                sha256 = _changed(entry.file, folder / name)
            elif not (folder / name).exists():
                os.link(entry.file, folder / name)
            parts = (entry.source, entry.resource, entry.table or "", entry.url, name, sha256)
            lines.append(",".join(map(str, (*parts, entry.retrieved_at))))
    index = folder / "index.csv"
    index.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return index, folder


def _changed(source: Path, target: Path) -> str:
    """Repeat the last row of the file: another content, of the same kind."""
    from core.files import sha256_of

    text = source.read_bytes().rstrip(b"\n")
    target.write_bytes(text + b"\n" + text.rpartition(b"\n")[2] + b"\n")
    return sha256_of(target)


def _clone(folder: Path) -> Line:
    """`make run` in a fresh clone, its environment included, without a network."""
    clone = folder / "clone"
    _run(["git", "clone", "--quiet", str(ROOT), str(clone)])
    return _line(
        "make run, fresh clone, environment included",
        lambda: _run(["make", "-C", str(clone), "run"], WCN_DATA=str(folder / "fresh")),
        "the environment alone, once more",
        lambda: (
            shutil.rmtree(clone / ".venv"),
            _run(["make", "-C", str(clone), ".venv/.ready"]),
        ),
    )


def _line(
    name: str, command: Callable[[], object], floor_name: str, floor: Callable[[], object]
) -> Line:
    measured = _seconds(command)
    return Line(name, measured, floor_name, _seconds(floor), os.getloadavg()[0])


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _run(arguments: list[str], **environment: str) -> None:
    subprocess.run(
        arguments,
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
    )


def _show(lines: list[Line]) -> None:
    table = Table(title="What people wait for (seconds, unless said)", box=box.SIMPLE_HEAD)
    table.add_column("what")
    for head in ("measured", "floor", "× floor", "load"):
        table.add_column(head, justify="right")
    table.add_column("the floor is")
    for line in lines:
        ratio = f"{line.measured / line.floor:.1f}" if line.floor > 0.001 else ""
        numbers = (f"{line.measured:.1f}", f"{line.floor:.1f}", ratio, f"{line.load:.1f}")
        table.add_row(line.name, *numbers, line.floor_name)
    Console(width=max(Console().width, 132)).print(table)


if __name__ == "__main__":
    main()
