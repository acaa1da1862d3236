"""What `hubctl doctor` says of secrets: sops, what git may keep of them in clear, keys that may be lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hubctl.adapters.git import Repository
from hubctl.adapters.git_run import run_git
from hubctl.adapters.mounts import temporary_place
from hubctl.adapters.programs import programs_on_path
from hubctl.commands.reports import Checkup
from hubctl.commands.secret_contents import on_disk
from hubctl.commands.world import World
from hubctl.errors import HubctlError, ToolMissing, Unparseable
from hubctl.secrets.creation_rules import read_rules
from hubctl.secrets.encrypted import read_encrypted
from hubctl.secrets.recipients import Recipient, Recipients
from hubctl.secrets.sops import find_sops
from hubctl.show import plural, show

_RECOMMENDED = (3, 12, 2)
_KEPT_BY_A_SERVICE = frozenset({"kms", "gcp_kms", "hckms", "azure_kv", "hc_vault"})
_CACHES = r"^diff\..*\.cachetextconv$"
_FALSE = frozenset({"false", "no", "off", "0", ""})
_NOTES = "refs/notes/textconv/"


def secret_checks(world: World) -> Iterator[Checkup]:
    """Yield what is to be known before secrets are stored; the version of sops is asked, nothing else is started."""
    yield from _sops(world)
    if world.git is not None:
        yield from _cached(world.git)
    yield _temporary()
    yield from _alone(world)


def _sops(world: World) -> Iterator[Checkup]:
    try:
        sops = find_sops(world.environment, world.root)
    except ToolMissing as error:
        there = next(programs_on_path("sops", world.environment), None) is not None
        detail = error.message if there else "not installed: needed to store and read secrets, not to check them"
        yield Checkup("sops", "missing" if there else "note", f"{detail}; {error.hint}" if error.hint else detail)
        return
    yield Checkup("sops", "ok", f"{show(str(sops.path))}, version {sops.version_text}")
    if sops.version < _RECOMMENDED:
        wanted = ".".join(map(str, _RECOMMENDED))
        yield Checkup(
            "sops", "note", f"{wanted} or later is recommended: `sops edit` then leaves no file in clear behind"
        )


def _cached(repository: Repository) -> Iterator[Checkup]:
    """What git shows in clear for a diff it may keep: as objects, under notes."""
    argv = ["config", "--show-scope", "-z", "--get-regexp", _CACHES]
    listed = run_git(argv, cwd=repository.root).stdout.decode("utf-8", "replace").split("\0")
    for scope, setting in zip(listed[0::2], listed[1::2], strict=False):
        key, given, value = setting.partition("\n")
        if not given or value.lower() not in _FALSE:
            driver = key.removeprefix("diff.").rpartition(".")[0]
            where = f"--{scope} " if scope in {"local", "global", "system", "worktree"} else ""
            yield Checkup(
                "git",
                "note",
                f"`{show(key)}` is true: git keeps what it shows of secrets in clear, in `{_NOTES}{show(driver)}`; "
                f"`git config {where}--unset {show(key)}`, then `git update-ref -d {_NOTES}{show(driver)}` "
                "and `git gc --prune=now`",
            )
    kept = run_git(["for-each-ref", "--format=%(refname)", _NOTES], cwd=repository.root).stdout.decode(
        "utf-8", "replace"
    )
    for name in kept.splitlines():
        yield Checkup(
            "git",
            "note",
            f"`{show(name)}` holds what git once showed for a diff, secrets too if it decrypted them: "
            f"`git update-ref -d {show(name)}` and `git gc --prune=now` remove it",
        )


def _temporary() -> Checkup:
    folder, in_memory = temporary_place()
    if in_memory:
        where = "in memory (tmpfs), which can be swapped to disk"
    else:
        where = "on disk, and one in memory (tmpfs) can be swapped there"
    rest = "of secrets hubctl puts nothing into it that is not encrypted"
    return Checkup("temporary folder", "note", f"`{show(folder)}` is {where}: {rest}")


def _alone(world: World) -> Iterator[Checkup]:
    """Secrets that a single key of a service opens: who deletes the key has lost them."""
    try:
        given = on_disk(world, ())
    except HubctlError as error:
        yield Checkup("secrets", "note", f"not looked at: {error.message}")
        return
    files: Counter[Recipient] = Counter()
    for each in given.files:
        try:
            found = read_encrypted(each.data or b"", each.file).recipients
        except Unparseable:
            continue
        files.update(_only(found))
    rules = read_rules(given.rules.data if given.rules else None).rules
    keys = {*files, *(key for rule in rules for key in _only(rule.recipients))}
    for key in sorted(keys):
        what = plural(files[key], "file") if files[key] else "a rule in `.sops.yaml`"
        yield Checkup(
            "recipients",
            "note",
            f"`{show(str(key))}` is the only key of {what}: where it is lost, so are the secrets; "
            "add a second recipient to `.sops.yaml`, then `hubctl secret sync-recipients`",
        )


def _only(recipients: Recipients) -> Iterator[Recipient]:
    every = recipients.every
    if len(every) == 1 and every[0].kind in _KEPT_BY_A_SERVICE:
        yield every[0]
