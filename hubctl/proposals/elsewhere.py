"""`--repo` from outside a clone of it, such as the workflow of an image repository: where git finds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from hubctl.adapters.git import Remote
from hubctl.adapters.git_run import is_loopback
from hubctl.adapters.git_store import expanded_url
from hubctl.errors import UsageError
from hubctl.proposals.place import GITHUB, Place, same, url_parts
from hubctl.proposals.target import Aim, choose, either_place, place_of
from hubctl.show import show


def leads_elsewhere(remotes: tuple[Remote, ...], named: Place, environment: Mapping[str, str]) -> bool | None:
    """Return whether `--repo` names another repository than that of the clone with these remotes; asks nobody.

    False where one of them is it, or is a local path, which may be anything, unless a workflow says that it runs in
    another repository. None where only the forge can tell, because `origin` may be a fork of it.
    """
    places = [(remote, either_place(remote.url, remote.fetches) or place_of(remote)) for remote in remotes]
    if any(place and same(place.full_name, named.full_name) and named.host in {"", place.host} for _, place in places):
        return False
    usual = next((each for each in places if each[0].name == "origin"), places[0] if len(places) == 1 else None)
    if usual is None:
        return True
    if usual[1] is None:
        return not same(environment.get("GITHUB_REPOSITORY") or named.full_name, named.full_name)
    return True if named.host not in {"", usual[1].host} else None


def alike(remotes: tuple[Remote, ...], named: Place) -> bool:
    """Return whether a remote has the name of the named repository, as forks mostly have; asks nobody."""
    name = named.full_name.partition("/")[2]
    places = (either_place(remote.url, remote.fetches) for remote in remotes)
    return any(place and same(place.full_name.partition("/")[2], name) for place in places)


def aim_elsewhere(named: Place, environment: Mapping[str, str], at: Path) -> Aim:
    """Return the aim of a run that has no clone: the repository itself, by an address made up from its name.

    The host of `--repo`, else `GITHUB_SERVER_URL`, else that of an API on this machine, else github.com.
    """
    written = f"{_server(named.host, environment)}/{named.full_name}.git"
    used = expanded_url(written, at)
    remote = Remote(name=named.full_name, url=written, push_url=written, fetches=used, pushes=used)
    full = f"{named.host}/{named.full_name}" if named.host else named.full_name
    aim = choose((remote,), environment, repository=full, remote=None)
    return replace(aim, made_up=used == written)


def _server(host: str, environment: Mapping[str, str]) -> str:
    if host:
        return f"http://{host}" if is_loopback(f"http://{host}") else f"https://{host}"
    given = environment.get("GITHUB_SERVER_URL", "").rstrip("/")
    if given:
        parts = url_parts(given)
        if parts is None or not parts.hostname or not (given.startswith("https://") or _is_local(given)):
            raise UsageError(f"`GITHUB_SERVER_URL` has to be an https address: `{show(given)}`")
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    api = environment.get("GITHUB_API_URL", "")
    if _is_local(api):
        return f"http://{urlsplit(api).netloc.rpartition('@')[2]}"
    return _behind(api) or f"https://{GITHUB}"


def _is_local(url: str) -> bool:
    return url.startswith("http://") and is_loopback(url)


def _behind(api: str) -> str | None:
    """The server whose API has the address that GitHub Enterprise Server gives it: `https://HOST/api/v3`."""
    parts = url_parts(api.rstrip("/"))
    if parts is not None and parts.scheme == "https" and parts.path == "/api/v3":
        return f"https://{parts.netloc.rpartition('@')[2]}"
    return None
