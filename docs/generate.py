"""The reference pages, written from code and declarations whenever the site is built.

They are not committed: what is made at each build cannot be out of date. MkDocs calls `on_files`
(see `hooks` in mkdocs.yml); the tests call `pages`.

Belongs here: `reference/*.md`, a function for each page; hence above 300 lines. Does not belong
here: text that a person writes.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import duckdb
import yaml

from catalog.index import Cities, Coverage, Goalposts, Index, Part, Treatment, Uncertainty
from catalog.load import Concepts, code_list
from cities.pipeline import KEY_MACROS
from cli.main import main
from core.settings import DBT_PROJECT
from core.sql import literal
from releases import builder
from sources import catalog, words
from sources.declarations import Source
from sources.meanings import MEANINGS

HERE = Path(__file__).parent
PROOF = HERE / "reference" / "proof.csv"
RECORDED = HERE.parent / "sources" / "recorded.csv"
_UI = """# The Dagster UI, click by click

`make ui` starts it on port 3000. A test follows this table in a browser; the pictures are of the
small invented world of the tests. Yours has the same assets, with other sources.
"""
_WIDE = "mart_city_year"
_NOTE = "!!! note\n    This page is generated from {}. Do not edit it.\n"


def pages() -> dict[str, str]:
    """Every generated page by its path in the site."""
    declared = catalog.load()
    return {
        "reference/cli.md": cli_page(),
        "reference/tables.md": tables_page(),
        "reference/sources.md": sources_page(declared),
        "reference/declarations.md": declarations_page(),
        "reference/indicators.md": indicators_page(declared.concepts),
        "reference/networks.md": networks_page(declared.concepts),
        "reference/indices.md": indices_page(declared.concepts),
        "tutorials/dagster-ui.md": ui_page(),
    }


def on_files(files: Any, config: Any) -> Any:
    """MkDocs: add the generated pages to those that are written by hand."""
    from mkdocs.structure.files import File

    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


# --- the Dagster UI

_CLICKS = {
    "menu": "**{}** in the menu",
    "asset": "Catalog, asset `{}`",
    "job": "Jobs, `{}`",
    "tab": "tab **{}**",
    "button": "**{}**",
    "row": "row `{}`",
    "switch": "the switch of `{}`",
}


def ui_page() -> str:
    """What a person does in the Dagster UI, of the file that a test follows in a browser."""
    steps = yaml.safe_load((HERE / "tutorials" / "dagster-ui.yml").read_text(encoding="utf-8"))
    lines = [_UI, "| what you want | where to click | what you see |", "|---|---|---|"]
    pictures = []
    for step in steps:
        clicks = [
            _CLICKS[kind].format(name) for click in step["where"] for kind, name in click.items()
        ]
        lines.append(f"| {step['does']} | {', then '.join(clicks)} | {step['sees'].strip()} |")
        if picture := step.get("picture"):
            pictures.append(f"## {step['does']}\n\n![{step['does']}](../images/ui/{picture}.png)\n")
    return "\n".join(lines) + "\n\n" + "\n".join(pictures)


# --- commands


def commands(group: click.Group, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below a group, by its full name."""
    context = click.Context(group, info_name=name)
    for short in group.list_commands(context):
        command = group.get_command(context, short)
        assert command is not None
        yield f"{name} {short}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {short}")


def cli_page() -> str:
    """What `--help` says, for every command."""
    parts = ["# Command line", _NOTE.format("the commands themselves (`cli/`)")]
    parts.append(
        "`wcn` is `.venv/bin/wcn`. It works on the data home: `data/`, or the folder that"
        " `WCN_DATA` names."
    )
    for name, command in commands(main, "wcn"):
        context = click.Context(command, info_name=name)
        parts += [f"## {name}", f"```text\n{command.get_help(context)}\n```"]
    return _page(parts)


# --- tables


def tables_page() -> str:
    """Every public table with its key and columns, as a build makes it."""
    parts = ["# Tables and columns", _NOTE.format("the dbt models and the release builder")]
    parts.append(
        "The tables of schema `main` in `warehouse.duckdb`. Each table, and each view whose name"
        " begins with `mart_`, is also a Parquet file of its name in `parquet/`, but for"
        " `fct_source_cell`, which only `trace` needs, `mart_city_comparison`, which has all pairs"
        " of cities, and `dim_city_code.lookup_hash`, which only `find_city` needs. The same texts"
        " are in the database (`duckdb_columns()`) and in `datapackage.json`."
    )
    grains = _grains()
    with tempfile.TemporaryDirectory() as folder, _empty_release(Path(folder)) as made:
        described = made.execute(
            "select table_name, comment from duckdb_tables() where schema_name = 'main'"
            " union all select view_name, comment from duckdb_views()"
            " where schema_name = 'main' and not internal order by 1"
        ).fetchall()
        for table, text in described:
            columns = made.execute(
                "select column_name, lower(data_type), coalesce(comment, '') from duckdb_columns()"
                " where table_name = ? order by column_index",
                [table],
            ).fetchall()
            parts += [f"## {table}", text or ""]
            if table in grains:
                parts.append("Key: " + ", ".join(f"`{c}`" for c in grains[table]) + ".")
            if table == _WIDE:
                parts.append(
                    "After the columns below comes one column per indicator of which the release"
                    " has a figure, named by its code ([indicators](indicators.md)); normals and"
                    " counted indicators have none."
                )
            parts.append(
                _table(("column", "type", "description"), ((f"`{n}`", t, d) for n, t, d in columns))
            )
    return _page(parts)


