from pathlib import Path

import pytest

from hubctl.adapters.git import Remote
from hubctl.errors import UsageError
from hubctl.proposals.elsewhere import aim_elsewhere, alike, leads_elsewhere
from hubctl.proposals.place import Place
from hubctl.proposals.target import named_place

FLEET = Place("", "org/fleet")


def remote(name: str, url: str) -> Remote:
    return Remote(name, url, url, url, url)


@pytest.mark.parametrize(
    ("remotes", "named", "environment", "elsewhere"),
    [
        ([("origin", "https://github.com/org/fleet.git")], FLEET, {}, False),
        ([("origin", "git@github.com:Org/Fleet.git")], FLEET, {}, False),
        ([("origin", "git@github.com:ann/fleet"), ("upstream", "https://github.com/org/fleet")], FLEET, {}, False),
        ([("origin", "https://github.com/org/image")], FLEET, {}, None),
        ([("mine", "https://github.com/org/image")], FLEET, {}, None),
        ([("origin", "https://github.com/org/fleet")], Place("ghe.example", "org/fleet"), {}, True),
        ([("origin", "https://ghe.example/org/fleet")], Place("ghe.example", "org/fleet"), {}, False),
        ([("origin", "/srv/fleet.git")], FLEET, {}, False),
        ([("origin", "/srv/fleet.git")], FLEET, {"GITHUB_REPOSITORY": "org/fleet"}, False),
        ([("origin", "/srv/image.git")], FLEET, {"GITHUB_REPOSITORY": "org/image"}, True),
        ([("a", "https://github.com/org/a"), ("b", "https://github.com/org/b")], FLEET, {}, True),
        ([], FLEET, {}, True),
    ],
)
def test_whether_a_clone_is_of_another_repository(remotes, named, environment, elsewhere):
    assert leads_elsewhere(tuple(remote(*one) for one in remotes), named, environment) is elsewhere


def test_a_remote_of_the_same_name_is_mostly_a_fork():
    assert alike((remote("origin", "git@github.com:ann/Fleet.git"),), FLEET)
    assert not alike((remote("origin", "git@github.com:org/image.git"), remote("b", "/srv/fleet")), FLEET)


@pytest.mark.parametrize(
    ("named", "environment", "url", "api"),
    [
        ("o/n", {}, "https://github.com/o/n.git", "https://api.github.com"),
        ("ghe.example/o/n", {}, "https://ghe.example/o/n.git", "https://ghe.example/api/v3"),
        (
            "ghe.example/o/n",
            {"GITHUB_API_URL": "https://api.github.com", "GITHUB_SERVER_URL": "https://github.com"},
            "https://ghe.example/o/n.git",
            "https://ghe.example/api/v3",
        ),
        (
            "o/n",
            {"GITHUB_SERVER_URL": "https://ghe.example", "GITHUB_API_URL": "https://ghe.example/api/v3"},
            "https://ghe.example/o/n.git",
            "https://ghe.example/api/v3",
        ),
        ("o/n", {"GITHUB_API_URL": "https://ghe.example/api/v3"}, "https://ghe.example/o/n.git", None),
        ("o/n", {"GITHUB_API_URL": "http://127.0.0.1:99/api"}, "http://127.0.0.1:99/o/n.git", None),
        ("127.0.0.1:99/o/n", {"GITHUB_API_URL": "http://127.0.0.1:99"}, "http://127.0.0.1:99/o/n.git", None),
    ],
)
def test_where_a_repository_is_that_there_is_no_clone_of(tmp_path, named, environment, url, api):
    aim = aim_elsewhere(named_place(named), environment, tmp_path)

    assert (aim.remote.url, aim.api, aim.made_up) == (url, api or environment["GITHUB_API_URL"], True)
    assert aim.here == Place(aim.host, "o/n")


def test_insteadof_leads_where_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text('[url "http://127.0.0.1:99/"]\n\tinsteadOf = https://github.com/\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))

    aim = aim_elsewhere(FLEET, {}, tmp_path)

    assert (aim.remote.pushes, aim.made_up) == ("http://127.0.0.1:99/org/fleet.git", False)


@pytest.mark.parametrize("server", ["http://ghe.example", "ghe.example", "https://", "ftp://x"])
def test_a_server_in_plain_sight_is_refused(tmp_path: Path, server: str) -> None:
    with pytest.raises(UsageError, match="`GITHUB_SERVER_URL` has to be an https address"):
        aim_elsewhere(FLEET, {"GITHUB_SERVER_URL": server}, tmp_path)
