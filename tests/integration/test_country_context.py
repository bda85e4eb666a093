"""What a service says of countries is published as their context, never as a figure of a city."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.settings import PUBLISHERS, ROOT

WCN = Path(sys.executable).parent / "wcn"


def _record(code: str, year: int, value: float | None) -> dict[str, object]:
    return {
        "indicator": {"id": "EN.URB.LCTY", "value": "Population in largest city"},
        "country": {"id": code, "value": "-"}, "countryiso3code": "", "date": str(year),
        "value": value, "unit": "", "obs_status": "", "decimal": 0,
    }  # fmt: skip


def _answer(request: Request) -> Response:
    pages = [
        [_record("TR", 2023, 15848000), _record("TR", 2022, 15636000), _record("1A", 2023, 1e6)],
        [_record("NA", 2023, 500000), _record("AT", 2023, None), _record("XK", 2023, 210000)],
    ]
    page = int(request.args["page"])
    header = {"page": page, "pages": 2, "per_page": 3, "total": 6, "lastupdated": "2026-01-28"}
    return Response(json.dumps([header, pages[page - 1]]), content_type="application/json")


@pytest.fixture
def declared(tmp_path: Path, httpserver: HTTPServer) -> Path:
    """A catalogue of the gazetteer, one source of figures, and the World Bank at a local server."""
    folder = tmp_path / "publishers"
    for publisher, dataset in (("geonames", "cities"), ("georank", "temperature")):
        (folder / publisher).mkdir(parents=True)
        document = yaml.safe_load((PUBLISHERS / publisher / f"{dataset}.yml").read_text())
        document["access"].pop("live", None)
        (folder / publisher / f"{dataset}.yml").write_text(yaml.safe_dump(document))
    document = yaml.safe_load((PUBLISHERS / "worldbank" / "urban.yml").read_text())
    live = document["access"]["live"]
    live["hosts"] = ["localhost"]
    address = next(iter(live["resources"].values()))["url"]
    local = address.replace("https://api.worldbank.org", httpserver.url_for("").rstrip("/"))
    live["resources"] = {"largest_city": {"url": local}}
    document["bounds"] = {"min_rows": 1, "max_rows": 100}
    (folder / "worldbank").mkdir()
    (folder / "worldbank" / "urban.yml").write_text(yaml.safe_dump(document))
    httpserver.expect_request("/v2/country/all/indicator/EN.URB.LCTY").respond_with_handler(_answer)
    return folder


def test_figures_of_countries_stand_apart_from_those_of_cities(
    declared: Path, tmp_path: Path
) -> None:
    assert shutil.which(str(WCN))
    environment = {
        **os.environ, "WCN_PUBLISHERS": str(declared), "WCN_DATA": str(tmp_path / "data"),
        "NO_PROXY": "*",
    }  # fmt: skip
    ran = subprocess.run([WCN, "run"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-3000:]
    release = tmp_path / "data" / "releases" / "current" / "warehouse.duckdb"
    with duckdb.connect(str(release), read_only=True) as warehouse:
        found = warehouse.execute(
            "select country_iso2, year, obs_value from fct_country_observation order by all"
        ).fetchall()
        of_cities = warehouse.execute(
            "select count(*) from fct_observation where source_id = 'worldbank__urban'"
        ).fetchall()
        ledger = warehouse.execute(
            "select disposition, reason, cells from fct_row_ledger"
            " where source_id = 'worldbank__urban' order by all"
        ).fetchall()
    # Namibia is NA, and no missing value.
    assert found == [("NA", 2023, 500_000), ("TR", 2022, 15_636_000), ("TR", 2023, 15_848_000),
                     ("XK", 2023, 210_000)]  # fmt: skip
    assert of_cities == [(0,)]
    assert ledger == [("filtered", "country_group", 1), ("filtered", "missing_value", 1),
                      ("published", "", 4)]  # fmt: skip
