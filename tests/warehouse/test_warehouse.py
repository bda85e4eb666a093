"""One build of the invented world: what is published, what is not and why, and what lies beside it.

The generator says beforehand what must become of every cell; these tests hold the warehouse to it.
"""

from __future__ import annotations

import json
import shutil
import statistics
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from releases import builder, figure_audit, integrity
from releases.pictures.said import pictures
from tests.fixtures import world as w
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World

# The tables that readers were promised.
PUBLIC = {
    *("dim_city", "dim_city_code", "dim_country", "dim_year", "dim_indicator", "dim_source"),
    *("dim_spatial_unit", "fct_source_observation", "fct_observation", "bridge_observation_cell"),
    *("fct_source_cell", "bridge_edge_cell"),
    *(
        "mart_city_year",
        "mart_observation",
        "mart_forecast",
        "mart_latest",
        "fct_row_ledger",
        "fct_observation_history",
    ),
}


@pytest.mark.parametrize(
    "source_id",
    [w.GAZETTEER, w.YEARBOOK, w.CODES, w.ENVIRONMENT, w.PRICES, w.CENSUS, w.NORMALS],
)
def test_every_cell_ends_where_its_flaw_says(
    built: Warehouse, world: World, source_id: str
) -> None:
    found = built.query(
        "select disposition, coalesce(reason, ''), count(*) from fct_source_observation"
        " where source_id = ? group by all",
        source_id,
    )
    assert Counter({(d, r): n for d, r, n in found}) == world.ledger[source_id]


def test_the_ledger_tells_what_became_of_every_cell(built: Warehouse, world: World) -> None:
    ledger = built.query("select source_id, disposition, reason, cells from fct_row_ledger")
    assert {(s, d, r): n for s, d, r, n in ledger} == {
        (s, *key): n for s, counted in world.ledger.items() for key, n in counted.items()
    }
    sides = built.query(
        "select source_id, cells_read, published + rejected + duplicate + filtered"
        " from (select distinct source_id, cells_read, published, rejected, duplicate, filtered"
        " from fct_row_ledger)"
    )
    assert {s: (read, ended) for s, read, ended in sides} == {
        s: (counted.total(), counted.total()) for s, counted in world.ledger.items()
    }


def test_rejected_cells_name_the_cities_they_might_have_meant(built: Warehouse) -> None:
    found = built.query(
        "select distinct candidates from fct_rejected_cell"
        " where ref_area_label = 'Twinford' and reason = 'city_ambiguous'"
    )
    ((candidates,),) = found
    assert {c["city_id"] for c in json.loads(candidates)} == {w.FIRST_ID + 100, w.FIRST_ID + 101}


def test_homonyms_of_two_countries_are_told_apart_by_country(built: Warehouse) -> None:
    found = built.query(
        "select country_iso2, city_id from mart_observation"
        " where city = 'Samename' and indicator = 'gdp_cny' order by 1"
    )
    assert found == [("AT", w.FIRST_ID + 102), ("PE", w.FIRST_ID + 103)]


def test_sections_and_abandoned_places_are_no_cities(built: Warehouse) -> None:
    assert built.query("select count(*) from dim_city") == [(64,)]
    names = "('Quarterwick', 'Ghostmere')"
    assert built.query(f"select * from dim_city where name in {names}") == []


def test_values_are_scaled_to_the_unit_of_their_indicator(built: Warehouse, world: World) -> None:
    city, row = world.cities[40], world.tables[w.YEARBOOK][world.yearbook_row(40, 2012)]
    found = built.query(
        "select indicator, obs_value, unit_measure from fct_observation"
        " where city_id = ? and year = 2012 and source_id = ? order by 1",
        city.city_id,
        w.YEARBOOK,
    )
    assert found == [
        ("gdp_cny", pytest.approx(float(row[4]) * 1e6), "CNY"),
        ("population", pytest.approx(float(row[3]) * 1e3), "persons"),
    ]
    water = built.query(
        "select obs_value from fct_observation where city_id = ? and indicator = 'water_use'"
        " and year = 2015",
        city.city_id,
    )
    (said,) = [
        row[3] for row in world.tables[w.ENVIRONMENT] if row[:3] == ["WATER", city.code, "2015"]
    ]
    assert water == [(pytest.approx(float(said) * 1000),)]


