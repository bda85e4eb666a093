"""Every theme has live sources of cities: counted in the declarations, without a network.

A theme is closed by two live sources of cities, one of which reaches 2020 or later outside China.
Figures of countries are context, and do not count.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from catalog.load import Concepts
from sources import catalog
from sources.declarations import Source
from sources.tables import Table

# What no document that we have closes: theme → what is there, and what is wanted.
OPEN: dict[str, str] = {}


def live_tables(source: Source) -> list[Table]:
    """The tables that its live answers are read with."""
    live = source.access.live
    if live is None:
        return []
    names = {live.table, *(r.table for r in live.resources.values() if r.table)}
    return [source.tables[name] for name in sorted(names)]


def themes_of(table: Table, concepts: Concepts) -> Iterator[str]:
    for said in (*table.columns.values(), *table.indicators.values()):
        if said.indicator:
            yield concepts.indicators[said.indicator].theme
        if network := getattr(said, "network", None):
            yield concepts.networks[network].theme


def is_recent(source: Source) -> bool:
    """It reaches 2020: by its period, or as a list of today that is asked for again and again."""
    years = [int(y) for y in re.findall(r"\d{4}", source.reference_period)]
    return max(years) >= 2020 if years else source.cadence != "frozen"


def is_of_china_alone(source: Source) -> bool:
    tables = live_tables(source)
    return source.resolve.countries == ("CN",) or all(
        t.constants.get("country") == "CN" for t in tables
    )


def missing(declared: catalog.Catalog) -> dict[str, str]:
    """Theme → what it lacks."""
    concepts = declared.concepts
    found: dict[str, list[Source]] = defaultdict(list)
    for source in declared.sources.values():
        if source.spatial_unit != "country":
            for theme in {t for table in live_tables(source) for t in themes_of(table, concepts)}:
                found[theme].append(source)
    known = {i.theme for i in concepts.indicators.values()}
    known |= {n.theme for n in concepts.networks.values()}
    lacks = {}
    for theme in sorted(known):
        names = ", ".join(s.source_id for s in found[theme])
        if not names:
            lacks[theme] = "no live source of cities"
        elif len(found[theme]) == 1:
            lacks[theme] = f"1 live source of cities ({names})"
        elif not any(is_recent(s) and not is_of_china_alone(s) for s in found[theme]):
            lacks[theme] = f"none that reaches 2020 outside China ({names})"
    return lacks


def test_every_theme_has_two_live_sources_of_which_one_is_recent_but_for_those_that_are_open() -> (
    None
):
    assert missing(catalog.load()) == OPEN


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reference_period": "2000/2019"}, "none that reaches 2020 outside China"),
        ({"reference_period": "undated", "cadence": "frozen"}, "none that reaches 2020 outside"),
        ({"resolve": {"countries": ["CN"]}}, "none that reaches 2020 outside China"),
        ({"spatial_unit": "country"}, "no live source of cities"),
    ],
)
def test_old_chinese_and_national_figures_close_no_theme(
    changes: dict[str, object], said: str
) -> None:
    declared = catalog.load()
    spoilt = {
        name: Source.model_validate({**source.model_dump(by_alias=True), **changes})
        for name, source in declared.sources.items()
        if source.access.live
    }
    lacks = missing(catalog.Catalog(spoilt, declared.concepts))
    assert lacks["communication"].startswith(said)
