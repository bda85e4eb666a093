"""Verdicts on drawn cells become rates with intervals; a wrong table says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy.stats import binomtest

from releases.figure_audit import read, score, wilson, write


def line(sample: str, stratum: str, verdict: str, weight: float = 1.0) -> dict[str, str]:
    return {"sample": sample, "stratum": stratum, "verdict": verdict, "weight": str(weight)}


@pytest.mark.parametrize(("hits", "n"), [(0, 400), (1, 200), (23, 200), (200, 200)])
def test_the_interval_is_wilsons(hits: int, n: int) -> None:
    known = binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits / n, n) == pytest.approx((known.low, known.high))


def test_of_published_cells_the_wrong_ones_count_and_of_withheld_the_right_ones() -> None:
    lines = [line("published", "a", v) for v in ("right", "right", "right", "wrong")]
    lines += [line("withheld", "step", v) for v in ("right", "wrong", "wrong", "wrong", "wrong")]
    rates = {(r.sample, r.stratum): r for r in score(lines)}
    assert rates["published", "all"].share == 0.25
    assert rates["withheld", "all"].share == 0.2
    assert rates["withheld", "step"].counted == 1


def test_a_stratum_that_was_drawn_thinly_weighs_as_much_as_it_holds() -> None:
    lines = [line("published", "large", "right", 90.0) for _ in range(10)]
    lines += [line("published", "small", "wrong", 10.0) for _ in range(10)]
    (whole,) = [r for r in score(lines) if r.stratum == "all"]
    assert whole.share == pytest.approx(0.1)
    # The draw is less sure than 20 equal cells would be.
    assert whole.high is not None
    assert whole.high > wilson(0.1, 20)[1]


def test_an_unclear_or_empty_verdict_counts_nowhere() -> None:
    lines = [line("published", "a", v) for v in ("right", "unclear", "", " right ")]
    (whole, _) = score(lines)
    assert (whole.drawn, whole.judged, whole.unclear, whole.share) == (4, 2, 1, 0.0)


def test_nothing_judged_is_no_rate() -> None:
    (whole, _) = score([line("withheld", "step", "")])
    assert (whole.share, whole.low, whole.high) == (None, None, None)


def test_an_unknown_verdict_is_named_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "draw.csv"
    file.write_text("verdict,sample,stratum,weight\nright,a,b,1\nmaybe,a,b,1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 3: 'maybe'"):
        read(file)


def test_another_table_is_no_draw(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no draw"):
        read(file)


def test_what_a_source_wrote_is_no_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    file = tmp_path / "draw.csv"
    odd = {"label": '=HYPERLINK("http://x")', "value_text": "-5.2", "note": "@SUM(A1)"}
    write(file, [line("published", "a", "right") | odd])
    (kept,) = read(file)
    assert kept["label"] == "'" + odd["label"]
    assert kept["note"] == "'" + odd["note"]
    # A number stays one.
    assert kept["value_text"] == "-5.2"
