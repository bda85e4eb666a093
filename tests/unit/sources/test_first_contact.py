"""What services really send where it is not what they document: equal-shaped, invented bytes.

Each case was reported by readers of the real service. The declaration itself is asked, by its own
protocol, of a local server.
"""

from __future__ import annotations

import gzip
import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from sources import catalog
from tests.fixtures.declared import Answer, Cells, kept, snapshot
from tests.fixtures.workbook import workbook

SDMX = "DATAFLOW,LAST UPDATE,freq,indic_ur,cities,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n"
EUROSTAT = [s for s in catalog.load().sources if s.startswith("eurostat__urb_")]


def code_of(source_id: str) -> str:
    table = catalog.load().source(source_id).tables["sdmx_csv"]
    return next(c for c, i in table.indicators.items() if i.indicator)


def row(code: str, year: int, value: object, flag: str = "") -> str:
    return f"ESTAT:X(1.0),21/07/26 11:00:00,A,{code},AT001C,{year},{value},{flag},\n"


# --- Eurostat -----------------------------------------------------------------------------------


@pytest.mark.parametrize("source_id", EUROSTAT)
def test_eurostat_is_asked_for_plain_bytes(source_id: str) -> None:
    live = catalog.load().source(source_id).access.live
    assert live is not None
    assert live.protocol == "eurostat"
    assert all("compressed=false" in (r.url or "") for r in live.resources.values())


@pytest.mark.parametrize("source_id", EUROSTAT)
def test_eurostat_may_pack_its_answer_without_saying_so(
    cells: Callable[[str, Answer], Cells], source_id: str
) -> None:
    body = SDMX + row(code_of(source_id), 2018, 12)
    made = cells(source_id, lambda _: Response(gzip.compress(body.encode()), mimetype="text/csv"))
    assert [c["value_text"] for c in made] == ["12"]


@pytest.mark.parametrize("source_id", EUROSTAT)
def test_eurostat_flags_of_several_letters_are_the_heaviest_of_them(
    cells: Callable[[str, Answer], Cells], source_id: str
) -> None:
    flags = ["", "m", "bep", "de", "bu", "dp", "r", "x"]
    code = code_of(source_id)
    rows = [row(code, 2000 + n, "" if f == "m" else 12, f) for n, f in enumerate(flags)]
    made = cells(source_id, lambda _: Response(SDMX + "".join(rows)))
    assert [c["obs_status"] for c in made] == ["A", "M", "B", "D", "U", "D", "A", "?"]


QUEUED = {
    "its number in a queue": Response("1f5e2d3c-0a1b-4c2d-8e3f-9a8b7c6d5e4f"),
    "too big": Response(
        "<S:Fault><faultstring>413 EXTRACTION_TOO_BIG</faultstring></S:Fault>", 413
    ),
}


@pytest.mark.parametrize("answer", QUEUED.values(), ids=QUEUED)
@pytest.mark.parametrize("packed", [False, True])
def test_eurostat_is_asked_for_parts_of_what_it_does_not_give_at_once(
    cells: Callable[[str, Answer], Cells], answer: Response, packed: bool
) -> None:
    """At most five years at once; nothing of 1995 to 2001."""
    code = code_of("eurostat__urb_cenv")
    years = {y: str(y) for y in (1980, 1990, 1994, 2002, 2003, 2010, 2022, 2026, 2031)}

    def serve(request: Request) -> Response:
        since, until = request.args.get("startPeriod"), request.args.get("endPeriod")
        given = {y for y in years if int(since or 0) <= y <= int(until or 9999)}
        if len(given) > 2:
            return answer
        if not given:
            return Response("<faultcode>100</faultcode> NO_RESULTS", 404)
        body = SDMX + "".join(row(code, y, years[y]) for y in sorted(given))
        return Response(gzip.compress(body.encode()) if packed else body)

    made = cells("eurostat__urb_cenv", serve)
    assert [(int(c["time_period"]), c["value_text"]) for c in made] == list(years.items())


def test_eurostat_that_queues_even_one_year_is_told(httpserver: HTTPServer, tmp_path: Path) -> None:
    serve = lambda _: QUEUED["its number in a queue"]  # noqa: E731
    (failure,) = snapshot(httpserver, tmp_path, "eurostat__urb_cenv", serve).failures
    assert "a place in its queue" in failure
    assert "split the resource" in failure
    assert len(httpserver.log) < 12


