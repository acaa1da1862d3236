"""Choosing among many tags in one process: `python -m bench._choosing COUNT TAG` writes seconds and peak MB."""

from __future__ import annotations

import datetime as dt
import hashlib
import resource
import sys
import time
from collections.abc import Iterable, Iterator

from hubctl.commands.choosing import Pair, Query, decided
from hubctl.images.choice import Policy
from hubctl.images.choose import Question
from hubctl.images.facts import PLATFORM, ImageFacts, Listing, NoAnswer, TagFact
from hubctl.images.reference import parse_user_name

_NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
_LAST = dt.date(2026, 10, 1)


def tags(count: int) -> Iterator[str]:
    """Yield as many tags of dates, versions, release lines, commits and free names, and `latest`."""
    yield "latest"
    for number in range(count - 1):
        match number % 5:
            case 0:
                yield f"{_LAST - dt.timedelta(days=number):%Y.%m.%d}"
            case 1:
                yield f"1.{number // 100}.{number % 100}"
            case 2:
                yield f"{number}.1"
            case 3:
                yield _hexadecimal(str(number))[:12]
            case _:
                yield f"feature-{number}-preview"


def _hexadecimal(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Everything:
    """Stands for a registry that has every tag; the first commit of the list is `latest`."""

    def __init__(self, listed: Iterable[str]) -> None:
        commits = [tag for tag in listed if len(tag) == 12 and not set(tag) - set("0123456789abcdef")]
        self._twin = commits[0]

    def _digest(self, tag: str) -> str:
        return f"sha256:{_hexadecimal(self._twin if tag == 'latest' else tag)}"

    def digests_of(self, tags: Iterable[Pair]) -> dict[Pair, str | NoAnswer]:
        """Return the digest of each tag."""
        return {pair: self._digest(pair[1]) for pair in tags}

    def inspect_all(self, tags: Iterable[Pair]) -> dict[Pair, ImageFacts | NoAnswer]:
        """Return an image built today for each tag."""
        return {pair: ImageFacts(self._digest(pair[1]), (PLATFORM,), _NOW, {}, 1) for pair in tags}


def main() -> None:
    """Choose once and write what it took."""
    count, tag = int(sys.argv[1]), sys.argv[2]
    listed = list(dict.fromkeys([*tags(count - 1), tag]))
    listing = Listing(tuple(TagFact(name) for name in listed), "oci")
    name = parse_user_name("registry.example.org/team/image")
    query = Query(name, Question(name.key, tag, None, Policy()))
    registry = Everything(listed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    choice = decided(query, listing, registry, _NOW)
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    sys.stdout.write(f"{len(listed)} {type(choice).__name__} {seconds:.4f} {before / unit:.0f} {peak / unit:.0f}\n")


if __name__ == "__main__":
    main()
