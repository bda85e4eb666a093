"""What `wcn index` shows of a release, and what it says where there is nothing to show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from click.testing import CliRunner
from rich.console import RenderableType

from analysis.indices.each import node_all, peer_all, rank_all, score_all
from catalog.load import Concepts
from catalog.tables import index_node_table, index_table
from cities.find import likeliest_city
from cli.index import _changed
from cli.main import main
from cli.render.console import console
from cli.render.indices import city_report, index_list, index_report, what_if_report
from core.errors import DeclarationError
from tests.fixtures import models
from tests.fixtures.indices import index_of, leaf, part
from warehouse.what_if import what_if

INDEX = index_of(
    {
        "air": part(dust=leaf(50, 0)),
        "waste": part(waste_share=leaf(2, 0, indicator="waste", per="people")),
    },
    years=[2012, 2014],
    coverage={"index": 1, "part": 1},
    uncertainty={"normalise": ["minmax"], "draws": 100},
)
FIGURES = {  # dust, waste, people
    1: (10.0, 500.0, 1000.0),
    2: (20.0, 400.0, 1000.0),
    3: (40.0, 1000.0, 1000.0),
    4: (25.0, None, None),
}


@pytest.fixture(scope="module")
def release() -> Iterator[duckdb.DuckDBPyConnection]:
    concepts = Concepts({}, {}, {"idx": INDEX}, {})
    indices, nodes = index_table(concepts), index_node_table(concepts)
    rows = [
        {
            "index": "idx",
            "year": 2014,
            "city_id": city_id,
            "indicator": indicator,
            "value": value,
            "value_year": 2013,
            "spatial_unit": "city_proper",
            "source_id": "s__t",
            "observation_key": city_id,
        }
        for city_id, figures in FIGURES.items()
        for indicator, value in zip(("dust", "waste", "people"), figures, strict=True)
        if value is not None
    ]
    values = pa.Table.from_pylist(rows)
    cities = [
        {"city_id": city_id, "name": f"City {city_id} [b]", "country_iso2": "AT"}
        for city_id in FIGURES
    ]
    handed: dict[str, Any] = {
        "index": indices,
        "index_node": nodes,
        "dim_city": cities,
        "int_index__value": values,
        "int_index__score": score_all(indices, values),
        "int_index__rank": rank_all(indices, values),
        "int_index__peer": peer_all(indices, values),
        "int_index__change": pa.table(
            {
                "index": ["idx"],
                "year": pa.array([2014], pa.int32()),
                "basis": ["year"],
                "city_id": [1],
                "change": [2.0],
                "rank_change": pa.array([-3], pa.int32()),
            }
        ),
    }
    with duckdb.connect() as connection:
        for name in ("dim_index", "dim_index_node", "fct_index_score", "mart_index_rank",
                     "mart_index_peer"):  # fmt: skip
            connection.register(name, models.arrow(name, handed))
        connection.register("dim_city", pa.Table.from_pylist(cities))
        said = {"city_id": 1, "statement": "member", "source_id": "s__list", "year": 2025}
        said_of = [{**said, "value": "Alliance"}, {**said, "value": "League", "year": None}]
        kinds = [{"statement": "member", "name": "Member of a network"}]
        connection.register("fct_city_statement", pa.Table.from_pylist(said_of))
        connection.register("dim_statement", pa.Table.from_pylist(kinds))
        yield connection


def shown(report: RenderableType) -> str:
    screen = console()
    with screen.capture() as captured:
        screen.print(report)
    return captured.get()


def test_an_index_is_shown_with_its_question_its_limits_and_what_intervals_are(
    release: duckdb.DuckDBPyConnection,
) -> None:
    text = shown(index_report(release, "idx", None, 20))
    assert "Which?" in text
    assert "Nothing may be concluded" in text
    assert "not sampling error" in " ".join(text.split())
    assert "3 of 4 cities that have a value have a rank" in text
    lines = [line for line in text.splitlines() if "City" in line and "●" in line]
    assert [re.search(r"City \d", line)[0] for line in lines] == ["City 1", "City 2", "City 3"]  # type: ignore[index]
    assert "City 1 [b], AT" in lines[0], "a name is no markup"
    assert "+3" in lines[0]


def test_all_indices_are_listed_with_their_questions(release: duckdb.DuckDBPyConnection) -> None:
    text = shown(index_list(release))
    assert "idx" in text
    assert "Which?" in text


def test_a_city_is_shown_as_the_tree_of_what_adds_to_its_score(
    release: duckdb.DuckDBPyConnection,
) -> None:
    text = shown(city_report(release, "idx", 2014, (1, "City 1, AT")))
    # 10 of 50 is 80 points, half a ton of two 75: half of each.
    assert re.search(r"An index .* 77\.5 .* 77\.5", text)
    assert re.search(r"A leaf │ +10 │ 2013 │ +80\.0 .* 40\.0", text)
    assert re.search(r"A leaf │ +0\.5 │ 2013 │ +75\.0 .* 37\.5", text)
    assert "s__t" in text
    assert "most alike: City 2 [b], AT" in text
    assert "Alliance (2025)" in text
    assert re.search(r"Member of a network: .*League.* \[s__list\]", text)


def test_a_city_without_a_rank_is_shown_with_the_reason(
    release: duckdb.DuckDBPyConnection,
) -> None:
    assert "0% of waste has values" in shown(city_report(release, "idx", 2014, (4, "City 4")))
    with pytest.raises(LookupError, match="no value in idx 2014"):
        city_report(release, "idx", 2014, (5, "Elsewhere"))


def test_what_there_is_not_is_told_with_what_there_is(release: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(LookupError, match="no index is called 'other'; there are idx"):
        index_report(release, "other", None, 20)
    with pytest.raises(LookupError, match="idx has 2014"):
        index_report(release, "idx", 1999, 20)


def test_copelands_ranks_stand_beside_the_declared_ones(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """City 1 has the cleaner air, city 2 the less waste: by majorities of pairs they are equal."""
    found = release.execute(
        "select city_id, rank, rank_copeland from mart_index_rank where rankable order by city_id"
    ).fetchall()
    assert found == [(1, 1, 1), (2, 2, 1), (3, 3, 3)]


def test_other_weights_stand_beside_the_declared_ones() -> None:
    concepts = Concepts({}, {}, {"idx": INDEX}, {})
    rows = [
        {"index": "idx", "year": 2014, "city_id": city_id, "indicator": indicator, "value": value}
        for city_id, figures in FIGURES.items()
        for indicator, value in zip(("dust", "waste", "people"), figures, strict=True)
    ]
    made = node_all(index_table(concepts), pa.Table.from_pylist(rows)).to_pylist()
    parts = {row["node"]: row for row in made if row["level"] == 1}
    assert {n: row["weight_equal"] for n, row in parts.items()} == {"air": 0.5, "waste": 0.5}
    for how in ("weight_pca", "weight_entropy"):
        assert sum(row[how] for row in parts.values()) == pytest.approx(1)
    # Of two cities nothing can be said.
    few = node_all(index_table(concepts), pa.Table.from_pylist(rows[:6])).to_pylist()
    assert {row["weight_pca"] for row in few if row["level"] == 1} == {None}


@pytest.mark.parametrize(
    ("people", "found"), [((2_000_000, 15_000), "Vienna, AT"), ((90_000, 15_000), None)]
)
def test_of_a_name_the_far_larger_city_is_meant_and_otherwise_nobody(
    people: tuple[int, int], found: str | None
) -> None:
    cities = [
        {"city_id": n, "name": "Vienna", "ascii_name": "Vienna", "local_name": None}
        | {"country_iso2": country, "gazetteer_population": population}
        for n, (country, population) in enumerate(zip(("AT", "US"), people, strict=True))
    ]
    codes = pa.table({"city_id": pa.array([], pa.int64())} | {
        name: pa.array([], pa.string()) for name in ("scheme", "code", "method")
    })  # fmt: skip
    with duckdb.connect() as connection:
        connection.register("dim_city", pa.Table.from_pylist(cities))
        connection.register("dim_city_code", codes)
        if found is None:
            with pytest.raises(LookupError, match="names several cities"):
                likeliest_city(connection, "Vienna")
        else:
            assert likeliest_city(connection, "Vienna") == (0, found)


def test_without_changes_what_if_gives_the_ranks_of_the_release(
    release: duckdb.DuckDBPyConnection,
) -> None:
    made = what_if(release, "idx", None, weights={}, values={})
    now = {row["city_id"]: (row["rank"], row["score"]) for row in made.ranks.to_pylist()}
    was = release.execute(
        "select city_id, rank, score from mart_index_rank where rankable"
    ).fetchall()
    assert now == {city: (rank, score) for city, rank, score in was}


def test_other_weights_and_values_change_ranks_and_not_the_release(
    release: duckdb.DuckDBPyConnection,
) -> None:
    heavy = what_if(release, "idx", None, weights={"waste": 9.0, "air": 1.0}, values={})
    ranks = {row["city_id"]: row["rank"] for row in heavy.ranks.to_pylist()}
    assert ranks == {1: 2, 2: 1, 3: 3}
    dusty = what_if(release, "idx", None, weights={}, values={(1, "dust"): 50.0})
    assert {r["city_id"]: r["rank"] for r in dusty.ranks.to_pylist()} == {1: 2, 2: 1, 3: 3}
    text = shown(what_if_report(release, dusty, 1, [1]))
    assert re.search(r"City 1 \[b\], AT │ +2 │ +1 │ +37\.5 │ +77\.5", text)
    gone = what_if(release, "idx", None, weights={}, values={(1, "dust"): None})
    assert {r["city_id"]: r["rank"] for r in gone.ranks.to_pylist()} == {1: None, 2: 1, 3: 2}


def test_what_cannot_be_changed_is_refused_with_what_can(
    release: duckdb.DuckDBPyConnection,
) -> None:
    with pytest.raises(DeclarationError, match="one of the nodes air, dust"):
        what_if(release, "idx", None, weights={"noise": 1.0}, values={})
    with pytest.raises(LookupError, match="it has dust, people, waste"):
        what_if(release, "idx", None, weights={}, values={(1, "noise"): 1.0})
    with pytest.raises(LookupError, match=r"City 4 \[b\] has no rank in idx 2014"):
        what_if(release, "idx", None, weights={}, values={(4, "dust"): 1.0})


@pytest.mark.parametrize(
    ("text", "cell", "value"),
    [
        ("Vienna.commute_time=20", ("Vienna", "commute_time"), 20.0),
        ("Vienna.commute_time=", ("Vienna", "commute_time"), None),
        ("St. Louis.commute_time=1e1", ("St. Louis", "commute_time"), 10.0),
        ("Vienna.air_routes.degree=5", ("Vienna", "air_routes.degree"), 5.0),
        ("2761369.dust=-1", ("2761369", "dust"), -1.0),
    ],
)
def test_a_cell_that_is_set_is_city_indicator_and_value(
    text: str, cell: tuple[str, str], value: float | None
) -> None:
    assert _changed(text) == (cell, value)


@pytest.mark.parametrize("text", ["Vienna", "Vienna=3", "Vienna.dust=x", "=3", ".dust=3"])
def test_what_sets_no_cell_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Exception, match=r"for example Vienna\.commute_time=20"):
        _changed(text)


DECLARED = """
name: Somebody's index
question: Which?
audience: Readers
purpose: To test
reading: More is better
limits: None
years: [2020]
spatial_units: [city_proper]
parts:
  one: {name: One, goalposts: {worst: 0, best: 10}}
  two: {name: Two, goalposts: {worst: 0, best: 100}}
