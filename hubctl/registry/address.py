"""Which server is asked about an image name, how, and which servers may be asked without TLS (pure)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit

from hubctl.registry.answers import Unanswered
from hubctl.registry.hosts import Dialect, known_dialect
from hubctl.settings import RegistryEntry
from hubctl.show import show

_V2_HOSTS = {"docker.io": "registry-1.docker.io"}
_API_HOSTS = {"docker.io": "hub.docker.com"}
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9._-]+|\[[A-Fa-f0-9:.]+\])(?::[0-9]*)?", re.ASCII)
# Addresses of IPv6 that lead to one of IPv4, which is their last 32 bits (RFC 4291, RFC 6052).
_WITHIN = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")))
_NOWHERE, _LOOPBACK = ipaddress.IPv6Address("::"), ipaddress.IPv6Address("::1")
_METADATA_ADDRESSES = tuple(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")))
_METADATA = ("metadata.google.internal", "metadata.goog", "instance-data.ec2.internal")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where questions about one image name go.

    `host` is the server as credentials know it (`docker.io`, `127.0.0.1:5000`), `name` the image's path there;
    `base` and `api` are scheme and authority of the distribution API and of the dialect's own, which knows the image
    as `api_name`.
    `plain` lists hosts (with port) that may be asked over http; `fallback` is the other base of a host that may: over
    http where no TLS comes about, over TLS where a local one refuses http. `own` is the entry whose credentials may be
    sent to `host`.
    """

    host: str
    base: str
    name: str
    dialect: Dialect
    api: str
    api_name: str
    own: RegistryEntry = field(default_factory=RegistryEntry)
    plain: frozenset[str] = frozenset()
    token_hosts: tuple[str, ...] = ()
    fallback: str | None = None

    def url(self, rest: str) -> str:
        """Return the address of `rest` (`tags/list`) below the image's path in the distribution API."""
        return f"{self.base}/v2/{quote(self.name, safe='/:')}/{rest}"

    @property
    def hostname(self) -> str:
        """The server's name without its port, as in its URL."""
        return urlsplit(self.base).hostname or ""


def origin(url: str) -> tuple[str, str]:
    r"""Return scheme and `host[:port]` of a URL, the scheme's own port left out; empty where unreadable.

    Unreadable is also what two readers could take for two hosts: in `https://evil.example\.quay.io` urllib3 ends the
    host before the backslash.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "", ""
    if not _AUTHORITY.fullmatch(parts.netloc.rpartition("@")[2]):
        return "", ""
    name = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, name if port in (None, usual) else f"{name}:{port}"


def joined(base: str, link: str) -> str:
    """Return `link` resolved against `base`, empty where it cannot be read."""
    try:
        return urljoin(base, link)
    except ValueError:
        return ""


def is_local(hostname: str) -> bool:
    """Whether a name leads into this machine or a private network as far as its text tells."""
    name = hostname.rstrip(".")
    if name == "localhost" or name.endswith(".localhost") or name in _METADATA:
        return True
    address = _address(name)
    if address is None:
        # `127.1`, `0x7f000001` and `2130706433` are addresses to a resolver, and no public name ends in a number
        last = name.rpartition(".")[2]
        return last.isdigit() or last.startswith("0x")
    return not address.is_global or address.is_multicast or getattr(address, "is_site_local", False)


def is_metadata(hostname: str) -> bool:
    """Whether a local name could be the metadata service of a cloud, which gives logins to whoever asks it."""
    address = _address(hostname.rstrip("."))
    if address is None:
        return is_local(hostname) and not hostname.rstrip(".").endswith("localhost")
    return address.is_link_local or address in _METADATA_ADDRESSES


def _address(hostname: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address a name is, that of IPv4 where one of IPv6 leads to it; None for a name."""
    try:
        address = ipaddress.ip_address(hostname.strip("[]"))
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address) or address in (_NOWHERE, _LOOPBACK):
        return address
    if any(address in network for network in _WITHIN):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour or address


