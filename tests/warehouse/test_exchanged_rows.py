"""Two cities that have each other's figure in one period."""

from __future__ import annotations

from tests.fixtures.models import run


def exchanged(*series: tuple[float, float, float], gazetteer_comparable: bool = True) -> set[int]:
    """Cities (by position) of which the middle one of three years is rejected."""
    cells = [
        {
            "cell_id": city * 10 + year,
            "city_id": city,
            "source_id": "s__a",
            "indicator": "people",
            "spatial_unit": "city_proper",
            "time_period": str(2000 + year),
            "freq": "A",
            "point": None,
            "obs_value": value,
            "obs_status": "A",
        }
        for city, values in enumerate(series)
        for year, value in enumerate(values)
    ]
    given = {
        "int_cell__distinct": cells,
        "int_city": [
            {"city_id": city, "country_iso2": "AA", "gazetteer_population": 100_000}
            for city in range(len(series))
        ],
        "indicator": [
            {
                "indicator": "people",
                "value_kind": "stock",
                "unit_measure": "persons",
                "max_step": 5.0,
                "per_person_min": None,
                "per_person_max": None,
                "gazetteer_comparable": gazetteer_comparable,
                "population_hint": False,
            }
        ],
    }
    return {row["cell_id"] // 10 for row in run("int_implausible__exchanged", given)}


def test_two_cities_that_have_each_others_figure_in_one_year_lose_it() -> None:
    assert exchanged((455.0, 103.0, 465.0), (102.0, 460.0, 104.0), (300.0, 310.0, 320.0)) == {0, 1}


def test_one_spike_is_no_exchange() -> None:
    assert exchanged((455.0, 103.0, 465.0), (102.0, 103.0, 104.0)) == set()


def test_two_cities_of_a_size_may_pass_each_other() -> None:
    assert exchanged((100.0, 102.0, 104.0), (104.0, 102.0, 100.0)) == set()


def test_graduates_of_two_towns_meet_by_chance() -> None:
    rows = ((455.0, 103.0, 465.0), (102.0, 460.0, 104.0))
    assert exchanged(*rows, gazetteer_comparable=False) == set()
