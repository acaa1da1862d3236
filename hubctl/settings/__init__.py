"""hubctl's own options as one frozen value, merged from layers; nothing is read here."""

from hubctl.settings.merging import CREDENTIAL_KEYS, merge
from hubctl.settings.values import (
    DOCKER_HUB,
    GroupEntry,
    Known,
    Layer,
    Place,
    PolicyRule,
    RegistryEntry,
    RegistryKind,
    Settings,
    normal_host,
    one_name,
    parse_age,
)

__all__ = [
    "CREDENTIAL_KEYS",
    "DOCKER_HUB",
    "GroupEntry",
    "Known",
    "Layer",
    "Place",
    "PolicyRule",
    "RegistryEntry",
    "RegistryKind",
    "Settings",
    "merge",
    "normal_host",
    "one_name",
    "parse_age",
]
