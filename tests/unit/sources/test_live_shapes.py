"""Live forms that differ from what was recorded: the documented shape goes through the real map.

Hand-made rows; the live services were never called.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sources import catalog, conform
from sources.formats import decode

SDMX = (
    "DATAFLOW,LAST UPDATE,freq,indic_ur,cities,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n"
    "ESTAT:X(1.0),21/07/26 11:00:00,A,{code},AT001C,2018,12.5,e,\n"
    "ESTAT:X(1.0),21/07/26 11:00:00,A,{code},AT001C,2019,,,C\n"
    "ESTAT:X(1.0),21/07/26 11:00:00,A,{code},AT,2018,1,,\n"
)
AIRPORTS = (
    '"id","ident","type","name","latitude_deg","longitude_deg","elevation_ft","continent",'
    '"iso_country","iso_region","municipality","scheduled_service","icao_code","iata_code",'
    '"gps_code","local_code","home_link","wikipedia_link","keywords"\n'
    '1,"LTFM","large_airport","New",41.26,28.74,325,"EU","TR","TR-34","Istanbul","yes","LTFM",'
    '"IST","LTFM",,,,\n'
    '2,"FYWH","closed","Old",-22.5,17.4,1,"AF","NA","NA-KH","Windhoek","no",,"WDX",,,,,\n'
)


def cells(tmp_path: Path, source_id: str, resource: str, text: str) -> list[dict[str, object]]:
    source = catalog.load().source(source_id)
    assert source.access.live is not None
    name = source.access.live.resources[resource].table or source.access.live.table
    path = tmp_path / "answer"
    path.write_text(text, encoding="utf-8")
    raw = decode(source_id, path, source.tables[name].format, source.bounds_of(resource), tmp_path)
    made: list[dict[str, object]] = conform.cells(
        source, resource, source.tables[name], "c", raw
    ).to_pylist()
    return made


@pytest.mark.parametrize(
    ("source_id", "resource", "code"),
    [
        ("eurostat__urb_cenv", "urb_cenv", "EN2027V"),
        ("eurostat__urb_clivcon", "urb_clivcon", "SA1049V"),
        ("eurostat__urb_clma", "urb_clma", "EC1010V"),
        ("eurostat__urb_cpop1", "urb_cpop1", "DE1001V"),
        ("eurostat__urb_ctour", "urb_ctour", "CR2001V"),
        ("eurostat__urb_ctran", "urb_ctran", "TT1003V"),
    ],
)
def test_sdmx_csv_of_eurostat_becomes_cells(
    tmp_path: Path, source_id: str, resource: str, code: str
) -> None:
    made = cells(tmp_path, source_id, resource, SDMX.format(code=code))
    assert [c["indicator"] is not None for c in made] == [True, True, True]
    assert (made[0]["value_text"], made[0]["obs_status"]) == ("12.5", "E")
    assert (made[1]["is_missing"], made[1]["is_confidential"]) == (True, True)
    assert made[2]["filter_reason"] == "not_a_city"


def test_the_code_list_service_gives_codes_and_labels(tmp_path: Path) -> None:
    text = "AT\tAustria\nAT001C\tWien\n"
    made = cells(tmp_path, "eurostat__code_lists", "cities", text)
    assert [(c["ref_area_code"], c["ref_area"]) for c in made][1] == ("AT001C", "Wien")


def test_airports_keep_namibia_and_leave_out_what_is_closed(tmp_path: Path) -> None:
    made = cells(tmp_path, "ourairports__airports", "airports", AIRPORTS)
    assert (made[0]["value_text"], made[0]["country"]) == ("IST", "TR")
    assert (made[1]["country"], made[1]["filter_reason"]) == ("NA", "closed_airport")


def test_citybikes_counts_a_network_in_its_city(tmp_path: Path) -> None:
    text = """{"networks": [
        {"id": "velib", "name": "V", "href": "/v2/networks/velib", "gbfs_href": "https://x/gbfs",
         "location": {"latitude": 48.86, "longitude": 2.35, "city": "Paris", "country": "FR"}},
        {"id": "divvy", "name": "D", "company": ["M"],
         "location": {"latitude": 41.85, "longitude": -87.6, "country": "USA",
                      "city": "Chicago, IL"}},
        {"id": "x", "name": "X", "company": null,
         "location": {"latitude": 50.5, "longitude": 13.6, "city": "Most, CZ", "country": "CZ"}}
    ]}"""
    made = cells(tmp_path, "citybikes__networks", "networks", text)
    assert [(c["ref_area"], c["country"]) for c in made] == [
        ("Paris", "FR"), ("Chicago, IL", "USA"), ("Most", "CZ"),
    ]  # fmt: skip
    assert {(c["indicator"], c["value_text"]) for c in made} == {
        ("bike_sharing_networks", "velib"),
        ("bike_sharing_networks", "divvy"),
        ("bike_sharing_networks", "x"),
    }