def test_one_series_is_preferred_per_key_and_few_years_are_none(
    built: Warehouse, world: World
) -> None:
    several = built.query(
        "select count(*) from (select 1 from fct_observation"
        " group by city_id, indicator, time_period, spatial_unit"
        " having count(*) filter (where is_preferred) > 1)"
    )
    assert several == [(0,)]
    both = built.query(
        "select source_id, is_preferred, preferred_reason from fct_observation where city_id = ?"
        " and indicator = 'population' and year = 2015 and spatial_unit = 'city_proper' order by 1",
        world.cities[30].city_id,
    )
    # The census is better placed, but has few years beside the yearbook's series.
    assert [(s, p) for s, p, _ in both] == [(w.YEARBOOK, True), (w.CENSUS, False)]
    assert both[1][2] == f"few years beside {w.YEARBOOK}"


def test_quarters_become_a_year_only_when_all_four_are_there(
    built: Warehouse, world: World
) -> None:
    rows = [r for r in world.tables[w.PRICES] if r[0] == world.cities[3].name and r[2] == "2014"]
    found = built.query(
        "select obs_value, n_periods from fct_observation where city_id = ? and year = 2014"
        " and indicator = 'house_price_index'",
        world.cities[3].city_id,
    )
    assert found == [(pytest.approx(statistics.mean(float(r[4]) for r in rows)), 4)]
    error = built.query(
        "select obs_value from fct_observation where city_id = ? and year = 2014"
        " and indicator = 'house_price_index_standard_error'",
        world.cities[3].city_id,
    )
    assert error == [(max(float(r[5].strip("()")) for r in rows),)]
    years = built.query(
        "select year from fct_observation where city_id = ? and indicator = 'house_price_index'"
        " order by 1",
        world.cities[0].city_id,
    )
    # A quarter of 2013 is missing, and 2019 is not over.
    assert [y for (y,) in years] == [2012, 2014, 2015, 2016, 2017, 2018]


def test_a_period_of_thirty_years_has_no_year(built: Warehouse, world: World) -> None:
    found = built.query(
        "select time_period, year, count(*) from fct_observation where source_id = ? group by all",
        w.NORMALS,
    )
    assert found == [("1981/2010", None, 12 + 11 + 11)]
    assert built.query("select count(*) from mart_city_year where year is null") == [(0,)]
    one = built.query(
        "select indicator, n_periods from fct_observation where city_id = ? and source_id = ?",
        world.cities[2].city_id,
        w.NORMALS,
    )
    assert one == [("air_temperature_annual", 1)]


def test_the_extremes_of_the_months_are_facts_made_of_twelve_cells(
    built: Warehouse, world: World
) -> None:
    months = [float(v) for v in world.tables[w.NORMALS][1][4:16]]
    found = built.query(
        "select indicator, obs_value, n_periods from fct_observation where city_id = ?"
        " and indicator like '%est_month' order by 1",
        world.cities[0].city_id,
    )
    assert found == [
        ("air_temperature_coldest_month", min(months), 12),
        ("air_temperature_warmest_month", max(months), 12),
    ]


def test_flags_become_statuses_and_an_unknown_flag_says_so(built: Warehouse, world: World) -> None:
    found = dict(
        built.query(
            "select year, obs_status from fct_observation where city_id = ?"
            " and indicator = 'no2_annual_mean'",
            world.cities[20].city_id,
        )
    )
    assert found == {2015: "A", 2016: "A", 2017: "A", 2018: "P", 2019: "E"}
    odd = built.query(
        "select obs_status from fct_observation where city_id = ? and year = 2015"
        " and indicator = 'no2_annual_mean'",
        world.cities[6].city_id,
    )
    assert odd == [("?",)]


def test_the_newest_edition_of_a_figure_is_the_one_published(
    built: Warehouse, world: World
) -> None:
    newest = world.tables[w.CENSUS][1]
    found = built.query(
        "select obs_value from fct_observation where city_id = ? and source_id = ? and year = ?"
        " and spatial_unit = 'city_proper'",
        world.cities[0].city_id,
        w.CENSUS,
        int(newest[1]),
    )
    assert found == [(float(newest[6]),)]


