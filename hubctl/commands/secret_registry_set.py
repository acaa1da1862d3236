"""`hubctl secret registry set`: one login of a hub in every place that needs it, in one plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from hubctl.commands.carrying import carried_out, refuse_early, sops_of
from hubctl.commands.finding import work_tree
from hubctl.commands.reports import SecretReport
from hubctl.commands.requests import SecretRegistrySet
from hubctl.commands.secret_places import Ground, deploying, ground_of, listing_of, refuse_place, source_of, warnings_on
from hubctl.commands.secret_value import asked_value
from hubctl.commands.world import World
from hubctl.errors import Unparseable, UnsafeEdit
from hubctl.fleet.merging import Keys
from hubctl.fleet.read import Tree, read_fleet, read_if_there
from hubctl.proposals.plan import FileEdit
from hubctl.proposals.secret_plan import SecretChange, SecretPlan
from hubctl.secret import Secret
from hubctl.secrets.changing import changed, made
from hubctl.secrets.encrypted import read_encrypted
from hubctl.secrets.permitted import path_text
from hubctl.secrets.placing import Place, find_place, new_place
from hubctl.secrets.registry_hubs import HubReader, RegistryHub
from hubctl.secrets.registry_logins import (
    PASSWORD,
    Account,
    password_advice,
    refuse_wrong_password,
    robot_advice,
    typed_account,
)
from hubctl.secrets.registry_places import RegistryPlaces, places_for, refuse_shared_copy, refuse_wrong_order
from hubctl.secrets.registry_plain import with_values
from hubctl.secrets.sops import Sops
from hubctl.show import show
from hubctl.text.quoting import detect_house

VERB = "secret registry set"
_HOOKS = ".pre-commit-config.yaml"


def run(request: SecretRegistrySet, world: World) -> SecretReport:
    """Store a login in every place of a hub that needs it; the password is asked for after all else was looked at.

    UsageError for what is no registry or user; HubctlError as `places_for`, `ground_of` and `refuse_place`, code
    `not-a-key-file` for a password that cannot be the user's; AuthNeeded where a file that is there cannot be opened.
    """
    account = typed_account(request.registry, request.username)

    sops = sops_of(world)

    @cache
    def password() -> Secret:
        given = asked_value(f"password of {account.username} at {account.registry}", request.from_file)
        refuse_wrong_password(account, given)
        return given

    def make(tree: Tree) -> SecretPlan:
        login = _Login.of(tree, request, account, world)
        login.refuse()
        plan = login.plan(password(), sops)
        advice = robot_advice(account), password_advice(account, password())
        return replace(plan, notes=(*filter(None, advice), *plan.notes))

    if not request.proposing.from_base:
        refuse_early(request, world, sops)
        _Login.of(work_tree(world), request, account, world).refuse()
        password()  # asked for before the lock is taken: others need not wait for somebody who types
    return carried_out(make, request, world, sops)


@dataclass(frozen=True)
class _Login:
    """One login of one hub of a tree: where it stands and is to stand; `sharing` are hubs that share its files."""

    ground: Ground
    hub: RegistryHub
    sharing: tuple[RegistryHub, ...]
    places: RegistryPlaces

    @classmethod
    def of(cls, tree: Tree, request: SecretRegistrySet, account: Account, world: World) -> _Login:
        staging = world.settings.staging
        ground = ground_of(tree, request.cluster, request.hub, staging)
        ground = replace(ground, fleet=read_fleet(ground.tree, staging))
        reader = HubReader(ground.tree, ground.fleet)
        (hub,) = reader.hubs([ground.hub])
        for problem in reader.problems:
            raise Unparseable(problem.message, file=problem.file, line=problem.line, hint=problem.mend)
        near = {name for file in ground.hub.encrypted for name in hub.fed[file]} - {ground.hub.id}
        sharing = reader.hubs(one for one in ground.fleet.hubs if one.id in near)
        return cls(ground, hub, sharing, places_for(hub, account))

    def files(self) -> dict[str, dict[Keys, Place]]:
        """Where each encrypted entry is or goes, by file and by key path without prefix; refused where it may not."""
        ground, found = self.ground, dict[str, dict[Keys, Place]]()
        for path in self.places.encrypted:
            whole = (*ground.hub.prefix, *path)
            place = find_place(whole, ground.hub, ground.fleet, ground.files) or new_place(
                whole, ground.hub, ground.cluster, ground.fleet, ground.files
            )
            refuse_place(place, ground)
            found.setdefault(place.file, {})[path] = place
        by_path = {path: file for file, places in found.items() for path in places}
        refuse_wrong_order(self.hub, self.places, by_path)
        refuse_shared_copy(self.sharing, self.places, by_path)
        return found

    def refuse(self) -> None:
        """Raise all that can be told before anybody is asked for the password."""
        for found in self.files().values():
            first = next(iter(found.values()))
            if not first.listed:
                listing_of(first, self.ground)
        tuple(self.plain())

    def plan(self, password: Secret, sops: Callable[[], Sops]) -> SecretPlan:
        """Return all that is to change; nothing where everything stands already."""
        changes: list[SecretChange] = []
        edits: list[FileEdit] = []
        warnings: dict[str, None] = {}
        for places in self.files().values():
            edit, told, said = self.encrypted(places, password, sops)
            edits += edit
            changes += told
            warnings |= dict.fromkeys(said)
        edits += self.plain()
        changes += [
            SecretChange(one.file, path_text(one.path), "plain", self.hub.fed[one.file], one.value)
            for one in self.places.plain
        ]
        hub, account = self.ground.hub, self.places.account
        listing = [deploying(self.ground)] if any(one.what == "listed" for one in changes) else []
        replaced = any(one.what == "changed" and one.path.endswith(f".{PASSWORD}") for one in changes)
        revoke = f"revoke the old password of {account.username} at {account.registry} after the merge"
        return SecretPlan(
            verb=VERB,
            scope=f"hub-{hub.id}-{account.registry}",
            title=f"[{hub.cluster}, {hub.name}] store the login to {account.registry}",
            changes=tuple(changes),
            edits=tuple(edits),
            stages=self.ground.stages,
            notes=(*self.places.notes, *listing, *([revoke] if replaced else ())),
            warnings=tuple(warnings),
        )

    def encrypted(
        self, places: Mapping[Keys, Place], password: Secret, sops: Callable[[], Sops]
    ) -> tuple[list[FileEdit], list[SecretChange], list[str]]:
        """Return the edits of one encrypted file, and of `cluster.yaml` where it is to be listed, and the warnings."""
        first = next(iter(places.values()))
        before = first.held.data
        source = source_of(first.held, self.ground.rules_text)
        values = {place.path: self.value(path, password) for path, place in places.items()}
        after = made(sops(), source, values) if before is None else changed(sops(), source, values)
        hubs = tuple(hub.id for hub in first.hubs)
        edits: list[FileEdit] = []
        changes: list[SecretChange] = []
        if after != before:
            edits.append(FileEdit(first.file, before, after))
            old, new = _leaves(before, first.file), _leaves(after, first.file)
            for place in places.values():
                if old.get(place.path) != new.get(place.path):
                    what: Literal["added", "changed"] = "changed" if place.there else "added"
                    changes.append(SecretChange(first.file, path_text(place.path), what, hubs))
        listing = None if first.listed else listing_of(first, self.ground)
        if listing is not None:
            edits.append(listing[0])
            changes.append(listing[1])
        listed = listing[0] if listing else None
        return edits, changes, [said for place in places.values() for said in warnings_on(place, self.ground, listed)]

    def value(self, path: Keys, password: Secret) -> Secret | bool:
        """What is stored at a key path, without prefix."""
        if path in self.places.switches:
            return True
        return Secret(self.places.texts[path]) if path in self.places.texts else password

    def plain(self) -> Iterator[FileEdit]:
        """Yield the edits of plain files."""
        for file in dict.fromkeys(one.file for one in self.places.plain):
            values = [one for one in self.places.plain if one.file == file]
            text = self.ground.tree.read(file)
            house = detect_house(read_if_there(self.ground.tree, _HOOKS), file, (text,))
            try:
                after = with_values(text, values, self.places, self.ground.hub.prefix, house)
            except UnsafeEdit as error:
                raise UnsafeEdit(f"`{show(file)}`: {error.message}", hint=error.hint, code=error.code) from error
            yield FileEdit(file, text, after)


def _leaves(data: bytes | None, file: str) -> Mapping[tuple[str | int, ...], str]:
    return {} if data is None else read_encrypted(data, file).leaves
