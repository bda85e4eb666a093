"""Where a call may go: the address that was declared, and what a server redirects to.

An entry of `hosts` is a host (`example.org`) or a host with a port (`example.org:8443`). A host
alone stands for its usual ports (443, 80) and for the port that the declared address itself names.
From https nothing leads back to http, unless `example.org:80` says so: a key or a figure on the way
could be read, and changed, by anybody.

Belongs here: the decision. Does not belong here: asking (`http`).
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

DECLARE_IT = "correct the URL, or declare `host` or `host:port` if it is the publisher's"
_USUAL = {"http": 80, "https": 443}


def may_go(url: str, *, declared: str, before: str | None, hosts: Collection[str]) -> bool:
    """Whether `url` may be asked: it is `declared`, or a redirect came to it from `before`.

    Raises ValueError for an address that cannot be read.
    """
    to = urlsplit(url)
    known = {host.lower() for host in hosts}
    if to.scheme not in _USUAL or to.hostname is None:
        return False
    if before is None:
        # The port of a declared address is declared with it.
        return to.hostname in known or _with_port(to) in known
    if _with_port(to) in known:
        return True
    is_weaker = urlsplit(before).scheme == "https" and to.scheme == "http"
    is_usual = _port(to) in (_USUAL[to.scheme], _port(urlsplit(declared)))
    return to.hostname in known and is_usual and not is_weaker


def demand(hosts: Collection[str]) -> str:
    """The rule, as an error says it."""
    rule = "also after redirects, on its usual port and not from https to http"
    return f"an http or https URL on a declared host {sorted(hosts)}, {rule}"


def origin(url: str) -> str:
    """Scheme, host and port of an address, as an error names it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")


def _port(parts: SplitResult) -> int | None:
    return parts.port or _USUAL.get(parts.scheme)


def _with_port(parts: SplitResult) -> str:
    return f"{parts.hostname}:{_port(parts)}"
