"""Labels of a build → cities: between dbt's staging and what is made of resolved cells.

Belongs here: reading labels and places from the build, handing back decisions. Does not belong
here: how a label is decided (`cities`).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from cities import review
from cities.explain import Explanation, explain
from cities.resolve import resolve
from warehouse import candidate, manifest
from warehouse.project import Project


def resolve_cities(project: Project) -> dict[str, int]:
    """Decide which city every label means; labels by outcome."""

    def progress(stage: str) -> None:
        project.events.progress("cities", stage)

    decided = resolve(**resolution_inputs(project), cache=_cache(project), progress=progress)
    candidate.hand_over(project.paths, resolution=decided)
    found = decided["outcome"].value_counts().to_pylist()
    counts = {c["values"]: c["counts"] for c in sorted(found, key=lambda c: -c["counts"])}
    text = ", ".join(f"{n:,} {outcome}" for outcome, n in counts.items())
    project.events.progress("cities", text)
    return counts


def explain_label(project: Project, label: str, source_id: str | None) -> list[Explanation]:
    """Every step that led to the decision about a label of the last build.

    Raises LookupError where there is no build whose tables could be read.
    """
    if not project.paths.scratch.exists():
        raise LookupError("the tables of the last build are gone: run `wcn run` first")
    inputs = resolution_inputs(project)
    return explain(**inputs, ref_area=label, source_id=source_id, cache=_cache(project))


def resolution_inputs(project: Project) -> dict[str, pa.Table]:
    """What `cities.resolve` is asked with, from the tables of the last build."""
    with duckdb.connect(str(project.paths.scratch), read_only=True) as connection:
        tables = {
            name: connection.execute(query).to_arrow_table() for name, query in _INPUTS.items()
        }
    decisions = review.table(list(manifest.load(project.paths).decisions))
    return {**tables, "rules": project.catalog.resolve_table, "decisions": decisions}


def _cache(project: Project) -> Path:
    return project.paths.cache / "cities"


_INPUTS = {
    "labels": "from staging.stg_label",
    "places": "select *, gazetteer_population as population from intermediate.int_place",
    "sections": """select distinct country_iso2, name from staging.stg_place
    where place_class = 'section'""",
    "ties": "from staging.stg_tie",
    # A new edition may write coordinates otherwise: then source, code, name and country tell. What
    # a person decided holds as long as the decision does.
    "previous": """with link as (
        select * from raw.previous_label
        where outcome = 'resolved' and city_id is not null and reviewed_by is null
    ), alike as (
        select source_id, ref_area_code, ref_area, country_label,
            if(
                any_value(outcome) = 'resolved' and max(reviewed_by) is null,
                any_value(city_id), null
            ) as city_id
        from raw.previous_label where coalesce(ref_area_code, ref_area) is not null
        group by all having count(*) = 1
    ), content as (
        select source_id, list_sort(list_distinct(list(content_id || parse_version))) as contents
        from raw.content group by source_id
    ), previous_content as (
        select source_id, list_sort(list_distinct(list(content_id || parse_version))) as contents
        from raw.previous_content group by source_id
    ), changed as (
        select source_id, source.role
        from content full join previous_content as before using (source_id)
        left join raw.source using (source_id)
        where content.contents is distinct from before.contents
    )
    select label.label_id, coalesce(link.city_id, alike.city_id) as city_id,
        -- Whatever is new was said about others: not by this source, nor by a gazetteer or a code
        -- list, nor by other rules of ours.
        link.city_id is not null and label.source_id not in (select source_id from changed)
        and not exists (from changed where role is distinct from 'observations')
        and exists (from raw.build where code_version = previous_code_version) as is_unchanged
    from staging.stg_label as label
    left join link using (label_id)
    left join alike
        on alike.source_id = label.source_id
        and alike.ref_area_code is not distinct from label.ref_area_code
        and alike.ref_area is not distinct from label.ref_area
        and alike.country_label is not distinct from label.country
    where coalesce(link.city_id, alike.city_id) is not null""",
    "codes": """select source_id as codelist, * exclude (source_id) from staging.stg_code
    union all by name
    -- Ids that GeoNames has given up lead to the city that has their place.
    select former_city_id::varchar as code, 'geonames' as label,
        'geonames' as other_code_scheme, city_id::varchar as other_code
    from intermediate.int_city__successor""",
}
