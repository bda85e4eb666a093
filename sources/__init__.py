"""Bytes in, cells out. Knows HTTP and file formats; knows no Dagster, no dbt, no Great Expectations."""
