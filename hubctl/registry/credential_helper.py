"""Logins that programs give: docker's credential helpers, and AWS' own for its registries.

The protocol is that of docker/docker-credential-helpers: the server on stdin, JSON on stdout, failures on stdout too.
What a program prints on stdout is never shown, because nobody knows whether it is a secret.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from hubctl.adapters.programs import LARGEST_OUTPUT, LARGEST_TALK, Ended, find_program, run_program, variables_without
from hubctl.registry.credentials import Ecr, Found, Helper, Login, Outside, usable
from hubctl.secret import Secret
from hubctl.show import show

_SECONDS = 30.0
_LARGEST_LIST = 8 * LARGEST_OUTPUT  # as a page of a registry
_NONE = b"credentials not found in native keychain"
_IDENTITY = "<token>"
_AWS_USER = "AWS"
_SHORTEST = 4  # a shorter line of a secret says nothing, and would be found everywhere
_MOST_COMPARED = 64 * 1024  # what is looked for, word by word, in what a program says
_ECR_HELPER = "ecr-login"
_AWS = "`aws ecr get-login-password`"
_PASSED_OVER = "; one in the repository is not started"
# They open a forge, not a registry, and no program for logins needs them.
_FORGE_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")
_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSW", re.IGNORECASE)


class Programs:
    """Asks programs for logins, each at most once for a server; threads that want the same wait for one another.

    They see the user's environment without the variables `withheld` and the forge's tokens. None is started below
    `root`, the repository's, nor below the current folder.
    """

    def __init__(
        self, environment: Mapping[str, str], withheld: Iterable[str], root: Path | None, *, seconds: float = _SECONDS
    ) -> None:
        self._environment = environment
        self._withheld = (*withheld, *_FORGE_TOKENS)
        self._root = root
        self._seconds = seconds
        self._lock = threading.Lock()
        self._turns: dict[Outside, threading.Lock] = {}
        self._answers: dict[Outside, Found] = {}

    def ask(self, outside: Outside) -> Found:
        """Return the login a program gives; without one, what the user should know of that."""
        key = Helper(outside.name, outside.server, "") if isinstance(outside, Helper) else outside
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            if key not in self._answers:
                self._answers[key] = self._ecr(outside) if isinstance(outside, Ecr) else self._helper(outside)
            return self._answers[key]

    def aws(self, arguments: tuple[str, ...], seconds: float) -> tuple[bytes, str | None]:
        """Return what `aws` prints about something other than a login, 8 MiB at most, or why there is none.

        It is ended after `seconds`.
        """
        located = find_program("aws", self._environment, self._root)
        if located.path is None:
            return b"", f"it is not installed{_PASSED_OVER if located.passed_over else ''}"
        environment = variables_without(self._environment, self._withheld)
        ended = run_program(located.path, arguments, b"", environment, seconds=seconds, most=_LARGEST_LIST)
        problem = _failed(ended)
        said = self._said(replace(ended, stdout=b""), None) if problem else ""
        return ended.stdout, f"{problem}; it said: {said}" if said else problem

    def named(self, outside: Outside) -> Found:
        """Return which program would be asked, as the origin of an empty login; nothing is started."""
        if isinstance(outside, Helper):
            return Found(Login(outside.origin))
        for program, origin in ((_program(_ECR_HELPER), _ecr_helper(outside).origin), ("aws", _AWS)):
            if find_program(program, self._environment, self._root).path:
                return Found(Login(origin))
        return _no_aws(outside)

    def _ecr(self, wanted: Ecr) -> Found:
        if find_program(_program(_ECR_HELPER), self._environment, self._root).path:
            return self._helper(_ecr_helper(wanted))
        aws = find_program("aws", self._environment, self._root).path
        if aws is None:
            return _no_aws(wanted)
        ended = self._run(aws, ("ecr", "get-login-password", "--region", wanted.region), b"")
        return self._told(ended, _AWS, wanted.host, *_of_aws(ended))

    def _helper(self, helper: Helper) -> Found:
        name = _program(helper.name)
        located = find_program(name, self._environment, self._root)
        if located.path is None:
            where = _PASSED_OVER if located.passed_over else ""
            missing = f"`{show(name, 80)}`, which {helper.file} names for `{show(helper.server, 80)}`, is not installed"
            return Found(None, (missing + where,))
        ended = self._run(located.path, ("get",), helper.server.encode())
        if ended.code and _NONE in ended.stdout:
            return Found()
        return self._told(ended, f"`{show(name, 80)}`", helper.server, *_of_helper(ended, helper.origin))

    def _run(self, program: Path, arguments: tuple[str, ...], stdin: bytes) -> Ended:
        environment = variables_without(self._environment, self._withheld)
        return run_program(program, arguments, stdin, environment, seconds=self._seconds)

    def _told(self, ended: Ended, program: str, server: str, login: Login | None, problem: str | None) -> Found:
        """Return the login, or the note why there is none; what the program said goes with a refusal or the note."""
        said = self._said(ended, login)
        if login is not None:
            return Found(login, (), (f"{program} said: {said}",) if said else ())
        note = f"{program} gave no login for `{show(server, 80)}`: {problem}"
        return Found(None, (f"{note}; it said: {said}" if said else note,))

    def _said(self, ended: Ended, login: Login | None) -> str:
        """Return what stands on stderr, escaped, every secret that is known of taken out."""
        if not ended.stderr or (login is None and len(ended.stdout) > _MOST_COMPARED):
            return ""
        secrets = {value for name, value in self._environment.items() if _SECRET_NAME.search(name)}
        secrets |= {self._environment.get(name, "") for name in self._withheld} | _printed(ended, login)
        forms = sorted((form for form in secrets if len(form) >= _SHORTEST), key=len, reverse=True)
        text = ended.stderr.decode("utf-8", "replace")
        for form in forms:
            text = text.replace(form, "***")
        if forms and len(ended.stderr) >= LARGEST_TALK:
            text = text[: -len(forms[0])]  # what was cut off may have cut a secret
        return show(" ".join(text.split()))


def _printed(ended: Ended, login: Login | None) -> set[str]:
    """Return what a program printed as its secret in each form a log could show, or all it printed."""
    secret = None if login is None else login.password or login.identity
    if login is None or secret is None:
        whole = ended.stdout.decode("utf-8", "replace")
        return {whole.strip(), *re.split(r"[\s\"',:]+", whole), *re.split(r"[\s\"'{}]+", whole)}
    text = secret.reveal()
    encoded = {base64.b64encode(f"{user}{text}".encode()).decode() for user in ("", f"{login.username}:")}
    return {text, json.dumps(text)[1:-1], *text.splitlines(), *encoded}


def _of_helper(ended: Ended, origin: str) -> tuple[Login | None, str | None]:
    """Return the login of a helper's answer, or what is wrong with it."""
    if problem := _failed(ended):
        return None, problem
    try:
        answer = json.loads(ended.stdout.decode())
    except (ValueError, RecursionError):
        return None, "its answer is not JSON" if ended.stdout.strip() else "it printed nothing"
    secret = usable(answer.get("Secret")) if isinstance(answer, dict) else None
    username = answer.get("Username", "") if isinstance(answer, dict) else None
    if secret is None or not (username == "" or usable(username)):
        return None, "its answer holds no user name and secret"
    if username == _IDENTITY:
        return Login(origin, identity=Secret(secret)), None
    return Login(origin, str(username), Secret(secret)), None


def _of_aws(ended: Ended) -> tuple[Login | None, str | None]:
    if problem := _failed(ended):
        return None, problem
    password = ended.stdout.decode("ascii", "replace").strip()
    if not password:
        return None, "it printed nothing"
    if not re.fullmatch(r"[\x21-\x7e]+", password):
        return None, "its answer is no password"
    return Login(_AWS, _AWS_USER, Secret(password)), None


def _failed(ended: Ended) -> str | None:
    return ended.problem or (f"exit code {ended.code}" if ended.code else None)


def _program(name: str) -> str:
    return f"docker-credential-{name}"


def _ecr_helper(wanted: Ecr) -> Helper:
    return Helper(_ECR_HELPER, wanted.host, "AWS")


def _no_aws(wanted: Ecr) -> Found:
    needed = f"`{wanted.host}` needs a login: `docker login`, `{_program(_ECR_HELPER)}` or `aws` makes one"
    return Found(None, (), (f"{needed}, and neither program is installed",))
