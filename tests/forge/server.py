"""One HTTP server on a loopback port: GitHub's REST API in memory and smart HTTP over bare repositories."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import threading
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.forge import description, smart_http
from tests.forge.faults import Fault, taken
from tests.forge.rules import CALLS
from tests.forge.state import Account, Refused
from tests.forge.world import Asked, World

GIT = re.compile(r"/(?P<name>[^/]+/[^/]+)\.git/(?P<rest>info/refs|git-upload-pack|git-receive-pack)")
REPOSITORY_PATH = re.compile(r"/repos/(?P<name>[^/]+/[^/]+)(?P<rest>/.*)?")
BY_NUMBER = re.compile(r"/repositories/(?P<id>[0-9]+)(?P<rest>/.*)?")
# What GitHub sends and its description rules out: the fork behind a pull request was deleted.
CONTRADICTED = re.compile(r"\$(\[\d+\])?\.head\.repo: None (for not nullable|is not of type 'object')")
RESET = 4102444800


@dataclass(frozen=True)
class Call:
    """One request as it was seen; a push is a mutating POST, all else git asks is reading."""

    method: str
    path: str
    login: str | None
    mutating: bool
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Board:
    """What the server and the test share; `lock` is held while a REST call is answered."""

    root: Path
    world: World
    accounts: dict[str, Account] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    log: list[Call] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    used: int = 0
    quota: int = 5000
    lock: threading.RLock = field(default_factory=threading.RLock)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, board: Board) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.board = board

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what broke as a violation: a client that hangs up is none, a bug of the double is one."""
        problem = sys.exc_info()[1]
        if not isinstance(problem, ConnectionError):
            self.board.violations.append(f"the double broke: {problem!r}")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name of http.server
        """Say nothing: the board's log is the witness."""

    def do_GET(self) -> None:
        self.answer()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815  # the names http.server calls

    def answer(self) -> None:
        board, (path, _, query) = self.server.board, self.path.partition("?")
        body = self.received()
        account = board.accounts.get(self.token())
        mutating = self.command != "GET" and not path.endswith("/git-upload-pack")
        login = account.login if account else None
        board.log.append(Call(self.command, path, login, mutating, dict(self.headers), body))
        fault = taken(board.faults, self.command, path)
        if fault and fault.before:
            fault.before()
        disturbed = fault is not None and (fault.cut or fault.status is not None)
        answer = None
        if not disturbed or (fault and fault.applies):
            answer = self.git(path, query, body) if GIT.fullmatch(path) else self.rest(path, query, body, account)
        if fault and fault.cut:
            self.close_connection = True
            return
        if fault and fault.status is not None:
            answer = Answer(fault.status, list(fault.headers.items()), fault.body.encode())
        assert answer is not None
        self.send(answer, fault.drip if fault else 0.0)

    def received(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        pieces = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def token(self) -> str:
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic":
            return base64.b64decode(value).decode().partition(":")[2]
        return value if kind.lower() in ("bearer", "token") else ""

    def send(self, answer: Answer, drip: float) -> None:
        self.send_response_only(answer.status)
        if "Date" not in dict(answer.headers):
            self.send_header("Date", self.date_time_string())
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if not drip:
            self.wfile.write(answer.body)
            return
        for at in range(len(answer.body)):
            self.wfile.write(answer.body[at : at + 1])
            self.wfile.flush()
            time.sleep(drip)

    def git(self, path: str, query: str, body: bytes) -> Answer:
        """Refuse as GitHub does, else let `git http-backend` answer: a push needs a token that may write."""
        board = self.server.board
        match = GIT.fullmatch(path)
        assert match
        account = board.accounts.get(self.token())
        name = match["name"]
        if name in board.world.renamed:
            where = f"{self.server.url}/{board.world.renamed[name]}.git/{match['rest']}"
            return Answer(301, [("Location", f"{where}?{query}")], b"")
        found = board.world.repositories.get(name)
        pushing = "git-receive-pack" in (match["rest"], query.removeprefix("service="))
        if account is None and (pushing or found is None or found.private or self.token()):
            return Answer(401, [("WWW-Authenticate", 'Basic realm="GitHub"')], b"")
        login = account.login if account else None
        if found is None or found.deleted or not found.allows(login, "read"):
            return Answer(404, [], b"Repository not found.")
        if pushing and found.archived:
            return Answer(403, [], b"This repository was archived so it is read-only.")
        if pushing and not found.allows(login, "write"):
            return Answer(403, [], f"Permission to {found.full_name}.git denied to {login}.".encode())
        status, headers, content = smart_http.serve(
            board.root, self.path, method=self.command, headers=self.headers, body=body, login=login
        )
        return Answer(status, headers, content)

    def rest(self, path: str, query: str, body: bytes, account: Account | None) -> Answer:
        board = self.server.board
        if not self.headers.get("User-Agent"):
            said = b"Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
            return Answer(403, [("Content-Type", "text/html")], said)
        with board.lock:
            board.used += 1
            try:
                status, content, headers = self.ruled(urllib.parse.unquote(path), query, body, account)
            except Refused as refused:
                status, content, headers = refused.status, refused.body, list(refused.headers.items())
        return self.sealed(status, content, headers)

    def ruled(
        self, path: str, query: str, body: bytes, account: Account | None
    ) -> tuple[int, Any, list[tuple[str, str]]]:
        """Answer by the rules and note whatever GitHub's description does not allow, on either side."""
        board = self.server.board
        if self.token() and account is None:
            raise Refused(401, "Bad credentials")
        if board.used > board.quota:
            raise Refused(403, "API rate limit exceeded for user ID 1.")
        present = self.present(path)
        if isinstance(present, Refused):
            raise present
        found = description.operation(self.command, present)
        if found is None:
            board.violations.append(f"{self.command} {present}: not described")
            raise Refused(404, "Not Found")
        asked = urllib.parse.parse_qs(query, keep_blank_values=True)
        given = json.loads(body) if body else None
        wrong = description.request_violations(found, asked, given)
        board.violations += wrong
        if any(": request: " in one for one in wrong):
            raise Refused(422, "Invalid request.")
        match = found.pattern.fullmatch(present)
        assert match
        flat = {name: values[-1] for name, values in asked.items()}
        try:
            status, content = CALLS[found.name](
                Asked(account, match.groupdict(), flat, given, self.server.url), board.world
            )
            headers: list[tuple[str, str]] = []
            if isinstance(content, list):
                content, headers = self.page(content, path, asked)
        except Refused as refused:
            board.violations += description.response_violations(found, refused.status, refused.body)
            raise
        said = description.response_violations(found, status, content)
        board.violations += [one for one in said if not CONTRADICTED.search(one)]
        return status, content, headers

    def present(self, path: str) -> str | Refused:
        """Return the path under the repository's present name, or the redirect of a renamed one."""
        world = self.server.board.world
        if match := BY_NUMBER.fullmatch(path):
            for name, found in world.repositories.items():
                if found.id == int(match["id"]):
                    return f"/repos/{name}{match['rest'] or ''}"
        match = REPOSITORY_PATH.fullmatch(path)
        if match and match["name"] in world.renamed:
            found = world.repositories[world.renamed[match["name"]]]
            where = f"{self.server.url}/repositories/{found.id}{match['rest'] or ''}"
            query = self.path.partition("?")[2]
            refused = Refused(
                301 if self.command == "GET" else 307,
                "Moved Permanently",
                Location=where + (f"?{query}" if query else ""),
            )
            refused.body["url"] = where
            return refused
        return path

    def page(self, items: list[Any], path: str, query: dict[str, list[str]]) -> tuple[list[Any], list[tuple[str, str]]]:
        """Return one page (30 unless asked, 100 at most) and the `Link` to the others."""
        size = min(100, int(query.get("per_page", ["30"])[-1]))
        at = int(query.get("page", ["1"])[-1])
        last = max(1, -(-len(items) // size))
        links = {"next": at + 1, "last": last} if at < last else {}
        links |= {"prev": at - 1, "first": 1} if at > 1 else {}

        def link(number: int) -> str:
            told = urllib.parse.urlencode({**query, "page": [number]}, doseq=True)
            return f"<{self.server.url}{path}?{told}>"

        header = ", ".join(f'{link(number)}; rel="{name}"' for name, number in links.items())
        return items[(at - 1) * size : at * size], [("Link", header)] if header else []

    def sealed(self, status: int, content: Any, headers: list[tuple[str, str]]) -> Answer:
        """Return the whole answer with rate headers and, for what was read, its ETag."""
        board = self.server.board
        body = b"" if status == 204 else json.dumps(content).encode()
        headers = [*headers, ("Content-Type", "application/json; charset=utf-8")]
        if self.command == "GET" and status == 200:
            tag = f'W/"{hashlib.sha256(body).hexdigest()}"'
            headers.append(("ETag", tag))
            if self.headers.get("If-None-Match") == tag:
                board.used -= 1
                status, body = 304, b""
        rate = {"Limit": board.quota, "Remaining": max(0, board.quota - board.used), "Used": board.used, "Reset": RESET}
        headers += [(f"X-RateLimit-{name}", str(value)) for name, value in rate.items()]
        return Answer(status, headers, body)