def _models() -> Iterator[dict[str, Any]]:
    """The public models, as dbt knows them."""
    for file in sorted((DBT_PROJECT / "models" / "marts").glob("*.yml")):
        yield from yaml.safe_load(file.read_text(encoding="utf-8"))["models"]


def _grains() -> dict[str, list[str]]:
    return {
        model["name"]: test["keys"]["arguments"]["grain"]
        for model in _models()
        for test in model.get("data_tests", [])
        if "keys" in test
    }


def _empty_release(folder: Path) -> duckdb.DuckDBPyConnection:
    """A release without rows: the declared tables, completed by what completes a candidate."""
    file = folder / "candidate.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(KEY_MACROS.read_text(encoding="utf-8"))
        for model in _models():
            name, columns = model["name"], model["columns"]
            listed = ", ".join(f'"{c["name"]}" {c["data_type"]}' for c in columns)
            connection.execute(f"create table {name} ({listed})")
            connection.execute(f"comment on table {name} is {literal(model['description'])}")
            for column in columns:
                text = literal(column.get("description", ""))
                connection.execute(f'comment on column {name}."{column["name"]}" is {text}')
    builder.complete(file, "version", "build", None)
    return duckdb.connect(str(file), read_only=True)


# --- declarations


def proof() -> dict[str, dict[str, str]]:
    """What was proven of each source, by its id."""
    with PROOF.open(encoding="utf-8", newline="") as lines:
        return {row.pop("source_id"): row for row in csv.DictReader(lines)}


def sources_page(declared: catalog.Catalog) -> str:
    """Every declared source: what it is, its licence, how it is obtained, what is proven."""
    parts = ["# Sources", _NOTE.format("`sources/publishers/` and `reference/proof.csv`")]
    parts.append(
        "No live service was called where this was written. *Real bytes*: the parsing is counted"
        " in `tests/replay/`, and damage to these bytes is refused"
        " (`tests/integration/test_corrupted_content.py`). *Live*: the protocol asks a local"
        " server that answers as the service documents it, with its faults: paging, 429 with and"
        " without Retry-After, slow, dropped and cut answers, 200 that is an error, 404 that is no"
        " data, other columns (`tests/unit/sources/test_protocols.py`); and the declaration makes"
        " the expected cells of such an answer (`test_live_answers.py`, `test_live_shapes.py`)."
    )
    parts.append(
        "*Proven against*: its own bytes, with the day and the beginning of the SHA-256 of each: a"
        " `recording` of the publisher's file, or an `answer` of the service itself, which a local"
        " server replays through the protocol (`tests/replay/test_answers.py`); else a documented"
        " answer. A source of which neither is there was never seen. *Documents*: where addresses"
        " and codes were read that no document of this house names."
    )
    rows = [_source_row(s, declared.concepts) for s in declared.sources.values()]
    header = ("source", "title and publisher", "licence", "cadence", "access methods")
    parts += ["## Declared", _table(header, rows), "## Proven"]
    header = ("source", "proven against", "live, proven against", "documents", "never seen")
    said = ("live", "document", "never_seen")
    rows = [(f"`{s}`", _own_bytes(s, p), *(p[c] for c in said)) for s, p in proof().items()]
    parts.append(_table(header, rows))
    return _page(parts)


def declarations_page() -> str:
    """Every word of a source's declaration: where it stands, its default, what it says."""
    parts = [
        "# The words of a declaration",
        _NOTE.format("`sources/declarations.py`, `tables.py`, `meanings.py` and `access.py`"),
        "How they are used: [Add a source](../how-to/add-a-source.md).",
        "## What a column may mean (`as:`)",
        _table(("word", "what it says"), ((f"`{w}`", text) for w, text in MEANINGS.items())),
    ]
    for title, where, text, rows in words.parts():
        parts += [f"## {title}", f"`{where}` {text}", _table(("word", "default", "it says"), rows)]
    return _page(parts)


