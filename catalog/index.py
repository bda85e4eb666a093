"""What may be declared of an index: frozen pydantic models of one YAML file.

Belongs here: the words of a declaration and what must hold among them. Does not belong here:
scores (`analysis.indices`), and which cities there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Direction = Literal["higher_is_better", "lower_is_better"]
Normaliser = Literal["goalposts", "minmax", "zscore", "rank", "percentile", "distance_to_best"]
Mean = Literal["arithmetic", "geometric", "harmonic"]
Aggregator = Literal["arithmetic", "geometric", "harmonic", "copeland"]
Imputation = Literal["left_out", "median", "peers"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Goalposts(_Frozen):
    """Values in the unit of the indicator that earn the lowest score and 100, whoever joins."""

    worst: float = Field(allow_inf_nan=False)
    """What has the lowest score, and everything beyond it."""
    best: float = Field(allow_inf_nan=False)
    """What has 100, and everything beyond it; below `worst` where less is better."""
    scale: Literal["linear", "log"] = "linear"
    """`log`: twice as much is one step, wherever it begins, as for incomes and counts of ties. What
    is not above zero stands at the lower one of the two."""

    @model_validator(mode="after")
    def _apart(self) -> Goalposts:
        if self.scale == "log" and min(self.worst, self.best) <= 0:
            raise ValueError("`scale: log` needs a worst and a best above zero")
        if self.worst == self.best:
            raise ValueError(
                f"`worst` and `best` are both {self.worst}: nobody could be told apart"
            )
        return self

    @property
    def direction(self) -> Direction:
        """Which way is better, by the order of the two."""
        return "higher_is_better" if self.best > self.worst else "lower_is_better"


class Part(_Frozen):
    """One node below the index: of further parts, or a leaf that is an indicator."""

    name: str
    """In English, for readers."""
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """Against its neighbours under the same parent: only the proportion counts."""
    aggregate: Aggregator | None = None
    """How its own parts are brought together; without it, as above it."""
    parts: dict[str, Part] | None = None
    """What it is made of, by code; without them it is a leaf."""
    indicator: str | None = None
    """Of a leaf; without it, the code of the leaf."""
    per: str | None = None
    """An indicator that the value is divided by."""
    direction: Direction | None = None
    """Of a leaf; without it, as its goalposts say."""
    goalposts: Goalposts | None = None
    """Of a leaf: the values that earn the lowest score and 100."""

    @property
    def better(self) -> Direction | None:
        """Of a leaf, which way is better."""
        return self.goalposts.direction if self.goalposts else self.direction

    @model_validator(mode="after")
    def _branch_or_leaf(self) -> Part:
        of_leaf = [
            word
            for word in ("indicator", "per", "direction", "goalposts")
            if getattr(self, word) is not None
        ]
        if self.parts is not None:
            if of_leaf:
                raise ValueError(f"`{of_leaf[0]}` is said of a leaf, and this has `parts`")
            if not self.parts:
                raise ValueError("`parts` without a part")
        elif self.aggregate is not None:
            raise ValueError("`aggregate` without `parts`: a leaf has nothing to bring together")
        elif self.goalposts is not None:
            if self.direction not in (None, self.goalposts.direction):
                raise ValueError(
                    f"`direction: {self.direction}`, but goalposts from {self.goalposts.worst}"
                    f" (worst) to {self.goalposts.best} (best) say {self.goalposts.direction}"
                )
        elif self.direction is None:
            raise ValueError("a leaf needs `direction` or `goalposts`")
        return self


class Treatment(_Frozen):
    """When a leaf has outliers, and how many points at most are drawn in before a logarithm."""

    skewness: float = Field(default=2.0, gt=0)
    """There are outliers where the skewness is beyond this on either side,"""
    kurtosis: float = 3.5
    """and the excess kurtosis above this."""
    max_points: int = Field(default=5, ge=0)
    """So many values are drawn in; then a logarithm is taken."""


class Cities(_Frozen):
    """Which cities are in; what is not said leaves all in."""

    min_population: float | None = None
    """Inhabitants, by the gazetteer."""
    countries: tuple[Annotated[str, Field(pattern="^[A-Z]{2}$")], ...] | None = None
    """ISO 3166-1 alpha-2."""


class Coverage(_Frozen):
    """The least share of weight with a value, in the index and in each part, to have a rank."""

    index: float = Field(default=0.7, ge=0, le=1)
    """Of the whole index."""
    part: float = Field(default=0.5, ge=0, le=1)
    """Of every part."""


class ZScore(_Frozen):
    """Mean and standard deviation that z-scores are given."""

    mean: float = 0.0
    sd: float = Field(default=1.0, gt=0)


class Uncertainty(_Frozen):
    """Choices that might as well have been made; what the index declares is always among them."""

    draws: int = Field(default=1000, gt=0)
    """How many rankings are drawn."""
    seed: int = Field(default=1, ge=0)
    """Of all that is random: the same seed gives the same intervals."""
    concentration: float = Field(default=50.0, gt=0)
    """Of the Dirichlet distribution of weights around the declared ones: a share w of a parent's
    weight has the standard deviation sqrt(w (1 - w) / (concentration + 1))."""
    normalise: tuple[Normaliser, ...] = ()
    """Other normalisers."""
    aggregate: tuple[Mean, ...] = ()
    """Other means, in place of the index's own."""
    treat: tuple[bool, ...] = ()
    """Whether outliers are treated."""
    impute: tuple[Imputation, ...] = ()
    """What stands for a missing value: nothing, the median, or the mean of the nearest cities."""


