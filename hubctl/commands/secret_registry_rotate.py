"""`hubctl secret registry rotate`: every copy of one password in the fleet, in one plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from hubctl.commands.carrying import carried_out, refuse_early, sops_of
from hubctl.commands.finding import work_tree
from hubctl.commands.reports import SecretReport
from hubctl.commands.requests import SecretRegistryRotate
from hubctl.commands.secret_places import ReadOnce, held, rules_text, source_of
from hubctl.commands.secret_value import asked_value
from hubctl.commands.world import World
from hubctl.errors import HubctlError, NotFound, Unparseable
from hubctl.fleet.layout import is_encrypted_name
from hubctl.fleet.model import Fleet
from hubctl.fleet.read import Tree, read_fleet
from hubctl.proposals.markdown import code
from hubctl.proposals.plan import FileEdit
from hubctl.proposals.secret_plan import SecretChange, SecretPlan
from hubctl.secret import Secret
from hubctl.secrets.changing import changed
from hubctl.secrets.opened import values_of
from hubctl.secrets.permitted import path_text
from hubctl.secrets.placing import refuse_unknown_chart
from hubctl.secrets.registry_copies import (
    Copy,
    accounts_in_plain,
    copies_of,
    equal,
    files_to_open,
    nameless_copies,
    service_account,
)
from hubctl.secrets.registry_hubs import HubReader, Opened, RegistryHub, holds_login
from hubctl.secrets.registry_logins import (
    Account,
    host_of_address,
    password_advice,
    refuse_wrong_password,
    typed_account,
)
from hubctl.secrets.sops import Sops
from hubctl.secrets.source import Source
from hubctl.show import near, plural, show

VERB = "secret registry rotate"
_FREE_FORM = ("buildPodsDockerConfig", "auths")


def run(request: SecretRegistryRotate, world: World) -> SecretReport:
    """Replace every copy of a password; the new one is asked for once it is known that there may be a copy.

    UsageError for what is no registry or user; NotFound with near names where nobody has the login; AuthNeeded, naming
    the file, where one of those that may hold a copy cannot be opened: nothing is written then.
    """
    account = typed_account(request.registry, request.username)

    sops = sops_of(world)

    @cache
    def password() -> Secret:
        given = asked_value(f"new password of {account.username} at {account.registry}", request.from_file)
        refuse_wrong_password(account, given)
        return given

    if not request.proposing.from_base:
        refuse_early(request, world, sops)
        _Rotation.of(work_tree(world), account, world)  # refuse before anybody is asked
        password()  # before the lock is taken: others need not wait for somebody who types
    return carried_out(lambda tree: _Rotation.of(tree, account, world).plan(password(), sops()), request, world, sops)


@dataclass(frozen=True)
class _Rotation:
    """A fleet in which one account's password is looked for; `files` may hold it, or tell whose one is."""

    tree: Tree
    fleet: Fleet
    account: Account
    reader: HubReader
    hubs: tuple[RegistryHub, ...]
    files: tuple[str, ...]

    @classmethod
    def of(cls, tree: Tree, account: Account, world: World) -> _Rotation:
        tree = ReadOnce(tree)
        fleet = read_fleet(tree, world.settings.staging)
        reader = HubReader(tree, fleet)
        hubs = reader.hubs()
        for problem in (*fleet.problems, *reader.problems):
            if problem.fails:  # a copy may be in what cannot be read
                raise Unparseable(problem.message, file=problem.file, line=problem.line, hint=problem.mend)
        for hub in hubs:
            if any(map(holds_login, (hub.seen.encrypted or {}).values())):
                refuse_unknown_chart(hub.hub, fleet)
        _refuse_absent(fleet, hubs, account)
        files = files_to_open(hubs, account)
        if not files:
            raise _no_copy(account, hubs)
        return cls(tree, fleet, account, reader, hubs, files)

    def plan(self, password: Secret, sops: Sops) -> SecretPlan:
        """Return the change of every copy that is not the new password yet."""
        opened = {file: values_of(sops, self.source(file)) for file in self.files}
        own = _meant(_own(copies_of(self.hubs, opened), self.account), self.account, password)
        if not own:
            raise _no_copy(self.account, self.hubs)
        copies = sorted((*own, *nameless_copies(self.hubs, opened, own)), key=lambda copy: (copy.file, copy.path))
        stale = [copy for copy in copies if not equal(copy.value, password)]
        edits: list[FileEdit] = []
        for file in dict.fromkeys(copy.file for copy in stale):
            source = self.source(file)
            values = {copy.path: password for copy in stale if copy.file == file}
            edits.append(FileEdit(file, source.data, changed(sops, source, values)))
        whose = f"{self.account.username} at {self.account.registry}"
        revoke = f"after the merge and the deploy, revoke the old password of {whose}: it stays in the history"
        return SecretPlan(
            verb=VERB,
            scope=f"registry-{self.account.registry}/{self.account.username}",
            title=f"[registry] rotate the password of {whose}",
            changes=tuple(SecretChange(copy.file, path_text(copy.path), "changed", copy.hubs) for copy in stale),
            edits=tuple(edits),
            stages={hub.id: hub.stage for hub in self.fleet.hubs},
            notes=tuple(filter(None, (password_advice(self.account, password), *([revoke] if stale else ())))),
            warnings=tuple(self.warnings(opened)),
        )

    def source(self, file: str) -> Source:
        """What a change of a file starts from."""
        return source_of(held(self.tree, file), rules_text(self.tree))

    def warnings(self, opened: Opened) -> Iterator[str]:
        """Yield as Markdown what is left as it is, and where hubctl did not look."""
        for file, values in opened.items():
            for path in values:
                keys = [key for key in path if isinstance(key, str)]
                hosts = [
                    host
                    for name, auths, host in zip(keys, keys[1:], keys[2:], strict=False)
                    if (name, auths) == _FREE_FORM
                ]
                if any(host_of_address(host) == self.account.registry for host in hosts):
                    yield f"{code(file)} has a login in `buildPodsDockerConfig`, too: change it with `secret set`"
                    break
        for file in self.fleet.unlisted:
            if is_encrypted_name(file) and holds_login(self.reader.paths_in(file)):
                yield f"not looked into, for no hub lists it: {code(file)}"