def _own_bytes(source_id: str, proven: dict[str, str]) -> str:
    """What of its own bytes was read, the newest last; else what stands in for them."""
    with RECORDED.open(encoding="utf-8", newline="") as lines:
        recorded = [r for r in csv.DictReader(lines) if r["source"] == source_id]
    found = sorted((r["retrieved_at"][:10], "recording", r["sha256"]) for r in recorded)
    answers = proven["answer_sha256"].split()
    found += [(proven["answer_date"], "answer", sha256) for sha256 in answers]
    said = [f"{kind} of {day} ({sha256[:12]})" for day, kind, sha256 in found]
    if proven["shipped"]:
        said.append(proven["shipped"])
    return "; ".join(said) or ("never seen" if proven["live"] == "none" else "a documented answer")


def _source_row(source: Source, concepts: Concepts) -> tuple[str, ...]:
    licence = concepts.licences[source.licence]
    may = "" if licence.may_redistribute else ", not to be passed on"
    title = f"{source.title} ({source.publisher})"
    methods = ", ".join(source.access.declared())
    return _anchored(source.source_id), title, licence.name + may, source.cadence, methods


def indicators_page(concepts: Concepts) -> str:
    """Every indicator, by theme."""
    parts = ["# Indicators", _NOTE.format("`catalog/indicators/`")]
    units = dict(zip(*(c.to_pylist() for c in code_list("unit").columns[:2]), strict=True))
    for theme in sorted({i.theme for i in concepts.indicators.values()}):
        rows = [
            (
                _anchored(i.indicator),
                i.name,
                i.definition,
                units[i.unit_measure],
                i.direction_reason or i.direction.replace("_", " "),
            )
            for i in concepts.indicators.values()
            if i.theme == theme
        ]
        parts += [f"## {theme}", _table(("code", "name", "definition", "unit", "direction"), rows)]
    return _page(parts)


def networks_page(concepts: Concepts) -> str:
    """Every network."""
    rows = [
        (
            *(_anchored(n.network), n.name, n.kind, n.definition, n.weight),
            *(n.scope, n.reference_period, n.caveat),
        )
        for n in concepts.networks.values()
    ]
    parts = ["# Networks", _NOTE.format("`catalog/networks/`")]
    header = ("code", "name", "kind", "definition", "a weight of 1 means", "scope", "period")
    parts.append(_table((*header, "caveat"), rows))
    return _page(parts)


_WORDS_OF_AN_INDEX = (
    ("The index", Index),
    ("A part, or a leaf", Part),
    ("Goalposts", Goalposts),
    ("Cities", Cities),
    ("Coverage", Coverage),
    ("Outliers", Treatment),
    ("What might have been chosen otherwise", Uncertainty),
)


def indices_page(concepts: Concepts) -> str:
    """Every index with its tree, then the words of a declaration."""
    parts = ["# Indices", _NOTE.format("`catalog/indices/` and `catalog/index.py`")]
    for index in concepts.indices.values():
        rows = [
            (
                "&nbsp;" * 4 * (level - 1) + part.name,
                "" if part.parts else f"`{part.indicator or code}`"
                + (f" / `{part.per}`" if part.per else ""),
                f"{part.weight:g}",
                "" if part.goalposts is None
                else f"{part.goalposts.worst:g} to {part.goalposts.best:g}"
                + (" (log)" if part.goalposts.scale == "log" else ""),
            )
            for code, part, _, level in index.nodes()
        ]  # fmt: skip
        parts += [
            f"## {index.name} {{ #{index.index} }}",
            f"`{index.index}`: **{index.question}** For {index.audience[0].lower()}"
            f"{index.audience[1:]}. {index.purpose}. {index.reading}.",
            f"Years {', '.join(map(str, index.years))}, with figures of the {index.year_lag} years"
            f" before as well; boundaries: {', '.join(index.spatial_units)}.",
            _table(("node", "figure", "weight", "worst to best"), rows),
            f"**What may not be concluded:** {index.limits}",
        ]
    parts.append("## The words of an index { #words }")
    for title, model in _WORDS_OF_AN_INDEX:
        parts += [f"### {title}", " ".join((model.__doc__ or "").split())]
        parts.append(_table(("word", "default", "it says"), words.fields(model)))
    return _page(parts)


def _anchored(code: str) -> str:
    # So that others can link to its row: reference/sources.html#<source_id>.
    return f"`{code}`{{ #{code} }}"


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(header)
    lines = [names, ["---"] * len(names), *(list(r) for r in rows)]
    return "\n".join("| " + " | ".join(_cell(c) for c in line) + " |" for line in lines)


def _cell(text: str) -> str:
    clean = " ".join(text.split()).replace("|", "\\|")
    # A placeholder such as <publisher> is no HTML.
    return clean.replace("<", "&lt;") if "`" not in clean else clean


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"
