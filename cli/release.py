"""`wcn release`: what has been published, and what to do with it."""

from __future__ import annotations

import click
from filelock import FileLock, Timeout

from cli.render.console import console
from cli.render.releases import release_report
from core.errors import ReleaseRefused
from warehouse.project import Project


@click.group()
def release() -> None:
    """What has been published."""


@release.command("list")
def release_list() -> None:
    """Every release, what it changed, and every move of the pointer."""
    console().print(release_report(Project.open().releases))


@release.command()
@click.argument("version", required=False)
def verify(version: str | None) -> None:
    """Recompute every hash of one release, or of all; and check the pointer."""
    store = Project.open().releases
    try:
        faults = store.verify_pointer()
        for each in [version] if version else store.versions():
            found = store.verify(each)
            click.echo(f"{each}: {'sound' if not found else f'{len(found)} faults'}")
            faults += [f"{each}: {f}" for f in found]
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from error
    if faults:
        raise click.ClickException("\n".join(faults))


@release.command()
@click.argument("version", required=False)
@click.option("--reason", default="", help="Kept in the log of moves.")
def rollback(version: str | None, reason: str) -> None:
    """Make an older release current: VERSION, or the one before the current."""
    try:
        made = Project.open().releases.rollback(version, reason)
    except (FileNotFoundError, ReleaseRefused) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"current is now {made.version} (it was {made.previous})")


@release.command()
@click.option("--keep", type=click.IntRange(min=1), required=True, metavar="N")
def prune(keep: int) -> None:
    """Delete all but the newest N releases (and the current one). The history of values stays."""
    project = Project.open()
    lock = FileLock(project.paths.build / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise click.ClickException("a build is running: prune when it is done") from None
    store = project.releases
    freed = sum(store.size(v) for v in store.versions())
    going = store.prune(keep)
    freed -= sum(store.size(v) for v in store.versions())
    click.echo(f"deleted {len(going)} releases, {freed / 1e6:.0f} MB: {', '.join(going) or 'none'}")
