"""Composite indices: from a declaration and a table of values to scores, ranks and their doubts.

Belongs here: pure functions of a declared index (`catalog.index`) and Arrow tables. Does not belong
here: which units are cities, where values come from, and how results are shown.
"""
