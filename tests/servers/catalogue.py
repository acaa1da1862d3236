"""A thousand tags of one image, and small images beside it: everything that a policy has to decide about.

Push dates are set apart from what the images say of themselves (`created`, the branch), commit tags stand in no order
of their names, and every trap of the publishers is there once. `TODAY` is the moment at which it is asked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence

from tests.servers.tags import Tag

TODAY = dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
BUILD = dt.timedelta(hours=30)  # from building an image to pushing its release

# The newest commit of the default branch has the name that sorts first, its rebuild without a change one that sorts
# late, and the builds of another branch are newer than both.
NEWEST_COMMIT, REBUILT_COMMIT, BRANCH_COMMIT = "00a1b2c3d4e5", "fe8e7d6c5b4a", "f00dfacecafe"
OLD_COMMIT, GONE_COMMIT = "178819e05792", "0123456789ab"
SHORT = ("89655e1", "4059588", "b9584f6", "c0ffee1", "0badf00")  # oldest push first; the last from another branch
EIGHT = ("deadbee0", "12345678", "0cafe000")  # oldest push first, built at the epoch
FULL = tuple(hashlib.sha1(f"full {number}".encode()).hexdigest() for number in (3, 1, 2, 0))


def catalogue() -> Mapping[str, Sequence[Tag]]:
    """Return the tags of each image by its path, oldest push first."""
    images = {
        "some/image": [*_dates(), *_prefixed(), *_numbered(), *_commits(), *_odd()],
        "some/unmarked": list(_unmarked()),
        "some/stale": list(_stale()),
        "some/two-moving": list(_two_moving()),
        "some/moved-on": list(_moved_on()),
        "jupyter/base-notebook": [_tag(f"2026-06-{day:02}", _day(6, day)) for day in (1, 8, 10)],
    }
    return {path: sorted(tags, key=lambda tag: (tag.pushed, tag.name)) for path, tags in images.items()}


def _day(month: int, day: int, year: int = 2026) -> dt.datetime:
    return dt.datetime(year, month, day, 12, tzinfo=dt.UTC)


def _tag(
    name: str, pushed: dt.datetime, content: str = "", *, created: dt.datetime | None = None, **more: object
) -> Tag:
    built = created or pushed - BUILD
    return Tag(name, content or name, pushed, created=built, **more)  # type: ignore[arg-type] # fields of the tag


def _dates() -> Iterator[Tag]:
    """Releases of each and of every second day, built before their push; days that never were, or lie ahead."""
    for ago in range(365, 0, -1):
        moment = TODAY - dt.timedelta(days=ago)
        yield _tag(f"{moment:%Y.%m.%d}", moment)
        if ago % 2:
            yield _tag(f"{moment:%Y-%m-%d}", moment)
    yield _tag("2027.01.01", _day(6, 9))
    yield _tag("2026.02.30", _day(6, 9))
    yield _tag("9999.99.99", _day(6, 9))
    for name in ("20250101", "20260605", "20261301"):  # the last is eight digits of a commit
        yield _tag(name, _day(1, 5))
    yield from (_tag(f"quarto-2026.06.04-v{build}", _day(6, 4)) for build in (1, 2, 10))


def _prefixed() -> Iterator[Tag]:
    """Prefixes as docker-stacks has them, one after the other pushed long after its date."""
    for number, prefix in enumerate(("x86_64-", "aarch64-", "cuda12-", "python-3.13-")):
        for month in range(1, 6):
            moment = _day(month, 4)
            yield _tag(f"{prefix}2026-{month:02}-04", moment + dt.timedelta(days=number))
    for name in ("python-3.9.20", "python-3.13.5", "python-3.13.14", "hub-5.2.0", "lab-4.4.1", "ubuntu-24.04"):
        yield _tag(name, _day(3, 1))
    yield _tag("arm-2026.01.01", _day(1, 1))
    yield _tag("arm-2026.02.01", _day(2, 1))
    yield _tag("arm-2026.03.01", _day(3, 1), architecture="arm64")
    yield _tag("equal-2026.01.01", _day(1, 1), "equal")
    yield _tag("equal-2026.02.01", _day(2, 1), "equal", created=_day(1, 1) - BUILD)
    yield from (_tag(f"gone-2026.0{month}.01", _day(month, 1), gone=month == 3) for month in (1, 2, 3))
    yield _tag("ends-2026.01.01", _day(1, 1))
    yield _tag("ends-2026.02.01", _day(2, 1))
    yield _tag("ends-2026.03.01", _day(3, 1), expires=_day(1, 1, 2027))


def _numbered() -> Iterator[Tag]:
    """Versions pushed in another order than theirs, lines, build numbers and commits counted since a version."""
    for number, minor in enumerate((0, 10, 9, 2)):
        yield _tag(f"v6.{minor}.0", _day(2, 1) + dt.timedelta(days=number))
        yield _tag(f"1.{minor}.3", _day(2, 1) + dt.timedelta(days=number))
    for line in ("4", "4.4", "4.30", "v6", "4.5"):
        yield _tag(line, _day(1, 9))
    for count in (9, 9999, 16666, 16700):
        yield _tag(f"0.0.1-0.dev.git.{count}.h2707c{count:05x}", _day(4, 1))
        yield _tag(f"2025.12.1.dev{count}-gd38{count:06x}", _day(4, 1))


def _commits() -> Iterator[Tag]:
    """Commits of every length; `latest` is the newest one's image, and that of its rebuild."""
    for number in range(150):
        name = hashlib.sha1(f"commit {number}".encode()).hexdigest()[:12]
        moment = _day(6, 1, 2025) + dt.timedelta(days=2 * number)
        yield _tag(name, moment, branch="main")
    yield _tag(OLD_COMMIT, _day(3, 1, 2025), branch="main")
    built = _day(6, 1)
    yield from (
        _tag(name, moment, "newest", created=built, branch="main")
        for name, moment in ((NEWEST_COMMIT, _day(6, 2)), (REBUILT_COMMIT, _day(6, 3)), ("latest", _day(6, 3)))
    )
    yield _tag(BRANCH_COMMIT, _day(6, 8), branch="fix")
    yield _tag(GONE_COMMIT, _day(6, 9), branch="main", gone=True)
    for number, name in enumerate(SHORT):
        # The one pushed last of the default branch was built before the one pushed before it.
        created = _day(1, (1, 2, 9, 5, 20)[number])
        yield _tag(name, _day(5, number + 1), created=created, branch="fix" if number == 4 else "main")
    yield from (_tag(name, _day(5, number + 1), created=EPOCH) for number, name in enumerate(EIGHT))
    yield from (_tag(name, _day(5, number + 1), branch="main") for number, name in enumerate(FULL))


