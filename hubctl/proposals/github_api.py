"""Calls of GitHub's REST API: headers, pages, redirects, limits; what is asked and what it means is elsewhere."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import quote, urlencode, urljoin, urlsplit

from hubctl.adapters import clock
from hubctl.adapters.http import MEBIBYTE, Http, NoReply, Reply
from hubctl.errors import AuthNeeded, HubctlError, RemoteRefused
from hubctl.proposals import github_refusal, github_values
from hubctl.proposals.github_pace import Pace
from hubctl.proposals.github_refusal import Lost, Refusal, Token
from hubctl.secret import Secret
from hubctl.show import show

VERSION: Final = "2022-11-28"
_PAUSES: Final = (0.0, 1.0, 3.0)  # before the second, third and fourth try of a read
_LIMIT_ROUNDS: Final = 3
_SECONDARY: Final = 60.0  # GitHub's own minimum where it names no time; doubled each round
PAGE: Final = 100
_PAGES: Final = 50
_REDIRECTS: Final = 3
_NEXT: Final = re.compile(r'<([^<>]*)>\s*;[^,<]*\brel="?next\b')


class Patience(Protocol):
    """The budget of seconds a run may wait."""

    def wait(self, seconds: float) -> bool:
        """Wait and return True, or return False at once where the budget is too small."""
        ...


@dataclass(frozen=True, slots=True)
class _Page:
    """An answer of 2xx: what `Link` is read from, and the parsed body."""

    headers: Mapping[str, str]
    content: object


@dataclass(frozen=True, slots=True)
class Api:
    """One repository's API at `address` (no slash at the end), spoken with one token that goes nowhere else.

    `repository` is `owner/name`, for messages; `seconds` is the longest time for one answer; `pace` holds writes apart.
    """

    http: Http
    patience: Patience
    address: str
    repository: str
    token: Token
    seconds: float = 30.0
    pace: Pace = field(default_factory=lambda: Pace(0.0), compare=False)

    def read(self, path: str) -> object:
        """Return the parsed body of a GET, tried again after what may pass, redirected within the host alone."""
        return self._read(self.address + path).content

    def pages(self, path: str, query: Mapping[str, str]) -> Iterator[object]:
        """Give the entries of a list, over all its pages; more than 50 pages raise RemoteRefused."""
        url = f"{self.address}{path}?{urlencode({**query, 'per_page': PAGE})}"
        for _ in range(_PAGES):
            page = self._read(url)
            if not isinstance(page.content, list):
                raise RemoteRefused("GitHub's answer is no list", code="unreadable-answer")
            yield from page.content
            following = _NEXT.search(page.headers.get("link", ""))
            if following is None:
                return
            url = self._inside(url, following[1])
        raise RemoteRefused(f"GitHub lists more than {_PAGES} pages of `{show(path)}`", code="too-many-pages")

    def repository_path(self, full_name: str | None = None) -> str:
        """Return where the API keeps the repository itself, or another one."""
        owner, _, name = (full_name or self.repository).partition("/")
        return f"/repos/{quote(owner, safe='')}/{quote(name, safe='')}"

    def write(self, method: str, path: str, body: Mapping[str, object] | None = None) -> object:
        """Return the parsed answer to one write (None to 204), sent again only where a rate limit kept it out.

        It keeps to the pace as long as the run may wait. Raises Lost where it may have happened or not: look it up
        before sending it again.
        """
        sent = None if body is None else json.dumps(body).encode()
        if due := self.pace.due():
            self.patience.wait(due)
        try:
            reply = self._unlimited(method, self.address + path, sent)
        finally:
            self.pace.wrote()
        if reply.status >= 400:
            raise self._error(reply)
        if reply.status >= 300:
            raise self._moved(reply)
        return None if reply.status == 204 else _page(reply).content

    def _read(self, url: str) -> _Page:
        for pause in _PAUSES:
            try:
                return self._redirected(url)
            except Lost as lost:
                stays = isinstance(lost.__cause__, NoReply) and not lost.__cause__.temporary
                if stays or not self.patience.wait(pause):
                    raise
        return self._redirected(url)

    def _redirected(self, url: str) -> _Page:
        for _ in range(_REDIRECTS):
            reply = self._unlimited("GET", url, None)
            if reply.status >= 400:
                raise self._error(reply)
            if reply.status < 300:
                return _page(reply)
            url = self._inside(url, reply.headers.get("location", ""))
        raise RemoteRefused(f"GitHub redirects `{show(self.repository)}` in a circle")

    def _unlimited(self, method: str, url: str, body: bytes | None) -> Reply:
        """Return the first answer that is no rate limit; waits come out of the run's budget."""
        attempt = 0
        while True:
            reply = self._send(method, url, body)
            refusal = github_refusal.parsed(reply.status, reply.headers, reply.body) if reply.status >= 400 else None
            if refusal is None or not refusal.limited:
                return reply
            pause = _pause(refusal, attempt)
            attempt += 1
            if attempt == _LIMIT_ROUNDS or not self.patience.wait(pause):
                raise self._masked(_limit(refusal, pause))

    def _send(self, method: str, url: str, body: bytes | None) -> Reply:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": VERSION}
        if body is not None:
            headers["Content-Type"] = "application/json"
        text = self.token.text.reveal()
        if not re.fullmatch(r"[!-~]+", text):
            raise AuthNeeded(f"the token from `{self.token.source}` is empty or holds characters no token has")
        bearer = Secret(f"Bearer {text}")
        try:
            return self.http.request(
                method, url, headers=headers, body=body, authorization=bearer,
                limit=32 * MEBIBYTE, seconds=self.seconds,
            )  # fmt: skip
        except NoReply as silence:
            raise Lost(silence.message, hint=silence.hint, code=silence.code) from silence

    def _inside(self, base: str, reference: str) -> str:
        """Return the URL that GitHub names, where it stays with the API; else raise RemoteRefused."""
        try:
            url = urljoin(base, reference)
            if _origin(url) == _origin(self.address) and "@" not in urlsplit(url).netloc:
                return url
        except ValueError:
            pass
        raise RemoteRefused(f"GitHub's answer points to another host, not followed: {show(reference)}")

    def _moved(self, reply: Reply) -> HubctlError:
        """Return the error of a write that was redirected, with the repository's present name where it can be read."""
        old, hint = show(self.repository), None
        target = re.match(
            r".*/(?:repositories/\d+|repos/[^/?]+/[^/?]+)", self._inside(reply.url, reply.headers.get("location", ""))
        )
        if target:
            name = show(github_values.repository(self._read(target[0]).content).full_name)
            hint = f"it is now `{name}`: use `--repo {name}`"
        said = f"`{old}` was renamed or moved: nothing is written through a redirect"
        return RemoteRefused(said, hint=hint, code="moved")

    def _error(self, reply: Reply) -> HubctlError:
        refusal = github_refusal.parsed(reply.status, reply.headers, reply.body)
        return self._masked(github_refusal.error(refusal, self.repository, self.token))

    def _masked(self, problem: HubctlError) -> HubctlError:
        """Return the error without the token, should a server have sent it back."""
        text = self.token.text.reveal()
        problem.message = problem.message.replace(text, "***")
        problem.hint = problem.hint.replace(text, "***") if problem.hint else None
        problem.args = (problem.message,)
        return problem


