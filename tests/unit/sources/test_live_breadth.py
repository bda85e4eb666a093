"""Sources that widen themes answer as documented, from this machine: the cells that come of it.

The way is that of `test_live_answers.py`: declarations as they stand, hand-made answers, a local
server. The live services were never called.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from werkzeug import Request, Response

from tests.fixtures.declared import Answer, Cells, kept, reasons
from tests.fixtures.services import ghsl_zip


@pytest.mark.parametrize(
    ("theme", "columns", "expected"),
    [
        (
            "EMISSIONS",
            "EM_CO2_PEC_1975,EM_CO2_PEC_2020,EM_GHG_PEC_2020,EM_CO2_TOT_2022",
            [
                ("co2_emissions_per_person", "1975", "1.5"),
                ("co2_emissions_per_person", "2020", "2.5"),
                ("ghg_emissions_per_person", "2020", "3.5"),
            ],
        ),
        (
            "SDG",
            "SD_POP_HGR_1985,SD_POP_HGR_2025,SD_LUE_LPR_2000_2010,SD_LUE_LPR_2010_2020",
            [
                ("residents_in_high_green_areas_share", "1985", "1.5"),
                ("residents_in_high_green_areas_share", "2025", "2.5"),
            ],
        ),
        (
            "HEALTH",
            "HL_SHP_HOS_2025,HL_SHP_PHA_2025,HL_FCL_HOS_2024,HL_FCL_PHA_2024",
            [
                ("residents_near_hospital_share", "2025", "1.5"),
                ("residents_near_pharmacy_share", "2025", "2.5"),
            ],
        ),
    ],
)
def test_further_themes_of_ghsl_keep_what_is_declared_and_no_zero_for_a_hyphen(
    cells: Callable[[str, Answer], Cells],
    theme: str,
    columns: str,
    expected: list[tuple[str, str, str]],
) -> None:
    text = (
        f"ID_UC_G0,GC_UCN_MAI_2025,GC_CNT_GAD_2025,{columns}\n"
        "7599,Mumbai,India,1.5,2.5,3.5,4.5\n1,Apia,Samoa,-,-,-,-\n"
    )
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.path)
        return Response(ghsl_zip(theme, text))

    made = cells(f"ghsl__ucdb_{theme.lower()}", answer)
    assert asked[0].endswith(f"/V1-2/GHS_UCDB_THEME_{theme}_GLOBE_R2024A_V1_2.zip")
    told = [
        (c["indicator"], c["time_period"], c["value_text"]) for c in made if not c["is_missing"]
    ]
    assert told == expected
    assert {c["is_missing"] for c in made if c["ref_area"] == "Apia"} == {True}
    assert {(c["obs_status"], c["spatial_unit"]) for c in made} == {("E", "urban_centre")}


def test_oecd_density_is_that_of_functional_urban_areas(
    cells: Callable[[str, Answer], Cells],
) -> None:
    body = (
        "DATAFLOW,REF_AREA,FREQ,MEASURE,UNIT_MEASURE,TERRITORIAL_LEVEL,TIME_PERIOD,OBS_VALUE,"
        "OBS_STATUS,UNIT_MULT,DECIMALS\r\n"
    )
    flow = "OECD.CFE.EDS:DSD_FUA_TERR@DF_DENSITY(1.1)"
    for area, level, value in (
        ("DE001F", "FUA", "312.4"),
        ("AUS01F", "FUA", "NaN"),
        ("AUS01C", "CITY", "2376"),
    ):
        body += f"{flow},{area},A,POP_DEN,PS_KM2,{level},2020,{value},A,0,0\r\n"
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.path)
        return Response(body)

    made = cells("oecd__fua_density", answer)
    assert asked[0].endswith("OECD.CFE.EDS,DSD_FUA_TERR@DF_DENSITY,1.1/.A.POP_DEN..")
    told = [(c["ref_area_code"], c["country"], c["indicator"], c["value_text"]) for c in kept(made)]
    assert told == [
        ("DE001F", "DE", "population_density_of_fua", "312.4e0"),
        ("AUS01F", "AUS", "population_density_of_fua", None),
    ]
    assert reasons(made) == {"not_a_functional_urban_area": 1}


def test_worldbank_context_is_of_countries_and_ends_where_a_series_ends(
    cells: Callable[[str, Answer], Cells],
) -> None:
    def record(code: str, year: str, value: float | None, series: str) -> dict[str, object]:
        return {
            "indicator": {"id": series, "value": "x"},
            "country": {"id": code, "value": code},
            "countryiso3code": "",
            "date": year,
            "value": value,
            "unit": "",
            "obs_status": "",
            "decimal": 0,
        }

    def answer(request: Request) -> Response:
        series = request.path.rpartition("/")[2]
        newest = None if series == "ST.INT.ARVL" else 86.5
        records = [record("TR", "2023", newest, series), record("1A", "2023", 9, series)]
        header = {"page": 1, "pages": 1, "per_page": 1000, "total": 2, "sourceid": "2"}
        return Response(json.dumps([{**header, "lastupdated": "2026-01-28"}, records]))

    made = cells("worldbank__context", answer)
    assert {c["indicator"]: c["value_text"] for c in kept(made)} == {
        "internet_users_share": "86.5",
        "consumer_price_inflation": "86.5",
        "international_tourist_arrivals": None,
    }
    assert {c["spatial_unit"] for c in made} == {"country"}
    assert reasons(made) == {"country_group": 3}


def test_sitelinks_are_counted_by_the_id_of_the_gazetteer(
    cells: Callable[[str, Answer], Cells],
) -> None:
    queries: list[str] = []

    def answer(request: Request) -> Response:
        queries.append(request.form["query"])
        bound = {
            "geonames": {"type": "literal", "value": "745044"},
            "sitelinks": {"type": "literal", "value": "312"},
        }
        found = {"head": {"vars": list(bound)}, "results": {"bindings": [bound]}}
        return Response(json.dumps(found))

    (cell,) = cells("wikidata__city_sitelinks", answer)
    told = (cell["ref_area_code"], cell["code_scheme"], cell["indicator"], cell["value_text"])
    assert told == ("745044", "geonames", "wikidata_sitelinks", "312")
    # Plain SPARQL 1.1: another engine is announced.
    assert '"745044" "2643743"' in queries[0]
    assert not any(word in queries[0] for word in ("SERVICE", "bd:", "hint:"))
