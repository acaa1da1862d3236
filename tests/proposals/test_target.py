from pathlib import Path

import pytest

from hubctl.adapters.git import Remote
from hubctl.errors import AuthNeeded, GitRefused, HubctlError, NotFound, RemoteRefused, UsageError
from hubctl.proposals.forge import ForgeRepository
from hubctl.proposals.place import Place, forge_place
from hubctl.proposals.settling import Stranger, settle
from hubctl.proposals.target import Aim, Target, api_base, choose, find_token
from hubctl.secret import Secret

from .parts import MemoryForge

UPSTREAM = ForgeRepository("2i2c/fleet", "main", can_push=False)
FORK = ForgeRepository("ann/fleet", "main", can_push=True, fork=True, parent="2i2c/fleet")
OWN = ForgeRepository("org/fleet", "trunk", can_push=True)


def remote(name: str, url: str, *, push: str | None = None, used: str | None = None, resolved: str | None = None):
    return Remote(name, url, push or url, used or url, push or used or url, resolved)


ORIGIN = remote("origin", "https://github.com/org/fleet.git")
ANN = remote("origin", "git@github.com:ann/fleet.git")
UP = remote("upstream", "https://github.com/2i2c/fleet")
LOCAL = remote("origin", "/srv/fleet.git")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://github.com/org/fleet.git", Place("github.com", "org/fleet")),
        ("https://github.com/org/fleet", Place("github.com", "org/fleet")),
        ("https://github.com/org/fleet/", Place("github.com", "org/fleet")),
        ("https://user:token@GitHub.com/org/fleet.git", Place("github.com", "org/fleet")),
        ("https://www.github.com/org/fleet", Place("github.com", "org/fleet")),
        ("git@github.com:org/fleet.git", Place("github.com", "org/fleet")),
        ("ssh://git@ssh.github.com:443/org/fleet.git", Place("github.com", "org/fleet")),
        ("ssh://git@ghe.example:2222/org/fleet.git", Place("ghe.example", "org/fleet")),
        ("work:org/fleet", Place("github.com", "org/fleet")),
        ("http://127.0.0.1:8080/org/fleet.git", Place("127.0.0.1:8080", "org/fleet")),
        ("http://127.0.0.1:8080/git/org/fleet.git", Place("127.0.0.1:8080", "org/fleet")),
        ("/srv/org/fleet.git", None),
        ("./org/fleet", None),
        ("../a:b/c", None),
        ("file:///srv/org/fleet.git", None),
        ("https://github.com/org/..", None),
        ("https://github.com/./fleet", None),
        ("https://github.com/fleet", None),
        ("https://github.com/org/fl eet", None),
        ("ext::sh -c id", None),
    ],
)
def test_an_url_names_a_repository_or_none(url, place):
    assert forge_place(url) == place


@pytest.mark.parametrize(
    ("remotes", "environment", "repository", "named"),
    [
        ((ORIGIN,), {}, "a/b", "a/b"),
        ((ORIGIN,), {"GH_REPO": "c/d", "GITHUB_REPOSITORY": "e/f"}, "a/b", "a/b"),
        ((ORIGIN,), {"GH_REPO": "c/d", "GITHUB_REPOSITORY": "e/f"}, None, "c/d"),
        ((ORIGIN,), {"GH_REPO": "github.com/c/d"}, None, "c/d"),
        ((ORIGIN, UP), {"GITHUB_REPOSITORY": "e/f"}, None, "e/f"),
        ((ORIGIN, UP, remote("x", "git@github.com:g/h", resolved="base")), {}, None, "g/h"),
        ((remote("origin", "git@github.com:ann/fleet", resolved="i/j"), UP), {}, None, "i/j"),
        ((ANN, UP), {}, None, "2i2c/fleet"),
        ((ANN, UP), {"GH_REPO": ""}, None, "2i2c/fleet"),
        ((ORIGIN,), {}, None, None),
        ((LOCAL,), {}, "a/b", "a/b"),
    ],
)
def test_the_first_that_names_a_repository_wins(remotes, environment, repository, named):
    assert choose(remotes, environment, repository=repository, remote=None).named == named


