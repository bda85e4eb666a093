"""The HTTP client against real servers on this machine.

Belongs here: what `sources.http` promises. Does not belong here: any host out on the network.
"""

from __future__ import annotations

import gzip
import hashlib
import random
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.errors import ContentError, DeclarationError, StatusError, TransportError
from core.settings import Settings
from sources.conditions import Validators
from sources.deadline import WatchedAdapter
from sources.http import Answer, HttpClient, HttpSettings, user_agent
from sources.origins import may_go

QUICK = HttpSettings(
    connect_timeout=0.5,
    read_timeout=0.3,
    total_timeout=5,
    max_tries=3,
    backoff_base=0.001,
    backoff_cap=0.002,
    default_rate=(10_000, 1.0),
    rates={},
)
BODY = b"city,population\nIzmir,4400000\n"
HOSTS = ("localhost", "127.0.0.1")


@pytest.fixture
def client() -> HttpClient:
    return HttpClient(settings=QUICK)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the client wanted to sleep; it does not."""
    waits: list[float] = []
    monkeypatch.setattr("sources.http.time.sleep", waits.append)
    return waits


def fetch(client: HttpClient, url: str, into: Path, **more: Any) -> Answer:
    return client.get("demo", url, **{"hosts": HOSTS, "into": into, "max_bytes": 10**6, **more})


def told_by(error: BaseException | None) -> str:
    """All that a log can show of an error and of those behind it."""
    return f"{error!r} {error} {told_by(error.__cause__ or error.__context__)}" if error else ""


def requests_of(server: HTTPServer) -> list[Request]:
    return [request for request, _ in server.log]


class Sequence:
    """A handler that gives one answer after the other, and the last one for ever."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)

    def __call__(self, _: Request) -> Response:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def raw_server(*handlers: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[int]]]:
    """A server of sockets: the n-th connection gets the n-th handler, later ones the last."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[int] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                seen.append(1)
                try:
                    connection.recv(65536)
                    handlers[min(len(seen), len(handlers)) - 1](connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/data.csv", seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=2)


def says(head: str, body: bytes = b"") -> Callable[[socket.socket], None]:
    lines = f"HTTP/1.1 {head}\r\nConnection: close\r\n\r\n"
    return lambda connection: connection.sendall(lines.encode() + body)


def hold(connection: socket.socket) -> None:
    """Say nothing until the client has had enough and closes."""
    connection.settimeout(2)
    connection.recv(1)


def whole(connection: socket.socket) -> None:
    says(f"200 OK\r\nContent-Length: {len(BODY)}", BODY)(connection)


# --- the good answer ----------------------------------------------------------------------------


def test_body_lands_in_a_file_with_its_hash(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/a").respond_with_data(BODY, headers={"ETag": '"1"'})
    into = tmp_path / "not" / "yet"
    answer = fetch(client, httpserver.url_for("/a"), into)
    assert answer.path is not None
    assert answer.path.parent == into
    assert answer.path.read_bytes() == BODY
    assert answer.sha256 == hashlib.sha256(BODY).hexdigest()
    assert (answer.status, answer.size) == (200, len(BODY))
    assert answer.headers["etag"] == '"1"'


def test_compressed_transfer_is_undone(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    packed = {"Content-Encoding": "gzip"}
    httpserver.expect_request("/a").respond_with_data(gzip.compress(BODY * 9000), headers=packed)
    totals: set[int | None] = set()
    report = lambda size, total: totals.add(total)  # noqa: E731
    answer = fetch(client, httpserver.url_for("/a"), tmp_path, progress=report)
    assert answer.path is not None
    assert answer.path.read_bytes() == BODY * 9000
    assert totals == {None}  # what is announced is the packed size
    assert answer.size == len(BODY) * 9000


def test_user_agent_names_us_and_the_contact(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/a").respond_with_data(BODY)
    for environment in ({}, {"WCN_CONTACT": "ops@example.org"}):
        agent = user_agent(Settings.from_environment(environment).contact)
        client = HttpClient(settings=replace(QUICK, user_agent=agent))
        fetch(client, httpserver.url_for("/a"), tmp_path)
    assert [str(request.user_agent) for request in requests_of(httpserver)] == [
        "WorldCityNetwork/0.1 (+https://worldcitynetwork.org/contact; data@worldcitynetwork.org)",
        "WorldCityNetwork/0.1 (ops@example.org)",
    ]


def test_progress_hears_of_bytes_and_total(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/a").respond_with_data(BODY * 10_000)
    heard: list[tuple[int, int | None]] = []
    report = lambda size, total: heard.append((size, total))  # noqa: E731
    fetch(client, httpserver.url_for("/a"), tmp_path, progress=report)
    size = len(BODY) * 10_000
    assert heard[-1] == (size, size)
    assert len(heard) > 1
    assert [done for done, _ in heard] == sorted({done for done, _ in heard})


def test_declared_headers_are_sent(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/a", headers={"Accept": "text/csv"}).respond_with_data(BODY)
    fetch(client, httpserver.url_for("/a"), tmp_path, headers={"Accept": "text/csv"})


def test_login_from_netrc_is_not_sent(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    httpserver.expect_request("/a").respond_with_data(BODY)
    fetch(client, httpserver.url_for("/a"), tmp_path)
    assert "Authorization" not in requests_of(httpserver)[0].headers


# --- hosts and redirects ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/a", "ftp://localhost/a", "file:///etc/hosts", "no url", "http://["]
)
def test_undeclared_url_is_a_declaration_error(
    client: HttpClient, tmp_path: Path, url: str
) -> None:
    with pytest.raises(DeclarationError, match="demo: expected an http or https URL"):
        fetch(client, url, tmp_path, hosts=["localhost"])


def test_undeclared_host_is_not_hidden_by_a_backslash(client: HttpClient, tmp_path: Path) -> None:
    with pytest.raises(DeclarationError):
        fetch(client, "http://elsewhere.invalid\\@localhost/a", tmp_path, hosts=["localhost"])


def test_redirect_on_declared_hosts_is_followed(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    target = f"http://127.0.0.1:{httpserver.port}/b"
    httpserver.expect_request("/a").respond_with_data(status=302, headers={"Location": target})
    httpserver.expect_request("/b").respond_with_data(status=301, headers={"Location": "c?d=1"})
    httpserver.expect_request("/c", query_string="d=1").respond_with_data(BODY)
    answer = fetch(client, httpserver.url_for("/a"), tmp_path)
    assert answer.url == f"http://127.0.0.1:{httpserver.port}/c?d=1"
    assert answer.size == len(BODY)


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{port}/b", "//127.0.0.1:{port}/b", "ftp://localhost/b"]
)
def test_redirect_away_from_declared_hosts_is_refused(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path, target: str
) -> None:
    location = {"Location": target.format(port=httpserver.port)}
    httpserver.expect_request("/a").respond_with_data(status=302, headers=location)
    httpserver.expect_request("/b").respond_with_data(BODY)
    with pytest.raises(ContentError, match=r"127\.0\.0\.1|ftp"):
        fetch(client, httpserver.url_for("/a"), tmp_path, hosts=["localhost"])
    assert [request.path for request in requests_of(httpserver)] == ["/a"]


@pytest.fixture
def other() -> Iterator[HTTPServer]:
    """A second server of the same host, at another port."""
    with HTTPServer(port=0) as server:
        server.expect_request("/b").respond_with_data(BODY)
        yield server


def test_redirect_to_another_port_of_a_declared_host_is_refused_unless_declared(
    client: HttpClient, httpserver: HTTPServer, other: HTTPServer, tmp_path: Path
) -> None:
    target = {"Location": f"http://localhost:{other.port}/b"}
    httpserver.expect_request("/a").respond_with_data(status=302, headers=target)
    with pytest.raises(ContentError, match=f"found http://localhost:{other.port}"):
        fetch(client, httpserver.url_for("/a"), tmp_path, hosts=["localhost"])
    assert requests_of(other) == []
    hosts = ["localhost", f"localhost:{other.port}"]
    assert fetch(client, httpserver.url_for("/a"), tmp_path, hosts=hosts).size == len(BODY)


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    """A server that speaks https, with a certificate that the client takes for good."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine (Debian: apt-get install openssl)")
    pem = tmp_path / "certificate.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-keyout", pem, "-out", tmp_path / "only.pem"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        ],
        check=True,
        capture_output=True,
    )
    pem.write_text(pem.read_text() + (tmp_path / "only.pem").read_text())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "only.pem"))
    with HTTPServer(port=0, ssl_context=context) as server:
        yield server