def _page(reply: Reply) -> _Page:
    try:
        return _Page(reply.headers, json.loads(reply.body))
    except (ValueError, RecursionError):
        raise Lost("GitHub's answer is not JSON", hint="try again later", code="unreadable-answer") from None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _seconds(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,10}", text) else None


def _server_time(refusal: Refusal) -> float:
    """Return the server's own clock, which its reset time is told in; ours where it sends none."""
    try:
        return email.utils.parsedate_to_datetime(refusal.headers.get("date", "")).timestamp()
    except (ValueError, OverflowError):
        return clock.now().timestamp()


def _pause(refusal: Refusal, attempt: int) -> float:
    """Return how long GitHub wants to be left alone: what it says, else a minute, doubled each round."""
    told = _seconds(refusal.headers.get("retry-after", ""))
    if told is not None:
        return told
    reset = _seconds(refusal.headers.get("x-ratelimit-reset", ""))
    if refusal.headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        return max(1.0, reset - _server_time(refusal) + 1)
    return _SECONDARY * float(2**attempt)


def _limit(refusal: Refusal, pause: float) -> RemoteRefused:
    moment = _server_time(refusal) + pause
    try:
        when = dt.datetime.fromtimestamp(moment, dt.UTC)
        told = f"{when:%H:%M} UTC" if pause < 86400 else f"{when:%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        told = "at a time that cannot be read"
    return RemoteRefused(
        f"GitHub's rate limit resets {told}: {refusal.text()}",
        hint="run again then, or wait longer with `--max-wait SECONDS`",
        code="rate-limit",
    )
