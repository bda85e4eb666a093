"""The tutorial of the Dagster UI, followed in a browser: each click shows what it says.

    WCN_PICTURES=docs/images/ui python -m pytest tests/integration/test_tour.py

renews the screenshots of the docs.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.paths import DataPaths
from core.settings import ROOT
from tests.fixtures import dagster_ui
from tests.fixtures.dagster_ui import Ui
from tests.fixtures.live_world import LiveWorld, served
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World

CHROMIUM = shutil.which("chromium")
TOUR: list[dict[str, Any]] = yaml.safe_load(
    (ROOT / "docs" / "tutorials" / "dagster-ui.yml").read_text(encoding="utf-8")
)
PICTURES = os.environ.get("WCN_PICTURES")
_PATIENCE = 120_000
pytestmark = pytest.mark.slow(reason="`wcn ui`, a browser, and eight runs", minutes=4)
_VIEWS = """
title: "Invented page views, asked city by city"
publisher: Pages
homepage: not stated
licence: all-rights-reserved
attribution: Pages
authority: official
cadence: monthly
edition: rolling
reference_period: 2019/2020
theme: communication
rank: 10
spatial_unit: city_proper
bounds: {{min_rows: 1, max_rows: 1000, min_cities: 1}}
tables:
  views:
    format: {{kind: json_records, records: items, pages: true}}
    code_scheme: geonames
    columns:
      about.city_id: {{as: ref_area_code}}
      about.name: {{as: ref_area}}
      about.country: {{as: country}}
      about.latitude: {{as: ignored}}
      about.longitude: {{as: ignored}}
      timestamp: {{as: time_period}}
      views: {{indicator: wikipedia_views_english}}
access:
  live:
    protocol: per_city
    hosts: [127.0.0.1]
    url: http://127.0.0.1:{port}/views/{{year}}/{{city_id}}
    cities: {{gazetteer: atlas__gazetteer, top: 60}}
    batch_size: 20
    first_year: 2019
    last_year: 2020
    table: views
"""


class Servers:
    """What the sources do while a person looks."""

    def __init__(self, live: LiveWorld, world: World) -> None:
        self.live, self.world = live, world

    def slow(self, source: str) -> None:
        self.live.delay[source] = 300

    def broken(self, source: str) -> None:
        self.live.status[source] = 503

    def well(self, source: str) -> None:
        self.live.delay.pop(source, None)
        self.live.status.pop(source, None)

    def news(self, source: str) -> None:
        """One figure is revised by a hundredth."""
        self._revise(source, lambda n, value: value * 1.01 if n == 50 else value)

    def hostile(self, source: str) -> None:
        """All figures are ten times what they were."""
        self._revise(source, lambda _n, value: value * 10)

    def _revise(self, source: str, revised: Any) -> None:
        later = self.world.changed()
        for n, row in enumerate(later.tables[source][1:]):
            try:
                row[3] = str(round(revised(n, float(row[3])), 3))
            except ValueError:
                continue  # a flaw stays one
        self.live.contents[source] = later.data(source)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, world: World) -> Iterator[tuple[Ui, Servers]]:
    folder = tmp_path_factory.mktemp("tour")
    with served({s: world.data(s) for s in world.tables}, folder) as live:
        (live.publishers / "pages").mkdir()
        declared = _VIEWS.format(port=live.port)
        (live.publishers / "pages" / "views.yml").write_text(declared, encoding="utf-8")
        for city in world.cities:
            for year in ("2019", "2020"):
                item = {"timestamp": year, "views": city.population // 10}
                answer = json.dumps({"items": [item]}).encode()
                live.contents[f"views/{year}/{city.city_id}"] = answer
        here = Warehouse(DataPaths(folder / "data"), publishers=live.publishers)
        with dagster_ui.running(here.environment | {"NO_PROXY": "*"}, folder) as ui:
            yield ui, Servers(live, world)


@pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on this machine (Debian: apt-get install chromium)"
)
def test_the_tutorial_can_be_followed(desk: tuple[Ui, Servers]) -> None:
    from playwright.sync_api import sync_playwright

    ui, servers = desk
    with sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1440, "height": 860})
        page.set_default_timeout(_PATIENCE)
        page.goto(f"{ui.address}/asset-groups")
        for stop in TOUR:
            for mood, source in stop.get("when", {}).items():
                getattr(servers, mood)(source)
            # What was launched before is told for some seconds, with a button of the same name; as
            # long as the mouse points at it.
            page.mouse.move(700, 20)
            page.get_by_text("Launched run").wait_for(state="detached")
            for click in stop["where"]:
                _click(page, ui, click)
            page.wait_for_timeout(1000)
            shown = page.context.pages[-1]  # some links open another tab
            for text in stop["see"]:
                shown.get_by_text(text).first.wait_for(state="attached")
            if PICTURES and "picture" in stop:
                page.wait_for_timeout(2000)
                page.screenshot(path=str(Path(PICTURES) / f"{stop['picture']}.png"))
            if shown != page:
                shown.close()
        browser.close()


def _click(page: Any, ui: Ui, click: Mapping[str, str]) -> None:
    ((kind, name),) = click.items()
    if kind == "asset":
        _rest(page, ui)
        page.goto(f"{ui.address}/assets/{name}")
    elif kind == "job":
        page.goto(f"{ui.address}/locations/world_city_network/jobs/{name}")
    elif kind == "menu":
        page.get_by_role("link", name=re.compile(rf"{name}$")).first.click()
    elif kind == "switch":
        row = page.locator("[data-index]").filter(has=page.get_by_text(name, exact=True))
        row.locator("label").last.click()
    else:
        _named(page, name).click()
    if name.startswith("Materialize"):
        page.get_by_text("Launched run").wait_for()


def _named(page: Any, name: str) -> Any:
    """What has just this name; or where nothing has, what has it in its name ("… all (64)")."""
    from playwright.sync_api import TimeoutError as TooLate

    roles = ("button", "tab", "link")
    exact, part = (
        page.get_by_role(roles[0], name=name, exact=exact)
        .or_(page.get_by_role(roles[1], name=name, exact=exact))
        .or_(page.get_by_role(roles[2], name=name, exact=exact))
        for exact in (True, False)
    )
    exact = exact.or_(page.get_by_text(name, exact=True)).filter(visible=True)
    try:
        exact.last.wait_for(timeout=5000)
    except TooLate:
        return part.filter(visible=True).last
    return exact.last


def _rest(page: Any, ui: Ui) -> None:
    """A person reads on when nothing moves any more: runs, and those that follow from them."""
    while any(r["status"] not in dagster_ui.FINISHED for r in ui.runs()):
        page.wait_for_timeout(1000)


def test_every_picture_of_the_page_is_there() -> None:
    for stop in TOUR:
        if "picture" in stop:
            assert (ROOT / "docs" / "images" / "ui" / f"{stop['picture']}.png").is_file()
