"""Bytes in, cells out. Knows HTTP and file formats; knows no Dagster, dbt or Great Expectations."""
