"""The places that people added to the register: what is one, and what a row must say."""

from __future__ import annotations

import csv
from pathlib import Path

import pycountry

import cities
from cities.ids import OWN_IDS_FROM, is_own

with (Path(cities.__file__).parent / "curated" / "added_places.csv").open(
    encoding="utf-8"
) as _lines:
    PLACES = list(csv.DictReader(_lines))


def test_an_added_place_has_an_id_of_our_own_that_is_never_given_twice() -> None:
    ids = [int(place["city_id"]) for place in PLACES]
    assert len(set(ids)) == len(ids)
    assert all(is_own(i) for i in ids)
    # GeoNames' have eight digits.
    assert OWN_IDS_FROM > 99_999_999
    assert not is_own(2_950_159)


def test_an_added_place_is_somewhere_and_says_who_added_it_and_why() -> None:
    for place in PLACES:
        assert pycountry.countries.get(alpha_2=place["country"]), place
        assert -90 <= float(place["latitude"]) <= 90, place
        assert -180 <= float(place["longitude"]) <= 180, place
        said = ("name", "coordinates_from", "added_at", "added_by", "reason")
        assert all(place[column].strip() for column in said), place
