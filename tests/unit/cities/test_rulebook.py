"""Rules are checked when they are loaded: what is no rule is named with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from cities import rulebook
from cities.rulebook import RuleError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(rulebook.FOLDER, tmp_path / "rules"))


def test_the_rules_are_rules() -> None:
    rules = rulebook.load()
    assert all(rules.values())
    with duckdb.connect() as connection:
        rulebook.declare(connection, rules)
        assert connection.execute(
            "select leave_out('Wien (greater city)', null, false), weight_of('size', 'seat'),"
            " is_one_place('Saint-Nazaire-le-Désert', 'FR', false),"
            " is_one_place('Saint-Nazaire-le-Désert', 'DE', false)"
        ).fetchone() == ("Wien", -0.13, True, False)


@pytest.mark.parametrize(
    ("file", "line", "why"),
    [
        ("official_lists", "china__divisions,cn_gb2260,2,x$,village", "not_the_village, village"),
        ("official_lists", "china__divisions,atlantis,2,x$,city", "no scheme 'atlantis'"),
        ("label_rules", "invented,,all,x,,x", "effect cannot be 'invented'"),
        ("label_rules", "leave_out,XX,all,x,,x", "country_iso2 cannot be 'XX'"),
        ("label_rules", "leave_out,FR,all,x,,x", "knows no country yet"),
        ("label_rules", "also_named,,nowhere,x,,x", "applies_to cannot be 'nowhere'"),
        ("label_rules", "also_named,,all,(x,,x", "pattern cannot be"),
        ("code_schemes", "urau,no,,no,once more", "repeats another row"),
        ("code_schemes", "new,maybe,,no,new", "one_to_one cannot be 'maybe'"),
        ("weights", "name,new,heavy", "weight cannot be 'heavy'"),
        ("not_a_city", "region,,yes", "a row has 4 values"),
        ("subdivision_kinds", "x,village,x", "meaning cannot be 'village'"),
    ],
)
def test_what_is_no_rule_is_refused(folder: Path, file: str, line: str, why: str) -> None:
    path = folder / f"{file}.csv"
    text = path.read_text(encoding="utf-8").rstrip("\n")
    path.write_text(f"{text}\n{line}\n", encoding="utf-8")
    with pytest.raises(RuleError, match=file) as refused:
        rulebook.load(folder)
    assert why in str(refused.value)


def test_a_file_with_other_columns_is_refused(folder: Path) -> None:
    path = folder / "territories.csv"
    path.write_text("country,territory\nFR,RE\n", encoding="utf-8")
    with pytest.raises(RuleError, match="the columns are country_iso2, territory_iso2"):
        rulebook.load(folder)
