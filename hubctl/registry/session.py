"""Requests to the distribution API with whatever login they need, redirects followed by hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias
from urllib.parse import urlsplit

from hubctl.adapters.http import MEBIBYTE, Reply
from hubctl.registry.address import Endpoint, is_local, is_metadata, joined, origin
from hubctl.registry.answers import Allowance, Unanswered
from hubctl.registry.challenge import Challenge, parse_challenges
from hubctl.registry.credentials import Found
from hubctl.registry.line import HTTP_TO_TLS, MOVED, REDIRECTS, Lines, Request
from hubctl.registry.token import LoginRefused, Token, fetch_token
from hubctl.secret import Secret
from hubctl.show import show

Aws: TypeAlias = Callable[[tuple[str, ...], float], tuple[bytes, str | None]]


class Session:
    """Asks about one image name; `notes` is what the user should know of its login.

    `aws` runs that program with arguments for at most so many seconds: what it printed, or why there is nothing.
    """

    def __init__(self, at: Endpoint, found: Found, lines: Lines, *, aws: Aws | None = None) -> None:
        self.at = at
        self.notes = list(found.notes)
        self.aws = aws
        self._asides = found.asides
        self._login = found.login
        self._stored = found.login is not None
        self._lines = lines
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._basic: Secret | None = None

    @property
    def has_login(self) -> bool:
        """Whether a login was found and is not refused so far."""
        return self._login is not None

    @property
    def used_login(self) -> bool:
        """Whether the registry asked for the login, and has not refused it so far."""
        return self._login is not None and (self._token or self._basic or self._login.bearer) is not None

    @property
    def basic(self) -> Secret | None:
        """Basic authentication by the login found, for another API of the image's own host; None without a password."""
        return self._login.basic if self._login else None

    def ask(
        self,
        method: str,
        target: str,
        allowance: Allowance,
        *,
        headers: Mapping[str, str] | None = None,
        limit: int = 8 * MEBIBYTE,
    ) -> Reply:
        """Return the final answer for `target`, a path below the image's (`tags/list`) or a whole URL.

        Nothing is shown until the server asks for it. A token that is refused is renewed once, a login that is
        refused leads to one more try without it. 401 and 403 are Unanswered `denied`; other statuses are the
        caller's.
        """
        attempts = ["login", "again", "without"]
        sent = self._kept()
        if sent is not None:
            attempts.remove("login")
        request = Request(method, self._url(target), headers or {}, limit=limit)
        reply = self._reach(replace(request, authorization=sent), target, allowance)
        while reply.status == 401 and attempts and origin(reply.url) == origin(self.at.base):
            sent = self._opened(reply, sent, attempts, allowance)
            if sent is None:
                break
            reply = self._followed(replace(request, url=self._url(target), authorization=sent), allowance)
        if reply.status in (401, 403):
            raise self.denied(f"status {reply.status}")
        return reply

    def denied(self, reason: str) -> Unanswered:
        """Return the refusal of this image, with what is known of its login."""
        login = "its stored login does not open it" if self._stored else "no login was found"
        about = "; ".join([reason, login, *self.notes, *self._asides])
        return Unanswered(f"`{self.at.host}` does not show `{self.at.name}`: {about}", code="denied")

    def _url(self, target: str) -> str:
        return target if target.startswith(("https://", "http://")) else self.at.url(target)

    def _kept(self) -> Secret | None:
        with self._lock:
            if self._token is not None:
                return self._token.header if self._token.fresh else None
            return self._basic

    def _opened(self, reply: Reply, sent: Secret | None, attempts: list[str], allowance: Allowance) -> Secret | None:
        """Return what to show next for a 401, None where nothing is left to try."""
        challenges = parse_challenges(reply.headers.get("www-authenticate", ""))
        named = {challenge.scheme: challenge for challenge in reversed(challenges)}
        with self._lock:
            if "bearer" in named:
                return self._bearer(named["bearer"], reply.url, sent, attempts, allowance)
            if "basic" in named and self._login is not None and self._login.basic != sent:
                self._basic = self._login.basic
                return self._basic
        return None

    def _bearer(
        self, challenge: Challenge, asked: str, sent: Secret | None, attempts: list[str], allowance: Allowance
    ) -> Secret | None:
        if self._token is not None and self._token.fresh and self._token.header != sent:
            return self._token.header  # another thread was faster
        while attempts:
            attempt = attempts.pop(0)
            if attempt == "without":
                if self._login is None:
                    return None
                self._give_up("it was refused")
            if self._login is not None and self._login.bearer is not None:
                if attempt == "login":
                    return self._login.own_bearer
                continue
            try:
                self._token = fetch_token(
                    challenge, asked, self.at, self._login, lambda request: self._lines.ask(request, allowance)
                )
            except LoginRefused as problem:
                if self._login is None:
                    raise self.denied(problem.message) from None
                self._give_up(problem.message)
                attempts[:] = ["again"]
                continue
            return self._token.header
        return None

    def _give_up(self, reason: str) -> None:
        self._login = None
        self.notes.append(f"`{self.at.host}` was asked without the stored login: {reason}")

    def _reach(self, request: Request, target: str, allowance: Allowance) -> Reply:
        """Ask as `_followed`, and by the fallback where the first answer is that the server speaks the other way."""
        other = self.at.fallback
        try:
            reply = self._followed(request, allowance)
            if other is None or not (other.startswith("https:") and reply.status == HTTP_TO_TLS):
                self.at = replace(self.at, fallback=None)
                return reply
        except Unanswered as problem:
            if other is None or problem.reached or other.startswith("https:"):
                raise
        self.at = replace(self.at, base=other, fallback=None)
        return self._followed(replace(request, url=self._url(target)), allowance)

    def _followed(self, request: Request, allowance: Allowance) -> Reply:
        """Ask, and follow redirects by hand; what authorises a request goes to the endpoint's origin alone."""
        home, sent = origin(self.at.base), request.authorization
        for _ in range(REDIRECTS + 1):
            shown = sent if origin(request.url) == home else None
            reply = self._lines.ask(replace(request, authorization=shown), allowance)
            if reply.status not in MOVED:
                return reply
            url = joined(request.url, reply.headers.get("location", ""))
            self._check(url)
            request = replace(request, url=url)
        raise Unanswered(f"`{self.at.host}` sends from one address to the next without end")

    def _check(self, url: str) -> None:
        """Raise Unanswered where a redirect leads to plain http, to metadata, or from outside into a network."""
        scheme, authority = origin(url)
        hostname = (urlsplit(url).hostname or "") if authority else ""
        own = hostname == self.at.hostname
        if scheme != "https" and not (scheme == "http" and self.at.plain and (own or authority in self.at.plain)):
            target = f"`{show(authority, 80)}`" if authority else "an address"
            raise Unanswered(f"`{self.at.host}` sends to {target} without TLS, which is not followed")
        if not own and (is_metadata(hostname) or (is_local(hostname) and not is_local(self.at.hostname))):
            raise Unanswered(f"`{self.at.host}` sends into a private network, which is not followed")
