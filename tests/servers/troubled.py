"""A server between hubctl and another one: it passes everything on, and changes what comes back as a test says."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Callable, Iterator

from tests.servers.faults import Answer, Asked, Server, serve

Trouble = Callable[[Asked, Answer], Answer]
_OWN = ("connection", "content-length", "host", "transfer-encoding")


@contextlib.contextmanager
def troubled(behind: Server, trouble: Trouble) -> Iterator[Server]:
    """Run the server; `trouble` gets each request with the answer of the one `behind`, addresses in it turned here."""
    running: list[Server] = []

    def answer(asked: Asked) -> Answer:
        connection = http.client.HTTPConnection(behind.host)
        headers = {name: value for name, value in asked.headers.items() if name not in _OWN}
        connection.request(asked.method, asked.url, asked.body, headers | {"Host": running[0].host})
        reply = connection.getresponse()
        body = reply.read().replace(behind.host.encode(), running[0].host.encode())
        kept = tuple((name, value) for name, value in reply.getheaders() if name.lower() not in _OWN)
        connection.close()
        return trouble(asked, Answer(reply.status, body, kept))

    with serve(answer) as server:
        running.append(server)
        yield server
