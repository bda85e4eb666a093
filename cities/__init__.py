"""Names and codes → city ids. Arrow in, Arrow out; knows no Dagster, no dbt.

Belongs here: everything that decides which city a label means, and why. Does not belong here:
what is said about the city.
"""