def test_a_withheld_series_is_in_no_table_of_figures(built: Warehouse) -> None:
    verdict = built.query(
        "select verdict, reason from fct_series_verdict where indicator = 'commute_time'"
    )
    assert [v for v, _ in verdict] == ["withheld"]
    assert "cities_differ" in verdict[0][1]
    for table in ("fct_observation", "mart_observation", "fct_observation_history"):
        assert built.query(f"select * from {table} where indicator = 'commute_time'") == []
    assert "commute_time" not in {c for c, *_ in built.query("describe mart_city_year")}


def test_the_wide_mart_holds_the_preferred_figures(built: Warehouse, world: World) -> None:
    found = built.query(
        "select population, gdp_cny from mart_city_year where city_id = ? and year = 2015"
        " and spatial_unit = 'city_proper'",
        world.cities[30].city_id,
    )
    long = built.query(
        "select indicator, obs_value from fct_observation where city_id = ? and year = 2015"
        " and is_preferred and indicator in ('population', 'gdp_cny')"
        " and spatial_unit = 'city_proper' order by 1 desc",
        world.cities[30].city_id,
    )
    assert found == [tuple(v for _, v in long)]


def test_the_wide_mart_has_no_empty_column(built: Warehouse) -> None:
    columns = [c for c, *_ in built.query("describe mart_city_year")]
    counted = ", ".join(f'count("{c}")' for c in columns)
    ((*counts,),) = built.query(f"select {counted} from mart_city_year")
    assert [c for c, n in zip(columns, counts, strict=True) if not n] == []


def test_an_indicator_without_a_figure_is_not_in_the_release(built: Warehouse) -> None:
    assert (
        built.query(
            "select indicator from dim_indicator where indicator not in"
            " (select indicator from fct_observation union"
            " select indicator from fct_country_observation)"
        )
        == []
    )
    ((concept,),) = built.query("select concept from dim_indicator where indicator = 'population'")
    assert concept == "population"


def test_the_latest_figure_of_a_city_says_its_age_and_its_peers(built: Warehouse) -> None:
    ((rows, keys),) = built.query(
        "select count(*), count(distinct (city_id, indicator, spatial_unit)) from mart_latest"
    )
    assert rows == keys > 0
    assert (
        built.query(
            "select latest.city_id, latest.indicator from mart_latest as latest"
            " inner join fct_observation as later using (city_id, indicator, spatial_unit)"
            " where later.is_preferred and later.obs_status != 'F' and later.year > latest.year"
        )
        == []
    )
    wrong = "age_years < 0 or peers < 0 or (year is null) != (age_years is null)"
    assert built.query(f"select * from mart_latest where {wrong}") == []


def test_a_draw_shows_each_cell_beside_its_raw_row(built: Warehouse, world: World) -> None:
    release = built.paths.releases / "current" / "warehouse.duckdb"
    with duckdb.connect(str(release), read_only=True) as connection:
        lines = figure_audit.draw(connection, built.paths.raw, 60, 30, seed=1)
        again = figure_audit.draw(connection, built.paths.raw, 60, 30, seed=1)
    assert lines == again
    assert {x["sample"] for x in lines} == {"published", "withheld"}
    for x in (x for x in lines if x["sample"] == "published" and x["source_id"] == w.YEARBOOK):
        row = world.tables[w.YEARBOOK][x["row_number"]]
        assert json.loads(x["raw_row"])[x["column_name"]] == x["value_text"]
        assert x["value_text"] in row
    # What the draw stands for is all that was published and withheld.
    ((published,),) = built.query(
        "select count(*) from fct_source_observation where disposition = 'published'"
        " and indicator is not null and city_id is not null and obs_value is not null"
    )
    weighed = sum(x["weight"] for x in lines if x["sample"] == "published")
    assert weighed == pytest.approx(published)


