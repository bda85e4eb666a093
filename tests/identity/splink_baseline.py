"""Splink beside the matcher: `python -m tests.identity.splink_baseline [RECORDINGS]`.

Splink (Fellegi–Sunter record linkage on DuckDB: Linacre et al. 2022) links the labelled cases with
the places of the gazetteer. It is given what the matcher is given, read by the same SQL: normalised
names and their parts, country, admin unit, coordinates, population. Three models, by where their
parameters come from (m: how often a level is seen in true pairs, u: in others):

* `em`: u of random pairs, m by expectation maximisation over all cases; no label is used
* `labels`: u of random pairs, m of the tuning half's labels
* `labels, near u`: m of the same labels, u of the tuning half's wrong candidates

The answer to a case is its best-scoring place, where the score reaches a threshold; that is chosen
on the tuning half for a precision, and measured on the other. Counted as in `measure`: all strata
but `name_only`, without what is no city.

Splink is no dependency of the project: `uv pip install splink==5.0.0` puts it beside.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import numpy as np

from cities import resolve
from tests.identity import measure

try:
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_level_library as levels
    from splink.comparison_library import CustomComparison, DistanceInKMAtThresholds
except ImportError:
    sys.exit("Splink is not installed: uv pip install splink==5.0.0")

PRECISIONS = (0.998, 0.99)
SHOWN = (0.5, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98)
RANDOM_PAIRS = 3e7
# One rule leaves the name to be estimated, the other the distance.
_CELL = "floor(l.lat * 50) = floor(r.lat * 50) and floor(l.lon * 50) = floor(r.lon * 50)"
TRAINING = (
    "l.country = r.country and l.whole[1] = r.whole[1]",
    f"l.country = r.country and {_CELL}",
)

# Both sides with the same columns, as Splink wants them. A pair is compared where the country (or a
# territory of it) and a key agree: a name, its consonants, its ends, or the cell of the map.
RECORDS = """
create macro keys_of(name, short_name) as ['=' || name] || if(length(short_name) < 4, [],
    ['k' || skeleton(short_name), '<' || left(short_name, 4), '>' || right(short_name, 4)]);
create macro cell(lat, lon) as '@' || floor(lat * 5)::int || ' ' || floor(lon * 5)::int;

create table the_case as
with spelt as (select *, squeezed(name) as short_name from label_name),
key as (
    select label_id, unnest(keys_of(name, short_name)) as key from spelt
    union
    select label_id, cell(lat + dy, lon + dx)
    from label, (select unnest([-0.2, 0, 0.2]) as dy), (select unnest([-0.2, 0, 0.2]) as dx)
    where lat is not null
),
keyed as (
    select label_id, list(country_iso2 || key) as keys
    from key inner join label_country using (label_id) group by label_id
)
select label_id as unique_id, list(distinct name) as every,
    coalesce(list(distinct name) filter (rank = 1), []) as whole,
    coalesce(list(distinct name) filter (rank = 2), []) as part,
    coalesce(list(distinct name) filter (rank = 3), []) as first_of,
    coalesce(list(distinct short_name) filter (rank <= 2), []) as short,
    any_value(country_iso2) as country, any_value(country_iso2 || ' ' || admin_code) as admin,
    any_value(country_iso2 || ' ' || likely_admin) as likely, any_value(lat) as lat,
    any_value(lon) as lon, any_value(said_population) as population, any_value(keys) as keys
from (select label_id, country_iso2, admin_code, likely_admin, lat, lon, said_population from label)
inner join spelt using (label_id) inner join keyed using (label_id) group by label_id;

create table the_place as
with key as (
    select city_id, country_iso2 || unnest(keys_of(name, short_name)) as key from place_name
    union
    select city_id, country_iso2 || cell(latitude, longitude) from place
),
keyed as (
    select city_id, list(key) as keys from key
    where key in (select unnest(keys) from the_case) group by city_id
),
named as (
    select city_id, list(distinct name) as every, list(distinct name) filter (is_main) as whole,
        list(distinct short_name) as short
    from place_name group by city_id
)
select city_id::varchar as unique_id, every, whole, []::varchar[] as part,
    []::varchar[] as first_of, short, country_iso2 as country,
    country_iso2 || ' ' || admin1 as admin, admin as likely, latitude as lat, longitude as lon,
    population::double as population, coalesce(keys, []) as keys
from place inner join named using (city_id) left join keyed using (city_id);

create table judged as
select *, case_id::varchar as id, string_split(concat_ws(' ', city_id, also), ' ') as ids
from labelled where verdict in ('city', 'none') and stratum != 'name_only';

create table true_pair as
select 'the_case' as source_dataset_l, id as unique_id_l, 'the_place' as source_dataset_r,
    city_id as unique_id_r
from judged where half = 'tune' and verdict = 'city';

create table wrong_pair as
with ours as (select id, ids, unnest(keys) as key from judged, the_case
    where unique_id = id and half = 'tune'),
theirs as (select unique_id, unnest(keys) as key from the_place)
select distinct 'the_case' as source_dataset_l, id as unique_id_l,
    'the_place' as source_dataset_r, unique_id as unique_id_r
