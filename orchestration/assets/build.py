"""Between the sources and the release: manifest, resolution of cities, and the two gates.

Belongs here: what Python rooms do to the candidate, in the order of the way of a datum.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pyarrow as pa
from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    MaterializeResult,
    MetadataValue,
    asset,
)

from cities import review
from cities.resolve import resolve
from expectations.candidate import judge_candidate
from expectations.series import CHECKS, SeriesGate, judge_series
from orchestration import dbt, manifest
from orchestration.alerts import alert
from orchestration.assets.raw import raw_key
from orchestration.assets.selections import OBSERVE, STAGE
from orchestration.progress import say
from orchestration.resources import SourceSupply, WriteSlot
from orchestration.settings import home, min_cities
from releases import pointer
from releases.shelf import Shelf
from sources import catalog as catalogue
from sources import fetch
from sources.errors import ReleaseRefused

_KNOWN = catalogue.load()
MANIFEST = AssetKey("build_manifest")
RESOLUTION = AssetKey("city_resolution")
SERIES_GATE = AssetKey("series_gate")
CANDIDATE_GATE = AssetKey("candidate_gate")


@asset(
    key=MANIFEST,
    group_name="build",
    deps=[raw_key(s) for s in _KNOWN.sources],
    output_required=False,
    description="Exactly which contents this build reads. Nothing follows where nothing changed.",
)
def build_manifest(
    context: AssetExecutionContext, supply: SourceSupply, write_slot: WriteSlot
) -> Iterator[MaterializeResult]:
    here = home()
    pointer.recover(here.releases)
    made = manifest.assemble(here, _KNOWN, supply.supply(offline=True))
    current = Shelf(here.releases).current()
    if current and current["build"]["identity"] == made.identity:
        say("manifest", f"nothing changed since release {current['version']}: no new release")
        context.log.info("unchanged: %s", current["version"])
        return
    _begin(made)
    say("manifest", f"build {made.identity[:8]}: {len(made.content_ids())} sources")
    yield MaterializeResult(metadata={"identity": made.identity, "sources": _sources_table(made)})


@asset(
    key=RESOLUTION,
    group_name="build",
    deps=[
        AssetKey(n)
        for n in ("stg_label", "stg_place", "int_place", "stg_code", "int_city__successor")
    ],
    description="Which city every label means, how that was found, or why not.",
)
def city_resolution(write_slot: WriteSlot) -> MaterializeResult:
    counted = _resolve()
    say("cities", ", ".join(f"{n:,} {outcome}" for outcome, n in counted.items()))
    return MaterializeResult(metadata=dict(counted))


@asset(
    key=SERIES_GATE,
    group_name="gates",
    deps=[AssetKey("int_series__profile")],
    output_required=False,
    check_specs=[
        *(AssetCheckSpec(c.name, asset=SERIES_GATE, description=c.explanation) for c in CHECKS),
        AssetCheckSpec("contents_accepted", asset=SERIES_GATE),
    ],
    description="Gate 1: broken series are withheld, refused contents replaced by the last good.",
)
def series_gate(
    context: AssetExecutionContext, supply: SourceSupply, write_slot: WriteSlot
) -> Iterator[MaterializeResult | AssetCheckResult]:
    here = home()
    gate, refused = _judge(), dict[str, str]()
    while gate.refusals:
        refused |= gate.refusals
        _fall_back(gate.refusals, supply)
        gate = _judge()
    current = Shelf(here.releases).current()
    if refused and current and current["build"]["identity"] == manifest.load(here).identity:
        say("gate 1", f"only refused content is new: {current['version']} stays current")
    else:
        with duckdb.connect(str(here.candidate)) as connection:
            manifest.write_table(connection, "raw", "series_verdict", gate.verdicts)
            manifest.write_table(connection, "raw", "gate_result", gate.results)
        yield MaterializeResult(metadata=_gate_metadata(gate))
        _say_verdicts(gate)
    for result in gate.results.to_pylist():
        yield AssetCheckResult(
            check_name=result["check_name"],
            passed=result["success"],
            severity=AssetCheckSeverity.WARN,
            metadata={"series": result["unexpected"], "expectation": result["expectation"]},
        )
    yield AssetCheckResult(
        check_name="contents_accepted",
        passed=not refused,
        severity=AssetCheckSeverity.ERROR,
        metadata=dict(refused),
    )


@asset(
    key=CANDIDATE_GATE,
    group_name="gates",
    deps=[AssetKey("mart_observation"), AssetKey("mart_city_year"), AssetKey("fct_row_ledger")]
    + [AssetKey(n) for n in ("dim_source", "dim_city_code", "fct_rejected_cell", "dim_code")]
    + [AssetKey(n) for n in ("dim_year", "dim_spatial_unit", "dim_country", "fct_gate_result")]
    + [AssetKey("bridge_observation_cell"), AssetKey("fct_series_verdict")]
    + [AssetKey(n) for n in ("bridge_tie_cell", "fct_source_conflict", "mart_theme_coverage")]
    + [AssetKey("fct_country_observation"), AssetKey("mart_source_linkage")],
    description="Gate 2: the candidate passes, or the release is refused.",
)
def candidate_gate(write_slot: WriteSlot) -> MaterializeResult:
    here = home()
    served = [o.source_id for o in manifest.load(here).offers if o.contents]
    evidence = judge_candidate(
        here.candidate, here.manifest, here.build / "quality" / "candidate", served, min_cities()
    )
    evidence.write(here.build / "evidence.json")
    failed = [o for o in evidence.outcomes if not o.success]
    if failed:
        said = "; ".join(f"{o.check} on {o.table}: {o.unexpected} rows ({o.note})" for o in failed)
        alert("refused", "candidate", said)
        raise ReleaseRefused(
            f"gate 2 refuses the candidate: {said}. The current release stays. To look: open"
            f" {here.candidate} read-only, or {here.build / 'quality'}/candidate/index.html"
        )
    say("gate 2", f"passed: {len(evidence.outcomes)} expectations")
    table = "\n".join(f"| {o.check} | {o.table} | {o.expectation} |" for o in evidence.outcomes)
    return MaterializeResult(
        metadata={
            "expectations": len(evidence.outcomes),
            "candidate_sha256": evidence.candidate_sha256,
            "passed": MetadataValue.md(f"| check | table | expectation |\n|---|---|---|\n{table}"),
        }
    )


def _begin(made: manifest.Manifest) -> None:
    here = home()
    (here.build / "evidence.json").unlink(missing_ok=True)
    shutil.rmtree(here.build / "quality", ignore_errors=True)
    (here.build / "quality").mkdir()
    manifest.store(here, made)
    manifest.prepare_candidate(here, _KNOWN, made)


def resolve_rules(known: catalogue.Catalog) -> pa.Table:
    """How each source's labels lead to cities, one row a source, as `cities.resolve` takes it."""
    return pa.Table.from_pylist(
        [
            {
                "source_id": s.source_id,
                "resolve_by": s.resolve.by,
                "codelist": s.resolve.codelist,
                "reach_km": s.resolve.reach_km,
                "near_km": s.resolve.near_km,
                "without_country": s.resolve.without_country,
                "countries": list(s.resolve.countries) or None,
            }
            for s in known.sources.values()
        ],
        schema=pa.schema(
            [(n, pa.string()) for n in ("source_id", "resolve_by", "codelist", "without_country")]
            + [("countries", pa.list_(pa.string()))]
            + [("reach_km", pa.float64()), ("near_km", pa.float64())]
        ),
    )


