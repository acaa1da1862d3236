"""What the list of profiles makes of other values (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from hubctl.fleet.seen import Seen
from hubctl.rules.finding import Finding, shown

_SINGLEUSER = ("jupyterhub", "singleuser")
_PROFILES = (*_SINGLEUSER, "profileList")
_PRE_PULLER = ("jupyterhub", "prePuller")
_CONTAINER = re.compile(r"[a-z0-9-]+")


def shadowed_image(seen: Seen) -> Iterator[Finding]:
    """Yield a finding for the image of `singleuser` in a file of the hub where every profile brings its own."""
    path = (*_SINGLEUSER, "image")
    image = seen.at(*path)
    profiles = [profile for _, profile in _items(seen.at(*_PROFILES))]
    if not isinstance(image, Mapping) or not profiles or seen.hides(*_PROFILES):
        return
    named = next((key for key in ("tag", "name") if image.get(key)), None)
    if named is None or not all(_brings_image(profile) for profile in profiles):
        return
    spot = seen.spot(*path, named, own=False)
    if spot.file in {one.file for one in seen.told if not one.default}:
        message = "no server starts this image: each profile sets its own"
        yield Finding("shadowed-image", spot, message, "remove it, or the image of a profile", seen.hub.id)


def _brings_image(profile: object) -> bool:
    if not isinstance(profile, Mapping):
        return False
    if _has_image(profile):
        return True
    options = profile.get("profile_options")
    return isinstance(options, Mapping) and any(_all_choose(option) for option in options.values())


def _all_choose(option: object) -> bool:
    choices = option.get("choices") if isinstance(option, Mapping) else None
    return isinstance(choices, Mapping) and bool(choices) and all(_has_image(choice) for choice in choices.values())


def _has_image(one: object) -> bool:
    override = one.get("kubespawner_override") if isinstance(one, Mapping) else None
    return isinstance(override, Mapping) and bool(override.get("image"))


def image_spec(seen: Seen) -> Iterator[Finding]:
    """Yield a finding for `image_spec` in an override: KubeSpawner translates the old name in its own options only."""
    for path, override in _overrides(seen):
        if "image_spec" in override:
            message = "`image_spec` has no effect in `kubespawner_override`"
            yield Finding("image-spec", seen.spot(*path, "image_spec"), message, "call it `image`", seen.hub.id)


def pre_puller_key(seen: Seen) -> Iterator[Finding]:
    """Yield a finding for a choice with an image whose key no container's name can hold, where the pre-puller is on."""
    if not any(seen.at(*_PRE_PULLER, kind, "enabled") is True for kind in ("hook", "continuous")):
        return
    for path, override in _overrides(seen):
        if override.get("image") and "choices" in path[-3:] and not _CONTAINER.fullmatch(key := str(path[-2])):
            message = f"the pre-puller names a container after this choice, and `{shown(key)}` is no part of a name"
            mend = "use lower-case letters, digits and dashes"
            yield Finding("pre-puller-key", seen.spot(*path[:-1]), message, mend, seen.hub.id)


Steps = tuple[str | int, ...]


def _overrides(seen: Seen) -> Iterator[tuple[Steps, Mapping[str, object]]]:
    """Yield each `kubespawner_override` of profiles, choices and unlisted choices with its path."""
    for key, profile in _items(seen.at(*_PROFILES)):
        path: Steps = (*_PROFILES, key)
        yield from _override(path, profile)
        options = profile.get("profile_options") if isinstance(profile, Mapping) else None
        for name, option in _items(options):
            for choice, chosen in _items(option.get("choices") if isinstance(option, Mapping) else None):
                yield from _override((*path, "profile_options", name, "choices", choice), chosen)
            unlisted = option.get("unlisted_choice") if isinstance(option, Mapping) else None
            yield from _override((*path, "profile_options", name, "unlisted_choice"), unlisted)


def _override(path: Steps, one: object) -> Iterator[tuple[Steps, Mapping[str, object]]]:
    override = one.get("kubespawner_override") if isinstance(one, Mapping) else None
    if isinstance(override, Mapping):
        yield (*path, "kubespawner_override"), override


def _items(values: object) -> Iterable[tuple[str | int, object]]:
    """The entries of a list by index or of a mapping by key: KubeSpawner takes profiles as both."""
    if isinstance(values, Mapping):
        return values.items()
    return enumerate(values) if isinstance(values, list) else ()
