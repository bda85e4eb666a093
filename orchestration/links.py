"""Addresses below the UI's own, of pages that it serves beside Dagster.

Belongs here: the addresses. Does not belong here: serving them (`webserver`).
"""

DATA_DOCS = "/data-docs"
RELEASES = "/releases"
DBT_DOCS = "/dbt-docs"
SERIES_DOCS = f"{DATA_DOCS}/series/index.html"
CANDIDATE_DOCS = f"{DATA_DOCS}/candidate/index.html"


def of_release(version: str, file: str) -> str:
    """A file of a release."""
    return f"{RELEASES}/{version}/{file}"
