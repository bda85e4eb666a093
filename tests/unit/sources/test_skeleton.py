"""A skeleton is written from what is in the file, and a person's work in it cannot be forgotten."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import pytest
import yaml

from core.errors import SourceError
from sources.catalog import read
from sources.declarations import Bounds, Source
from sources.formats import decode
from sources.skeleton import skeleton
from sources.tables import Format


def written(sample: Path) -> dict[str, object]:
    document = yaml.safe_load(skeleton("example__sample", sample))
    assert isinstance(document, dict)
    # Everything that a person must say is there to be said: the form is already valid.
    Source(source_id="example__sample", **document)
    return document


def test_columns_types_and_bounds_of_a_text_are_seen(tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    rows = [f"Town {i};NO;{i}.5;{i}" for i in range(100)]
    sample.write_text("\n".join(["Stadt;country_iso2;2019;2020", *rows]), encoding="utf-8")
    document = written(sample)
    assert document["bounds"] == {"min_rows": 95, "max_rows": 131}
    assert document["reference_period"] == "2019-2020"
    table = document["tables"]["sample"]  # type: ignore[index]
    assert table["format"]["delimiter"] == ";"
    assert table["columns"] == {
        "Stadt": {"as": "ref_area"},
        "country_iso2": {"as": "country"},
        r"/(\d{4})/": {"indicator": "TO_BE_NAMED", "time_period": r"\1"},
    }


def test_text_that_is_not_utf_8_is_read_as_latin_1(tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_bytes("city,value\nMünchen,1\nKöln,2\n".encode("latin-1"))
    assert written(sample)["tables"]["sample"]["format"]["encoding"] == "latin-1"  # type: ignore[index]


def test_json_records_and_a_zip_are_opened(tmp_path: Path) -> None:
    sample = tmp_path / "sample.json"
    sample.write_text('{"total": 1, "results": [{"city": "Oslo", "value": 3}]}', encoding="utf-8")
    form = written(sample)["tables"]["sample"]["format"]  # type: ignore[index]
    assert (form["kind"], form["records"]) == ("json_records", "results")
    packed = tmp_path / "sample.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inner.csv", "city,value\nOslo,3\nBergen,2\n")
    assert written(packed)["tables"]["sample"]["format"]["member"] == "inner.csv"  # type: ignore[index]


def test_words_that_stand_for_nothing_do_not_make_numbers_a_note(tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    rows = "".join(f"{i},Town {i},{1900 + i},{i + 3}.5\n" for i in range(1, 9))
    sample.write_text(f",City,Opened,Riders\n{rows}9,Town 9,1999,n/a\n", encoding="utf-8")
    text = skeleton("example__sample", sample)
    table = written(sample)["tables"]["sample"]  # type: ignore[index]
    assert table["missing"] == ["", "n/a"]
    assert table["columns"]["Riders"] == {"indicator": "TO_BE_NAMED"}
    # A column without a name that counts the rows, and one that may be years.
    assert table["columns"]["(unnamed 1)"] == {"as": "note"}
    assert "if they are years" in text
    # Nothing says of when the figures are.
    assert table["constants"] == {"time_period": "TO_BE_NAMED"}


def test_the_place_is_guessed_and_sheets_that_are_not_read_are_named(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for title, rows in (("Index 35", 20), ("Notes", 1), ("Index 34", 3)):
        sheet = workbook.create_sheet(title)
        sheet.append(["Centre", "Rating"])
        for i in range(rows):
            sheet.append([f"Town {i}", 700 + i])
    del workbook["Sheet"]
    sample = tmp_path / "sample.xlsx"
    workbook.save(sample)
    assert written(sample)["tables"]["sample"]["columns"]["Centre"] == {"as": "ref_area"}  # type: ignore[index]
    assert "not read: the sheets Notes, Index 34" in skeleton("example__sample", sample)


def test_decimal_commas_are_told_from_groups_of_thousands(tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    rows = [
        ("Oslo", "1.234,5", "12,5", "634,293", "1.500", "7", "0.1234"),
        ("Bergen", "987,1", "7", "285,601", "2", "3", "12.5"),
    ]
    lines = [";".join(row) for row in rows]
    head = "Stadt;Umsatz;Anteil;Einwohner;Betriebe;Häuser;Quote"
    sample.write_text("\n".join([head, *lines, *lines]), encoding="utf-8")
    columns = written(sample)["tables"]["sample"]["columns"]  # type: ignore[index]
    named = {"indicator": "TO_BE_NAMED"}
    assert columns["Umsatz"] == columns["Anteil"] == {**named, "parse": "comma_number"}
    # What could be either is what the rest of the file is, and says that it is a guess.
    assert columns["Einwohner"] == columns["Betriebe"] == {**named, "parse": "comma_number"}
    assert columns["Häuser"] == columns["Quote"] == named
    assert "or groups of thousands?" in skeleton("example__sample", sample)
    sample.write_text("city;a;b\nOslo;1,234,567;1,200\nBergen;12.5;3\n", encoding="utf-8")
    columns = written(sample)["tables"]["sample"]["columns"]  # type: ignore[index]
    assert columns["a"] == columns["b"] == {**named, "parse": "grouped_number"}


def test_years_in_headers_are_found_among_words(tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    head = "city,Population 2015,Population 2020,GDP 2015 (Mio),2015,2016 (est.),2010-2015"
    sample.write_text(f"{head}\nOslo,1,2,3.5,4,5,6\nBergen,2,3,4.5,5,6,7\n", encoding="utf-8")
    document = written(sample)
    assert document["reference_period"] == "2015-2020"
    assert document["tables"]["sample"]["columns"] == {  # type: ignore[index]
        "city": {"as": "ref_area"},
        r"/Population (\d{4})/": {"indicator": "TO_BE_NAMED", "time_period": r"\1"},
        r"/GDP (\d{4}) \(Mio\)/": {"indicator": "TO_BE_NAMED", "time_period": r"\1"},
        r"/(\d{4})/": {"indicator": "TO_BE_NAMED", "time_period": r"\1"},
        r"/(\d{4}) \(est\.\)/": {
            "indicator": "TO_BE_NAMED",
            "time_period": r"\1",
            "obs_status": "E",
        },
        "2010-2015": {"indicator": "TO_BE_NAMED"},
    }


def test_a_title_above_the_header_is_skipped(tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_text("Besuche;;\n\nStadt;Land;2019\nWien;AT;1\nGraz;AT;2\n", encoding="utf-8")
    table = written(sample)["tables"]["sample"]  # type: ignore[index]
    assert table["format"]["skip_rows"] == 2
    assert list(table["columns"]) == ["Stadt", "Land", r"/(\d{4})/"]


def test_several_rows_of_a_place_are_pointed_out(tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_text("city,team,seats\nOslo,A,1\nOslo,B,2\nMoss,C,3\n", encoding="utf-8")
    assert "Oslo has several rows: `each`" in skeleton("example__sample", sample)
    sample.write_text("city,team,seats\nOslo,A,1\nBergen,B,2\nMoss,C,3\n", encoding="utf-8")
    assert "several rows" not in skeleton("example__sample", sample)


@pytest.mark.parametrize(("of", "value"), [("Indicator", "OBS_VALUE"), ("What", "Value")])
def test_a_long_table_has_its_indicators_by_name(tmp_path: Path, of: str, value: str) -> None:
    sample = tmp_path / "sample.csv"
    rows = [
        f"{city},{what},{year},{what[:3]},{i}.5,1"
        for i, city in enumerate(("Oslo", "Bergen", "Moss"))
        for what in ("Libraries", "Theatres: all")
        for year in (2019, 2020)
    ]
    sample.write_text(
        "\n".join([f"City,{of},Year,Unit,{value},Value Footnotes", *rows]), encoding="utf-8"
    )
    table = written(sample)["tables"]["sample"]  # type: ignore[index]
    assert table["columns"] == {
        "City": {"as": "ref_area"},
        of: {"as": "indicator_code"},
        "Year": {"as": "time_period"},
        "Unit": {"as": "note"},
        value: {"as": "value"},
        "Value Footnotes": {"as": "note"},
    }
    assert table["indicators"] == {
        "Libraries": {"indicator": "TO_BE_NAMED"},
        "Theatres: all": {"indicator": "TO_BE_NAMED"},
    }


def test_geojson_gives_properties_and_the_point(tmp_path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [10.75 + i, 59.91]},
            "properties": {"name": name, "country": "NO", "museums": 7 + i},
        }
        for i, name in enumerate(("Oslo", "Moss"))
    ]
    sample = tmp_path / "sample.geojson"
    document = {"type": "FeatureCollection", "crs": [], "features": features}
    sample.write_text(json.dumps(document), encoding="utf-8")
    table = written(sample)["tables"]["sample"]  # type: ignore[index]
    assert (table["format"]["kind"], table["format"]["records"]) == ("json_records", "features")
    meanings = {k: next(iter(c.values())) for k, c in table["columns"].items()}
    assert meanings == {
        "type": "note",
        "geometry.type": "note",
        "geometry.coordinates": "note",
        "properties.name": "ref_area",
        "properties.country": "country",
        "properties.museums": "TO_BE_NAMED",
        "longitude": "longitude",
        "latitude": "latitude",
    }
    form = Format(**table["format"])
    raw = decode("example__sample", sample, form, Bounds(min_rows=0, max_rows=9), tmp_path)
    with duckdb.connect() as connection:
        connection.register("raw", raw)
        points = connection.execute(
            f"select {table['computed']['longitude']}, {table['computed']['latitude']} from raw"
        ).fetchall()
    assert points == [("10.75", "59.91"), ("11.75", "59.91")]


def test_a_file_without_content_is_refused_with_a_next_step(tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_bytes(b"")
    with pytest.raises(SourceError, match="What to do"):
        skeleton("example__sample", sample)


def test_the_catalogue_says_where_a_skeleton_is_not_completed(tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_text("city,country,value\nOslo,NO,3\nBergen,NO,2\n", encoding="utf-8")
    target = tmp_path / "publishers" / "example" / "sample.yml"
    target.parent.mkdir(parents=True)
    target.write_text(skeleton("example__sample", sample), encoding="utf-8")
    error = str(read(tmp_path / "publishers").missing["example__sample"])
    assert "tables.sample.columns.value.indicator" in error
    assert "access.live.hosts" in error


def test_an_indicator_that_is_misspelt_is_proposed_and_an_unknown_word_named(
    tmp_path: Path,
) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_text("city,country,value\nOslo,NO,3\nBergen,NO,2\n", encoding="utf-8")
    text = skeleton("example__sample", sample).replace("indicator: TO_BE_NAMED", "indicator: X")
    folder = tmp_path / "publishers" / "example"
    folder.mkdir(parents=True)
    completed = text.replace("TO_BE_NAMED", "tourism")
    (folder / "one.yml").write_text(completed.replace("X", "public_library"), encoding="utf-8")
    (folder / "two.yml").write_text(completed.replace("theme:", "themes:"), encoding="utf-8")
    missing = read(tmp_path / "publishers").missing
    assert "is it public_libraries" in str(missing["example__one"])
    assert "theme: Field required" in str(missing["example__two"])
    assert "themes: no such word" in str(missing["example__two"])


def test_a_code_is_no_word_for_nothing_and_a_name_that_holds_another_is_not_it(
    tmp_path: Path,
) -> None:
    sample = tmp_path / "sample.csv"
    rows = "Oslo,1001,3\nBergen,1002,2\nBastia,2A004,5\nParis,75056,9\n"
    sample.write_text(f"destination,code_insee,value\n{rows}", encoding="utf-8")
    table = written(sample)["tables"]["sample"]  # type: ignore[index]
    assert "missing" not in table
    assert table["columns"]["code_insee"] == {"as": "ref_area_code"}
    assert table["columns"]["destination"] == {"as": "note"}


def test_of_a_zip_the_largest_file_is_taken(tmp_path: Path) -> None:
    packed = tmp_path / "sample.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a_readme.txt", "hello\n")
        archive.writestr("data.csv", "city,value\nOslo,3\nBergen,2\n")
    assert written(packed)["tables"]["sample"]["format"]["member"] == "data.csv"  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("broken.json", b"{"),
        ("empty.zip", b"PK\x05\x06" + bytes(18)),
        ("no.zip", b"city,value\n"),
        ("no.xlsx", b"city,value\n"),
        ("wide.csv", "city,value\nOslo,3\n".encode("utf-16")),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused_with_a_next_step(
    tmp_path: Path, name: str, content: bytes
) -> None:
    sample = tmp_path / name
    sample.write_bytes(content)
    with pytest.raises(SourceError, match="What to do"):
        skeleton("example__sample", sample)


def test_a_figure_is_no_note_no_country_and_no_forecast_for_its_name(tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_text(
        "City,Electricity from renewable sources,Land area (km2),Population F 2015\n"
        "Oslo,41.5,454,350000\nBergen,39.5,465,140000\nMoss,12.5,63,25000\n",
        encoding="utf-8",
    )
    columns = written(sample)["tables"]["sample"]["columns"]  # type: ignore[index]
    figures = [said for name, said in columns.items() if name != "City"]
    assert len(figures) == 3
    assert all("indicator" in said and "obs_status" not in said for said in figures)


def test_the_values_of_a_long_table_may_have_decimal_commas(tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_text(
        "Stadt;Merkmal;Jahr;Wert\n"
        "Oslo;Einwohner;2019;7.413.250\nOslo;Quote;2019;68,5\n"
        "Bergen;Einwohner;2019;512.400\nBergen;Quote;2019;1,25\n",
        encoding="utf-8",
    )
    columns = written(sample)["tables"]["sample"]["columns"]  # type: ignore[index]
    assert columns["Wert"] == {"as": "value", "parse": "comma_number"}
