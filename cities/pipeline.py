"""The steps from labels to cities, in order: one SQL file, one table, one grain each.

`STEPS` names every step. A step's file holds one query; its first comment line says of what the
table has one row. A pipeline runs them on a connection, all or up to a named one, and records how
long each took and how many rows it made.

Belongs here: which steps there are, their order, and running them. Does not belong here: what a
step does (`steps/`), where inputs come from (`inputs.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

_HERE = Path(__file__).parent
KEY_MACROS = _HERE / "macros" / "keys.sql"
MACROS = tuple(_HERE / "macros" / f"{n}.sql" for n in ("keys", "names", "places", "labels"))

_GAZETTEER = {
    "names": "place spelling main_name gazetteer_name name_count section_name country_name"
    " territory_name subdivision",
    "official": "official_entry official_reading official_candidate official_place official_name"
    " place_name",
    "lists": "code_entry iso_admin admin_name listed_town register_code",
}
_LABELS = {
    "labels": "label_code code_population stated_place label_text label label_country bare_name"
    " name_part hyphenated_name first_name label_name label_part reviewed",
    "candidates": "placed_name name_match named_candidate unnamed similar_pair likeness"
    " similar_candidate unplaced around found_candidate",
    "evidence": "accompanied official_meaning official_evidence region_named named_elsewhere"
    " name_usage bracket_admin listing listed_evidence candidate_fact only_one tie sure_country"
    " tie_count tie_evidence usual_size coordinate_error population_mismatch gazetteer_gap"
    " common_name candidate_evidence",
    "scores": "contribution scored top_candidate twin listed_otherwise candidate",
    "decisions": "no_city_claim not_city best held catchment_city registered decided label_code_use"
    " shared_code contested_code contested_bracket contested_name contested member settled"
    " near_miss excluded decision",
}


@dataclass(frozen=True)
class Step:
    """One table of the pipeline."""

    stage: str
    table: str

    @property
    def path(self) -> Path:
        """The file of its query."""
        return _HERE / "steps" / self.stage / f"{self.table}.sql"

    @property
    def query(self) -> str:
        """What its rows are."""
        return self.path.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Ran:
    """What became of a step: its time in seconds, the rows of its table."""

    step: Step
    seconds: float
    rows: int


GAZETTEER_STEPS = tuple(Step(s, t) for s, tables in _GAZETTEER.items() for t in tables.split())
"""What depends on places, code lists and sections alone."""
SCRATCH = frozenset({"spelling", "main_name", "gazetteer_name", "official_candidate"})
"""Tables that only steps read that know no labels: nobody needs them when those are done."""
LABEL_STEPS = tuple(Step(s, t) for s, tables in _LABELS.items() for t in tables.split())
STEPS = GAZETTEER_STEPS + LABEL_STEPS


class Pipeline:
    """Runs steps on a connection, in which their inputs, rules and macros stand already."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        progress: Callable[[str], None] = lambda _text: None,
    ) -> None:
        """`progress` is told of every stage when it begins."""
        self.connection = connection
        self._progress = progress
        self.ran: list[Ran] = []
        self._skipped: set[Step] = set()

    def run(self, up_to: str | None = None) -> None:
        """Run every step that has not run yet, up to the named table and with it.

        Raises KeyError for a table that no step makes, or that was skipped.
        """
        if up_to is not None and up_to not in {s.table for s in STEPS if s not in self._skipped}:
            raise KeyError(up_to)
        done = {ran.step for ran in self.ran} | self._skipped
        begun = ""
        for step in STEPS:
            if step not in done:
                if step.stage != begun:
                    begun = step.stage
                    self._progress(begun)
                self._run(step)
            if step.table == up_to:
                return

    def adopt(self, step: Step, relation: str) -> None:
        """Take a step's rows from a relation that an earlier run made."""
        started = time.monotonic()
        self.connection.execute(f"create view {step.table} as from {relation}")
        self._record(step, started, f"select count(*) from {step.table}")

    def skip(self, step: Step) -> None:
        """Leave a step out, whose table no other step is going to read."""
        self._skipped.add(step)

    def _run(self, step: Step) -> None:
        # Its answer is the number of rows.
        self._record(step, time.monotonic(), f"create table {step.table} as {step.query}")

    def _record(self, step: Step, started: float, counting: str) -> None:
        try:
            (rows,) = self.connection.execute(counting).fetchall()[0]
        except duckdb.Error as error:
            error.add_note(f"in step {step.stage}/{step.table}")
            raise
        self.ran.append(Ran(step, time.monotonic() - started, rows))
