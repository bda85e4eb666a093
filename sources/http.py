"""The one place that talks to a network: asking politely, and telling a bad answer from data.

Belongs here: GET and POST to declared hosts; retries, limits of time and size, conditions. Does not
belong here: rates (`rate_limit`), what to ask for (`protocols`), whether it is the data (`formats`,
`accept`), where it is kept (`landing`), what comes next (`fetch`).
"""

from __future__ import annotations

import copy
import hashlib
import logging
import math
import random
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

from requests import PreparedRequest, Request, RequestException, Response, Session
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError
from urllib3.util import Retry

from core.errors import ContentError, DeclarationError, StatusError, TransportError
from core.secrets import SECRET_NAME, Secret, found_in_file, without_secrets
from sources.body import Progress, chunks
from sources.call import LATER, Call, Passing
from sources.conditions import Validators
from sources.deadline import Watch, WatchedAdapter
from sources.origins import DECLARE_IT, demand, may_go, origin
from sources.rate_limit import Rate, RateLimiter, rates

# Its debug lines repeat the address, and with it a key in the query.
logging.getLogger("urllib3").setLevel(logging.WARNING)

T = TypeVar("T")
_AGENT = "WorldCityNetwork/0.1 (%s)"
_MAX_REDIRECTS = 5
_GIVES_KEY_BACK = "a body that repeats the key it was asked with; it is not kept"
_KEY_GIVEN_BACK = "look whether the service still takes the key; ask for a new one if it does not"


def user_agent(contact: str) -> str:
    """How we name ourselves; `contact` is where a host finds us."""
    return _AGENT % contact


@dataclass(frozen=True)
class Answer:
    """A body in a file of the caller's, or the word that nothing changed (304)."""

    url: str  # after redirects; not masked, so it may hold a key
    status: int
    headers: Mapping[str, str]
    path: Path | None
    sha256: str | None
    size: int


@dataclass(frozen=True)
class HttpSettings:
    """Manners and patience: times in seconds, rates as (requests, seconds) of one host."""

    user_agent: str = user_agent("no contact given")
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    total_timeout: float = 300.0  # of one call with its tries, but without waiting for our turn
    max_tries: int = 4
    backoff_base: float = 0.5
    backoff_cap: float = 20.0
    max_retry_after: float = 60.0
    default_rate: Rate | None = None  # of hosts that `rates` does not name
    rates: Mapping[str, Rate] = field(default_factory=rates)


