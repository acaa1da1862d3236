"""What a second run asks, and what it believes of the first: counted at the server, cold and warm."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hubctl.adapters.cache import CacheFolder, cache_root
from hubctl.images.facts import ImageFacts, Listing, NoAnswer
from hubctl.registry.ask import Registry
from hubctl.registry.kept import Kept
from hubctl.registry.memory import Memory, is_fixed
from hubctl.registry.offline import Offline
from tests.registry.conftest import Asking, image, plain
from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, Server, serve
from tests.servers.quay import start_quay
from tests.servers.tags import Tag, sha256

DAY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
BUILT = dt.datetime(2025, 12, 24, tzinfo=dt.UTC)
OLD = Tag("2026.01.01", "old", DAY, created=BUILT)
NEW = Tag("2026.01.02", "new", DAY, created=BUILT)
LATEST = replace(NEW, name="latest")
TAGS = [OLD, NEW, LATEST]

Again = Callable[..., Registry]


def kept(folder: Path) -> Kept:
    return Kept(CacheFolder(folder / "hubctl"))


def blob(folder: Path, digest: str) -> Path:
    return folder / "hubctl" / "blobs" / "sha256" / digest.removeprefix("sha256:")


def look(registry: Registry, server: Server, *tags: str) -> list[str]:
    """List, ask for every digest and look into every image; return what the server was asked."""
    server.log.clear()
    name = image(f"{server.host}/some/image")
    assert isinstance(registry.tags(name), Listing)
    for tag in tags:
        assert isinstance(registry.digest(name, tag), str)
    for tag in tags:
        assert isinstance(registry.inspect(name, tag), ImageFacts)
    return [url.removeprefix("GET /v2/some/image/").replace("HEAD /v2/some/image/", "HEAD ") for url in server.urls]


def run(asking: Asking, folder: Path, server: Server, *tags: str, fresh: bool = False) -> list[str]:
    """Do as a process of its own would: open the cache, look, keep what was learnt."""
    cache = kept(folder)
    asked = look(asking({server.host: plain()}, kept=cache, fresh=fresh), server, *tags)
    cache.save()
    assert cache.notes == ()
    return asked


COLD = [
    "tags/list",
    "HEAD manifests/2026.01.01",
    "HEAD manifests/2026.01.02",
    f"manifests/{OLD.digest}",
    f"blobs/{sha256(OLD.config)}",
    f"manifests/{NEW.digest}",
    f"blobs/{sha256(NEW.config)}",
]


def test_a_warm_run_asks_for_the_list_alone(asking: Asking, tmp_path: Path) -> None:
    with serve(distribution({"some/image": TAGS})) as server:
        assert run(asking, tmp_path, server, OLD.name, NEW.name) == COLD
        assert run(asking, tmp_path, server, OLD.name, NEW.name) == ["tags/list"]


def test_a_run_that_writes_asks_where_tags_point_and_for_nothing_else(asking: Asking, tmp_path: Path) -> None:
    with serve(distribution({"some/image": TAGS})) as server:
        run(asking, tmp_path, server, OLD.name, NEW.name)
        assert run(asking, tmp_path, server, OLD.name, NEW.name, fresh=True) == COLD[:3]


def test_what_was_not_asked_again_grows_no_younger(asking: Asking, tmp_path: Path) -> None:
    with serve(distribution({"some/image": TAGS})) as server:
        run(asking, tmp_path, server, NEW.name)
        (memory,) = (tmp_path / "hubctl" / "lists").iterdir()
        before = json.loads(memory.read_bytes())
        run(asking, tmp_path, server, NEW.name)
        after = json.loads(memory.read_bytes())
    assert after["digests"] == before["digests"]
    assert after["asked"] > before["asked"]


def test_a_moving_tag_is_believed_for_minutes_while_the_list_is_the_same(asking: Asking, tmp_path: Path) -> None:
    images = {"some/image": list(TAGS)}
    with serve(distribution(images)) as server:
        assert run(asking, tmp_path, server, "latest")[1:2] == ["HEAD manifests/latest"]
        assert run(asking, tmp_path, server, "latest") == ["tags/list"]
        images["some/image"].append(replace(OLD, name="2026.01.03"))
        assert run(asking, tmp_path, server, "latest") == ["tags/list", "HEAD manifests/latest"]


def test_digests_of_a_registrys_own_list_win(asking: Asking, tmp_path: Path) -> None:
    images = {"some/image": [OLD, NEW]}
    with start_quay(images, otherwise=distribution(images)) as server:

        def again() -> list[str]:
            cache = kept(tmp_path)
            registry = asking({server.host: plain(kind="quay")}, kept=cache, fresh=False)
            asked = look(registry, server, NEW.name)
            cache.save()
            return [url for url in asked if "/api/" not in url]

        assert again() == ["manifests/2026.01.02", f"blobs/{sha256(NEW.config)}"]
        assert again() == []


def moved(asking: Asking, folder: Path, before: Tag, after: Tag, *, fresh: bool) -> tuple[str, ...]:
    """Return the notes on a tag that the server moves between two runs."""
    images = {"some/image": [before]}
    with serve(distribution(images)) as server:
        run(asking, folder, server, before.name)
        images["some/image"] = [after]
        cache = kept(folder)
        registry = asking({server.host: plain()}, kept=cache, fresh=fresh)
        name = image(f"{server.host}/some/image")
        registry.tags(name)
        facts = registry.inspect(name, before.name)
        cache.save()
        assert isinstance(facts, ImageFacts)
        return facts.notes


def test_says_that_a_fixed_tag_was_moved(asking: Asking, tmp_path: Path) -> None:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    note = f"`2026.01.02` was moved: it pointed at {NEW.digest} when asked on {today}"
    assert moved(asking, tmp_path, NEW, replace(OLD, name=NEW.name), fresh=True) == (note,)


@pytest.mark.parametrize("name", ["latest", "4.4", "spring", dt.datetime.now(dt.UTC).date().isoformat()])
def test_what_may_move_is_not_called_moved(asking: Asking, tmp_path: Path, name) -> None:
    assert moved(asking, tmp_path, replace(NEW, name=name), replace(OLD, name=name), fresh=True) == ()


def test_a_tag_that_moves_between_two_questions_is_asked_again(asking: Asking, tmp_path: Path) -> None:
    images = {"some/image": [NEW]}
    with serve(distribution(images)) as server:
        registry = asking({server.host: plain()})
        name = image(f"{server.host}/some/image")
        assert registry.digest(name, NEW.name) == NEW.digest
        images["some/image"] = [replace(OLD, name=NEW.name)]
        facts = registry.inspect(name, NEW.name)
        assert isinstance(facts, ImageFacts)
        assert facts.digest == OLD.digest
        assert facts.notes[0] == f"`2026.01.02` was moved while it was asked for: from {NEW.digest} to {OLD.digest}"
        assert registry.digest(name, NEW.name) == OLD.digest


@pytest.mark.parametrize("warm", [False, True])
def test_a_run_that_writes_sees_that_a_listed_tag_has_gone(asking: Asking, tmp_path: Path, *, warm) -> None:
    images = {"some/image": [OLD, NEW]}
    with start_quay(images, otherwise=distribution(images)) as server:
        cache = kept(tmp_path)
        name = image(f"{server.host}/some/image")
        if warm:
            look(asking({server.host: plain(kind="quay")}, kept=cache, fresh=False), server, NEW.name)
        registry = asking({server.host: plain(kind="quay")}, kept=cache)
        listing = registry.tags(name)
        assert isinstance(listing, Listing)
        assert {fact.name: fact.digest for fact in listing.tags} == {OLD.name: OLD.digest, NEW.name: NEW.digest}
        images["some/image"] = [OLD, replace(NEW, name="another")]
        gone = NoAnswer("no-such-tag", f"`{server.host}` has no `some/image:2026.01.02`")
        assert registry.inspect(name, NEW.name) == gone


def test_a_registry_that_lies_about_a_digest_is_no_answer_and_nothing_is_kept(asking: Asking, tmp_path: Path) -> None:
    honest = distribution({"some/image": [NEW]})

    def lie(asked: Asked) -> Answer:
        answer = honest(asked)
        return replace(answer, body=answer.body + b" ") if "/manifests/" in asked.path else answer

    with serve(lie) as server:
        cache = kept(tmp_path)
        registry = asking({server.host: plain()}, kept=cache)
        name = image(f"{server.host}/some/image")
        registry.tags(name)
        registry.digest(name, NEW.name)
        answer = registry.inspect(name, NEW.name)
    assert answer == NoAnswer("no-answer", f"`{server.host}` sent a manifest that is not what its digest says")
    assert not blob(tmp_path, NEW.digest).exists()


# ---- entries that are not what they should be


def corrupt(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"new", b"evil").replace(b"2", b"3"))


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20])


def enlarge(path: Path) -> None:
    with path.open("ab") as opened:
        opened.truncate(5 * 1024 * 1024)


def link(path: Path) -> None:
    copy = path.with_name("copy")
    path.rename(copy)
    path.symlink_to(copy)


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [corrupt, truncate, enlarge, link, pipe, folder, Path.unlink])
def test_an_entry_that_is_something_else_is_asked_for_again(asking: Asking, tmp_path: Path, harm) -> None:
    with serve(distribution({"some/image": TAGS})) as server:
        run(asking, tmp_path, server, OLD.name, NEW.name)
        harm(blob(tmp_path, NEW.digest))
        assert run(asking, tmp_path, server, OLD.name, NEW.name) == ["tags/list", "manifests/2026.01.02"]
        assert sha256(blob(tmp_path, NEW.digest).read_bytes()) == NEW.digest
        assert run(asking, tmp_path, server, OLD.name, NEW.name) == ["tags/list"]


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"\xff", b'{"version": 2}', b'{"version": 1}', b"[" * 100_000, b'{"version": 1, "x": 1}']
)
def test_a_memory_that_cannot_be_read_is_none(asking: Asking, tmp_path: Path, text) -> None:
    with serve(distribution({"some/image": TAGS})) as server:
        run(asking, tmp_path, server, NEW.name)
        (memory,) = (tmp_path / "hubctl" / "lists").iterdir()
        memory.write_bytes(text)
        assert run(asking, tmp_path, server, NEW.name) == ["tags/list", "HEAD manifests/2026.01.02"]
        assert run(asking, tmp_path, server, NEW.name) == ["tags/list"]


def test_entries_are_for_this_user_alone(asking: Asking, tmp_path: Path) -> None:
    with serve(distribution({"some/image": TAGS})) as server:
        run(asking, tmp_path, server, NEW.name)
    found = sorted((tmp_path / "hubctl").rglob("*"))
    modes = {path.relative_to(tmp_path / "hubctl").parts[0]: oct(path.stat().st_mode & 0o777) for path in found}
    assert {oct(path.stat().st_mode & 0o777) for path in found if path.is_dir()} == {"0o700"}
    assert {oct(path.stat().st_mode & 0o777) for path in found if path.is_file()} == {"0o600"}
    assert sorted(modes) == ["blobs", "key", "lists", "tmp"]
    assert list((tmp_path / "hubctl" / "tmp").iterdir()) == []


# ---- folders that refuse


def test_a_folder_that_others_can_write_is_not_used(asking: Asking, tmp_path: Path) -> None:
    (tmp_path / "hubctl").mkdir()
    (tmp_path / "hubctl").chmod(0o777)
    cache = kept(tmp_path)
    with serve(distribution({"some/image": TAGS})) as server:
        assert look(asking({server.host: plain()}, kept=cache), server, NEW.name)[0] == "tags/list"
    cache.save()
    assert cache.notes == (f"the cache `{tmp_path}/hubctl` can be written by others and is not used",)
    assert list((tmp_path / "hubctl").iterdir()) == []


def test_a_place_that_is_no_folder_is_a_note(asking: Asking, tmp_path: Path) -> None:
    (tmp_path / "hubctl").write_text("a file")
    cache = kept(tmp_path)
    with serve(distribution({"some/image": TAGS})) as server:
        asked = look(asking({server.host: plain()}, kept=cache), server, OLD.name, NEW.name)
    cache.save()
    assert asked == COLD
    assert cache.notes == (f"nothing is kept in the cache `{tmp_path}/hubctl`: not a directory",)


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
from pathlib import Path
from hubctl.adapters.cache import CacheFolder
folder = CacheFolder(Path(sys.argv[1]))
folder.write("blobs/sha256/small", b"x" * 50)
folder.write("blobs/sha256/large", b"x" * 5000)
print(folder.problem)
print(folder.read("blobs/sha256/small", 100), folder.read("blobs/sha256/large", 10000))
"""


