"""The backup that docs/how-to/recover.md describes is whole, whatever is published meanwhile."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from core.paths import DataPaths
from core.settings import ROOT
from releases import history, pointer
from releases.store import ReleaseStore
from tests.fixtures import releases as made
from tests.fixtures.warehouse import Warehouse
from warehouse import doctor

PAGE = ROOT / "docs" / "how-to" / "recover.md"


def steps() -> list[str]:
    """The commands of the page, one by one."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(r"^## Back up\n.*?^```bash\n(.*?)^```", text, re.S | re.M)
    assert found
    return found[1].splitlines()


@pytest.mark.parametrize("every", [1, 2, 5])
def test_a_copy_during_which_releases_are_published_can_be_restored(
    tmp_path: Path, every: int
) -> None:
    home = DataPaths(tmp_path / "data").create()
    for folder in (home.snapshots, home.receipts, home.blobs):
        folder.mkdir(parents=True)
    count = 0

    def publish() -> None:
        nonlocal count
        count += 1
        made.publish(home.releases, f"202601{count:02d}T000000Z-aaaaaaaa", {1: float(count)})

    publish()
    publish()
    for number, command in enumerate(steps()):
        subprocess.run(["bash", "-euc", command], cwd=tmp_path, check=True)
        if number % every == 0:
            publish()
    assert count > 3
    (tmp_path / "backup").rename(tmp_path / "restored")
    restored = Warehouse(DataPaths(tmp_path / "restored"))
    restored.wcn("doctor", "--mend")
    restored.wcn("release", "verify")
    store = ReleaseStore(restored.paths.releases)
    assert store.audit().faults == []
    assert pointer.current(store.folder) == pointer.moves(store.folder)[-1].version
    made.publish(store.folder, "20270101T000000Z-bbbbbbbb", {1: 1.0})
    store.prune(1)
    assert [f for f in doctor.examine(restored.paths) if f.is_fault] == []
    last = len(pointer.moves(store.folder))
    assert history.path(store.folder, last).exists()