class HttpClient:
    """May be shared by threads, which then share its pacing."""

    def __init__(self, *, settings: HttpSettings = HttpSettings()) -> None:
        self._settings = settings
        self._session = Session()
        self._session.headers["User-Agent"] = settings.user_agent
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, WatchedAdapter())
        self._session.auth = lambda request: request  # where none is set, requests asks netrc
        default = settings.default_rate or settings.rates.get("default", (1, 1.0))
        self._limiter = RateLimiter(settings.rates, default)
        self._unreachable: dict[str, str] = {}  # host → what was found
        self._until = math.inf

    def within(self, seconds: float) -> HttpClient:
        """This client with an end: so many seconds from now it answers with an error at once.

        Until then it asks a host no more that let no connection come about in all tries of a call.
        """
        ending = copy.copy(self)
        ending._unreachable = dict(self._unreachable)
        ending._until = time.monotonic() + seconds
        return ending

    def get(
        self,
        source_id: str,
        url: str,
        *,
        hosts: Collection[str],
        into: Path,
        validators: Validators | None = None,
        headers: Mapping[str, str] | None = None,
        secret: Secret | None = None,
        form: Mapping[str, str] | None = None,
        answers: Collection[int] = (),
        retry_when: Callable[[Path, int], str | None] | None = None,
        read_timeout: float | None = None,
        max_bytes: int,
        progress: Progress = None,
        says: Callable[[str], None] = lambda _text: None,
    ) -> Answer:
        """Fetch `url` into a new file in `into`; `progress` hears of bytes so far and in
        all, `says` of waits.

        `form` is posted. `answers`: other statuses than 200 whose body the caller wants. What
        `retry_when` says of a body and its status is a passing fault: it is asked for again.
        """
        known = validators or Validators()
        asked = (source_id, url, hosts, headers or {}, known, secret, form, answers)
        call = Call(*asked, read_timeout, says)

        def receive(response: Response) -> Answer:
            # A validator with a key in it would be stored with the receipt.
            headers = {k: without_secrets(v, secret) for k, v in response.headers.items()}
            said = response.url, response.status_code, CaseInsensitiveDict(headers)
            if response.status_code == 304:
                return Answer(*said, path=None, sha256=None, size=0)
            into.mkdir(parents=True, exist_ok=True)
            path, digest = into / f"fetch-{uuid4().hex}", hashlib.sha256()
            try:
                with path.open("xb") as file:
                    for chunk in chunks(call, response, max_bytes, progress):
                        file.write(chunk)
                        digest.update(chunk)
                call.watch.stop()
                if found_in_file(path, secret):
                    raise call.error(ContentError, "the data", _GIVES_KEY_BACK, _KEY_GIVEN_BACK)
                if retry_when and (fault := retry_when(path, response.status_code)):
                    raise Passing(call.error(ContentError, "the data", fault, LATER), 0)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
            return Answer(*said, path, digest.hexdigest(), path.stat().st_size)

        return self._retried(call, receive)

    def changed(
        self,
        source_id: str,
        url: str,
        *,
        hosts: Collection[str],
        validators: Validators,
        headers: Mapping[str, str] | None = None,
        secret: Secret | None = None,
        seconds: float | None = None,
    ) -> bool | None:
        """Whether `url` is no longer what had these validators; None where nothing tells.

        `seconds`: that it may take, less than a download may.
        """
        call = Call(source_id, url, hosts, headers or {}, validators, secret)
        if not validators.conditions():
            return None
        return self._retried(call, validators.differ, seconds)

    def _retried(
        self, call: Call, receive: Callable[[Response], T], seconds: float | None = None
    ) -> T:
        s = self._settings
        call.until = self._until
        call.begin(seconds or s.total_timeout)
        for tried in range(s.max_tries):
            try:
                with Watch() as call.watch, self._answer(call) as response:
                    self._check_status(call, response)
                    return receive(response)
            except Passing as passing:
                error, at_least = passing.args
            # Full jitter: clients that failed together shall not come back together.
            jitter = random.uniform(0, min(s.backoff_cap, s.backoff_base * 2**tried))  # noqa: S311
            wait = max(at_least, jitter)
            if tried + 1 == s.max_tries or wait >= call.remaining():
                break
            if wait >= 1:
                call.says(f"{error.found}; asked again in {wait:.0f} s")
            time.sleep(wait)
        # Outside `except`, so that no library error, whose text may hold a key, is its context.
        raise error

    def _answer(self, call: Call) -> Response:
        """The answer at the end of the redirects, its body unread."""
        response: Response | None = None
        for _ in range(_MAX_REDIRECTS + 1):
            response = self._sent(call, self._request(call, response))
            if not response.is_redirect:
                return response
            response.close()
        raise call.error(ContentError, f"at most {_MAX_REDIRECTS} redirects", "one more", LATER)

    def _request(self, call: Call, before: Response | None) -> PreparedRequest:
        """The request for the declared URL, or for the target of the redirect `before`."""
        url, headers = call.url, {**call.headers, **call.known.conditions()}
        ours = call.secret.headers() if call.secret else {}
        parameters = call.secret.parameters() if call.secret and before is None else {}
        try:
            if before is not None:
                url = urljoin(before.url, self._session.get_redirect_target(before))
                if urlsplit(url)[:2] != urlsplit(call.url)[:2]:
                    headers = {k: v for k, v in headers.items() if not SECRET_NAME.search(k)}
                    ours = {}
            asked = Request("GET", url, {**headers, **ours}, params=parameters)
            # A redirected question would have to be posted again: the services send none.
            if call.form is not None and before is None:
                asked = Request("POST", url, {**headers, **ours}, data=call.form, params=parameters)
            prepared = self._session.prepare_request(asked)
            # Judged as prepared, which is what is sent: no second parser that may disagree.
            to, origin_before = str(prepared.url), None if before is None else before.url
            if may_go(to, declared=call.url, before=origin_before, hosts=call.hosts):
                return prepared
            found = origin(to)
        except (RequestException, ValueError) as error:
            found = f"what cannot be sent: {type(error).__name__}"
        kind = DeclarationError if before is None else ContentError
        raise call.error(kind, demand(call.hosts), found, DECLARE_IT)

    def _sent(self, call: Call, request: PreparedRequest) -> Response:
        s, url = self._settings, str(request.url)
        host = str(urlsplit(url).hostname)
        if host not in self._unreachable:
            started = time.monotonic()
            call.watch.stop()
            call.remaining()
            self._limiter.wait(host)
            call.waited(time.monotonic() - started)
        # A name not found is asked for once more, then never: without a network, end soon.
        for _ in range(0 if host in self._unreachable else 2):
            left = call.remaining()
            call.watch.until(left)
            timeout = (min(s.connect_timeout, left), min(call.read_timeout or s.read_timeout, left))
            environment: Any = self._session.merge_environment_settings(url, {}, True, None, None)
            try:
                # Not `Session.send`, which reads the body of a redirect without a limit.
                return self._session.get_adapter(url).send(request, timeout=timeout, **environment)
            except (RequestException, HTTPError) as error:
                # The reason alone, for the text around it repeats the URL with its query.
                cause = getattr(next(iter(error.args), None), "reason", None) or error
            call.unconnected += isinstance(cause, ConnectTimeoutError)
            if call.unconnected == s.max_tries and self._until < math.inf:
                self._unreachable[host] = f"no connection to {host} in {s.max_tries} tries"
            if not isinstance(cause, NameResolutionError):
                raise Passing(call.error(TransportError, "an answer", repr(cause), LATER), 0)
            time.sleep(s.backoff_base / 5)
        found = self._unreachable.setdefault(host, f"no network address of {host}")
        todo = "check the network and the name of the host; this client will not ask again"
        raise call.error(TransportError, "an answer", found, todo)

    def _check_status(self, call: Call, response: Response) -> None:
        status = response.status_code
        if status in {200, *call.answers} or (status == 304 and call.known.conditions()):
            return
        found = f"status {status} {response.reason}"
        if status in {429, 500, 502, 503, 504}:
            try:
                wait = Retry(retry_after_max=1 << 31).get_retry_after(response.raw) or 0.0
            except (HTTPError, ValueError, OverflowError):  # nonsense is as good as nothing
                wait = 0.0
            if wait <= self._settings.max_retry_after:
                raise Passing(call.error(StatusError, "status 200", found, LATER), wait)
            found += f" and the word to come back in {wait:.0f} s, beyond `max_retry_after`"
        raise call.error(StatusError, "status 200", found, LATER)
