"""Cases that once ended otherwise than they should: files of `corpus/`, read at every run.

Of an invented body its bytes are kept. Real bodies are others' works: of them the name of the seed
and the draw, from which the bytes can be made again where the recordings are.

Belongs here: keeping and finding them. Does not belong here: how a case ends (`reading`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

from tests.faults.mutation import mutated
from tests.faults.reading import SEEDS, Seed

CORPUS = Path(__file__).parent / "corpus"
_REAL = "recorded"


def drawn(seed: Seed, draw: int) -> bytes:
    """The body of one draw."""
    return mutated(seed.body, Random(draw), seed.delimiter)


def keep(seed: Seed, draw: int, body: bytes) -> None:
    """From now on every run of the tests reads it."""
    sha256 = hashlib.sha256(body).hexdigest()
    if seed.name in SEEDS:
        (CORPUS / f"{seed.name}-{sha256[:12]}").write_bytes(body)
        return
    line = json.dumps({"seed": seed.name, "draw": draw, "sha256": sha256})
    (CORPUS / f"{_REAL}-{sha256[:12]}").write_text(line + "\n", encoding="utf-8")


def invented() -> Iterator[tuple[str, Seed, bytes]]:
    """(file, seed, body) of the cases of invented bodies."""
    for path in sorted(CORPUS.iterdir()):
        if path.name.rpartition("-")[0] in SEEDS:
            yield path.name, SEEDS[path.name.rpartition("-")[0]], path.read_bytes()


def real(seeds: Mapping[str, Seed]) -> Iterator[tuple[str, Seed, bytes, bool]]:
    """(file, seed, body, whether it is the one that was kept) of those real bodies that are here.

    Another version of `mutation` or of a cut makes another body of the same draw.
    """
    for path in sorted(CORPUS.glob(f"{_REAL}-*")):
        case = json.loads(path.read_text(encoding="utf-8"))
        if seed := seeds.get(case["seed"]):
            body = drawn(seed, case["draw"])
            yield path.name, seed, body, hashlib.sha256(body).hexdigest() == case["sha256"]
