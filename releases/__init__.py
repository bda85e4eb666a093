"""Immutable releases, one pointer, and the memory of every value that readers ever saw.

Belongs here: making, verifying, moving to, listing and deleting releases. Does not belong here:
deciding what may be released (`expectations`), or computing it (dbt).
"""
