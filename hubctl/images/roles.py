"""What an image is used for, told from the key path alone."""

from __future__ import annotations

from collections.abc import Sequence

from hubctl.images.site import Role

SIDECARS = frozenset(
    {
        "initContainers",
        "extraContainers",
        "extraInitContainers",
        "init_containers",
        "extra_containers",
        "extra_init_containers",
    }
)
PROFILES = frozenset({"profileList", "profile_list", "profile_options", "kubespawner_override", "unlisted_choice"})
HUB_ENVIRONMENT = frozenset({"extraEnv", "env", "environment"})
PARTS = frozenset({"singleuser", "hub", "prePuller", "proxy", "scheduling"})  # of the JupyterHub chart


def role_of(path: Sequence[str | int]) -> Role:
    """Return the role of the image at a key path, whatever chart wraps the JupyterHub chart's own keys.

    `sidecar`: below init or extra containers. `user`: singleuser but its networkTools, profiles, the pre-puller's
    extra images, the spawner's configuration. `hub`: the hub's image and its pod's environment. `service`: the rest.
    """
    keys = [step for step in path if isinstance(step, str)]
    if not SIDECARS.isdisjoint(keys):
        return "sidecar"
    if not PROFILES.isdisjoint(keys):
        return "user"
    part, *below = _in_chart(keys)
    below = [*below, "", ""]
    if part == "singleuser":
        return "service" if below[0] == "networkTools" else "user"
    if part == "prePuller":
        return "user" if below[0] == "extraImages" else "service"
    if part == "hub":
        return _role_below_hub(below)
    return "service"


def _in_chart(keys: list[str]) -> list[str]:
    """Return the keys from the JupyterHub chart's part on, one empty key where the path holds no part."""
    start = next((index for index, key in enumerate(keys) if key in PARTS), len(keys))
    return keys[start:] or [""]


def _role_below_hub(below: list[str]) -> Role:
    if below[0] == "config" and below[1].endswith("Spawner"):
        return "user"
    return "hub" if below[0] == "image" or below[0] in HUB_ENVIRONMENT else "service"
