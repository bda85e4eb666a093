"""Rates per host: documented defaults, and a file of one's own laid over them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sources import catalog, pace
from sources.errors import DeclarationError


def test_every_rate_says_why() -> None:
    said = yaml.safe_load(pace.HOSTS.read_text(encoding="utf-8"))
    assert all(entry["why"] for entry in said.values())
    assert pace.rates()["data.unesco.org"] == (1, 9)


def test_hosts_that_are_asked_often_have_a_rate_of_their_own() -> None:
    paged = {
        host
        for source in catalog.load().sources.values()
        if source.ways.live and source.ways.live.protocol != "file"
        for host in source.ways.live.hosts
    }
    assert paged <= pace.rates().keys()


def test_a_file_of_ones_own_is_laid_over_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "hosts.yml"
    own.write_text("sdmx.oecd.org: {requests: 20, seconds: 3600}\n", encoding="utf-8")
    monkeypatch.setenv("WCN_HOSTS", str(own))
    assert pace.rates()["sdmx.oecd.org"] == (20, 3600)
    assert pace.rates()["wikimedia.org"] == (2, 1)


@pytest.mark.parametrize(
    "text", ["- a", "a: 1", "a: {requests: 1}", "a: {requests: 0, seconds: 1}", "a: [", None]
)
def test_a_file_that_says_no_rates_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    own = tmp_path / "hosts.yml"
    if text is not None:
        own.write_text(text, encoding="utf-8")
    monkeypatch.setenv("WCN_HOSTS", str(own))
    with pytest.raises(DeclarationError, match=r"hosts\.yml"):
        pace.rates()