from ours inner join theirs using (key) where not list_contains(ids, unique_id);
"""

# The best place of each case; of equals, the larger.
BEST = """
select half, match_weight as weight, list_contains(ids, unique_id_r) as is_right
from {predicted} inner join judged on id = unique_id_l inner join the_place on unique_id = unique_id_r
qualify row_number() over (
    partition by id order by match_weight desc, the_place.population desc nulls last, unique_id_r
) = 1 order by match_weight desc
"""


def settings() -> SettingsCreator:
    """The comparisons and their levels, the most telling first."""
    names = [
        f"list_has_any({ours}_l, {theirs}_r)"
        for ours in ("whole", "part", "first_of")
        for theirs in ("whole", "every")
    ]
    alike = levels.PairwiseStringDistanceFunctionLevel
    names += [alike("short", "jaro_winkler", least) for least in (0.999, 0.95, 0.9, 0.85)]
    factor = "greatest(population_l / population_r, population_r / population_l)"
    no_unit = "coalesce(admin_l, likely_l) is null or admin_r is null"
    return SettingsCreator(
        link_type="link_only",
        probability_two_random_records_match=1 / 230_000,
        comparisons=[
            _comparison("name", names),
            _comparison("country", ["country_l = country_r"], "country_l is null"),
            _comparison("admin", ["admin_l = admin_r", "likely_l = admin_r"], no_unit),
            DistanceInKMAtThresholds("lat", "lon", [5, 15, 40, 100]),
            _comparison(
                "population",
                [f"{factor} <= {most}" for most in (1.1, 1.5, 3, 10)],
                "population_l is null or population_r is null",
            ),
            _comparison("size", [f"population_r >= {n}" for n in (1e6, 2e5, 5e4, 15e3, 5e3, 1)]),
        ],
        blocking_rules_to_generate_predictions=[block_on("keys", arrays_to_explode=["keys"])],
        retain_matching_columns=False,
    )


def _comparison(name: str, known: Iterable[Any], unknown: str = "false") -> CustomComparison:
    null = {"sql_condition": unknown, "is_null_level": True}
    made = [levels.CustomLevel(k) if isinstance(k, str) else k for k in known]
    return CustomComparison([null, *made, levels.ElseLevel()], output_column_name=name)


def models(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, Linker]]:
    """The trained models by name."""
    api = DuckDBAPI(connection)
    sides = [api.register(t, dataset_display_name=t) for t in ("the_case", "the_place")]

    def with_m_of(pairs: str) -> Linker:
        linker = Linker(sides, u_known, log_level=None)
        linker.training.estimate_m_from_pairwise_labels(pairs)
        return linker

    linker = Linker(sides, settings(), log_level=None)
    linker.training.estimate_u_using_random_sampling(RANDOM_PAIRS, 1, min_count_per_level=None)
    u_known = linker.misc.save_model_to_json()
    for rule in TRAINING:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    yield "em", linker
    yield "labels", with_m_of("true_pair")
    mixed, wrong = (with_m_of(p).misc.save_model_to_json() for p in ("true_pair", "wrong_pair"))
    for ours, theirs in zip(mixed["comparisons"], wrong["comparisons"], strict=True):
        for to, of in zip(ours["comparison_levels"], theirs["comparison_levels"], strict=True):
            if not to.get("is_null_level"):
                to["u_probability"] = of.get("m_probability") or 2e-6
    yield "labels, near u", Linker(sides, mixed, log_level=None)


def report(name: str, best: dict[str, Any], cities: dict[str, int]) -> None:
    """The curve on the tuning half, and what its thresholds give on the other."""
    half, score, right = (np.asarray(best[k]) for k in ("half", "weight", "is_right"))
    tune, test = half == "tune", half == "test"
    # A threshold parts no equals.
    at = np.append(np.diff(score[tune]) != 0, True)
    correct = np.cumsum(right[tune])
    precision, recall = correct / np.arange(1, len(correct) + 1), correct / cities["tune"]
    points = [(s, precision[at & (recall >= s)]) for s in SHOWN]
    print(f"{name}: tune", *(f"R {s:g} P {p.max():.4f}" for s, p in points if len(p)), sep="  ")
    for wanted in PRECISIONS:
        if len(reached := np.flatnonzero(at & (precision >= wanted))):
            least = score[tune][reached[-1]]
            linked = right[test & (score >= least)]
            k = int(linked.sum())
            print(f"  {wanted}: from {least:.2f}; tune R {recall[reached[-1]]:.4f}; test", end=" ")
            print(f"P {_share(k, len(linked))}  R {_share(k, cities['test'])}")


def _share(k: int, n: int) -> str:
    share, low, high = measure._share(k, n) or (0, 0, 1)
    return f"{share:.4f} ({low:.4f}–{high:.4f}; {k} of {n})"


def main(recordings: Path | None) -> None:
    """Train, link and measure every model; then the matcher on the same test cases."""
    with tempfile.TemporaryDirectory() as folder:
        places, sections, codes = measure.gazetteer(measure.Home(Path(folder)), recordings)
    labelled = measure.cases()
    started = time.monotonic()

    def log(what: str) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"[{time.monotonic() - started:.0f} s, peak {peak:.2f} GiB] {what}", file=sys.stderr)

    asked = (measure.labels(labelled), places, codes, measure.rules(), None, sections)
    reading = mock.patch.object(resolve, "_STEPS", ("names", "labels"))
    with reading, resolve._asked(*asked) as connection:
        connection.register("labelled", labelled)
        connection.execute(RECORDS)
        log("names read")
        counted = "select half, count(*) from judged where verdict = 'city' group by half"
        cities = dict(connection.execute(counted).fetchall())
        for name, linker in models(connection):
            log(f"{name}: trained")
            predicted = linker.inference.predict().physical_name
            log(f"{name}: scored")
            best = connection.execute(BEST.format(predicted=predicted)).fetchnumpy()
            report(name, best, cities)
    row = measure.scores(measure.decide(measure.cases("test"), places, sections, codes))[0]
    precision, recall = (_share(row["correct"], row[n]) for n in ("links", "cities"))
    print(f"the matcher: test P {precision}  R {recall}")


if __name__ == "__main__":
    there = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    main(there if there and there.is_dir() else None)
