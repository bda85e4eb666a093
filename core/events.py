"""What a run tells people while it works: progress lines, and alerts.

Belongs here: passing both on to whoever listens; an alert is also logged and sent to the webhook.
An alert that cannot be delivered never fails a run. Does not belong here: what is worth saying.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from core.secrets import masked

_log = logging.getLogger("wcn.alert")
# Whoever runs this project (Dagster, say) may take these lines into its own log.
_progress = logging.getLogger("wcn.progress")
LOGGERS = (_log.name, _progress.name)

Listener = Callable[[str, str], None]


@dataclass(frozen=True)
class Events:
    """Where progress and alerts of one project go. `webhook` may carry a secret: never print it."""

    webhook: str | None = field(default=None, repr=False)
    listeners: list[Listener] = field(default_factory=list)

    def listen(self, listener: Listener) -> None:
        """Call `listener(topic, text)` for every progress line from now on."""
        self.listeners.append(listener)

    def progress(self, topic: str, text: str) -> None:
        """One line; `topic` is a source id or a step. May be called by several threads."""
        text = masked(text)
        _progress.info("%s: %s", topic, text)
        for listener in self.listeners:
            listener(topic, text)

    def alert(self, kind: str, subject: str, text: str) -> None:
        """`kind` is refused, stale, unavailable or failed; `subject` a source id or a step."""
        text = masked(text)
        _log.warning("%s: %s: %s", kind, subject, text)
        if not self.webhook:
            return
        import requests

        try:
            requests.post(
                self.webhook,
                json={"kind": kind, "subject": subject, "text": text[:4000]},
                timeout=5,
            ).raise_for_status()
        except requests.RequestException as error:
            _log.warning("the alert webhook did not take it: %s", type(error).__name__)
