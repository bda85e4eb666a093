"""Every declared live service answers as documented, from this machine: the cells that come of it.

The declaration itself is fetched, with the hosts of its addresses turned to a local server and its
bounds widened to a hand-made answer. The live services were never called.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.errors import SourceError
from core.paths import DataPaths
from sources import catalog, fetch
from sources.access import PerCityAccess
from sources.fetch import FetchContext
from sources.http import HttpClient
from sources.protocols import per_city
from tests.fixtures.declared import Answer, Cells, kept, reasons, turned, write_cities
from tests.fixtures.services import METRO_REGIONS, QUICK, ghsl_zip, jsonstat


def test_worldbank_keeps_countries_and_their_missing_years(
    cells: Callable[[str, Answer], Cells],
) -> None:
    def record(code: str, iso3: str, year: str, value: float | None, series: str) -> dict[str, Any]:
        return {
            "indicator": {"id": series, "value": "x"},
            "country": {"id": code, "value": code},
            "countryiso3code": iso3,
            "date": year,
            "value": value,
            "unit": "",
            "obs_status": "",
            "decimal": 0,
        }

    def answer(request: Request) -> Response:
        series = request.path.rpartition("/")[2]
        records = [
            record("TR", "TUR", "2023", 15848000, series),
            record("NA", "NAM", "2023", None, series),
            record("XK", "XKX", "2023", 210000, series),
            record("1A", "ARB", "2023", 9, series),
            record("ZT", "", "2023", 9, series),
        ]
        header = {"page": 1, "pages": 1, "per_page": 1000, "total": 5, "sourceid": "2"}
        return Response(json.dumps([{**header, "lastupdated": "2026-01-28"}, records]))

    made = cells("worldbank__urban", answer)
    largest = [c for c in made if c["indicator"] == "largest_city_population"]
    assert [(c["country"], c["value_text"], c["is_missing"]) for c in kept(largest)] == [
        ("TR", "15848000", False),
        ("NA", None, True),
        ("XK", "210000", False),
    ]
    assert {c["spatial_unit"] for c in made} == {"country"}
    assert len({c["indicator"] for c in kept(made)}) == 5
    assert reasons(made) == {"country_group": 10}


OECD = (
    "DATAFLOW,REF_AREA,FREQ,MEASURE,UNIT_MEASURE,TERRITORIAL_LEVEL,TIME_PERIOD,OBS_VALUE,"
    "OBS_STATUS,UNIT_MULT,DECIMALS\r\n"
)


def oecd(area: str, unit: str, level: str, value: str, mult: str) -> str:
    flow = "OECD.CFE.EDS:DSD_FUA_ECO@DF_ECONOMY(1.1)"
    return f"{flow},{area},A,GDP,{unit},{level},2022,{value},A,{mult},0\r\n"


def test_oecd_applies_its_powers_of_ten_and_keeps_areas_only(
    cells: Callable[[str, Answer], Cells],
) -> None:
    body = OECD + "".join(
        [
            oecd("DE001F", "USD_PPP_PS", "FUA", "59205", "0"),
            oecd("USA01F", "USD_PPP", "FUA", "1900000.5", "6"),
            oecd("JPN01F", "PT_NAT", "FUA", "NaN", ""),
            oecd("AUS01C", "USD_PPP", "C", "1", "0"),
        ]
    )

    made = cells("oecd__fua_economy", lambda _: Response(body))
    assert [(c["ref_area_code"], c["country"], c["indicator"]) for c in kept(made)] == [
        ("DE001F", "DE", "gdp_per_person_usd_ppp_2015"),
        ("USA01F", "USA", "gdp_usd_ppp_2015"),
        ("JPN01F", "JPN", "gdp_share_of_country"),
    ]
    assert [c["value_text"] for c in kept(made)] == ["59205e0", "1900000.5e6", None]
    assert float(kept(made)[1]["value_text"]) == 1900000500000
    assert reasons(made) == {"not_a_functional_urban_area": 1}


def test_gdp_of_metropolitan_regions(cells: Callable[[str, Answer], Cells]) -> None:
    dimensions = {
        "freq": {"A": "Annual"},
        "unit": {"MIO_EUR": "Million euro", "EUR_HAB": "Euro per inhabitant"},
        "metroreg": METRO_REGIONS,
        "time": {"2022": "2022", "2023": "2023"},
    }
    values = {"0": 190000.52, "2": 1, "4": 1, "6": 45000}
    body = jsonstat(dimensions, values, status={"0": "p", "1": ":"})
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return Response(body)

    made = cells("eurostat__met_gdp", answer)
    assert asked[0].args.getlist("unit")[:2] == ["MIO_EUR", "EUR_HAB"]
    berlin = kept(made)
    assert [(c["ref_area"], c["country"], c["ref_area_code"]) for c in berlin] == [
        ("Berlin", "DE", "DE001MC")
    ] * 3
    told = [(c["indicator"], c["time_period"], c["value_text"], c["unit_mult"]) for c in berlin]
    assert told == [
        ("gdp_eur", "2022", "190000.52", 6),
        ("gdp_eur", "2023", None, 6),
        ("gdp_per_person_eur", "2022", "45000", 0),
    ]
    assert [c["obs_status"] for c in berlin] == ["P", "M", "A"]
    assert reasons(made) == {"country": 1, "not_a_metropolitan_region": 1}


def test_unemployment_of_metropolitan_regions(cells: Callable[[str, Answer], Cells]) -> None:
    dimensions = {
        "freq": {"A": "Annual"},
        "sex": {"T": "Total"},
        "age": {"Y15-74": "From 15 to 74 years"},
        "unit": {"PC": "Percentage"},
        "metroreg": METRO_REGIONS,
        "time": {"2023": "2023"},
    }
    made = cells("eurostat__met_unemployment", lambda _: Response(jsonstat(dimensions, {"0": 9.1})))
    assert [(c["indicator"], c["value_text"]) for c in kept(made)] == [
        ("unemployment_rate_of_survey", "9.1")
    ]


def test_wup_2025_reads_years_in_either_spelling(cells: Callable[[str, Answer], Cells]) -> None:
    from tests.fixtures.workbook import workbook

    head = ["LocID", "Location", "ISO3_Code", "City_Code", "City_Name", "PWCent_Longitude"]
    rows = [
        [*head, "PWCent_Latitude", "1975", "2025", "2050.0"],
        [792, "Türkiye", "TUR", 12345, "İstanbul", 28.95, 41.03, 3500.1, 14700.5, 15500],
        [404, "Kenya", "KEN", 23456, "Newtown", 36.8, -1.3, "", "", 61.2],
    ]
    made = cells("un__wup_2025_cities", lambda _: Response(workbook("Data", rows)))
    istanbul = [c for c in made if c["ref_area"] == "İstanbul"]
    told = [(c["time_period"], c["value_text"], c["unit_mult"], c["obs_status"]) for c in istanbul]
    assert told == [
        ("1975", "3500.1", 3, "E"),
        ("2025", "14700.5", 3, "E"),
        ("2050", "15500", 3, "F"),
    ]
    assert {(c["country"], c["spatial_unit"], c["code_scheme"]) for c in istanbul} == {
        ("792", "urban_centre", "un_wup_2025")
    }
    assert [c["is_missing"] for c in made if c["ref_area"] == "Newtown"] == [True, True, False]


def test_ghsl_theme_comes_out_of_its_zip(cells: Callable[[str, Answer], Cells]) -> None:
    text = (
        "ID_UC_G0,GC_UCN_MAI_2025,GC_CNT_GAD_2025,GH_BUS_TOT_1975,GH_BUS_TOT_2025,GH_POP_TOT_1975,"
        "GH_POP_TOT_2025,GH_BUV_TOT_2020,GH_BUV_TOT_2025,GH_BPC_TOT_1975,GH_BPC_TOT_2025,"
        "GH_BUH_AVG_2020,GH_BUT_S11_2020\n"
        "7599,Mumbai,India,80123456,134907600,7400000.5,21000000.7,9001,9002,10.83,6.42,8.5,1\n"
        "1,Apia,Samoa,378000,-,10.5,60041.7,1,-,-,-,2,1\n"
    )
    body = ghsl_zip("GHSL", text)
    made = cells("ghsl__ucdb_ghsl", lambda _: Response(body))
    mumbai = [c for c in made if c["ref_area"] == "Mumbai"]
    told = [(c["indicator"], c["time_period"], c["value_text"], c["obs_status"]) for c in mumbai]
    assert sorted(told) == [
        ("building_height_mean", "2020", "8.5", "E"),
        ("built_up_surface", "1975", "80123456", "E"),
        ("built_up_surface", "2025", "134907600", "F"),
        ("built_up_surface_per_person", "1975", "10.83", "E"),
        ("built_up_surface_per_person", "2025", "6.42", "F"),
        ("built_up_volume", "2020", "9001", "E"),
        ("built_up_volume", "2025", "9002", "F"),
        ("population_within_boundary_of_2025", "1975", "7400000.5", "E"),
        ("population_within_boundary_of_2025", "2025", "21000000.7", "F"),
    ]
    assert [c["is_missing"] for c in made if c["column_name"] == "GH_BUS_TOT_2025"] == [False, True]


def test_codes_of_places_are_cut_out_of_all_alternate_names(
    cells: Callable[[str, Answer], Cells],
) -> None:
    lines = (
        "7654321\t745044\ttr\tİstanbul\t1\t\t\t\t\t",
        "1234567\t745044\twkdt\tQ406\t\t\t\t\t\t",
        "1234568\t745044\tunlc\tTRIST\t\t\t\t\t\t",
        '2\t745044\t\t"Constantinople\t\t\t\t1\t330\t1930',
        "1234569\t745044\tiata\tIST\t1\t\t\t\t\t",
        "3\t11838671\tiata\tIST\t\t\t\t\t2019\t",
        "4\t6299725\tiata\tISL\t\t\t\t1\t\t2022",
        "5\t745044\tlink\thttps://en.wikipedia.org/wiki/Istanbul\t\t\t\t\t\t",
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("iso-languagecodes.txt", "ISO 639-3\n")
        archive.writestr("alternateNamesV2.txt", "\n".join(lines) + "\n")
    made = cells("geonames__alternate_names", lambda _: Response(packed.getvalue()))
    told = [(c["ref_area"], c["ref_area_code"], c["other_code"]) for c in kept(made)]
    assert told == [
        ("wikidata", "Q406", "745044"),
        ("un_locode", "TRIST", "745044"),
        ("iata", "IST", "745044"),
        ("iata", "IST", "11838671"),
    ]
    assert {(c["other_code_scheme"], c["code_scheme"]) for c in made} == {("geonames", None)}
    assert reasons(made) == {"historic_code": 1}


WHO = (
    "who_region,iso3,country_name,city,year,version,pm10_concentration,pm25_concentration,"
    "no2_concentration,pm10_tempcov,pm25_tempcov,no2_tempcov,type_of_stations,number_stations,"
    "reference,web_link,population,population_source,latitude,longitude,who_ms"
)


def test_air_quality_is_read_out_of_a_csv_pasted_into_a_sheet(
    cells: Callable[[str, Answer], Cells],
) -> None:
    from tests.fixtures.workbook import workbook

    rows = [
        [WHO],
        [
            '4_Eur,TUR,Türkiye,Istanbul/TUR,2021,"V6.0 (2023), V6.1 (2024)",38.2,19.1,41.5,92,85,'
            '90,"Urban',
            "Urban",
            'Traffic",3,,,15190336,,41.01,28.95,1',
        ],
        ["6_Wpr,JPN,Japan,Tokyo,2024,V8.0 (2026),NA,10.828,,NA,99,NA,,,,,,,35.69,139.69,1"],
    ]
    agents: list[str] = []

    def answer(request: Request) -> Response:
        agents.append(request.headers["User-Agent"])
        assert request.args["download"] == "true"
        return Response(workbook("Sheet1", rows))

    made = cells("who__air_quality_2026", answer)
    assert not any("python" in agent.lower() for agent in agents)
    istanbul = [c for c in made if c["ref_area"] == "Istanbul"]
    assert {c["indicator"]: c["value_text"] for c in istanbul} == {
        "pm10_annual_mean": "38.2",
        "pm2_5_annual_mean": "19.1",
        "no2_annual_mean": "41.5",
        "pm10_temporal_coverage": "92",
        "pm2_5_temporal_coverage": "85",
        "no2_temporal_coverage": "90",
    }
    where = ("country", "latitude", "longitude", "time_period", "edition_order", "spatial_unit")
    assert {tuple(c[w] for w in where) for c in istanbul} == {
        ("TUR", "41.01", "28.95", "2021", "V6.0 (2023), V6.1 (2024)", "city_proper")
    }
    tokyo = [c for c in made if c["ref_area"] == "Tokyo"]
    assert [c["indicator"] for c in tokyo if not c["is_missing"]] == [
        "pm2_5_annual_mean",
        "pm2_5_temporal_coverage",
    ]


def test_uk_house_prices_are_those_of_the_newest_month(
    cells: Callable[[str, Answer], Cells],
) -> None:
    body = (
        "Date,RegionName,AreaCode,AveragePrice,Index,IndexSA,1m%Change,SalesVolume\n"
        '01/01/2024,"Belfast, East",N09000003,180000,100,,,\n'
        "01/03/2025,London,E12000007,551000,101.2,101.0,0.3,6120\n"
        "01/03/2025,Camden,E09000007,800000,99,,,\n"
        "01/03/2025,United Kingdom,K02000001,270000,99,,,\n"
    )
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.path)
        return Response(body) if len(asked) == 3 else Response("<html>", 404)

    made = cells("land_registry__uk_hpi", answer)
    assert len(asked) == 3
    told = [(c["ref_area"], c["indicator"], c["time_period"], c["value_text"]) for c in kept(made)]
    assert told == [
        ("Belfast, East", "house_price_gbp", "2024-M01", "180000"),
        ("Belfast, East", "house_price_index_uk", "2024-M01", "100"),
        ("London", "house_price_gbp", "2025-M03", "551000"),
        ("London", "house_price_index_uk", "2025-M03", "101.2"),
    ]
    assert {(c["freq"], c["country"]) for c in made} == {("M", "GB")}
    assert reasons(made) == {"not_a_city": 4}


@pytest.mark.parametrize("iso", ["TR", ["TR"]])
def test_world_heritage_is_read_from_the_export(
    cells: Callable[[str, Answer], Cells], iso: object
) -> None:
    site = {
        "id_no": "356",
        "name_en": "Historic Areas of Istanbul",
        "category": "Cultural",
        "region": "Europe and North America",
        "states_names": ["Türkiye"],
        "iso_codes": iso,
        "date_inscribed": "1985",
        "components_list": None,
        "coordinates": {"lon": 28.97, "lat": 41.01},
    }
    natural = {**site, "id_no": "1", "category": "Natural", "coordinates": None}
    shared = {**site, "id_no": "2", "iso_codes": "AR,BE" if iso == "TR" else ["AR", "BE"]}
    body = json.dumps([site, natural, shared])
    made = cells("unesco__world_heritage", lambda _: Response(body))
    (istanbul,) = kept(made)
    assert (istanbul["value_text"], istanbul["country"]) == ("356", "TR")
    assert (istanbul["latitude"], istanbul["longitude"]) == ("41.01", "28.97")
    assert reasons(made) == {"natural_site": 1, "several_countries": 1}


def test_pageviews_are_months_of_a_city(cells: Callable[[str, Answer], Cells]) -> None:
    def answer(request: Request) -> Response:
        if "/London/" in request.path:
            return Response('{"title": "Not found.", "status": 404}', 404)
        item = {"project": "en.wikipedia", "article": "Istanbul", "granularity": "monthly"}
        item |= {"access": "all-access", "agent": "user"}
        months = [("2016010100", 151234), ("2016020100", 140871)]
        items = [{**item, "timestamp": t, "views": v} for t, v in months]
        return Response(json.dumps({"items": items}))

    made = cells("wikimedia__pageviews", answer)
    told = [(c["ref_area_code"], c["ref_area"], c["time_period"], c["value_text"]) for c in made]
    assert told == [
        ("745044", "Istanbul", "2016-M01", "151234"),
        ("745044", "Istanbul", "2016-M02", "140871"),
    ]
    assert {(c["country"], c["freq"], c["code_scheme"]) for c in made} == {("TR", "M", "geonames")}


def test_power_gives_months_and_turns_daily_means_into_sums(
    cells: Callable[[str, Answer], Cells],
) -> None:
    def answer(request: Request) -> Response:
        assert request.args["start"] == "1981"
        series = {
            "T2M": {"202302": 7.2, "202313": 16.3},
            "PRECTOTCORR": {"202302": 2.0, "202303": -999.0, "202313": 1.7},
        }
        return Response(json.dumps({"type": "Feature", "properties": {"parameter": series}}))

    made = [c for c in cells("nasa__power", answer) if c["ref_area"] == "Istanbul"]
    told = [
        (c["indicator"], c["time_period"], c["value_text"], c["is_missing"]) for c in kept(made)
    ]
    assert told == [
        ("air_temperature_of_year", "2023-M02", "7.2", False),
        ("precipitation_of_year", "2023-M02", "56.0", False),
        ("precipitation_of_year", "2023-M03", "-999.0", True),
    ]
    assert reasons(made) == {"mean_of_the_year": 2}


def test_open_meteo_days_belong_to_their_year(cells: Callable[[str, Answer], Cells]) -> None:
    daily = {
        "time": ["2015-01-01", "2015-01-02"],
        "temperature_2m_mean": [10.4, None],
        "precipitation_sum": [0.0, 1.2],
    }
    body = json.dumps({"latitude": 41.0, "longitude": 28.9, "daily_units": {}, "daily": daily})
    made = [
        c
        for c in cells("openmeteo__archive", lambda _: Response(body))
        if c["ref_area"] == "London" and c["column_name"] == "temperature_2m_mean"
    ]
    assert [(c["time_period"], c["point"], c["value_text"]) for c in made] == [
        ("2015", "2015-01-01", "10.4"),
        ("2015", "2015-01-02", None),
    ]


FEEDS = (
    "id,data_type,entity_type,location.country_code,location.subdivision_name,"
    "location.municipality,provider,is_official,name,note,feed_contact_email,static_reference,"
    "urls.direct_download,urls.authentication_type,urls.authentication_info,"
    "urls.api_key_parameter_name,urls.latest,urls.license,"
    "location.bounding_box.minimum_latitude,location.bounding_box.maximum_latitude,"
    "location.bounding_box.minimum_longitude,location.bounding_box.maximum_longitude,"
    "location.bounding_box.extracted_on,status,features,redirect.id,redirect.comment\n"
)


def feed(ident: str, kind: str, south: str, north: str, status: str) -> str:
    place = "TR,Istanbul,Istanbul,Metro,True,M,,,"
    return f"{ident},{kind},,{place},https://x/y.zip,0,,,,,{south},{north},28.6,29.4,,{status},,,\n"


def test_transit_feeds_of_a_city_are_counted(cells: Callable[[str, Answer], Cells]) -> None:
    body = FEEDS + "".join(
        [
            feed("mdb-1", "gtfs", "40.8", "41.3", ""),
            feed("mdb-2", "gtfs-rt", "40.8", "41.3", "active"),
            feed("mdb-3", "gtfs", "40.8", "41.3", "deprecated"),
            feed("mdb-4", "gtfs", "36", "42", "active"),
        ]
    )
    made = cells("mobilitydata__catalogue", lambda _: Response(body))
    (counted,) = kept(made)
    assert (counted["value_text"], counted["ref_area"]) == ("mdb-1", "Istanbul")
    assert round(float(counted["latitude"]), 2) == 41.05
    assert reasons(made) == {"not_a_timetable": 1, "not_active": 1, "regional_feed": 1}


def bindings(variables: list[str], *rows: dict[str, str]) -> str:
    bound = [{k: {"type": "literal", "value": v} for k, v in row.items()} for row in rows]
    return json.dumps({"head": {"vars": variables}, "results": {"bindings": bound}})


ITEM = "http://www.wikidata.org/entity/Q406"
TWIN = "http://www.wikidata.org/entity/Q64"
WIKIDATA: dict[str, tuple[list[str], dict[str, str], dict[str, Any]]] = {
    "wikidata__city_titles": (
        ["geonames", "title"],
        {"geonames": "745044", "title": "Istanbul"},
        {"ref_area_code": "745044", "ref_area": "Istanbul"},
    ),
    "wikidata__city_items": (
        ["item", "label", "iso", "point"],
        {"item": ITEM, "label": "Istanbul", "iso": "TR", "point": "Point(28.96 -41.01)"},
        {
            "ref_area_code": "Q406",
            "ref_area": "Istanbul",
            "country": "TR",
            "longitude": "28.96",
            "latitude": "-41.01",
        },
    ),
    "wikidata__twin_towns": (
        ["item", "twin", "start", "ended"],
        {"item": ITEM, "twin": TWIN, "ended": "false"},
        {"ref_area_code": "Q406", "to_ref_area_code": "Q64", "network": "twin_towns"},
    ),
    "wikidata__network_members": (
        ["item", "organisation", "name"],
        {"item": ITEM, "organisation": TWIN, "name": "C40"},
        {"ref_area_code": "Q406", "organisation": "C40", "network": "city_networks"},
    ),
    "wikidata__city_population": (
        ["item", "locode", "population", "populationYear"],
        {"item": ITEM, "locode": "TRIST", "population": "15655924", "populationYear": "2023"},
        {"ref_area_code": "Q406", "other_code": "TRIST", "time_period": "2023"},
    ),
    "wikidata__city_area": (
        ["city", "locode", "area"],
        {"city": ITEM, "locode": "TR IST", "area": "5343"},
        {"ref_area_code": "Q406", "other_code": "TRIST", "indicator": "city_area"},
    ),
}


@pytest.mark.parametrize("source_id", WIKIDATA)
def test_wikidata_answers_become_cells(
    cells: Callable[[str, Answer], Cells], source_id: str
) -> None:
    variables, row, expected = WIKIDATA[source_id]
    queries: list[str] = []

    def answer(request: Request) -> Response:
        queries.append(unquote(request.form["query"]))
        rows = [row] if len(queries) == 1 else []
        return Response(bindings(variables, *rows))

    (cell,) = cells(source_id, answer)
    assert {k: cell[k] for k in expected} == expected
    assert all("VALUES" in q and "{values}" not in q for q in queries)
    # Plain SPARQL 1.1: another engine is announced.
    assert not any(word in q for q in queries for word in ("SERVICE", "bd:", "hint:"))
    if catalog.load().source(source_id).access.needs():
        assert '"745044" "2643743"' in queries[0]


def test_questions_about_cities_wait_for_the_gazetteer(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    source = turned(httpserver, "wikidata__twin_towns")
    context = FetchContext(paths=DataPaths(tmp_path), client=HttpClient(settings=QUICK))
    snapshot = fetch.obtain(context, source)
    assert "wcn run --only geonames__cities" in snapshot.failures[0]
    assert httpserver.log == []


def test_every_batch_of_a_pull_has_cities(httpserver: HTTPServer, tmp_path: Path) -> None:
    source = turned(httpserver, "nasa__power")
    context = FetchContext(paths=DataPaths(tmp_path), client=HttpClient(settings=QUICK))
    way = source.access.live
    assert isinstance(way, PerCityAccess)
    write_cities(context.paths, "geonames__cities")
    with pytest.raises(SourceError, match="ends before it"):
        per_city.pull(fetch.live_context(context, source, way), source, way, "b002")
