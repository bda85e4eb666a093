"""A broken YAML is said of its source alone; what it said last stands in, if that is sound."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from catalog import load as concepts
from catalog.load import Declared
from core.errors import DeclarationError
from sources import catalog
from sources.catalog import table_hash
from tests.fixtures import world as w
from tests.fixtures.broken import SPOILT, publishers
from tests.fixtures.warehouse import PUBLISHERS


def _kept(publishers: Path = PUBLISHERS) -> Declared:
    """What a release keeps, as it comes back out of its manifest."""
    kept: Declared = json.loads(json.dumps(catalog.load(publishers).declared))
    return kept


def test_what_a_release_keeps_makes_the_same_declarations_again() -> None:
    known = catalog.load()
    kept = json.loads(json.dumps(known.declared))
    for source_id, source in known.sources.items():
        again = type(source).model_validate(kept["sources"][source_id])
        assert again == source
        assert [*map(table_hash, again.tables.values())] == [
            *map(table_hash, source.tables.values())
        ]
    for kind, models in (
        ("indicators", known.concepts.indicators),
        ("networks", known.concepts.networks),
    ):
        for name, model in models.items():
            assert type(model).model_validate(kept[kind][name]) == model


@pytest.mark.parametrize("kind", SPOILT)
def test_a_broken_yaml_is_named_and_its_last_good_one_stands_in(tmp_path: Path, kind: str) -> None:
    folder, (spoil, said) = publishers(tmp_path), SPOILT[kind]
    spoil(folder / "bureau" / "yearbook.yml")
    found, good = catalog.read(folder, _kept), catalog.load(PUBLISHERS)
    assert set(found.broken) == {w.YEARBOOK}
    assert said in str(found.broken[w.YEARBOOK])
    assert str(found.broken[w.YEARBOOK]).startswith(f"{w.YEARBOOK}: expected ")
    assert "bureau/yearbook.yml" in found.broken[w.YEARBOOK].todo
    assert found.sources == good.sources
    assert found.declared == good.declared, "so a build of it is no other"


@pytest.mark.parametrize("kind", SPOILT)
def test_whoever_asks_for_sound_declarations_gets_no_others(tmp_path: Path, kind: str) -> None:
    folder, (spoil, said) = publishers(tmp_path), SPOILT[kind]
    spoil(folder / "bureau" / "yearbook.yml")
    with pytest.raises(DeclarationError, match=r"bureau/yearbook\.yml") as caught:
        catalog.load(folder)
    assert said in str(caught.value)


def test_without_a_last_good_one_all_others_are_there(tmp_path: Path) -> None:
    folder = publishers(tmp_path)
    (folder / "bureau" / "yearbook.yml").write_text("title: [", encoding="utf-8")
    found = catalog.read(folder)
    assert set(found.missing) == {w.YEARBOOK}
    assert set(found.sources) == set(catalog.load(PUBLISHERS).sources) - {w.YEARBOOK}
    with pytest.raises(DeclarationError, match="YAML in UTF-8"):
        found.source(w.YEARBOOK)


def test_a_last_good_one_that_todays_code_does_not_take_stands_in_for_nothing(
    tmp_path: Path,
) -> None:
    folder, kept = publishers(tmp_path), _kept()
    (folder / "bureau" / "yearbook.yml").write_text("title: [", encoding="utf-8")
    kept["sources"][w.YEARBOOK]["word_of_another_version"] = 1
    assert set(catalog.read(folder, lambda: kept).missing) == {w.YEARBOOK}


def test_who_needs_a_source_that_is_gone_is_broken_and_who_needs_one_that_stands_in_is_not(
    tmp_path: Path,
) -> None:
    folder = publishers(tmp_path)
    (folder / "agency" / "codes.yml").write_text("title: [", encoding="utf-8")
    gone = catalog.read(folder)
    assert set(gone.broken) == {w.CODES, w.ENVIRONMENT}  # its areas are codes
    assert w.CODES in gone.broken[w.ENVIRONMENT].found
    assert set(catalog.read(folder, _kept).broken) == {w.CODES}


@pytest.mark.parametrize(
    ("kind", "name"), [("indicators/population", "population"), ("networks", "air_routes")]
)
def test_a_broken_concept_breaks_the_sources_that_use_it_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    known, kept = catalog.load(), _kept(catalog.PUBLISHERS)
    room = Path(shutil.copytree(concepts.ROOM, tmp_path / "catalog"))
    (room / kind / f"{name}.yml").write_text("name: [", encoding="utf-8")
    monkeypatch.setattr(concepts, "ROOM", room)
    found = catalog.read(catalog.PUBLISHERS, lambda: kept)
    says = f"{kind.split('/')[0][:-1]}='{name}'"
    used = {s for s, source in known.sources.items() if says in repr(source)}
    assert used
    assert set(found.broken) == used
    assert f"{kind.split('/')[-1]}/{name}.yml" in found.broken[min(used)].todo
    assert found.declared == known.declared
    assert set(catalog.read(catalog.PUBLISHERS).missing) == used


def test_broken_licences_are_one_error_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Path(shutil.copytree(concepts.ROOM, tmp_path / "catalog"))
    (room / "licences.yml").write_text("cc-by-4.0: open\n", encoding="utf-8")
    monkeypatch.setattr(concepts, "ROOM", room)
    with pytest.raises(DeclarationError, match=r"licences\.yml"):
        catalog.read(PUBLISHERS)


def test_a_name_that_is_no_id_is_refused_and_an_editors_file_passed_over(tmp_path: Path) -> None:
    folder = publishers(tmp_path)
    good = folder / "bureau" / "yearbook.yml"
    shutil.copy(good, folder / "bureau" / "Year Book (copy).yml")
    (folder / "bureau" / ".#yearbook.yml").symlink_to("user@machine.1234")
    found = catalog.read(folder)
    ((name, error),) = found.broken.items()
    assert name.isidentifier()
    assert "bureau/Year Book (copy).yml" in str(error)
