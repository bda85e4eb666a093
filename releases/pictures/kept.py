"""Pictures of a candidate, drawn beside other work and kept for as long as they say the same.

A drawing follows from what it says and from the code that draws, not from the release that it is
of; the name of that is put in when it is placed. So what did not change is not drawn again.

Belongs here: what is there and what has to be drawn, and in which process. Does not belong here:
drawing: this module must not load the library that draws.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from functools import cache, lru_cache, partial
from importlib.metadata import version
from pathlib import Path

from core.files import keep_newest
from core.worker import Worker
from releases.pictures.said import KINDS, RELEASE, Picture, pictures

_started: list[Worker] = []


def begin(database: Path, cache: Path) -> None:
    """Have what is not kept drawn by another process, while the caller goes on.

    `database`: a candidate or a release that nobody writes to meanwhile.
    """
    if lacking := _lacking(_wanted(database, KINDS), cache):
        _process().begin(_draw, lacking, cache)


def drawn(
    database: Path, cache: Path, release: str, kinds: Collection[str] = KINDS
) -> dict[str, str]:
    """Name of the file, as `index_connectivity.svg` → the SVG; draws what is not kept.

    Raises what reading and drawing raise, and WorkerDied.
    """
    wanted = _wanted(database, tuple(kinds))
    if lacking := _lacking(wanted, cache):
        _process().call(_draw, lacking, cache)
    return {
        f"{picture.name}.svg": _file(picture, cache)
        .read_text(encoding="utf-8")
        .replace(RELEASE, release)
        for picture in wanted
    }


def _wanted(database: Path, kinds: tuple[str, ...]) -> tuple[Picture, ...]:
    return _read(database, database.stat().st_mtime_ns, kinds)


@lru_cache(maxsize=1)
def _read(database: Path, _written_at: int, kinds: tuple[str, ...]) -> tuple[Picture, ...]:
    """Once between `begin` and `drawn`."""
    return tuple(pictures(database, kinds))


def _lacking(wanted: Iterable[Picture], cache: Path) -> list[Picture]:
    return [picture for picture in wanted if not _file(picture, cache).exists()]


def _file(picture: Picture, cache: Path) -> Path:
    said = json.dumps(picture.said, sort_keys=True).encode()
    identity = hashlib.sha256(_code() + said).hexdigest()[:32]
    return cache / "pictures" / f"{picture.name}-{identity}.svg"


@cache
def _code() -> bytes:
    """The code that draws, and the library that it draws with."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return b"".join(path.read_bytes() for path in files) + version("matplotlib").encode()


def _process() -> Worker:
    if not _started or not _started[-1].is_alive:
        _started[:] = [Worker("releases.pictures.index", "releases.pictures.network", __name__)]
    return _started[-1]


# What follows runs there.


def _draw(wanted: list[Picture], cache: Path) -> None:
    from releases.pictures import index, network

    for picture in _lacking(wanted, cache):
        svg = {"index": index.draw, "network": network.draw}[picture.kind](picture.said)
        keep_newest(_file(picture, cache), partial(_write, svg))


def _write(svg: str, path: Path) -> None:
    path.write_text(svg, encoding="utf-8")
