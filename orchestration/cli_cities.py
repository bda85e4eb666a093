"""`wcn cities`: who a city is, and who decided it. Arguments, questions and exit codes only."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cities.countries import iso2
from orchestration import cases, decision_table, identity, report
from orchestration.cases import Case, Place
from orchestration.settings import decisions, home

_OUTCOMES = ("in_review", "city_ambiguous", "city_unknown")
_CHOICES = "number of a candidate, GeoNames id, n not a city, s skip, q quit"


def _label(command: Callable[..., None]) -> Callable[..., None]:
    """The options that name a label as its source writes it."""
    for option in (
        click.option(
            "--country", help="Its country, as the source gives it; '' where it has none."
        ),
        click.option("--code", help="Its code, as the source gives it; '' where it has none."),
        click.option("--name", help="Its name, as the source writes it."),
        click.option("--source", required=True, help="The source that writes it."),
    ):
        command = option(command)
    return command


def _waiting(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which labels are meant of those that wait."""
    for option in (
        click.option("--source", help="Only those of this source."),
        click.option(
            "--outcome",
            "outcomes",
            type=click.Choice(_OUTCOMES),
            multiple=True,
            default=("in_review",),
            show_default=True,
            help="Which labels are meant.",
        ),
    ):
        command = option(command)
    return command


_reason = click.option("--reason", required=True, help="Why; kept with the decision.")
_reviewer = click.option(
    "--reviewer", default=getpass.getuser, show_default="login name", help="Who decides."
)


@click.group()
def cities() -> None:
    """Who a city is: find one, review labels, decide and revoke."""


@cities.command()
@click.argument("name")
@click.option("--country", help="Only there: a code or a name.")
def find(name: str, country: str | None) -> None:
    """Which cities NAME (a name in any language, or a code) may mean, and why."""
    code = iso2(country) if country else None
    if country and code is None:
        raise click.ClickException(f"{country!r} is no country; give its ISO 3166-1 code")
    try:
        found, near = identity.find(home(), name, code)
    except LookupError as error:
        raise click.ClickException(str(error)) from error
    report.console().print(identity.find_view(found, near, name))
    if not found:
        raise SystemExit(1)


@cities.command("decisions")
def decisions_() -> None:
    """What people decided: when, who, which label, why, and whether it holds."""
    try:
        report.console().print(identity.decisions_view())
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@cities.command()
@_label
@click.option("--city", type=int, metavar="ID", help="It is this city: a GeoNames id.")
@click.option("--not-a-city", is_flag=True, help="It is none.")
@_reason
@_reviewer
def decide(
    source: str,
    name: str | None,
    code: str | None,
    country: str | None,
    city: int | None,
    not_a_city: bool,
    reason: str,
    reviewer: str,
) -> None:
    """Decide which city a label is, or that it is none; the next run applies it."""
    if (city is None) != not_a_city:
        raise click.UsageError("give either --city ID or --not-a-city")
    try:
        about = cases.case(home(), source, name, code, country)
        meant = None if city is None else cases.place(home(), city)
        identity.decide(about, meant, reviewer, reason)
    except (LookupError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    _said(about, meant)


@cities.command()
@_label
@_reason
@_reviewer
def revoke(**given: Any) -> None:
    """Take a decision back: the label is decided by the evidence again, from the next run on."""
    try:
        made = identity.revoke(**given)
    except (LookupError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"revoked: {cases.label_text(*made.label[1:])} of {made.source_id}; see `wcn run`")


@cities.command()
@_waiting
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def export(outcomes: tuple[str, ...], source: str | None, file: Path) -> None:
    """Write the labels that wait for a person to FILE, a table for a spreadsheet.

    There `verdict` (city or not_a_city), `city_id` and `reason` are filled in; `wcn cities import`
    reads it back.
    """
    try:
        waiting, _ = cases.queue(home(), outcomes, source)
        decision_table.export(waiting, file)
    except FileExistsError as error:
        raise click.ClickException(f"{file} is there already; give another name") from error
    except (LookupError, ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(waiting)} in {file}")


@cities.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_reviewer
def import_(file: Path, reviewer: str) -> None:
    """Take the decisions of a table that `wcn cities export` wrote: all of them, or none."""
    try:
        done = decision_table.decide_all(home(), file, reviewer)
    except (LookupError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    for text in done.abroad:
        click.echo(f"in another country: {text}")
    held = f"; {done.held} hold already" if done.held else ""
    click.echo(f"{len(done.made)} decided in {decisions()}{held}; `wcn run` applies them")


@cities.command()
@_waiting
@_reviewer
def review(outcomes: tuple[str, ...], source: str | None, reviewer: str) -> None:
    """Walk through the labels that wait for a person, those with most cells first."""
    try:
        waiting, decided = cases.queue(home(), outcomes, source)
    except (LookupError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    if decided:
        click.echo(f"{decided} are decided and wait for the next `wcn run`")
    if not waiting:
        click.echo("nothing waits for review")
    made = 0
    try:
        for position, case in enumerate(waiting, start=1):
            report.console().print(identity.case_view(case, f"{position}/{len(waiting)}"))
            made += _ask(case, reviewer)
    except (click.Abort, EOFError):
        # The end of the input, `q` or Ctrl-C: what was decided is written already.
        click.echo()
    click.echo(f"{made} decided" + (f" in {decisions()}; `wcn run` applies them" if made else ""))


def _ask(case: Case, reviewer: str) -> bool:
    """Ask until there is an answer; whether it was a decision. Raises Abort for `q`."""
    while True:
        answer = click.prompt(_CHOICES, type=str).strip().lower()
        if answer == "q":
            raise click.Abort
        if answer == "s":
            return False
        try:
            meant = None if answer == "n" else _meant(case, answer)
        except LookupError as error:
            click.echo(f"{error}")
            continue
        reason = ""
        while not reason.strip():
            reason = click.prompt("why", type=str)
        identity.decide(case, meant, reviewer, reason)
        _said(case, meant)
        return True


def _meant(case: Case, answer: str) -> Place:
    if not answer.isdigit():
        raise LookupError(f"{answer!r} is none of: {_CHOICES}")
    number = int(answer)
    if 1 <= number <= len(case.candidates):
        return case.candidates[number - 1]
    return cases.place(home(), number)


def _said(case: Case, meant: Place | None) -> None:
    city = f"{meant.name} ({meant.city_id})" if meant else "not a city"
    click.echo(f"decided: {case.label} of {case.source_id} → {city}")
