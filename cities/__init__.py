"""Names and codes → city ids. Arrow in, Arrow out; knows no Dagster, no dbt, no other room.

Where to begin: `resolve.py` asks `pipeline.py`, which names every step; each step is one table in
`steps/<stage>/<table>.sql`. What is particular to a country, a code scheme or a language stands in
`rules/*.csv`; what people decided and added, in `curated/`; how well it works and where the weights
come from, in `evaluation/`.

Belongs here: everything that decides which city a label means, and why. Does not belong here:
what sources say about the city.
"""