def _odd() -> Iterator[Tag]:
    """What is free of any order, and what is no image at all."""
    for name in ("fa26_2a", "fa25_1a", "gui-demo", "2i2c", "2025-01-01-2025-01-02", "a" * 64, "develop", "stable"):
        yield _tag(name, _day(4, 2))
    for number in range(180):
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        yield from (_tag(f"sha256-{digest}{end}", _day(5, 5)) for end in (".sig",) + ((".att",) if number < 30 else ()))


def _unmarked() -> Iterator[Tag]:
    """Commits of the default branch without any moving tag."""
    for number in range(24):
        name = hashlib.sha1(f"unmarked {number}".encode()).hexdigest()[:12]
        yield _tag(name, _day(1, number + 1), branch="main")


def _stale() -> Iterator[Tag]:
    """A `latest` that nobody moved for long, so that its twin would be a step back."""
    for number, name in enumerate(("c00000000000", "a00000000000", "b00000000000")):
        yield _tag(name, _day(1, number + 1), branch="main")
    yield _tag("latest", _day(1, 1), "c00000000000", branch="main")


def _two_moving() -> Iterator[Tag]:
    """`latest` is a release, `main` the newest build."""
    for number, name in enumerate(("c00000000000", "a00000000000", "b00000000000")):
        yield _tag(name, _day(1, number + 1), branch="main")
    yield _tag("latest", _day(1, 2), "a00000000000", branch="main")
    yield _tag("main", _day(1, 3), "b00000000000", branch="main")


def _moved_on() -> Iterator[Tag]:
    """One commit of long ago, and dates since."""
    yield _tag("b9584f6", _day(1, 1, 2021), branch="main")
    yield from (_tag(f"2026.0{month}.01", _day(month, 1)) for month in (1, 2))
