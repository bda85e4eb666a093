"""Every value with the time for which readers saw it, through all moves of the pointer.

`history/<n>.parquet` is the history after move n. It is derived: from the file before it and the
figures of the release that move n made current. A missing last file is made again.

Belongs here: the comparison of two states. Grain of the history: observation × interval.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from core.sql import literal
from releases.pointer import Move, moves

FOLDER = "history"
VIEW = "fct_observation_history"
_KEY = ("city_id", "indicator", "source_id", "spatial_unit", "time_period")
COLUMNS = """
    city_id bigint not null, indicator varchar not null, source_id varchar not null,
    spatial_unit varchar not null, time_period varchar not null,
    obs_value double not null, unit_measure varchar not null, obs_status varchar not null,
    valid_from_release varchar not null, valid_to_release varchar,
    valid_from timestamp not null, valid_to timestamp,
    started_by varchar not null, ended_by varchar
"""
DESCRIPTIONS = {
    "observation_key": "Key of the fact within this release",
    "city_id": "GeoNames id of the city",
    "indicator": "Code of the indicator",
    "source_id": "<publisher>__<dataset>",
    "spatial_unit": "Kind of boundary",
    "time_period": "2015, 1981/2010 or undated",
    "obs_value": "The value that readers saw",
    "unit_measure": "Its unit",
    "obs_status": "Its SDMX status",
    "valid_from_release": "The release that brought it",
    "valid_to_release": "The release that ended it; null while it is current",
    "valid_from": "UTC; from when readers saw it",
    "valid_to": "UTC; until when; null while it is current",
    "started_by": "added, revised, or restored by a rollback",
    "ended_by": "revised, withdrawn, or rolled_back",
}


def extend(
    connection: duckdb.DuckDBPyConnection,
    target: str,
    previous: Path | None,
    state: str,
    release: str,
    at: str,
    *,
    rollback: bool = False,
) -> None:
    """Create the temporary table `target`: the previous history, and what `state` changes.

    `state` is a relation with the columns of fct_observation; compared on key: value, unit, status.
    `at`: ISO time of the move. Intervals are closed and opened; nothing is rewritten or removed.
    """
    connection.execute(f"create or replace temp table {target} ({COLUMNS})")
    before = f"read_parquet({literal(previous)})" if previous else f"(from {target} limit 0)"
    same = "value.obs_value = old.obs_value and value.unit_measure = old.unit_measure"
    same += " and value.obs_status = old.obs_status"
    connection.execute(
        f"""insert into {target}
        with old as (from {before}),
        opened as (select * from old where valid_to is null),
        value as (select {", ".join(_KEY)}, obs_value, unit_measure, obs_status from {state})

        select * from old where valid_to is not null
        union all by name
        select old.* replace (
            if({same}, null, $release) as valid_to_release,
            if({same}, null, $at::timestamptz at time zone 'UTC') as valid_to,
            case when {same} then null
                when $rollback then 'rolled_back'
                when value.city_id is null then 'withdrawn'
                else 'revised' end as ended_by)
        from opened as old left join value using ({", ".join(_KEY)})
        union all by name
        select value.*, $release as valid_from_release, null as valid_to_release,
            $at::timestamptz at time zone 'UTC' as valid_from, null as valid_to,
            case when $rollback then 'restored'
                when old.city_id is null then 'added' else 'revised' end as started_by,
            null as ended_by
        from value left join opened as old using ({", ".join(_KEY)})
        where old.city_id is null or not ({same})""",
        {"release": release, "at": at, "rollback": rollback},
    )


def attach(
    connection: duckdb.DuckDBPyConnection, previous: Path | None, release: str, at: str
) -> None:
    """Give a release the view `fct_observation_history`: `previous`, and what `release` changes.

    What is current stands in fct_observation already; only since when is stored beside it. Two
    tables: `fct_observation_history_ended`, and `fct_observation_history_current` with one row per
    fact.
    """
    extend(connection, "h", previous, "fct_observation", release, at)
    connection.execute(
        f"""create or replace table {VIEW}_ended as
            from h where valid_to is not null order by {", ".join(_KEY)}, valid_from;
        create or replace table {VIEW}_current as
            select observation_key, valid_from_release, valid_from, started_by
            from h inner join fct_observation using ({", ".join(_KEY)})
            where valid_to is null order by observation_key;
        create or replace view {VIEW} as
            from {VIEW}_ended
            union all by name
            select {", ".join(_KEY)}, obs_value, unit_measure, obs_status, valid_from_release,
                null::varchar as valid_to_release, valid_from, null::timestamp as valid_to,
                started_by, null::varchar as ended_by
            from {VIEW}_current inner join fct_observation using (observation_key);
        drop table h"""
    )
    _describe(connection)


def _describe(connection: duckdb.DuckDBPyConnection) -> None:
    texts = {
        ("view", VIEW): "One row per value × the time for which readers saw it.",
        ("table", f"{VIEW}_ended"): "One row per value that readers see no longer.",
        ("table", f"{VIEW}_current"): "One row per fact: since when readers see its value.",
    }
    for (kind, relation), text in texts.items():
        connection.execute(f"comment on {kind} {relation} is {literal(text)}")
        known = connection.execute(f"describe {relation}").fetchall()
        for column, *_ in known:
            description = literal(DESCRIPTIONS[column])
            connection.execute(f"comment on column {relation}.{column} is {description}")


def latest(releases: Path) -> Path | None:
    """The history after the last move, made again where it is missing; None before any release."""
    past = moves(releases)
    for made in past:
        path = _path(releases, made)
        if not path.exists() and not any(
            _path(releases, later).exists() for later in past[made.number :]
        ):
            _derive(
                releases, made, _path(releases, past[made.number - 2]) if made.number > 1 else None
            )
    return _path(releases, past[-1]) if past else None


def _path(releases: Path, made: Move) -> Path:
    return releases / FOLDER / f"{made.number:06d}.parquet"


def _derive(releases: Path, made: Move, previous: Path | None) -> None:
    parquet = releases / made.version / "parquet"
    target = _path(releases, made)
    target.parent.mkdir(exist_ok=True)
    temporary = target.with_suffix(".tmp")
    with duckdb.connect() as connection:
        state = f"read_parquet({literal(parquet / 'fct_observation.parquet')})"
        rollback = made.action == "rollback"
        extend(connection, "h", previous, state, made.version, made.at, rollback=rollback)
        connection.execute(
            f"copy (from h order by {', '.join(_KEY)}, valid_from) to {literal(temporary)}"
            " (format parquet, compression zstd)"
        )
    temporary.replace(target)
