"""Where a GitHub host's REST API lives (pure)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from hubctl.errors import HubctlError
from hubctl.show import show


def api_address(host: str, environment: Mapping[str, str]) -> str:
    """Return the API's address without a slash at the end: `GITHUB_API_URL`, else what follows from `host`.

    Raises HubctlError where it is no http URL, names a user, or is plain http to any but a loopback address:
    the token would travel readable.
    """
    given = environment.get("GITHUB_API_URL")
    if not given:
        return "https://api.github.com" if host.lower() == "github.com" else f"https://{host}/api/v3"
    try:
        parts = urlsplit(given)
        plain = parts.scheme in {"http", "https"} and parts.hostname and not parts.query and not parts.fragment
        fits = bool(plain) and "@" not in parts.netloc and (parts.port is None or parts.port > 0)
    except ValueError:
        fits = False
    if not fits:
        raise HubctlError("`GITHUB_API_URL` is no URL of an API", hint="write https://HOST/api/v3", code="usage")
    if parts.scheme == "http" and not _loopback(parts.hostname or ""):
        raise HubctlError(
            f"`GITHUB_API_URL` is plain http to `{show(parts.hostname or '')}`: the token would travel readable",
            hint="use https",
            code="insecure",
        )
    return given.rstrip("/")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
