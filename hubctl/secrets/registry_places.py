"""Where a login to a registry is to be written for a hub: which settings need it, and in which plain file (pure)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hubctl.errors import HubctlError
from hubctl.fleet.merging import Keys
from hubctl.fleet.values import Branch, Leaf, Written
from hubctl.secrets.registry_checks import clear_paths, is_used, writes
from hubctl.secrets.registry_hubs import RegistryHub
from hubctl.secrets.registry_logins import (
    IMAGE_PREFIX,
    LOOK,
    PASSWORD,
    PULL,
    PUSH,
    SERVICE,
    Account,
    Login,
    address_for,
    host_of_prefix,
    needs_pull_secret,
    same_address,
)
from hubctl.show import show
from hubctl.text.walk import key_path


@dataclass(frozen=True, slots=True)
class PlainValue:
    """A value that is no secret; `path` from the root of `file`."""

    file: str
    path: Keys
    value: str


@dataclass(frozen=True, slots=True)
class RegistryPlaces:
    """What is to stand where for one hub.

    `passwords`, `texts` and `switches` are key paths, without the chart's prefix, for encrypted files; `plain` is what
    is not right yet in plain files. `agreeing` gives for each path of the login (from the root) what it may say, so
    that an anchor they share may be edited.
    """

    account: Account
    logins: tuple[Login, ...]
    passwords: tuple[Keys, ...]
    texts: Mapping[Keys, str]
    switches: tuple[Keys, ...]
    plain: tuple[PlainValue, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def encrypted(self) -> tuple[Keys, ...]:
        """All key paths for encrypted files."""
        return (*self.switches, *self.texts, *self.passwords)

    def agrees(self, prefix: Keys, path: Keys, value: str) -> bool:
        """Return whether an entry at `path`, from the root of a file, may be `value` as well."""
        for login in self.logins:
            if path == login.at(prefix, "username"):
                return value == self.account.username
            if path == login.at(prefix, login.address):
                return same_address(login, value, self.account.registry)
        return False


def places_for(hub: RegistryHub, account: Account) -> RegistryPlaces:
    """Return where the login belongs for a hub.

    HubctlError: code `other-registry` where its images go elsewhere, `needs-none` where nothing there needs a login,
    `secret-in-clear` where a plain file holds one, `no-plain-file` where no plain file of the hub alone can take what
    is not secret.
    """
    builds = builds_images(hub)
    if builds:
        _refuse_other_registry(hub, account.registry)
    logins = tuple(_needed(account.registry, builds=builds))
    if not logins:
        raise HubctlError(
            f"`{hub.hub.id}` builds no images, and nodes log in to Artifact Registry by themselves: "
            f"no login for `{account.registry}` is needed",
            hint="a hub builds images where `binderhub-service.enabled` is true, or unsaid beside an `image_prefix`",
            code="needs-none",
        )
    _refuse_clear(hub)
    texts: dict[Keys, str] = {}
    plain: list[PlainValue] = []
    for login in logins:
        for key, value in ((login.address, address_for(login, account.registry)), ("username", account.username)):
            if login is PULL or hub.files_hiding(login.at(hub.hub.prefix, key)):
                texts[*login.level, key] = value
            elif not _stands(hub, login, key, value, account):
                path = login.at(hub.hub.prefix, key)
                plain.append(PlainValue(_plain_file(hub, path), path, value))
    return RegistryPlaces(
        account=account,
        logins=logins,
        passwords=tuple((*login.level, PASSWORD) for login in logins),
        texts=texts,
        switches=((*PULL.level, "create"),) if PULL in logins else (),
        plain=tuple(plain),
        notes=tuple(_notes(hub, account, builds=builds)),
    )


def builds_images(hub: RegistryHub) -> bool:
    """Return whether a hub pushes what it builds: the service is on, or unsaid where images have a prefix."""
    enabled, pushes = (hub.seen.at(SERVICE, *keys) for keys in (("enabled",), ("config", "BinderHub", "use_registry")))
    named = bool(host_of_prefix(hub.seen.at(*IMAGE_PREFIX)))
    return pushes is not False and (enabled is True or (named and enabled is not False))


def _needed(registry: str, *, builds: bool) -> Iterator[Login]:
    if needs_pull_secret(registry):
        yield PULL
    if builds:
        yield PUSH
        yield LOOK


def _refuse_other_registry(hub: RegistryHub, registry: str) -> None:
    prefix = hub.seen.at(*IMAGE_PREFIX)
    host = host_of_prefix(prefix)
    if host and host != registry:
        raise HubctlError(
            f"`{hub.hub.id}` pushes its images to `{show(host, 80)}`, not to `{show(registry, 80)}`",
            hint=f"its `image_prefix` is `{show(str(prefix), 120)}`",
            code="other-registry",
        )


def _refuse_clear(hub: RegistryHub) -> None:
    """Refuse where a password stands in clear: an encrypted copy beside it would hide nothing."""
    for told in hub.seen.told:
        for path in clear_paths(told.root):
            if path[-1] == PASSWORD and path[-2] in {login.level[-1] for login in (PULL, PUSH, LOOK)}:
                raise HubctlError(
                    f"`{show(told.file)}` holds a password in clear, at `{show(key_path(None, path), 120)}`",
                    hint="remove it there and revoke it at the registry: it stays in the history; then store a new one",
                    code="secret-in-clear",
                )


def _stands(hub: RegistryHub, login: Login, key: str, value: str, account: Account) -> bool:
    """Whether the plain files say it already; an address may be spelled otherwise."""
    now = hub.plain_at(login, key)
    return now == value if key == "username" else same_address(login, now, account.registry)


def _notes(hub: RegistryHub, account: Account, *, builds: bool) -> Iterator[str]:
    if builds and not host_of_prefix(hub.seen.at(*IMAGE_PREFIX)):
        yield f"`{'.'.join(IMAGE_PREFIX)}` is not set, so nothing says that images go to `{account.registry}`"


def _plain_file(hub: RegistryHub, path: Keys) -> str:
    """The plain file that is to say it: the one that does, if it feeds this hub alone, else the hub's own."""
    saying = [one.file for one in hub.seen.told if not one.default and writes_leaf(one.root, path)]
    winner = max(saying, key=hub.position, default=None)
    alone = [file for file in hub.order if file in hub.hub.files and hub.fed.get(file) == (hub.hub.id,)]
    if winner in alone:
        return str(winner)
    own = _own_plain(hub)
    after = -1 if winner is None else hub.position(winner)
    for file in ([own] if own in alone else []) + alone[::-1]:
        if hub.position(file) > after:
            return file
    why = f"; `{show(winner)}`, which feeds others too, says it last" if winner else ""
    raise HubctlError(
        f"no plain values file of `{hub.hub.id}` alone can take `{key_path(None, path)}`{why}",
        hint=f"list `{posixpath.basename(own)}` for the hub in `{hub.cluster_file}`, after the files it shares",
        code="no-plain-file",
    )


