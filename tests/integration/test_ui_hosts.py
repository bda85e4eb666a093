"""The Dagster UI answers under the names of this machine, and under no other."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.fixtures import dagster_ui

pytestmark = pytest.mark.slow(reason="`wcn ui`: a webserver and a daemon, each loads Dagster")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    home = tmp_path_factory.mktemp("ui")
    with dagster_ui.running({"WCN_DATA": str(home / "data")}, home) as ui:
        yield ui.port


def _status(port: int, host: str) -> int | None:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/server_info", headers={"Host": f"{host}:{port}"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_it_answers_under_our_names(port: int, host: str) -> None:
    assert _status(port, host) == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil"])
def test_it_refuses_a_foreign_name(port: int, host: str) -> None:
    assert _status(port, host) == 400
