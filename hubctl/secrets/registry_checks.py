"""What is wrong with the registry logins of hubs: in plain files, in encrypted ones, in their order (pure)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hubctl.fleet.merging import Keys
from hubctl.fleet.seen import Spot
from hubctl.fleet.values import Branch, Leaf, Written
from hubctl.secret import Secret
from hubctl.secrets.registry_copies import Copy, account_in, copies_of, equal
from hubctl.secrets.registry_hubs import Opened, RegistryHub, holds_login
from hubctl.secrets.registry_logins import LOGINS, PASSWORD, PULL, SERVICE, Account, Login
from hubctl.show import show
from hubctl.text.walk import key_path

MISSING, MISPLACED, DIFFERING = "registry-password", "registry-place", "registry-copies"
ORDER, UNLISTED, CLEAR, CHART = "registry-order", "registry-unlisted", "registry-clear", "registry-chart"
RULES = frozenset({MISSING, MISPLACED, DIFFERING, ORDER, UNLISTED, CLEAR, CHART})
PAGE = "docs/registry-credentials.md"  # a heading a rule
_NAMES = {login.level[-1]: login for login in LOGINS}
_PLACEHOLDER = re.compile(r"<.*>|\{\{.*\}\}|\$\{.*\}|ENC\[AES256_GCM,.*\]", re.DOTALL)
# The last keys of what is secret wherever it stands; `*` for any key.
_SECRET_ENDINGS = (
    *((name, PASSWORD) for name in _NAMES),
    ("buildPodsDockerConfig", "auths", "*", "auth"),
    ("buildPodsDockerConfig", "auths", "*", PASSWORD),
    ("buildPodsDockerConfig", "auths", "*", "identitytoken"),
    ("buildPodsDockerConfig", "auths", "*", "registrytoken"),
    ("extraCredentials", "googleServiceAccountKey"),
    ("GitHubRepoProvider", "client_secret"),
    ("GitHubRepoProvider", "access_token"),
)


@dataclass(frozen=True, slots=True)
class RegistryFinding:
    """A finding at a key path, for a hub where it is one's; with a `line` that of a `cluster.yaml` is meant."""

    rule: str
    spot: Spot
    message: str
    mend: str
    hub: str = ""
    line: int = 0


def without_key(hubs: Sequence[RegistryHub], unlisted: Mapping[str, frozenset[Keys]]) -> Iterator[RegistryFinding]:
    """Yield what the structure of files alone tells; `unlisted` are encrypted files that no `cluster.yaml` lists."""
    for hub in hubs:
        for login in LOGINS:
            yield from _password_absent(hub, login, hubs, unlisted)
            yield from _password_alone(hub, login, hubs)
        yield from {(one.line, one.spot): one for login in LOGINS for one in _wrong_order(hub, login)}.values()
        yield from _misplaced(hub, hubs)


def unknown_chart(hub: RegistryHub) -> RegistryFinding:
    """Return the finding that nobody knows where the chart of a hub reads a login."""
    message = f"nobody knows how the chart `{show(hub.hub.chart, 80)}` reads its values, so no login was looked for"
    mend = "hubctl knows basehub, daskhub and the charts in `helm-charts`"
    return RegistryFinding(CHART, Spot(hub.cluster_file, ()), message, mend, hub.hub.id, hub.hub.line)


def with_key(hubs: Sequence[RegistryHub], opened: Opened) -> Iterator[RegistryFinding]:
    """Yield what decrypted values tell: empty passwords, and copies of one that differ."""
    for hub in hubs:
        for login in LOGINS:
            yield from _password_empty(hub, login, opened)
    told: set[frozenset[tuple[str, Keys]]] = set()
    for same in _meant_alike(copies_of(hubs, opened)):
        places = frozenset((copy.file, copy.path) for copy in same)
        if not any(places <= other for other in told):
            found = tuple(_differing(same))
            told |= {places} if found else set()
            yield from found


def _meant_alike(copies: Sequence[Copy]) -> Iterator[list[Copy]]:
    """Yield the copies of one user, the larger groups first: of one service account, and of one repository."""
    groups: dict[tuple[Account, str, str], list[Copy]] = {}
    for copy in copies:
        groups.setdefault((copy.account, "account", copy.service_account), []).append(copy)
        groups.setdefault((copy.account, "repository", copy.repository), []).append(copy)
    for same in sorted(groups.values(), key=len, reverse=True):
        yield list({(copy.file, copy.path): copy for copy in same}.values())


def in_clear(file: str, root: Branch) -> Iterator[RegistryFinding]:
    """Yield a finding for each registry secret that stands in a plain values file; a placeholder is none."""
    for path in clear_paths(root):
        message = f"a secret in a plain file, at `{show(key_path(None, path), 120)}`"
        mend = "remove it, revoke it where it is used, and store the new one with `hubctl secret registry set`"
        yield RegistryFinding(CLEAR, Spot(file, path), message, mend)


