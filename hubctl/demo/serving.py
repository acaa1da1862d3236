"""A small HTTP server of this process, on a free loopback port, for as long as a `with` block lasts."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias
from urllib.parse import parse_qsl, urlsplit

LONGEST_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `path` is split at `/` without empty parts, header names are lower case."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """One response; the server adds the length."""

    status: int
    body: bytes
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


Answering: TypeAlias = Callable[[Asked], Answered]


def as_json(status: int, value: object) -> Answered:
    """Return `value` as a JSON response."""
    return Answered(status, json.dumps(value).encode(), "application/json; charset=utf-8")


@contextlib.contextmanager
def serving(answering: Answering) -> Iterator[str]:
    """Serve until the block ends; gives the address, `http://127.0.0.1:PORT`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answering))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(answering: Answering) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "hubctl-demo"
        sys_version = ""
        disable_nagle_algorithm = True  # header and body are two writes: the second would wait for the first's receipt

        def answer(self) -> None:
            answered = answering(self.asked())
            self.send_response(answered.status)
            for name, value in answered.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", answered.media_type)
            self.send_header("Content-Length", str(len(answered.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answered.body)

        def asked(self) -> Asked:
            address = urlsplit(self.path)
            length = min(int(self.headers.get("Content-Length") or 0), LONGEST_BODY)
            return Asked(
                self.command,
                tuple(part for part in address.path.split("/") if part),
                dict(parse_qsl(address.query)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )

        # The base class finds the method of each HTTP verb by this name.
        do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = answer  # noqa: N815  # names of http.server

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # name of http.server
            """Say nothing: the program's own output is the story."""

    return Handler
