"""The one way to speak HTTP: bounded in bytes and seconds, no redirects, no netrc, nothing secret in a message."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hubctl import __version__
from hubctl.adapters.deadline import Deadline
from hubctl.errors import HubctlError
from hubctl.secret import Secret

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

    from hubctl.adapters.transport import Transport

MEBIBYTE = 1024 * 1024
_ERROR_BODY = 64 * 1024
_HEADER_VALUE = 64 * 1024
_CHUNK = 64 * 1024
_PROXY_LOGIN = 407
_AUTHORITIES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
# What Python and urllib3 read as the same host: the latter ends it at a backslash.
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9._-]+|\[[A-Fa-f0-9:.]+\])(?::[0-9]*)?")


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer. Header names are lower case, repeated headers joined by `, `.

    The body of a status of 400 and above is cut at 64 KiB; any other body is whole.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)


class NoReply(HubctlError):
    """No complete answer came. `reason` is a fixed phrase: nothing of the URL or of a header is in it.

    `timed_out`: the host was reached and took too long; `unreachable`: no connection came about;
    `temporary`: asking again may help; `no_tls`: what listens there does not speak TLS.
    """

    default_code = "no-answer"

    def __init__(  # noqa: PLR0913  # what a failed exchange can mean
        self,
        host: str,
        reason: str,
        *,
        timed_out: bool = False,
        temporary: bool = False,
        unreachable: bool = False,
        no_tls: bool = False,
    ) -> None:
        super().__init__(f"no answer from `{host}`: {reason}")
        self.host = host
        self.reason = reason
        self.timed_out = timed_out
        self.temporary = temporary
        self.unreachable = unreachable
        self.no_tls = no_tls


class Http:
    """Pooled connections for a run, usable from many threads; nothing is opened before the first request.

    `environment` gives the proxies (`http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, in either case)
    and the certificate authorities (`REQUESTS_CA_BUNDLE`, else `CURL_CA_BUNDLE` as requests has it, else
    `SSL_CERT_FILE` as docker, crane and skopeo have it).
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._lock = threading.Lock()
        self._transport: Transport | None = None
        self._running: set[Deadline] = set()
        self._closed = False

    def request(  # noqa: PLR0913  # one exchange has as many parts as HTTP gives it
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        authorization: Secret | None = None,
        limit: int = 8 * MEBIBYTE,
        seconds: float = 30.0,
    ) -> Reply:
        """Return the answer to one request, redirects included as they are.

        `authorization` is the whole header value (`Bearer …`); `limit` is the largest body in bytes, `seconds`
        the longest time from connecting to the last byte. Raises NoReply, nothing else.
        """
        from hubctl.adapters.transport import FAILURES, meaning, refusal_by_proxy  # noqa: PLC0415  # 77 ms most commands never need

        host = _host(url)
        verify, proxies = self._authorities(host), self._proxies(url)
        sent = dict(headers or {}) | {"User-Agent": f"hubctl/{__version__}", "Accept-Encoding": "identity"}
        if authorization is not None:
            sent["Authorization"] = authorization.reveal()
        with self._deadline(host, seconds) as deadline:
            answer = self._opened().answer(method, url, sent, body, deadline, verify=verify, proxies=proxies)
            try:
                with answer as raw:
                    reply = _read(raw, host, url, limit, deadline)
            except FAILURES as problem:
                reason, flags = meaning(problem, connected=deadline.connected, over=deadline.over)
                raise NoReply(host, reason, **dict.fromkeys(flags, True)) from None
            if deadline.over:
                raise NoReply(host, "the answer took too long", timed_out=True)
            if reply.status == _PROXY_LOGIN:
                raise NoReply(host, refusal_by_proxy(reply.status), unreachable=True)
            return reply

    def close(self) -> None:
        """End every exchange under way and close the pooled connections; later requests get NoReply."""
        with self._lock:
            self._closed = True
            for deadline in self._running:
                deadline.cut()
            if self._transport is not None:
                self._transport.close()

    @contextlib.contextmanager
    def _deadline(self, host: str, seconds: float) -> Iterator[Deadline]:
        with Deadline(seconds) as deadline:
            with self._lock:
                if self._closed:
                    raise NoReply(host, "the run is ending")
                self._running.add(deadline)
            try:
                yield deadline
            finally:
                with self._lock:
                    self._running.discard(deadline)

    def _opened(self) -> Transport:
        from hubctl.adapters.transport import Transport  # noqa: PLC0415  # as in `request`

        with self._lock:
            if self._transport is None:
                self._transport = Transport()
            return self._transport

    def _authorities(self, host: str) -> str | bool:
        named = [name for name in _AUTHORITIES if self._environment.get(name)]
        if not named:
            return True
        bundle = self._environment[named[0]]
        if not Path(bundle).exists():
            raise NoReply(host, f"`{named[0]}` names no file that exists")
        return bundle

    def _proxies(self, url: str) -> dict[str, str]:
        """Return the proxy for `url` as requests wants it, empty where none applies."""
        parts = urlsplit(url)
        if _bypassed(parts.hostname or "", parts.port, self._variable("no_proxy")):
            return {}
        proxy = self._variable(f"{parts.scheme}_proxy") or self._variable("all_proxy")
        return {parts.scheme: proxy} if proxy else {}

    def _variable(self, name: str) -> str:
        return self._environment.get(name) or self._environment.get(name.upper()) or ""


def _read(raw: BaseHTTPResponse, host: str, url: str, limit: int, deadline: Deadline) -> Reply:
    headers = {name.lower(): _CONTROL.sub(" ", raw.headers[name]).strip() for name in raw.headers}
    if any(len(value) > _HEADER_VALUE for value in headers.values()):
        raise NoReply(host, f"a header is larger than {_HEADER_VALUE} bytes")
    if headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise NoReply(host, "it sent a compressed answer though none was asked for")
    refused = raw.status >= 400
    most = min(limit, _ERROR_BODY) if refused else limit
    body = bytearray()
    while not deadline.over and (chunk := raw.read(_CHUNK, decode_content=False)):
        body += chunk
        if len(body) > most:
            if refused:
                break
            raise NoReply(host, f"the answer is larger than {limit} bytes")
    return Reply(raw.status, headers, bytes(body[:most]), url)


def _host(url: str) -> str:
    """Return `host` or `host:port` of a URL, or raise NoReply where it is none hubctl would ask."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NoReply("?", "the URL cannot be read") from None
    if parts.scheme not in ("http", "https") or not host or _CONTROL.search(url):
        raise NoReply("?", "the URL cannot be read")
    if not url.isascii():
        raise NoReply("?", "the URL holds other characters than ASCII")
    if "@" in parts.netloc:
        raise NoReply("?", "the URL holds a user name")
    if not _AUTHORITY.fullmatch(parts.netloc):
        raise NoReply("?", "the URL cannot be read")
    name = f"[{host}]" if ":" in host else host
    return name if port is None else f"{name}:{port}"


def _bypassed(host: str, port: int | None, no_proxy: str) -> bool:
    """Whether `no_proxy` names the host: exactly, by a domain it lies in, by `*` or by a network."""
    for entry in no_proxy.replace(",", " ").split():
        name, _, wanted = entry.rpartition(":") if re.fullmatch(r"[^:]+:\d+", entry) else (entry, "", "")
        if wanted and wanted != str(port):
            continue
        bare = name.lower().lstrip("*").lstrip(".")
        if name == "*" or host == bare or (bare and host.endswith("." + bare)):
            return True
        with contextlib.suppress(ValueError):
            if ipaddress.ip_address(host) in ipaddress.ip_network(name, strict=False):
                return True
    return False
