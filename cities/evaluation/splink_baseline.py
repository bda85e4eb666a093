"""Splink beside the matcher: `python -m cities.evaluation.splink_baseline [RECORDINGS]`.

Splink (Fellegi–Sunter record linkage on DuckDB: Linacre et al. 2022) gets what the matcher gets, by
the same SQL. Three models, by whence m (how often a level is seen in true pairs) and u (in others)
come: `em` (m by expectation maximisation, no label used), `labels` (m of the tuning half's), both
with u of random pairs; `labels, near u` (u of the tuning half's wrong candidates). The answer is
the best place, from a threshold on; counted as in `measure`, without `name_only`.

Splink is no dependency of the project: `uv pip install splink==5.0.0` puts it beside.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from cities.evaluation import measure
from cities.inputs import Inputs
from cities.resolve import pipeline
from core.paths import DataPaths

try:
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_level_library as levels
    from splink.comparison_library import CustomComparison, DistanceInKMAtThresholds
except ImportError:
    sys.exit("Splink is not installed: uv pip install splink==5.0.0")

PRECISIONS = (0.998, 0.99)
SHOWN = (0.5, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98)
RANDOM_PAIRS = 3e7

# Both sides with the same columns, as Splink wants them. A pair is compared where the country (or a
# territory of it) and a key agree: a name, its consonants, its ends, or the cell of the map.
RECORDS = """
create macro keys_of(name, short_name) as ['=' || name] || if(length(short_name) < 4, [],
    ['k' || skeleton(short_name), '<' || left(short_name, 4), '>' || right(short_name, 4)]);
create macro cell(lat, lon) as '@' || floor(lat * 5)::int || ' ' || floor(lon * 5)::int;
create table the_case as
with spelt as (select *, squeezed(name) as short_name from label_name),
step as (select unnest([-0.2, 0, 0.2]) as d),
key as (select label_id, unnest(keys_of(name, short_name)) as key from spelt union
    select label_id, cell(lat + y.d, lon + x.d) from label, step as y, step as x where lat > -90),
keyed as (select label_id, list(country_iso2 || key) as keys
    from key inner join label_country using (label_id) group by label_id),
named as (select label_id, list(name) as every, list(name) filter (rank = 1) as whole,
    list(name) filter (rank = 2) as part, list(name) filter (rank >= 3) as first_of,
    list(distinct short_name) filter (rank <= 2) as short from spelt group by label_id)
select label_id as unique_id, country_iso2 || ' ' || whole[1] as main, named.* exclude (label_id),
    country_iso2 as country, country_iso2 || ' ' || admin_code as admin,
    country_iso2 || ' ' || likely_admin as likely, lat, lon, stated_population as population, keys
from label inner join named using (label_id) inner join keyed using (label_id);
create table the_place as
with key as (select city_id, country_iso2 || unnest(keys_of(name, short_name)) as key
    from gazetteer_name union select city_id, country_iso2 || cell(latitude, longitude) from place),
keyed as (select city_id, list(key) as keys from key
    where key in (select unnest(keys) from the_case) group by city_id),
named as (select city_id, list(name) as every, list(name) filter (is_main) as whole,
    []::varchar[] as part, part as first_of, list(distinct short_name) as short
    from gazetteer_name group by city_id)
select city_id::varchar as unique_id, country_iso2 || ' ' || name_key(name) as main,
    named.* exclude (city_id), country_iso2 as country, country_iso2 || ' ' || admin1 as admin,
    admin as likely, latitude as lat, longitude as lon, population::double as population, keys
from place inner join named using (city_id) left join keyed using (city_id);
create table judged as
select *, case_id::varchar as id, string_split(concat_ws(' ', city_id, also), ' ') as ids
from labelled where verdict in ('city', 'none') and stratum != 'name_only';
create table true_pair as
select 'the_case' as source_dataset_l, 'the_place' as source_dataset_r, id as unique_id_l,
    city_id as unique_id_r from judged where half = 'tune' and verdict = 'city';
create table wrong_pair as
with ours as (select *, unnest(keys) as key from the_case inner join judged on id = unique_id),
theirs as (select unique_id as place, unnest(keys) as key from the_place)
select distinct 'the_case' as source_dataset_l, 'the_place' as source_dataset_r,
    id as unique_id_l, place as unique_id_r
from ours inner join theirs using (key) where half = 'tune' and not list_contains(ids, place);
"""

# The best place of each case; of equals, the larger. A case without any comes last.
BEST = """
select half, verdict = 'city' as is_city, coalesce(match_weight, -1e9) as weight,
    coalesce(list_contains(ids, unique_id_r), false) as is_right
from judged left join {predicted} on id = unique_id_l left join the_place on unique_id = unique_id_r
qualify row_number() over (partition by id
    order by match_weight desc, the_place.population desc nulls last, unique_id_r) = 1
