"""`wcn release`: what has been published, and what to do with it."""

from __future__ import annotations

import click

from cli.render.console import console
from cli.render.plain import say
from cli.render.releases import release_report
from core.errors import ReleaseRefused
from releases.history import HistoryLost
from releases.journal import DamagedLog
from warehouse.doctor import Busy, alone
from warehouse.project import Project


@click.group()
def release() -> None:
    """What has been published."""


@release.command("list")
def release_list() -> None:
    """Every release, what it changed, and every move of the pointer."""
    try:
        console().print(release_report(Project.open().releases))
    except DamagedLog as error:
        raise click.ClickException(str(error)) from error


@release.command()
@click.argument("version", required=False)
def verify(version: str | None) -> None:
    """Recompute every hash of one release, or of all; check the pointer, the logs, the history."""
    store = Project.open().releases
    found = store.audit()
    faults, warnings = found.faults, found.warnings
    try:
        for each in [version] if version else store.versions():
            wrong = store.verify(each)
            say(f"{each}: {'sound' if not wrong else f'{len(wrong)} faults'}")
            faults += [f"{each}: {f}" for f in wrong]
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from error
    except DamagedLog:
        pass  # it is among the faults; which releases there should be is not known
    for warning in warnings:
        say(f"Warning: {warning}", err=True)
    if faults:
        raise click.ClickException("\n".join(faults))


@release.command()
@click.argument("version", required=False)
@click.option("--reason", default="", help="Kept in the log of moves.")
def rollback(version: str | None, reason: str) -> None:
    """Make an older release current: VERSION, or the one before the current."""
    try:
        made = Project.open().releases.rollback(version, reason)
    except (FileNotFoundError, ReleaseRefused, DamagedLog) as error:
        raise click.ClickException(str(error)) from error
    except HistoryLost as error:
        raise click.ClickException(f"the pointer has been moved, but {error}") from error
    say(f"current is now {made.version} (it was {made.previous})")


@release.command()
@click.option("--keep", type=click.IntRange(min=1), required=True, metavar="N")
def prune(keep: int) -> None:
    """Delete all but the newest N releases (and the current one). The history of values stays."""
    project = Project.open()
    store = project.releases
    try:
        with alone(project.paths):
            freed = sum(store.size(v) for v in store.versions())
            going = store.prune(keep)
            freed -= sum(store.size(v) for v in store.versions())
    except (Busy, HistoryLost, DamagedLog) as error:
        raise click.ClickException(str(error)) from error
    say(f"deleted {len(going)} releases, {freed / 1e6:.0f} MB: {', '.join(going) or 'none'}")