def test_redirect_from_https_to_http_is_refused_unless_declared(
    client: HttpClient, secure: HTTPServer, other: HTTPServer, tmp_path: Path
) -> None:
    secure.expect_request("/a").respond_with_data(
        status=302, headers={"Location": f"http://localhost:{other.port}/b"}
    )
    url, plain = secure.url_for("/a"), f"localhost:{other.port}"
    assert url.startswith("https://")
    with pytest.raises(ContentError, match=f"found http://{plain}"):
        fetch(client, url, tmp_path, hosts=["localhost", f"localhost:{secure.port}"])
    assert requests_of(other) == []
    assert fetch(client, url, tmp_path, hosts=["localhost", plain]).size == len(BODY)


@pytest.mark.parametrize(
    ("before", "to", "hosts", "expected"),
    [
        ("https://a.org/x", "https://a.org/y", ["a.org"], True),
        ("https://a.org/x", "https://a.org:443/y", ["a.org"], True),
        ("http://a.org/x", "https://a.org/y", ["A.org"], True),
        ("https://a.org/x", "http://a.org/y", ["a.org"], False),
        ("https://a.org/x", "http://a.org:443/y", ["a.org"], False),
        ("https://a.org/x", "http://a.org/y", ["a.org", "a.org:80"], True),
        ("https://a.org/x", "https://a.org:8443/y", ["a.org"], False),
        ("https://a.org/x", "https://a.org:8443/y", ["a.org:8443"], True),
        ("https://a.org:8443/x", "https://a.org:8443/y", ["a.org"], True),
        ("https://a.org/x", "https://a.org:22/y", ["a.org"], False),
        ("https://a.org/x", "https://b.org/y", ["a.org"], False),
    ],
)
def test_where_a_redirect_may_lead(before: str, to: str, hosts: list[str], expected: bool) -> None:
    assert may_go(to, declared=before, before=before, hosts=hosts) is expected