def test_a_full_disk_is_a_note_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    root = tmp_path / "hubctl"
    done = subprocess.run([sys.executable, "-c", FULL, str(root)], capture_output=True, text=True, check=True)
    assert done.stdout == f"nothing is kept in the cache `{root}`: file too large\n{b'x' * 50!r} None\n"
    assert sorted(path.name for path in root.rglob("*") if path.is_file()) == ["small"]


WRITER = """
import sys
from pathlib import Path
from hubctl.adapters.cache import CacheFolder
from hubctl.registry.blobs import Blobs
from hubctl.registry.manifest import digest_of
folder = CacheFolder(Path(sys.argv[1]))
blobs, wrong = Blobs(folder), 0
for number in range(60):
    body = b"x" * (number % 7 * 1000 + 1)
    blobs.keep(digest_of(body), body)
    wrong += blobs.read(digest_of(body), 10_000) != body
print(wrong, folder.problem, folder.key().hex())
"""


def test_many_processes_share_a_folder(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", WRITER, str(tmp_path / "hubctl")]
    running = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {process.communicate()[0] for process in running}
    assert said == {f"0 None {(tmp_path / 'hubctl' / 'key').read_bytes().hex()}\n"}


@pytest.mark.parametrize(
    ("environment", "root"),
    [
        ({"XDG_CACHE_HOME": "/x", "HOME": "/home/me"}, Path("/x/hubctl")),
        ({"HOME": "/home/me"}, Path("/home/me/.cache/hubctl")),
        ({"XDG_CACHE_HOME": "x", "HOME": "/home/me"}, Path("/home/me/.cache/hubctl")),
        ({"XDG_CACHE_HOME": "", "HOME": "/home/me"}, Path("/home/me/.cache/hubctl")),
        ({"XDG_CACHE_HOME": "x"}, None),
        ({"HOME": "me"}, None),
        ({}, None),
    ],
)
def test_the_folder_is_that_of_the_xdg_specification(environment, root) -> None:
    assert cache_root(environment) == root


def test_without_a_folder_nothing_is_kept_and_nothing_noted(asking: Asking) -> None:
    cache = Kept(CacheFolder(None))
    with serve(distribution({"some/image": TAGS})) as server:
        assert look(asking({server.host: plain()}, kept=cache), server, OLD.name, NEW.name) == COLD
    cache.save()
    assert cache.notes == ()


# ---- how long a digest is believed


@pytest.mark.parametrize(
    ("tag", "fixed"),
    [
        ("2026.06.04", True),
        ("2026-06-05", False),
        ("20260605", False),
        ("20260604", True),
        ("178819e05792", True),
        ("1.2.3", True),
        ("0.0.1-0.dev.git.16666.h2707c010b", True),
        ("2025.12.1.dev94-gd3893dba2", True),
        ("latest", False),
        ("4.4", False),
        ("fa26_2a", False),
    ],
)
def test_a_fixed_tag_is_believed_for_a_day(tag, fixed) -> None:
    asked = dt.datetime(2026, 6, 5, 12, tzinfo=dt.UTC)
    memory = Memory(None)
    memory.saw(tag, NEW.digest, asked)
    memory = Memory(memory.as_bytes())
    assert is_fixed(tag, asked) is fixed
    believed = {
        age: memory.usable(tag, asked + age) is not None for age in (dt.timedelta(hours=h) for h in (0, 23, 25))
    }
    assert list(believed.values()) == [fixed, fixed, False]
    assert memory.usable(tag, asked - dt.timedelta(hours=1)) is None, "a clock that was set back proves nothing"


def test_a_moved_tag_is_named_in_every_later_run() -> None:
    asked = dt.datetime(2026, 6, 5, 12, tzinfo=dt.UTC)
    memory = Memory(None)
    memory.saw("1.2.3", OLD.digest, asked)
    for days in (10, 20):
        memory = Memory(memory.as_bytes())
        memory.saw("1.2.3", NEW.digest, asked + dt.timedelta(days=days))
        warning = f"`1.2.3` was moved: it pointed at {OLD.digest} when asked on 2026-06-05"
        assert memory.warning("1.2.3", NEW.digest) == warning
    assert memory.warning("1.2.3", OLD.digest) is None


# ---- offline


def test_offline_answers_from_what_is_kept_and_asks_nothing(asking: Asking, tmp_path: Path) -> None:
    with serve(distribution({"some/image": TAGS})) as server:
        run(asking, tmp_path, server, NEW.name)
        server.log.clear()
        name = image(f"{server.host}/some/image")
        entries = {server.host: plain()}
        offline = Offline(entries, {}, kept(tmp_path))
        listing = offline.tags_of([name])[name]
        assert isinstance(listing, Listing)
        assert [fact.name for fact in listing.tags] == ["2026.01.01", "2026.01.02", "latest"]
        assert [note[:8] + note[28:] for note in listing.notes] == ["list of : `--offline` asks for no newer one"]
        new, old = (name, NEW.name), (name, OLD.name)
        unknown = f"not asked: `--offline`, and nothing is kept of where `{name}:2026.01.01` points"
        assert offline.digests_of([new, old]) == {new: NEW.digest, old: NoAnswer("no-answer", unknown)}
        facts = asking(entries).inspect(*new)
        server.log.clear()
        assert offline.inspect_all([new, old]) == {new: facts, old: NoAnswer("no-answer", unknown)}
        other = image(f"{server.host}/other/image")
        why = f"not asked: `--offline`, and nothing is kept of the tags of `{other}`"
        assert offline.tags_of([other]) == {other: NoAnswer("no-answer", why)}
        assert server.urls == []
