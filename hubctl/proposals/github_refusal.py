"""What GitHub's refusals mean: status, headers and body become one sentence and an exit code (pure)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hubctl.errors import AuthNeeded, HubctlError, RemoteRefused
from hubctl.proposals.forge import CommentRefused
from hubctl.secret import Secret
from hubctl.show import show

_SSO = re.compile(r"required;\s*url=(\S+)")
_PROTECTIONS = (
    ("must have verified signatures", "wants signed commits: set `commit.gpgsign` and a key that GitHub knows"),
    ("changes must be made through a pull request", "takes no pushes to this branch: let hubctl push to `hubctl/*`"),
    ("protected branch", "protects this branch: let hubctl's account push to `hubctl/*`"),
    ("not authorized to push to this branch", "says who may push to this branch: add hubctl's account for `hubctl/*`"),
    ("cannot force-push to this branch", "forbids force pushes: allow them for `hubctl/*`"),
    ("repository rule violations found", "forbids this: let hubctl's account push to `hubctl/*`"),
)  # as Dependabot tells protections apart (dependabot-core, `BRANCH_PROTECTION_ERROR_MESSAGES`)
_LIMITED = ("secondary rate limit", "rate limit exceeded", "abuse detection")
_FORBIDDEN = ("not accessible", "archived", "not permitted", "is locked")
_COMPLAINTS = 5


@dataclass(frozen=True, slots=True)
class Token:
    """A credential of the forge; `source` says where it came from: `GH_TOKEN`, or a command."""

    text: Secret
    source: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """One entry of `errors`; a bare string is its `message`. All four are foreign text, `""` where missing."""

    resource: str = ""
    field: str = ""
    code: str = ""
    message: str = ""

    def __str__(self) -> str:
        return self.message or " ".join(word for word in (self.resource, self.field, self.code) if word)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer of 300 or above, as far as it could be read; `message` is `""` where the body is not GitHub's."""

    status: int
    headers: Mapping[str, str]
    message: str = ""
    complaints: tuple[Complaint, ...] = ()

    def says(self, *phrases: str) -> bool:
        """Say whether the message or a complaint contains one of `phrases`, whatever the case."""
        texts = [text.lower() for text in (self.message, *map(str, self.complaints))]
        return any(phrase.lower() in text for phrase in phrases for text in texts)

    @property
    def limited(self) -> bool:
        """Say whether this is a rate limit: the request was not looked at and may be sent again later."""
        if self.status == 429:
            return True
        if self.status != 403 or "x-github-sso" in self.headers:
            return False
        if "retry-after" in self.headers or self.says(*_LIMITED):
            return True
        return self.headers.get("x-ratelimit-remaining") == "0" and not self.says(*_FORBIDDEN)

    def text(self) -> str:
        """Return what GitHub said, on one line, harmless and short."""
        said = [str(one) for one in self.complaints if str(one)][:_COMPLAINTS]
        whole = self.message or f"status {self.status}, with a body that is not GitHub's"
        return show(": ".join([whole, *([", ".join(said)] if said else [])]), 400)


class MissingRight(AuthNeeded):
    """The token is known and may not do this."""


class Unprocessable(RemoteRefused):
    """GitHub read the request and found it wrong (422); `refusal` says why."""

    def __init__(self, refusal: Refusal, *, hint: str | None = None) -> None:
        super().__init__(f"GitHub refused: {refusal.text()}", hint=hint)
        self.refusal = refusal


class Missing(RemoteRefused):
    """What was asked for does not exist, or the token may not see it (404)."""


class NoComments(CommentRefused):
    """The repository has issues switched off, and with them what GitHub keeps as theirs: comments, labels (410)."""


class Lost(RemoteRefused):
    """No answer that could be read: a write may have happened or not."""


def parsed(status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
    """Return a refusal from any body: GitHub's object, a page of HTML, nothing."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return Refusal(status, headers)
    if not isinstance(found, dict) or not isinstance(found.get("message"), str):
        return Refusal(status, headers)
    errors = found.get("errors")
    listed = errors if isinstance(errors, list) else [errors] if isinstance(errors, str) else []
    return Refusal(status, headers, found["message"], tuple(map(_complaint, listed[:100])))


def _complaint(entry: object) -> Complaint:
    if isinstance(entry, str):
        return Complaint(message=entry)
    if not isinstance(entry, dict):
        return Complaint()
    words = {name: entry.get(name) for name in ("resource", "field", "code", "message")}
    return Complaint(**{name: word for name, word in words.items() if isinstance(word, str)})


def error(refusal: Refusal, repository: str, token: Token) -> HubctlError:
    """Return the exception for a refusal that is no rate limit: AuthNeeded, Unprocessable, Lost or RemoteRefused."""
    status = refusal.status
    if status == 401:
        return AuthNeeded(
            f"GitHub does not accept the token from `{token.source}`: {refusal.text()}",
            hint=f"put a valid token into `{token.source}`" if token.source.isupper() else "run `gh auth login`",
        )
    if status == 403:
        return _forbidden(refusal, repository, token)
    if status in {404, 409, 410}:
        return _missing(refusal, repository, token)
    if status == 422:
        return Unprocessable(refusal, hint=_protection(refusal))
    if status >= 500:
        return Lost(f"GitHub failed: {refusal.text()}", hint="try again later", code="no-answer")
    return RemoteRefused(f"GitHub refused with {status}: {refusal.text()}")


def _missing(refusal: Refusal, repository: str, token: Token) -> RemoteRefused:
    if refusal.status == 404:
        return Missing(
            f"`{show(repository)}` or a part of it does not exist, or the token from `{token.source}` may not see it",
            hint="check the name (`--repo OWNER/NAME`) and the repositories the token was made for",
            code="not-found",
        )
    if refusal.status == 410:
        return NoComments(f"`{show(repository)}` has this switched off: {refusal.text()}", code="no-comment")
    if refusal.says("repository is empty"):
        return RemoteRefused(f"`{show(repository)}` is empty: it has no commit to start from", code="empty")
    return RemoteRefused(f"GitHub refused with {refusal.status}: {refusal.text()}")


def _forbidden(refusal: Refusal, repository: str, token: Token) -> HubctlError:
    sso = _SSO.search(refusal.headers.get("x-github-sso", ""))
    if sso:
        return MissingRight(
            f"the organisation wants single sign-on for the token from `{token.source}`",
            hint=f"authorise it at {show(sso[1], 500)}",
        )
    if refusal.says("archived"):
        return RemoteRefused(f"`{show(repository)}` is archived: it takes no pull requests", code="archived")
    if refusal.says("is locked"):
        return CommentRefused(f"the conversation is locked: {refusal.text()}", code="no-comment")
    if refusal.says("not permitted to create or approve pull requests"):
        return MissingRight(
            f"GitHub refused: {refusal.text()}",
            hint="allow it under Settings, Actions, General, Workflow permissions, or use the token of a GitHub App",
        )
    if not refusal.message:
        return RemoteRefused(f"refused on the way to GitHub: {refusal.text()}")
    needed = refusal.headers.get("x-accepted-github-permissions")
    return MissingRight(
        f"the token from `{token.source}` may not do this in `{show(repository)}`: {refusal.text()}",
        hint=f"GitHub asks for one of these permissions: {show(needed, 500)}" if needed else _protection(refusal),
    )


def _protection(refusal: Refusal) -> str | None:
    rule = next((rule for phrase, rule in _PROTECTIONS if refusal.says(phrase)), None)
    return f"a rule of the repository {rule}" if rule else None
