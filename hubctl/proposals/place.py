"""Which repository of which forge an URL names (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

GITHUB = "github.com"
NAME = r"(?!\.\.?(?:/|$))[A-Za-z0-9_.-]{1,100}"
SCP = re.compile(r"(?:[^/@:]+@)?(?P<host>[^/@:]+):(?!//)(?P<path>.+)")
_ALIASES = {"ssh.github.com": GITHUB, "www.github.com": GITHUB}


@dataclass(frozen=True, slots=True)
class Place:
    """A repository on a forge: its host (with a port that is not the usual one) and `owner/name`."""

    host: str
    full_name: str


def forge_place(url: str) -> Place | None:
    """Return the repository that an https, ssh or scp-like URL names; None for a local path or anything else."""
    if "://" in url:
        parts = url_parts(url)
        if parts is None or parts.scheme not in {"https", "http", "ssh", "git"} or not parts.hostname:
            return None
        host, path = parts.hostname, parts.path
        if parts.scheme in {"https", "http"} and parts.port not in {None, 80, 443}:
            host = f"{host}:{parts.port}"
    else:
        found = SCP.fullmatch(url)
        if found is None or "/" in url.partition(":")[0]:
            return None
        host, path = found["host"], found["path"]
        if "." not in host:  # an alias of the user's ssh configuration
            host = GITHUB
    segments = path.strip("/").removesuffix(".git").split("/")
    name = "/".join(segments[-2:])
    host = _ALIASES.get(host.lower(), host.lower())
    return Place(host, name) if len(segments) >= 2 and re.fullmatch(f"{NAME}/{NAME}", name) else None


def url_parts(url: str) -> SplitResult | None:
    """Return the parts of an URL, None where its host or its port is none."""
    try:
        return urlsplit(url) if urlsplit(url).port != 0 else None
    except ValueError:
        return None


def is_ssh(url: str) -> bool:
    """Return whether an URL is spoken to over ssh: with the user's key, whatever the token may."""
    return url.startswith("ssh://") or SCP.fullmatch(url) is not None


def same(name: str, *others: str) -> bool:
    """Return whether a repository's full name is one of `others`: GitHub does not regard case."""
    return name.casefold() in map(str.casefold, others)
