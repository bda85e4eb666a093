"""The column map as SQL: all cells, in one form, as they were written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.errors import DeclarationError, SchemaDrift
from sources import conform
from sources.declarations import Source
from sources.tables import Table


def source(table: dict[str, Any], **changes: Any) -> Source:
    document = {
        "source_id": "t__t",
        "publisher": "T",
        "title": "T",
        "homepage": "https://example.org",
        "licence": "cc-by-4.0",
        "attribution": "T",
        "authority": "official",
        "cadence": "yearly",
        "edition": "1",
        "reference_period": "2000",
        "theme": "population",
        "spatial_unit": "city_proper",
        "bounds": {"min_rows": 0, "max_rows": 9},
        "tables": {"t": {"format": {"kind": "delimited"}, **table}},
        "access": {"archive": {"table": "t"}},
    }
    return Source(**{**document, **changes})


def cells(table: dict[str, Any], raw: dict[str, list[str | None]], **changes: Any) -> list[Any]:
    declared = source(table, **changes)
    rows = len(next(iter(raw.values())))
    arrow = pa.table({"row_number": list(range(1, rows + 1)), **raw})
    made = conform.cells(declared, "r", declared.tables["t"], "c1", arrow)
    assert made.column_names == list(conform.CELL_COLUMNS)
    return made.to_pylist()


DATED: dict[str, Any] = {"city": {"as": "ref_area"}, "year": {"as": "time_period"}}
NOTED = {"column": "year", "number": "city", "text": "year"}
WIDE: dict[str, Any] = {
    "columns": {
        "city": {"as": "ref_area"},
        r"/(\d{4})/": {"indicator": "population", "time_period": r"\1", "unit_mult": 3},
    }
}


def test_a_wide_table_becomes_one_cell_per_value_with_its_period() -> None:
    made = cells(WIDE, {"city": ["Oslo"], "1950": ["1.5"], "1955": ["x"]})
    assert [(c["time_period"], c["value_text"], c["unit_mult"]) for c in made] == [
        ("1950", "1.5", 3),
        ("1955", "x", 3),
    ]


def test_an_undeclared_column_is_drift() -> None:
    with pytest.raises(SchemaDrift, match="undeclared column 'note'"):
        cells(WIDE, {"city": ["Oslo"], "1950": ["1"], "note": ["?"]})


def test_a_missing_column_is_drift() -> None:
    with pytest.raises(SchemaDrift, match="no column 'city'"):
        cells(WIDE, {"1950": ["1"]})


def test_a_missing_value_is_a_cell_too() -> None:
    made = cells({**WIDE, "missing": ["-"]}, {"city": ["Oslo", "Rome"], "1950": ["-", None]})
    assert [c["is_missing"] for c in made] == [True, True]


LONG: dict[str, Any] = {
    "columns": {
        "code": {"as": "ref_area_code"},
        "what": {"as": "indicator_code"},
        "year": {"as": "time_period"},
        "value": {"as": "value"},
        "flag": {"as": "obs_status"},
        "secret": {"as": "conf_status"},
    },
    "indicators": {"P": {"indicator": "population"}, "X": {"filter": "rebasing"}},
    "statuses": {"e": "E"},
    "code_scheme": "urau",
    "rows": [{"reason": "not_a_city", "where": "length(code) = 2"}],
}


def test_codes_flags_and_filters_of_a_long_table_are_kept_beside_the_value() -> None:
    made = cells(
        LONG,
        {
            "code": ["AT001C", "AT001C", "AT", "AT001C"],
            "what": ["P", "X", "P", "new"],
            "year": ["2000"] * 4,
            "value": ["1", "2", "3", None],
            "flag": ["e", None, "weird", None],
            "secret": [None, None, None, "C"],
        },
    )
    assert [c["indicator"] for c in made] == ["population", None, "population", None]
    assert [c["filter_reason"] for c in made] == [None, "rebasing", "not_a_city", None]
    assert [c["obs_status"] for c in made] == ["E", "A", "?", "A"]
    assert [c["is_confidential"] for c in made] == [False, False, False, True]
    assert made[3]["indicator_code"] == "new"


def test_year_and_quarter_make_a_period_and_a_label_its_spatial_unit() -> None:
    table = {
        "columns": {
            "metro": {"as": "ref_area"},
            "y": {"as": "year"},
            "q": {"as": "quarter"},
            "v": {"indicator": "house_price_index"},
        },
        "label_units": {"(MSAD)": "metro_division"},
    }
    raw: dict[str, list[str | None]] = {
        "metro": ["Dallas, TX  (MSAD)", "Akron, OH"],
        "y": ["1999"] * 2,
        "q": ["4"] * 2,
        "v": ["1"] * 2,
    }
    made = cells(table, raw, freq="Q", spatial_unit="metro")
    assert [c["time_period"] for c in made] == ["1999-Q4"] * 2
    assert [c["spatial_unit"] for c in made] == ["metro_division", "metro"]


def test_status_may_follow_from_the_period() -> None:
    table = {
        "columns": {
            "city": {"as": "ref_area"},
            "year": {"as": "time_period"},
            "v": {"indicator": "population"},
        },
        "status_by_period": {"E": "1950-2015", "F": "2020-2035"},
    }
    raw: dict[str, list[str | None]] = {"city": ["a"] * 2, "year": ["2015", "2020"], "v": ["1"] * 2}
    assert [c["obs_status"] for c in cells(table, raw)] == ["E", "F"]


def test_a_quote_in_a_declaration_cannot_break_out_of_the_query() -> None:
    table = {"columns": {'it\'s "x"': {"as": "ref_area"}, "v": {"indicator": "population"}}}
    made = cells(table, {'it\'s "x"': ["O'Fallon"], "v": ["1"]})
    assert made[0]["ref_area"] == "O'Fallon"


def test_two_equal_maps_are_one_reading() -> None:
    from sources.catalog import table_hash

    one = Table(**{"format": {"kind": "delimited"}, **WIDE})
    two = Table(**{"format": {"kind": "delimited"}, **WIDE, "missing": ["-"]})
    assert table_hash(one) == table_hash(Table(**one.model_dump(by_alias=True)))
    assert table_hash(one) != table_hash(two)


@pytest.mark.parametrize(
    "expression",
    [
        "(select content from read_text('{file}'))",
        "(select count(*) from '{file}')",
        "(select count(*) from read_csv('http://127.0.0.1:1/x.csv'))",
        "(select count(*) from glob('{file}'))",
        "(select max(city) from WIDE)",
        "city; attach '{file}' as other",
    ],
)
@pytest.mark.parametrize("place", ["computed", "rows"])
def test_sql_of_a_declaration_reaches_nothing_but_the_row(
    tmp_path: Path, expression: str, place: str
) -> None:
    file = tmp_path / "host.txt"
    file.write_text("what is none of a declaration's business", encoding="utf-8")
    written = expression.format(file=file)
    table = {**WIDE, "computed": {"extra": written}, "rows": ()}
    if place == "rows":
        where = f"({written}) is not null"
        table = {**WIDE, "rows": [{"reason": "footnote", "where": where}]}
    with pytest.raises(DeclarationError, match="no file, no network and no other table"):
        cells(table, {"city": ["Oslo"], "1950": ["1.5"]})
    assert [p.name for p in tmp_path.iterdir()] == ["host.txt"]


def test_the_far_end_of_a_link_may_have_its_own_country_and_admin_unit() -> None:
    table = {
        "columns": {
            "city": {"as": "ref_area"},
            "land": {"as": "country"},
            "partner": {"as": "to_ref_area"},
            "partner_land": {"as": "to_country"},
            "partner_state": {"as": "to_admin1"},
            "tie": {"network": "twin_towns", "parse": "presence"},
        }
    }
    raw: dict[str, list[str | None]] = {
        "city": ["Coburg"],
        "land": ["Germany"],
        "partner": ["Cobourg"],
        "partner_land": ["Canada"],
        "partner_state": ["Ontario"],
        "tie": ["x"],
    }
    (made,) = cells(table, raw)
    assert (made["country"], made["to_country"], made["to_admin1"]) == (
        "Germany",
        "Canada",
        "Ontario",
    )


def test_what_is_finer_than_a_count_was_computed_and_is_filtered() -> None:
    table = {
        "columns": {
            "city": {"as": "ref_area"},
            "year": {"as": "time_period"},
            "people": {"indicator": "population", "unit_mult": 4, "decimals": 4},
        }
    }
    texts = ["441.5759", "100.4654273", "101.1", "12", None]
    made = cells(table, {"city": ["A"] * 5, "year": ["2015"] * 5, "people": texts})
    assert [c["filter_reason"] for c in made] == [None, "finer_than_counted", None, None, None]


def test_a_column_may_be_of_another_area_than_its_row() -> None:
    table = {
        "spatial_units": {"Larger": "greater_city", "Part": None},
        "columns": {
            "city": {"as": "ref_area"},
            "year": {"as": "time_period"},
            "covers": {"as": "note"},
            "tonnes": {"indicator": "ghg_emissions_reported", "unit_from": "covers"},
            "people": {"indicator": "population_reported"},
        },
    }
    covers = ["Same", "Larger", "Part", None]
    four = {"city": list("ABCD"), "year": ["2015"] * 4, "covers": covers}
    made = cells(table, {**four, "tonnes": ["1"] * 4, "people": ["2"] * 4})
    units = {
        (c["ref_area"], c["indicator"] == "population_reported"): c["spatial_unit"] for c in made
    }
    assert [units[city, False] for city in "ABCD"] == [
        "city_proper",
        "greater_city",
        None,
        "city_proper",
    ]
    assert {units[city, True] for city in "ABCD"} == {"city_proper"}


def test_numbered_notes_say_of_what_area_a_row_is_and_how_its_value_came_to_be() -> None:
    table = {
        "spatial_units": {"City": "city_proper"},
        "statuses": {"Final": "A", "Provisional": "P"},
        "footnotes": {
            "column": "notes",
            "number": "city",
            "text": "year",
            "spatial_units": {"agglomeration": "urban_agglomeration"},
            "statuses": {"[Pp]rojection": "E"},
        },
        "columns": {
            "city": {"as": "ref_area"},
            "year": {"as": "time_period"},
            "kind": {"as": "spatial_unit"},
            "sure": {"as": "obs_status"},
            "people": {"indicator": "population"},
            "notes": {"as": "note"},
        },
    }
    raw: dict[str, list[str | None]] = {
        "city": ["A", "B", "C", "D", "E", "1", "12"],
        "year": ["2015"] * 5 + ["Includes its agglomeration", "From a Projection of 2010"],
        "kind": ["City"] * 5 + [None, None],
        "sure": ["Final", "Final", "Provisional", "Final", "Final", None, None],
        "people": ["5"] * 5 + [None, None],
        "notes": ["1", "12", "12,1", "7", None, None, None],
    }
    made = {c["ref_area"]: (c["spatial_unit"], c["obs_status"]) for c in cells(table, raw)}
    assert made["A"] == ("urban_agglomeration", "A")
    assert made["B"] == ("city_proper", "E")
    # What is provisional stays so.
    assert made["C"] == ("urban_agglomeration", "P")
    # A number that no note bears, and none.
    assert made["D"] == made["E"] == ("city_proper", "A")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"footnotes": {**NOTED, "column": "nope", "statuses": {"x": "E"}}}, "'nope'"),
        ({"footnotes": NOTED}, "what its notes mean"),
        (
            {"footnotes": {**NOTED, "spatial_units": {"(agg": "metro"}}},
            "unterminated subpattern",
        ),
        ({"columns": {**DATED, "n": {"indicator": "x", "unit_from": "kind"}}}, "'kind'"),
        ({"columns": {**DATED, "n": {"indicator": "x", "period_from": "when"}}}, "'when'"),
        ({"columns": {**DATED, "n": {"indicator": "x", "unit_from": "year"}}}, "spatial_units"),
    ],
)
def test_a_declaration_that_reads_what_it_does_not_declare_is_refused(
    changed: dict[str, Any], said: str
) -> None:
    with pytest.raises((ValueError, re.error), match=re.escape(said)):
        source({"columns": DATED, **changed})
