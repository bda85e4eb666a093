"""Labels → cities: codes, then names, weighed with country, admin unit, place and population.

A code that the register knows beats any name. Otherwise every city that a label may mean is scored
by what agrees and what does not, beside the other candidates and beside "none of these"; what is
probable enough is linked, what is not quite goes to a person, and the rest is refused with its best
candidates. What is no city (a district, a region, a country) is known before anything is scored. A
person's decision comes before all of this.

Belongs here: asking the pipeline. Does not belong here: its steps (`pipeline.py`, `steps/`), what
sources or facts are, how the weights were found (`evaluation/`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from cities import rulebook
from cities.cache import Cache
from cities.inputs import Inputs, register_gazetteer, register_labels
from cities.pipeline import MACROS, Pipeline, Ran

# From this probability on a label is linked; from the lower one on a person is asked.
LINK = 0.93
# A name alone, without a country, has to be surer: of 120 links judged by eye, two were wrong.
LINK_BY_NAME = 0.97
REVIEW = 0.6
# Down to this one, a link holds that readers have.
KEEP = 0.8


def resolve(
    labels: pa.Table,
    places: pa.Table,
    codes: pa.Table,
    rules: pa.Table,
    decisions: pa.Table | None = None,
    sections: pa.Table | None = None,
    ties: pa.Table | None = None,
    previous: pa.Table | None = None,
    *,
    cache: Path | None = None,
    ran: list[Ran] | None = None,
    progress: Callable[[str], None] = lambda _text: None,
) -> pa.Table:
    """Decide for every label.

    `labels`: label_id, source_id, code_scheme, ref_area_code, other_code_scheme, other_code,
        ref_area, country, admin1, latitude, longitude, spatial_unit (text), population (persons,
        or null); one row per distinct label of a source.
    `places`: city_id, name, ascii_name, alternate_names (JSON list), country_iso2, admin1,
        latitude, longitude, population, is_core (a city by itself, not only where it carries
        something), place_class (`capital`, `seat` of an admin unit, `populated_place`, `unknown`);
        one row per place.
    `codes`: codelist (source id), code, label, country, admin1, latitude, longitude,
        other_code_scheme, other_code: an entry with a GeoNames id leads to that city.
    `rules`: source_id, resolve_by, codelist, reach_km, near_km, without_country, countries.
    `decisions`: see `cities.review`. `sections`: country_iso2, name of parts of cities.
    `ties`: label_id, other_label_id: what a network ties together; it helps labels without a
        country.
    `previous`: label_id, city_id: the links that readers have.
    `cache`: a folder in which answers and the prepared gazetteer are kept; see `cities.cache`.
    `ran`: gets every step that ran, with its seconds and rows; none where the answer was kept.
    `progress`: told of every stage when it begins.
    Returns one row per label: label_id, source_id, code_scheme, ref_area_code, other_code_scheme,
        other_code, ref_area (as written, or as the code list gives it), given_ref_area,
        given_country, given_admin1 (as the source gives them), latitude, longitude (degrees, the
        source's or the code list's), population (persons, as the source says), city_id,
        country_iso2, spatial_unit, method, probability,
        outcome (`resolved`, `not_a_city`, `in_review`, `city_unknown`, `city_ambiguous`,
        `country_unknown`, `no_city_within_reach`, `code_unknown`), reviewed_by, review_reason,
        member_city_ids (of a polycentric unit: the cities in its name, its principal one too),
        candidates (JSON list of {city_id, name, admin1, km, population, probability}).
    Raises `cities.rulebook.RuleError` where a rule file is not what it must be.
    """
    inputs = Inputs(labels, places, codes, rules, decisions, sections, ties, previous)
    kept = None if cache is None else Cache(cache, inputs)
    if kept is not None and (answer := kept.answer()) is not None:
        return answer
    with pipeline(inputs, kept, progress) as steps:
        steps.run()
        if ran is not None:
            ran.extend(steps.ran)
        made = steps.connection.execute("from decision order by label_id").to_arrow_table()
    if kept is not None:
        kept.keep(made)
    return made


def weigh(
    labels: pa.Table,
    places: pa.Table,
    codes: pa.Table,
    rules: pa.Table,
    sections: pa.Table | None = None,
) -> pa.Table:
    """What `resolve` weighs: one row per label × candidate, with its evidence and probability.

    Columns: label_id, city_id, name_level, country_level, admin_level, distance_level,
    population_level, official_level, listed_level, size, usual_size, name_count, place_class,
    is_unsized, name_commonness, name_length, coordinate_error, population_mismatch, gazetteer_gap,
    score, probability.
    """
    with pipeline(Inputs(labels, places, codes, rules, None, sections)) as steps:
        steps.run("candidate")
        return steps.connection.execute(
            """select label_id, city_id, name_level, country_level, admin_level, distance_level,
                population_level, official_level, listed_level, size, usual_size, name_count,
                place_class, population = 0 as is_unsized, name_commonness, name_length,
                coordinate_error, population_mismatch, gazetteer_gap, score, probability
            from candidate inner join candidate_evidence using (label_id, city_id)
            inner join contribution using (label_id, city_id)
            order by label_id, city_id"""
        ).to_arrow_table()


@contextmanager
def pipeline(
    inputs: Inputs,
    kept: Cache | None = None,
    progress: Callable[[str], None] = lambda _text: None,
) -> Iterator[Pipeline]:
    """A pipeline with its inputs, on a database of its own; a cache has the gazetteer ready."""
    with duckdb.connect() as connection:
        for path in MACROS:
            connection.execute(path.read_text(encoding="utf-8"))
        rulebook.declare(connection, rulebook.load())
        connection.execute(
            f"create table threshold as select {LINK} as link, {LINK_BY_NAME} as link_by_name,"
            f" {REVIEW} as review, {KEEP} as keep"
        )
        steps = Pipeline(connection, progress)
        if kept is None:
            register_gazetteer(connection, inputs)
        else:
            kept.prepare_gazetteer(steps)
        register_labels(connection, inputs)
        yield steps
