"""Every dialect's server over one catalogue of tags: one row a dialect.

To add a dialect: write `tests/servers/NAME.py` with a context manager that serves `images` (path to tags, oldest push
first) in that dialect, giving what it does not know to `otherwise`, which speaks the distribution API; add its row to
`FRONTS`, saying what the dialect tells; run `pytest tests/registry/test_policies.py -k NAME`. The whole table of
policies, the length of its list and the count of requests run against it without another line.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hubctl.settings import RegistryEntry
from tests.servers.distribution import distribution
from tests.servers.dockerhub import start_dockerhub
from tests.servers.ecr import ecr_public
from tests.servers.faults import Server, serve
from tests.servers.ghcr import start_ghcr
from tests.servers.gitlab import start_gitlab
from tests.servers.google import start_google
from tests.servers.harbor import start_harbor
from tests.servers.quay import start_quay
from tests.servers.tags import Tag

Images = Mapping[str, Sequence[Tag]]


@dataclass(frozen=True)
class Front:
    """How to run a dialect, and what its list tells beside the names of tags.

    `pushes`: when each tag was pushed, or its image; `moves`: when a tag came to point where it points, even at an
    image that was there before; `ends`: when it will vanish; `kind` is the word of the settings. Where it is `guarded`
    everybody needs a token, which is given by `token_hosts` where not by the registry itself.
    """

    kind: str
    start: Callable[[Images], contextlib.AbstractContextManager[Server]]
    pushes: bool = False
    moves: bool = False
    ends: bool = False
    guarded: bool = False
    token_hosts: tuple[str, ...] = ()

    def entry(self, server: Server) -> RegistryEntry:
        """Return the settings that send a host's questions to the running server."""
        kind, hosts = self.kind, self.token_hosts
        return RegistryEntry(mirror=server.base, insecure=True, kind=kind, token_hosts=hosts)  # type: ignore[arg-type] # one of its words


@contextlib.contextmanager
def _gitlab(images: Images) -> Iterator[Server]:
    with start_gitlab(images) as (server, _):
        yield server


FRONTS: Mapping[str, Front] = {
    "oci": Front("oci", lambda images: serve(distribution(images))),
    "quay": Front(
        "quay",
        lambda images: start_quay(images, otherwise=distribution(images)),
        pushes=True,
        moves=True,
        ends=True,
    ),
    "dockerhub": Front(
        "dockerhub",
        lambda images: start_dockerhub(images, otherwise=distribution(images)),
        pushes=True,
        moves=True,
    ),
    "google": Front("google", start_google, pushes=True),
    "ghcr": Front("ghcr", start_ghcr, guarded=True),
    "harbor": Front(
        "harbor",
        lambda images: start_harbor(images, otherwise=distribution(images)),
        pushes=True,
        moves=True,
    ),
    "ecr": Front("ecr", lambda images: serve(ecr_public(images, page=100)), guarded=True),
    "gitlab": Front("gitlab", _gitlab, guarded=True, token_hosts=("localhost",)),
}
