"""What `requests` and `urllib3` do for hubctl. The only file that imports them; `http` does so when first asked."""

from __future__ import annotations

import contextlib
import errno
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from typing import Any

from requests import Request
from requests import exceptions as asked
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3 import exceptions as below
from urllib3.connection import HTTPConnection, HTTPSConnection

from hubctl.adapters.deadline import Deadline

FAILURES = (asked.RequestException, below.HTTPError, HTTPException, OSError, ValueError)
_current = threading.local()


class _Watched(HTTPConnection):
    """A connection whose sockets belong to the deadline of the thread that uses it."""

    def _new_conn(self) -> socket.socket:
        deadline: Deadline = _current.deadline
        return deadline.connect(self._dns_host, self.port, self.socket_options or ())

    def request(self, *given: Any, **named: Any) -> None:  # noqa: ANN401  # passed on as it came
        if self.sock is not None:
            _current.deadline.watch(self.sock)
        super().request(*given, **named)


class _WatchedTls(_Watched, HTTPSConnection):
    pass


class _Plain(HTTPConnectionPool):
    ConnectionCls = _Watched


class _Tls(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class Transport(HTTPAdapter):
    """One exchange at a time, as it is: an adapter without a session has no redirects, cookies or netrc."""

    def __init__(self) -> None:
        super().__init__(pool_connections=64, pool_maxsize=8, max_retries=0)

    def init_poolmanager(self, *given: Any, **named: Any) -> None:  # noqa: ANN401  # passed on as it came
        super().init_poolmanager(*given, **named)
        _watched(self.poolmanager)

    def proxy_manager_for(self, *given: Any, **named: Any) -> PoolManager:  # noqa: ANN401  # passed on as it came
        return _watched(super().proxy_manager_for(*given, **named))

    @contextlib.contextmanager
    def answer(  # noqa: PLR0913  # one exchange has as many parts as HTTP gives it
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        deadline: Deadline,
        *,
        verify: str | bool,
        proxies: Mapping[str, str],
    ) -> Iterator[BaseHTTPResponse]:
        """Yield the answer with its body unread; raises one of FAILURES."""
        _current.deadline = deadline
        response = self.send(
            Request(method, url, headers=headers, data=body).prepare(),
            stream=True,
            timeout=(5.0, min(20.0, deadline.seconds)),
            verify=verify,
            proxies=proxies,
        )
        try:
            yield response.raw
        finally:
            response.close()


def _watched(manager: PoolManager) -> PoolManager:
    manager.pool_classes_by_scheme = {"http": _Plain, "https": _Tls}
    return manager


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those it wraps, by cause, context and argument."""
    seen: set[int] = set()
    left: list[BaseException] = [problem]
    while left:
        one = left.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        wrapped = [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
        left += [each for each in wrapped if isinstance(each, BaseException)]


_UNREACHABLE: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((socket.gaierror, below.NameResolutionError), "its name cannot be resolved"),
    ((below.ProxyError, asked.ProxyError), "the proxy refused or did not answer"),
    ((ConnectionRefusedError,), "the connection was refused"),
)
_NO_ROUTE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}
# OpenSSL's words for a first answer that is not TLS at all, as that of a server of plain http (1.1 to 3.x), or none.
_NO_TLS = {
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "PACKET_LENGTH_TOO_LONG",
    "RECORD_LAYER_FAILURE",
}
_PASSING = {408, 429, 500, 502, 503, 504}
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})\b", re.ASCII)


def refusal_by_proxy(status: int) -> str:
    """Return what it means that a proxy answered with `status` instead of the host behind it."""
    return f"the proxy wants a login (status {status})" if status == 407 else f"the proxy refused (status {status})"


def _unreachable(chain: list[BaseException]) -> tuple[str, frozenset[str]] | None:
    """Return why no connection came about; of a proxy's answer its three digits are all that is used."""
    told = (_TUNNEL.match(str(one)) for one in chain if type(one) is OSError)
    status = next((int(found[1]) for found in told if found), None)
    if status is not None:
        passing = {"temporary"} if status in _PASSING else set()
        return refusal_by_proxy(status), frozenset({"unreachable", *passing})
    for kinds, reason in _UNREACHABLE:
        if any(isinstance(one, kinds) for one in chain):
            return reason, frozenset({"temporary", "unreachable"})
    if any(isinstance(one, OSError) and one.errno in _NO_ROUTE for one in chain):
        return "the host cannot be reached", frozenset({"temporary", "unreachable"})
    return None


def meaning(  # noqa: PLR0911  # a table of cases, first match wins
    problem: BaseException, *, connected: bool, over: bool
) -> tuple[str, frozenset[str]]:
    """Return what one of FAILURES means: a fixed phrase, and which flags of NoReply it raises.

    The text of the exception is never shown: it may hold URLs and header values.
    """
    chain = list(_causes(problem))

    def among(*kinds: type[BaseException]) -> bool:
        return any(isinstance(one, kinds) for one in chain)

    if among(ssl.SSLCertVerificationError):
        return "its certificate is not trusted", frozenset()
    if unreachable := _unreachable(chain):
        return unreachable
    if over or among(TimeoutError, asked.Timeout, below.TimeoutError):
        if connected:
            return "the answer took too long", frozenset({"timed_out"})
        return "no connection came about in time", frozenset({"temporary", "unreachable"})
    if among(ssl.SSLError, below.SSLError, asked.SSLError):
        # who hangs up on a greeting: which of the two it is, and with a reason or none, depends on how Python was built
        hung_up = among(ssl.SSLEOFError, ssl.SSLZeroReturnError)
        no_tls = hung_up or any(isinstance(one, ssl.SSLError) and one.reason in _NO_TLS for one in chain)
        return "no TLS connection came about", frozenset({"no_tls"}) if no_tls else frozenset()
    if among(below.InvalidHeader):
        return "the headers of its answer contradict each other", frozenset()
    if isinstance(problem, ValueError) and not among(below.ProtocolError):
        return "the request cannot be sent", frozenset()
    return "the connection broke", frozenset({"temporary"})
