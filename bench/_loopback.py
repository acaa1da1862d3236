"""A fleet whose images all lie in one real registry on loopback: names re-pointed, storage written, log read."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench._publishing import images_of, published
from hubctl.adapters.files import WorkTree
from hubctl.commands.finding import choose_sites, find
from hubctl.demo.registry import CONFIG, fill
from hubctl.fleet.names import image_names
from hubctl.images.reference import parse_name

_ROOT = Path(__file__).parents[1]
_LINE = re.compile(r'"(GET|HEAD) (/v2/\S*) HTTP')
_SECONDS = 20
_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own is made there


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests of one run: tag lists by image, further pages of one list not counted, and the others."""

    lists: Mapping[str, int]
    manifests: int
    blobs: int
    others: int

    def __str__(self) -> str:
        often = max(self.lists.values(), default=0)
        return (
            f"{sum(self.lists.values())} tag lists of {len(self.lists)} names (at most {often} of one), "
            f"{self.manifests} of manifests, {self.blobs} of blobs, {self.others} others"
        )


@dataclass(slots=True)
class Registry:
    """A running registry and the file its requests are logged to."""

    host: str
    log: Path
    read: int = 0

    def requests(self) -> Requests:
        """Return what was asked since the last call."""
        text = self.log.read_text()
        asked = _LINE.findall(text[self.read :])
        self.read = len(text)
        lists: dict[str, int] = {}
        counts = {"manifests": 0, "blobs": 0, "": 0}
        for _, path in asked:
            name, _, rest = path.removeprefix("/v2/").partition("/tags/list")
            if "/tags/list" in path:
                lists[name] = lists.get(name, 0) + ("last=" not in rest)
                continue
            counts[next((kind for kind in counts if kind and f"/{kind}/" in path), "")] += 1
        return Requests(lists, counts["manifests"], counts["blobs"], counts[""])


def program() -> str | None:
    """Return the program `registry` of PATH or `.tools/bin`, None without one."""
    return shutil.which("registry", path=os.pathsep.join([os.environ.get("PATH", ""), str(_ROOT / ".tools" / "bin")]))


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def repoint(root: Path, host: str) -> tuple[str, ...]:
    """Write `HOST/OLD-HOST/PATH` in the place of every image name of a fleet, and return the new names."""
    found = find(WorkTree(root))
    written: dict[str, str] = {}
    for site in choose_sites(found, None, None, None).names:
        for text in (site.image,) if site.image is not None else image_names(found.index, site):
            if name := parse_name(text):
                written[text] = f"{host}/{name.key}"
    longest = sorted(written, key=len, reverse=True)
    names = re.compile(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, longest))})(?![\w./-])")
    for file in found.fleet.texts:
        text = (root / file).read_text()
        (root / file).write_text(names.sub(lambda spelled: written[spelled[0]], text))
    return tuple(images_of(root))


def fill_storage(folder: Path, images: Mapping[str, tuple[str, ...]]) -> int:
    """Write what a registry stores for images with their tags (`published`), and return the number of tags."""
    top = folder / "docker" / "registry" / "v2"
    count = 0
    for name, builds in published(images).items():
        shelf = fill(name, builds)
        repository = top / "repositories" / name
        for digest, stored in shelf.stored.items():
            hexadecimal = digest.removeprefix("sha256:")
            _write(top / "blobs" / "sha256" / hexadecimal[:2] / hexadecimal / "data", stored.content)
            place = "_layers" if stored.media_type == CONFIG else "_manifests/revisions"
            _write(repository / place / "sha256" / hexadecimal / "link", digest.encode())
        for tag, digest in shelf.tags.items():
            _write(repository / "_manifests" / "tags" / tag / "current" / "link", digest.encode())
        count += len(shelf.tags)
    return count


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


@contextlib.contextmanager
def short_lived() -> Iterator[Path]:
    """Give a new folder, in memory where the system has a place for that: a storage is ten thousands of tiny files."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        yield Path(folder).resolve()


@contextlib.contextmanager
def serving(storage: Path, port: int, folder: Path) -> Iterator[Registry]:
    """Run the registry until the block ends; its settings and its log lie in `folder`."""
    settings = {
        "version": "0.1",
        "log": {"level": "error", "accesslog": {"disabled": False}},
        "storage": {"filesystem": {"rootdirectory": str(storage)}},
        "http": {"addr": f"127.0.0.1:{port}", "secret": "x"},
    }
    (folder / "registry.json").write_text(json.dumps(settings))  # JSON is YAML
    log = folder / "access.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(program()), "serve", str(folder / "registry.json")],
            env={"OTEL_TRACES_EXPORTER": "none", "PATH": os.environ.get("PATH", "")},
            stdout=output,
            stderr=output,
        )
    try:
        _until_open(port, process)
        yield Registry(f"127.0.0.1:{port}", log)
    finally:
        process.terminate()
        process.wait()


def _until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + _SECONDS
    while time.monotonic() < ends and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.01)
    raise RuntimeError("the registry did not open its port")
