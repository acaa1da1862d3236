from __future__ import annotations

import pytest

from hubctl.images.roles import role_of

PREFIXES = ["", "jupyterhub.", "basehub.jupyterhub.", "binderhub.jupyterhub.", "some-wrapper."]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("singleuser.image.tag", "user"),
        ("singleuser.profileList.0.kubespawner_override.image", "user"),
        ("singleuser.profileList.0.profile_options.image.choices.py.kubespawner_override.image", "user"),
        ("singleuser.profileList.0.profile_options.image.unlisted_choice.kubespawner_override.image", "user"),
        ("singleuser.profileList.0.image.tag", "user"),
        ("singleuser.extraEnv.WORKER_IMAGE", "user"),
        ("singleuser.networkTools.image.tag", "service"),
        ("singleuser.initContainers.0.image", "sidecar"),
        ("singleuser.extraContainers.0.image", "sidecar"),
        ("singleuser.extraContainers.0.env.0.value", "sidecar"),
        ("singleuser.profileList.0.kubespawner_override.init_containers.1.image", "sidecar"),
        ("singleuser.profileList.0.kubespawner_override.extra_containers.1.image", "sidecar"),
        ("prePuller.extraImages.py.tag", "user"),
        ("prePuller.hook.image.tag", "service"),
        ("prePuller.pause.image.tag", "service"),
        ("hub.image.tag", "hub"),
        ("hub.extraEnv.WORKER_IMAGE", "hub"),
        ("hub.extraEnv.0.value", "hub"),
        ("hub.initContainers.0.image", "sidecar"),
        ("hub.config.KubeSpawner.image", "user"),
        ("hub.config.KubeSpawner.environment.WORKER_IMAGE", "user"),
        ("hub.config.KubeSpawner.init_containers.0.image", "sidecar"),
        ("hub.config.KubeSpawner.profile_list.0.kubespawner_override.image", "user"),
        ("hub.config.DockerSpawner.image", "user"),
        ("hub.config.Other.image", "service"),
        ("hub.services.one.image", "service"),
        ("proxy.chp.image.tag", "service"),
        ("proxy.traefik.extraInitContainers.0.image", "sidecar"),
        ("scheduling.userScheduler.image.tag", "service"),
    ],
)
def test_the_parts_of_the_jupyterhub_chart_have_their_roles_below_any_wrapper(prefix, path, role):
    steps = tuple(int(step) if step.isdigit() else step for step in (prefix + path).split("."))
    assert role_of(steps) == role


@pytest.mark.parametrize(
    ("path", "role"),
    [
        (("image", "tag"), "service"),
        (("hub",), "service"),
        (("singleuser",), "user"),
        (("dask-gateway", "gateway", "backend", "image", "tag"), "service"),
        (("binderhub-service", "config", "KubernetesBuildExecutor", "build_image"), "service"),
        (("binderhub-service", "dockerApi", "initContainers", 0, "image"), "sidecar"),
        (("x-options", "choices", "py", "kubespawner_override", "image"), "user"),
        ((), "service"),
        ((0,), "service"),
    ],
)
def test_other_places_are_services_unless_they_are_side_cars_or_of_a_profile(path, role):
    assert role_of(path) == role
