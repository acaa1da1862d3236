"""Tokens of the distribution token protocol: asked for with a login or without, kept until they end.

docs.docker.com/reference/api/registry/auth; the refresh form only for identity tokens.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from hubctl.adapters.http import Reply
from hubctl.registry.address import Endpoint, joined, origin
from hubctl.registry.answers import Unanswered, optional, read_object
from hubctl.registry.challenge import Challenge
from hubctl.registry.credentials import Login
from hubctl.registry.line import MOVED, REDIRECTS, Request
from hubctl.registry.realm import refusal
from hubctl.secret import Secret

_LARGEST = 64 * 1024
_LIFE = 60
_LONGEST_LIFE = 366 * 24 * 3600
_EARLY = 5
_CLEAN = re.compile(r"[\x21-\x7e]+")
_REPOSITORY_SCOPE = re.compile(r"repository(\([\w-]+\))?:[^\s,]+:[\w,*]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and the moment (monotonic seconds) from which it is renewed."""

    header: Secret
    until: float

    @property
    def fresh(self) -> bool:
        """Whether it can still be used."""
        return time.monotonic() < self.until


class LoginRefused(Unanswered):
    """The login was refused by the token address, or is not sent there; without a login: it gives no token."""

    default_code = "denied"


def fetch_token(
    challenge: Challenge, asked: str, at: Endpoint, login: Login | None, ask: Callable[[Request], Reply]
) -> Token:
    """Return a token to pull from `at`, as the challenge to the request `asked` wants it.

    LoginRefused for 401 and 403 of the token address and for 400 to a login (RFC 6749: `invalid_grant`); Unanswered
    for a realm that must not be asked and all else.
    """
    started = time.monotonic()
    named = challenge.parameters.get("realm")
    realm = joined(asked, named) if named else ""
    if problem := refusal(realm, at, with_login=False):
        raise Unanswered(f"no token for `{at.host}`: {problem}", code="denied")
    if login is not None and (problem := refusal(realm, at, with_login=True)):
        raise LoginRefused(problem)
    scope = _scope(challenge.parameters.get("scope", ""), at.name)
    service = challenge.parameters.get("service", "")
    if login is not None and login.identity is not None:
        reply = ask(_refresh(realm, service, scope, login.identity))
        if reply.status not in (404, 405):
            return _token(reply, at, started, with_login=True)
    query = urlencode(([("service", service)] if service else []) + [("scope", scope)])
    return _token(_got(realm, query, _basic(login), ask), at, started, with_login=login is not None)


def _basic(login: Login | None) -> Secret | None:
    if login is None or login.basic is not None or login.identity is None:
        return login.basic if login else None
    return Login(login.origin, login.username or "<token>", login.identity).basic


def _scope(challenged: str, name: str) -> str:
    """Return the scopes to ask for: the challenge's, to pull only, and the image's own where it names none."""
    scopes = challenged.split()[:10]
    wanted = [_pull_only(scope) if _REPOSITORY_SCOPE.fullmatch(scope) else scope for scope in scopes]
    if not any(scope.startswith("repository") for scope in wanted):
        wanted.append(f"repository:{name}:pull")
    return " ".join(wanted)


def _pull_only(scope: str) -> str:
    return scope.rpartition(":")[0] + ":pull"


def _refresh(realm: str, service: str, scope: str, identity: Secret) -> Request:
    form = {
        "grant_type": "refresh_token",
        "service": service,
        "client_id": "hubctl",
        "scope": scope,
        "refresh_token": identity.reveal(),
    }
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return Request("POST", realm, headers=kind, body=urlencode(form).encode(), limit=_LARGEST)


def _got(realm: str, query: str, basic: Secret | None, ask: Callable[[Request], Reply]) -> Reply:
    """Return the answer of the token address; a redirect is followed only within its own origin."""
    parts = urlsplit(realm)
    url = urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, query))), fragment=""))
    home = origin(realm)
    for _ in range(REDIRECTS + 1):
        reply = ask(Request("GET", url, authorization=basic, limit=_LARGEST))
        if reply.status not in MOVED:
            return reply
        url = joined(url, reply.headers.get("location", ""))
        if origin(url) != home:
            raise Unanswered(f"the token address `{home[1]}` sends to another host, which is not followed")
    raise Unanswered(f"the token address `{home[1]}` sends in circles")


def _token(reply: Reply, at: Endpoint, started: float, *, with_login: bool) -> Token:
    if reply.status in (401, 403) or (reply.status == 400 and with_login):
        raise LoginRefused(f"`{at.host}` gives no token for `{at.name}` (status {reply.status})")
    if reply.status != 200:
        raise Unanswered(f"no token for `{at.host}`: its token address answered with status {reply.status}")
    answer = read_object(reply.body, at.host)
    for key in ("token", "access_token"):
        text = optional(answer.get(key), str, at.host, f"`{key}`")
        if text and _CLEAN.fullmatch(text):
            return Token(Secret(f"Bearer {text}"), started + _life(answer.get("expires_in")) - _EARLY)
    raise Unanswered(f"no token for `{at.host}`: there is none in the answer of its token address")


def _life(said: object) -> float:
    """Return the seconds a token lives: 60 where the answer does not say (the specification's), or says nonsense."""
    if isinstance(said, int | float) and not isinstance(said, bool) and 0 < said < _LONGEST_LIFE:
        return said
    return _LIFE
