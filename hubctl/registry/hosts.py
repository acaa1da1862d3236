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
}
# Private ones of Amazon, as awslabs/amazon-ecr-credential-helper knows them: account and region.
_ECR = re.compile(
    r"([0-9]{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9][a-z0-9-]{0,39})\."
    r"(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|on\.aws|on\.amazonwebservices\.com\.cn)"
)


def known_dialect(host: str) -> Dialect | None:
    """Return what the registry `host` (normalised, in lower case) speaks, None for one nobody knows by its name.

    A port, a dot at the end, a letter of another alphabet or more labels make another host of it.
    """
    if host in _BY_NAME:
        return _BY_NAME[host]
    if ecr_home(host) is not None:
        return "ecr"
    return next((dialect for form, dialect in _BY_FORM.items() if form.fullmatch(host)), None)


def ecr_home(host: str) -> tuple[str, str] | None:
    """Return account and region of a private registry of Amazon, None for any other host (written as above)."""
    found = _ECR.fullmatch(host)
    return (found[1], found[2]) if found else None
