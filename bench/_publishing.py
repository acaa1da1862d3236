"""A registry in a process of its own that answers for every image of a fleet: `python -m bench._publishing ROOT`.

It writes its address first and, when its standard input ends, every path it was asked for, in order.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from hubctl.adapters.files import WorkTree
from hubctl.commands.finding import choose_sites, find
from hubctl.demo.images import Build
from hubctl.demo.registry import Registry
from hubctl.demo.serving import Answered, Asked, serving

LONG_LISTS, LONG = 10, 400
_FIRST, _LAST = dt.date(2023, 1, 1), dt.date(2026, 10, 1)


def images_of(root: Path) -> dict[str, tuple[str, ...]]:
    """Return every image of a fleet as `HOST/PATH` with the tags it stands there with, the most frequent first."""
    found = find(WorkTree(root))
    tags: dict[str, set[str]] = {}
    places: Counter[str] = Counter()
    for site, names in choose_sites(found, None, None, None).names.items():
        for name in names:
            places[name.key] += 1
            tags.setdefault(name.key, set()).update([site.tag] if site.tag else [])
    return {name: tuple(sorted(tags[name])) for name, _ in places.most_common()}


def published(images: Mapping[str, Iterable[str]]) -> dict[str, tuple[Build, ...]]:
    """Return builds for each image: its tags of the fleet, a newest one, and for ten of them 400 dated ones."""
    shelves: dict[str, tuple[Build, ...]] = {}
    for number, (name, tags) in enumerate(images.items()):
        own = [Build(str(_FIRST), (tag,)) for tag in tags if tag != "latest"]
        dated = [_FIRST + dt.timedelta(days=3 * day) for day in range(LONG if number < LONG_LISTS else 0)]
        known = {tag for build in own for tag in build.tags}
        many = [Build(str(day), (f"{day:%Y.%m.%d}",)) for day in dated if f"{day:%Y.%m.%d}" not in known]
        last = Build(str(_LAST), (f"{_LAST:%Y.%m.%d}", f"{_LAST:%Y-%m-%d}", "0123456789ab", "latest"))
        shelves[name] = (*own, *many, last)
    return shelves


def main() -> None:
    """Serve until standard input ends."""
    registry = Registry(published(images_of(Path(sys.argv[1]))))
    paths: list[str] = []

    def answer(asked: Asked) -> Answered:
        paths.append("/" + "/".join(asked.path))
        return registry.answer(asked)

    with serving(answer) as address:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        sys.stdin.read()
    sys.stdout.write("\n".join(paths))


if __name__ == "__main__":
    main()
