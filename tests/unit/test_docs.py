"""The documentation stays true: what it names exists, and what exists is in it."""

from __future__ import annotations

import re
from functools import cache
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import duckdb
import pytest
from click.testing import CliRunner
from mkdocs.commands.build import build
from mkdocs.config import load_config
from pytest_httpserver import HTTPServer

from catalog.load import read_concepts
from cli import docs
from cli.main import main
from core.paths import DataPaths
from core.settings import ROOT
from docs import generate
from sources import catalog, fetch, words
from sources.fetch import FetchContext
from sources.http import HttpClient

README = ROOT / "README.md"
WRITTEN = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
MAKE = re.compile(r"\bmake ([a-z]+)\b")
# "make" is an English word, too: a target is named in code.
CODE = re.compile(r"```(?:bash|console)\n(.*?)```|`([^`\n]+)`", re.S)


@cache
def generated() -> dict[str, str]:
    return generate.pages()


def in_code(text: str) -> str:
    return "\n".join(block or inline for block, inline in CODE.findall(text))


def test_every_word_of_a_declaration_is_in_the_reference_with_its_meaning() -> None:
    page = generated()["reference/declarations.md"]
    for word in ("constants", "without_country", "max_duplicate_share", "missing", "names"):
        assert f"| `{word}` |" in page
    assert "| `to_ref_area` |" in page
    for title, _where, _text, rows in words.parts():
        assert [word for word, _default, said in rows if not said] == [], title


def test_every_index_and_every_word_of_one_is_in_the_reference() -> None:
    page = generated()["reference/indices.md"]
    for index in read_concepts().indices.values():
        assert index.question in page
        assert index.limits in page
    of_words = page.split("{ #words }")[1]
    rows = re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", of_words, re.M)
    assert {"year_lag", "per", "worst", "min_population", "impute"} <= {word for word, _ in rows}
    assert [word for word, said in rows if not said] == []


def test_every_command_is_in_the_reference() -> None:
    page = generated()["reference/cli.md"]
    known = [name for name, _ in generate.commands(main, "wcn")]
    assert "wcn cities decide" in known
    for name in known:
        assert f"\n## {name}\n" in page, name


@pytest.mark.parametrize("page", WRITTEN, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_make_target_and_command_that_a_page_names_exists(page: Path) -> None:
    code = in_code(page.read_text(encoding="utf-8"))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(MAKE.findall(code)) <= targets
    groups = {name.split()[1] for name, _ in generate.commands(main, "wcn")}
    assert set(re.findall(r"\bwcn ([a-z]+)", code)) <= groups


@pytest.mark.parametrize("page", WRITTEN, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    tops = "core|catalog|sources|cities|expectations|releases|warehouse|orchestration|cli"
    path = re.compile(rf"^(?:{tops}|dbt_project|tests|docs|benchmarks)/[\w./-]*$")
    # Folders of the data home that have the name of a room.
    elsewhere = re.compile(r"^releases/(history/|moves\.jsonl)")
    for named in re.findall(r"`([^`\n ]+)`", page.read_text(encoding="utf-8")):
        if path.match(named) and not elsewhere.match(named):
            assert (ROOT / named).exists(), named


def test_every_public_table_is_in_the_reference() -> None:
    page = generated()["reference/tables.md"]
    for model in (ROOT / "dbt_project" / "models" / "marts").glob("*.sql"):
        assert f"\n## {model.stem}\n" in page, model.stem
    for made in ("mart_city_year", "dim_release", "fct_observation_history"):
        assert f"\n## {made}\n" in page, made


def test_every_column_in_the_reference_is_described() -> None:
    page = generated()["reference/tables.md"]
    assert re.findall(r"^\| `(\w+)` \| \w+ \|  \|$", page, re.M) == []


def test_every_source_says_what_was_proven() -> None:
    """The table of proofs names every source of the catalogue, and no other."""
    declared = catalog.load().sources
    assert list(generate.proof()) == sorted(declared)
    for source_id, proven in generate.proof().items():
        live = declared[source_id].access.live
        assert proven["live"].split(":")[0] == (live.protocol if live else "none"), source_id


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_the_glossary_has_twenty_terms() -> None:
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^\| (?!term|---)", page, re.M)) == 20


def test_the_site_asks_no_other_host(tmp_path: Path) -> None:
    """It is built strictly: a broken link or a page that no menu names fails."""
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path), strict=True))
    asked = re.compile(r"<(?:script|img|iframe)[^>]*\bsrc=\"?(?:https?:)?//[^\s>]+"
                       r"|<link[^>]*\brel=\"?(?:stylesheet|preconnect)[^>]*//[^>]+"
                       r"|class=\"?mermaid", re.I)  # fmt: skip
    found = list(tmp_path.rglob("*.html"))
    assert found
    for page in found:
        assert asked.findall(page.read_text(encoding="utf-8")) == [], page
    for style in tmp_path.rglob("*.css"):
        assert not re.search(r"url\(\W?(https?:)?//", style.read_text(encoding="utf-8")), style


def test_the_built_site_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[bytes] = []

    class Once(ThreadingHTTPServer):
        def serve_forever(self, poll_interval: float = 0.5) -> None:
            asking = Thread(target=self.handle_request)
            asking.start()
            with urlopen(f"http://127.0.0.1:{self.server_port}/") as answer:
                answers.append(answer.read())
            asking.join()

    (tmp_path / "index.html").write_text("the site", encoding="utf-8")
    monkeypatch.setattr(docs, "SITE", tmp_path)
    monkeypatch.setattr(docs, "ThreadingHTTPServer", Once)
    ran = CliRunner().invoke(docs.docs, ["--port", "0", "--no-browser"])
    assert (ran.exit_code, answers) == (0, [b"the site"])


def test_a_site_that_is_not_built_is_an_error_that_says_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docs, "SITE", tmp_path)
    ran = CliRunner().invoke(docs.docs, ["--no-browser"])
    assert ran.exit_code == 1
    assert "make docs" in ran.output


def walked_example() -> str:
    page = (ROOT / "docs" / "how-to" / "add-a-source.md").read_text(encoding="utf-8")
    return next(b for b in re.findall(r"```yaml\n(.*?)```", page, re.S) if "Libraries" in b)


def test_the_walked_example_is_all_that_a_new_dataset_takes(
    tmp_path: Path, httpserver: HTTPServer
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
    source = catalog.load(tmp_path / "publishers").source("example__libraries")
    snapshot = fetch.obtain(FetchContext(DataPaths(tmp_path / "data"), HttpClient()), source)
    assert (snapshot.state, snapshot.failures) == ("live", ())
    (content,) = snapshot.contents
    with duckdb.connect() as connection:
        found = connection.execute(
            "select indicator, time_period, count(*), count(*) filter (is_missing) from"
            f" read_parquet('{content.folder(DataPaths(tmp_path / 'data')) / 'cells.parquet'}')"
            " group by all order by 2"
        ).fetchall()
    assert found == [
        ("public_libraries", "2019", 100, 0),
        ("public_libraries", "2020", 100, 100),
    ]
