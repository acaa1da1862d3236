"""`hubctl secret get`: one value of a hub, out of the last file that Helm reads it from."""

from __future__ import annotations

from dataclasses import dataclass

from hubctl.commands.finding import work_tree
from hubctl.commands.requests import SecretGet
from hubctl.commands.secret_places import Ground, ground_of, notes_on, source_of
from hubctl.commands.world import World
from hubctl.errors import NotFound, UsageError
from hubctl.fleet.model import Hub
from hubctl.secret import Secret
from hubctl.secrets.changing import value_at
from hubctl.secrets.encrypted import read_encrypted
from hubctl.secrets.placing import find_place, key_text, keys_of
from hubctl.secrets.sops import find_sops
from hubctl.show import near, show
from hubctl.text.walk import key_path


@dataclass(frozen=True, slots=True)
class SecretGetReport:
    """The value, and what is to be known of it: another file may say it too, or say it later in clear."""

    value: Secret | bool | int | float | None
    notes: tuple[str, ...] = ()


def run(request: SecretGet, world: World, *, on_terminal: bool) -> SecretGetReport:
    """Return the value of one secret; `on_terminal` whether it would be seen on one.

    UsageError there without `--show`; NotFound, code `no-such-key`, where no listed file has the key; AuthNeeded where
    no key opens it; else as `ground_of`, `keys_of` and `find_place`.
    """
    if on_terminal and not request.show:
        raise UsageError(
            "stdout is a terminal, where a value stays to be read: nothing was decrypted",
            hint="`--show` prints it all the same; better pipe it to what needs it",
        )
    ground = ground_of(work_tree(world), request.cluster, request.hub)
    path = keys_of(request.key_path, ground.hub)
    place = find_place(path, ground.hub, ground.fleet, ground.files)
    if place is None:
        raise _absent(path, ground)
    source = source_of(place.held, ground.rules_text)
    source.checked()
    value = value_at(find_sops(world.environment, world.root), source, path)
    return SecretGetReport(value, tuple(notes_on(place, ground, None)))


def _absent(path: tuple[str, ...], ground: Ground) -> NotFound:
    name = key_text(path)
    known = sorted({each for hub_file in ground.hub.encrypted for each in _paths(ground, hub_file)})
    words = " or ".join(f"`{show(each, 300)}`" for each in near(key_path(None, path), known))
    return NotFound(
        f"no secret at `{name}` in the files that {_named(ground.hub)} lists",
        hint=f"did you mean {words}?" if words else "`hubctl hub show` has what stands in clear",
        code="no-such-key",
    )


def _paths(ground: Ground, file: str) -> list[str]:
    """The key paths in a file that could be read: a broken one was refused before."""
    held = ground.files[file]
    leaves = read_encrypted(held.data, file).leaves if held.data is not None else ()
    return [key_path(None, leaf) for leaf in leaves if all(isinstance(step, str) for step in leaf)]


def _named(hub: Hub) -> str:
    return f"`{hub.id}`"