def test_five_redirects_are_followed_and_six_are_not(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    for n in range(6):
        to = {"Location": f"/{n + 1}"}
        httpserver.expect_request(f"/{n}").respond_with_data(status=302, headers=to)
    httpserver.expect_request("/6").respond_with_data(BODY)
    assert fetch(client, httpserver.url_for("/1"), tmp_path).size == len(BODY)
    with pytest.raises(ContentError, match="at most 5 redirects"):
        fetch(client, httpserver.url_for("/0"), tmp_path)


def test_secret_header_stays_with_the_declared_host(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    target = {"Location": f"http://127.0.0.1:{httpserver.port}/b"}
    httpserver.expect_request("/").respond_with_data(status=302, headers={"Location": "/a"})
    httpserver.expect_request("/a").respond_with_data(status=302, headers=target)
    httpserver.expect_request("/b").respond_with_data(BODY)
    sent = {"X-API-Key": "hunter2", "Accept": "text/csv"}
    fetch(client, httpserver.url_for("/"), tmp_path, headers=sent)
    keys = [request.headers.get("X-API-Key") for request in requests_of(httpserver)]
    assert keys == ["hunter2", "hunter2", None]
    assert {request.headers["Accept"] for request in requests_of(httpserver)} == {"text/csv"}


# --- statuses and tries -------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_passing_status_is_tried_again(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path, status: int
) -> None:
    handler = Sequence(Response(status=status), Response(status=status), Response(BODY))
    httpserver.expect_request("/a").respond_with_handler(handler)
    assert fetch(client, httpserver.url_for("/a"), tmp_path).size == len(BODY)


def test_passing_status_that_stays_is_a_status_error(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/a").respond_with_data(status=503)
    with pytest.raises(StatusError, match="status 503"):
        fetch(client, httpserver.url_for("/a"), tmp_path)
    assert len(httpserver.log) == QUICK.max_tries


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 501, 204, 304, 300])
def test_other_status_is_not_tried_again(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path, status: int
) -> None:
    httpserver.expect_request("/a").respond_with_data(status=status)
    with pytest.raises(StatusError, match=f"found status {status}"):
        fetch(client, httpserver.url_for("/a"), tmp_path)
    assert len(httpserver.log) == 1