def test_forecasts_have_a_mart_of_their_own(built: Warehouse) -> None:
    for mart in ("mart_observation", "mart_latest"):
        assert built.query(f"select * from {mart} where obs_status = 'F'") == []
    assert built.query("select * from mart_forecast where obs_status != 'F'") == []
    counted = built.query(
        "select (select count(*) from mart_observation) + (select count(*) from mart_forecast)"
        " - (select count(*) from fct_observation)"
    )
    assert counted == [(0,)]


def test_every_public_table_and_column_is_described(built: Warehouse) -> None:
    public = "schema_name = 'main' and not internal"
    tables = built.query(
        f"select table_name, comment from duckdb_tables() where {public}"
        f" union all select view_name, comment from duckdb_views() where {public}"
    )
    columns = built.query(
        f"select table_name, column_name, comment from duckdb_columns() where {public}"
    )
    assert {t for t, _ in tables} >= PUBLIC
    assert {t for t, _, _ in columns} >= PUBLIC
    assert [t for t, text in tables if not text] == []
    assert [(t, c) for t, c, text in columns if not text] == []


def test_the_trace_of_a_figure_leads_to_the_raw_cell(built: Warehouse, world: World) -> None:
    city, number = world.cities[41], world.yearbook_row(41, 2009)
    found = built.query(
        "select row_number, column_name, value_text, content_id, sha256, url"
        " from trace(?, 'population', 2009)",
        city.city_id,
    )
    ((row, column, text, content_id, sha256, url),) = found
    assert (row, column) == (number, "population (thousands)")
    assert text == world.tables[w.YEARBOOK][number][3]
    assert url == f"https://example.org/{w.YEARBOOK}"
    (content,) = built.current["build"]["sources"][w.YEARBOOK]["contents"]
    assert (content["content_id"], content["sha256"]) == (content_id, sha256)
    raw = built.paths.raw / content_id / content["parse_version"] / "table.parquet"
    with duckdb.connect() as connection:
        cell = connection.execute(
            f"select city, year, \"{column}\" from read_parquet('{raw}') where row_number = ?",
            [row],
        ).fetchall()
    assert cell == [(city.name, "2009", text)]
    blob = built.paths.blobs / sha256[:2] / sha256
    assert blob.read_bytes() == world.data(w.YEARBOOK)


def test_the_trace_command_shows_the_way_back_to_a_person(built: Warehouse, world: World) -> None:
    said = built.wcn("trace", world.cities[41].name, "population", "2009")
    value = world.tables[w.YEARBOOK][world.yearbook_row(41, 2009)][3]
    assert w.YEARBOOK in said
    assert repr(value) in said
    said = built.wcn("trace", "Twinford", "population", "2009", ok=False)
    assert "several cities" in said


def test_every_fact_has_cells_and_every_published_cell_a_fact(built: Warehouse) -> None:
    lonely = built.query(
        "select count(*) from fct_observation anti join bridge_observation_cell"
        " using (observation_key)"
    )
    unused = built.query(
        "select count(*) from (select * from fct_source_observation"
        " where disposition = 'published' and reason is null)"
        " anti join bridge_observation_cell using (content_id, row_number, column_name)"
    )
    assert (lonely, unused) == ([(0,)], [(0,)])


def test_the_release_describes_itself(built: Warehouse, world: World) -> None:
    folder: Path = built.paths.releases / "current"
    manifest = built.current
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    # A mart that is a view has no rows of its own, and a file all the same; the cells have none.
    views = {"mart_observation", "mart_forecast", "mart_latest"}
    exported = {*manifest["tables"], *views} - {"fct_source_cell"}
    assert {r["name"] for r in package["resources"]} == exported
    assert all((folder / r["path"]).is_file() for r in package["resources"])
    assert all(r["description"] for r in package["resources"])
    receipts = json.loads((folder / "receipts.json").read_text(encoding="utf-8"))
    assert {r["source_id"] for r in receipts} == set(world.tables)
    assert set(manifest["build"]["sources"]) == set(world.tables)
    for page in ("candidate", "series"):
        assert (folder / "quality" / page / "index.html").is_file()
    evidence = json.loads((folder / "quality" / "evidence.json").read_text(encoding="utf-8"))
    assert evidence["passed"]
    assert {o["check"] for o in evidence["outcomes"]} >= {"ledger_balances", "latitudes"}


