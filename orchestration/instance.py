"""Where Dagster keeps its own things, and that it sends nothing home.

Belongs here: DAGSTER_HOME and dagster.yaml. Does not belong here: what it runs.
"""

import json
import os

from core.events import LOGGERS
from core.paths import DataPaths

# No telemetry, no newsletter dialogue. No pools either: a killed run would keep its place in one
# for ever, whereas the operating system frees the file lock of the write slot.
_CONFIGURATION = """\
telemetry: {{enabled: false}}
nux: {{enabled: false}}
event_log_storage:
  module: orchestration.event_log
  class: OpenSqliteEventLogStorage
  config: {{base_dir: {history}}}
# What a run tells people stands in its log as it happens.
python_logs: {{managed_python_loggers: {loggers}, python_log_level: INFO}}
# Days that the looks of schedules and sensors stay; runs are forgotten by a sensor (`retention`).
retention:
  schedule: {{purge_after_days: 90}}
  sensor: {{purge_after_days: {{skipped: 1, started: 1, success: 90, failure: 90}}}}
"""


def prepare(paths: DataPaths) -> None:
    """Make DAGSTER_HOME inside the data home, unless the environment names another."""
    folder = paths.root / "dagster"
    folder.mkdir(exist_ok=True)
    os.environ.setdefault("DAGSTER_HOME", str(folder))
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    configuration = folder / "dagster.yaml"
    history = json.dumps(str(folder / "history" / "runs"))
    wanted = _CONFIGURATION.format(history=history, loggers=json.dumps(LOGGERS))
    if not configuration.exists() or configuration.read_text(encoding="utf-8") != wanted:
        configuration.write_text(wanted, encoding="utf-8")
