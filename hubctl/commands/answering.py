"""Where a verb's answers come from: the registries, what earlier runs kept, or a recording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from hubctl.adapters.cache import CacheFolder, cache_root
from hubctl.adapters.clock import Waiting
from hubctl.commands.choosing import Asked
from hubctl.commands.requests import Sources
from hubctl.commands.world import World
from hubctl.images.facts import Listing, NoAnswer
from hubctl.images.reference import ImageName
from hubctl.registry.ask import Registry
from hubctl.registry.kept import Kept


class Answers(Asked, Protocol):
    """What choosing needs and the tag lists; `notes` is for the user, complete once the block has ended."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about the cache."""
        ...

    def tags_of(self, names: Iterable[ImageName]) -> Mapping[ImageName, Listing | NoAnswer]:
        """Return the complete tag list of each image."""
        ...


@contextmanager
def answering(world: World, sources: Sources, waiting: Waiting, *, fresh: bool) -> Iterator[Answers]:
    """Give who answers until the block ends, which keeps what was learnt.

    `fresh`: what is decided will be written or proposed, so no digest of a tag is believed from an earlier run.
    """
    kept = Kept(CacheFolder(cache_root(world.environment) if sources.cache else None))
    registry = Registry(
        world.http,
        world.settings.registries,
        world.environment,
        waiting,
        root=world.root,
        kept=kept,
        fresh=fresh,
    )
    try:
        yield registry
    finally:
        kept.save()
