"""How often a host may be asked: the rates of `hosts.yml`, and waiting for our turn.

Belongs here: rates, their configuration, the limiter per host. Does not belong here: requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pyrate_limiter import InMemoryBucket, Limiter, SingleBucketFactory
from pyrate_limiter import Rate as _Rate

from catalog.load import ROOM
from core.errors import DeclarationError

HOSTS = ROOM / "hosts.yml"
Rate = tuple[int, float]
"""So many requests in so many seconds."""


def rates(laid_over: Path | None = None) -> dict[str, Rate]:
    """Rates by host, and `default`; those of the file `laid_over` come before ours.

    Raises DeclarationError for a file of another form.
    """
    files = [HOSTS, *([laid_over] if laid_over else [])]
    return {host: rate for file in files for host, rate in _read(file).items()}


def _read(file: Path) -> dict[str, Rate]:
    try:
        said: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        made = {str(h): (int(r["requests"]), float(r["seconds"])) for h, r in said.items()}
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        found = f"{type(error).__name__}: {error}"
        raise _fault(file, found) from error
    if wrong := [h for h, (requests, seconds) in made.items() if requests < 1 or seconds <= 0]:
        raise _fault(file, f"no rate for {', '.join(wrong)}")
    return made


def _fault(file: Path, found: str) -> DeclarationError:
    return DeclarationError(
        file.name,
        expected="hosts with `requests` (1 or more) and `seconds` (above 0)",
        found=found,
        todo="mend the file, or unset WCN_HOSTS",
    )


class RateLimiter:
    """Waits for our turn, host by host; may be shared by threads, which then share the turns."""

    def __init__(self, rates: Mapping[str, Rate], default: Rate) -> None:
        self._rates = rates
        self._default = default
        self._limiters: dict[str, Limiter] = {}

    def wait(self, host: str) -> None:
        """Return when the host may be asked once more."""
        requests, seconds = self._rates.get(host, self._default)
        rate = _Rate(requests, round(seconds * 1000))
        bucket = SingleBucketFactory(InMemoryBucket([rate]), schedule_leak=False)  # no thread
        # `setdefault` is atomic: threads that come first together still get one limiter.
        self._limiters.setdefault(host, Limiter(bucket)).try_acquire(host)
