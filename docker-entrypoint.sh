#!/bin/sh
# Make Dagster's home in the volume and parse dbt, as `wcn ui` does; then start what was asked for.
set -eu
python - <<'PREPARE'
from orchestration import instance
from warehouse import dbt
from warehouse.project import Project

project = Project.open()
instance.prepare(project.paths)
dbt.prepare(project)
PREPARE
exec "$@"