"""


@pytest.mark.parametrize(
    ("published", "status", "said"),
    [
        ("45.0", 0, "reproduced: 1 scores compared"),
        ("46", 1, "not reproducible: 1 scores compared, the largest difference 1 (A, theirs)"),
        ("", 1, "expected published scores of theirs; found none"),
    ],
)
def test_an_index_of_somebody_else_is_reproduced_or_not_from_files(
    tmp_path: Path, published: str, status: int, said: str
) -> None:
    (tmp_path / "theirs.yml").write_text(DECLARED, encoding="utf-8")
    (tmp_path / "values.csv").write_text("unit,indicator,value\nA,one,5\nA,two,40\n")
    (tmp_path / "scores.csv").write_text(f"unit,node,score\nA,theirs,{published}\n")
    files = [str(tmp_path / n) for n in ("theirs.yml", "values.csv", "scores.csv")]
    ran = CliRunner().invoke(main, ["index", "reproduce", *files])
    assert (ran.exit_code, said in ran.output) == (status, True), ran.output


def test_files_that_are_no_such_tables_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "theirs.yml").write_text(DECLARED, encoding="utf-8")
    (tmp_path / "values.csv").write_text("city,value\nA,1\n")
    files = [str(tmp_path / n) for n in ("theirs.yml", "values.csv", "values.csv")]
    ran = CliRunner().invoke(main, ["index", "reproduce", *files])
    assert ran.exit_code == 1
    assert "values.csv: expected the columns unit, indicator, value" in ran.output
