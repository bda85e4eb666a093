"""From snapshots of sources to a judged candidate: manifest, candidate files, dbt, the pipeline.

Belongs here: the order of a build (`pipeline`) and what its steps need of one another. Does not
belong here: Dagster (`orchestration`), commands (`cli`), or the work of the other rooms.
"""
