"""A login to a registry as a hub writes it: which settings hold it, and what may stand in them (pure)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from hubctl.errors import HubctlError, UsageError
from hubctl.fleet.merging import Keys
from hubctl.secret import Secret
from hubctl.settings import DOCKER_HUB, normal_host, one_name
from hubctl.show import show

SERVICE = "binderhub-service"
PASSWORD = "password"  # noqa: S105  # the name of a key
IMAGE_PREFIX = (SERVICE, "config", "BinderHub", "image_prefix")
_ARTIFACT_REGISTRY = re.compile(r"[a-z0-9-]+-docker\.pkg\.dev")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_ROBOT = re.compile(r"[a-z0-9][a-z0-9_.-]*\+[a-z0-9][a-z0-9_.-]*")
_LONGEST_NAME = 255
_KEY_FILE_ENCODED = "_json_key_base64"
KEY_FILE_USERS = frozenset({"_json_key", _KEY_FILE_ENCODED})
_HUB_IN_DOCKER_CONFIG = "https://index.docker.io/v1/"
_HUB_API = "https://registry-1.docker.io"


@dataclass(frozen=True, slots=True)
class Login:
    """One of the three settings that hold a login; `address` is the key that names the registry."""

    level: Keys
    address: str

    @property
    def name(self) -> str:
        """The key path without the chart's prefix."""
        return ".".join(self.level)

    def at(self, prefix: Keys, key: str) -> Keys:
        """Return the key path of one of its entries below the chart's prefix."""
        return (*prefix, *self.level, key)


# Who reads which: kubelet pulls, build pods push, BinderHub asks whether an image is there
# (2i2c, howto/features/imagebuilding; charts jupyterhub and binderhub-service).
PULL = Login(("jupyterhub", "imagePullSecret"), "registry")
PUSH = Login((SERVICE, "buildPodsRegistryCredentials"), "server")
LOOK = Login((SERVICE, "config", "DockerRegistry"), "url")
LOGINS = (PULL, PUSH, LOOK)


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """A registry by its host (one name for Docker Hub) and the user that logs in there."""

    registry: str
    username: str


def typed_account(registry: str, username: str) -> Account:
    """Return the account that a command line names; UsageError for what is no registry host or no user name.

    `https://`, capitals and a last `/` are put right; a path, another scheme or a login in the address is refused.
    """
    return Account(_typed_host(registry), _typed_username(username))


def _typed_host(text: str) -> str:
    scheme = _SCHEME.fullmatch(text.strip())
    if scheme is not None and scheme[1].lower() != "https":
        raise UsageError(f"a registry is reached by `https://`, not `{show(scheme[1], 20)}://`", hint="write the host")
    rest = scheme[2] if scheme else text.strip()
    host, _, path = rest.partition("/")
    if path.strip("/") and not (one_name(host.lower()) == DOCKER_HUB and path.strip("/") in {"v1", "v2"}):
        raise UsageError(
            f"a registry is a host, without a path: `{show(text, 80)}`", hint=f"write `{show(host, 60) or 'quay.io'}`"
        )
    host = normal_host(host)
    if host == "*":
        raise UsageError("not a registry host: `*`", hint="write the host alone, like `quay.io`")
    return host


def _typed_username(text: str) -> str:
    wrong = (
        "is empty" * (not text)
        or f"has more than {_LONGEST_NAME} characters" * (len(text) > _LONGEST_NAME)
        or "holds a character that is not printable" * (not text.isprintable())
        or "holds a blank" * any(char.isspace() for char in text)
        or "holds a colon, which ends a user name in every login" * (":" in text)
    )
    if wrong:
        raise UsageError(f"the user name {wrong}: `{show(text, 60)}`", hint="write it as the registry shows it")
    return text


