"""What may go wrong, on purpose and in numbers: hostile bytes, kills, races, damage, long years.

`python -m tests.faults` runs all of it and writes the scorecard of the docs; the tests here and in
`tests/integration` run a part of it at every change.

Belongs here: making faults, and counting how they end. Does not belong here: single behaviours
(`tests/unit`, `tests/integration`).
"""
