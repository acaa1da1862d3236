"""Whose login is used for an image: the user's variables, then files and the helpers they name, then the cloud's."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from hubctl.registry.auth_files import AuthFile, Data, server_key
from hubctl.registry.hosts import ecr_home
from hubctl.secret import Secret
from hubctl.settings import RegistryEntry
from hubctl.show import show

_HELPER = re.compile(r"[A-Za-z0-9._-]+")
_HEADER_WORD = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Login:
    """What may be shown to one host; `origin` says where it was found.

    `identity` is a refresh token for the token address, `bearer` a token for the registry itself.
    """

    origin: str
    username: str = field(default="", repr=False)
    password: Secret | None = None
    identity: Secret | None = None
    bearer: Secret | None = None

    @property
    def holds(self) -> bool:
        """Whether there is anything to show; not where a program was named and not asked."""
        return bool(self.password or self.identity or self.bearer)

    @property
    def basic(self) -> Secret | None:
        """The header value of Basic authentication, None where there is no password."""
        if self.password is None:
            return None
        joined = f"{self.username}:{self.password.reveal()}".encode()
        return Secret("Basic " + base64.b64encode(joined).decode())

    @property
    def own_bearer(self) -> Secret | None:
        """The header value of the token that was stored for the registry itself, None where there is none."""
        return None if self.bearer is None else Secret(f"Bearer {self.bearer.reveal()}")


@dataclass(frozen=True, slots=True)
class Found:
    """A login or none; `notes` are for the user now, `asides` explain a refusal later."""

    login: Login | None = None
    notes: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Helper:
    """`docker-credential-NAME`, which `file` says to keep the login of `server`."""

    name: str
    server: str
    file: str

    @property
    def origin(self) -> str:
        """Where its logins come from, for messages."""
        return f"a credential helper `{self.name}`"


@dataclass(frozen=True, slots=True)
class Ecr:
    """A private registry of AWS, whose programs make a login for it where they are installed."""

    host: str
    region: str


Outside: TypeAlias = Helper | Ecr
_Source: TypeAlias = Login | Helper | Ecr | str


def find_login(  # noqa: PLR0913  # which image, and each place that may know its login
    host: str,
    name: str,
    own: RegistryEntry,
    environment: Mapping[str, str],
    files: tuple[AuthFile, ...],
    *,
    ask: Callable[[Outside], Found],
) -> Found:
    """Return the login for the image `name` at `host`: that of its settings entry, of a file or helper, of AWS.

    `ask` is called for a program only where nothing before it gave a login.
    """
    notes: list[str] = []
    asides: list[str] = []
    for source in _sources(host, name, own, environment, files):
        if isinstance(source, str):
            notes.append(source)
            continue
        found = Found(source) if isinstance(source, Login) else ask(source)
        notes += found.notes
        asides += found.asides
        if found.login is not None:
            return Found(found.login, _each_once(notes), _each_once(asides))
    return Found(None, _each_once(notes), _each_once(asides))


def _each_once(said: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(said))


def usable(text: object) -> str | None:
    """Return a text that can be encoded for a header or a form, None for anything else and for an empty one."""
    if not isinstance(text, str) or not text:
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return None
    return text


def _sources(
    host: str, name: str, own: RegistryEntry, environment: Mapping[str, str], files: tuple[AuthFile, ...]
) -> Iterator[_Source]:
    """Yield what could give the login, the first first; a text says why something in between cannot."""
    yield from _of_entry(own, environment)
    for file in files:
        yield from [file.problem] if file.problem else _of_file(file, host, name)
    if home := ecr_home(host):
        yield Ecr(host, home[1])


def _of_entry(own: RegistryEntry, environment: Mapping[str, str]) -> Iterator[Login | str]:
    if own.password_env is None:
        return
    for variable in (own.username_env, own.password_env):
        if variable and usable(environment.get(variable)) is None:
            state = "is no UTF-8" if environment.get(variable) else "is not set in the environment"
            yield f"`{show(variable, 80)}`, named in the settings, {state}"
            return
    username = environment[own.username_env] if own.username_env else ""
    yield Login("settings", username, Secret(environment[own.password_env]))


def _of_file(file: AuthFile, host: str, name: str) -> Iterator[_Source]:
    own_helper = file.helper(host)
    if own_helper:
        yield _helper(own_helper, host, file)
    entry = file.entry(host, name)
    empty = isinstance(entry, dict) and not any(entry.get(key) for key in _KEYS)
    if entry is not None and not empty:
        login = _login(entry, file.name) if isinstance(entry, dict) else None
        yield login or f"the login for `{show(host, 80)}` in {file.name} cannot be read"
    # An empty name of a helper for the host takes the host out of the store, as in docker/cli.
    if file.store and own_helper not in ("", file.store):
        yield _helper(file.store, host, file)
    elif empty and not own_helper:
        yield f"the login for `{show(host, 80)}` is in a credential store that {file.name} does not name"


def _helper(name: object, host: str, file: AuthFile) -> Helper | str:
    if isinstance(name, str) and _HELPER.fullmatch(name):
        return Helper(name, server_key(host), file.name)
    return f"{file.name} names a credential helper that is none: `{show(str(name), 80)}`"


_KEYS = ("auth", "identitytoken", "registrytoken", "username", "password")


def _login(entry: Data, origin: str) -> Login | None:
    username, password = _pair(entry)
    identity, bearer = usable(entry.get("identitytoken")), usable(entry.get("registrytoken"))
    if bearer is not None and not _HEADER_WORD.fullmatch(bearer):
        bearer = None
    if not (password or identity or bearer):
        return None
    secrets = (Secret(text) if text else None for text in (password, identity, bearer))
    return Login(origin, username, *secrets)


def _pair(entry: Data) -> tuple[str, str]:
    auth = entry.get("auth")
    if isinstance(auth, str) and auth:
        try:
            username, _, password = base64.b64decode(re.sub(r"\s", "", auth), validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return "", ""
        return username, password.rstrip("\0")
    return usable(entry.get("username")) or "", usable(entry.get("password")) or ""