def _resolve() -> dict[str, int]:
    rules = resolve_rules(_KNOWN)
    with duckdb.connect(str(home().candidate)) as connection:
        labels = connection.execute("from staging.stg_label").to_arrow_table()
        places = connection.execute(
            "select *, gazetteer_population as population from intermediate.int_place"
        ).to_arrow_table()
        sections = connection.execute(
            "select distinct country_iso2, name from staging.stg_place"
            " where place_class = 'section'"
        ).to_arrow_table()
        codes = connection.execute(
            """select source_id as codelist, * exclude (source_id) from staging.stg_code
            union all by name
            -- Ids that GeoNames has given up lead to the city that has their place.
            select former_city_id::varchar as code, 'geonames' as label,
                'geonames' as other_code_scheme, city_id::varchar as other_code
            from intermediate.int_city__successor"""
        ).to_arrow_table()
        decisions = review.table(list(manifest.load(home()).decisions))
        decided = resolve(labels, places, codes, rules, decisions, sections)
        manifest.write_table(connection, "raw", "resolution", decided)
        counted = connection.execute(
            "select outcome, count(*) from raw.resolution group by all order by 2 desc"
        ).fetchall()
    return dict(counted)


def _judge() -> SeriesGate:
    here = home()
    made = manifest.load(here)
    contents = made.content_ids()
    before = manifest.accepted_contents(Shelf(here.releases).current())
    known = {s: {(c["content_id"], c["reading"]) for c in held} for s, held in before.items()}
    renewed = [
        o.source_id
        for o in made.offers
        if o.source_id in known
        and {(c.content_id, c.reading) for c in o.contents} != known[o.source_id]
    ]
    docs = here.build / "quality" / "series"
    return judge_series(here.candidate, docs, contents, renewed, made.accepted_breaks)


