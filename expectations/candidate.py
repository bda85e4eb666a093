"""Gate 2: the candidate passes, or the release is refused; nothing edits it any more.

Belongs here: hand-written suites on the public tables, and what is derived from declarations.
Does not belong here: keys and relations (dbt tests), single series (gate 1).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.files import sha256_of
from core.sql import literal
from expectations.engine import Outcome, validate

# Every check that gate 2 may make, and what it holds.
CHECKS = {
    "enough_cities": "as many cities as WCN_MIN_CITIES asks for: select count(*) from dim_city",
    "latitudes": "latitudes lie between -90 and 90 degrees",
    "longitudes": "longitudes lie between -180 and 180 degrees",
    "dispositions": "every cell is published, rejected, duplicate or filtered",
    "some_figures": "a release without figures is none",
    "years": "years lie between 1000 and 2150",
    "figures_are_possible": "select * from fct_observation join dim_indicator using (indicator)"
    " where obs_value < valid_min or obs_value <= valid_above or obs_value > valid_max",
    "no_withheld_series_is_published": "a series that gate 1 withheld must not be in"
    " fct_observation",
    "every_source_is_counted": "a source with content has a ledger",
    "ledger_balances": "read = published + rejected + duplicate + filtered",
    "no_source_collapses": "a source with content keeps at least half of its published cells of"
    " the current release, unless gate 1 withheld a series of it",
}
DISPOSITIONS = ["published", "rejected", "duplicate", "filtered"]


@dataclass(frozen=True)
class Evidence:
    """That exactly these bytes were judged. The release asks for it and recomputes the hashes."""

    candidate_sha256: str
    manifest_sha256: str
    passed: bool
    outcomes: tuple[Outcome, ...]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    @staticmethod
    def read(path: Path) -> Evidence:
        stored = json.loads(path.read_text(encoding="utf-8"))
        outcomes = tuple(Outcome(**o) for o in stored.pop("outcomes"))
        return Evidence(**{**stored, "outcomes": outcomes})


def judge_candidate(
    candidate: Path,
    manifest: Path,
    docs: Path,
    *,
    previous: Path,
    sources: Iterable[str],
    min_cities: int,
) -> Evidence:
    """Run the suites of gate 2.

    `previous`: the folder of the current release, which need not be there. `sources`: those with
    content in this build.
    """
    suites = _suites(list(sources), min_cities, previous / "parquet" / "fct_row_ledger.parquet")
    outcomes = validate(candidate, suites, docs, "candidate")
    return Evidence(
        candidate_sha256=sha256_of(candidate),
        manifest_sha256=sha256_of(manifest),
        passed=all(o.success for o in outcomes),
        outcomes=tuple(outcomes),
    )


def _suites(
    sources: list[str], min_cities: int, previous_ledger: Path
) -> dict[tuple[str, str], list[Any]]:
    import great_expectations.expectations as gxe

    def meta(check: str) -> dict[str, str]:
        return {"check": check, "note": CHECKS[check]}

    def rows(check: str, query: str) -> Any:
        return gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=query, description=CHECKS[check], meta=meta(check)
        )

    # Without a release before it, there is nothing that could collapse.
    collapse = [
        rows(
            "no_source_collapses",
            f"""select previous.source_id, previous.cells, coalesce(sum(now.cells), 0) as cells_now
            from (select source_id, sum(cells) as cells
                from read_parquet({literal(previous_ledger)})
                where disposition = 'published' and reason != 'reference'
                group by source_id) as previous
            left join {{batch}} as now
                on now.source_id = previous.source_id and now.disposition = 'published'
            where previous.source_id in (select source_id from main.dim_content)
                and previous.source_id not in (
                    select source_id from main.fct_series_verdict where verdict = 'withheld')
            group by all having coalesce(sum(now.cells), 0) * 2 < previous.cells""",
        )
    ]
    return {
        ("main", "dim_city"): [
            gxe.ExpectTableRowCountToBeBetween(
                min_value=min_cities,
                meta=meta("enough_cities"),
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="latitude", min_value=-90, max_value=90, meta=meta("latitudes")
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="longitude", min_value=-180, max_value=180, meta=meta("longitudes")
            ),
        ],
        ("main", "fct_source_cell"): [
            gxe.ExpectColumnValuesToBeInSet(
                column="disposition", value_set=DISPOSITIONS, meta=meta("dispositions")
            ),
        ],
        ("main", "fct_observation"): [
            gxe.ExpectTableRowCountToBeBetween(min_value=1, meta=meta("some_figures")),
            gxe.ExpectColumnValuesToBeBetween(
                column="year", min_value=1000, max_value=2150, meta=meta("years")
            ),
            rows(
                "figures_are_possible",
                """select fact.observation_key, fact.obs_value from {batch} as fact
                join main.dim_indicator as i on i.indicator = fact.indicator
                where fact.obs_value < i.valid_min or fact.obs_value <= i.valid_above
                    or fact.obs_value > i.valid_max or not isfinite(fact.obs_value)""",
            ),
            rows(
                "no_withheld_series_is_published",
                """select distinct fact.source_id, fact.indicator from {batch} as fact
                join main.dim_indicator as i on i.indicator = fact.indicator
                join main.fct_series_verdict as v on v.source_id = fact.source_id
                    and v.indicator = coalesce(i.derived_from, i.indicator)
                    and v.spatial_unit = fact.spatial_unit
                where v.verdict = 'withheld'""",
            ),
        ],
        ("main", "fct_row_ledger"): [
            gxe.ExpectColumnDistinctValuesToContainSet(
                column="source_id",
                value_set=sorted(sources),
                meta=meta("every_source_is_counted"),
            ),
            rows(
                "ledger_balances",
                "select * from {batch} where"
                " cells_read != published + rejected + duplicate + filtered",
            ),
            *(collapse if previous_ledger.exists() else []),
        ],
    }
