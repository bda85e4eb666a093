"""Data files that come with the software: in an installed package, or in this repository.

Belongs here: finding and landing them. Does not belong here: when they are taken (`fetch`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from importlib.util import find_spec
from pathlib import Path

from core.errors import ContentError
from core.paths import DataPaths
from core.settings import ROOT
from sources.access import AccessMethod, BundledAccess, RepositoryAccess
from sources.declarations import Source
from sources.landing import land
from sources.receipt import Receipt


def receipts_of_shipped(
    paths: DataPaths,
    source: Source,
    method: AccessMethod,
    access: BundledAccess | RepositoryAccess,
) -> Iterator[Receipt]:
    """A receipt for each declared file, as it lies there. Raises ContentError where one is gone."""
    folder, origin = _folder(access)
    released = getattr(access, "released", None)
    made = datetime(released.year, released.month, released.day, tzinfo=UTC) if released else None
    for name, resource in access.resources.items():
        path = folder / (resource.path or "") if folder else None
        if path is None or not path.is_file():
            raise ContentError(
                source.source_id,
                expected=f"{resource.path} in {origin}",
                found="no such file" if path else "no such package",
                todo="install the locked requirements again, from a whole checkout",
            )
        sha256, size = land(paths, source.source_id, path)
        yield Receipt(
            source_id=source.source_id,
            resource=name,
            access_method=method,
            table=resource.table or access.table,
            url=f"{origin}/{resource.path}",
            retrieved_at=datetime.now(UTC).isoformat(timespec="seconds"),
            sha256=sha256,
            size=size,
            licence=source.licence,
            last_modified=format_datetime(made, usegmt=True) if made else None,
        )


def _folder(access: BundledAccess | RepositoryAccess) -> tuple[Path | None, str]:
    """Where the files lie, and how a receipt names that place."""
    if isinstance(access, RepositoryAccess):
        return ROOT, "repository:"
    # The package's code is not run: its folder is found, and a file read out of it.
    spec = find_spec(access.package)
    folders = list(spec.submodule_search_locations or []) if spec else []
    return Path(folders[0]) if folders else None, f"package:{access.package}"
