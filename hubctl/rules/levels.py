"""Values at a level where nothing reads them, and secrets that everybody can (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from hubctl.fleet.seen import Seen, Spot
from hubctl.fleet.values import Branch, Leaf, Written
from hubctl.rules.finding import Finding, shown

# One `*` stands for any key.
_SECRETS = (
    ("jupyterhub", "imagePullSecret", "password"),
    ("jupyterhub", "proxy", "secretToken"),
    ("jupyterhub", "hub", "cookieSecret"),
    ("jupyterhub", "hub", "db", "password"),
    ("jupyterhub", "hub", "services", "*", "apiToken"),
    ("jupyterhub", "hub", "config", "*", "client_secret"),
    ("dask-gateway", "gateway", "auth", "jupyterhub", "apiToken"),
    ("binderhub-service", "config", "DockerRegistry", "password"),
    ("binderhub-service", "buildPodsRegistryCredentials", "password"),
    ("grafana", "adminPassword"),
    ("grafana", "grafana.ini", "*", "client_secret"),
)
_OPEN = ("<", "{", "$")
_WRAPPED = "basehub"


def ignored_key(seen: Seen, known: frozenset[str]) -> Iterator[Finding]:
    """Yield a finding for each top-level key, in plain and encrypted files, that the chart of a hub does not read.

    `known` are the keys that it reads; where they are empty, because that cannot be told, only `basehub` on a hub of
    that chart itself is a finding.
    """
    if not known and seen.hub.chart != _WRAPPED:
        return
    plain = ((one.file, key) for one in seen.told if not one.default for key in one.root.entries)
    hidden = (
        (file, key) for file, paths in (seen.encrypted or {}).items() for key in sorted({one[0] for one in paths})
    )
    for file, key in (*plain, *hidden):
        if key not in known if known else key == _WRAPPED:
            message = f"the chart `{shown(seen.hub.chart)}` ignores the key `{shown(key)}` at this level"
            mend = f"put it below `{'.'.join(seen.hub.prefix)}`" if seen.hub.prefix else "move its values up"
            yield Finding("ignored-key", Spot(file, (key,)), message, mend, seen.hub.id)


def plain_secret(file: str, root: Branch, prefix: tuple[str, ...]) -> Iterator[Finding]:
    """Yield a finding for each secret that stands in a plain file; values that stand for another are none."""
    for secret in _SECRETS:
        for path in {(*prefix, *secret), secret}:
            for found, value in _leaves(root, path, ()):
                if isinstance(value, str) and value and not value.startswith(_OPEN):
                    message = f"a secret in a plain file, at `{shown('.'.join(found), 120)}`"
                    mend = "replace it where it is used, and put the new one into an encrypted file"
                    yield Finding("plain-secret", Spot(file, found), message, mend)


def _leaves(node: Written, path: tuple[str, ...], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    if isinstance(node, Leaf):
        if not path:
            yield above, node.value
    elif path:
        keys = list(node.entries) if path[0] == "*" else [path[0]]
        for key in keys:
            if key in node.entries:
                yield from _leaves(node.entries[key], path[1:], (*above, key))
