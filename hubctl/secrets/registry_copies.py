"""Every copy of a registry password in the encrypted files of a fleet, and whose it is (pure)."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hubctl.fleet.merging import Keys
from hubctl.secret import Secret
from hubctl.secrets.registry_hubs import Opened, RegistryHub
from hubctl.secrets.registry_logins import (
    IMAGE_PREFIX,
    KEY_FILE_USERS,
    LOGINS,
    PASSWORD,
    PULL,
    PUSH,
    Account,
    Login,
    host_of_address,
    host_of_prefix,
    key_file,
)
from hubctl.secrets.value import Stored
from hubctl.settings import DOCKER_HUB


@dataclass(frozen=True, slots=True)
class Copy:
    """One password in an encrypted file; `path` from its root, `hubs` every `cluster/hub` that the file feeds.

    `account` is the user it is of; `public` whether plain files name both, so that a message may. `repository`
    is where the hub pushes its images: a key file is one repository's, though all are of the user `_json_key`.
    """

    file: str
    path: Keys
    account: Account
    value: Secret
    hubs: tuple[str, ...]
    repository: str = ""
    public: bool = True

    @property
    def service_account(self) -> str:
        """Whose key file it is; empty for what is none. Part of a secret: never shown."""
        return service_account(self.account, self.value)


def service_account(account: Account, password: Secret) -> str:
    """Return the service account of a key file, empty for another password; never to be shown."""
    if account.username not in KEY_FILE_USERS:
        return ""
    found = key_file(account, password) or {}
    return str(found.get("client_email") or "")


def copies_of(hubs: Sequence[RegistryHub], opened: Opened) -> tuple[Copy, ...]:
    """Return the copies in files that were opened, by file and key path; a password without a user is none.

    One copy stands more than once where a shared file gives it to hubs with different users or repositories.
    """
    every = (copy for hub in hubs for copy in _of(hub, opened))
    found = {(copy.file, copy.path, copy.account, copy.repository): copy for copy in every}
    return tuple(found[key] for key in sorted(found))


def _of(hub: RegistryHub, opened: Opened) -> Iterator[Copy]:
    paths = {login: login.at(hub.hub.prefix, PASSWORD) for login in LOGINS}
    holding = {login: [file for file in hub.files_hiding(path) if file in opened] for login, path in paths.items()}
    if not any(holding.values()):
        return
    values = hub.values(opened)
    repository = "/".join(text_of(_at(values, (*hub.hub.prefix, *IMAGE_PREFIX))).split("/")[:3])
    for login, files in holding.items():
        for file in files:
            value = opened[file].get(paths[login])
            account = account_in(hub, login, values, opened.get(file, {}))
            if isinstance(value, Secret) and value and account.username:
                public = account_in(hub, login, hub.seen.values, {}) == account
                yield Copy(file, paths[login], account, value, hub.fed.get(file, (hub.hub.id,)), repository, public)


def nameless_copies(hubs: Sequence[RegistryHub], opened: Opened, own: Sequence[Copy]) -> Iterator[Copy]:
    """Yield further places of a login's password with the value of a copy in `own`, and of which no hub says whose.

    At a wrong level, or beside no user name: nothing logs in with it there, but it is the same secret.
    """
    names = {login.level[-1] for login in LOGINS}
    named = {(copy.file, copy.path) for copy in copies_of(hubs, opened)}
    for file, values in opened.items():
        for path, value in values.items():
            keys = tuple(key for key in path if isinstance(key, str))
            if keys != path or keys[-1:] != (PASSWORD,) or not names.intersection(keys[-2:-1]) or (file, keys) in named:
                continue
            same = (copy for copy in own if isinstance(value, Secret) and equal(copy.value, value))
            if (copy := next(same, None)) is not None:
                yield replace(copy, file=file, path=keys, hubs=hubs[0].fed[file])


def account_in(
    hub: RegistryHub, login: Login, values: Mapping[str, object], own: Mapping[tuple[str | int, ...], Stored]
) -> Account:
    """Return the account of a login as the file with the values `own` writes it, else as the hub's values do."""
    prefix = hub.hub.prefix
    username = own.get(login.at(prefix, "username")) or _at(values, login.at(prefix, "username"))
    address = own.get(login.at(prefix, login.address)) or _at(values, login.at(prefix, login.address))
    return Account(_registry(login, text_of(address), prefix, values), text_of(username))


def _registry(login: Login, address: str, prefix: Keys, values: Mapping[str, object]) -> str:
    """The host; without an address the default of the part that reads it."""
    if address:
        return host_of_address(address)
    if login is PULL:
        return DOCKER_HUB  # the default of the chart jupyterhub
    pushed = text_of(_at(values, PUSH.at(prefix, PUSH.address)))  # binderhub takes what build pods log in to
    return host_of_address(pushed) or host_of_prefix(text_of(_at(values, (*prefix, *IMAGE_PREFIX))))


def _at(values: Mapping[str, object], path: Keys) -> object:
    found: object = values
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def text_of(value: object) -> str:
    """Return a value as text, that of a secret too; empty for none, a mapping and a list."""
    if isinstance(value, Secret):
        return value.reveal()
    return "" if value is None or isinstance(value, dict | list | bool) else str(value)


def equal(one: Secret, other: Secret) -> bool:
    """Return whether two secrets are the same, in a time that does not tell where they differ."""
    texts = (each.reveal().encode("utf-8", "surrogatepass") for each in (one, other))
    return hmac.compare_digest(*texts)


def files_to_open(hubs: Sequence[RegistryHub], account: Account) -> tuple[str, ...]:
    """Return the encrypted files that may hold a password of `account`, and those that tell whose one is, sorted.

    Left out are those whose passwords are, by plain files alone, somebody else's.
    """
    wanted: set[str] = set()
    for hub in hubs:
        for login in LOGINS:
            holding = hub.files_hiding(login.at(hub.hub.prefix, PASSWORD))
            naming = {
                file for key in ("username", login.address) for file in hub.files_hiding(login.at(hub.hub.prefix, key))
            }
            if holding and (naming or account_in(hub, login, hub.seen.values, {}) == account):
                wanted |= {*holding, *naming}
    return tuple(sorted(wanted))


def accounts_in_plain(hubs: Sequence[RegistryHub]) -> tuple[Account, ...]:
    """Return the accounts that plain files alone name, sorted."""
    found = {account_in(hub, login, hub.seen.values, {}) for hub in hubs for login in LOGINS}
    return tuple(sorted(one for one in found if one.username))
