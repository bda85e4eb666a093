"""Whether the folder of releases is what its logs say: the pointer, the releases, the history.

A fault is something that readers see wrongly, or that is lost. A warning is something that is not
finished, or not protected; the next writer or `wcn doctor --mend` sees to it.

Belongs here: comparing what is there with the logs. Does not belong here: one release's bytes
(`integrity`), mending.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from releases import history, journal, ledger, pointer
from releases.integrity import MANIFEST, unprotected

VERSION = re.compile(r"[0-9]+T[0-9]+Z-[0-9a-f]+")


@dataclass
class Found:
    """What is wrong, in sentences for a person."""

    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def audit(releases: Path) -> Found:
    """Everything but the bytes of the releases. Reads only, and holds no lock."""
    found = Found(faults=logs(releases))
    if not found.faults:  # without sound logs there is nothing to compare with
        _pointer(releases, found)
        _releases(releases, found)
        _history(releases, found)
    return found


def logs(releases: Path) -> list[str]:
    """Lines of both logs that cannot be read."""
    faults = []
    for read in (pointer.moves, ledger.read):
        try:
            read(releases)
        except journal.DamagedLog as error:
            faults.append(str(error))
    return faults


def link(releases: Path) -> Found:
    """The pointer alone: the link `current`, and whether it is where the log of moves says."""
    found = Found(faults=logs(releases))
    if not found.faults:
        _pointer(releases, found)
    return found


def _pointer(releases: Path, found: Found) -> None:
    past, link = pointer.moves(releases), releases / pointer.CURRENT
    now = pointer.target(releases)
    if now is None and link.exists():
        kind = "a folder" if link.is_dir() else "a file"
        found.faults.append(f"current is {kind}, and not the link to a release")
        return
    if not past:
        if now is not None:
            found.faults.append(f"current is {now}, but the log of moves is empty")
        return
    last = past[-1]
    there = pointer.finished(releases)
    if now == last.version:
        pass
    elif now == last.previous:
        # A process died between the log and the move, or somebody has set the link back: both look
        # like this. Readers have a whole release, and the next writer makes the move.
        found.warnings.append(
            f"current is {now}, and the log of moves says {last.version}: a move is not finished."
            " The next run finishes it, or `wcn doctor --mend`"
        )
    elif now is not None and Path(now).name != now:
        found.faults.append(f"current points to {now}, outside of the releases")
    else:
        found.faults.append(f"current is {now}, the log of moves says {last.version}")
    if now is not None and Path(now).name == now and now not in there:
        found.faults.append(f"current points to {now}, which is not there")


def _releases(releases: Path, found: Found) -> None:
    known, there = ledger.read(releases), pointer.finished(releases)
    published = pointer.published(releases)
    for version in known.releases:
        if version in there:
            continue
        if (releases / version).is_dir():
            found.faults.append(f"{version} has no {MANIFEST}")
        elif version in published:
            found.faults.append(
                f"{version} was published and is gone; nobody has pruned it. Take it from a backup"
            )
    for version in there:
        if version in published:
            if open_to := unprotected(releases, version):
                more = f" (and {len(open_to) - 1} more)" if len(open_to) > 1 else ""
                found.warnings.append(f"{version}: {open_to[0]}{more}")
        elif version in known.releases:
            found.warnings.append(
                f"{version} was made and never published: its process died. `wcn release prune`"
                " deletes it"
            )
        else:
            found.faults.append(f"{version} is there, and no log knows it. Move it away")
    for folder in sorted(p for p in releases.iterdir() if VERSION.fullmatch(p.name)):
        if folder.name not in there and folder.name not in known.releases:
            found.faults.append(f"{folder.name} has the name of a release, and is none")


def _history(releases: Path, found: Found) -> None:
    known, last = ledger.read(releases).history, len(pointer.moves(releases))
    there = sorted((releases / history.FOLDER).glob("*.parquet"))
    for file in there:
        # What an earlier version wrote has no hash; the last one is needed.
        number = int(file.stem) if file.stem.isdecimal() else 0
        if not 1 <= number <= last:
            found.faults.append(f"{history.FOLDER}/{file.name} is the history after no move")
        elif not history.is_sound(releases, number):
            found.faults.append(f"{history.FOLDER}/{file.name} is not as it was written")
    # A backup may have the log of hashes from a later moment than the log of moves.
    missing = [n for n in known if n <= last and not history.path(releases, n).exists()]
    found.faults += [
        f"{history.FOLDER}/{history.path(releases, n).name} is missing" for n in sorted(missing)
    ]
    try:
        history.demand_derivable(releases)
    except history.HistoryLost as error:
        found.faults.append(str(error))
        return
    if last and last not in known and not history.path(releases, last).exists():
        found.warnings.append(
            f"the history after move {last} is not written yet. The next run writes it, or"
            " `wcn doctor --mend`"
        )