def test_parts_of_different_columns_are_no_whole(httpserver: HTTPServer, tmp_path: Path) -> None:
    code = code_of("eurostat__urb_cenv")

    def serve(request: Request) -> Response:
        if not {"startPeriod", "endPeriod"} & set(request.args):
            return QUEUED["its number in a queue"]
        old = "startPeriod" not in request.args
        body = SDMX + row(code, 1990 if old else 2020, 1)
        return Response(body.replace(",CONF_STATUS", "").replace(",\n", "\n") if old else body)

    (failure,) = snapshot(httpserver, tmp_path, "eurostat__urb_cenv", serve).failures
    assert "parts with the headers" in failure


# --- others -------------------------------------------------------------------------------------


def test_wikidata_labels_may_hold_control_characters(
    cells: Callable[[str, Answer], Cells],
) -> None:
    body = (
        '{"head":{"vars":["geonames","title"]},"results":{"bindings":[{"geonames":{"type":"literal",'
        '"value":"745044"},"title":{"type":"literal","value":"Istan\x02\tbul"}}]}}'
    )
    made = cells("wikidata__city_titles", lambda _: Response(body))
    assert [c["ref_area"] for c in made] == ["Istan\x02\tbul"]


def test_a_slow_point_of_open_meteo_is_waited_for(
    cells: Callable[[str, Answer], Cells],
) -> None:
    daily = '{"daily":{"time":["2015-01-01"],"temperature_2m_mean":[1],"precipitation_sum":[2]}}'

    def slow(_: Request) -> Response:
        time.sleep(0.4)  # longer than this client waits unless it is told to
        return Response(daily)

    assert len(cells("openmeteo__archive", slow)) == 4


def test_ghsl_names_are_windows_1252(cells: Callable[[str, Answer], Cells]) -> None:
    head = "ID_UC_G0,GC_UCN_MAI_2025,GC_CNT_GAD_2025,GH_BUS_TOT_1975,GH_BUS_TOT_2025"
    more = "GH_BUV_TOT_2020,GH_BUV_TOT_2025,GH_BPC_TOT_2020,GH_BPC_TOT_2025,GH_BUH_AVG_2020,x"
    row = "7,São Paulo – Œuvre,Brazil,1,2,3,4,5,6,7,8,9,10"
    text = f"{head},GH_POP_TOT_1975,GH_POP_TOT_2025,{more}\n{row}\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("GHS_UCDB_THEME_GHSL_GLOBE_R2024A.csv", text.encode("cp1252"))
    made = cells("ghsl__ucdb_ghsl", lambda _: Response(packed.getvalue()))
    assert {c["ref_area"] for c in made} == {"São Paulo – Œuvre"}


@pytest.mark.parametrize("more", [[], ["ISO2_Code"], ["ISO2_Code", "Capital", "Notes"]])
def test_wup_2025_may_have_further_columns_and_cities_without_a_code(
    cells: Callable[[str, Answer], Cells], more: list[str]
) -> None:
    head = ["LocID", "Location", "ISO3_Code", "City_Code", "City_Name", "PWCent_Longitude"]
    further = ["TR"] * len(more)
    rows: list[list[object]] = [
        [*head, "PWCent_Latitude", *more, "1975", "2050"],
        [792, "Türkiye", "TUR", 12345, "İstanbul", 28.95, 41.03, *further, "3500.1", "15500"],
        [792, "Türkiye", "TUR", "", "Newtown", 36.8, 38.3, *further, "", "61.2"],
    ]
    made = cells("un__wup_2025_cities", lambda _: Response(workbook("Data", rows)))
    told = [(c["ref_area"], c["ref_area_code"], c["value_text"]) for c in made]
    assert told == [
        ("İstanbul", "12345", "3500.1"),
        ("İstanbul", "12345", "15500"),
        ("Newtown", None, None),
        ("Newtown", None, "61.2"),
    ]


UNSD = (
    '"Country or Area","Year","Area","Sex","City","City type","Record Type","Reliability",'
    '"Source Year","Value","Value Footnotes"\n'
    '"Austria","2022","Total","Both Sexes","WIEN","City proper","Estimate - de jure",'
    '"Final figure, complete","2023","1931593","1,2"\n'
    '"footnoteSeqID","Footnote"\n'
    '"1","Data refer to "cantons" rather than to cities."\n'
    '"2","Included in urban agglomeration.\n"\n'
)


