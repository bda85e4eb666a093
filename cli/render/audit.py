"""What `wcn audit score` prints.

Belongs here: a table of rates. Does not belong here: counting (`releases.figure_audit`).
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table

from releases.figure_audit import Rate


def rates_view(rates: Iterable[Rate]) -> Table:
    """One line per sample and stratum."""
    table = Table(title="Published and wrong, withheld and right (95 % intervals, Wilson)")
    for name in ("sample", "stratum"):
        table.add_column(name)
    for name in ("drawn", "judged", "unclear", "counted", "share", "interval"):
        table.add_column(name, justify="right")
    for rate in rates:
        style = "bold" if rate.stratum == "all" else None
        table.add_row(
            f"{rate.sample} and {'wrong' if rate.sample == 'published' else 'right'}",
            rate.stratum,
            *(str(n) for n in (rate.drawn, rate.judged, rate.unclear, rate.counted)),
            "" if rate.share is None else f"{rate.share:.1%}",
            "" if rate.low is None or rate.high is None else f"{rate.low:.1%}-{rate.high:.1%}",
            style=style,
        )
    return table