def _refuse_absent(fleet: Fleet, hubs: Sequence[RegistryHub], account: Account) -> None:
    """Refuse where a hub that names the account lists an encrypted file that is not there: it may hold a copy."""
    absent = {one.path for one in fleet.absent if one.encrypted}
    for hub in hubs:
        lacking = absent.intersection(hub.order)
        if lacking and account in accounts_in_plain([hub]):
            raise NotFound(
                f"`{show(min(lacking))}` is listed for `{hub.hub.id}` and not there, and may hold a copy",
                hint="restore it, or take it off the list in `cluster.yaml`",
                code="no-such-file",
            )


def _own(copies: Sequence[Copy], account: Account) -> list[Copy]:
    """The copies of an account; a copy that some hub reads as another's is refused."""
    own = [copy for copy in copies if copy.account == account]
    places = {(copy.file, copy.path) for copy in own}
    for copy in copies:
        if copy.account != account and (copy.file, copy.path) in places:
            raise HubctlError(
                f"`{show(copy.file)}` gives one password to hubs with different logins, at `{path_text(copy.path)}`",
                hint=f"give each login a file of its own: {', '.join(copy.hubs[:5])}",
                code="shared-copy",
            )
    return own


def _meant(copies: Sequence[Copy], account: Account, password: Secret) -> list[Copy]:
    """The copies that a password replaces, each once; of key files of several service accounts those of its own."""
    once = list({(copy.file, copy.path): copy for copy in copies}.values())
    if len({copy.service_account for copy in once}) < 2:
        return once
    own = [copy for copy in once if copy.service_account == service_account(account, password)]
    if own:
        return own
    raise HubctlError(
        f"`{show(account.username)}` at `{show(account.registry)}` is several service accounts, and the key file is of "
        "none of them",
        hint="give a key file of the one to rotate, or store a new one with `hubctl secret registry set`",
        code="other-account",
    )


def _no_copy(account: Account, hubs: Sequence[RegistryHub]) -> NotFound:
    known = accounts_in_plain(hubs)
    users = near(account.username, [one.username for one in known if one.registry == account.registry])
    registries = near(account.registry, [one.registry for one in known])
    elsewhere = sorted({one.registry for one in known if one.username == account.username} - {account.registry})
    words = [
        *(f"`--username {show(user, 60)}`" for user in users if user != account.username),
        *(
            f"`--registry {show(host, 60)}`"
            for host in dict.fromkeys((*elsewhere, *registries))
            if host != account.registry
        ),
    ]
    return NotFound(
        f"no encrypted file of a hub has a password of `{show(account.username, 60)}` "
        f"at `{show(account.registry, 60)}`",
        hint=f"did you mean {' or '.join(words)}?" if words else f"looked at {plural(len(hubs), 'hub')}",
        code="no-such-login",
    )
