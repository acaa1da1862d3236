"""The names under which hubs push what they build (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hubctl.fleet.seen import Seen, Spot
from hubctl.rules.builders import PREFIX, SERVER, URL, builds, host_of
from hubctl.rules.finding import Finding, shown

_LONGEST = 18  # a service account of Google is `NAME-registry-sa`, with 30 characters at most
_GOOGLE = re.compile(r"[a-z0-9-]+-docker\.pkg\.dev")


def image_prefix(seen: Seen) -> Iterator[Finding]:
    """Yield what is wrong with the form of an image prefix: each registry wants its own ending."""
    prefix = seen.at(*PREFIX)
    if not builds(seen) or not isinstance(prefix, str) or not prefix or seen.hides(*PREFIX):
        return
    for message, mend in _wrong_forms(prefix):
        yield Finding("image-prefix", seen.spot(*PREFIX), f"{message}: `{shown(prefix)}`", mend, seen.hub.id)


def _wrong_forms(prefix: str) -> Iterator[tuple[str, str]]:
    if "://" in prefix:
        yield "an image prefix has no scheme", "begin with the registry's host"
        return
    if prefix != prefix.lower() or "_" in prefix:
        yield "built images have lower-case names with `-` for `_`, not this prefix", "write it so"
    host = host_of(prefix)
    if host == "quay.io" and not prefix.endswith("-"):
        yield "an image prefix on quay.io ends with `-`", "add the dash"
    if _GOOGLE.fullmatch(host):
        yield from _wrong_google(prefix)


def _wrong_google(prefix: str) -> Iterator[tuple[str, str]]:
    if not prefix.endswith("/"):
        yield "an image prefix on Artifact Registry ends with `/`", "add the slash"
    name = _repository(prefix)
    if not name.endswith("-registry"):
        yield "the repository on Artifact Registry is called `NAME-registry`", "write it with its suffix"
    elif len(name.removesuffix("-registry")) > _LONGEST:
        yield f"the name before `-registry` has more than {_LONGEST} characters", "take a shorter one"


def _repository(prefix: str) -> str:
    """The third part: host, project, repository."""
    return "".join(prefix.split("/")[2:3])


def google_name(seen: Seen) -> str | None:
    """Return NAME where a hub pushes what it builds to `NAME-registry` on Artifact Registry, else None."""
    prefix = seen.at(*PREFIX)
    if not builds(seen) or not isinstance(prefix, str) or seen.hides(*PREFIX) or not _GOOGLE.fullmatch(host_of(prefix)):
        return None
    name = _repository(prefix)
    return name.removesuffix("-registry") if name.endswith("-registry") else None


def registry_host(seen: Seen) -> Iterator[Finding]:
    """Yield a finding where a login is for another host than the one images are pushed to."""
    host = host_of(seen.at(*PREFIX))
    if not builds(seen) or not host or seen.hides(*PREFIX):
        return
    for path in (URL, SERVER):
        address = seen.at(*path)
        if isinstance(address, str) and address and not seen.hides(*path) and host_of(address) != host:
            message = f"`{shown(address)}` is another host than `{shown(host)}` of the image prefix"
            yield Finding("registry-host", seen.spot(*path), message, "name one host in all three", seen.hub.id)


def registry_url(seen: Seen) -> Iterator[Finding]:
    """Yield a finding for an address of a registry without its scheme."""
    for path in (URL, SERVER):
        address = seen.at(*path)
        if builds(seen) and isinstance(address, str) and address and "://" not in address:
            message = f"the address of a registry begins with `https://`: `{shown(address)}`"
            yield Finding("registry-url", seen.spot(*path), message, "add `https://`", seen.hub.id)


def foreign_prefix(seen: Seen) -> Iterator[Finding]:
    """Yield a finding for a prefix that does not tell whose images these are."""
    prefix = seen.at(*PREFIX)
    if not builds(seen) or not isinstance(prefix, str) or not prefix or seen.hides(*PREFIX):
        return
    if _GOOGLE.fullmatch(host_of(prefix)):
        return  # the repository is the hub's own, whatever its name
    lacking = [word for word, name in (("cluster", seen.hub.cluster), ("hub", seen.hub.name)) if name not in prefix]
    if lacking:
        message = f"the image prefix does not name its {' and its '.join(lacking)}: `{shown(prefix)}`"
        mend = "use `CLUSTER-HUB-`; a new prefix starts with an empty cache"
        yield Finding("foreign-prefix", seen.spot(*PREFIX), message, mend, seen.hub.id)


@dataclass(frozen=True, slots=True)
class Prefix:
    """The image prefix of a hub that builds images, and where it is written."""

    text: str
    spot: Spot
    hub: str


def own_prefix(seen: Seen) -> Iterator[Prefix]:
    """Yield the prefix of a hub that builds images, nothing for every other."""
    prefix = seen.at(*PREFIX)
    if builds(seen) and isinstance(prefix, str) and prefix:
        yield Prefix(prefix, seen.spot(*PREFIX), seen.hub.id)


def shared_prefix(every: Iterable[Prefix]) -> Iterator[Finding]:
    """Yield a finding for each place of a prefix that several hubs have."""
    users: dict[str, list[Prefix]] = {}
    for one in every:
        users.setdefault(one.text, []).append(one)
    for prefix, same in users.items():
        for one in same if len(same) > 1 else ():
            message = f"{len(same)} hubs build under one image prefix, `{shown(prefix)}`"
            mend = "give each hub its own, or note it in `baseline` where one cache is meant"
            yield Finding("shared-prefix", one.spot, message, mend, one.hub)