def endpoint(host: str, path: str, registries: Mapping[str, RegistryEntry]) -> Endpoint:
    """Return where to ask about the image `path` of `host` (both normalised); Unanswered where it is not allowed.

    Exact entries win over `*`; credentials of `*` are used for no host, because a pull request can name any.
    A mirror is asked by the distribution API unless `kind` says otherwise, with what is its own alone.
    """
    entry = registries.get(host) or registries.get("*") or RegistryEntry()
    if entry.mirror is None:
        return _direct(host, path, entry, registries.get(host, RegistryEntry()))
    base, prefix = _configured(entry.mirror.replace("{host}", host), entry, "mirror")
    _, authority = origin(base)
    own = registries.get(authority, RegistryEntry())
    name = f"{prefix}/{path}" if prefix else path
    # The mirror's path is that of its own addresses; an `api` of its own knows the image by the image's name.
    api, api_name = (named, path) if (named := _api(entry)) else (base, name)
    return Endpoint(
        host=authority,
        base=base,
        name=name,
        dialect=_dialect(entry, "oci", api_name),
        api=api,
        api_name=api_name,
        own=own,
        plain=_plain(entry, base, api),
        token_hosts=(*own.token_hosts, *entry.token_hosts),
    )


def _direct(host: str, path: str, entry: RegistryEntry, own: RegistryEntry) -> Endpoint:
    authority = _V2_HOSTS.get(host, host)
    base = f"https://{authority}"
    if not origin(base)[1]:
        raise Unanswered(f"`{show(host, 80)}` is no host that can be asked")
    fallback = None
    if entry.insecure and known_dialect(host) is None:
        fallback = f"http://{authority}"
        if is_local(urlsplit(fallback).hostname or ""):
            base, fallback = fallback, base
    api = _api(entry) or (f"https://{_API_HOSTS[host]}" if host in _API_HOSTS else base)
    return Endpoint(
        host=host,
        base=base,
        name=path,
        dialect=_dialect(entry, known_dialect(host) or "oci", path),
        api=api,
        api_name=path,
        own=own,
        plain=_plain(entry, base, api, fallback or ""),
        token_hosts=entry.token_hosts,
        fallback=fallback,
    )


def _dialect(entry: RegistryEntry, otherwise: Dialect, name: str) -> Dialect:
    chosen = entry.kind or otherwise
    # Docker Hub's names have two parts, those of quay and Harbor two or more; others are left to the distribution API.
    depth = name.count("/")
    fits = depth == 1 if chosen == "dockerhub" else depth > 0 or chosen not in ("quay", "harbor")
    return chosen if fits else "oci"


def _plain(entry: RegistryEntry, *urls: str) -> frozenset[str]:
    if not entry.insecure:
        return frozenset()
    found = (origin(url) for url in urls)
    return frozenset(authority for scheme, authority in found if scheme == "http")


def _api(entry: RegistryEntry) -> str | None:
    if entry.api is None:
        return None
    base, path = _configured(entry.api, entry, "api")
    if path:
        raise Unanswered(f"`api` is a scheme and a host alone, without the path `{show(path, 80)}`")
    return base


def _configured(url: str, entry: RegistryEntry, key: str) -> tuple[str, str]:
    """Return base and path of a URL of the settings; Unanswered where it cannot or must not be asked."""
    scheme, authority = origin(url)
    parts = urlsplit(url) if authority else None
    if parts is None or scheme not in ("http", "https") or "@" in parts.netloc or parts.query or parts.fragment:
        raise Unanswered(f"`{key}` is no URL hubctl can ask: `{show(_without_login(url), 80)}`")
    if scheme == "http" and not entry.insecure:
        raise Unanswered(f"plain http to the {key} `{show(authority, 80)}` needs `insecure: true` in its entry")
    return f"{scheme}://{authority}", parts.path.strip("/")


def _without_login(url: str) -> str:
    return url.rpartition("@")[2].partition("?")[0]
