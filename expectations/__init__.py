"""What may be published. The only room that knows Great Expectations.

Belongs here: suites, verdicts on series (gate 1), the verdict on a candidate (gate 2), evidence.
Does not belong here: computing what is judged (dbt), or acting on a verdict (orchestration).
"""
