"""Fleets whose hubs log in to registries, and what is said of them."""

from __future__ import annotations

from pathlib import Path

from tests.secrets.parts import CLUSTERS, DASK_VALUES, Fleet, Identity, fleet_repository

CANARY = "canary-7f3a9d"
KEY_FILE = '{\n  "type": "service_account",\n  "private_key": "-----BEGIN\\nx",\n  "client_email": "a@b"\n}\n'
CLUSTER = "config/clusters/leap/cluster.yaml"
PROD_PLAIN = "config/clusters/leap/prod.values.yaml"
STAGING = "config/clusters/leap/enc-staging.secret.values.yaml"
STAGING_PLAIN = "config/clusters/leap/staging.values.yaml"
COMMON = "config/clusters/leap/common.values.yaml"
REEF = "config/clusters/reef/enc-main.secret.values.yaml"
REEF_PLAIN = "config/clusters/reef/main.values.yaml"
REEF_CLUSTER = "config/clusters/reef/cluster.yaml"
QUAY = ("--registry", "quay.io", "--username", "leap+robot")
GOOGLE = ("--registry", "us-central1-docker.pkg.dev", "--username", "_json_key")


SHARED = "config/clusters/leap/enc-common.secret.values.yaml"
NAMED = """\
    DockerRegistry: {url: https://quay.io, username: leap+robot}
  buildPodsRegistryCredentials: {server: https://quay.io, username: leap+robot}
"""


def building(prefix: str, *, below: str = "") -> str:
    lines = (
        "binderhub-service:",
        "  enabled: true",
        "  config:",
        "    BinderHub:",
        f"      image_prefix: {prefix}",
    )
    return "".join(f"{below}{line}\n" for line in lines)


def login(username: str = "leap+robot", password: str = CANARY, registry: str = "quay.io") -> dict[str, object]:
    """The decrypted file of a hub that builds images."""
    return {
        "jupyterhub": {
            "imagePullSecret": {"create": True, "registry": registry, "username": username, "password": password}
        },
        "binderhub-service": {
            "buildPodsRegistryCredentials": {"password": password},
            "config": {"DockerRegistry": {"password": password}},
        },
    }


def set_login(fleet: Fleet, cluster: str, hub: str, *words: str, password: str = CANARY):
    return fleet.run("secret", "registry", "set", cluster, hub, *words, stdin=password)


def check(fleet: Fleet, *words: str, env: dict[str, str] | None = None):
    """The exit code, and where each problem is and of which rule."""
    done = fleet.run("secret", "registry", "check", *words, "--json", env=env)
    return done.code, sorted({(each["file"], each["line"], each["rule"]) for each in done.json["problems"]})


def nobody_says(outcome, *values: str) -> None:
    for value in values or (CANARY,):
        assert value not in outcome.out
        assert value not in outcome.err


def building_fleet(root: Path, engineer: Identity) -> Fleet:
    """Return a fleet of hubs that build images: two push to quay.io, the one of a wrapper to Artifact Registry."""
    files = {
        **CLUSTERS,
        PROD_PLAIN: building("quay.io/leap/leap-prod-"),
        STAGING_PLAIN: building("quay.io/leap/leap-staging-"),
        REEF_PLAIN: DASK_VALUES + building("us-central1-docker.pkg.dev/reef/main-registry/", below="  "),
    }
    return fleet_repository(root, engineer, files=files)


def with_login(fleet: Fleet, hub: str, password: str = CANARY) -> None:
    """Give a hub of leap its login, as `set` does."""
    plain, secret = f"config/clusters/leap/{hub}.values.yaml", f"enc-{hub}.secret.values.yaml"
    said = "    DockerRegistry:\n      url: https://quay.io\n      username: leap+robot\n"
    said += "  buildPodsRegistryCredentials:\n    server: https://quay.io\n    username: leap+robot\n"
    listed = fleet.read(CLUSTER).decode().replace(f"  - {hub}.values.yaml\n", f"  - {hub}.values.yaml\n  - {secret}\n")
    fleet.write({plain: fleet.read(plain).decode() + said, CLUSTER: listed})
    fleet.encrypt(login(password=password), f"config/clusters/leap/{secret}")


def fleet_with_copies(builders: Fleet) -> Fleet:
    for hub in ("prod", "staging"):
        with_login(builders, hub, "old")
    builders.commit()
    return builders
