"""Which registries have a tag list of their own, with more in it than names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from hubctl.images.facts import TagFact
from hubctl.registry import dockerhub, ecr, google, harbor, quay
from hubctl.registry.answers import Allowance
from hubctl.registry.hosts import Dialect
from hubctl.registry.line import Lines
from hubctl.registry.session import Session

Lister: TypeAlias = Callable[[Session, Lines, Allowance], tuple[TagFact, ...]]

OWN_LISTS: Mapping[Dialect, Lister] = {
    "quay": quay.list_tags,
    "dockerhub": dockerhub.list_tags,
    "google": google.list_tags,
    "harbor": harbor.list_tags,
    "ecr": ecr.list_tags,
}
# Lists that the session asks with its login: where they refuse, no other list is asked.
WITH_LOGIN: frozenset[Dialect] = frozenset({"google", "ecr"})

Historian: TypeAlias = Callable[[Session, Lines, str, Allowance], tuple[TagFact, ...]]

# Registries that remember where a tag pointed before.
HISTORIES: Mapping[Dialect, Historian] = {"quay": quay.history}