def robot_advice(account: Account) -> str | None:
    """Return what is odd about a user of quay.io, whose robots are called `ORGANISATION+NAME`; None for nothing.

    UsageError for a name with `+` that is no robot's (quay.io, "Robot accounts").
    """
    if account.registry != "quay.io" or account.username.startswith("$"):
        return None
    if "+" not in account.username:
        return f"`{show(account.username, 60)}` is no robot of quay.io: those are called `ORGANISATION+NAME`"
    if not _ROBOT.fullmatch(account.username):
        raise UsageError(
            f"not a robot of quay.io: `{show(account.username, 60)}`", hint="write it as `ORGANISATION+NAME`"
        )
    return None


def refuse_wrong_password(account: Account, password: Secret) -> None:
    """Refuse a password that cannot be the account's; nothing of it is quoted.

    The password of `_json_key` is the JSON of a service account, that of `_json_key_base64` the same in base64
    (Google Cloud, "Authentication methods" of Artifact Registry). HubctlError, code `not-a-key-file`.
    """
    if account.username in KEY_FILE_USERS and key_file(account, password) is None:
        form = "in base64 " if account.username == _KEY_FILE_ENCODED else ""
        raise HubctlError(
            f"the password of `{account.username}` is the JSON of a service account {form}and this is none",
            hint="give the key file as Google made it: `--from-file FILE`",
            code="not-a-key-file",
        )


def password_advice(account: Account, password: Secret) -> str | None:
    """Return what is odd about a password that is stored all the same; None for nothing."""
    if account.username in KEY_FILE_USERS or not password.reveal().endswith("\n"):
        return None
    return "the password ends with a line end, which is part of it now: give it without one (`printf %s`, a prompt)"


def key_file(account: Account, password: Secret) -> Mapping[str, object] | None:
    """Return the key file of a service account that a password is, None for what is none."""
    text = password.reveal()
    if account.username == _KEY_FILE_ENCODED:
        try:
            text = base64.b64decode("".join(text.split()), validate=True).decode()
        except (binascii.Error, ValueError):
            return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    key = found.get("private_key")
    return found if (isinstance(key, str) and key) or found.get("type") == "service_account" else None


def needs_pull_secret(registry: str) -> bool:
    """Return whether kubelet needs a login of its own: not for Artifact Registry, whose nodes have one."""
    return not _ARTIFACT_REGISTRY.fullmatch(registry)


def address_for(login: Login, registry: str) -> str:
    """Return what stands for a registry at the address of a login.

    `https://HOST` for BinderHub and build pods; the host alone for the pull secret, as the chart jupyterhub (its
    schema: `quay.io`, `eu.gcr.io`, `https://index.docker.io/v1/`) and 2i2c's guide to imagebuilding hubs write it.
    Docker Hub: `https://index.docker.io/v1/` is its key in every `config.json` (docker login),
    `https://registry-1.docker.io` its API (binderhub/registry.py).
    """
    if registry == DOCKER_HUB:
        return _HUB_API if login is LOOK else _HUB_IN_DOCKER_CONFIG
    return registry if login is PULL else f"https://{registry}"


def host_of_address(address: object) -> str:
    """Return the host of an address as a values file writes it, one name for Docker Hub; empty for none."""
    text = address.strip().lower() if isinstance(address, str) else ""
    try:
        host = urlsplit(text if "://" in text else f"//{text}").netloc
    except ValueError:
        return ""
    return one_name(host.rpartition("@")[2])


def host_of_prefix(prefix: object) -> str:
    """Return the registry of an image prefix, Docker Hub where its first part is no host; empty for none."""
    if not isinstance(prefix, str) or not prefix:
        return ""
    if "://" in prefix:
        return host_of_address(prefix)
    first, slash, _ = prefix.lower().partition("/")
    is_host = slash and ("." in first or ":" in first or first == "localhost")
    return one_name(first) if is_host else DOCKER_HUB


def same_address(login: Login, written: object, registry: str) -> bool:
    """Return whether what is written means what `address_for` gives."""
    if not isinstance(written, str) or host_of_address(written) != registry:
        return False
    return written.rstrip("/") == address_for(login, registry).rstrip("/") or (
        login is PULL and written.startswith("https://") and registry != DOCKER_HUB
    )
