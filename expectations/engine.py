"""Great Expectations on a DuckDB file: one validation run, its results and its Data Docs.

Belongs here: everything that is GX's own business, and the cure for its trouble with DuckDB.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy


@dataclass(frozen=True)
class Outcome:
    """One expectation that was run: `unexpected` counts the rows that broke it."""

    check: str
    table: str
    expectation: str
    success: bool
    unexpected: int
    note: str
    observed: str = ""
    """What was found instead, in a few words."""
    examples: tuple[dict[str, Any], ...] = ()
    """Some of the rows, or values, that broke it."""


_EXAMPLES = 20
# Engines that GX made; it never closes them, and an open DuckDB file admits no writer.
_used: WeakSet[Engine] = WeakSet()


@event.listens_for(Engine, "after_cursor_execute")
def _buffer(
    conn: Any, cursor: Any, _statement: Any, _parameters: Any, context: Any, _many: Any
) -> None:
    # GX reads results after it has closed the connection; DuckDB has dropped them by then.
    if conn.dialect.name == "duckdb" and cursor.description is not None:
        _used.add(conn.engine)
        rows = cursor.fetchall()
        context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
            cursor, initial_buffer=rows
        )


def _quiet() -> None:
    # One progress bar per metric says nothing to a person; the outcomes are the message.
    os.environ["TQDM_DISABLE"] = "1"
    # Nothing is reported home; without a network, the attempt alone takes seconds at the end.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    for name in ("great_expectations", "great_expectations.data_context.types.base"):
        logging.getLogger(name).setLevel(logging.ERROR)


@contextmanager
def _closing() -> Iterator[None]:
    try:
        yield
    finally:
        for engine in list(_used):
            engine.dispose()
            _used.discard(engine)


def validate(
    database: Path, suites: Mapping[tuple[str, str], Sequence[Any]], docs: Path, name: str
) -> list[Outcome]:
    """Run suites, each on one (schema, table) of a database, and write Data Docs into a folder.

    An expectation's `meta` carries `check` and `note`. The file is opened read-only and closed.
    """
    _quiet()
    import great_expectations as gx
    from great_expectations.checkpoint import UpdateDataDocsAction
    from great_expectations.data_context.types.base import ProgressBarsConfig

    with _closing():
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        address = f"duckdb:///{database}?access_mode=read_only"
        source = context.data_sources.add_sql(name, connection_string=address)
        definitions = []
        for (schema, table), expectations in suites.items():
            asset = source.add_table_asset(table, table_name=table, schema_name=schema)
            batch = asset.add_batch_definition_whole_table("all")
            suite = context.suites.add(gx.ExpectationSuite(f"{name}_{table}"))
            for expectation in expectations:
                suite.add_expectation(expectation)
            definition = gx.ValidationDefinition(name=f"{name}_{table}", data=batch, suite=suite)
            definitions.append(context.validation_definitions.add(definition))
        context.add_data_docs_site(site_name=name, site_config=_site(docs))
        action = UpdateDataDocsAction(name="docs", site_names=[name])
        checkpoint = gx.Checkpoint(name=name, validation_definitions=definitions, actions=[action])
        result = context.checkpoints.add(checkpoint).run()
    # Four megabytes of animated help with every site, which no page of ours shows.
    for picture in docs.rglob("static/images/*.gif"):
        picture.unlink()
    outcomes: list[Outcome] = []
    for ran, definition in zip(result.run_results.values(), definitions, strict=True):
        table = definition.name.removeprefix(f"{name}_")
        outcomes += [_outcome(table, r) for r in ran.results]
    return outcomes


def _outcome(table: str, result: Any) -> Outcome:
    config = result.expectation_config
    raised = (result.exception_info or {}).get("raised_exception", False)
    counted = result.result.get("unexpected_count")
    observed = result.result.get("observed_value")
    unexpected = counted if counted is not None else observed if isinstance(observed, int) else 0
    bounds = {k: v for k, v in config.kwargs.items() if k in ("column", "min_value", "max_value")}
    return Outcome(
        check=config.meta.get("check", config.type),
        table=table,
        expectation=f"{config.type} {bounds}" if bounds else config.type,
        success=bool(result.success) and not raised,
        unexpected=int(unexpected) if not result.success else 0,
        note=config.meta.get("note", "") if not raised else f"could not be run: {result}",
        observed="" if result.success or observed is None else str(observed)[:300],
        examples=() if result.success else tuple(_examples(config, result.result)),
    )


def _examples(config: Any, found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    rows = (found.get("details") or {}).get("unexpected_rows") or []
    for row in rows[:_EXAMPLES]:
        yield {k: str(v) for k, v in dict(row).items()}
    if not rows:
        for value in (found.get("partial_unexpected_list") or [])[:_EXAMPLES]:
            yield {str(config.kwargs.get("column", "value")): str(value)}


def _site(folder: Path) -> Any:
    return {
        "class_name": "SiteBuilder",
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(folder),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
