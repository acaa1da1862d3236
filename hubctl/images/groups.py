"""Images that move together: who belongs to a group, and which tags not every one of them takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from hubctl.errors import Unparseable
from hubctl.images.choice import Choice, Keep, Take, Unknown
from hubctl.images.evidence import runs_here
from hubctl.images.facts import PLATFORM, ImageFacts, Listing, NoAnswer
from hubctl.images.policy import matches
from hubctl.images.reference import ImageName, parse_name
from hubctl.settings import GroupEntry
from hubctl.show import show

Barred: TypeAlias = dict[str, str]

_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Group:
    """Images that move together, and the names of their group; groups that share an image are one."""

    names: tuple[str, ...]
    members: tuple[ImageName, ...]

    def __str__(self) -> str:
        named = ", ".join(f"`{show(name, 80)}`" for name in self.names)
        return f"group {named}" if len(self.names) == 1 else f"groups {named}"

    @property
    def keys(self) -> frozenset[str]:
        """The normalised names of the members."""
        return frozenset(member.key for member in self.members)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen for one place of a member; `tag` is the one written there."""

    image: ImageName
    tag: str | None
    choice: Choice


def groups_of(entries: Mapping[str, Sequence[GroupEntry]], used: Iterable[ImageName]) -> tuple[Group, ...]:
    """Return the groups of the settings, none with an image of another; `used` are the images of the whole fleet.

    An entry is a name, which is a member whether used or not, or a glob. Unparseable, with file and line, for a name
    that is none.
    """
    by_key = {name.key: name for name in sorted(used, key=str, reverse=True)}
    groups: list[Group] = []
    for title, written in entries.items():
        members: dict[str, ImageName] = {}
        for entry in written:
            members |= {name.key: name for name in _meant(title, entry, by_key)}
        made = Group((title,), tuple(members[key] for key in sorted(members)))
        shared = [group for group in groups if group.keys & made.keys]
        groups = [group for group in groups if group not in shared] + [_one(*shared, made)]
    return tuple(groups)


def _meant(title: str, entry: GroupEntry, used: Mapping[str, ImageName]) -> list[ImageName]:
    if _GLOB & set(entry.text):
        return [name for name in used.values() if matches(entry.text, (str(name), name.key))]
    name = parse_name(entry.text)
    if name is None:
        raise Unparseable(
            f"not an image name in the group `{show(title, 80)}`: `{show(entry.text, 80)}`",
            file=entry.file,
            line=entry.line,
            hint="write a name without tag and digest, like `quay.io/jupyter/base-notebook`, or a glob",
            code="bad-settings",
        )
    return [used.get(name.key, name)]


def _one(*groups: Group) -> Group:
    members = {member.key: member for group in groups for member in group.members}
    names = tuple(name for group in groups for name in group.names)
    return Group(names, tuple(members[key] for key in sorted(members)))


def barred_by_lists(
    group: Group, listings: Mapping[str, Listing | NoAnswer], named: str | None = None
) -> Barred | NoAnswer:
    """Return the tags that not every image of a group has, each with the reason.

    A NoAnswer where the list of one of them could not be got: then nothing can be told of any. `named` is the tag of
    `--to`, which need not be listed. `listings` holds every member by its normalised name.
    """
    tags: dict[str, frozenset[str]] = {}
    for member in group.members:
        answer = listings[member.key]
        if isinstance(answer, NoAnswer):
            return NoAnswer(answer.code, f"{group}: the tags of `{member}` could not be listed: {answer.why}")
        tags[str(member)] = frozenset(fact.name for fact in answer.tags)
    somewhere = frozenset[str]().union(*tags.values(), (named,) if named else ())
    return {
        tag: f"not in every image of the {group}: missing in {_lacking(tags, tag)}"
        for tag in somewhere.difference(frozenset.intersection(*tags.values()))
    }


def _lacking(tags: Mapping[str, Collection[str]], tag: str) -> str:
    return ", ".join(f"`{member}`" for member in tags if tag not in tags[member])


def barred_by_others(group: Group, chosen: Iterable[Chosen], barred: Mapping[str, Barred]) -> dict[str, Barred]:
    """Return for each member the tags that another one refused for a reason of its own.

    An image refuses a tag that one of its places refused and none takes or has; so what waits in production may
    move in staging, where the policy is another one. `barred` is what is barred already, by normalised name.
    """
    refused: dict[str, Barred] = {}
    accepted: set[tuple[str, str | None]] = set()
    names = {member.key: member for member in group.members}
    for each in chosen:
        key = each.image.key
        if key not in names or isinstance(each.choice, Unknown):
            continue
        own = {tag: why for tag, why in each.choice.refused if tag not in barred[key]}
        refused[key] = own | refused.get(key, {})
        accepted.add((key, each.choice.tag if isinstance(each.choice, Take) else each.tag))
    more: dict[str, Barred] = {}
    for key, tags in refused.items():
        said = {tag: f"{group}: `{names[key]}` does not take it: {why}" for tag, why in tags.items()}
        left = {tag: why for tag, why in said.items() if (key, tag) not in accepted}
        for other in names:
            if other != key:
                more[other] = left | more.get(other, {})
    return {
        key: new for key, tags in more.items() if (new := {t: why for t, why in tags.items() if t not in barred[key]})
    }


def refusal_of(tag: str, answer: ImageFacts | NoAnswer) -> Keep | Unknown | None:
    """Return why an image of which no place is asked about does not take a tag, None where it can run it."""
    if isinstance(answer, NoAnswer) and not answer.is_about_tag:
        return Unknown(answer.code, f"`{tag}`: {answer.why}")
    if isinstance(answer, NoAnswer):
        why = answer.why if answer.code == "unconfirmed" else "listed, but it no longer exists"
    else:
        why = f"has no {PLATFORM} image"
        if runs_here(answer):
            return None
    return Keep("unconfirmed", f"`{tag}`: {why}", refused=((tag, why),))


def held_back(group: Group, chosen: Iterable[Chosen]) -> Unknown | None:
    """Return why nothing can be told of a group: one of its places could not be told. None where all could."""
    for each in chosen:
        if each.image.key in group.keys and isinstance(each.choice, Unknown):
            return Unknown(each.choice.code, f"{group}: could not tell about `{each.image}`: {each.choice.why}")
    return None
