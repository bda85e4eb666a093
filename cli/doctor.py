"""`wcn doctor`: what is wrong with a data home and with the live services; mending, disk use.

Belongs here: the command, and which sources are asked. Does not belong here: asking
(`sources.probe`), examining (`warehouse.doctor`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import click
from rich.table import Table

from cli.budget import budget_option
from cli.render.console import console
from cli.render.plain import say
from cli.render.services import as_document, label, said, services_table
from releases.journal import DamagedLog
from sources.declarations import Source
from sources.fetch import FetchContext
from sources.http import HttpClient, HttpSettings, user_agent
from sources.probe import Finding, probe_all
from sources.rate_limit import rates
from warehouse import doctor as checks
from warehouse import landed
from warehouse.project import Project


class _SourcesOrCommand(click.Group):
    """Names of sources may follow, or a command: the argument is there where no command is."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_interspersed_args = not set(args) & set(self.commands)
        self.without_sources = not ctx.allow_interspersed_args
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        params = super().get_params(ctx)
        return [p for p in params if not (self.without_sources and isinstance(p, click.Argument))]

    without_sources = False


@click.group(cls=_SourcesOrCommand, invoke_without_command=True)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--mend", is_flag=True, help="Mend what can be mended; no build may be running.")
@click.option("--offline", is_flag=True, help="The data home only: do not touch the network.")
@budget_option(180, "what did not answer is told")
@click.option("--json", "as_json", is_flag=True, help="For machines: one JSON document.")
@click.pass_context
def doctor(
    context: click.Context,
    mend: bool,
    offline: bool,
    budget: float,
    as_json: bool,
    sources: tuple[str, ...] = (),
) -> None:
    """What is wrong with the data home, and with the live services of the sources.

    Every live access method is asked with the smallest question that shows its shape. With the
    name of a SOURCE, or several, only their services are looked at. Ends with status 1 where
    something is wrong.
    """
    if context.invoked_subcommand is not None:
        return
    project = Project.open()
    catalog = project.catalog
    chosen = [catalog.source(s) for s in sources] or list(catalog.sources.values())
    faults = [] if sources else _data_home(project, mend=mend, quiet=as_json)
    findings: list[Finding] = []
    if not (offline or mend):
        findings = _services(project, chosen, budget, is_named=bool(sources))
    if as_json:
        home = [{"part": f.part, "text": f.text} for f in faults]
        document = {"data_home": home, "services": [as_document(f) for f in findings]}
        click.echo(json.dumps(document, indent=1))
    elif findings:
        console().print(services_table(findings))
    counts = [f"{len(faults)} faults"] if faults else []
    if wrong := sum(not f.is_well for f in findings):
        counts.append(f"{wrong} of {len(findings)} live services need attention")
    if counts:
        raise click.ClickException(", ".join(counts))
    if not as_json:
        say("no faults" + (f", {len(findings)} live services are well" if findings else ""))


def _data_home(project: Project, *, mend: bool, quiet: bool) -> list[checks.Finding]:
    paths = project.paths
    if mend:
        try:
            mended = checks.mend(paths)
        except checks.Busy as error:
            raise click.ClickException(str(error)) from error
        for found in mended:
            say(f"mended: {found.part}: {found.text}", err=quiet)
    left = checks.examine(paths)
    if not quiet:
        console().print(_disk_use(checks.disk_use(paths)))
    for found in left:
        kind = "fault" if found.is_fault else "untidy"
        advice = " [wcn doctor --mend]" if found.mend and not mend else ""
        say(f"{kind}: {found.part}: {found.text}{advice}", err=quiet)
    return [f for f in left if f.is_fault]


def _services(
    project: Project, chosen: Sequence[Source], budget: float, *, is_named: bool
) -> list[Finding]:
    """Ask them; a line for each as it answers, beside the output."""
    broken = project.catalog.broken
    for source in chosen:
        if source.source_id in broken:
            say(f"{source.source_id}: broken declaration, not asked: wcn sources check", err=True)
        elif is_named and source.access.live is None:
            declared = ", ".join(source.access.declared())
            say(f"{source.source_id}: no live service: declared for {declared}", err=True)
    settings = HttpSettings(
        user_agent=user_agent(project.settings.contact),
        rates=rates(project.settings.hosts),
        # One more try, and no long wait: the next look is as good.
        total_timeout=60.0,
        max_tries=2,
        max_retry_after=5.0,
    )

    def progress(source_id: str, text: str) -> None:
        say(f"{source_id}: {text}", err=True)

    # Not the project's own: that wants a sound release, which may be what is wrong.
    context = FetchContext(project.paths, HttpClient(settings=settings), progress=progress)
    findings = []
    asked = [s for s in chosen if s.source_id not in broken]
    for finding in probe_all(context, asked, budget):
        state = "well" if finding.is_well else "needs attention"
        say(": ".join(filter(None, (label(finding), state, said(finding)))), err=True)
        findings.append(finding)
    return findings


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