def clear_paths(root: Branch) -> Iterator[Keys]:
    """Yield the key paths of registry secrets that stand in clear, at whatever level and below whatever prefix."""
    for path, value in _leaves(root, ()):
        if any(_ends_with(path, ending) for ending in _SECRET_ENDINGS) and is_secret_text(value):
            yield path


def is_secret_text(value: object) -> bool:
    """Return whether a plain value is text that stands for itself, no placeholder such as `<set-elsewhere>`."""
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return False
    text = str(value).strip()
    return bool(text) and not _PLACEHOLDER.fullmatch(text)


def _leaves(node: Written, above: Keys) -> Iterator[tuple[Keys, object]]:
    if isinstance(node, Leaf):
        yield above, node.value
    else:
        for key, below in node.entries.items():
            yield from _leaves(below, (*above, key))


def _ends_with(path: Keys, ending: Keys) -> bool:
    last = path[-len(ending) :]
    return len(last) == len(ending) and all(wanted in ("*", key) for wanted, key in zip(ending, last, strict=True))


def is_used(hub: RegistryHub, login: Login) -> bool:
    """Return whether anything reads a login: the pull secret is made, the service is not off and pushes."""
    if login is PULL:
        return hub.plain_at(login, "create") is not False
    return (
        hub.seen.at(SERVICE, "enabled") is not False
        and hub.seen.at(SERVICE, "config", "BinderHub", "use_registry") is not False
    )


def _password_absent(
    hub: RegistryHub, login: Login, hubs: Sequence[RegistryHub], unlisted: Mapping[str, frozenset[Keys]]
) -> Iterator[RegistryFinding]:
    prefix = hub.hub.prefix
    path = login.at(prefix, PASSWORD)
    plain = hub.plain_at(login, "username") not in (None, "")
    named = plain or bool(hub.files_hiding(login.at(prefix, "username")))
    if not named or hub.files_hiding(path) or not is_used(hub, login):
        return
    if is_secret_text(hub.plain_at(login, PASSWORD)) or any(_misplaced_of(hub, login, hubs)):
        return
    if any(path in paths and beside(hub, file) for file, paths in unlisted.items()):
        return  # told as that file's
    file = _file_for(hub, login)
    absent = file in hub.hub.encrypted and file not in (hub.seen.encrypted or {})
    message = f"`{login.name}` has a user name and no password" + ": this file is listed and not there" * absent
    mend = "store it with `hubctl secret registry set`"
    yield RegistryFinding(MISSING, Spot(file, path), message, mend, hub.hub.id)


def unlisted_files(hubs: Sequence[RegistryHub], unlisted: Mapping[str, frozenset[Keys]]) -> Iterator[RegistryFinding]:
    """Yield a finding on its `cluster.yaml` for each file with a login that lies beside it and that nobody lists."""
    for file in sorted(file for file, paths in unlisted.items() if holds_login(paths)):
        near = [hub for hub in hubs if beside(hub, file)]
        named = next((hub for hub in near if is_named_after(file, hub.hub.name)), None)
        for hub in [named] if named else near[:1]:
            message = f"`{show(file)}` holds a registry login, and no hub lists it"
            mend = "list it after the plain files of its hub, or remove it"
            line = hub.hub.line if named else 1
            yield RegistryFinding(UNLISTED, Spot(hub.cluster_file, ()), message, mend, "", line)


def beside(hub: RegistryHub, file: str) -> bool:
    """Return whether a file lies in the folder of a hub's cluster."""
    return posixpath.dirname(hub.cluster_file) == posixpath.dirname(file)


def is_named_after(file: str, hub: str) -> bool:
    """Return whether an encrypted file is called after a hub: `enc-HUB.secret.values.yaml`."""
    return posixpath.basename(file).startswith(f"enc-{hub}.")


def _file_for(hub: RegistryHub, login: Login) -> str:
    """The encrypted file a password is missed in: one with its user name or a login, the hub's own, a new one."""
    hidden = hub.seen.encrypted or {}
    own = posixpath.join(posixpath.dirname(hub.cluster_file), f"enc-{hub.hub.name}.secret.values.yaml")
    listed = [file for file in hub.order if file in hub.hub.encrypted]
    with_any = [file for file in listed if holds_login(hidden.get(file, frozenset()))]
    candidates = [*hub.files_hiding(login.at(hub.hub.prefix, "username"))] or with_any or listed or [own]
    return own if own in candidates else candidates[-1]


def _password_alone(hub: RegistryHub, login: Login, hubs: Sequence[RegistryHub]) -> Iterator[RegistryFinding]:
    """A password without a user name, which nobody can log in with: no hub either that shares the file."""
    path = login.at(hub.hub.prefix, PASSWORD)
    files = hub.files_hiding(path)
    if not files or not is_used(hub, login):
        return
    known = {one.hub.id: one for one in hubs}
    if all(one in known and not _may_name_user(known[one], login) for one in hub.fed[files[-1]]):
        message = f"`{login.name}` has a password and no user name"
        mend = "set its user name, or remove the password with `hubctl secret unset`"
        yield RegistryFinding(MISPLACED, Spot(files[-1], path), message, mend, hub.hub.id)


