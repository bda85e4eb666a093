"""What a release looks like: an SVG file per index and per network, drawn from its tables.

Belongs here: what a picture says, drawing it, and keeping what was drawn. Does not belong here:
computing anything but counts, or figures of sources: a picture shows scores, ranks and ties, and
says of whose figures they are made.
"""
