"""Every move of the pointer, and what each release changed.

Belongs here: rendering. Does not belong here: moving (`releases`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.render.cities import decided_text
from releases import pointer
from releases.store import ReleaseStore


def release_report(store: ReleaseStore) -> RenderableType:
    """Every move of the pointer, and what each release changed."""
    now = pointer.current(store.folder)
    table = Table(title="Releases", title_justify="left")
    table.add_column("release")
    for name in ("added", "revised", "withdrawn", "links fallen"):
        table.add_column(name, justify="right")
    for name in ("withheld for", "decisions", "appeared", "gone"):
        table.add_column(name)
    table.add_column("MB", justify="right")
    for version in store.versions():
        shown = Text(version + (" ← current" if version == now else ""), no_wrap=True)
        try:
            changes = store.manifest(version)["changes"]
        except (KeyError, ValueError):
            table.add_row(shown, *8 * ["?"], "damaged: `wcn release verify`")
            continue
        appeared = [*changes["indicators_appeared"], *changes["columns_appeared"]]
        gone = [*changes["indicators_gone"], *changes["columns_gone"]]
        table.add_row(
            shown,
            *(f"{changes[k]:,}" for k in ("added", "revised", "withdrawn")),
            f"{changes.get('links_fallen', 0):,}",
            _few(_by_reason(changes.get("reasons", []))),
            _few([decided_text(d) for d in changes.get("decisions", [])]),
            _few(appeared),
            _few(gone),
            f"{store.size(version) / 1e6:.0f}",
        )
    log = Table(title="Moves of the pointer", title_justify="left")
    for name in ("at", "move", "to", "from", "reason"):
        log.add_column(name)
    for move in pointer.moves(store.folder):
        log.add_row(move.at[:19], move.action, move.version, move.previous or "–", move.reason)
    return Group(table, log)


def _by_reason(reasons: list[dict[str, Any]]) -> list[str]:
    """`country_step +422`: cells more or fewer than in the release before, over all sources."""
    counted = Counter[str]()
    for change in reasons:
        counted[change["reason"]] += change["now"] - change["before"]
    ordered = sorted(counted.items(), key=lambda item: (-abs(item[1]), item[0]))
    return [f"{reason} {n:+,}" for reason, n in ordered if n]


def _few(names: list[str]) -> str:
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more
