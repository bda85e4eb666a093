"""How often a published figure is wrong, and a withheld one right: a draw that a person judges.

`draw` gives a table of cells with raw row, neighbours and other sources; a person writes a verdict
into each line; `score` turns the verdicts into rates with intervals.

Belongs here: drawing from a release, and counting verdicts. Does not belong here: what a person
sees (`cli.render.audit`), whether the folder of releases is sound (`audit`).
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from core.paths import inside

VERDICTS = ("right", "wrong", "unclear")
_QUERY = Path(__file__).with_suffix(".sql")
_SMALLEST = 5
# What a spreadsheet takes for the beginning of a formula, and a number that begins so.
_FORMULA_STARTS = frozenset("=+-@\t\r")
_NUMBER = re.compile(r"[+-]?[\d.,]+(e[+-]?\d+)?", re.IGNORECASE)
_Z = 1.959963984540054  # 95 %, two-sided


@dataclass(frozen=True)
class Rate:
    """Verdicts of one part of a draw: `share` of `counted` with its 95 % interval."""

    sample: str
    stratum: str
    drawn: int
    judged: int
    unclear: int
    counted: int
    share: float | None
    low: float | None
    high: float | None


def draw(
    connection: duckdb.DuckDBPyConnection, raw: Path, published: int, withheld: int, seed: int
) -> list[dict[str, Any]]:
    """Cells of a release to be judged: one dictionary per line, `verdict` and `note` empty.

    About `published` and `withheld` cells, by source and by reason in proportion, at least five of
    each; the same seed draws the same cells. `raw_row` is empty where the decoded table is gone.
    """
    values = {"published": published, "withheld": withheld, "smallest": _SMALLEST, "seed": seed}
    for name, value in values.items():
        connection.execute(f"set variable {name} = ?", [value])
    asked = connection.execute(_QUERY.read_text(encoding="utf-8"))
    names = [column[0] for column in asked.description or ()]
    lines = [dict(zip(names, row, strict=True)) for row in asked.fetchall()]
    rows = _raw_rows(raw, lines)
    return [
        {
            "verdict": "",
            "note": "",
            **line,
            "raw_row": rows.get((line["content_id"], line["row_number"]), ""),
        }
        for line in lines
    ]


def _raw_rows(raw: Path, lines: list[dict[str, Any]]) -> dict[tuple[str, int], str]:
    """The rows as they were decoded: each table is read once."""
    found: dict[tuple[str, int], str] = {}
    for content_id, version in sorted({(x["content_id"], x["parse_version"]) for x in lines}):
        table = inside(raw, content_id, version, "table.parquet")
        if not table.exists():
            continue
        numbers = sorted({x["row_number"] for x in lines if x["content_id"] == content_id})
        with duckdb.connect() as connection:
            asked = connection.execute(
                "from read_parquet(?) where row_number in (select unnest(?))", [str(table), numbers]
            )
            names = [column[0] for column in asked.description or ()]
            for row in asked.fetchall():
                said = dict(zip(names, row, strict=True))
                number = said.pop("row_number")
                filled = {k: v for k, v in said.items() if v is not None}
                found[content_id, number] = json.dumps(filled, ensure_ascii=False)[:2000]
    return found


def write(path: Path, lines: list[dict[str, Any]]) -> None:
    """A draw as a CSV that a spreadsheet opens; what a source wrote is text there, no formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(lines[0]))
        writer.writeheader()
        writer.writerows({k: _as_text(v) for k, v in line.items()} for line in lines)


def _as_text(value: Any) -> Any:
    is_formula = (
        isinstance(value, str) and value[:1] in _FORMULA_STARTS and not _NUMBER.fullmatch(value)
    )
    return f"'{value}" if is_formula else value


def read(path: Path) -> list[dict[str, str]]:
    """A draw as a person has filled it in.

    Raises ValueError for a file that is no draw, and names every line whose verdict is none.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    if not lines or not {"verdict", "sample", "stratum", "weight"} <= lines[0].keys():
        raise ValueError(f"{path} is no draw of `wcn audit draw`: columns are missing")
    odd = [
        f"line {n}: {x['verdict']!r}"
        for n, x in enumerate(lines, 2)
        if x["verdict"].strip() not in ("", *VERDICTS)
    ]
    if odd:
        raise ValueError(f"a verdict is one of {', '.join(VERDICTS)}; found {'; '.join(odd[:10])}")
    return lines


def score(lines: Iterable[dict[str, str]]) -> list[Rate]:
    """Rates of a judged draw: of published cells that are wrong, of withheld cells that are right.

    One per sample as a whole (`stratum` is "all"), one per stratum. The whole weighs each stratum
    by its cells; its interval is Wilson's (1927) with Kish's (1965) effective size of the draw.
    Unclear and empty verdicts count nowhere.
    """
    kept = list(lines)
    rates = []
    for sample, wanted in (("published", "wrong"), ("withheld", "right")):
        own = [x for x in kept if x["sample"] == sample]
        parts = [("all", own)] if own else []
        parts += [
            (s, [x for x in own if x["stratum"] == s]) for s in sorted({x["stratum"] for x in own})
        ]
        rates += [_rate(sample, stratum, part, wanted) for stratum, part in parts]
    return rates


def _rate(sample: str, stratum: str, lines: list[dict[str, str]], wanted: str) -> Rate:
    verdicts = [(x["verdict"].strip(), float(x["weight"])) for x in lines]
    judged = [(v, w) for v, w in verdicts if v in ("right", "wrong")]
    weights = [w for _, w in judged]
    total = sum(weights)
    share, low, high = None, None, None
    if total:
        share = sum(w for v, w in judged if v == wanted) / total
        low, high = wilson(share, total**2 / sum(w * w for w in weights))
    return Rate(
        sample,
        stratum,
        len(lines),
        len(judged),
        sum(v == "unclear" for v, _ in verdicts),
        sum(v == wanted for v, _ in judged),
        share,
        low,
        high,
    )


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share among `n` judged cells, which need not be a whole number
    (E. B. Wilson 1927, JASA 22, 209-212)."""
    middle = share + _Z**2 / (2 * n)
    half = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
    scale = 1 + _Z**2 / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