@pytest.mark.parametrize(
    ("remotes", "repository", "wanted", "error", "words"),
    [
        ((LOCAL,), None, None, GitRefused, "the remote `origin` is a local path and names no repository"),
        ((LOCAL, UP), None, None, GitRefused, "the remote `origin` is a local path and names no repository"),
        ((), None, None, GitRefused, "there is no remote to push to"),
        ((remote("a", "x"), remote("b", "x")), None, None, GitRefused, "there is no remote to push to"),
        ((ORIGIN,), None, "orign", NotFound, "no such remote: `orign`"),
        ((ORIGIN,), "fleet", None, UsageError, "`--repo` is not `OWNER/NAME`: `fleet`"),
        ((ORIGIN,), "https://github.com/a/b", None, UsageError, "`--repo` is not `OWNER/NAME`: `https://github.com/a/b`"),
        ((ORIGIN,), "ghe.io/a/b", None, GitRefused, "the remote `origin` is at `github.com`, not at `ghe.io`"),
    ],
)  # fmt: skip
def test_what_names_no_repository_is_refused(remotes, repository, wanted, error, words):
    with pytest.raises(error) as caught:
        choose(remotes, {}, repository=repository, remote=wanted)
    assert caught.value.message == words


def test_the_only_remote_serves_without_being_called_origin():
    assert choose((UP,), {}, repository=None, remote=None).remote == UP
    ann = remote("ann", "git@github.com:ann/fleet.git")
    assert choose((ann,), {}, repository=None, remote=None).remote == ann
    assert choose((ann, UP), {}, repository=None, remote=None).remote == UP


def test_a_name_of_insteadof_is_looked_at_where_the_written_one_says_nothing():
    aim = choose((remote("origin", "gh:fleet", used="https://github.com/org/fleet"),), {}, repository=None, remote=None)
    assert aim.here == Place("github.com", "org/fleet")


@pytest.mark.parametrize(
    ("environment", "host", "api"),
    [
        ({}, "github.com", "https://api.github.com"),
        ({}, "ghe.example:8443", "https://ghe.example:8443/api/v3"),
        ({"GITHUB_API_URL": "https://api.github.com"}, "ghe.example", "https://ghe.example/api/v3"),
        ({"GITHUB_API_URL": "https://ghe.example/api/v3/"}, "github.com", "https://ghe.example/api/v3"),
        ({"GITHUB_API_URL": "http://127.0.0.1:1234"}, "github.com", "http://127.0.0.1:1234"),
        ({"GITHUB_API_URL": "http://[::1]:1234"}, "github.com", "http://[::1]:1234"),
        ({"GITHUB_API_URL": "http://localhost:1234"}, "github.com", "http://localhost:1234"),
    ],
)
def test_where_the_api_is(environment, host, api):
    assert api_base(environment, host) == api


@pytest.mark.parametrize(
    "url",
    ["http://ghe.example/api", "http://127.0.0.1.evil.example", "ftp://x", "ghe.example", "https://", "https://a:b@c"],
)
def test_an_api_in_plain_sight_is_refused(url):
    with pytest.raises(UsageError, match="has to be an https address"):
        api_base({"GITHUB_API_URL": url}, "github.com")


def test_a_token_is_found_where_it_is_kept():
    asked = []

    def ask(host: str) -> Secret | None:
        asked.append(host)
        return Secret("c") if host == "ghe.example" else None

    assert find_token({"GH_TOKEN": "a\n", "GITHUB_TOKEN": "b"}, "github.com", ask) == (Secret("a"), "GH_TOKEN")
    assert find_token({"GH_TOKEN": "", "GITHUB_TOKEN": "b"}, "github.com", ask) == (Secret("b"), "GITHUB_TOKEN")
    assert asked == []
    assert find_token({}, "ghe.example:8443", ask) == (Secret("c"), "gh auth token")
    with pytest.raises(AuthNeeded, match=r"no token for `github\.com`") as caught:
        find_token({}, "github.com", ask)
    assert caught.value.hint == "set `GH_TOKEN`, or run `gh auth login --hostname github.com`"


def settled(aim: Aim, *known: ForgeRepository) -> Target:
    """Settle with forges that know these repositories, the way one host does."""
    table = {one.full_name: one for one in known}

    def opened(name: str) -> MemoryForge:
        if name not in table:
            raise RemoteRefused(f"no such repository: `{name}`")
        return MemoryForge(Path(), about=table[name], others=table)

    return settle(aim, opened)[0]


def aimed(*remotes: Remote, repository: str | None = None, remote: str | None = None) -> Aim:
    return choose(remotes, {}, repository=repository, remote=remote)


def test_the_repository_itself_gets_branch_and_pull_request():
    url = "https://github.com/org/fleet.git"
    assert settled(aimed(ORIGIN), OWN) == Target(OWN, url, url, "org/fleet")


def test_a_fork_gets_the_branch_and_its_parent_the_pull_request():
    target = settled(aimed(ANN), UPSTREAM, FORK)
    assert target == Target(UPSTREAM, "git@github.com:2i2c/fleet.git", "git@github.com:ann/fleet.git", "ann/fleet")
    assert (target.owner, target.fork) == ("ann", True)


