"""What GitHub may refuse when it is written to, row by row: one message, one exit code, nothing done twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hubctl.proposals.forge import AlreadyExists, CommentRefused, NoCommits, PullRequest
from hubctl.proposals.github import GitHub
from tests.forge import Fault
from tests.proposals.github_parts import BRANCH, HTML, NEW, PULLS, client, failure, forge_with_branch, said, waits


@pytest.fixture
def forge(tmp_path: Path):
    with forge_with_branch(tmp_path) as running:
        yield running


def by_hand(forge) -> str:
    return f"open the pull request by hand: {forge.url}/acme/fleet/compare/main...acme:{BRANCH}"


@dataclass(frozen=True)
class Row:
    """An answer to `POST /pulls`, and what is told; `hint` ends with the compare URL where `by_hand`."""

    status: int
    body: str
    kind: str
    code: str
    message: str
    hint: str | None = None
    by_hand: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    calls: int = 1


def invalid(**words: str) -> str:
    return said("Validation Failed", {"resource": "PullRequest", **words})


MAY_NOT = "the token from `GH_TOKEN` may not do this in `acme/fleet`: "
PERMISSIONS = ("X-Accepted-GitHub-Permissions", "pull_requests=write; contents=read")
ROWS = {
    "a token that is not known": Row(
        401, said("Bad credentials"), "AuthNeeded", "credentials",
        "GitHub does not accept the token from `GH_TOKEN`: Bad credentials", "put a valid token into `GH_TOKEN`",
    ),
    "an integration without the right": Row(
        403, said("Resource not accessible by integration"), "MissingRight", "credentials",
        f"{MAY_NOT}Resource not accessible by integration",
        "GitHub asks for one of these permissions: pull_requests=write; contents=read",
        by_hand=True, headers=(PERMISSIONS,),
    ),
    "a personal token without the right": Row(
        403, said("Resource not accessible by personal access token"), "MissingRight", "credentials",
        f"{MAY_NOT}Resource not accessible by personal access token", by_hand=True,
    ),
    "a workflow that may not": Row(
        403, said("GitHub Actions is not permitted to create or approve pull requests."), "MissingRight",
        "credentials", "GitHub refused: GitHub Actions is not permitted to create or approve pull requests.",
        "allow it under Settings, Actions, General, Workflow permissions, or use the token of a GitHub App",
        by_hand=True,
    ),
    "single sign-on on the last allowed call": Row(
        403, said("Resource protected by organization SAML enforcement."), "MissingRight", "credentials",
        "the organisation wants single sign-on for the token from `GH_TOKEN`",
        "authorise it at https://github.com/orgs/acme/sso?authorization_request=A1", by_hand=True,
        headers=(("X-GitHub-SSO", "required; url=https://github.com/orgs/acme/sso?authorization_request=A1"),
                 ("X-RateLimit-Remaining", "0")),
    ),
    "an archived repository": Row(
        403, said("Repository was archived so is read-only."), "RemoteRefused", "archived",
        "`acme/fleet` is archived: it takes no pull requests",
    ),
    "a proxy that forbids": Row(
        403, HTML, "RemoteRefused", "refused",
        "refused on the way to GitHub: status 403, with a body that is not GitHub's",
    ),
    "a repository that is not there": Row(
        404, said("Not Found"), "Missing", "not-found",
        "`acme/fleet` or a part of it does not exist, or the token from `GH_TOKEN` may not see it",
        "check the name (`--repo OWNER/NAME`) and the repositories the token was made for",
    ),
    "an empty repository": Row(
        409, said("Git Repository is empty."), "RemoteRefused", "empty",
        "`acme/fleet` is empty: it has no commit to start from",
    ),
    "a head that is not there": Row(
        422, invalid(field="head", code="invalid"), "RemoteRefused", "refused",
        f"GitHub finds no branch `acme:{BRANCH}` in `acme/fleet` or its forks",
        "check that the branch was pushed to a fork of this repository", calls=3,
    ),
    "a base that is not there": Row(
        422, invalid(field="base", code="invalid"), "RemoteRefused", "refused",
        "`acme/fleet` has no branch `main` to merge into", "use `--base BRANCH`",
    ),
    "no drafts": Row(
        422, said("Draft pull requests are not supported in this repository."), "RemoteRefused", "refused",
        "`acme/fleet` takes no draft pull requests", "run again without `--draft`",
    ),
    "no maintainer edits, whatever is sent": Row(
        422, invalid(code="custom", message="Fork collab can't be granted by someone without permission"),
        "Unprocessable", "refused",
        "GitHub refused: Validation Failed: Fork collab can't be granted by someone without permission", calls=2,
    ),
    "a protected branch": Row(
        422, said("Validation Failed", "You're not authorized to push to this branch. protected branch hook declined"),
        "Unprocessable", "refused", "GitHub refused: Validation Failed: You're not authorized to push to this branch."
        " protected branch hook declined",
        "a rule of the repository protects this branch: let hubctl's account push to `hubctl/*`",
    ),
    "changes by pull request only": Row(
        422, said("Changes must be made through a pull request."), "Unprocessable", "refused",
        "GitHub refused: Changes must be made through a pull request.",
        "a rule of the repository takes no pushes to this branch: let hubctl push to `hubctl/*`",
    ),
    "signed commits only": Row(
        422, said("Commits must have verified signatures."), "Unprocessable", "refused",
        "GitHub refused: Commits must have verified signatures.",
        "a rule of the repository wants signed commits: set `commit.gpgsign` and a key that GitHub knows",
    ),
    "a state that cannot be changed": Row(
        422, invalid(message="state cannot be changed. The topic branch was force-pushed or recreated."),
        "Unprocessable", "refused",
        "GitHub refused: Validation Failed: state cannot be changed. The topic branch was force-pushed or recreated.",
    ),
    "issues switched off": Row(
        410, said("Issues has been disabled in this repository."), "NoComments", "no-comment",
        "`acme/fleet` has this switched off: Issues has been disabled in this repository.",
    ),
    "no answer that can be read": Row(
        502, HTML, "Lost", "no-answer", "GitHub failed: status 502, with a body that is not GitHub's",
        "try again later", calls=3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_refused_pull_request_is_one_message_and_one_exit_code(forge, row):
    forge.faults.append(Fault("POST", "/pulls$", status=row.status, body=row.body, headers=dict(row.headers), times=99))
    hint = "; ".join(part for part in (row.hint, by_hand(forge) if row.by_hand else None) if part) or None
    exit_code = 4 if row.code == "credentials" else 1
    assert failure(lambda: client(forge).create(NEW)) == (row.kind, exit_code, row.code, row.message, hint)
    assert (forge.writes(), forge.pulls) == ([f"POST {PULLS}"] * row.calls, [])


RACES = [
    (invalid(code="custom", message=f"A pull request already exists for acme:{BRANCH}."), AlreadyExists()),
    (said("Validation Failed", f"A pull request already exists for acme:{BRANCH}."), AlreadyExists()),
    (said("Reference already exists"), AlreadyExists()),
    (said("Reference does not exist"), AlreadyExists()),
    (said("Update is not a fast forward"), AlreadyExists()),
    (invalid(code="custom", message=f"No commits between main and {BRANCH}"), NoCommits()),
    (said("Validation Failed", f"No commits between main and {BRANCH}"), NoCommits()),
]


@pytest.mark.parametrize(("body", "expected"), RACES)
def test_a_race_is_a_result_to_decide_by_again(forge, body, expected):
    forge.faults.append(Fault("POST", "/pulls$", status=422, body=body))
    assert client(forge).create(NEW) == expected
    assert len(forge.log) == 1


def test_what_exists_already_after_a_lost_answer_was_just_opened(forge):
    """The list of pull requests may be a moment behind."""
    forge.faults.append(Fault("POST", "/pulls$", cut=True, applies=True))
    forge.faults.append(Fault("GET", "/pulls$", status=200, body="[]"))
    made = client(forge).create(NEW)
    assert isinstance(made, PullRequest)
    assert [str(call) for call in forge.log] == [f"POST {PULLS}", f"GET {PULLS}"] * 2
    assert [pull.number for pull in forge.pulls] == [1]


def test_maintainer_edits_nobody_may_grant_are_not_asked_for_again(forge):
    body = invalid(code="custom", message="Fork collab can't be granted by someone without permission")
    forge.faults.append(Fault("POST", "/pulls$", status=422, body=body))
    forge.faults.append(Fault("POST", "/pulls$", cut=True))
    made = client(forge).create(replace(NEW, maintainer_can_modify=True))
    assert isinstance(made, PullRequest)
    assert (forge.writes(), forge.pull(1).maintainer_can_modify) == ([f"POST {PULLS}"] * 3, False)


WRITES: dict[str, tuple[str, str, Callable[[GitHub], object]]] = {
    "create": ("POST", "/pulls$", lambda github: github.create(NEW)),
    "update": ("PATCH", "/pulls/1$", lambda github: github.update(1, title="New")),
    "close": ("PATCH", "/pulls/1$", lambda github: github.close(1)),
    "label": ("POST", "/labels$", lambda github: github.add_labels(1, ("images",))),
    "comment": ("POST", "/issues/1/comments$", lambda github: github.comment(1, "Held.")),
    "edit": ("PATCH", "/issues/comments/1$", lambda github: github.edit_comment(1, "Free.")),
    "delete": ("DELETE", "/issues/comments/1$", lambda github: github.delete_comment(1)),
    "fork": ("POST", "/forks$", lambda github: github.fork()),
}


def prepared(forge, name: str) -> None:
    if name != "create":
        forge.open_pull(BRANCH)
    if name in {"edit", "delete"}:
        forge.comment(1, "Held.", user="hubctl-bot")


@pytest.mark.parametrize("name", WRITES)
def test_a_write_is_not_sent_again_while_a_look_gets_no_answer(forge, name):
    method, path, write = WRITES[name]
    prepared(forge, name)
    github = client(forge, wait=0)
    quiet = Fault("GET", "", status=502, body=HTML, times=99)
    dead = Fault(method, path, cut=True, applies=True, before=lambda: forge.faults.append(quiet))
    forge.faults.append(dead)
    kind, exit_code, code, _, hint = failure(lambda: write(github))
    assert (kind, exit_code, code) == ("Lost", 1, "no-answer")
    assert hint == "whether it was done is not known: run the same command again, it looks first"
    assert len(forge.writes()) == 1


@pytest.mark.parametrize("name", WRITES)
def test_a_secondary_limit_keeps_a_write_out_and_it_is_sent_once_more(forge, name):
    method, path, write = WRITES[name]
    prepared(forge, name)
    headers = {"Retry-After": "3"}
    limit = said("You have exceeded a secondary rate limit and have been temporarily blocked.")
    forge.faults.append(Fault(method, path, status=403, headers=headers, body=limit))
    github = client(forge)
    write(github)
    assert (waits(github), len(forge.writes())) == ([3.0], 2)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["create", "comment", "delete"])
def test_a_write_that_takes_too_long_is_looked_up(forge, name):
    method, path, write = WRITES[name]
    prepared(forge, name)
    forge.faults.append(Fault(method, path, status=200, body=HTML * 9, drip=0.01, applies=True))
    write(client(forge, seconds=0.4))
    assert len(forge.writes()) == 1


@pytest.mark.parametrize(
    ("name", "status"), [*((name, 307) for name in WRITES), ("create", 301), ("update", 302), ("label", 308)]
)
def test_no_write_follows_a_redirect_and_the_present_name_is_told(forge, name, status):
    method, path, write = WRITES[name]
    prepared(forge, name)
    forge.rename("acme/new-fleet")
    forge.faults.append(Fault(method, path, status=status, headers={"Location": "/repositories/1/x"}, body="{}"))
    assert failure(lambda: write(client(forge))) == (
        "RemoteRefused",
        1,
        "moved",
        "`acme/fleet` was renamed or moved: nothing is written through a redirect",
        "it is now `acme/new-fleet`: use `--repo acme/new-fleet`",
    )
    assert len(forge.writes()) == 1


def test_a_comment_that_is_not_taken_is_told_apart_from_a_missing_right(forge):
    forge.open_pull(BRANCH)
    forge.pull(1).locked = True
    forge.account("reader", "eve")
    kind, exit_code, code, message, _ = failure(lambda: client(forge, token="reader").comment(1, "Held."))
    assert (kind, exit_code, code) == (CommentRefused.__name__, 1, "no-comment")
    assert message == "the conversation is locked: Unable to create comment because issue is locked."


def test_what_a_workflow_may_open_is_the_workflows(forge):
    forge.account("ghs_job", "github-actions[bot]", "write", kind="Job")
    forge.repository.jobs_open = True
    github = client(forge, token="ghs_job")
    made = github.create(NEW)
    assert isinstance(made, PullRequest)
    assert (made.author, github.login()) == ("github-actions[bot]", None)
