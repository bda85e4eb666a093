"""What we install: every library from the lock by its hash, under a licence that we may use."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
# What a text about a licence must name, to be one that a library of ours may have.
ALLOWED = (
    "MIT",
    "Apache",
    "BSD",
    "ISC",
    "MPL",
    "Mozilla Public License",
    "PSF",
    "Python-2.0",
    "Python Software Foundation",
    "CC0",
    "CC-BY-4.0",
    "Zlib",
    "Unlicense",
    "HPND",
)
# Others, each with its reason.
ACCEPTED = {
    "pycountry": "LGPL-2.1: imported as it is, never changed nor linked into a program",
    "pyunlocode": "Artistic-2.0: its data file is read, its code is not",
    "text-unidecode": "Artistic or GPL, by choice: used by dbt under the Artistic License",
    "protobuf": "says nothing in its metadata; BSD-3-Clause by its LICENSE file",
    "antlr4-python3-runtime": "says nothing that can be read; BSD-3-Clause by its repository",
    "pyahocorasick": "says nothing that can be read; BSD-3-Clause by its repository",
}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _licence(library: Distribution) -> str:
    told = library.metadata
    classifiers = [c for c in told.get_all("Classifier") or [] if c.startswith("License ::")]
    text = str(told.get("License-Expression") or told.get("License") or "")
    return " | ".join([text.strip().partition("\n")[0], *classifiers])


def _locked() -> dict[str, str]:
    return {_normal(n): v for n, v in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", LOCK, re.M)}


def test_every_library_of_the_lock_has_a_hash_and_comes_from_no_named_index() -> None:
    entries = re.split(r"\n(?=[a-z])", LOCK.strip())
    assert len(entries) == len(_locked()) > 100
    assert [e.splitlines()[0] for e in entries if "--hash=sha256:" not in e] == []
    assert "://" not in LOCK
    assert "--index" not in LOCK


def test_every_installed_library_is_the_locked_one_under_a_licence_of_the_list() -> None:
    locked = _locked()
    installed = {_normal(d.metadata["Name"]): d for d in distributions()}
    ours = {n: d for n, d in installed.items() if n in locked}
    assert {n: d.version for n, d in ours.items()} == {n: locked[n] for n in ours}
    unknown = {
        name: _licence(library)
        for name, library in ours.items()
        if name not in ACCEPTED and not any(word in _licence(library) for word in ALLOWED)
    }
    assert unknown == {}
    assert [n for n in ACCEPTED if n not in locked] == []
