"""Dagster's view of the pipeline: assets, checks, schedules, sensors. The only room that knows it.

Belongs here: what Dagster sees. Does not belong here: work (`warehouse.pipeline`).
"""
