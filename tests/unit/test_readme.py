"""The README stays true: commands, rooms, tables and environment that it names exist."""

from __future__ import annotations

import re

import click
import yaml

from orchestration.cli import main
from sources.catalog import ROOT
from sources.declarations import Source

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


def test_the_walked_example_of_a_source_is_a_valid_declaration() -> None:
    block = next(b for b in re.findall(r"```yaml\n(.*?)```", README, re.S) if "Libraries" in b)
    source = Source(source_id="example__libraries", **yaml.safe_load(block))
    assert source.ways.live is not None
