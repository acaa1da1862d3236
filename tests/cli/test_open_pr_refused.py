"""What `--open-pr` refuses: one clear message, the right exit code, nothing pushed, nothing written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.cli.forging import BRANCH, Scene, opened_scene, scene
from tests.forge.faults import Fault

pytestmark = pytest.mark.slow

REPOSITORY = r"^/repos/acme/fleet$"
FORBIDDEN = '{"message": "Resource not accessible by personal access token"}'
LIMITED = '{"message": "API rate limit exceeded for user ID 1."}'
SECONDARY = '{"message": "You have exceeded a secondary rate limit"}'


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        made.forge.log.clear()
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("shared")) as made:
        made.forge.add_repository("acme/image")
        made.forge.account("ghp_reader", "grace")
        yield made


@pytest.fixture
def untouched(shared: Scene) -> Iterator[Scene]:
    """One scene for all tests that change nothing of it: its log is empty, what goes wrong is forgotten after."""
    variables = dict(shared.playground.environment)
    shared.forge.log.clear()
    yield shared
    shared.forge.faults.clear()
    shared.playground.environment = variables


def refused(made: Scene, *words: str, at: Path | None = None, **variables: str) -> tuple[int, str, str]:
    """Run, and return exit code, code word and message of the refusal; the remote is as it was."""
    branches, before = made.branches(), made.traces()
    done = made.open(*words, at=at, **variables)
    assert made.branches() == branches
    assert made.forge.writes() == []
    assert made.traces() == before
    assert done.json["pull_requests"] == []
    assert done.err.count("error: ") == 1
    return done.code, done.json["error"]["code"], done.json["error"]["message"]


def test_without_a_token(untouched: Scene, tmp_path: Path) -> None:
    del untouched.playground.environment["GH_TOKEN"]
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gh").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin" / "gh").chmod(0o755)
    host = untouched.forge.url.removeprefix("http://")

    code, word, message = refused(untouched, PATH=f"{tmp_path}/bin:/usr/local/bin:/usr/bin:/bin")

    assert (code, word, message) == (4, "credentials", f"no token for `{host}`")
    assert untouched.forge.log == []


@pytest.mark.parametrize("name", ["GH_TOKEN", "GITHUB_TOKEN"])
def test_a_token_that_github_does_not_know(untouched: Scene, name: str) -> None:
    del untouched.playground.environment["GH_TOKEN"]

    code, word, message = refused(untouched, **{name: "ghp_unknown"})

    assert (code, word, message) == (
        4,
        "credentials",
        f"GitHub does not accept the token from `{name}`: Bad credentials",
    )


@pytest.mark.parametrize("name", ["GH_TOKEN", "GITHUB_TOKEN"])
def test_a_token_that_may_not_push(untouched: Scene, name: str) -> None:
    del untouched.playground.environment["GH_TOKEN"]

    code, word, message = refused(untouched, "--remote", "origin", **{name: "ghp_reader"})

    assert (code, word, message) == (4, "credentials", f"the token from `{name}` may not push to `acme/fleet`")


def archived(made: Scene) -> None:
    made.forge.repository.archived = True


def secret(made: Scene) -> None:
    made.forge.repository.private = True
    made.forge.repository.rights.clear()


def empty(made: Scene) -> None:
    made.forge.bare.delete("main")


def answers(status: int, body: str, path: str = REPOSITORY, **headers: str) -> Callable[[Scene], None]:
    """Let GitHub answer every GET of a path like this."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def prepare(made: Scene) -> None:
        made.forge.faults.append(Fault("GET", path, status, body, named, times=99))

    return prepare