def test_pictures_can_be_read_from_the_tables_as_they_are_modelled(built: Warehouse) -> None:
    """A renamed column would cost a release its pictures, and nothing else would fail."""
    indices = built.query("select distinct index from mart_index_rank where rank is not null")
    networks = built.query("select distinct network from mart_network")
    expected = {f"index_{i}" for (i,) in indices} | {f"network_{n}" for (n,) in networks}
    read = pictures(built.paths.releases / built.current["version"] / "warehouse.duckdb")
    assert {picture.name for picture in read} == expected


def test_pictures_are_files_of_a_release_and_a_changed_one_is_noticed(
    built: Warehouse, tmp_path: Path
) -> None:
    candidate, version = tmp_path / "candidate.duckdb", built.current["version"]
    shutil.copyfile(built.paths.releases / version / "warehouse.duckdb", candidate)
    parts = builder.Parts(
        version=version,
        manifest=built.current["build"],
        evidence=built.paths.releases / version / "quality" / "evidence.json",
        docs=built.paths.releases / version / "quality" / "series",
        previous_tables={},
        pictures={"network_air.svg": "<svg/>"},
    )
    builder.build(tmp_path / "releases", candidate, parts)
    assert integrity.changed_bytes(tmp_path / "releases", version) == []
    picture = tmp_path / "releases" / version / "pictures" / "network_air.svg"
    assert picture.read_text(encoding="utf-8") == "<svg/>"
    picture.chmod(0o644)
    picture.write_text("<svg>1</svg>", encoding="utf-8")
    found = integrity.changed_bytes(tmp_path / "releases", version)
    assert found == ["pictures/network_air.svg has changed"]


def test_attribution_names_every_source_and_warns_of_what_may_not_be_passed_on(
    built: Warehouse, world: World
) -> None:
    text = (built.paths.releases / "current" / "ATTRIBUTION.md").read_text(encoding="utf-8")
    lines = {s: line for line in text.splitlines() for s in world.tables if f"`{s}`" in line}
    assert set(lines) == set(world.tables)
    kept = {s for s, line in lines.items() if "Not to be redistributed" in line}
    assert kept == {w.ENVIRONMENT}


def test_the_parquet_files_hold_the_same_rows_as_the_database(built: Warehouse) -> None:
    folder = built.paths.releases / "current" / "parquet"
    missing = built.current["tables"].keys() - {p.stem for p in folder.iterdir()}
    assert missing == {"fct_source_cell"}  # one copy of the cells: in the database, for trace
    package = json.loads((folder.parent / "datapackage.json").read_text(encoding="utf-8"))
    assert {folder.parent / r["path"] for r in package["resources"]} == set(folder.iterdir())
    with duckdb.connect() as connection:
        for table, said in built.current["tables"].items():
            if table in missing:
                continue
            file = connection.read_parquet(f"{folder / table}.parquet")
            assert (table, len(file)) == (table, said["rows"])
            kept = [f"{table}.{c}" for c in said["columns"]]
            # What only find_city reads is in the database only.
            exported = [c for c in kept if c != "dim_city_code.lookup_hash"]
            assert [f"{table}.{c}" for c in file.columns] == exported
            (described,) = [r for r in package["resources"] if r["name"] == table]
            fields = [f["name"] for f in described["schema"]["fields"]]
            assert fields == list(file.columns)


def test_a_sound_release_verifies_and_a_changed_byte_does_not(built: Warehouse) -> None:
    version = built.current["version"]
    assert built.store.verify(version) == []
    target = built.paths.releases / version / "ATTRIBUTION.md"
    target.chmod(0o644)
    before = target.read_bytes()
    try:
        target.write_bytes(before.replace(b"Attribution", b"attribution", 1))
        assert built.store.verify(version) == ["ATTRIBUTION.md has changed"]
    finally:
        target.write_bytes(before)
        target.chmod(0o444)


def test_a_release_cannot_be_written_into(built: Warehouse) -> None:
    folder = built.paths.releases / built.current["version"]
    files = [p for p in folder.rglob("*") if p.is_file()]
    assert len(files) > 40
    assert [p.name for p in files if p.stat().st_mode & 0o222] == []
