"""`wcn cities`: finding a city, walking through labels, deciding, revoking."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from cities import decide as deciding
from cities import decision_table, queue
from cities import review as decisions_file
from cities.countries import iso2
from cities.find import find as find_city
from cities.queue import Case
from cities.register import Place, Register
from cities.review import Decision
from cli.render.cities import case_view, decisions_view, find_view
from cli.render.console import console
from cli.render.explain import explanations
from cli.render.plain import say
from warehouse.project import Project
from warehouse.resolution import explain_label

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


@contextmanager
def _register(project: Project) -> Iterator[Register]:
    """The current release as a register. What is missing or meant otherwise ends the command."""
    try:
        with project.releases.opened() as release:
            yield Register(release, project.paths.scratch)
    except (LookupError, ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error


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
    with _register(Project.open()) as register:
        found, near = find_city(register.release, name, code)
    console().print(find_view(found, near, name))
    if not found:
        raise SystemExit(1)


@cities.command()
@click.argument("label")
@click.option("--source", help="Only where this source writes it.")
def explain(label: str, source: str | None) -> None:
    """Every step that led to the decision about LABEL, as a source writes it."""
    try:
        found = explain_label(Project.open(), label, source)
    except LookupError as error:
        raise click.ClickException(str(error)) from error
    console().print(explanations(found))
    if not found:
        raise SystemExit(1)


@cities.command("decisions")
def decisions_() -> None:
    """What people decided: when, who, which label, why, and whether it holds."""
    try:
        made = decisions_file.read(Project.open().settings.decisions)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    console().print(decisions_view(made))


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
    project = Project.open()
    with _register(project) as register:
        case = queue.case(register, source, name, code, country)
        place = None if city is None else register.place(city)
        deciding.decide(project.settings.decisions, case, place, reviewer, reason)
    _confirm(case, place)


@cities.command()
@_label
@_reason
@_reviewer
def revoke(**given: Any) -> None:
    """Take a decision back: the label is decided by the evidence again, from the next run on."""
    try:
        made = deciding.revoke(Project.open().settings.decisions, **given)
    except (LookupError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    say(f"revoked: {queue.label_text(*made.label[1:])} of {made.source_id}; see `wcn run`")


@cities.command()
@_waiting
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def export(outcomes: tuple[str, ...], source: str | None, file: Path) -> None:
    """Write the labels that wait for a person to FILE, a table for a spreadsheet.

    There `verdict` (city or not_a_city), `city_id` and `reason` are filled in; `wcn cities import`
    reads it back.
    """
    if file.exists():
        raise click.ClickException(f"{file} is there already; give another name")
    project = Project.open()
    with _register(project) as register:
        waiting, _ = queue.queue(register, outcomes, source, _decisions(project))
        decision_table.export(waiting, file)
    say(f"{len(waiting)} in {file}")


@cities.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_reviewer
def import_(file: Path, reviewer: str) -> None:
    """Take the decisions of a table that `wcn cities export` wrote: all of them, or none."""
    project = Project.open()
    decisions = project.settings.decisions
    with _register(project) as register:
        done = decision_table.decide_all(register, decisions, file, reviewer)
    for text in done.abroad:
        say(f"in another country: {text}")
    holding = f"; {done.holding} hold already" if done.holding else ""
    say(f"{len(done.made)} decided in {decisions}{holding}; `wcn run` applies them")


@cities.command()
@_waiting
@_reviewer
def review(outcomes: tuple[str, ...], source: str | None, reviewer: str) -> None:
    """Walk through the labels that wait for a person, those with most cells first."""
    project = Project.open()
    decisions, made = project.settings.decisions, 0
    with _register(project) as register:
        waiting, decided = queue.queue(register, outcomes, source, _decisions(project))
        if decided:
            say(f"{decided} are decided and wait for the next `wcn run`")
        if not waiting:
            say("nothing waits for review")
        try:
            for position, case in enumerate(waiting, start=1):
                console().print(case_view(case, f"{position}/{len(waiting)}"))
                made += _ask(register, decisions, case, reviewer)
        except (click.Abort, EOFError):
            # The end of the input, `q` or Ctrl-C: what was decided is written already.
            say()
    say(f"{made} decided" + (f" in {decisions}; `wcn run` applies them" if made else ""))


def _decisions(project: Project) -> list[Decision]:
    return decisions_file.read(project.settings.decisions)


def _ask(register: Register, decisions: Path, case: Case, reviewer: str) -> bool:
    """Ask until there is an answer; whether it was a decision. Raises Abort for `q`."""
    while True:
        answer = click.prompt(_CHOICES, type=str).strip().lower()
        if answer == "q":
            raise click.Abort
        if answer == "s":
            return False
        try:
            place = None if answer == "n" else _chosen(register, case, answer)
        except LookupError as error:
            say(str(error))
            continue
        reason = ""
        while not reason.strip():
            reason = click.prompt("why", type=str)
        deciding.decide(decisions, case, place, reviewer, reason)
        _confirm(case, place)
        return True


def _chosen(register: Register, case: Case, answer: str) -> Place:
    if not answer.isdigit():
        raise LookupError(f"{answer!r} is none of: {_CHOICES}")
    number = int(answer)
    if 1 <= number <= len(case.candidates):
        return case.candidates[number - 1]
    return register.place(number)


def _confirm(case: Case, place: Place | None) -> None:
    city = f"{place.name} ({place.city_id})" if place else "not a city"
    say(f"decided: {case.label} of {case.source_id} → {city}")