def _may_name_user(hub: RegistryHub, login: Login) -> bool:
    named = hub.plain_at(login, "username") not in (None, "") or hub.seen.hides(*login.level, "username")
    return named or hub.seen.unseen


def _wrong_order(hub: RegistryHub, login: Login) -> Iterator[RegistryFinding]:
    """A plain file that is listed after the encrypted one and says something else, or whose login that is."""
    path = login.at(hub.hub.prefix, PASSWORD)
    files = hub.files_hiding(path)
    if not files:
        return
    last = files[-1]
    for one in hub.seen.told:
        if one.default or hub.position(one.file) < hub.position(last):
            continue
        if path in clear_paths(one.root):
            continue  # told as what it is
        if writes(one.root, path):
            why = f"which replaces the password of `{login.name}`"
        elif writes(one.root, login.at(hub.hub.prefix, "username")) and _is_narrower(hub, last, one.file):
            why = f"which holds the user name of `{login.name}`"
        else:
            continue
        message = f"`{show(last)}` is listed before `{show(one.file)}`, {why}"
        mend = "list the encrypted file after it"
        yield RegistryFinding(
            ORDER, Spot(hub.cluster_file, ()), message, mend, hub.hub.id, hub.lines.get(last, hub.hub.line)
        )
        return


def writes(root: Branch, path: Keys) -> bool:
    """Return whether a file writes something at a path, or replaces what stands above it."""
    node: Written = root
    for key in path:
        if isinstance(node, Leaf):
            return True
        if key not in node.entries:
            return False
        node = node.entries[key]
    return True


def _is_narrower(hub: RegistryHub, encrypted: str, plain: str) -> bool:
    """Whether an encrypted file feeds no hub that the plain one does not: a shared one may come before a hub's own."""
    return set(hub.fed.get(encrypted, ())) <= set(hub.fed.get(plain, ()))


def _misplaced(hub: RegistryHub, hubs: Sequence[RegistryHub]) -> Iterator[RegistryFinding]:
    for login in LOGINS:
        for file, path in _misplaced_of(hub, login, hubs):
            right = key_path(None, login.at(hub.hub.prefix, PASSWORD))
            message = f"nothing reads a password at `{show(key_path(None, path), 120)}`"
            yield RegistryFinding(MISPLACED, Spot(file, path), message, f"its place is `{right}`", hub.hub.id)


def _misplaced_of(hub: RegistryHub, login: Login, hubs: Sequence[RegistryHub]) -> Iterator[tuple[str, Keys]]:
    """The passwords of a login in a hub's files where none of the hubs that list the file reads them."""
    for file, paths in (hub.seen.encrypted or {}).items():
        read = {login.at(one.hub.prefix, PASSWORD) for one in hubs if file in one.order}
        yield from ((file, path) for path in sorted(paths - read) if path[-2:] == (login.level[-1], PASSWORD))


def _password_empty(hub: RegistryHub, login: Login, opened: Opened) -> Iterator[RegistryFinding]:
    path = login.at(hub.hub.prefix, PASSWORD)
    files = hub.files_hiding(path)
    if not files or files[-1] not in opened or not is_used(hub, login):
        return
    value = opened[files[-1]].get(path)
    named = account_in(hub, login, hub.values(opened), opened[files[-1]]).username
    if named and not (isinstance(value, Secret) and is_secret_text(value.reveal())):
        message = f"the password of `{login.name}` is empty, a placeholder, or no text"
        mend = "store it with `hubctl secret registry set`"
        yield RegistryFinding(MISSING, Spot(files[-1], path), message, mend, hub.hub.id)


def _differing(copies: Sequence[Copy]) -> Iterator[RegistryFinding]:
    """A finding on each file, and each value in it, where copies differ; it names all files, in groups that agree."""
    groups: list[list[Copy]] = []
    for copy in copies:
        same = next((group for group in groups if equal(group[0].value, copy.value)), None)
        if same is None:
            groups.append([copy])
        else:
            same.append(copy)
    if len(groups) < 2:
        return
    groups.sort(key=len, reverse=True)
    account = copies[0].account
    whose = "one user" if not any(copy.public for copy in copies) else f"`{show(account.username, 60)}`"
    files = [", ".join(f"`{show(file)}`" for file in dict.fromkeys(copy.file for copy in group)) for group in groups]
    message = f"the copies of the password of {whose} at `{show(account.registry, 60)}` differ: {' ≠ '.join(files)}"
    for copy in (copy for group in groups for copy in {copy.file: copy for copy in reversed(group)}.values()):
        mend = "make them one: `hubctl secret registry rotate --registry REGISTRY --username NAME`"
        yield RegistryFinding(DIFFERING, Spot(copy.file, copy.path), message, mend)
