"""`wcn run`: one refresh, with a line for every event."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import format_exception

import click

from cli.render.console import console as make_console
from cli.render.run import run_report
from core.errors import SourceError
from core.secrets import masked
from sources.landing import ArchiveEntry, read_index
from warehouse.pipeline import refresh
from warehouse.project import Project


@click.command()
@click.option("--archive", type=click.Path(exists=True, dir_okay=False), help="An archive index.")
@click.option("--archive-root", type=click.Path(exists=True, file_okay=False), help="Its files.")
@click.option("--only", multiple=True, metavar="SOURCE", help="Obtain only these sources.")
@click.option("--offline", is_flag=True, help="Do not touch the network.")
def run(
    archive: str | None, archive_root: str | None, only: tuple[str, ...], offline: bool
) -> None:
    """Refresh the sources, rebuild, pass the gates, publish a release."""
    project = Project.open()
    if archive_root and not archive:
        raise click.UsageError("--archive-root goes with --archive")
    entries: dict[str, list[ArchiveEntry]] | None = None
    try:
        if archive:
            entries = read_index(Path(archive), Path(archive_root or Path(archive).parent))
        for source_id in only:
            project.catalog.source(source_id)
    except SourceError as error:
        raise click.ClickException(str(error)) from error
    console, started = make_console(), time.monotonic()

    def show(topic: str, text: str) -> None:
        seconds = f"[dim]{time.monotonic() - started:6.1f} s[/dim]"
        console.print(f"{seconds} [bold]{topic:<24}[/bold]", end=" ")
        console.print(text, markup=False, highlight=False)

    project.events.listen(show)
    show("wcn", f"data home {project.paths.root}")
    with _alerts_logged(project) as log:
        try:
            version = refresh(
                project, project.fetch_context(offline=offline, archive=entries), only
            )
        except Exception as error:
            log.error("the run ended here:\n%s", masked("".join(format_exception(error))))
            project.events.alert("failed", "run", str(error))
            console.print("[red]This run published nothing; the current release stays.[/red]")
            console.print(f"{type(error).__name__}: {error}", markup=False, highlight=False)
            sys.exit(1)
    console.print(run_report(project.releases))
    if version is None:
        console.print("[bold]No new release: nothing acceptable has changed.[/bold]")


@contextmanager
def _alerts_logged(project: Project) -> Iterator[logging.Logger]:
    # Alerts, and the tracebacks of sources and of a run that failed, have a file of their own.
    logger = logging.getLogger("wcn")
    handler = logging.FileHandler(project.paths.root / "alerts.log", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield logger
    finally:
        logger.removeHandler(handler)
        handler.close()
