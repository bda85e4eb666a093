"""Services that say our own key back to us, in every way they have: it may stand nowhere after.

Belongs here: such answers, and the search. Does not belong here: masking (`core.secrets`).
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.paths import DataPaths
from tests.faults.score import Score
from tests.fixtures.services import FAMILIES, Service

KEY, NAME = 'Zx9/+a b&c"d=u7q', "WCN_FAULT_KEY"
_SPELT = {
    KEY.encode(),
    quote(KEY, safe="").encode(),
    quote_plus(KEY).encode(),
    json.dumps(KEY)[1:-1].encode(),
    json.dumps(json.dumps(KEY)[1:-1])[1:-1].encode(),
    KEY.replace("&", "&amp;").replace('"', "&quot;").encode(),
    KEY.encode().hex().encode(),
    base64.b64encode(KEY.encode()).rstrip(b"="),
}
ANSWERS: dict[str, Callable[[Request, str], Response]] = {
    "401 in words": lambda *_: Response(f"Invalid API key: {KEY}", 401),
    "403 in JSON": lambda *_: Response(json.dumps({"error": f"no access for {KEY}"}), 403),
    "400 with the address": lambda r, _: Response(f"bad request: {r.url}", 400),
    "404 in markup": lambda *_: Response(f"<p>{KEY.replace('&', '&amp;')}</p>", 404),
    "429 in base64": lambda *_: Response(base64.b64encode(KEY.encode()), 429),
    "500 and a traceback": lambda *_: Response(f"KeyError: {KEY!r} at line 7", 500),
    "200 that is an error": lambda *_: Response(f'{{"message": {json.dumps(KEY)}}}'),
    "200 with data, and the key": lambda _, body: Response(body + f"\n# {KEY}\n"),
    "a redirect that carries it": lambda *_: Response(
        "", 302, headers={"Location": f"https://elsewhere.example/?k={quote(KEY)}"}
    ),
    "validators that carry it": lambda _, body: Response(
        body, headers={"ETag": f'"{quote(KEY)}"', "Last-Modified": quote(KEY)}
    ),
}


def repeated(folder: Path) -> Score:
    """Every answer, of every family of services, with the key in a header and in the query."""
    score = Score("a service repeats our key")
    os.environ |= {NAME: KEY, "NO_PROXY": "*"}
    try:
        with score.timed(), HTTPServer() as server:
            for family in FAMILIES.values():
                for place in ("header", "query"):
                    for name, answer in ANSWERS.items():
                        case = f"{family.name}, {place}, {name}"
                        found = _met(server, folder / str(score.tried), family.name, place, answer)
                        score.count("kept nowhere" if not found else "kept")
                        score.expect(not found, f"{case}: the key stands in {found}")
    finally:
        del os.environ[NAME]
    return score


def _met(
    server: HTTPServer,
    folder: Path,
    family: str,
    place: str,
    answer: Callable[[Request, str], Response],
) -> list[str]:
    """Files, and failures, in which the key stands after one source has met one answer."""
    server.clear()
    service = Service(FAMILIES[family], server, DataPaths(folder).create(), always=answer)
    live = service.source().access.live
    assert live is not None
    where = "X-Odd" if place == "header" else "api_key"
    keyed = live.model_dump(by_alias=True) | {"key": {"env": NAME, place: where}}
    snapshot = service.snapshot(access={"live": keyed})
    texts = {f"failure {n}": text.encode() for n, text in enumerate(snapshot.failures)}
    texts |= {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    return [name for name, text in texts.items() if any(spelt in text for spelt in _SPELT)]
