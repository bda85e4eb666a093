"""`python -m cities.evaluation [HALF] [RECORDINGS]`: precision, recall and review.

Per stratum and source, of one half of the labelled cases.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from cities.evaluation import measure
from core.paths import DataPaths


def main(half: str, recordings: Path | None) -> None:
    """Measure one half of the labelled cases and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        places, sections, codes = measure.gazetteer(DataPaths(Path(folder)), recordings)
    labelled = measure.cases(half, recorded=recordings is not None)
    decided = measure.decide(labelled, places, sections, codes)
    gazetteer = "as recorded" if recordings else "of the installed package"
    table = Table(title=f"Identity: half `{half}`, gazetteer {gazetteer}", title_justify="left")
    for name in ("", "cases", "precision", "recall", "review", "no city, yet linked"):
        table.add_column(name, justify="left" if not name else "right", no_wrap=True)
    for row in measure.scores(decided):
        table.add_row(
            f"[bold]{row['name']}[/bold]" if row["level"] == "all" else row["name"],
            f"{row['cases']:,}",
            _share(row["precision"]),
            _share(row["recall"]),
            f"{row['review']:.1%}",
            f"{row['no_cities_linked']} of {row['no_cities']}",
            end_section=row["level"] == "all",
            style="" if row["cases"] >= measure.REPORTED_ONLY else "dim",
        )
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    console.print("Shares with Wilson 95 % intervals; dim: under 300 cases, reported only.")


def _share(share: Any) -> str:
    return "–" if share is None else f"{share[0]:.4f}  {share[1]:.3f}–{share[2]:.3f}"


if __name__ == "__main__":
    there = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    main(sys.argv[1] if len(sys.argv) > 1 else "test", there if there and there.is_dir() else None)