def test_retry_after_in_seconds_is_honoured(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path, slept: list[float]
) -> None:
    busy = Response(status=429, headers={"Retry-After": "3"})
    httpserver.expect_request("/a").respond_with_handler(Sequence(busy, Response(BODY)))
    fetch(client, httpserver.url_for("/a"), tmp_path)
    assert slept == [3]


def test_retry_after_as_a_date_is_honoured(
    httpserver: HTTPServer, tmp_path: Path, slept: list[float]
) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=50), usegmt=True)
    busy = Response(status=503, headers={"Retry-After": date})
    httpserver.expect_request("/a").respond_with_handler(Sequence(busy, Response(BODY)))
    patient = HttpClient(settings=replace(QUICK, total_timeout=100))
    fetch(patient, httpserver.url_for("/a"), tmp_path)
    assert len(slept) == 1
    assert 10 < slept[0] <= 50


def test_retry_after_beyond_our_patience_is_given_up(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path, slept: list[float]
) -> None:
    httpserver.expect_request("/a").respond_with_data(status=429, headers={"Retry-After": "86400"})
    with pytest.raises(StatusError, match="come back in 86400 s"):
        fetch(client, httpserver.url_for("/a"), tmp_path)
    assert (len(httpserver.log), slept) == (1, [])


@pytest.mark.parametrize("nonsense", ["soon", "-5", "9" * 5000, "Mon, 99 Zed 20000 99:99:99 GMT"])
def test_retry_after_that_makes_no_sense_is_ignored(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path, nonsense: str
) -> None:
    busy = Response(status=429, headers={"Retry-After": nonsense})
    httpserver.expect_request("/a").respond_with_handler(Sequence(busy, Response(BODY)))
    assert fetch(client, httpserver.url_for("/a"), tmp_path).size == len(BODY)


def test_backoff_doubles_up_to_its_cap_with_full_jitter(
    httpserver: HTTPServer, tmp_path: Path, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    ranges: list[tuple[float, float]] = []

    def upper(low: float, high: float) -> float:
        ranges.append((low, high))
        return high

    monkeypatch.setattr(random, "uniform", upper)
    httpserver.expect_request("/a").respond_with_data(status=500)
    settings = replace(QUICK, max_tries=5, backoff_base=0.5, backoff_cap=3, total_timeout=60)
    with pytest.raises(StatusError):
        fetch(HttpClient(settings=settings), httpserver.url_for("/a"), tmp_path)
    assert slept == [0.5, 1, 2, 3]
    assert ranges[:4] == [(0, 0.5), (0, 1), (0, 2), (0, 3)]


# --- connections that fail ----------------------------------------------------------------------


def test_refused_connection_is_a_transport_error(
    client: HttpClient, tmp_path: Path, slept: list[float]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TransportError, match="refused"):
        fetch(client, f"http://127.0.0.1:{port}/a", tmp_path)
    assert len(slept) == QUICK.max_tries - 1


def test_dropped_connection_is_tried_again(client: HttpClient, tmp_path: Path) -> None:
    with raw_server(lambda connection: None, whole) as (url, seen):
        assert fetch(client, url, tmp_path).size == len(BODY)
    assert len(seen) == 2


def test_silence_is_a_transport_error_after_all_tries(tmp_path: Path) -> None:
    client = HttpClient(settings=replace(QUICK, read_timeout=0.05, max_tries=2))
    with raw_server(hold) as (url, seen), pytest.raises(TransportError, match="timed out"):
        fetch(client, url, tmp_path)
    assert len(seen) == 2


def test_silence_within_a_body_is_tried_again(tmp_path: Path) -> None:
    def stall(connection: socket.socket) -> None:
        says("200 OK\r\nContent-Length: 100", b"x")(connection)
        hold(connection)

    client = HttpClient(settings=replace(QUICK, read_timeout=0.1))
    with raw_server(stall, whole) as (url, seen):
        assert fetch(client, url, tmp_path).size == len(BODY)
    assert len(seen) == 2
    assert len(list(tmp_path.iterdir())) == 1


_HEAD = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n", _HEAD + b"Content-Length: 2\r\n\r\nab"),
    "status line": (b"HTTP/1.1 200 O", b"K", b"\r\nContent-Length: 2\r\n\r\nab"),
    "one header": (_HEAD + b"X-Long: ", b"x", b"\r\nContent-Length: 2\r\n\r\nab"),
    "many headers": (_HEAD, b"X: y\r\n", b"Content-Length: 2\r\n\r\nab"),
    "chunk extension": (_CHUNKED + b"2;", b"x", b"\r\nab\r\n0\r\n\r\n"),
    "trailers": (_CHUNKED + b"2\r\nab\r\n0\r\n", b"X: y\r\n", b"\r\n"),
    "body without a length": (_HEAD + b"\r\n", b"x", b""),
}


