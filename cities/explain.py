"""Why a label means the city that it means: what every step made of it.

Belongs here: reading one label's rows from the tables of the pipeline. Does not belong here: how
it is shown (`cli.render`), deciding anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from cities.cache import Cache
from cities.inputs import Inputs
from cities.resolve import LINK, LINK_BY_NAME, REVIEW, pipeline

Record = dict[str, Any]

# Evidence that is chosen by level: contribution → the column of candidate_evidence with its level.
_LEVELS = {
    "name": "name_level",
    "country": "country_level",
    "admin": "admin_level",
    "distance": "distance_level",
    "population": "population_level",
    "official": "official_level",
    "listed": "listed_level",
}
# Evidence that is measured: contribution → what is multiplied by a weight, or added as it is.
_MEASURES = {
    "size": "size",
    "usual_size": "usual_size",
    "name_count": "name_count",
    "tie": "tie_affinity",
    "name_length": "name_length",
    "common_name": "name_commonness",
    "coordinate_error": "coordinate_error",
    "population_mismatch": "population_mismatch",
    "gazetteer_gap": "gazetteer_gap",
}


@dataclass(frozen=True)
class Contribution:
    """What one evidence adds to a candidate's score (natural logarithm of odds)."""

    evidence: str
    level: str | None
    """The level, for evidence that is chosen by level."""
    measure: float | None
    """What was measured, for evidence that is multiplied by a weight."""
    weight: float


@dataclass(frozen=True)
class Candidate:
    """A city that the label may mean; `score` is the sum of its contributions."""

    city_id: int
    name: str
    country_iso2: str
    admin1: str | None
    population: int | None
    km: float | None
    score: float
    probability: float | None
    """None for a candidate that another stands for, or that its source lists otherwise."""
    set_aside: str | None
    """`twin` or `listed_otherwise`, where it has no probability."""
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True)
class Explanation:
    """What the steps made of one label, in their order."""

    given: Record
    """The label as its source gives it."""
    parsed: Record
    """Name, country, admin unit, coordinates and population, as they were read."""
    names: tuple[Record, ...]
    """`rank`, `name`: the keys under which it was looked for."""
    countries: tuple[str, ...]
    found: tuple[Record, ...]
    """Every city that was found, and how; more than `candidates` where something contradicts."""
    none_of_these: float
    """The score of "none of these"."""
    candidates: tuple[Candidate, ...]
    link: float
    review: float
    """From which probability on a label is linked, and goes to a person."""
    claims_of_no_city: tuple[str, ...]
    decision: Record
    """The row of `resolve`."""


def explain(
    labels: pa.Table,
    places: pa.Table,
    codes: pa.Table,
    rules: pa.Table,
    decisions: pa.Table | None = None,
    sections: pa.Table | None = None,
    ties: pa.Table | None = None,
    previous: pa.Table | None = None,
    *,
    ref_area: str,
    source_id: str | None = None,
    cache: Path | None = None,
) -> list[Explanation]:
    """Explain every label that is written so, or has this code; one entry per label.

    The tables are those of `cities.resolve.resolve`, with the labels of all sources: how large the
    places are that a source lists, how often its coordinates are wrong, which codes labels share,
    is learned from all of them. With the one label alone another answer would be explained than
    the one that was given. So the whole pipeline runs; `cache` spares it the gazetteer.

    `ref_area`: the label's text or code, exactly as written, or as the code list gives it.
    Empty where no label is written so.
    """
    inputs = Inputs(labels, places, codes, rules, decisions, sections, ties, previous)
    kept = None if cache is None else Cache(cache, inputs)
    with pipeline(inputs, kept) as steps:
        steps.run()
        connection = steps.connection
        asked = _records(
            connection,
            """select label_id from label
            where ? in (written, ref_area, ref_area_code) and source_id = coalesce(?, source_id)
            order by source_id, label_id""",
            [ref_area, source_id],
        )
        return [_explanation(connection, row["label_id"]) for row in asked]


def _explanation(connection: duckdb.DuckDBPyConnection, label_id: object) -> Explanation:
    def rows(query: str) -> list[Record]:
        return _records(connection, query, [label_id])

    (none,) = _records(connection, "select weight_of('none', 'constant') as score", [])
    (decision,) = rows("from decision where label_id = ?")
    decision["candidates"] = json.loads(decision["candidates"] or "[]")
    (stated,) = rows("select country_text is null as by_name from label where label_id = ?")
    return Explanation(
        given=rows("from label_in where label_id = ?")[0],
        parsed=rows(
            """select written, bare, country_text, country_iso2, admin_code, likely_admin,
                spatial_unit, lat as latitude, lon as longitude,
                coalesce(stated_population, code_population) as population,
                code_label, is_point, is_known as is_country_known
            from label where label_id = ?"""
        )[0],
        names=tuple(rows("select rank, name from label_name where label_id = ? order by all")),
        countries=tuple(
            row["country_iso2"]
            for row in rows(
                """select country_iso2 from label_country where label_id = ?
                order by is_own desc, country_iso2"""
            )
        ),
        found=tuple(
            rows(
                """select city_id, place.name, rank, similarity, likeness_kind, is_main, is_folded,
                    is_twice
                from found_candidate inner join place using (city_id)
                where label_id = ? order by rank, similarity desc, city_id"""
            )
        ),
        none_of_these=none["score"],
        candidates=tuple(_candidate(row) for row in rows(_CANDIDATES)),
        link=LINK_BY_NAME if stated["by_name"] else LINK,
        review=REVIEW,
        claims_of_no_city=tuple(
            row["kind"] for row in rows("from no_city_claim where label_id = ? order by kind")
        ),
        decision=decision,
    )


_CANDIDATES = """
select
    candidate_evidence.*,
    contribution.* exclude (label_id, city_id),
    place.country_iso2,
    place.population as known_population,
    scored.score as score,
    candidate.probability,
    case
        when twin.city_id is not null then 'twin'
        when listed_otherwise.city_id is not null then 'listed_otherwise'
    end as set_aside
from candidate_evidence
inner join contribution using (label_id, city_id)
inner join scored using (label_id, city_id)
inner join place using (city_id)
left join candidate using (label_id, city_id)
left join twin using (label_id, city_id)
left join listed_otherwise using (label_id, city_id)
where label_id = ?
order by candidate.probability desc nulls last, scored.score desc, city_id
"""


def _candidate(row: Record) -> Candidate:
    contributions = []
    for column, weight in row.items():
        evidence = column.removeprefix("from_")
        if evidence == column:
            continue
        level, measure = _LEVELS.get(evidence), _MEASURES.get(evidence)
        contributions.append(
            Contribution(
                evidence,
                row[level] if level else None,
                float(row[measure]) if measure else None,
                float(weight),
            )
        )
    return Candidate(
        city_id=row["city_id"],
        name=row["name"],
        country_iso2=row["country_iso2"],
        admin1=row["admin1"],
        population=row["known_population"],
        km=row["km"],
        score=row["score"],
        probability=row["probability"],
        set_aside=row["set_aside"],
        contributions=tuple(contributions),
    )


def _records(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any]
) -> list[Record]:
    made = connection.execute(query, parameters).to_arrow_table()
    rows: list[Record] = made.to_pylist()
    return rows
