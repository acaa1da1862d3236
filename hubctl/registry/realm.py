"""Which address may be asked for a token, and may see a password (pure).

A realm is foreign text: a registry could name an address inside the network, or a stranger's. Rules as in
go-containerregistry's `validateRealmURL` (#2258), and stricter before a password is sent.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from hubctl.registry.address import Endpoint, is_local, is_metadata, origin
from hubctl.show import show

_FIXED = {"docker.io": ("auth.docker.io",), "quay.io": ("quay.io",), "ghcr.io": ("ghcr.io",)}
_FIXED |= {"gcr.io": ("gcr.io",), "public.ecr.aws": ("public.ecr.aws",)}
# Below these, neighbours are strangers to each other.
_SHARED = frozenset(
    {
        "amazonaws.com",
        "amazonaws.com.cn",
        "azurecr.io",
        "pkg.dev",
        "gcr.io",
        "github.io",
        "gitlab.io",
        "cloudfront.net",
        "azurewebsites.net",
        "appspot.com",
        "run.app",
        "herokuapp.com",
        "azure.com",
        "windows.net",
        "googleapis.com",
        "vercel.app",
        "netlify.app",
        "pages.dev",
        "workers.dev",
        "fly.dev",
        "onrender.com",
        "ngrok.io",
        "ngrok.app",
        "duckdns.org",
        "quay.io",
        "ghcr.io",
        "firebaseapp.com",
        "web.app",
        "azurefd.net",
        "azureedge.net",
        "cloudapp.net",
        "digitaloceanspaces.com",
        "ondigitalocean.app",
        "nip.io",
        "sslip.io",
        "dyndns.org",
        "no-ip.org",
        "ngrok-free.app",
        "trycloudflare.com",
        "lhr.life",
        "ts.net",
    }
)
_SECOND_LEVEL = re.compile(
    "ac|art|asn|co|com|ed|edu|firm|gen|go|gob|gouv|gov|govt|id|info|lg|ltd|me|mil|name|ne|net|nhs|nic|nom|or|org|plc"
    "|police|sch|web"
)


def refusal(realm: str, at: Endpoint, *, with_login: bool) -> str | None:
    """Return why `realm` is not asked on behalf of `at`, None where it may be."""
    scheme, authority = origin(realm)
    hostname = (urlsplit(realm).hostname or "") if authority else ""
    shown = show(authority, 80)
    if not hostname or not realm.isascii() or "@" in urlsplit(realm).netloc:
        return "its token address cannot be read"
    named = any(host.lower() in (hostname, authority, f"{authority}:443") for host in at.token_hosts)
    own = hostname == at.hostname
    if scheme != "https" and not (scheme == "http" and at.plain and (own or named)):
        return f"its token address `{shown}` is not https"
    if own or named:
        return None
    fixed = _fixed(at.host)
    problem = None
    if is_local(hostname) or is_metadata(hostname):
        problem = "lies inside a private network"
    elif fixed is not None and hostname not in fixed:
        problem = "is not the one this registry is known for"
    elif with_login and fixed is None and not _neighbours(hostname, at.hostname):
        problem = "belongs to somebody else; name it in `token_hosts` to send a login there"
    return problem and f"its token address `{shown}` {problem}"


def _fixed(host: str) -> tuple[str, ...] | None:
    if host.endswith((".pkg.dev", ".gcr.io")):
        return (host,)
    return _FIXED.get(host)


def _neighbours(one: str, other: str) -> bool:
    domain = _registrable(one)
    return domain is not None and domain == _registrable(other)


def _registrable(hostname: str) -> str | None:
    """Return the domain somebody registered, None where names below it are for anybody."""
    labels = hostname.rstrip(".").split(".")
    if len(labels) < 2 or is_local(hostname):
        return None
    wide = len(labels[-1]) == 2 and _SECOND_LEVEL.fullmatch(labels[-2]) is not None
    domain = ".".join(labels[-3:] if wide else labels[-2:])
    return None if domain in _SHARED or (wide and len(labels) < 3) else domain
