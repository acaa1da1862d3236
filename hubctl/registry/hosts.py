"""Which registry a host is, by its name alone (pure): compared exactly, so a look-alike is a stranger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

Dialect: TypeAlias = Literal["oci", "quay", "dockerhub", "google", "ghcr", "gitlab", "ecr", "harbor"]

_BY_NAME: Mapping[str, Dialect] = {
    "docker.io": "dockerhub",
    "gcr.io": "google",
    "ghcr.io": "ghcr",
    "public.ecr.aws": "ecr",
    "quay.io": "quay",
    "registry.gitlab.com": "gitlab",
    "registry.k8s.io": "oci",
}
_BY_FORM: Mapping[re.Pattern[str], Dialect] = {
    re.compile(r"[a-z0-9-]+\.(?:pkg\.dev|gcr\.io)"): "google",
    re.compile(r"[0-9]{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?"): "ecr",
}


def known_dialect(host: str) -> Dialect | None:
    """Return what the registry `host` (normalised, in lower case) speaks, None for one nobody knows by its name.

    A port, a dot at the end, a letter of another alphabet or more labels make another host of it.
    """
    if host in _BY_NAME:
        return _BY_NAME[host]
    return next((dialect for form, dialect in _BY_FORM.items() if form.fullmatch(host)), None)