def test_un_footnotes_may_quote_and_be_few(cells: Callable[[str, Answer], Cells]) -> None:
    made = cells("unsd__city_population", lambda _: Response(UNSD))
    assert [(c["ref_area"], c["value_text"]) for c in kept(made)] == [("WIEN", "1931593")]
    assert [c["filter_reason"] for c in made].count("footnote") == 3


def test_the_footnotes_must_be_there(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Their absence is how a file tells that it was cut off; their number tells nothing."""
    (rule,) = catalog.load().source("unsd__city_population").tables["csv"].rows
    assert rule.at_least == 1


def test_oecd_names_its_areas_in_a_code_list(cells: Callable[[str, Answer], Cells]) -> None:
    codes = [{"id": "ES510F", "name": "Puerto de Santa María, El"}, {"id": "ES", "name": "Spain"}]
    lists = [
        {"id": "CL_FREQ", "codes": [{"id": "A", "name": "Annual"}]},
        {"id": "CL_REF_AREA_FUA", "codes": codes},
    ]
    accepted: list[str] = []

    def serve(request: Request) -> Response:
        accepted.append(request.headers["Accept"])
        return Response(json.dumps({"data": {"dataflows": [], "codelists": lists}}))

    made = cells("oecd__code_lists", serve)
    assert [(c["ref_area_code"], c["ref_area"]) for c in kept(made)] == [
        ("ES510F", "Puerto de Santa María, El")
    ]
    assert accepted == ["application/vnd.sdmx.structure+json;version=1.0"]
    resolve = catalog.load().source("oecd__fua_economy").resolve
    assert (resolve.by, resolve.codelist) == ("code", "oecd__code_lists")


@pytest.mark.parametrize(
    "components",
    [
        "{name: Old town, ref: 1700-001, latitude: -38.3, longitude: -0.5}, {name: Gate, x: 1}",
        [{"name": "Old town", "latitude": -38.3, "longitude": -0.5}, {"latitude": 1}],
    ],
)
def test_a_heritage_site_without_coordinates_has_those_of_its_first_component(
    cells: Callable[[str, Answer], Cells], components: object
) -> None:
    site = {"id_no": "1700", "name_en": "X", "category": "Cultural", "iso_codes": "TR"}
    own = {**site, "id_no": "1", "coordinates": {"lon": 1.5, "lat": 2.5}, "components_list": None}
    body = [{**site, "coordinates": None, "components_list": components}, own]
    made = cells("unesco__world_heritage", lambda _: Response(json.dumps(body)))
    assert [(c["latitude"], c["longitude"]) for c in made] == [("-38.3", "-0.5"), ("2.5", "1.5")]


def test_nobel_shares_are_split_among_affiliations(cells: Callable[[str, Answer], Cells]) -> None:
    def university(name: str, city: str, now: str | None) -> dict[str, object]:
        place = {"name": {"en": name}, "city": {"en": city}, "country": {"en": "Prussia"}}
        return {**place, "cityNow": {"en": now}, "countryNow": {"en": "Germany"}} if now else place

    def prize(year: str, portion: str, *affiliations: dict[str, object]) -> dict[str, object]:
        said = {"awardYear": year, "portion": portion, "category": {"en": "Physics", "se": "Fysik"}}
        return {**said, **({"affiliations": list(affiliations)} if affiliations else {})}

    two = prize("1905", "1/3", university("A", "Breslau", "Wrocław"), university("B", "Kiel", None))
    laureates = [
        {"id": "1", "knownName": {"en": "X"}, "nobelPrizes": [two, prize("1911", "1")]},
        {"id": "2", "orgName": {"en": "Y"}, "nobelPrizes": [prize("1914", "1/2")]},
    ]
    body = {"laureates": laureates, "meta": {"count": 2}}
    made = cells("nobel__laureates", lambda _: Response(json.dumps(body)))
    assert [
        (c["time_period"], c["ref_area"], c["country"], round(float(c["value_text"]), 4))
        for c in kept(made)
    ] == [("1905", "Wrocław", "Germany", 0.1667), ("1905", "Kiel", "Prussia", 0.1667)]
    assert [c["filter_reason"] for c in made].count("no_affiliation") == 2
