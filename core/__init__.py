"""The ground floor: what every room stands on, each module named by its job.

Belongs here: errors, paths, files, SQL quoting, secrets, settings, events. Does not belong here:
anything that knows a source, a city, a table or a release.
"""
