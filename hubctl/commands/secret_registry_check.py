"""`hubctl secret registry check`: every user name has its password, all copies agree, and none stands in clear."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hubctl.commands.codes import DONE, FAILED, strongest
from hubctl.commands.finding import work_tree
from hubctl.commands.requests import SecretRegistryCheck
from hubctl.commands.secret_places import ReadOnce
from hubctl.commands.world import World
from hubctl.errors import HubctlError
from hubctl.fleet.layout import RULES_FILE, is_encrypted_name
from hubctl.fleet.model import Fleet
from hubctl.fleet.read import read_fleet, read_if_there
from hubctl.fleet.select import part_of
from hubctl.problem import Problem
from hubctl.rules.finding import Finding, problems_of
from hubctl.secrets.creation_rules import read_rules
from hubctl.secrets.opened import values_of
from hubctl.secrets.placing import refuse_unknown_chart
from hubctl.secrets.registry_checks import (
    RegistryFinding,
    beside,
    in_clear,
    is_named_after,
    unknown_chart,
    unlisted_files,
    with_key,
    without_key,
)
from hubctl.secrets.registry_hubs import HubReader, Opened, RegistryHub, files_with_logins
from hubctl.secrets.sops import find_sops
from hubctl.secrets.source import Source
from hubctl.secrets.value import Stored
from hubctl.secrets.verifier import verify


@dataclass(frozen=True, slots=True)
class RegistryCheckReport:
    """What was found; `checked` is the number of values files, `error` why not every one could be opened."""

    problems: tuple[Problem, ...]
    checked: int
    error: HubctlError | None = None

    @property
    def exit_code(self) -> int:
        """4 where a key is missing, 1 with a problem, else 0."""
        found = FAILED if self.problems else DONE
        return strongest((found, self.error.exit_code)) if self.error else found


def run(request: SecretRegistryCheck, world: World) -> RegistryCheckReport:
    """Return what is wrong with the registry logins of the chosen hubs; no value is in it.

    What structure alone tells is told without a key. A file whose form or recipients are wrong is not opened, its
    findings are those of `secret check`. NotFound for an unknown cluster or hub, and where there is no fleet.
    """
    tree = ReadOnce(work_tree(world))
    fleet = read_fleet(tree, world.settings.staging)
    part = part_of(fleet, request.cluster, request.hub)
    reader = HubReader(tree, fleet)
    hubs = reader.hubs(part.hubs)
    rules_text = read_if_there(tree, RULES_FILE)
    strange = [hub for hub in hubs if _has_unknown_chart(hub, fleet)]
    hubs = tuple(hub for hub in hubs if hub not in strange)
    sealed = {file: reader.paths_in(file) for file in _unlisted(fleet, hubs)}
    findings = [*map(unknown_chart, strange), *without_key(hubs, sealed), *unlisted_files(hubs, sealed)]
    plain = _plain_files(part, whole=request.cluster is None)
    findings += (one for file in plain if (root := reader.root(file)) is not None for one in in_clear(file, root))
    encrypted = files_with_logins(hubs)
    broken = _broken(encrypted, reader, rules_text)
    opened, error = _opened([file for file in encrypted if file not in broken], reader, rules_text, world)
    findings += with_key(hubs, opened)
    of_files = (problem for found_in in broken.values() for problem in found_in)
    every = {*of_files, *reader.problems, *(one for one in part.problems if one.fails)}
    told = _problems(findings, reader.texts)
    looked = {*plain, *encrypted, *sealed, *(file for one in hubs for file in one.seen.encrypted or ())}
    return RegistryCheckReport(tuple(sorted({*every, *told})), len(looked), error)


def _unlisted(fleet: Fleet, hubs: Sequence[RegistryHub]) -> Iterator[str]:
    """The encrypted files beside the `cluster.yaml` of these hubs that nobody lists, less those called after others."""
    chosen = {hub.hub.id for hub in hubs}
    for file in fleet.unlisted:
        if is_encrypted_name(file) and any(beside(hub, file) for hub in hubs):
            cluster = next(one for one in fleet.clusters if one.folder == posixpath.dirname(file))
            owners = {hub.id for hub in cluster.hubs if is_named_after(file, hub.name)}
            if not owners or owners & chosen:
                yield file


def _has_unknown_chart(hub: RegistryHub, fleet: Fleet) -> bool:
    try:
        refuse_unknown_chart(hub.hub, fleet)
    except HubctlError:
        return True
    return False


def _plain_files(part: Fleet, *, whole: bool) -> tuple[str, ...]:
    """The plain values files of the selection, those that nobody lists among them; with no selection every one."""
    files = {*part.texts} if whole else {file for hub in part.hubs for file in hub.files}
    files |= {file for file in part.unlisted if not is_encrypted_name(file)}
    return tuple(sorted(files))


def _broken(files: Iterable[str], reader: HubReader, rules_text: bytes | None) -> dict[str, tuple[Problem, ...]]:
    rules = read_rules(rules_text)
    found = {file: verify(reader.texts[file], file, rules) for file in files}
    return {file: problems for file, problems in found.items() if problems}


def _opened(
    files: Sequence[str], reader: HubReader, rules_text: bytes | None, world: World
) -> tuple[Opened, HubctlError | None]:
    """What could be decrypted, and the first failure; one call of sops a file, none without files."""
    opened: dict[str, Mapping[tuple[str | int, ...], Stored]] = {}
    failed: HubctlError | None = None
    if not files:
        return opened, failed
    try:
        sops = find_sops(world.environment, world.root)
    except HubctlError as error:
        return opened, error
    for file in files:
        try:
            opened[file] = values_of(sops, Source(file, reader.texts[file], rules_text))
        except HubctlError as error:
            failed = failed or error
    return opened, failed


def _problems(findings: Iterable[RegistryFinding], texts: Mapping[str, bytes]) -> Iterator[Problem]:
    """The findings with their lines; those on a `cluster.yaml` know theirs."""
    several = tuple(findings)
    for one in several:
        if one.line:
            hub = f" ({one.hub})" if one.hub else ""
            yield Problem(one.spot.file, one.line, one.rule, one.message + hub, one.mend)
    placed = [Finding(one.rule, one.spot, one.message, one.mend, one.hub) for one in several if not one.line]
    yield from problems_of(placed, texts)
