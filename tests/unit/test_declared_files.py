"""A declared file says everything once, and cannot unfold beyond its own size."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from catalog.load import code_list, read_yaml
from core.errors import DeclarationError

BOMB = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unit: person\nname: X\nunit: km2\n", "line 3"),
        ("columns:\n  a: {as: x, as: y}\n", "'as' again"),
        (BOMB, "no alias within what has an anchor"),
        ("a: " + "[" * 5000 + "]" * 5000, "at most 20 levels"),
        ("a: [1, 2", "YAML in UTF-8"),
        ("- a\n- b\n", "a YAML mapping"),
        ("a: !!python/object/apply:os.system [id]\n", "YAML in UTF-8"),
    ],
)
def test_traps_are_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "trap.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match="mend the YAML file") as caught:
        read_yaml(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith("trap")


def test_an_anchor_may_be_used_twice_and_keys_of_siblings_may_be_equal(tmp_path: Path) -> None:
    path = tmp_path / "fine.yml"
    path.write_text("a: &x {k: 1}\nb: [*x, *x]\nc: {k: 2, d: {k: 3}}\n", encoding="utf-8")
    assert read_yaml(path) == {
        "a": {"k": 1},
        "b": [{"k": 1}, {"k": 1}],
        "c": {"k": 2, "d": {"k": 3}},
    }


def test_no_year_of_a_source_means_two_boundaries() -> None:
    """A label would have each of its figures twice; a pattern of no source would say nothing."""
    declared = code_list("source_boundary")
    declared = declared.append_column("n", [list(range(declared.num_rows))])
    sources = [
        f"{path.parent.name}__{path.stem}" for path in Path("sources/publishers").glob("*/*.yml")
    ]
    named = duckdb.sql(
        """from declared inner join (select unnest($sources) as source) as source
        on source glob declared.source_id""",
        params={"sources": sources},
    )
    found = named.query(
        "named",
        """select one.source, one.country_iso2
        from named as one inner join named as other
            on one.source = other.source and one.country_iso2 = other.country_iso2
            and one.spatial_unit = other.spatial_unit and one.n < other.n
        where coalesce(one.first_year, 0) <= coalesce(other.last_year, 9999)
            and coalesce(other.first_year, 0) <= coalesce(one.last_year, 9999)""",
    ).fetchall()
    assert named.aggregate("count(distinct n)").fetchall() == [(declared.num_rows,)]
    assert found == []


def test_a_country_is_on_one_continent_and_namibia_is_a_country() -> None:
    rows = code_list("region").to_pylist()
    on_continents = [r["country_iso2"] for r in rows if r["scope_kind"] == "continent"]
    assert len(on_continents) == len(set(on_continents)) > 240
    assert {"scope_kind": "continent", "scope": "Africa", "country_iso2": "NA"} in rows
    # A region is measured by itself, so its countries may be in others.
    assert {r["scope_kind"] for r in rows} == {"continent", "region"}
    assert all(r["country_iso2"] in on_continents for r in rows)


def test_every_statement_is_made_of_something_declared_and_only_once() -> None:
    """A code of nothing would say nothing, and two of one code would say either of them."""
    declared = code_list("statement").to_pylist()
    known = {
        "network": {p.stem for p in Path("catalog/networks").glob("*.yml")},
        "indicator": {p.stem for p in Path("catalog/indicators").glob("*/*.yml")},
        "gazetteer": {"PPLC", "PPLA"},
    }
    texts = {
        "network": {"organisation", "value"},
        "indicator": {"value"},
        "gazetteer": {"country", "admin1"},
    }
    for one in declared:
        assert one["code"] in known[one["said_by"]], one["statement"]
        assert one["value_from"] in texts[one["said_by"]], one["statement"]
        assert re.compile(one["value_pattern"] or "(.)").groups == 1
        if one["source_id"]:
            assert Path(f"sources/publishers/{one['source_id'].replace('__', '/')}.yml").exists()
    keys = [(one["said_by"], one["code"], one["source_id"]) for one in declared]
    assert len(keys) == len(set(keys))
    assert len({one["statement"] for one in declared}) == len(declared)