order by weight desc
"""


def settings() -> SettingsCreator:
    """The comparisons and their levels, the most telling first."""
    # Common names tell less: Splink weighs them by their frequency.
    names = [levels.ExactMatchLevel("main", term_frequency_adjustments=True)]
    for ours in ("whole", "part", "first_of"):
        names += [f"list_has_any({ours}_l, {theirs}_r)" for theirs in ("whole", "every")]
    alike = levels.PairwiseStringDistanceFunctionLevel
    names += [alike("short", "jaro_winkler", least) for least in (0.999, 0.95, 0.9, 0.85)]
    factors = [f"abs(ln(population_l / population_r)) <= ln({n})" for n in (1.1, 1.5, 3, 10)]
    sizes = [f"population_r >= {least}" for least in (1e6, 2e5, 5e4, 15e3, 5e3, 1)]
    units = ["admin_l = admin_r", "likely_l = admin_r"]
    return SettingsCreator(
        link_type="link_only",
        probability_two_random_records_match=1 / 230_000,
        comparisons=[
            _comparison("name", names),
            _comparison("country", ["country_l = country_r"], "country_l is null"),
            _comparison("admin", units, "coalesce(admin_l, likely_l) is null or admin_r is null"),
            DistanceInKMAtThresholds("lat", "lon", [5, 15, 40, 100]),
            _comparison("population", factors, "population_l is null or population_r is null"),
            _comparison("size", sizes),
        ],
        blocking_rules_to_generate_predictions=[block_on("keys", arrays_to_explode=["keys"])],
        retain_matching_columns=False,
    )


def _comparison(name: str, known: list[Any], unknown: str = "false") -> CustomComparison:
    null = {"sql_condition": unknown, "is_null_level": True}
    made = [levels.CustomLevel(k) if isinstance(k, str) else k for k in known]
    return CustomComparison([null, *made, levels.ElseLevel()], output_column_name=name)


def models(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, Linker]]:
    """The trained models by name."""
    api = DuckDBAPI(connection)
    sides = [api.register(t, dataset_display_name=t) for t in ("the_case", "the_place")]
    linker = Linker(sides, settings(), log_level=None)
    linker.training.estimate_u_using_random_sampling(RANDOM_PAIRS, 1, min_count_per_level=None)
    u_known = linker.misc.save_model_to_json()
    # Of pairs that agree on the name the rest is learned, of pairs at one place the name.
    at_one_place = " and ".join(f"floor(l.{c} * 50) = floor(r.{c} * 50)" for c in ("lat", "lon"))
    for same in ("l.whole[1] = r.whole[1]", at_one_place):
        rule = f"l.country = r.country and {same}"
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    yield "em", linker
    by_labels, by_wrong = (Linker(sides, u_known, log_level=None) for _ in range(2))
    by_labels.training.estimate_m_from_pairwise_labels("true_pair")
    yield "labels", by_labels
    by_wrong.training.estimate_m_from_pairwise_labels("wrong_pair")
    mixed, wrong = (each.misc.save_model_to_json() for each in (by_labels, by_wrong))
    for ours, theirs in zip(mixed["comparisons"], wrong["comparisons"], strict=True):
        for to, of in zip(ours["comparison_levels"], theirs["comparison_levels"], strict=True):
            if not to.get("is_null_level"):
                to["u_probability"] = of.get("m_probability") or 2e-6
    yield "labels, near u", Linker(sides, mixed, log_level=None)


def report(name: str, best: dict[str, Any]) -> None:
    """The curve on the tuning half, and what its thresholds give on the other."""
    half, city, score, right = (np.asarray(each) for each in best.values())
    tune, test = half == "tune", half == "test"
    at = np.append(np.diff(score[tune]) != 0, False)  # A threshold parts no equals.
    correct = np.cumsum(right[tune])
    precision, recall = correct / np.arange(1, len(correct) + 1), correct / city[tune].sum()
    curve = [(s, precision[at & (recall >= s)]) for s in SHOWN]
    print(f"{name}: tune", *(f"R {s:g} P {p.max():.4f}" for s, p in curve if len(p)), sep="  ")
    for wanted in PRECISIONS:
        if len(reached := np.flatnonzero(at & (precision >= wanted))):
            least = score[tune][reached[-1]]
            linked = right[test & (score >= least)]
            print(f"  {wanted}: from {least:.2f}, tune R {recall[reached[-1]]:.4f}; test", end=" ")
            print(_shares(int(linked.sum()), len(linked), int(city[test].sum())))


def _shares(correct: int, links: int, cities: int) -> str:
    shares = [measure.share(correct, n) or (0.0, 0.0, 0.0) for n in (links, cities)]
    p, r = ("{:.4f} ({:.4f}–{:.4f})".format(*each) for each in shares)
    return f"P {p} of {links}, R {r} of {cities}"


def main(recordings: Path | None) -> None:
    """Train, link and measure every model; then the matcher on the same test cases."""
    with tempfile.TemporaryDirectory() as folder:
        places, sections, codes = measure.gazetteer(DataPaths(Path(folder)), recordings)
    started, labelled = time.monotonic(), measure.cases()
    inputs = Inputs(measure.labels(labelled), places, codes, measure.rules(), None, sections)
    with pipeline(inputs) as steps:
        steps.run("label_name")
        connection = steps.connection
        connection.register("labelled", labelled)
        connection.execute(RECORDS)
        for name, linker in models(connection):
            trained = time.monotonic() - started
            predicted = linker.inference.predict().physical_name
            report(name, connection.execute(BEST.format(predicted=predicted)).fetchnumpy())
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            linked = time.monotonic() - started
            print(f"  trained at {trained:.0f} s, linked at {linked:.0f} s, peak {peak:.2f} GiB")
    row = measure.scores(measure.decide(measure.cases("test"), places, sections, codes))[0]
    print("the matcher: test", _shares(row["correct"], row["links"], row["cities"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
