"""`wcn doctor`: what is wrong with a data home, mending it, and what takes up the disk."""

from __future__ import annotations

import click
from rich.table import Table

from cli.render.console import console
from cli.render.plain import say
from releases.journal import DamagedLog
from warehouse import doctor as checks
from warehouse import landed
from warehouse.project import Project


@click.group(invoke_without_command=True)
@click.option("--mend", is_flag=True, help="Mend what can be mended; no build may be running.")
@click.pass_context
def doctor(context: click.Context, mend: bool) -> None:
    """What is wrong with the data home, and how much of the disk each part takes."""
    if context.invoked_subcommand is not None:
        return
    paths = Project.open().paths
    if mend:
        try:
            mended = checks.mend(paths)
        except checks.Busy as error:
            raise click.ClickException(str(error)) from error
        for found in mended:
            say(f"mended: {found.part}: {found.text}")
    left = checks.examine(paths)
    console().print(_disk_use(checks.disk_use(paths)))
    for found in left:
        kind = "fault" if found.is_fault else "untidy"
        advice = " [wcn doctor --mend]" if found.mend and not mend else ""
        say(f"{kind}: {found.part}: {found.text}{advice}")
    if faults := sum(f.is_fault for f in left):
        raise click.ClickException(f"{faults} faults")
    say("no faults")


@doctor.command("prune-landed")
@click.option("--dry-run", is_flag=True, help="Say what would go, and delete nothing.")
def prune_landed(dry_run: bool) -> None:
    """Delete landed bytes and decoded tables that no release, snapshot or newest receipt needs."""
    paths = Project.open().paths
    try:
        going = landed.spare(paths) if dry_run else landed.prune(paths)
    except (checks.Busy, landed.Unreadable, DamagedLog) as error:
        raise click.ClickException(str(error)) from error
    counted = f"{len(going.blobs)} blobs, {len(going.receipts)} receipts, {len(going.raw)} decoded"
    done = "would delete" if dry_run else "deleted"
    say(f"{done} {counted} contents: {going.size / 1e6:.1f} MB")
    for path in [*going.blobs, *going.raw] if dry_run else []:
        say(f"  {path.relative_to(paths.root)}")


def _disk_use(parts: list[checks.Use]) -> Table:
    table = Table(title="Disk use", title_justify="left")
    table.add_column("part")
    table.add_column("files", justify="right")
    table.add_column("MB", justify="right")
    for use in parts:
        table.add_row(use.part, f"{use.files:,}", f"{use.size / 1e6:,.1f}")
    table.add_section()
    total = sum(u.size for u in parts)
    table.add_row("all", f"{sum(u.files for u in parts):,}", f"{total / 1e6:,.1f}")
    return table
