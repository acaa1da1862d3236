"""Where a hub's secret is, or belongs: which file, which keys, and whom the file feeds (pure)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hubctl.errors import HubctlError, Unparseable, UnsafeEdit, UsageError
from hubctl.fleet.model import Cluster, Fleet, Hub
from hubctl.secrets.encrypted import read_encrypted
from hubctl.secrets.permitted import MOST_KEYS, path_text, refuse_structure
from hubctl.secrets.value import MISREAD
from hubctl.show import show
from hubctl.text.keypath import parse_key_path

_CHARTS = ("basehub", "daskhub")
_IN_BRACKETS = re.compile(r"""\["(?:[^"\\]|\\.)*"\]|\[(?:slug|name)=[^\]]*\]""")
_WRAPPED = "basehub"  # the chart that wrappers wrap, as they spell its key


@dataclass(frozen=True, slots=True)
class Held:
    """A secret file as it is: `data` None where it is not there, `linked` where its path goes through a link."""

    file: str
    data: bytes | None
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """One key in one file; `there` whether the file has it, `listed` whether the hub lists the file.

    `path` has the chart's prefix, `hubs` are all that the file feeds (once it is listed), `others` further files of the
    hub that have the key, too, and are overridden.
    """

    held: Held
    path: tuple[str, ...]
    there: bool
    listed: bool
    hubs: tuple[Hub, ...]
    others: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The path of the file from the repository's root."""
        return self.held.file


def own_file(hub: Hub, cluster: Cluster) -> str:
    """Return the path of the file that new secrets of a hub go to."""
    return posixpath.join(cluster.folder, f"enc-{hub.name}.secret.values.yaml")


def keys_of(text: str, hub: Hub) -> tuple[str, ...]:
    """Return the keys of a typed key path in a secret file of the hub: with the chart's prefix, once.

    UsageError for a list item, more than 64 keys, keys that YAML reads otherwise, and `KEY=VALUE`; HubctlError, code
    `bad-path`, for `basehub.` where the chart of the hub wraps nothing.
    """
    if "=" in _IN_BRACKETS.sub("", text):  # not shown: what is behind it may be the secret
        raise UsageError(
            "a value never stands on the command line, where others see it: type it or pipe it",
            hint='a key that has `=` in it is written in brackets: `["a=b"]`',
        )
    keys: list[str] = []
    for step in parse_key_path(text):
        if not isinstance(step, str):
            raise UsageError(
                f"a key path of a secret goes through keys alone, not through lists: `{show(text, 120)}`",
                hint="store the whole as one text, or as a mapping",
            )
        keys.append(step)
    if "" in keys or not MISREAD.isdisjoint(keys):
        raise UsageError(f"a key that YAML reads as something else: `{show(text, 120)}`", hint="use a plain word")
    path = _prefixed(tuple(keys), hub, text)
    if len(path) > MOST_KEYS:
        raise UsageError(f"a key path has at most {MOST_KEYS} keys")
    return path


def _prefixed(keys: tuple[str, ...], hub: Hub, text: str) -> tuple[str, ...]:
    prefix = hub.prefix
    given = next((prefix[start:] for start in range(len(prefix)) if keys[: len(prefix) - start] == prefix[start:]), ())
    rest = keys[len(given) :]
    if not rest:
        raise _refused(f"a key path goes on behind the chart's prefix: `{show(text, 120)}`", "name one key below it")
    if not given and keys[0] == _WRAPPED:
        mend = f"leave `{_WRAPPED}.` out" if len(keys) > 1 else "write the key path below the chart"
        raise _refused(f"the chart `{show(hub.chart)}` of {hub.id} reads nothing below `{_WRAPPED}`", mend)
    return (*prefix, *rest)


def _refused(message: str, hint: str) -> HubctlError:
    return HubctlError(message, hint=hint, code="bad-path")


def find_place(path: tuple[str, ...], hub: Hub, fleet: Fleet, files: Mapping[str, Held]) -> Place | None:
    """Return where the hub has the key: in the last listed file that has it, as Helm reads; None where none has it.

    `files` are all that the hub lists. Unparseable where nobody can tell whether a later file has it; HubctlError,
    code `collection`, where a mapping or a list stands there, or a value where a mapping should.
    """
    holding: list[Held] = []
    for file in reversed(hub.encrypted):
        held = files[file]
        if held.data is not None and _holds(held, path, certain=not holding):
            holding.append(held)
    if not holding:
        return None
    others = tuple(held.file for held in holding[1:])
    return Place(holding[0], path, there=True, listed=True, hubs=fed_by(holding[0].file, fleet), others=others)


def new_place(path: tuple[str, ...], hub: Hub, cluster: Cluster, fleet: Fleet, files: Mapping[str, Held]) -> Place:
    """Return where a key that no listed file has belongs: in the hub's own file, which may be there or not.

    `files` has that file. Raises as `find_place`.
    """
    file = own_file(hub, cluster)
    held = files[file]
    there = held.data is not None and _holds(held, path, certain=True)
    listed = file in hub.encrypted
    feeds = fed_by(file, fleet)
    hubs = feeds if hub in feeds else (*feeds, hub)
    return Place(held, path, there=there, listed=listed, hubs=hubs)


def refuse_shared(place: Place, hub: Hub, fleet: Fleet) -> None:
    """Raise UnsafeEdit where a hub reads the file whose chart has another prefix, or one that nobody knows."""
    for other in place.hubs:
        refuse_unknown_chart(other, fleet)
        if other.prefix != hub.prefix:
            raise UnsafeEdit(
                f"`{show(place.file)}` feeds {hub.id} ({show(hub.chart)}) and {other.id} ({show(other.chart)}), "
                "which read different keys",
                hint="give one of them a file of its own in `cluster.yaml`",
            )


def refuse_unknown_chart(hub: Hub, fleet: Fleet) -> None:
    """Raise for a hub whose chart, and so whose prefix, is not known: HubctlError, Unparseable for a broken chart."""
    for problem in fleet.problems:
        if problem.fails and problem.file in {f"{folder}/Chart.yaml" for folder in hub.charts}:
            raise Unparseable(problem.message, file=problem.file, line=problem.line, hint=problem.mend)
    if not hub.charts and hub.chart not in _CHARTS:
        raise HubctlError(
            f"nobody knows how the chart `{show(hub.chart)}` of {hub.id} reads its values",
            hint="hubctl knows basehub, daskhub and the charts in `helm-charts`",
            code="unknown-chart",
        )


def fed_by(file: str, fleet: Fleet) -> tuple[Hub, ...]:
    """Return the hubs that list a file."""
    return tuple(hub for hub in fleet.hubs if file in hub.encrypted or file in hub.files)


def _holds(held: Held, path: tuple[str, ...], *, certain: bool) -> bool:
    """Whether a file has a value at the path; `certain` where it matters, so that a doubt is raised."""
    try:
        found = read_encrypted(held.data or b"", held.file)
    except Unparseable as error:
        if not certain:
            return False
        raise Unparseable(
            f"cannot tell whether this file has `{path_text(path)}`: {error.message}",
            file=held.file,
            line=error.line,
            hint=error.hint or "`hubctl secret check` says what is wrong with it",
        ) from None
    holds = found.kind_at(path) in {"leaf", "empty"}
    if certain and not holds:
        refuse_structure(held.file, found, path)
    return holds
