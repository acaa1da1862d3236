"""HTTP servers on loopback that answer as a test says, keep a log of what was asked, and can misbehave."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; header names in lower case."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        return {key: values[-1] for key, values in parse_qs(urlsplit(self.url).query).items()}


@dataclass(frozen=True)
class Answer:
    """What to send; `raw` writes to the socket itself instead, from the status line on."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    raw: Callable[[BinaryIO], None] | None = None


@dataclass
class Server:
    """A running server: its base URL, its `host:port`, and every request in the order of arrival."""

    base: str
    log: list[Asked] = field(default_factory=list)

    @property
    def host(self) -> str:
        return urlsplit(self.base).netloc

    @property
    def urls(self) -> list[str]:
        return [f"{asked.method} {asked.url}" for asked in self.log]

    @property
    def text(self) -> str:
        """Everything that arrived, to search it for canaries."""
        return "\n".join(f"{asked.url} {asked.headers} {asked.body!r}" for asked in self.log)


def as_json(value: object, status: int = 200, *headers: tuple[str, str]) -> Answer:
    return Answer(status, json.dumps(value).encode(), (("Content-Type", "application/json"), *headers))


def dripping(pieces: Iterable[bytes], pause: float) -> Answer:
    """Send pieces one after the other with a pause between, headers included."""

    def write(stream: BinaryIO) -> None:
        for piece in pieces:
            stream.write(piece)
            stream.flush()
            time.sleep(pause)

    return Answer(raw=write)


def exactly(data: bytes) -> Answer:
    """Send these bytes and close the connection."""
    return Answer(raw=lambda stream: stream.write(data) and None)


def in_turn(*answers: Answer) -> Callable[[Asked], Answer]:
    """Answer the first request with the first answer and so on; the last one repeats."""
    left = list(answers)
    return lambda _asked: left.pop(0) if len(left) > 1 else left[0]


@contextlib.contextmanager
def serve(
    answer: Callable[[Asked], Answer], *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Server]:
    """Run a server that gives every request to `answer`; `host` is how it is called, or `[::1]` to listen there."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, *_: object) -> None:
            pass

        def _reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            running.log.append(asked)
            given = answer(asked)
            if given.raw is not None:
                self.close_connection = True
                given.raw(self.wfile)
                return
            self.send_response_only(given.status)
            for name, value in given.headers:
                self.send_header(name, value)
            if not any(name.lower() == "content-length" for name, _ in given.headers):
                self.send_header("Content-Length", str(len(given.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(given.body)

    for method in ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "CONNECT"):
        setattr(Handler, f"do_{method}", Handler._reply)  # noqa: SLF001  # the same for every method

    class Quiet(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if host == "[::1]" else socket.AF_INET
        daemon_threads = True
        block_on_close = False

        server_bind = socketserver.TCPServer.server_bind  # that of HTTPServer asks for the name of the address

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is what many tests are about."""

        def get_request(self):
            connection, address = super().get_request()
            return (
                (tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address)
                if tls
                else (
                    connection,
                    address,
                )
            )

    server = Quiet(("::1" if host == "[::1]" else "127.0.0.1", 0), Handler)
    running = Server(f"{'https' if tls else 'http'}://{host}:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
