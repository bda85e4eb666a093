"""Telling a person: a log line always, a webhook where `WCN_ALERT_WEBHOOK` names one.

Belongs here: refusals and staleness. An alert that cannot be delivered never fails a run.
"""

from __future__ import annotations

import logging
import os

import requests

_log = logging.getLogger("wcn.alert")


def alert(kind: str, subject: str, text: str) -> None:
    """`kind` is refused, stale, unavailable or failed; `subject` a source id or a release."""
    _log.warning("%s: %s: %s", kind, subject, text)
    address = os.environ.get("WCN_ALERT_WEBHOOK")
    if not address:
        return
    try:
        requests.post(
            address, json={"kind": kind, "subject": subject, "text": text[:4000]}, timeout=5
        ).raise_for_status()
    except requests.RequestException as error:
        # The address may carry a secret: name the failure, not the address.
        _log.warning("the alert webhook did not take it: %s", type(error).__name__)
