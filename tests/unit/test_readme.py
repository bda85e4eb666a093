"""The README stays true: commands, rooms, tables and environment that it names exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import duckdb
import pytest
from pytest_httpserver import HTTPServer

from orchestration.cli import main
from sources import catalog, fetch
from sources.catalog import ROOT
from sources.fetch import Supply
from sources.home import Home
from sources.http import HttpClient

README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(group: click.Group, prefix: str) -> list[str]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, f"{prefix} {name}")
        else:
            found.append(f"{prefix} {name}")
    return found


def test_every_command_is_in_the_readme() -> None:
    for command in commands(main, "wcn"):
        assert re.search(rf"`(wcn [a-z ]*)?{command.split()[-1]}\b", README), command


def test_every_make_target_that_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`?make ([a-z]+)`?", README)) - {"its"} <= targets


def test_every_public_table_is_in_the_readme() -> None:
    for model in (ROOT / "dbt_project" / "models" / "marts").glob("*.sql"):
        assert model.stem in README, model.stem


def walked_example() -> str:
    return next(b for b in re.findall(r"```yaml\n(.*?)```", README, re.S) if "Libraries" in b)


def test_the_walked_example_is_all_that_a_new_dataset_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer
) -> None:
    """One file in a folder of declarations; its address stands at a local server here."""
    httpserver.expect_request("/libraries.csv").respond_with_data(
        "city;country;2019;2020\n" + "\n".join(f"Town {i};NO;{i};-" for i in range(1, 101)),
        content_type="text/csv",
    )
    text = walked_example().replace("https://example.org/libraries.csv",
                                    httpserver.url_for("/libraries.csv"))  # fmt: skip
    text = text.replace("hosts: [example.org]", f"hosts: [{httpserver.host}]")
    (tmp_path / "publishers" / "example").mkdir(parents=True)
    (tmp_path / "publishers" / "example" / "libraries.yml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(catalog, "PUBLISHERS", tmp_path / "publishers")
    source = catalog.load().source("example__libraries")
    offer = fetch.obtain(Supply(Home(tmp_path / "data"), HttpClient()), source)
    assert (offer.state, offer.failures) == ("live", ())
    (content,) = offer.contents
    with duckdb.connect() as connection:
        found = connection.execute(
            "select indicator, time_period, count(*), count(*) filter (is_missing) from"
            f" read_parquet('{content.folder(Home(tmp_path / 'data')) / 'cells.parquet'}')"
            " group by all order by 2"
        ).fetchall()
    assert found == [
        ("public_libraries", "2019", 100, 0),
        ("public_libraries", "2020", 100, 100),
    ]


def test_every_source_says_what_was_proven() -> None:
    """The table of proofs names every source of the catalogue, and no other."""
    table = README.split("## What was proven", 1)[1].split("\n## ", 1)[0]
    named = set(re.findall(r"^\| `(\w+__\w+)`", table, re.M))
    assert named == set(catalog.load().sources)