@pytest.mark.parametrize(
    ("prepare", "code", "word", "said"),
    [
        (answers(403, FORBIDDEN), 4, "credentials", "the token from `GH_TOKEN` may not do this in `acme/fleet`"),
        (
            answers(403, FORBIDDEN, r"/pulls$", X_Accepted_GitHub_Permissions="pull_requests=read"),
            4,
            "credentials",
            "the token from `GH_TOKEN` may not do this in `acme/fleet`",
        ),
        (
            answers(403, '{"message": "Resource protected"}', X_GitHub_SSO="required; url=https://github.example/sso"),
            4,
            "credentials",
            "the organisation wants single sign-on for the token from `GH_TOKEN`",
        ),
        (answers(403, LIMITED, X_RateLimit_Remaining="0", X_RateLimit_Reset="4102444800"), 1, "rate-limit",
         "GitHub's rate limit resets 2100-01-01 00:00 UTC"),
        (answers(429, SECONDARY, Retry_After="30"), 1, "rate-limit", "GitHub's rate limit resets "),
        (answers(200, "<html>a portal</html>"), 1, "unreadable-answer", "GitHub's answer is not JSON"),
        (answers(502, "<html>Bad gateway</html>"), 1, "no-answer", "GitHub failed: status 502"),
        (answers(200, "[]"), 1, "unreadable-answer", "GitHub's answer has no repository that can be read"),
        (answers(302, "", Location="https://elsewhere.example/x"), 1, "refused", "points to another host"),
        (answers(404, '{"message": "Not \\u001b[31mFound"}'), 1, "not-found", "does not exist"),
    ],
)  # fmt: skip
def test_what_github_refuses(
    untouched: Scene, prepare: Callable[[Scene], None], code: int, word: str, said: str
) -> None:
    prepare(untouched)
    found = refused(untouched, "--max-wait", "0")

    assert found[:2] == (code, word)
    assert said in found[2]


@pytest.mark.parametrize(
    ("prepare", "word", "said"),
    [
        (archived, "archived", "`acme/fleet` is archived: it takes no branch and no pull request"),
        (
            secret,
            "not-found",
            "`acme/fleet` or a part of it does not exist, or the token from `GH_TOKEN` may not see it",
        ),
        (empty, "empty", "`origin` has no branch `main`: it is empty"),
    ],
)
def test_a_repository_that_takes_nothing(fresh: Scene, prepare: Callable[[Scene], None], word: str, said: str) -> None:
    prepare(fresh)

    assert refused(fresh) == (1, word, said)


@pytest.mark.parametrize(
    ("words", "variables", "code", "message"),
    [
        (("--repo", "acme/image"), {}, 1, "`acme/image` has no branch `main`: it is empty"),
        (("--repo", "acme/image", "--remote", "origin"), {}, 1,
         "the remote `origin` is `acme/fleet`: neither `acme/image` nor a fork of it"),
        ((), {"GH_REPO": "acme/image"}, 1,
         "the remote `origin` is `acme/fleet`: neither `acme/image` nor a fork of it"),
        ((), {"GITHUB_REPOSITORY": "acme/image"}, 1,
         "the remote `origin` is `acme/fleet`: neither `acme/image` nor a fork of it"),
        (("--repo", "acme/nowhere"), {}, 1,
         "`acme/nowhere` or a part of it does not exist, or the token from `GH_TOKEN` may not see it"),
        (("--remote", "orign"), {}, 1, "no such remote: `orign`"),
        (("--base", "nowhere"), {}, 1, "no branch `nowhere` at `origin`"),
        (("--base", "-x"), {}, 1, "not a branch name: `-x`"),
    ],
)  # fmt: skip
def test_names_that_do_not_fit(
    untouched: Scene, words: tuple[str, ...], variables: Mapping[str, str], code: int, message: str
) -> None:
    found = refused(untouched, *words, **variables)

    assert (found[0], found[2]) == (code, message)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"GITHUB_API_URL": "https://[half"}, "`GITHUB_API_URL` has to be an https address: `https://[half`"),
        ({"GITHUB_API_URL": "https://x.example:port"}, "`GITHUB_API_URL` has to be an https address"),
        ({"GITHUB_API_URL": "http://api.github.com"}, "`GITHUB_API_URL` has to be an https address"),
        ({"GITHUB_API_URL": "https://me:pw@api.github.com"}, "`https://api.github.com`"),
        ({"GITHUB_REPOSITORY": "fleet"}, "`GITHUB_REPOSITORY` is not `OWNER/NAME`: `fleet`"),
        ({"GH_REPO": "a/b/c/d"}, "`GH_REPO` is not `OWNER/NAME`"),
    ],
)
def test_variables_that_cannot_be_read_are_usage(untouched: Scene, variables: Mapping[str, str], said: str) -> None:
    done = untouched.open(**variables)

    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "pw" not in done.err
    assert untouched.forge.log == []


