"""Where a verb's answers come from: the registries, what earlier runs kept, or a recording."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hubctl.adapters.cache import CacheFolder, cache_root
from hubctl.adapters.clock import Waiting
from hubctl.adapters.regular import read_regular
from hubctl.adapters.saving import save, writable_place
from hubctl.commands.requests import Sources
from hubctl.commands.world import World
from hubctl.errors import UsageError
from hubctl.registry.ask import Registry
from hubctl.registry.kept import Kept
from hubctl.registry.offline import Offline
from hubctl.registry.recording import Answers, Recording, Replay

__all__ = ["Answers", "answering"]

_LARGEST_RECORDING = 256_000_000


@contextmanager
def answering(world: World, sources: Sources, waiting: Waiting, *, fresh: bool) -> Iterator[Answers]:
    """Give who answers until the block ends; then what was learnt is kept, and the recording written.

    `fresh`: what is decided will be written or proposed, so no digest of a tag is believed from an earlier run.
    UsageError where two sources exclude each other; NotFound and Unparseable for a recording that cannot be read;
    HubctlError where one cannot be written. The answerer's `notes` are complete once the block has ended.
    """
    _refuse_contradictions(sources)
    if sources.replay is not None:
        yield _replay(sources.replay)
        return
    if sources.record is not None:
        writable_place(sources.record)
    kept = Kept(CacheFolder(cache_root(world.environment) if sources.cache else None))
    answers = _answers(world, sources, waiting, kept, fresh=fresh)
    recording = Recording(answers) if sources.record is not None else None
    try:
        yield recording or answers
    finally:
        kept.save()
    if recording is not None and sources.record is not None:
        save(sources.record, recording.as_bytes())


def _answers(world: World, sources: Sources, waiting: Waiting, kept: Kept, *, fresh: bool) -> Answers:
    registries, environment = world.settings.registries, world.environment
    if sources.offline:
        return Offline(registries, environment, kept)
    return Registry(
        world.http, registries, environment, waiting, root=world.git.root if world.git else None, kept=kept, fresh=fresh
    )


def _replay(file: Path) -> Replay:
    text = read_regular(Path(os.path.realpath(file)), str(file), _LARGEST_RECORDING)
    return Replay(text, str(file))


def _refuse_contradictions(sources: Sources) -> None:
    if sources.replay is not None and (sources.record is not None or sources.offline):
        other = "--offline" if sources.offline else "--record"
        raise UsageError(
            f"`--replay` and `{other}` exclude each other", hint="a recording answers alone, and is one already"
        )
