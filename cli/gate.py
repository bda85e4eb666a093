"""`wcn gate`: what the gates refused, and letting a legitimate break through."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime

import click

from cli.render.plain import say
from expectations.series import CHECKS, AcceptedBreak
from warehouse import refusals
from warehouse.project import Project


@click.group()
def gate() -> None:
    """What the gates refused."""


@gate.command()
@click.argument("check")
@click.option("--source", "source_id", required=True, help="The refused source.")
@click.option("--reason", required=True, help="Why the break is legitimate.")
def accept(check: str, source_id: str, reason: str) -> None:
    """Let a legitimate break through once: CHECK, for the content that was refused."""
    paths = Project.open().paths
    if check not in {c.name for c in CHECKS}:
        raise click.ClickException(f"no check {check}; there are {[c.name for c in CHECKS]}")
    if not reason.strip():
        raise click.ClickException("a reviewed entry needs a reason")
    refused = refusals.refused_contents(paths, source_id, check)
    if not refused:
        raise click.ClickException(f"{check} has refused no content of {source_id}")
    entry = AcceptedBreak(
        check=check,
        source_id=source_id,
        content_ids=tuple(refused),
        reason=reason,
        accepted_by=getpass.getuser(),
        accepted_at=datetime.now(UTC).isoformat(timespec="microseconds"),
    )
    refusals.accept_break(paths, entry)
    say(f"{check} is let through for {source_id}, contents {', '.join(refused)}")
