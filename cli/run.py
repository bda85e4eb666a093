"""`wcn run`: one refresh, with a line for every event."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from traceback import format_exception

import click
from rich.text import Text

from cli.budget import budget_option
from cli.render.console import console as make_console
from cli.render.plain import visible
from cli.render.run import run_report
from cli.render.skipped import skipped_report
from core.errors import SourceError
from core.files import storage_fault
from core.secrets import masked
from sources.landing import ArchiveEntry, read_index
from warehouse.pipeline import refresh
from warehouse.project import Project


@click.command()
@click.option("--archive", type=click.Path(exists=True, dir_okay=False), help="An archive index.")
@click.option("--archive-root", type=click.Path(exists=True, file_okay=False), help="Its files.")
@click.option("--only", multiple=True, metavar="SOURCE", help="Obtain only these sources.")
@click.option("--offline", is_flag=True, help="Do not touch the network.")
@budget_option(3600, "the run goes on with what it has")
def run(
    archive: str | None,
    archive_root: str | None,
    only: tuple[str, ...],
    offline: bool,
    budget: float,
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
    console, started, began = make_console(), time.monotonic(), datetime.now(UTC)

    def show(topic: str, text: str) -> None:
        seconds = (f"{time.monotonic() - started:6.1f} s", "dim")
        console.print(Text.assemble(seconds, " ", (f"{topic:<24}", "bold"), " ", text))

    project.events.listen(show)
    show("wcn", f"data home {project.paths.root}")
    for line in _of_no_source(entries or {}, project):
        show("archive", line)

    def show_skipped() -> None:
        asked = () if offline or archive else only or project.catalog.ids
        if skipped := skipped_report(project.paths, project.catalog, asked, began):
            console.print(skipped)

    with _alerts_logged(project) as log:
        try:
            context = project.fetch_context(offline=offline, archive=entries)
            context = replace(context, client=context.client.within(budget))
            version = refresh(project, context, only)
        except Exception as error:
            log.error("the run ended here:\n%s", masked("".join(format_exception(error))))
            said = storage_fault(error) or f"{type(error).__name__}: {error}"
            project.events.alert("failed", "run", said)
            console.print("This run published nothing; the current release stays.", style="red")
            console.print(Text(masked(said)))
            show_skipped()
            sys.exit(1)
    show_skipped()
    console.print(run_report(project.releases))
    if version is None:
        console.print("No new release: nothing acceptable has changed.", style="bold")
    for fault in project.catalog.faults:
        console.print(Text(f"broken declaration: {fault}", style="red"))


def _of_no_source(entries: Mapping[str, Sequence[ArchiveEntry]], project: Project) -> list[str]:
    """What is said of the lines of an archive that no source of the catalogue will use."""
    known = project.catalog.ids
    return [
        str(entry.fault) if entry.fault else f"line {entry.line}: there is no source {source_id}"
        for source_id, several in entries.items()
        if source_id not in known
        for entry in several
    ]


class _AlertsLog(logging.FileHandler):
    """Texts of others are made visible; and a full disk is told once, by the run."""

    def format(self, record: logging.LogRecord) -> str:
        return visible(super().format(record))

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing: what cannot be logged is still printed."""


@contextmanager
def _alerts_logged(project: Project) -> Iterator[logging.Logger]:
    # Alerts, and the tracebacks of sources and of a run that failed, have a file of their own.
    logger = logging.getLogger("wcn")
    handler = _AlertsLog(project.paths.root / "alerts.log", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield logger
    finally:
        logger.removeHandler(handler)
        handler.close()
