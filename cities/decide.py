"""Writing what a person decides about a label, and taking it back.

Belongs here: turning a case and an answer into a line of the file of decisions. Does not belong
here: the file itself (`review`), asking (`cli`), applying decisions (`resolve`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cities import review
from cities.queue import Case, label_text
from cities.register import Place
from cities.review import Decision, Verdict


def decide(file: Path, about: Case, city: Place | None, reviewer: str, reason: str) -> Decision:
    """Write that a case is this city, or none. Raises ValueError without a reviewer or a reason."""
    return _write(file, about.key, "city" if city else "not_a_city", city, reviewer, reason)


def revoke(
    file: Path,
    source: str,
    name: str | None,
    code: str | None,
    country: str | None,
    reviewer: str,
    reason: str,
) -> Decision:
    """Write that a decision holds no longer; the label need not be in the release any more.

    Raises LookupError where not exactly one decision is meant, ValueError without a reason.
    """
    wanted = (source, name, code, country)
    holding = review.holding(review.read(file))
    meant = [
        d for d in holding if all(a is None or a == b for a, b in zip(wanted, d.label, strict=True))
    ]
    if len(meant) != 1:
        listed = meant or [d for d in holding if d.source_id == source]
        texts = "; ".join(label_text(*d.label[1:]) for d in listed[:8]) or "none"
        which = "several decisions are meant" if meant else "no decision about it holds"
        raise LookupError(f"{which}; of {source} there are: {texts}")
    return _write(file, meant[0].label, "revoked", None, reviewer, reason)


def _write(
    file: Path,
    label: tuple[str, str, str, str],
    verdict: Verdict,
    city: Place | None,
    reviewer: str,
    reason: str,
) -> Decision:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    city_id = str(city.city_id) if city else ""
    made = Decision(at, *label, verdict, city_id, reviewer.strip(), reason.strip())
    review.append(file, made)
    return made