class Index(_Frozen):
    """A comparison of cities by one number, and all that was chosen to get it."""

    index: str
    """Its code: the name of the file, and not said in it."""
    name: str
    """In English, for readers."""
    question: str
    """What it answers."""
    audience: str
    """For whom."""
    purpose: str
    """What it compares."""
    reading: str
    """What a high score means, in a sentence."""
    limits: str
    """What may not be concluded from it."""
    cities: Cities = Cities()
    """Which cities are in."""
    years: tuple[int, ...] = Field(min_length=1)
    """Each has its own ranking."""
    year_lag: int = Field(default=0, ge=0)
    """How many years a value may be older than the year of the index."""
    spatial_units: tuple[str, ...] = Field(min_length=1)
    """Boundaries whose values count, the preferred one first."""
    coverage: Coverage = Coverage()
    """Who lacks more has no rank."""
    treat: Treatment | None = None
    """What is done to outliers; without it, nothing."""
    normalise: Normaliser = "goalposts"
    """How values become scores; under `goalposts` no city's score depends on others."""
    lowest: float = Field(default=0.0, ge=0, lt=100)
    """The score of the worst, of `goalposts`, `minmax` and `percentile`; the best has 100."""
    zscore: ZScore = ZScore()
    """Of z-scores."""
    aggregate: Aggregator = "arithmetic"
    """How scores are brought together; a part may say otherwise."""
    floor: float = Field(default=1.0, gt=0, lt=100)
    """What enters a geometric or harmonic mean is at least this."""
    parts: dict[str, Part] = Field(min_length=1)
    """What it is made of, by code."""
    uncertainty: Uncertainty = Uncertainty()
    """What might have been chosen otherwise."""

    def nodes(self) -> Iterator[tuple[str, Part, str, int]]:
        """Code, node, code of its parent and depth (1 below the index), by code among siblings."""

        def below(
            parts: dict[str, Part], parent: str, depth: int
        ) -> Iterator[tuple[str, Part, str, int]]:
            for code, part in sorted(parts.items()):
                yield code, part, parent, depth
                yield from below(part.parts or {}, code, depth + 1)

        return below(self.parts, self.index, 1)

    @model_validator(mode="after")
    def _codes_are_unique(self) -> Index:
        seen = {self.index}
        for code, *_ in self.nodes():
            if code in seen:
                raise ValueError(f"the code {code!r} stands twice in the tree")
            seen.add(code)
        return self

    @model_validator(mode="after")
    def _nothing_is_said_twice(self) -> Index:
        if len(set(self.years)) < len(self.years) or not all(1900 <= y < 2100 for y in self.years):
            raise ValueError(f"`years` between 1900 and 2100, each once; found {self.years}")
        seen: dict[tuple[str, str | None], str] = {}
        for code, part, *_ in self.nodes():
            figure = (part.indicator or code, part.per)
            if part.parts is None and seen.setdefault(figure, code) != code:
                raise ValueError(f"{seen[figure]!r} and {code!r} are one figure")
        return self

    @model_validator(mode="after")
    def _shares_are_of_one_boundary(self) -> Index:
        # A value of one boundary by the inhabitants of another is nothing.
        if len(self.spatial_units) > 1 and any(part.per for _, part, *_ in self.nodes()):
            raise ValueError("`per` needs one boundary in `spatial_units`")
        return self

    @model_validator(mode="after")
    def _scale_is_possible(self) -> Index:
        normalisers = {self.normalise, *self.uncertainty.normalise}
        aggregators = {self.aggregate, *self.uncertainty.aggregate}
        aggregators |= {part.aggregate for _, part, *_ in self.nodes() if part.aggregate}
        if "goalposts" in normalisers:
            for code, part, *_ in self.nodes():
                if part.parts is None and part.goalposts is None:
                    raise ValueError(f"`normalise: goalposts`, but {code!r} has no `goalposts`")
        spread = self.zscore.mean - 3 * self.zscore.sd
        if "zscore" in normalisers and aggregators & {"geometric", "harmonic"} and spread < 0:
            raise ValueError(
                "a geometric or harmonic mean needs scores above zero: give z-scores a mean of at"
                " least three times their deviation, such as `zscore: {mean: 50, sd: 10}`"
            )
        return self
