"""A real OCI registry process in memory, and images pushed to it without docker."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import io
import json
import os
import shutil
import socket
import ssl
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest

from tests.servers.token import ISSUER, SERVICE, TokenServer

ROOT = Path(__file__).parents[2]
# bcrypt of `s3cret:with:colons` at cost 5 for the user `hub`
HTPASSWD = "hub:$2b$05$abcdefghijklmnopqrstuu4Q8xTrgjpfgc6JAW05bPlTJQ8JfbGq6\n"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def find_registry() -> str:
    """Return the program `registry` of PATH or `.tools/bin`; the test is skipped aloud without one."""
    path = os.pathsep.join([os.environ.get("PATH", ""), str(ROOT / ".tools" / "bin")])
    found = shutil.which("registry", path=path)
    if found is None:
        pytest.skip("NOT RUN: no `registry` program on PATH or in .tools/bin (`make tools` puts it there)")
    return found


@dataclass(frozen=True)
class Running:
    """A registry: its base URL and `host:port`."""

    base: str

    @property
    def host(self) -> str:
        return urlsplit(self.base).netloc


@contextlib.contextmanager
def start_registry(
    folder: Path,
    *,
    htpasswd: bool = False,
    token: TokenServer | None = None,
    certificate: tuple[Path, Path] | None = None,
    storage: Path | None = None,
) -> Iterator[Running]:
    """Run a registry on a free port until the block ends; its settings lie in `folder`.

    `htpasswd` asks for Basic authentication, `token` for tokens of that server, `certificate` (chain and key)
    makes it speak TLS as `localhost`, `storage` keeps the data in that folder instead of memory.
    """
    program = find_registry()
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings: dict[str, object] = {
        "version": "0.1",
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {
            **({"filesystem": {"rootdirectory": str(storage)}} if storage else {"inmemory": {}}),
            "delete": {"enabled": True},
        },
        "http": {"addr": f"127.0.0.1:{port}", "secret": "x"},
    }
    if certificate:
        settings["http"] |= {"tls": {"certificate": str(certificate[0]), "key": str(certificate[1])}}  # type: ignore[operator] # a dict
    if htpasswd:
        (folder / "htpasswd").write_text(HTPASSWD)
        settings["auth"] = {"htpasswd": {"realm": "hubctl tests", "path": str(folder / "htpasswd")}}
    if token:
        bundle = {"issuer": ISSUER, "service": SERVICE, "rootcertbundle": str(token.signer.certificate)}
        settings["auth"] = {"token": {"realm": token.realm, **bundle}}
    (folder / "registry.json").write_text(json.dumps(settings))  # JSON is YAML
    process = subprocess.Popen(
        [program, "serve", str(folder / "registry.json")],
        env={"OTEL_TRACES_EXPORTER": "none", "PATH": os.environ.get("PATH", "")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until_open(port, process)
        yield Running(f"https://localhost:{port}" if certificate else f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()


def _until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1000):
        assert process.poll() is None, "the registry process ended at once"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.01)
    raise AssertionError("the registry did not open its port")


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Pusher:
    """A connection that pushes blobs and manifests; `authorization` is a whole header value."""

    def __init__(self, base: str, *, authorization: str | None = None, authorities: Path | None = None) -> None:
        parts = urlsplit(base)
        assert parts.hostname
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=str(authorities) if authorities else None)
            self._to: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname, parts.port, context=context
            )
        else:
            self._to = http.client.HTTPConnection(parts.hostname, parts.port)
        self._base = base
        self._headers = {"Authorization": authorization} if authorization else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._to.close()

    def ask(self, method: str, url: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        self._to.request(method, url.removeprefix(self._base), body, self._headers | given)
        answer = self._to.getresponse()
        answer.read()
        return answer

    def blob(self, name: str, data: bytes) -> dict[str, object]:
        digest = sha256(data)
        if self.ask("HEAD", f"/v2/{name}/blobs/{digest}").status != 200:
            opened = self.ask("POST", f"/v2/{name}/blobs/uploads/")
            assert opened.status == 202, opened.status
            where = opened.headers["Location"]
            join = "&" if "?" in where else "?"
            put = self.ask("PUT", f"{where}{join}digest={digest}", data, Content_Type="application/octet-stream")
            assert put.status == 201, put.status
        return {"digest": digest, "size": len(data)}

    def manifest(self, name: str, tag: str, value: Mapping[str, object]) -> dict[str, object]:
        data = json.dumps(value).encode()
        reference = tag or sha256(data)
        put = self.ask("PUT", f"/v2/{name}/manifests/{reference}", data, Content_Type=str(value["mediaType"]))
        assert put.status == 201, put.status
        return {"mediaType": value["mediaType"], "digest": sha256(data), "size": len(data)}


def layer(text: str = "x") -> bytes:
    """Return a compressed layer of one file, the same bytes each time."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("srv/content.txt")
        entry.size = len(text.encode())
        archive.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


def push_image(
    base: str,
    name: str,
    tag: str,
    *,
    created: str | None = "2026-01-02T03:04:05Z",
    labels: Mapping[str, str] | None = None,
    platforms: Sequence[str] = ("linux/amd64",),
    index: bool | None = None,
    docker: bool = False,
    attestation: bool = False,
    content: str = "x",
    also: Sequence[str] = (),
    authorization: str | None = None,
    authorities: Path | None = None,
) -> str:
    """Push one image and return the digest of its tag.

    More than one platform, `attestation` or `index` make it an index; `docker` takes Docker's media types;
    `content` is what its layer holds; `also` are more tags on the same manifest.
    """
    kind, list_kind = (DOCKER_MANIFEST, DOCKER_LIST) if docker else (OCI_MANIFEST, OCI_INDEX)
    many = index if index is not None else len(platforms) > 1 or attestation
    with Pusher(base, authorization=authorization, authorities=authorities) as push:
        packed = push.blob(name, layer(content)) | {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"}
        entries = []
        for platform in platforms:
            system, architecture = platform.split("/")
            config: dict[str, object] = {"os": system, "architecture": architecture, "rootfs": {"type": "layers"}}
            config |= {"created": created} if created else {}
            config["config"] = {"Labels": dict(labels or {})}
            described = push.blob(name, json.dumps(config).encode())
            described["mediaType"] = "application/vnd.oci.image.config.v1+json"
            value = {"schemaVersion": 2, "mediaType": kind, "config": described, "layers": [packed]}
            if not many:
                done = push.manifest(name, tag, value)
                for more in also:
                    push.manifest(name, more, value)
                return str(done["digest"])
            entry = push.manifest(name, "", value)
            entries.append(entry | {"platform": {"os": system, "architecture": architecture}})
        if attestation:
            note = {"vnd.docker.reference.type": "attestation-manifest"}
            unknown = {"os": "unknown", "architecture": "unknown"}
            entries.append(entries[0] | {"platform": unknown, "annotations": note})
        value = {"schemaVersion": 2, "mediaType": list_kind, "manifests": entries}
        done = push.manifest(name, tag, value)
        for more in also:
            push.manifest(name, more, value)
        return str(done["digest"])
