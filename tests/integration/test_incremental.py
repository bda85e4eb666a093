"""What a build keeps from the one before changes nothing: incremental equals full.

A warehouse lives through a chain of changes, keeping parsed contents and resolved labels; after
each, another is built from nothing out of the same bytes, and their tables are compared.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cities import review
from cities.review import Decision
from core.paths import DataPaths
from sources import parse
from tests.faults.releases import OF_RELEASES
from tests.fixtures import world as w
from tests.fixtures.warehouse import PUBLISHERS, Warehouse
from tests.fixtures.world import World

CHANGES = (
    "a value is revised",
    "a decision is made",
    "a source goes",
    "a source comes, and a declaration changes",
    "the code changes",
)
# Of the invented world's gazetteer: the smaller of two towns of one name and country.
_TWIN = str(w.FIRST_ID + 101)

pytestmark = pytest.mark.slow(
    reason="ten runs: after each change one that keeps, one that makes everything anew"
)


def _compared(
    folder: Path, first_release: Path, world: World, patched: pytest.MonkeyPatch
) -> Iterator[tuple[str, list[str]]]:
    """After each change: the tables in which the kept and the new warehouse differ."""
    shutil.copytree(first_release / "data", folder / "kept", symlinks=True)
    publishers, decisions = folder / "publishers", folder / "decisions.csv"
    shutil.copytree(PUBLISHERS, publishers)
    kept = Warehouse(DataPaths(folder / "kept"), publishers, decisions=decisions)
    world = world.changed()
    prices = publishers / "institute" / "prices.yml"
    aside = prices.read_text(encoding="utf-8")
    for n, change in enumerate(CHANGES):
        if n == 0:
            world.tables[w.YEARBOOK][world.yearbook_row(50, 2015)][3] = "777.7"
        elif n == 1:
            at = "2026-01-01T00:00:00+00:00"
            label = (w.YEARBOOK, "Twinford", "", "CA")
            review.append(decisions, Decision(at, *label, "city", _TWIN, "anna", "it is"))
        elif n == 2:
            prices.unlink()
        elif n == 3:
            prices.write_text(aside, encoding="utf-8")
            yearbook = publishers / "bureau" / "yearbook.yml"
            text = yearbook.read_text(encoding="utf-8")
            changed = text.replace('edition: "2021"', 'edition: "2022"').replace(
                "rank: 20", "rank: 70"
            )
            assert changed.count("2022") == 1
            yearbook.write_text(changed, encoding="utf-8")
        else:
            patched.setattr(parse, "_code", lambda: "another version of the decoders")
        index = world.write(folder / f"archive{n}")
        kept.run(index)
        full = replace(kept, paths=DataPaths(folder / f"full{n}"))
        full.run(index)
        mine, theirs = kept.current["tables"], full.current["tables"]
        assert set(mine) == set(theirs)
        yield (
            change,
            [
                table
                for table in sorted(set(mine) - OF_RELEASES)
                if mine[table]["logical_hash"] != theirs[table]["logical_hash"]
            ],
        )


@pytest.fixture(scope="module")
def compared(
    first_release: Path, world: World, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    with pytest.MonkeyPatch.context() as patched:
        folder = tmp_path_factory.mktemp("incremental")
        return dict(_compared(folder, first_release, world, patched))


@pytest.mark.parametrize("change", CHANGES)
def test_an_incremental_build_equals_a_full_one(
    compared: dict[str, list[str]], change: str
) -> None:
    assert compared[change] == []
