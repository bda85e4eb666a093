"""A time period means the same where contents are accepted and where dbt casts them."""

import re

import pytest
import yaml

from core.settings import ROOT
from sources.accept import PERIOD


def test_dbt_has_the_pattern_of_accept() -> None:
    project = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text("utf-8"))
    assert project["vars"]["period_pattern"] == PERIOD


@pytest.mark.parametrize(
    ("period", "is_read"),
    [
        ("2015", True),
        ("2015-Q4", True),
        ("2015-Q5", False),
        ("2015-M12", True),
        ("2015-M13", False),
        ("2015-M00", False),
        ("1981/2010-M01", True),
        ("undated", True),
        ("2015-01", False),
    ],
)
def test_a_month_is_one_of_twelve(period: str, is_read: bool) -> None:
    assert (re.fullmatch(PERIOD, period) is not None) is is_read