def _fall_back(refusals: dict[str, str], supply: SourceSupply) -> None:
    """Refuse contents, take the last good ones in their place, and model again up to gate 1."""
    here = home()
    made = manifest.load(here)
    known = manifest.accepted_contents(Shelf(here.releases).current())
    for offer in made.offers:
        if offer.source_id not in refusals:
            continue
        reason = f"gate 1: {refusals[offer.source_id]}"
        good = {c["content_id"] for c in known.get(offer.source_id, [])}
        refused = [c for c in offer.contents if c.content_id not in good]
        if not refused:
            manifest.refuse(here, offer.contents, reason, only_reading=True)
            raise ReleaseRefused(
                f"{offer.source_id} is read otherwise than in the current release, from the same"
                f" bytes, and its series drift: {reason}. Mend its declaration, or let the break"
                f" through with `wcn gate accept`. The current release stays."
            )
        say(offer.source_id, f"refused at {reason}")
        alert("refused", offer.source_id, reason)
        manifest.refuse(here, refused, reason)
        last_good = replace(supply.supply(offline=True), archive=None)
        fetch.obtain(last_good, _KNOWN.source(offer.source_id), passed_over=(reason,))
    again = manifest.assemble(here, _KNOWN, supply.supply(offline=True))
    _begin(again)
    for selection, after in ((STAGE, _resolve), (OBSERVE, None)):
        failed = [n for n in dbt.build(selection) if not n.ok]
        if failed:
            raise RuntimeError(f"dbt failed after a fall-back: {failed[0].name}")
        if after:
            after()


def _sources_table(made: manifest.Manifest) -> MetadataValue:
    rows = "\n".join(
        f"| {o.source_id} | {o.state} | {sum(c.facts['cells'] for c in o.contents):,} |"
        for o in made.offers
    )
    return MetadataValue.md(f"| source | way | cells |\n|---|---|---|\n{rows}")


def _gate_metadata(gate: SeriesGate) -> dict[str, MetadataValue | int]:
    verdicts = gate.verdicts.to_pylist()
    notable = "\n".join(
        f"| {v['source_id']} | {v['indicator']} | {v['verdict']} | {v['reason']} |"
        for v in verdicts
        if v["verdict"] != "pass"
    )
    return {
        "series": len(verdicts),
        "withheld": sum(v["verdict"] == "withheld" for v in verdicts),
        "warned": sum(v["verdict"] == "warn" for v in verdicts),
        "notable": MetadataValue.md(
            f"| source | indicator | verdict | reason |\n|---|---|---|---|\n{notable}"
        ),
    }


def _say_verdicts(gate: SeriesGate) -> None:
    verdicts = gate.verdicts.to_pylist()
    for verdict in verdicts:
        if verdict["verdict"] == "withheld":
            series = f"{verdict['indicator']} ({verdict['spatial_unit']})"
            say("gate 1", f"withheld {verdict['source_id']} {series}: {verdict['reason']}")
    passed = sum(v["verdict"] == "pass" for v in verdicts)
    say("gate 1", f"{passed} of {len(verdicts)} series pass")
