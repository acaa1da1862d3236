"""Expected failures: one family, raised anywhere, shown once, at the door.

HubctlError               1  failed
├ UsageError              2  usage
├ NotFound                1  no-such-cluster, no-such-hub, no-such-image, no-such-file, no-such-tag
├ Unparseable             1  unreadable: file, line, what was expected
├ UnsafeEdit              1  unsafe-edit: the re-parse showed more than the plan; nothing was written
├ AuthNeeded              4  credentials
├ RemoteRefused           1  refused: host, status, short reason
├ GitRefused              1  git
└ ToolMissing             1  tool-missing
"""

from __future__ import annotations

from typing import ClassVar


class HubctlError(Exception):
    """A failure a user can mend: a sentence, an optional hint and a stable code word."""

    exit_code: ClassVar[int] = 1
    default_code: ClassVar[str] = "failed"

    def __init__(self, message: str, *, hint: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code


class UsageError(HubctlError):
    """The command line or a policy text cannot be understood."""

    exit_code = 2
    default_code = "usage"


class NotFound(HubctlError):
    """Something the user named does not exist; the hint lists near names."""

    default_code = "not-found"


class Unparseable(HubctlError):
    """A file that cannot be read as what it should be."""

    default_code = "unreadable"

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        line: int = 1,
        hint: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.file = file
        self.line = line


class UnsafeEdit(HubctlError):
    """An edit that would change more, or other, than what was meant; nothing was written."""

    default_code = "unsafe-edit"


class AuthNeeded(HubctlError):
    """Credentials are missing, wrong or lack a right."""

    exit_code = 4
    default_code = "credentials"


class RemoteRefused(HubctlError):
    """A server answered that it will not; the URL is redacted."""

    default_code = "refused"


class GitRefused(HubctlError):
    """git failed or the repository is in a state hubctl will not touch."""

    default_code = "git"


class ToolMissing(HubctlError):
    """A program hubctl calls is not installed."""

    default_code = "tool-missing"


class Terminated(BaseException):
    """SIGTERM or SIGHUP arrived; like KeyboardInterrupt it unwinds through every clean-up and ends with 143."""
