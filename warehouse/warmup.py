"""Loading large libraries while DuckDB works, instead of when they are first called.

Belongs here: which modules. Does not belong here: using them.
"""

from __future__ import annotations

import logging
import threading
from importlib import import_module

# Seconds each; DuckDB and the decoders release the interpreter meanwhile.
_DBT = ("dbt.cli.main", "dbt.adapters.duckdb")
_GREAT_EXPECTATIONS = ("great_expectations.expectations", "great_expectations.checkpoint")
_begun = threading.Event()


def load_in_background() -> None:
    """Begin to load what a build needs; once per process, and it returns at once."""
    if not _begun.is_set():
        _begun.set()
        threading.Thread(target=_load, name="load-libraries", daemon=True).start()


def _load() -> None:
    for module in (*_DBT, *_GREAT_EXPECTATIONS):
        try:
            import_module(module)
        except Exception:  # whoever needs it will meet the same error, and say so
            logging.getLogger(__name__).exception("%s cannot be loaded", module)
