"""A secret is found and masked in every spelling in which a service may give it back."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from core.errors import ContentError
from core.events import Events
from core.secrets import Secret, found_in_file, masked, secrets

KEY = 'Zx9/+a b&c"d=u7q'
WRITTEN = {
    "plain": KEY,
    "other case": KEY.upper(),
    "in a path": quote(KEY),
    "in a query": quote_plus(KEY),
    "all but letters": quote(KEY, safe=""),
    "lower hex digits": quote(KEY, safe="").lower(),
    "JSON": json.dumps({"m": f"Invalid API key: {KEY}"}),
    "JSON in JSON": json.dumps(json.dumps({"m": KEY})),
    "HTML": html.escape(KEY),
    "hexadecimal": KEY.encode().hex(),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64 of a login": base64.b64encode(f"user:{KEY}".encode()).decode(),
    "base64 with a tail": base64.b64encode(f"me:{KEY}:x".encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(f"k={KEY}".encode()).decode(),
}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WCN_SOME_SERVICE_KEY", f" {KEY}\n")


@pytest.mark.parametrize("spelling", WRITTEN)
def test_a_key_is_masked_in_every_spelling(spelling: str) -> None:
    text = f"the service says: {WRITTEN[spelling]} is not known"
    clean = masked(text)
    assert "***" in clean
    assert clean.startswith("the service says: ")
    assert clean.endswith(" is not known")
    assert masked(clean) == clean


@pytest.mark.parametrize("spelling", WRITTEN)
def test_a_key_is_found_in_a_file_in_every_spelling(spelling: str, tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_bytes(b"x" * 100_000 + WRITTEN[spelling].encode() + b"y" * 100)
    assert found_in_file(file) == "WCN_SOME_SERVICE_KEY"
    file.write_bytes(f"... {KEY} ...".encode("utf-16"))
    assert found_in_file(file) == "WCN_SOME_SERVICE_KEY"
    file.write_bytes(b"x" * 100_000)
    assert found_in_file(file) is None


def test_errors_and_events_are_masked_where_they_are_made() -> None:
    error = ContentError("a__b", expected="data", found=f"key {KEY}", todo=f"look at {quote(KEY)}")
    events, heard = Events(), list[str]()
    events.listen(lambda topic, text: heard.append(topic + text))
    events.progress("a__b", f"asked with {KEY}")
    for text in (str(error), error.found, error.todo, *heard):
        assert "***" in text
        assert KEY not in text
        assert quote(KEY) not in text


def test_what_is_no_secret_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WCN_SHORT_KEY", "a")
    monkeypatch.setenv("WCN_EMPTY_KEY", "")
    assert secrets() == {"WCN_SOME_SERVICE_KEY": KEY}
    text = "a city named Key, and https://host/path?year=2015"
    assert masked(text) == text
    assert masked("token abcdefgh", Secret("abcdefgh", header="X")) == "token ***"


@pytest.mark.parametrize(
    "text",
    [
        "duplicate rows? the key column = 'city' in 3 files\nTraceback (most recent call last)",
        "a; sort key = name, and what follows",
    ],
)
def test_ordinary_text_is_not_mangled(text: str) -> None:
    assert masked(text) == text


def test_a_very_short_key_masks_itself_and_nothing_else(tmp_path: Path) -> None:
    assert masked("a q in a word", Secret("q", query="key")) == "a *** in a word"
    (tmp_path / "body").write_text("a q in a word", encoding="utf-8")
    assert found_in_file(tmp_path / "body", Secret("q", query="key")) is None


def test_what_stands_behind_a_masked_address_stays() -> None:
    text = '<https://host/a?page_token=abc123&n=2>; rel="next"\nand the next line'
    assert masked(text) == text.replace("abc123", "***")