@pytest.mark.parametrize("phase", ENDLESS)
def test_one_end_for_the_exchange_whatever_its_phase(tmp_path: Path, phase: str) -> None:
    before, drop, after = ENDLESS[phase]
    sent: list[int] = []

    def drip(connection: socket.socket) -> None:
        connection.sendall(before)
        # Well beyond the end, but no hundred headers: then a whole answer, which must not count.
        for n in range(80):
            connection.sendall(drop)
            sent.append(n)
            time.sleep(0.05)
        connection.sendall(after)

    client = HttpClient(settings=replace(QUICK, total_timeout=0.4))
    with raw_server(drip) as (url, seen), pytest.raises(TransportError, match="total_timeout"):
        fetch(client, url, tmp_path)
    assert len(seen) == 1
    assert len(sent) < 80  # it was ended, not waited for
    assert list(tmp_path.iterdir()) == []


def test_an_exchange_in_time_is_not_ended_and_its_connection_is_used_again(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/a").respond_with_data(BODY)
    quick = HttpClient(settings=replace(QUICK, total_timeout=0.4))
    for _ in range(3):
        assert fetch(quick, httpserver.url_for("/a"), tmp_path).size == len(BODY)
        time.sleep(0.2)


TRUNCATED = {
    "length": says("200 OK\r\nContent-Length: 100", b"x" * 40),
    "chunked": says("200 OK\r\nTransfer-Encoding: chunked", b"20\r\n" + b"x" * 10),
    "between chunks": says("200 OK\r\nTransfer-Encoding: chunked", b"4\r\nabcd\r\n"),
    "encoded": says("200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99", gzip.compress(BODY)),
}


@pytest.mark.parametrize("cut", TRUNCATED.values(), ids=TRUNCATED.keys())
def test_truncated_body_is_tried_again(
    client: HttpClient, tmp_path: Path, cut: Callable[[socket.socket], None]
) -> None:
    with raw_server(cut, whole) as (url, seen):
        answer = fetch(client, url, tmp_path)
    assert answer.path is not None
    assert answer.path.read_bytes() == BODY
    assert len(seen) == 2
    assert list(tmp_path.iterdir()) == [answer.path]


@pytest.mark.parametrize("cut", TRUNCATED.values(), ids=TRUNCATED.keys())
def test_truncated_body_that_stays_is_a_content_error(
    client: HttpClient, tmp_path: Path, cut: Callable[[socket.socket], None]
) -> None:
    with raw_server(cut) as (url, seen), pytest.raises(ContentError, match="a whole body"):
        fetch(client, url, tmp_path)
    assert len(seen) == QUICK.max_tries
    assert list(tmp_path.iterdir()) == []


def test_undecodable_body_is_a_content_error(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    packed = {"Content-Encoding": "gzip"}
    httpserver.expect_request("/a").respond_with_data(b"not gzip at all", headers=packed)
    with pytest.raises(ContentError, match="failed to decode"):
        fetch(client, httpserver.url_for("/a"), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_slow_drip_is_stopped_by_the_total_time(tmp_path: Path, framing: str) -> None:
    sent: list[int] = []

    def drip(connection: socket.socket) -> None:
        length = framing == "length"
        says(
            f"200 OK\r\n{'Content-Length: 500' if length else 'Transfer-Encoding: chunked'}",
            b"" if length else b"1f4\r\n",
        )(connection)
        for n in range(500):
            connection.sendall(b"x")
            sent.append(n)
            time.sleep(0.01)

    client = HttpClient(settings=replace(QUICK, total_timeout=0.15))
    with raw_server(drip) as (url, seen), pytest.raises(TransportError, match="total_timeout"):
        fetch(client, url, tmp_path)
    assert len(seen) == 1
    assert len(sent) < 500
    assert list(tmp_path.iterdir()) == []


# --- names that do not resolve ------------------------------------------------------------------


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names asked for; those in .invalid have no address."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_unknown_name_is_asked_for_twice_and_then_remembered(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path, lookups: list[str]
) -> None:
    for path in ("/a", "/b"):
        with pytest.raises(TransportError, match="no network address of nowhere"):
            fetch(client, f"http://nowhere.invalid{path}", tmp_path, hosts=["nowhere.invalid"])
    assert lookups == ["nowhere.invalid"] * 2
    httpserver.expect_request("/a").respond_with_data(BODY)
    assert fetch(client, httpserver.url_for("/a"), tmp_path).size == len(BODY)


def test_another_client_asks_for_an_unknown_name_again(tmp_path: Path, lookups: list[str]) -> None:
    for _ in range(2):
        client = HttpClient(settings=QUICK)
        with pytest.raises(TransportError):
            fetch(client, "http://nowhere.invalid/a", tmp_path, hosts=["nowhere.invalid"])
    assert len(lookups) == 4


# --- limits of size -----------------------------------------------------------------------------


def test_body_announced_too_large_is_not_read(client: HttpClient, tmp_path: Path) -> None:
    heard: list[int] = []
    report = lambda size, total: heard.append(size)  # noqa: E731
    announced = says("200 OK\r\nContent-Length: 5000", b"x" * 5000)
    with raw_server(announced) as (url, seen), pytest.raises(ContentError, match="at most 4999"):
        fetch(client, url, tmp_path, max_bytes=4999, progress=report)
    assert (len(seen), heard) == (1, [])


def test_body_too_large_is_stopped_while_streaming(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    made: list[int] = []

    def endless() -> Iterator[bytes]:
        for n in range(10_000):
            made.append(n)
            yield b"x" * 10_000

    httpserver.expect_request("/a").respond_with_handler(lambda _: Response(endless()))
    with pytest.raises(ContentError, match="at most 100000 bytes"):
        fetch(client, httpserver.url_for("/a"), tmp_path, max_bytes=100_000)
    assert len(made) < 10_000
    assert list(tmp_path.iterdir()) == []


def test_compressed_body_is_measured_unpacked(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    packed = {"Content-Encoding": "gzip"}
    bomb = gzip.compress(bytes(3_000_000))
    httpserver.expect_request("/a").respond_with_data(bomb, headers=packed)
    with pytest.raises(ContentError, match="at most 1000000 bytes"):
        fetch(client, httpserver.url_for("/a"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_body_of_exactly_the_limit_is_taken(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/a").respond_with_data(BODY)
    assert fetch(client, httpserver.url_for("/a"), tmp_path, max_bytes=len(BODY)).size == len(BODY)


def test_empty_body_is_a_content_error(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/a").respond_with_data(b"")
    with pytest.raises(ContentError, match="0 bytes"):
        fetch(client, httpserver.url_for("/a"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_file_is_removed_when_the_caller_breaks_off(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    def stop(size: int, total: int | None) -> None:
        raise KeyboardInterrupt

    httpserver.expect_request("/a").respond_with_data(BODY)
    with pytest.raises(KeyboardInterrupt):
        fetch(client, httpserver.url_for("/a"), tmp_path, progress=stop)
    assert list(tmp_path.iterdir()) == []


# --- conditional requests -----------------------------------------------------------------------

MODIFIED = "Tue, 01 Jul 2025 00:00:00 GMT"


def test_unchanged_body_is_not_fetched_again(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    conditions = {"If-None-Match": '"1"', "If-Modified-Since": MODIFIED}
    httpserver.expect_request("/a", headers=conditions).respond_with_data(status=304)
    known = Validators(etag='"1"', last_modified=MODIFIED)
    answer = fetch(client, httpserver.url_for("/a"), tmp_path, validators=known)
    assert (answer.status, answer.path, answer.sha256, answer.size) == (304, None, None, 0)
    assert list(tmp_path.iterdir()) == []


def test_validator_that_is_not_known_is_not_sent(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/a").respond_with_data(BODY)
    known = Validators(etag='"1"')
    assert fetch(client, httpserver.url_for("/a"), tmp_path, validators=known).status == 200
    headers = requests_of(httpserver)[0].headers
    assert headers["If-None-Match"] == '"1"'
    assert "If-Modified-Since" not in headers


@pytest.mark.parametrize(
    ("status", "headers", "known", "changed"),
    [
        (304, {}, Validators(etag='"1"'), False),
        (200, {"ETag": '"2"'}, Validators(etag='"1"'), True),
        (200, {"ETag": 'W/"1"'}, Validators(etag='"1"'), False),
        (200, {"Last-Modified": MODIFIED}, Validators(last_modified=MODIFIED), False),
        (200, {"Last-Modified": MODIFIED}, Validators(last_modified="yesterday"), True),
        (200, {"ETag": '"2"', "Last-Modified": MODIFIED}, Validators('"1"', MODIFIED), True),
        (200, {"Last-Modified": MODIFIED}, Validators(etag='"1"'), None),
        (200, {}, Validators(etag='"1"'), None),
    ],
)
def test_changed_tells_what_the_server_tells(
    client: HttpClient,
    httpserver: HTTPServer,
    status: int,
    headers: dict[str, str],
    known: Validators,
    changed: bool | None,
) -> None:
    httpserver.expect_request("/a").respond_with_data(
        BODY if status == 200 else b"", status=status, headers=headers
    )
    url = httpserver.url_for("/a")
    assert client.changed("demo", url, hosts=HOSTS, validators=known) is changed


def test_changed_does_not_ask_without_validators(
    client: HttpClient, httpserver: HTTPServer
) -> None:
    url = httpserver.url_for("/a")
    assert client.changed("demo", url, hosts=HOSTS, validators=Validators()) is None
    assert httpserver.log == []


def test_changed_reads_no_body(client: HttpClient) -> None:
    def head_only(connection: socket.socket) -> None:
        says('200 OK\r\nETag: "2"\r\nContent-Length: 5000')(connection)
        hold(connection)  # reading the body would be a time-out

    with raw_server(head_only) as (url, _):
        assert client.changed("demo", url, hosts=HOSTS, validators=Validators(etag='"1"')) is True


# --- manners and secrets ------------------------------------------------------------------------


def test_threads_of_one_client_share_its_pace(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    lock, real = threading.Lock(), time.sleep

    def count(seconds: float) -> None:
        with lock:
            waits.append(seconds)
        real(seconds)

    monkeypatch.setattr("pyrate_limiter.limiter.sleep", count)
    httpserver.expect_request("/a").respond_with_data(BODY)
    client = HttpClient(settings=replace(QUICK, rates={"localhost": (2, 0.2)}))
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(fetch, client, httpserver.url_for("/a"), tmp_path) for _ in range(4)]
    assert all(job.result().status == 200 for job in jobs)
    assert len(waits) >= 2


def test_waiting_for_our_turn_is_not_counted_as_their_time(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/a").respond_with_data(BODY)
    client = HttpClient(settings=replace(QUICK, rates={"localhost": (1, 0.4)}, total_timeout=0.3))
    for _ in range(2):
        assert fetch(client, httpserver.url_for("/a"), tmp_path).status == 200


def test_hosts_with_known_limits_have_rates() -> None:
    rates = HttpSettings().rates
    assert rates["sdmx.oecd.org"] == (60, 3600)
    assert {
        "download.geonames.org",
        "ec.europa.eu",
        "api.worldbank.org",
        "query.wikidata.org",
        "wikimedia.org",
    } <= set(rates)


@pytest.mark.parametrize(
    "name", ["key", "token", "api_key", "apikey", "API-Key", "access_token", "subscription-key"]
)
def test_secrets_do_not_reach_errors(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path, name: str
) -> None:
    httpserver.expect_request("/a").respond_with_data(status=404)
    url = httpserver.url_for(f"/a?year=2024&{name}=hunter2&page=1")
    with pytest.raises(StatusError) as caught:
        fetch(client, url, tmp_path)
    assert "hunter2" not in told_by(caught.value)
    assert f"year=2024&{name}=***&page=1" in str(caught.value)


def test_secrets_do_not_reach_errors_by_way_of_a_library(
    client: HttpClient, tmp_path: Path, lookups: list[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for base in (f"http://me:hunter2@127.0.0.1:{port}", "http://nowhere.invalid", "http://["):
        with pytest.raises((TransportError, DeclarationError)) as caught:
            fetch(client, f"{base}/a?key=hunter2", tmp_path, hosts=(*HOSTS, "nowhere.invalid"))
        assert "hunter2" not in told_by(caught.value)


def test_error_names_the_source_and_what_to_do(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/a").respond_with_data(status=404)
    with pytest.raises(StatusError) as caught:
        fetch(client, httpserver.url_for("/a"), tmp_path)
    assert caught.value.source_id == "demo"
    assert "status 200" in caught.value.expected
    assert "/a" in caught.value.expected
    assert "NOT FOUND" in caught.value.found.upper()
    assert caught.value.todo


def test_a_client_with_an_end_waits_no_longer_and_says_how_to_go_on(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    released, answered = threading.Event(), []

    def silent(_: Request) -> Response:
        released.wait(20)
        answered.append("late")
        return Response(BODY)

    httpserver.expect_request("/f").respond_with_handler(silent)
    patient = HttpClient(settings=replace(QUICK, read_timeout=30, total_timeout=60))
    try:
        with pytest.raises(TransportError, match="within the time budget") as told:
            fetch(patient.within(0.3), httpserver.url_for("/f"), tmp_path)
        assert answered == []
    finally:
        released.set()
    assert "wcn run --only demo" in told.value.todo


def test_after_its_end_a_client_sends_nothing_and_the_other_goes_on(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/after").respond_with_data(BODY)
    over = client.within(0)
    with pytest.raises(TransportError, match="within the time budget"):
        fetch(over, httpserver.url_for("/after"), tmp_path)
    assert "/after" not in [r.path for r in requests_of(httpserver)]
    assert fetch(client, httpserver.url_for("/after"), tmp_path).status == 200


def test_a_wait_before_another_try_is_told(
    client: HttpClient, httpserver: HTTPServer, tmp_path: Path, slept: list[float]
) -> None:
    later = Response(status=429, headers={"Retry-After": "3"})
    httpserver.expect_request("/f").respond_with_handler(Sequence(later, Response(BODY)))
    said: list[str] = []
    fetch(client, httpserver.url_for("/f"), tmp_path, says=said.append)
    assert said == ["status 429 TOO MANY REQUESTS; asked again in 3 s"]
    assert slept == [3]


@pytest.fixture
def barred() -> Iterator[str]:
    """The address of a host that lets no connection come about, as behind a wall of fire."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(8):  # nobody accepts: further ones are left without a word
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        yield f"http://127.0.0.1:{full.getsockname()[1]}/f"


@pytest.mark.parametrize(("within", "sent"), [(True, 2), (False, 4)])
def test_of_a_barred_host_one_question_is_enough_for_a_client_with_an_end(
    barred: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, within: bool, sent: int
) -> None:
    """Twelve sources of one host would each wait for it; a client that lives on asks again."""
    tries: list[str] = []
    send = WatchedAdapter.send

    def counted(adapter: WatchedAdapter, request: Any, **named: Any) -> Any:
        tries.append(request.url)
        return send(adapter, request, **named)

    monkeypatch.setattr(WatchedAdapter, "send", counted)
    settings = replace(QUICK, connect_timeout=0.1, max_tries=2, total_timeout=20)
    client = HttpClient(settings=settings)
    client = client.within(60) if within else client
    with pytest.raises(TransportError, match="ConnectTimeout"):
        fetch(client, barred, tmp_path)
    with pytest.raises(TransportError) as told:
        fetch(client, barred, tmp_path)
    assert len(tries) == sent
    assert ("no connection to 127.0.0.1 in 2 tries" in told.value.found) == within
