"""Rates per host: documented defaults, and a file of one's own laid over them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from core.errors import DeclarationError
from sources import catalog, rate_limit


def test_every_rate_says_why() -> None:
    said = yaml.safe_load(rate_limit.HOSTS.read_text(encoding="utf-8"))
    assert all(entry["why"] for entry in said.values())
    assert rate_limit.rates()["data.unesco.org"] == (1, 9)


def test_hosts_that_are_asked_often_have_a_rate_of_their_own() -> None:
    paged = {
        host
        for source in catalog.load().sources.values()
        if source.access.live and source.access.live.protocol != "file"
        for host in source.access.live.hosts
    }
    assert paged <= rate_limit.rates().keys()


def test_a_file_of_ones_own_is_laid_over_ours(
    tmp_path: Path,
) -> None:
    own = tmp_path / "hosts.yml"
    own.write_text("sdmx.oecd.org: {requests: 20, seconds: 3600}\n", encoding="utf-8")
    rates = rate_limit.rates(own)
    assert rates["sdmx.oecd.org"] == (20, 3600)
    assert rates["wikimedia.org"] == (2, 1)


@pytest.mark.parametrize(
    "text", ["- a", "a: 1", "a: {requests: 1}", "a: {requests: 0, seconds: 1}", "a: [", None]
)
def test_a_file_that_says_no_rates_is_refused(tmp_path: Path, text: str | None) -> None:
    own = tmp_path / "hosts.yml"
    if text is not None:
        own.write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"hosts\.yml"):
        rate_limit.rates(own)
