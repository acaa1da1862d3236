"""Hubs that build images: what binderhub-service needs before a build can end in a running server (pure).

Which setting is read by which part, and what goes wrong without it: 2i2c's guide to imagebuilding hubs and the
binderhub-service chart.
"""

from __future__ import annotations

from collections.abc import Iterator

from hubctl.fleet.seen import Seen
from hubctl.rules.finding import Finding
from hubctl.settings import one_name

SERVICE = "binderhub-service"
PREFIX = (SERVICE, "config", "BinderHub", "image_prefix")
URL = (SERVICE, "config", "DockerRegistry", "url")
SERVER = (SERVICE, "buildPodsRegistryCredentials", "server")
_PLAIN = (
    (PREFIX, "BinderHub has no name for what it builds"),
    (URL, "BinderHub cannot ask whether an image is built already, and builds it at each launch"),
    ((SERVICE, "config", "DockerRegistry", "username"), "BinderHub cannot log in, and builds at each launch"),
    (SERVER, "a build cannot push its image"),
    ((SERVICE, "buildPodsRegistryCredentials", "username"), "a build cannot push its image"),
)
_PASSWORDS = (
    (SERVICE, "config", "DockerRegistry", "password"),
    (SERVICE, "buildPodsRegistryCredentials", "password"),
)
_PULL_SECRET = ("jupyterhub", "imagePullSecret")
_SCOPES = ("jupyterhub", "hub", "loadRoles", "user", "scopes")
_SCOPE = "access:services!service=binder"
_WIDER = frozenset({_SCOPE, "access:services"})
_BACKEND = ("dask-gateway", "gateway", "backend", "imagePullSecrets")


def builds(seen: Seen) -> bool:
    """Return whether binderhub-service is on and pushes what it builds to a registry."""
    return seen.at(SERVICE, "enabled") is True and seen.at(SERVICE, "config", "BinderHub", "use_registry") is not False


def binderhub_incomplete(seen: Seen) -> Iterator[Finding]:
    """Yield a finding for the image prefix, url, server and each user name that no file of a building hub gives."""
    if not builds(seen) or seen.unseen:
        return
    for path, why in _PLAIN:
        if not seen.at(*path) and not seen.hides(*path):
            message = f"`{'.'.join(path)}` is not set: {why}"
            yield _at(seen, "binderhub-incomplete", path, message, "set it beside the other values of the service")


def binderhub_password(seen: Seen) -> Iterator[Finding]:
    """Yield a finding for each of the two registry passwords whose key path is in no encrypted file of the hub."""
    if not builds(seen) or seen.unseen:
        return
    for path in _PASSWORDS:
        if not seen.hides(*path):
            message = f"`{'.'.join(path)}` is in no encrypted file of this hub"
            mend = "add it with `sops` to an encrypted file that the hub lists"
            yield _at(seen, "binderhub-password", path, message, mend)


def service_scope(seen: Seen) -> Iterator[Finding]:
    """Yield a finding where users, who by themselves may use no service, are not given the right to build images."""
    scopes = seen.at(*_SCOPES)
    known = isinstance(scopes, list) or not seen.unseen
    open_to_all = seen.at(SERVICE, "config", "BinderHub", "auth_enabled") is False
    if not builds(seen) or not known or open_to_all or seen.hides(*_SCOPES):
        return
    if _WIDER.isdisjoint(str(scope) for scope in (scopes if isinstance(scopes, list) else ())):
        message = f"users of a hub that builds images lack the scope `{_SCOPE}`"
        yield _at(seen, "service-scope", _SCOPES, message, "add it: a list replaces those of the files before")


def pull_secret(seen: Seen) -> Iterator[Finding]:
    """Yield a finding where images go to quay.io, private at first, and user servers get no login to pull them."""
    if not builds(seen) or seen.unseen or host_of(seen.at(*PREFIX)) != "quay.io":
        return
    if seen.at(*_PULL_SECRET, "create") is False and not seen.hides(*_PULL_SECRET, "create"):
        message = "`jupyterhub.imagePullSecret.create` is false, and images built on quay.io start private"
        yield _at(seen, "pull-secret", (*_PULL_SECRET, "create"), message, "set it to true")
        return
    parts = ("create", "registry", "username", "password")
    paths = {key: (*_PULL_SECRET, key) for key in parts}
    lacking = [key for key, path in paths.items() if not seen.at(*path) and not seen.hides(*path)]
    if lacking:
        keys = ", ".join(f"`{key}`" for key in lacking)
        message = f"`jupyterhub.imagePullSecret` lacks {keys}, and images built on quay.io start private"
        mend = "set it whole in an encrypted file of the hub"
        yield _at(seen, "pull-secret", paths[lacking[0]] if len(lacking) < len(parts) else _PULL_SECRET, message, mend)


def dask_pull_secret(seen: Seen) -> Iterator[Finding]:
    """Yield a finding where Dask workers get no login to pull images that are built on quay.io."""
    if not builds(seen) or seen.unseen or host_of(seen.at(*PREFIX)) != "quay.io":
        return
    if seen.at("dask-gateway", "enabled") is True and not seen.at(*_BACKEND) and not seen.hides(*_BACKEND):
        message = f"`{'.'.join(_BACKEND)}` is not set, so Dask workers cannot pull private images"
        yield _at(seen, "dask-pull-secret", _BACKEND, message, "set it to `[{name: image-pull-secret}]`")


def node_selectors(seen: Seen) -> Iterator[Finding]:
    """Yield a finding where the docker daemon and the builds that use its socket ask for different nodes."""
    daemon = (SERVICE, "dockerApi", "nodeSelector")
    build = (SERVICE, "config", "KubernetesBuildExecutor", "node_selector")
    if not builds(seen) or seen.unseen or seen.hides(*daemon) or seen.hides(*build):
        return
    one, other = seen.at(*daemon), seen.at(*build)
    if isinstance(one, dict) and isinstance(other, dict) and one != other:
        message = f"`{'.'.join(daemon)}` and `{'.'.join(build)}` differ, and builds use the daemon of their own node"
        yield _at(seen, "node-selectors", build, message, "make them equal")


def secret_overridden(seen: Seen) -> Iterator[Finding]:
    """Yield a finding for a placeholder in a plain file that is listed after the encrypted file with the real value."""
    order = {file: index for index, file in enumerate(seen.listed)}
    for path in _PASSWORDS + tuple((*_PULL_SECRET, key) for key in ("username", "password")):
        value, whole = seen.at(*path), (*seen.hub.prefix, *path)
        spot = seen.spot(*path)
        first = [order.get(file, -1) for file, paths in (seen.encrypted or {}).items() if whole in paths]
        if isinstance(value, str) and first and max(first) < order.get(spot.file, -1):
            message = f"`{'.'.join(path)}` of the encrypted file is replaced by this one, which is listed after it"
            yield _at(seen, "secret-overridden", path, message, "list the encrypted file after this one")


def host_of(address: object) -> str:
    """Return the host of an image prefix or of a registry's address, one name for Docker Hub; empty for none."""
    text = address if isinstance(address, str) else ""
    return one_name(text.partition("://")[2].partition("/")[0] if "://" in text else text.partition("/")[0]).lower()


def _at(seen: Seen, rule: str, path: tuple[str, ...], message: str, mend: str) -> Finding:
    return Finding(rule, seen.spot(*path), message, mend, seen.hub.id)
