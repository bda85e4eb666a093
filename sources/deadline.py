"""One end for an exchange with a server, in whatever phase it is.

The time-outs of a socket begin anew with every byte, so that a server that drips its status line,
headers or trailers, or says `100 Continue` for ever, is never late. At the end the connection is
shut down, and whoever reads from it returns at once.

Belongs here: the watch, and connections that it knows of. Does not belong here: what an end means.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection

_of_thread = threading.local()


class Watch:
    """Over one exchange of this thread, with its redirects; `ended` when its time was over."""

    def __init__(self) -> None:
        self.ended = False
        self._sockets: list[socket.socket] = []
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Watch:
        _of_thread.watch = self
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _at: TracebackType | None,
    ) -> None:
        _of_thread.watch = None
        self.stop()

    def until(self, seconds: float) -> None:
        """End so many seconds from now, and no sooner than that."""
        self.stop()
        self._timer = threading.Timer(seconds, lambda: self._end(timer))
        self._timer.daemon = True
        timer = self._timer
        timer.start()

    def over(self, used: socket.socket | None) -> None:
        """The exchange reads from this socket."""
        with self._lock:
            if used is not None and used not in self._sockets:
                self._sockets.append(used)
        if self.ended:
            self._end(self._timer)

    def stop(self) -> None:
        """Look away: what was read is whole, and its connection may serve another exchange."""
        with self._lock:
            if self._timer:
                self._timer.cancel()
                self._timer = None
            self._sockets.clear()

    def _end(self, timer: threading.Timer | None = None) -> None:
        with self._lock:
            if timer is not self._timer:
                return  # stopped while it went off
            self.ended = True
            for used in self._sockets:
                with suppress(OSError):
                    # Of the plain socket: TLS would want to say goodbye first.
                    socket.socket.shutdown(used, socket.SHUT_RDWR)


def _watch(connection: HTTPConnection) -> None:
    watch: Watch | None = getattr(_of_thread, "watch", None)
    if watch is not None:
        watch.over(connection.sock)


class _Connection(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3
        _watch(self)
        return super().getresponse()


class _SecureConnection(HTTPSConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3
        _watch(self)
        return super().getresponse()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _Pool, "https": _SecurePool}


class WatchedAdapter(HTTPAdapter):
    """The adapter of requests, over connections that a watch can end."""

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *arguments: Any, **named: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **named)
        if isinstance(manager, ProxyManager):  # one for SOCKS has connections of its own
            manager.pool_classes_by_scheme = _POOLS
        return manager
