"""The one place where git is started: no shell, a rebuilt environment, a time limit, nothing secret in an answer."""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from hubctl.adapters.temporary import temporary_folder
from hubctl.errors import GitRefused, ToolMissing
from hubctl.secret import Secret
from hubctl.show import show

LOCAL_SECONDS = 60.0
NETWORK_SECONDS = 120.0
_GRACE_SECONDS = 2.0
_SAID_LINES = 12

# A hook sets a relative GIT_INDEX_FILE, a worktree's hook GIT_DIR too: only these may come from outside.
_KEPT = frozenset(
    {"GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"}
)
# Programs that a repository's own configuration could name, and work that git starts by itself.
_QUIET = (
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.alternateRefsCommand", "true"),
    ("core.splitIndex", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("credential.helper", ""),
    ("credential.useHttpPath", "false"),
    ("push.gpgSign", "false"),
    ("submodule.recurse", "false"),
    ("protocol.version", "2"),
)
# Answers only the prompts of the one host that the token belongs to, wherever a redirect or a rewritten URL led.
_ASKPASS = """#!/bin/sh
case "$1" in
"Username for '$HUBCTL_ASKPASS_HOST': ") printf '%s\\n' "$HUBCTL_ASKPASS_USER" ;;
"Password for '$HUBCTL_ASKPASS_USER_HOST': ") printf '%s\\n' "$HUBCTL_ASKPASS_TOKEN" ;;
*) exit 1 ;;
esac
"""
_URL_LOGIN = re.compile(r"(?<=://)[^/\s@']*:[^/\s@']*(?=@)")


@dataclass(frozen=True, slots=True)
class Completed:
    """What a finished git gave: `stdout` as bytes, `stderr` as text without the token, and its exit code."""

    code: int
    stdout: bytes
    stderr: str

    @property
    def said(self) -> str:
        """Return what git said, escaped for showing, one line, at most 12 lines of git's."""
        lines = [line.strip() for line in re.split(r"[\r\n]+", self.stderr) if line.strip()]
        return "; ".join(show(line) for line in lines[-_SAID_LINES:]) or f"no message, exit code {self.code}"


def is_loopback(url: str) -> bool:
    """Return whether an URL's host is this machine, by address or as `localhost`."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class Access:
    """A remote that is spoken to: `url` decides which protocols are allowed and is the only host that gets `token`.

    An ssh URL and a path get no token.
    """

    url: str
    token: Secret | None = None
    username: str = "x-access-token"


def run_git(  # noqa: PLR0913  # keyword-only: one for each thing that differs between commands
    argv: Sequence[str],
    *,
    cwd: Path,
    stdin: bytes | None = None,
    timeout: float = LOCAL_SECONDS,
    access: Access | None = None,
    extra: Mapping[str, str] | None = None,
    config: Sequence[tuple[str, str]] = (),
) -> Completed:
    """Run `git ARGV` in `cwd` and return how it ended; any exit code is an answer.

    `access` is the remote for commands that speak to one. `extra` are variables to add (a private index, an
    identity), `config` settings that win over every file. Raises `GitRefused` where it takes longer than
    `timeout` seconds or the repository belongs to somebody else, `ToolMissing` without git.
    """
    with _environment(access, extra or {}, config) as environment:
        try:
            process = subprocess.Popen(
                ["git", *argv],
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except FileNotFoundError as error:
            raise missing_git(cwd) from error
        stdout, stderr = _communicate(process, stdin, timeout, argv)
    token = access.token if access else None
    completed = Completed(process.returncode, stdout, redact(stderr.decode("utf-8", "replace"), token))
    _refuse_foreign_owner(completed, cwd)
    return completed


def open_git(argv: Sequence[str], *, cwd: Path) -> subprocess.Popen[bytes]:
    """Start a git that answers on its pipes until they are closed; it speaks to no remote."""
    with _environment(None, {}, ()) as environment:
        try:
            return subprocess.Popen(
                ["git", *argv],
                cwd=cwd,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except FileNotFoundError as error:
            raise missing_git(cwd) from error


def checked(
    argv: Sequence[str], *, cwd: Path, stdin: bytes | None = None, extra: Mapping[str, str] | None = None
) -> bytes:
    """Return the output of a local git command that has to succeed; raises `GitRefused` with what git said."""
    completed = run_git(argv, cwd=cwd, stdin=stdin, extra=extra)
    if completed.code != 0:
        raise GitRefused(f"`git {argv[0]}` failed: {completed.said}")
    return completed.stdout


def redact(text: str, token: Secret | None) -> str:
    """Return `text` with the token, its forms in headers and URLs, and any login in an URL replaced by `***`."""
    for form in _forms(token) if token else ():
        text = text.replace(form, "***")
    return _URL_LOGIN.sub("***", text)


def missing_git(cwd: Path) -> ToolMissing:
    """Return the error for a git that cannot be started."""
    if not cwd.is_dir():
        return ToolMissing(f"the folder is gone: `{show(str(cwd))}`")
    return ToolMissing("`git` is not installed", hint="install git 2.30 or newer")


def _forms(token: Secret) -> tuple[str, ...]:
    """The token itself, as in an URL, and in the base64 of a header with and without a user name."""
    text = token.reveal()
    plain = {text, quote(text, safe="")}
    encoded = {base64.b64encode(f"{user}{text}".encode()).decode() for user in ("", "x-access-token:", "x-token:")}
    return tuple(sorted(plain | encoded | {form.rstrip("=") for form in encoded}, key=len, reverse=True))


def _communicate(
    process: subprocess.Popen[bytes],
    stdin: bytes | None,
    timeout: float,
    argv: Sequence[str],
) -> tuple[bytes, bytes]:
    try:
        return process.communicate(stdin, timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise GitRefused(f"`git {argv[0]}` took longer than {timeout:g} s") from error
    finally:
        if process.poll() is None:
            _stop(process)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End git politely first: it then removes its lock files and ends its own children."""
    process.terminate()
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _environment(
    access: Access | None, extra: Mapping[str, str], config: Sequence[tuple[str, str]]
) -> Iterator[dict[str, str]]:
    environment = {name: text for name, text in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    if access is not None and "GIT_SSL_CAINFO" not in environment:
        environment |= _authorities(environment)
    settings = [*_QUIET, *config]
    loopback = access is not None and access.url.startswith("http://") and is_loopback(access.url)
    environment |= {
        "LC_ALL": "C",
        "LANGUAGE": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "false",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        # none without a remote: a git before 2.44 would fetch what a partial clone lacks, one by one, without a token
        "GIT_ALLOW_PROTOCOL": _protocols(access, loopback=loopback),
        **extra,
    }
    with contextlib.ExitStack() as stack:
        if access is not None and access.token and (loopback or access.url.startswith("https://")):
            folder = stack.enter_context(temporary_folder())
            environment |= _askpass(folder, access, access.token)
            settings += _own_credentials(access.url)
        for number, (key, value) in enumerate(settings):
            environment[f"GIT_CONFIG_KEY_{number}"] = key
            environment[f"GIT_CONFIG_VALUE_{number}"] = value
        environment["GIT_CONFIG_COUNT"] = str(len(settings))
        yield environment


def _protocols(access: Access | None, *, loopback: bool) -> str:
    if access is None:
        return ""
    return "https:ssh:file:http" if loopback else "https:ssh:file"


def _authorities(environment: Mapping[str, str]) -> dict[str, str]:
    """Git trusts the authorities that requests trusts, where nothing else was set for it."""
    bundle = environment.get("REQUESTS_CA_BUNDLE")
    if not bundle:
        return {}
    return {"GIT_SSL_CAPATH" if Path(bundle).is_dir() else "GIT_SSL_CAINFO": bundle}


def _askpass(folder: Path, access: Access, token: Secret) -> dict[str, str]:
    """The script holds no secret: it repeats a variable of git's own environment."""
    script = folder / "askpass"
    script.touch(mode=0o700)
    script.write_text(_ASKPASS)
    parts = urlsplit(access.url)
    host = parts.netloc.rpartition("@")[2]
    return {
        "GIT_ASKPASS": str(script),
        "HUBCTL_ASKPASS_HOST": f"{parts.scheme}://{host}",
        "HUBCTL_ASKPASS_USER_HOST": f"{parts.scheme}://{quote(access.username, safe='')}@{host}",
        "HUBCTL_ASKPASS_USER": access.username,
        "HUBCTL_ASKPASS_TOKEN": token.reveal(),
    }


def _own_credentials(url: str) -> list[tuple[str, str]]:
    """No helper and no stored header beside our token: two `Authorization` headers are answered with 400.

    `actions/checkout` leaves `http.https://github.com/.extraheader`; a generic empty key does not take it
    away, an empty one for an URL at least as specific does.
    """
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    urls = [root, f"{root}/", f"{root}{parts.path}"]
    return [(f"{key.format(at)}", "") for at in urls for key in ("http.{}.extraheader", "credential.{}.helper")]


def _refuse_foreign_owner(completed: Completed, cwd: Path) -> None:
    if completed.code != 0 and "dubious ownership" in completed.stderr:
        raise GitRefused(
            f"git does not trust `{show(str(cwd))}`: it belongs to somebody else",
            hint=f"if you trust it: git config --global --add safe.directory {show(str(cwd))}",
        )
