"""Every unit is one that a units library reads, and money says whose and of when."""

from __future__ import annotations

import csv

import pint
import pytest

from catalog.concepts import Indicator
from core.settings import ROOT
from sources import catalog

with (ROOT / "catalog" / "codelists" / "unit.csv").open(encoding="utf-8", newline="") as _lines:
    UNITS = {row["unit_measure"]: row["pint"] for row in csv.DictReader(_lines)}
# A purchasing power standard is money as well: that of a country that does not exist.
CURRENCIES = ("USD", "EUR", "CNY", "GBP", "PPS")
INDICATORS = catalog.load().concepts.indicators


@pytest.fixture(scope="module")
def registry() -> pint.UnitRegistry[float]:
    made: pint.UnitRegistry[float] = pint.UnitRegistry()
    # No rate of exchange is a constant: every currency is a dimension of its own.
    for currency in CURRENCIES:
        made.define(f"{currency} = [{currency}]")
    return made


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_read_by_the_units_library(registry: pint.UnitRegistry[float], unit: str) -> None:
    assert registry.parse_expression(UNITS[unit]) is not None


@pytest.mark.parametrize("indicator", INDICATORS.values(), ids=lambda i: i.indicator)
def test_money_keeps_its_currency_and_its_prices(
    registry: pint.UnitRegistry[float], indicator: Indicator
) -> None:
    unit = registry.Quantity(registry.parse_expression(UNITS[indicator.unit_measure]))
    currencies = {f"[{c}]" for c in CURRENCIES} & set(unit.dimensionality)
    assert bool(currencies) == (indicator.price_base is not None)


def test_what_is_measured_in_one_dimension_is_never_called_by_another(
    registry: pint.UnitRegistry[float],
) -> None:
    """An area is an area, a mass is a mass: by the words of the code."""
    words = {"_area": "[length] ** 2", "emissions": "[mass]", "_length": "[length]",
             "temperature": "[temperature]", "rainfall": "[length]"}  # fmt: skip
    wrong = {}
    for indicator in INDICATORS.values():
        quantity = registry.Quantity(registry.parse_expression(UNITS[indicator.unit_measure]))
        for word, dimension in words.items():
            said = indicator.indicator
            if word in said and "share" not in said and not quantity.check(dimension):
                wrong[said] = indicator.unit_measure
    assert wrong == {}
