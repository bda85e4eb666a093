"""Every declared source, every access_method that can be had here: read and accepted as counted.

The counts were taken once from the files themselves and stand here as facts; a change in reading
shows as another number. Bundled data is always there, recorded files where a folder of recordings
lies beside the repository.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import duckdb
import pytest

from core.paths import DataPaths
from core.settings import ROOT
from sources import catalog, editions, fetch
from sources.fetch import FetchContext
from sources.http import HttpClient
from sources.landing import read_index
from sources.snapshot import SourceSnapshot

RECORDINGS = ROOT.parent / "shared" / "recordings"
INDEX = ROOT / "sources" / "recorded.csv"

# One line per source, access method and resource: rows, cells, of them missing, places, indicators
# and networks, first and last period, and the rows that a declared rule took out, by its reason.
with (Path(__file__).parent / "counted.csv").open(encoding="utf-8", newline="") as _lines:
    LINES = list(csv.DictReader(_lines))
# Where an archive has several editions, `archive` is the newest.
FIRST_EDITION = "archive, first edition"
COUNTED = sorted({(line["source_id"], line["access_method"]) for line in LINES})


# source, access method, place as written or its code, indicator, period → value in the indicator's
# unit, status. Read in the files by eye.
SPOT = [
    ("china__city_macro", "bundled", "北京市", "population", "2010", 19_619_000, "E"),
    ("china__city_macro", "bundled", "深圳市", "gdp_cny", "2010", 1_006_906_000_000, "E"),
    ("eurostat__urb_cenv", "archive", "AT001C", "no2_annual_mean", "2011", 22.3, "A"),
    ("eurostat__urb_cenv", "archive", "AT001C", "no2_annual_mean", "1989", 33.6, "A"),
    ("eurostat__urb_ctour", "archive", "AT001C", "tourist_nights", "1996", 6_766_271, "A"),
    ("eurostat__urb_ctran", "archive", "AT001C", "registered_cars_per_1000", "2001", 346.3, "A"),
    ("fhfa__hpi_metro", FIRST_EDITION, "35614", "house_price_index", "2010-Q3", 231.98, "A"),
    ("fhfa__hpi_metro", FIRST_EDITION, "35614", "house_price_index_standard_error", "2010-Q3",
     0.67, "A"),
    ("georank__rainfall", "bundled", "Vienna", "precipitation_annual", "1981/2010", 580, "E"),
    ("georank__sunshine", "bundled", "Tokyo", "sunshine_hours_annual", "1981/2010", 1878, "E"),
    ("georank__temperature", "bundled", "Vienna", "air_temperature_month", "1981/2010-M01", -0.2,
     "E"),
    ("georank__temperature", "bundled", "Tokyo", "air_temperature_annual", "1981/2010", 15.3, "E"),
    ("un__wup_2018_cities", "archive", "Tokyo", "population", "2015", 37_256_109, "E"),
    ("un__wup_2018_cities", "archive", "Tokyo", "population", "2035", 36_014_030, "F"),
    ("un__wup_2018_cities", "archive", "Tokyo", "population", "1950", 11_274_641, "E"),
    ("un__wup_2018_largest", "repository", "Tokyo", "population", "2015", 37_256_109, "E"),
    ("unsd__city_population", FIRST_EDITION, "WIEN", "population", "2013", 1_741_246, "A"),
    ("unsd__city_population", FIRST_EDITION, "TOKYO", "population", "2010", 8_945_695, "A"),
    ("who__air_quality_2022", "archive", "Graz", "no2_annual_mean", "2010", 34.98, "A"),
    ("who__air_quality_2022", "archive", "Graz", "pm2_5_annual_mean", "2010", 21.93, "A"),
]  # fmt: skip


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("replay")


@cache
def _snapshot(paths: Path, source_id: str, access_method: str) -> SourceSnapshot:
    archive = None
    if access_method in ("archive", FIRST_EDITION):
        if not RECORDINGS.is_dir():
            pytest.skip("no folder shared/recordings beside the repository")
        archive = read_index(INDEX, RECORDINGS)
    if archive and access_method == FIRST_EDITION:
        archive = dict(next(editions.steps({source_id: archive[source_id]}, {})))
    context = FetchContext(DataPaths(paths), HttpClient(), offline=True, archive=archive)
    return fetch.obtain(context, catalog.load().source(source_id))


@pytest.mark.parametrize(("source_id", "access_method"), COUNTED)
def test_a_source_is_read_as_counted(paths: Path, source_id: str, access_method: str) -> None:
    snapshot = _snapshot(paths, source_id, access_method)
    assert (snapshot.state, snapshot.failures) == (access_method.split(",")[0], ())
    found = []
    for content in snapshot.contents:
        facts = content.facts
        with duckdb.connect() as connection:
            (counted,) = connection.execute(
                f"""select count(*) filter (is_missing and filter_reason is null),
                    count(distinct coalesce(indicator, network))
                from read_parquet('{content.folder(DataPaths(paths)) / "cells.parquet"}')"""
            ).fetchall()
        filtered = " ".join(f"{k}:{v}" for k, v in sorted(facts["filtered_rows"].items()))
        said = (
            *(
                source_id,
                access_method,
                content.resource,
                facts["rows"],
                facts["cells"],
                counted[0],
            ),
            *(facts["cities"], counted[1], facts["first_period"] or ""),
            *(facts["last_period"] or "", filtered),
        )
        found.append(dict(zip(LINES[0], map(str, said), strict=True)))
    assert found == [
        n for n in LINES if (n["source_id"], n["access_method"]) == (source_id, access_method)
    ]


@pytest.mark.parametrize(
    ("source_id", "access_method", "place", "indicator", "period", "value", "status"), SPOT
)
def test_a_figure_is_read_as_it_stands_in_the_file(
    paths: Path,
    source_id: str,
    access_method: str,
    place: str,
    indicator: str,
    period: str,
    value: float,
    status: str,
) -> None:
    (content,) = _snapshot(paths, source_id, access_method).contents
    with duckdb.connect() as connection:
        found = connection.execute(
            f"""select distinct trim(value_text, ' ()')::double * pow(10, unit_mult), obs_status
            from read_parquet('{content.folder(DataPaths(paths)) / "cells.parquet"}')
            where (ref_area = $place or ref_area_code = $place) and indicator = $indicator
                and time_period = $period and not is_missing""",
            {"place": place, "indicator": indicator, "period": period},
        ).fetchall()
    assert found == [(pytest.approx(value, rel=1e-9), status)]


@pytest.mark.parametrize("access_method", ["bundled", "archive"])
def test_the_gazetteer_knows_vienna_by_its_id(paths: Path, access_method: str) -> None:
    (content,) = _snapshot(paths, "geonames__cities", access_method).contents
    with duckdb.connect() as connection:
        found = connection.execute(
            "select name, country, latitude::double, longitude::double from"
            f" read_parquet('{content.folder(DataPaths(paths)) / 'places.parquet'}')"
            " where city_id = '2761369'"
        ).fetchall()
    assert found == [("Vienna", "AT", pytest.approx(48.2, abs=0.1), pytest.approx(16.4, abs=0.1))]


def test_an_airport_without_a_code_of_the_airlines_is_filtered(paths: Path) -> None:
    (content,) = _snapshot(paths, "ourairports__airports", "bundled").contents
    with duckdb.connect() as connection:
        reasons = connection.execute(
            "select filter_reason, min(value_text) from"
            f" read_parquet('{content.folder(DataPaths(paths)) / 'cells.parquet'}')"
            " where value_text is null or value_text = 'VIE' group by all order by 1 nulls first"
        ).fetchall()
    assert reasons == [(None, "VIE"), ("no_iata_code", None)]


def test_every_way_that_can_be_had_here_is_counted() -> None:
    known = catalog.load().sources
    had = {
        (source_id, access_method)
        for source_id, source in known.items()
        for access_method in ("bundled", "repository", "archive")
        if getattr(source.access, access_method) is not None
    }
    # There is no recording of the airports in the form that the archive access_method declares.
    counted = {way for way in COUNTED if way[1] != FIRST_EDITION}
    assert had - {("ourairports__airports", "archive")} == counted
    archive = read_index(INDEX, ROOT)
    several = {s for s, lines in archive.items() if len(list(editions.steps({s: lines}, {}))) > 1}
    assert {source_id for source_id, way in COUNTED if way == FIRST_EDITION} == several
