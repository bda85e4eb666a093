"""Every value with the time for which readers saw it, through all moves of the pointer.

`history/<n>.parquet` is the history after move n. It is derived: from the file before it and the
figures of the release that move n made current; or from a release, whose database has the history
after the move that published it. A last file that is missing or damaged is made again.

Belongs here: the comparison of two states, and its files. Does not belong here: which files should
be there (`audit`). Grain of the history: observation × interval.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from core.files import sha256_of
from core.sql import literal
from releases import ledger, pointer
from releases.integrity import FIGURES, WAREHOUSE, is_as_published
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


class HistoryLost(Exception):
    """The history can neither be read nor derived; the message says what is missing."""


def latest(releases: Path) -> Path | None:
    """The history after the last move, made again where it is missing or damaged; None before any
    release. For writers only. Raises HistoryLost where it cannot be made again.
    """
    with pointer.lock(releases):
        past = moves(releases)
        if not past:
            return None
        ledger.adopt(releases)
        base = _base(releases, past)
        if base and not is_sound(releases, base.number):
            _take_from_release(releases, base)
        elif base and base.number not in ledger.read(releases).history:
            ledger.wrote(releases, "history", base.number, sha256_of(path(releases, base.number)))
        for made in past[base.number if base else 0 :]:
            _derive(releases, made)
        return path(releases, len(past))


def path(releases: Path, number: int) -> Path:
    """Where the history after a move lies, whether or not it is there."""
    return releases / FOLDER / f"{number:06d}.parquet"


def is_sound(releases: Path, number: int) -> bool:
    """Whether the history after a move is there as it was written.

    One whose hash nobody has noted (of an earlier version) only has to be readable.
    """
    file = path(releases, number)
    if file.is_symlink() or not file.is_file():
        return False
    if digest := ledger.read(releases).history.get(number):
        return sha256_of(file) == digest
    try:
        # Every page is decompressed: a flipped byte may stand in any of them.
        with duckdb.connect() as connection:
            columns = ", ".join(f"max({c})" for c in _columns())
            connection.execute(f"select {columns} from read_parquet({literal(file)})")
    except duckdb.Error:
        return False
    return True


def demand_derivable(releases: Path) -> None:
    """Raise HistoryLost where the history after the last move is not there, nor can be derived."""
    if past := moves(releases):
        _base(releases, past)


def _base(releases: Path, past: list[Move]) -> Move | None:
    """The newest move from whose history all later ones can be derived; None: from nothing.

    What is cheap comes first: a file of the history. A release's database is the second choice.
    """
    lacking = None
    for or_release in (False, True):
        for made in reversed(past):
            if is_sound(releases, made.number) or (or_release and _has_history(releases, made)):
                return made
            if not is_as_published(releases, made.version, FIGURES):
                lacking = made
                break
        else:
            return None
    assert lacking is not None
    raise HistoryLost(
        f"the history of values after move {len(past)} is missing or damaged, and cannot be"
        f" derived: release {lacking.version}, which move {lacking.number} made current, is gone"
        f" or damaged, and so is every older file in {FOLDER}/. Take"
        f" {path(releases, len(past)).name} or that release from a backup (docs/how-to/recover.md)"
    )


def _has_history(releases: Path, made: Move) -> bool:
    return made.action == "publish" and is_as_published(releases, made.version, WAREHOUSE)


def _derive(releases: Path, made: Move) -> None:
    """From the history of the move before, and the figures of the release."""
    previous = path(releases, made.number - 1) if made.number > 1 else None
    with duckdb.connect() as connection:
        state = f"read_parquet({literal(releases / made.version / FIGURES)})"
        rollback = made.action == "rollback"
        extend(connection, "h", previous, state, made.version, made.at, rollback=rollback)
        _write(connection, "h", releases, made)


def _take_from_release(releases: Path, made: Move) -> None:
    """From the release that a move published."""
    database = str(releases / made.version / WAREHOUSE)
    with duckdb.connect(database, read_only=True) as connection:
        _write(connection, VIEW, releases, made)


def _write(
    connection: duckdb.DuckDBPyConnection, relation: str, releases: Path, made: Move
) -> None:
    target = path(releases, made.number)
    target.parent.mkdir(exist_ok=True)
    temporary = target.with_suffix(".tmp")
    connection.execute(
        f"copy (select {', '.join(_columns())} from {relation} order by {', '.join(_KEY)},"
        f" valid_from) to {literal(temporary)} (format parquet, compression zstd)"
    )
    digest = sha256_of(temporary)
    temporary.replace(target)
    ledger.wrote(releases, "history", made.number, digest)


def _columns() -> list[str]:
    return [name for name in DESCRIPTIONS if name != "observation_key"]
