"""The `wcn` command: arguments and exit codes. What it prints is in `report`."""

from __future__ import annotations

import getpass
import logging
import os
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click
from filelock import FileLock, Timeout

from orchestration import progress, report
from orchestration.cli_cities import cities
from orchestration.settings import home, prepare_environment
from releases.shelf import Shelf
from sources import catalog as catalogue
from sources.catalog import ROOT
from sources.errors import SourceError
from sources.landing import read_index


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """World City Network: open city data, from URL to a published release."""


main.add_command(cities)


@main.command()
@click.option("--archive", type=click.Path(exists=True, dir_okay=False), help="An archive index.")
@click.option("--archive-root", type=click.Path(exists=True, file_okay=False), help="Its files.")
@click.option("--only", multiple=True, metavar="SOURCE", help="Obtain only these sources.")
@click.option("--offline", is_flag=True, help="Do not touch the network.")
def run(
    archive: str | None, archive_root: str | None, only: tuple[str, ...], offline: bool
) -> None:
    """Refresh the sources, rebuild, pass the gates, publish a release."""
    # What Dagster would log is said by the progress lines below.
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    # The alerts go into a file of their own, and to the webhook if there is one.
    handler = logging.FileHandler(home().root / "alerts.log", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logging.getLogger("wcn.alert").addHandler(handler)
    logging.getLogger("wcn.alert").propagate = False
    known = catalogue.load()
    if archive_root and not archive:
        raise click.UsageError("--archive-root goes with --archive")
    try:
        if archive:
            read_index(Path(archive), Path(archive_root or Path(archive).parent))
        for source_id in only:
            known.source(source_id)
    except SourceError as error:
        raise click.ClickException(str(error)) from error
    console, started = report.console(), time.monotonic()

    def show(topic: str, text: str) -> None:
        seconds = f"[dim]{time.monotonic() - started:6.1f} s[/dim]"
        console.print(f"{seconds} [bold]{topic:<24}[/bold]", end=" ")
        console.print(text, markup=False, highlight=False)

    progress.listen(show)
    show("wcn", f"data home {home().root}")
    from orchestration.run import run as refresh

    outcome = refresh(
        only=only,
        offline=offline,
        archive_index=str(Path(archive).resolve()) if archive else "",
        archive_root=str(Path(archive_root).resolve()) if archive_root else "",
    )
    if not outcome.ok:
        console.print("[red]This run published nothing; the current release stays.[/red]")
        console.print(str(outcome.error), markup=False, highlight=False)
        sys.exit(1)
    console.print(report.run_report(home()))
    if outcome.version is None:
        console.print("[bold]No new release: nothing acceptable has changed.[/bold]")


@main.group(invoke_without_command=True)
@click.pass_context
def sources(context: click.Context) -> None:
    """Every declared source: theme, cities, years, last fetch, licence, next due, state."""
    if context.invoked_subcommand is None:
        report.console().print(report.sources_report(home(), catalogue.load()))


@sources.command()
@click.argument("source_id", metavar="PUBLISHER__DATASET")
@click.argument("sample", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def new(source_id: str, sample: Path) -> None:
    """Write the skeleton of a declaration from a SAMPLE file, for a person to complete."""
    from sources.skeleton import skeleton

    publisher, _, dataset = source_id.partition("__")
    if not re.fullmatch(r"[a-z0-9_]+?__[a-z0-9_]+", source_id) or not dataset:
        raise click.UsageError("a source id is <publisher>__<dataset>, in small letters")
    target = catalogue.PUBLISHERS / publisher / f"{dataset}.yml"
    if target.exists():
        raise click.ClickException(f"{target} is there already; it is not written over")
    try:
        text = skeleton(source_id, sample)
    except SourceError as error:
        raise click.ClickException(str(error)) from error
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    click.echo(f"wrote {target}; the catalogue refuses it until nothing says TO_BE_NAMED")


@main.command()
@click.argument("city")
@click.argument("indicator")
@click.argument("year", type=int, required=False)
def trace(city: str, indicator: str, year: int | None) -> None:
    """From a figure to its cells, bytes, receipts and raw rows. CITY: a name or a GeoNames id."""
    try:
        report.console().print(report.trace_report(home(), city, indicator, year))
    except LookupError as error:
        raise click.ClickException(str(error)) from error


@main.group()
def release() -> None:
    """What has been published."""


@release.command("list")
def release_list() -> None:
    """Every release, what it changed, and every move of the pointer."""
    report.console().print(report.release_report(home()))


@release.command()
@click.argument("version", required=False)
def verify(version: str | None) -> None:
    """Recompute every hash of one release, or of all; and check the pointer."""
    shelf = Shelf(home().releases)
    try:
        faults = shelf.verify_pointer()
        for each in [version] if version else shelf.versions():
            found = shelf.verify(each)
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
        made = Shelf(home().releases).rollback(version, reason)
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"current is now {made.version} (it was {made.previous})")


@release.command()
@click.option("--keep", type=click.IntRange(min=1), required=True, metavar="N")
def prune(keep: int) -> None:
    """Delete all but the newest N releases (and the current one). The history of values stays."""
    here = home()
    lock = FileLock(here.build / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise click.ClickException("a build is running: prune when it is done") from None
    shelf = Shelf(here.releases)
    freed = sum(shelf.size(v) for v in shelf.versions())
    going = shelf.prune(keep)
    freed -= sum(shelf.size(v) for v in shelf.versions())
    click.echo(f"deleted {len(going)} releases, {freed / 1e6:.0f} MB: {', '.join(going) or 'none'}")


@main.group()
def gate() -> None:
    """What the gates refused."""


@gate.command()
@click.argument("check")
@click.option("--source", "source_id", required=True, help="The refused source.")
@click.option("--reason", required=True, help="Why the break is legitimate.")
def accept(check: str, source_id: str, reason: str) -> None:
    """Let a legitimate break through once: CHECK, for the content that was refused."""
    from expectations.series import CHECKS, AcceptedBreak
    from orchestration import manifest

    here = home()
    if check not in {c.name for c in CHECKS}:
        raise click.ClickException(f"no check {check}; there are {[c.name for c in CHECKS]}")
    if not reason.strip():
        raise click.ClickException("a reviewed entry needs a reason")
    refused = manifest.refused_contents(here, source_id, check)
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
    manifest.accept_break(here, entry)
    click.echo(f"{check} is let through for {source_id}, contents {', '.join(refused)}")


@main.command()
@click.argument("folder", type=click.Path(file_okay=False))
def archive(folder: str) -> None:
    """Export the bytes of the current release with an index, to repeat the run elsewhere."""
    from sources.landing import export
    from sources.receipt import Receipt

    current = Shelf(home().releases).current()
    if current is None:
        raise click.ClickException("there is no release yet")
    held = [
        Receipt(**c["receipt"]) for s in current["build"]["sources"].values() for c in s["contents"]
    ]
    index = export(home(), held, Path(folder))
    click.echo(f"wcn run --archive {index} --archive-root {folder}")


@main.command()
@click.option("--port", default=3000, show_default=True)
def ui(port: int) -> None:
    """The Dagster UI: the asset graph, schedules, sensors, checks."""
    prepare_environment()
    from orchestration import dbt

    dbt.manifest_path()
    os.chdir(ROOT)
    dagster = Path(sys.executable).parent / "dagster"
    arguments = [str(dagster), "dev", "-w", "workspace.yaml", "-p", str(port)]
    os.execv(str(dagster), arguments)  # noqa: S606