def test_a_remote_whose_address_is_none(fresh: Scene) -> None:
    fresh.git("remote", "set-url", "origin", "https://[half/acme/fleet.git")

    code, _, message = refused(fresh, "--repo", "acme/fleet")

    assert (code, message) == (1, "the remote `origin` has an address that is none: `https://[half/acme/fleet.git`")


def test_a_remote_that_is_a_local_path_names_no_repository(fresh: Scene) -> None:
    fresh.git("remote", "set-url", "origin", str(fresh.forge.bare_path))

    code, _, message = refused(fresh)

    assert (code, message) == (1, "the remote `origin` is a local path and names no repository")
    assert fresh.proposed(GITHUB_REPOSITORY="acme/fleet") == (("created",),)


def test_without_a_git_repository(fresh: Scene, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    (fresh.root / "config").rename(plain)
    plain.rename(tmp_path / "config")

    done = fresh.open(at=tmp_path)

    assert (done.code, done.json["error"]["code"]) == (1, "no-repository")
    assert "a pull request needs a clone" in done.err


def test_without_any_remote(fresh: Scene) -> None:
    fresh.git("remote", "remove", "origin")

    assert refused(fresh)[2] == "there is no remote to push to"


@pytest.mark.slow
def test_without_an_identity_to_commit_with(untouched: Scene, tmp_path: Path) -> None:
    (tmp_path / "nobody").mkdir()

    code, _, message = refused(untouched, HOME=str(tmp_path / "nobody"))

    assert (code, message) == (1, "git does not know who commits")


@pytest.mark.slow
def test_a_server_that_declines_the_push_is_quoted_and_nothing_is_proposed(fresh: Scene) -> None:
    hook = fresh.forge.bare_path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nprintf 'no \\033[31mimages\\033[0m on Mondays\\n' >&2\nexit 1\n")
    hook.chmod(0o755)

    done = fresh.open()

    assert (done.code, done.json["pull_requests"]) == (1, [])
    assert "no \\u001b[31mimages\\u001b[0m on Mondays" in done.json["error"]["message"]
    assert "\x1b" not in done.err
    assert fresh.forge.writes() == ["POST /acme/fleet.git/git-receive-pack"]


@pytest.mark.slow
def test_a_job_that_may_push_but_not_open_pull_requests_gets_the_address_to_do_it_by_hand(fresh: Scene) -> None:
    fresh.forge.account("ghs_job", "github-actions[bot]", "write", kind="Job")

    done = fresh.open(GH_TOKEN="ghs_job")

    assert (done.code, done.json["pull_requests"]) == (4, [])
    assert "not permitted to create or approve pull requests" in done.json["error"]["message"]
    assert f"/acme/fleet/compare/main...acme:{BRANCH}" in done.json["error"]["hint"]
    assert f"`{BRANCH}` is pushed" in done.json["error"]["hint"]
    assert fresh.proposed() == (("created",),)


def test_labels_and_reviewers_that_failed_are_warnings(fresh: Scene) -> None:
    fresh.forge.faults.append(Fault("POST", r"/labels$", 403, FORBIDDEN, times=9))

    done = fresh.open("--label", "images", "--reviewer", "mallory", "--reviewer", "ada")

    [made] = done.json["pull_requests"]
    assert (done.code, made["operation"], len(made["warnings"])) == (0, "created", 2)
    assert "labels were not added" in made["warnings"][0]
    assert "`mallory` was not asked for a review" in made["warnings"][1]
    assert (fresh.forge.pulls[0].labels, fresh.forge.pulls[0].reviewers) == ([], ["ada"])
    assert done.err.count("warning: ") == 2


def test_a_dry_run_sends_nothing_that_writes(tmp_path: Path) -> None:
    with opened_scene(tmp_path) as made:
        made.newer()
        before, tip = made.traces(), made.tip()

        dry = made.run("bump-image", "leap", "--open-pr", "--dry-run")
        check = made.run("bump-image", "leap", "--open-pr", "--check", "--json")

        assert (dry.code, check.code) == (0, 8)
        assert "+      tag: 2026.06.10 # the day it was built\n" in dry.out
        assert check.json["pull_requests"] == []
        assert made.forge.writes() == []
        assert (made.traces(), made.tip()) == (before, tip)
