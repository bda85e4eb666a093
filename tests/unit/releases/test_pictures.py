"""A release shows its indices and networks: honestly, safely, and in the same bytes each time."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from releases.pictures import index, kept, network, said
from releases.pictures.said import Picture, pictures
from tests.fixtures import pictured

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pictured.write(tmp_path_factory.mktemp("pictures") / "candidate.duckdb")


def _said(database: Path) -> dict[str, Picture]:
    return {picture.name: picture for picture in pictures(database)}


def _drawn(picture: Picture) -> str:
    return {"index": index.draw, "network": network.draw}[picture.kind](picture.said)


def _texts(svg: str) -> str:
    # Of our own drawing; a document that is not well-formed raises here.
    return " ".join(t for e in ET.fromstring(svg).iter(f"{SVG}text") for t in e.itertext())


def test_an_index_shows_the_last_year_in_which_anybody_has_a_rank(database: Path) -> None:
    assert [n for n in _said(database) if n.startswith("index")] == ["index_green"]
    green = _said(database)["index_green"].said
    assert green["year"] == 2020
    assert [c["rank"] for c in green["cities"]] == [1, 2, 3]
    assert green["n_ranked"] == 3


def test_what_takes_away_from_a_score_is_drawn_left_of_zero(database: Path) -> None:
    picture = _said(database)["index_green"]
    assert [p["name"] for p in picture.said["parts"]] == ["Air", "Parks"]
    assert picture.said["cities"][0]["contributions"] == [70.0, -10.0]
    bars = _bars(_drawn(picture), index.COLOURS[1])
    zero = min(left for left, _ in _bars(_drawn(picture), index.COLOURS[0]))
    assert bars[0][1] == zero > bars[0][0], "the part of the first city ends at zero"
    assert bars[1][0] > zero, "that of the second is stacked on the other part"


def _bars(svg: str, colour: str) -> list[tuple[float, float]]:
    """Left and right ends of the bars of a colour, in the order of cities."""
    bars = []
    for path in ET.fromstring(svg).iter(f"{SVG}path"):
        if f"fill: {colour.lower()}; stroke: #ffffff" in path.get("style", "") and path.get(
            "clip-path"
        ):
            words = path.get("d", "").split()
            across = [float(words[n + 1]) for n, word in enumerate(words) if word in "ML"]
            bars.append((round(min(across), 1), round(max(across), 1)))
    return bars


def test_an_index_without_contributions_still_shows_its_scores(database: Path) -> None:
    without = {**_said(database)["index_green"].said}
    without["cities"] = [{**c, "contributions": []} for c in without["cities"]]
    assert "contributions to the score" in _texts(index.draw(without))


def test_a_picture_names_those_whose_figures_it_is_made_of(database: Path) -> None:
    """Divisors and networks count; a figure that was not used does not."""
    found = {name: picture.said["sources"] for name, picture in _said(database).items()}
    assert found == {
        "index_green": ["by air__list", "by park__list", "by people__list"],
        "network_alone": [],
        "network_clubs": ["by club__list"],
        "network_routes": ["by ties__list"],
        "network_untested": [],
    }
    assert "by people__list" in _texts(_drawn(_said(database)["index_green"]))


def test_an_index_says_that_intervals_are_no_sampling_error(database: Path) -> None:
    assert "sensitivity to choices, not sampling error" in _texts(
        _drawn(_said(database)["index_green"])
    )


def test_a_network_shows_its_latest_period_and_its_heaviest_ties(database: Path) -> None:
    routes = _said(database)["network_routes"].said
    assert (routes["time_period"], routes["n_placed"]) == ("2014", 3)
    assert routes["degrees"] == [1, 3]
    assert routes["shares"] == [1.0, 0.25]
    # Drawn last is what lies on top: both directions of a pair are one tie.
    assert routes["ties"] == [[170.0, 10.0, 100.0, -20.0], [170.0, 10.0, -170.0, 20.0]]
    assert "Not of today." in _texts(_drawn(_said(database)["network_routes"]))


def test_where_there_is_a_backbone_only_that_is_drawn(database: Path) -> None:
    clubs = _said(database)["network_clubs"]
    assert clubs.said["are_backbone"]
    assert clubs.said["ties"] == [[170.0, 10.0, -170.0, 20.0]]
    assert "the backbone" in _texts(_drawn(clubs))


def test_where_no_backbone_could_be_computed_the_heaviest_ties_are_drawn(database: Path) -> None:
    untested = _said(database)["network_untested"].said
    assert (untested["are_backbone"], len(untested["ties"])) == (False, 1)


def test_a_tie_over_the_edge_of_the_map_takes_the_short_way() -> None:
    assert network._short_way(170, 10, -170, 20) == [
        [(170, 10), (190.0, 20)],
        [(-190.0, 10), (-170, 20)],
    ]
    assert network._short_way(-10, 0, 10, 0) == [[(-10, 0), (10, 0)]]


def test_a_network_without_ties_is_drawn_as_one(database: Path) -> None:
    texts = _texts(_drawn(_said(database)["network_alone"]))
    assert "no ties" in texts
    assert "None of 0 ties is drawn" in texts


def test_a_network_without_cities_is_drawn_as_one(database: Path) -> None:
    nowhere = {**_said(database)["network_alone"].said, "names": [], "n_placed": 0}
    nowhere |= {"dot_longitudes": [], "dot_latitudes": [], "dot_degrees": []}
    assert "no cities" in _texts(network.draw(nowhere))


@pytest.mark.parametrize("name", ["index_green", "network_routes"])
def test_names_are_texts_whatever_is_written_in_them(database: Path, name: str) -> None:
    svg = _drawn(_said(database)[name])
    assert '<script>alert("1")</scr' in _texts(svg)
    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()}
    assert not tags & {"script", "foreignObject", "image", "a", "b"}
    assert not {"\u202e", "\x07"} & set(svg)


def test_what_says_the_same_is_drawn_in_the_same_bytes(database: Path) -> None:
    first = {name: _drawn(picture) for name, picture in _said(database).items()}
    again = {name: _drawn(picture) for name, picture in _said(database).items()}
    assert first == again


def test_a_picture_is_drawn_once_and_carries_the_release_that_it_is_shown_in(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.begin(database, tmp_path)
    first = kept.drawn(database, tmp_path, "20260101T000000Z-aaaaaaaa")
    assert set(first) == {f"{name}.svg" for name in _said(database)}
    for svg in first.values():
        assert "release 20260101T000000Z-aaaaaaaa." in _texts(svg)
        assert said.RELEASE not in svg

    def process() -> None:
        raise AssertionError("nothing has changed")

    monkeypatch.setattr(kept, "_process", process)
    again = kept.drawn(database, tmp_path, "20260202T000000Z-bbbbbbbb")
    assert {n: s.replace("20260202T000000Z-bbbbbbbb", "") for n, s in again.items()} == {
        n: s.replace("20260101T000000Z-aaaaaaaa", "") for n, s in first.items()
    }


def test_what_keeps_a_picture_does_not_load_the_library_that_draws() -> None:
    import subprocess
    import sys

    program = "import sys; import warehouse.publish; print('matplotlib' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "False"
