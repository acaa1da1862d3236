"""`hubctl secret get`: one value of a hub, out of the last file that Helm reads it from."""

from __future__ import annotations

from dataclasses import dataclass

from hubctl.commands.finding import work_tree
from hubctl.commands.requests import SecretGet
from hubctl.commands.secret_places import Ground, ground_of, paths_in, source_of, unlisted, warnings_on
from hubctl.commands.world import World
from hubctl.errors import NotFound, UsageError
from hubctl.secrets.changing import value_at
from hubctl.secrets.permitted import path_text
from hubctl.secrets.placing import find_place, keys_of
from hubctl.secrets.sops import find_sops
from hubctl.secrets.value import Stored
from hubctl.show import near, show
from hubctl.text.walk import key_path


@dataclass(frozen=True, slots=True)
class SecretGetReport:
    """The value, and what is to be known of it: another file may say it too, or say it later in clear."""

    value: Stored
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
    return SecretGetReport(value, tuple(warnings_on(place, ground, None)))


def _absent(path: tuple[str, ...], ground: Ground) -> NotFound:
    return NotFound(
        f"no secret at `{path_text(path)}` in the files that `{ground.hub.id}` lists",
        hint=_hint(key_path(None, path), ground),
        code="no-such-key",
    )


def _hint(wanted: str, ground: Ground) -> str:
    listed = {path for file in ground.hub.encrypted for path in paths_in(ground, file)}
    words = " or ".join(f"`{show(each, 300)}`" for each in near(wanted, listed))
    if words:
        return f"did you mean {words}?"
    return "".join(unlisted(wanted, ground)) or "`hubctl hub show` has what stands in clear"