def test_a_fork_of_a_fork_proposes_to_the_source_that_was_named():
    second = ForgeRepository("ann/fleet", "main", can_push=True, fork=True, parent="bob/fleet", source="2i2c/fleet")
    target = settled(aimed(ANN, repository="2i2c/fleet"), UPSTREAM, second)
    assert (target.repository, target.head_repository) == (UPSTREAM, "ann/fleet")


def test_base_is_read_from_the_remote_of_the_upstream_where_there_is_one():
    assert settled(aimed(ANN, UP), UPSTREAM, FORK).base_url == "https://github.com/2i2c/fleet"


def test_a_push_url_may_name_the_fork():
    both = remote("origin", "https://github.com/2i2c/fleet", push="git@github.com:ann/fleet.git")
    assert settled(aimed(both), UPSTREAM, FORK) == Target(
        UPSTREAM, "https://github.com/2i2c/fleet", "git@github.com:ann/fleet.git", "ann/fleet"
    )


def test_base_is_made_up_beside_a_fork_that_insteadof_leads_elsewhere():
    rewritten = remote("origin", "https://github.com/ann/fleet.git", used="/srv/mirror.git")
    assert settled(aimed(rewritten), UPSTREAM, FORK) == Target(
        UPSTREAM, "https://github.com/2i2c/fleet.git", "/srv/mirror.git", "ann/fleet"
    )


def test_base_is_that_of_the_named_repository_and_not_of_another_url_of_the_remote():
    both = remote("origin", "https://github.com/2i2c/fleet", push="https://github.com/ann/fleet")
    assert settled(aimed(both, repository="ann/fleet"), FORK).base_url == "https://github.com/ann/fleet"


def test_a_renamed_repository_is_the_same_one():
    old = remote("origin", "https://github.com/org/old-name")
    known = {"org/old-name": OWN, "org/fleet": OWN}
    target, _ = settle(aimed(old), lambda name: MemoryForge(Path(), about=known[name]))
    assert target.repository.full_name == "org/fleet"
    named, _ = settle(
        aimed(old, repository="org/fleet"), lambda _: MemoryForge(Path(), about=OWN, others={"org/old-name": OWN})
    )
    assert named.fork is False


def test_a_local_remote_with_a_named_repository():
    assert settled(aimed(LOCAL, repository="org/fleet"), OWN) == Target(
        OWN, "/srv/fleet.git", "/srv/fleet.git", "org/fleet"
    )


def test_a_login_in_an_url_goes_no_further():
    url = "https://x-access-token:secret@github.com/org/fleet.git"
    assert settled(aimed(remote("origin", url)), OWN).push_url == "https://github.com/org/fleet.git"


def test_what_insteadof_makes_of_an_url_counts_for_this_machine_alone():
    local = remote("origin", "https://github.com/org/fleet", used="http://127.0.0.1:99/org/fleet")
    assert settled(aimed(local), OWN).push_url == "http://127.0.0.1:99/org/fleet"
    odd = remote("origin", "https://github.com/org/fleet", used="https://evil.example/org/fleet")
    assert settled(aimed(odd), OWN).push_url == "https://github.com/org/fleet"


@pytest.mark.parametrize(
    ("aim", "known", "error", "words"),
    [
        (
            aimed(ORIGIN, repository="image/repo"),
            (OWN, ForgeRepository("image/repo", "main", can_push=True)),
            Stranger,
            "the remote `origin` is `org/fleet`: neither `image/repo` nor a fork of it",
        ),
        (
            aimed(ANN, repository="image/repo"),
            (FORK, ForgeRepository("image/repo", "main", can_push=True)),
            Stranger,
            "the remote `origin` is `ann/fleet`: neither `image/repo` nor a fork of it",
        ),
        (
            aimed(ORIGIN),
            (ForgeRepository("org/fleet", "main", archived=True, can_push=True),),
            RemoteRefused,
            "`org/fleet` is archived: it takes no branch and no pull request",
        ),
        (
            aimed(ORIGIN, remote="origin"),
            (ForgeRepository("org/fleet", "main", can_push=False),),
            AuthNeeded,
            "the token may not push to `org/fleet`",
        ),
        (aimed(ORIGIN), (), RemoteRefused, "no such repository: `org/fleet`"),
    ],
)
def test_a_repository_that_cannot_be_used_is_refused_before_anything_is_pushed(aim, known, error, words):
    with pytest.raises(HubctlError) as caught:
        settled(aim, *known)
    assert (type(caught.value), caught.value.message) == (error, words)