def writes_leaf(root: Branch, path: Keys) -> bool:
    """Return whether a file writes a value at exactly this path."""
    node: Written = root
    for key in path:
        if isinstance(node, Leaf) or key not in node.entries:
            return False
        node = node.entries[key]
    return True


def refuse_wrong_order(hub: RegistryHub, places: RegistryPlaces, files: Mapping[Keys, str]) -> None:
    """Refuse where a plain file, listed after an encrypted one, would replace what is to be stored there.

    `files` are the encrypted files by key path, without prefix; one that is not listed yet comes behind the hub's own
    plain file, else behind the last. HubctlError, code `wrong-order`.
    """
    for path, file in files.items():
        whole = (*hub.hub.prefix, *path)
        position = hub.position(file) if hub.position(file) >= 0 else _position_of_new(hub)
        for told in hub.seen.told:
            later = not told.default and hub.position(told.file) > position
            if later and writes(told.root, whole) and not _agrees(places, hub, whole, told.root):
                raise HubctlError(
                    f"`{show(told.file)}` is listed after `{show(file)}` and would replace "
                    f"`{show(key_path(None, whole), 120)}`",
                    hint=f"list the encrypted file after it in `{show(hub.cluster_file)}`",
                    code="wrong-order",
                )


def refuse_shared_copy(sharing: Sequence[RegistryHub], places: RegistryPlaces, files: Mapping[Keys, str]) -> None:
    """Refuse where a hub in `sharing` would log in with another user and the password that is to be stored.

    `files` are the encrypted files by key path, without prefix. HubctlError, code `shared-copy`.
    """
    for one in sharing:
        for login in places.logins:
            file = files[*login.level, PASSWORD]
            user = one.plain_at(login, "username")
            own = user in (None, "", places.account.username) or one.seen.hides(*login.level, "username")
            if file in one.order and is_used(one, login) and not own:
                raise HubctlError(
                    f"`{show(file)}` feeds `{one.hub.id}`, too, which logs in as `{show(str(user), 60)}`: "
                    f"its password at `{login.name}` would be that of `{show(places.account.username, 60)}`",
                    hint="change its user name first, or give each login an encrypted file of its own",
                    code="shared-copy",
                )


def _position_of_new(hub: RegistryHub) -> float:
    """Where a new file is listed, between two others."""
    own = hub.position(_own_plain(hub))
    plain = [hub.position(file) for file in hub.order if file not in hub.hub.encrypted]
    return (own if own >= 0 else max(plain, default=len(hub.order))) + 0.5


def _own_plain(hub: RegistryHub) -> str:
    return posixpath.join(posixpath.dirname(hub.cluster_file), f"{hub.hub.name}.values.yaml")


def _agrees(places: RegistryPlaces, hub: RegistryHub, path: Keys, root: Branch) -> bool:
    """Whether a plain file says the same, which only what is no secret can."""
    node: Written = root
    for key in path:
        if isinstance(node, Leaf):
            return False
        node = node.entries[key]
    value = node.value if isinstance(node, Leaf) else None
    if path == (*hub.hub.prefix, *PULL.level, "create"):
        return value is True
    return isinstance(value, str) and places.agrees(hub.hub.prefix, path, value)
