"""Which settings files count, in which order, and their data as layers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from hubctl.adapters import schema
from hubctl.adapters.git import Repository, commit_of, is_partial
from hubctl.adapters.git_tree import CommitTree
from hubctl.adapters.regular import read_regular, real_path
from hubctl.commands.world import SETTINGS_FILE
from hubctl.errors import GitRefused, NotFound, Unparseable
from hubctl.problem import Problem
from hubctl.settings import CREDENTIAL_KEYS, Layer, Place, Settings, merge
from hubctl.text.data import data
from hubctl.text.parse import parse
from hubctl.text.tree import Alias, Node, Sequence
from hubctl.text.tree import Mapping as TreeMapping
from hubctl.text.unique import refuse_duplicate_keys
from hubctl.text.walk import key_text


def read_settings(
    root: Path,
    environment: Mapping[str, str],
    explicit: Path | None = None,
    bare: Repository | None = None,
    *,
    start: Path = Path(),
) -> tuple[Settings, tuple[Problem, ...]]:
    """Return the merged settings and what was ignored in them.

    From lowest to highest: the user's `$XDG_CONFIG_HOME/hubctl/config.yaml`, the repository's `hubctl.yaml` (of a
    `bare` one that of its `HEAD`), and `explicit` (the flag) or else the file HUBCTL_SETTINGS names, seen from the
    folder `start`. NotFound, code `no-such-file`, where a file named explicitly is not there; Unparseable, with file
    and line, for one that cannot be read or says something unknown.
    """
    text = _committed(bare) if bare else _read_if_there(real_path(root, SETTINGS_FILE), SETTINGS_FILE)
    return settings_with(text, environment, explicit, start=start)


def settings_with(
    text: bytes | None, environment: Mapping[str, str], explicit: Path | None = None, *, start: Path = Path()
) -> tuple[Settings, tuple[Problem, ...]]:
    """Return what `read_settings` does, with the text of a repository's `hubctl.yaml` (None without one) given."""
    layers = []
    user = _user_file(environment)
    if user and (mine := _read_if_there(Path(os.path.realpath(user)), str(user))) is not None:
        layers.append(layer_of(mine, str(user), trusted=True))
    if text is not None:
        layers.append(layer_of(text, SETTINGS_FILE, trusted=False))
    given = explicit or environment.get("HUBCTL_SETTINGS")
    if given:
        named = read_regular(Path(os.path.realpath(start / given)), str(given))
        layers.append(layer_of(named, str(given), trusted=True))
    return merge(layers)


def _user_file(environment: Mapping[str, str]) -> Path | None:
    folder = environment.get("XDG_CONFIG_HOME", "")
    home = environment.get("HOME", "")
    if not folder.startswith("/"):  # the XDG specification: a relative one is ignored
        folder = f"{home}/.config" if home else ""
    return Path(folder, "hubctl", "config.yaml") if folder else None


def _read_if_there(real: Path, name: str) -> bytes | None:
    try:
        return read_regular(real, name)
    except NotFound:
        return None


def _committed(bare: Repository) -> bytes | None:
    head = commit_of(bare, "HEAD")
    if head is None:
        return None
    with CommitTree(bare, head) as tree:
        try:
            return tree.read(SETTINGS_FILE)
        except NotFound:
            return None
        except GitRefused:
            if not is_partial(bare):
                raise
            return None  # whoever opens a pull request reads it from the base branch


def layer_of(text: bytes, file: str, *, trusted: bool) -> Layer:
    """Return the settings in the bytes of one file, checked against `schemas/hubctl.schema.json`.

    In a layer that is not trusted the keys that will be ignored are not checked either.
    Unparseable, with the line, for text that is no YAML mapping, a key twice, an unknown key or a wrong value.
    """
    documents = parse(text, file).documents
    root = documents[0] if documents else None
    if len(documents) > 1:
        raise Unparseable("more than one YAML document", file=file, line=documents[1].line if documents[1] else 1)
    refuse_duplicate_keys(root, file)
    whole = data(root, file=file)
    if whole is None:
        return Layer({}, file, trusted)
    if not isinstance(whole, dict):
        raise Unparseable("the settings are not a mapping", file=file, code="bad-settings")
    layer = Layer(whole, file, trusted, dict(_lines(root, ())))
    _check(layer, whole if trusted else _without_credentials(whole))
    return layer


def _check(layer: Layer, checked: Mapping[str, object]) -> None:
    found = sorted((layer.line(place), message) for place, message in schema.problems(checked, "hubctl"))
    if found:
        (line, message), *others = found
        more = ", ".join(f"line {number}: {text}" for number, text in others[:3])
        raise Unparseable(message, file=layer.file, line=line, hint=more or None, code="bad-settings")


def _without_credentials(whole: Mapping[str, object]) -> Mapping[str, object]:
    hosts = whole.get("registries")
    if not isinstance(hosts, dict):
        return whole
    kept = {
        host: {key: value for key, value in entry.items() if key not in CREDENTIAL_KEYS}
        if isinstance(entry, dict)
        else entry
        for host, entry in hosts.items()
    }
    return {**whole, "registries": kept}


def _lines(node: Node | None, place: Place) -> Iterator[tuple[Place, int]]:
    """The line of every key and list item; aliases are followed, so that each use has its own place."""
    target = node.target if isinstance(node, Alias) else node
    if isinstance(target, TreeMapping):
        for key, value in target.pairs:
            below = (*place, key_text(key) or "")
            yield below, key.line
            yield from _lines(value, below)
    elif isinstance(target, Sequence):
        for index, item in enumerate(target.items):
            yield (*place, index), item.line
            yield from _lines(item, (*place, index))
