"""The only room that knows Dagster and dbt: assets, checks, schedules, and the `wcn` command."""
