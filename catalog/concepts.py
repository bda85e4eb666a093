"""What may be declared of a concept: frozen pydantic models of the YAML files of this room.

Belongs here: indicators, networks, licences. Does not belong here: sources and their columns.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Licence(_Frozen):
    """One entry of the closed list of licences."""

    name: str
    spdx: str | None
    url: str | None = None
    may_redistribute: bool
    share_alike: bool = False
    non_commercial: bool = False


class Network(_Frozen):
    """One kind of edge: between two places (`link`), or of a place with an organisation."""

    network: str
    theme: str
    name: str
    definition: str
    kind: Literal["link", "affiliation"]
    directed: bool = True
    """An undirected link is one, whichever end states it."""
    weight: str
    """What a weight of one means."""
    scope: str
    """Which nodes it has, and which it leaves out."""
    reference_period: str
    """The year or years that it speaks of."""
    caveat: str
    """What may not be concluded from it."""
    aggregation: Literal["count", "max"]
    """How the cells of one edge become its weight: how many there are, or the largest value."""
    comparable: bool = True
    """Whether its periods are editions of one list, so that what differs is change."""
    floor: float = 1
    """Of affiliations: an interlock below is no tie. It keeps the pairs of a large list few."""


class ValidRange(_Frozen):
    """Values outside are impossible (not merely unusual). `above` excludes its own value."""

    min: float | None = None
    above: float | None = None
    max: float | None = None


class Indicator(_Frozen):
    """One concept that cities are compared by, and how periods become years."""

    indicator: str
    theme: str
    name: str
    definition: str
    unit_measure: str
    concept: str | None = None
    """What is measured, where several codes measure it in other units, ways or years; without it,
    the code itself."""
    direction: Literal["higher_is_better", "lower_is_better", "neutral"]
    direction_reason: str | None = None
    """Why neither more nor less is better; said of `neutral` alone."""
    value_kind: Literal["stock", "flow", "ratio", "index", "price", "normal", "count"]
    valid_range: ValidRange = ValidRange()
    per_person_range: ValidRange = ValidRange()
    """The same for the value per inhabitant of the city, by the gazetteer's population."""
    price_base: str | None = None
    """For money: `current` (prices of the period), or the year whose prices are meant."""
    derived_from: str | None = None
    """The concept whose cells this one is computed from; without it, its own."""
    aggregation: Literal["none", "mean", "median", "sum", "min", "max", "last", "count"] = "none"
    min_periods: int = 1
    max_step: float | None = 5.0
    """A lone value this many times above or below its two neighbours in time, where those agree, is
    rejected. None: values may jump (temperatures, small counts)."""
    gazetteer_comparable: bool = False
    """Whether the gazetteer states the same quantity: its figure then bounds the values."""
    population_hint: bool = False
    """Whether it tells how large a place is: a hint which of two homonyms a label means."""
    code_scheme: str | None = None
    """The scheme of the codes that the cells are, where they are codes (`iata`)."""

    @model_validator(mode="after")
    def _neutral_says_why(self) -> Indicator:
        if (self.direction == "neutral") != (self.direction_reason is not None):
            raise ValueError("`direction_reason` stands with `direction: neutral`, and only there")
        return self
