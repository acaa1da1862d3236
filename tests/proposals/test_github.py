"""GitHub as a forge, against the double: what is asked, what comes back, what is done again and what never is."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from github import Auth
from github import Github as PyGithub

from hubctl.adapters.http import Http
from hubctl.errors import AuthNeeded, HubctlError, RemoteRefused
from hubctl.proposals.forge import AlreadyExists, ForgeRepository, NewPullRequest, NoCommits, PullRequest, Review
from hubctl.proposals.github import GitHub
from hubctl.proposals.github_api import Api
from hubctl.proposals.github_refusal import Token
from hubctl.secret import Secret
from tests.forge import TOKEN, Fault, Forge, start_forge

BRANCH = "hubctl/bump-image/cluster-leap"
NEW = NewPullRequest("[leap] bump", "Body\n", f"acme:{BRANCH}", "main", draft=True)
PULLS = "/repos/acme/fleet/pulls"


class Patience:
    """A budget with a virtual clock: it notes each wait and sleeps none."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        if seconds > self.left:
            return False
        self.left -= seconds
        self.waits.append(seconds)
        return True


@pytest.fixture
def forge(tmp_path: Path):
    with start_forge(tmp_path, "acme", "fleet", {"config/a.yaml": "tag: '1'\n"}) as running:
        running.commit(BRANCH, {"config/a.yaml": "tag: '2'\n"}, "[leap] bump", onto="main")
        yield running


def client(
    forge: Forge, *, wait: float = 120, token: str = TOKEN, source: str = "GH_TOKEN", seconds: float = 30
) -> GitHub:
    return GitHub(Api(Http(os.environ), Patience(wait), forge.url, "acme/fleet", Token(Secret(token), source), seconds))


def waits(github: GitHub) -> list[float]:
    patience = github.api.patience
    assert isinstance(patience, Patience)
    return patience.waits


def told(problem: pytest.ExceptionInfo[HubctlError]) -> tuple[int, str, str | None]:
    return problem.value.exit_code, problem.value.message, problem.value.hint


def test_a_repository_says_what_a_proposal_must_know(forge):
    assert client(forge).repository() == ForgeRepository("acme/fleet", "main", can_push=True)


def test_a_fork_names_its_parent_and_what_the_token_may_do_there(forge):
    forge.fork("ada")
    found = client(forge).repository("ada/fleet")
    assert found == ForgeRepository("ada/fleet", "main", can_push=False, fork=True, parent="acme/fleet")


def test_a_renamed_repository_is_read_under_its_present_name(forge):
    forge.rename("acme/new-fleet")
    assert client(forge).repository().full_name == "acme/new-fleet"
    assert [str(call) for call in forge.log] == ["GET /repos/acme/fleet", "GET /repositories/1"]


def test_the_login_is_that_of_the_token(forge):
    assert client(forge).login() == "hubctl-bot"


def test_an_app_has_no_login_to_tell(forge):
    forge.account("ghs_app", "hubctl[bot]", "write", kind="App")
    assert client(forge, token="ghs_app").login() is None


def test_a_created_pull_request_is_returned_as_it_stands(forge):
    made = client(forge).create(NEW)
    assert made == PullRequest(
        number=1,
        url="https://github.example/acme/fleet/pull/1",
        state="open",
        merged=False,
        draft=True,
        title="[leap] bump",
        body="Body\n",
        head_ref=BRANCH,
        head_label=f"acme:{BRANCH}",
        head_sha=forge.bare.tip(BRANCH),
        head_repository="acme/fleet",
        base_ref="main",
        author="hubctl-bot",
        author_association="MEMBER",
    )
    assert forge.picture() == (
        f"{BRANCH}: main + ['[leap] bump'] changes ['config/a.yaml']\n"
        "main: 1 commits, last: Start\n"
        f"#1 open draft acme:{BRANCH} -> main: [leap] bump\n"
    )


def test_the_pull_requests_of_a_branch_come_in_every_state_newest_first(forge):
    for _ in range(3):
        forge.open_pull(BRANCH)
    forge.close(1)
    forge.commit("other", {"b": "1"}, onto="main")
    forge.open_pull("other")
    github = client(forge)
    assert [(pull.number, pull.state) for pull in github.pulls_of("acme", BRANCH)] == [
        (3, "open"),
        (2, "open"),
        (1, "closed"),
    ]
    assert [pull.number for pull in github.pulls_of("ACME", "other")] == [4]
    assert github.pulls_of("ada", BRANCH) == ()


def test_all_pages_of_open_pull_requests_are_read(forge):
    for _ in range(103):
        forge.open_pull(BRANCH)
    assert [pull.number for pull in client(forge).open_pulls("main")] == list(range(103, 0, -1))
    assert len(forge.log) == 2


def test_deleted_users_and_forks_are_no_trouble(forge):
    fork = forge.fork("ada")
    forge.commit("topic", {"b": "1"}, onto="main", repository=fork)
    forge.open_pull("topic", head=fork, author=None, body=None)
    fork.deleted = True
    (found,) = client(forge).pulls_of("ada", "topic")
    assert (found.author, found.body, found.head_repository, found.state) == (None, "", None, "closed")


def test_only_reviews_that_decide_are_listed_in_their_order(forge):
    forge.open_pull(BRANCH)
    for user, state in (("ada", "COMMENTED"), ("ada", "APPROVED"), ("grace", "CHANGES_REQUESTED"), (None, "DISMISSED")):
        forge.review(1, state, user)
    assert client(forge).reviews(1) == (
        Review("ada", "APPROVED"),
        Review("grace", "CHANGES_REQUESTED"),
        Review("ghost", "DISMISSED"),
    )


def test_an_update_changes_what_was_given_and_nothing_else(forge):
    forge.open_pull(BRANCH, title="Old", body="Mine")
    assert client(forge).update(1, title="New").body == "Mine"
    assert (forge.pull(1).title, forge.pull(1).body) == ("New", "Mine")


def test_labels_are_added_to_those_that_stand(forge):
    forge.open_pull(BRANCH).labels.append("by-hand")
    assert client(forge).add_labels(1, ("images", "By-Hand")) == ("by-hand", "images")


def test_reviewers_and_teams_are_asked(forge):
    forge.open_pull(BRANCH, author="hubctl-bot")
    assert client(forge).request_reviewers(1, ("ada", "grace"), ("maintainers",)) == ()
    assert (forge.pull(1).reviewers, forge.pull(1).teams) == (["ada", "grace"], ["maintainers"])


def test_who_cannot_be_asked_is_named_and_the_others_are_asked(forge):
    forge.open_pull(BRANCH, author="hubctl-bot")
    author, stranger, team = client(forge).request_reviewers(1, ("hubctl-bot", "ada", "eve"), ("ghosts",))
    refused = "was not asked for a review: GitHub refused:"
    assert author == f"`hubctl-bot` {refused} Review cannot be requested from pull request author."
    assert stranger.startswith(f"`eve` {refused} Reviews may only be requested from collaborators.")
    assert team == f"`ghosts` {refused} Could not resolve to a node with the global id of 'T_kwDO'."
    assert forge.pull(1).reviewers == ["ada"]


def test_reviewers_nobody_may_ask_are_warnings(forge):
    forge.open_pull(BRANCH)
    forge.account("reader", "eve")
    said = "the token from `GH_TOKEN` may not do this in `acme/fleet`: Resource not accessible by personal access token"
    assert client(forge, token="reader").request_reviewers(1, ("ada",), ("maintainers",)) == (
        f"`ada` was not asked for a review: {said}",
        f"`maintainers` was not asked for a review: {said}",
    )


def test_one_pull_request_for_a_head_and_a_base(forge):
    forge.open_pull(BRANCH)
    assert client(forge).create(NEW) == AlreadyExists()


def test_of_twelve_that_open_the_same_pull_request_one_does(forge):
    clients = [client(forge) for _ in range(12)]
    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(lambda github: github.create(NEW), clients))
    assert sorted(type(result).__name__ for result in results) == ["AlreadyExists"] * 11 + ["PullRequest"]
    assert [pull.number for pull in forge.pulls] == [1]


def test_a_refusal_nobody_foresaw_is_told_as_github_put_it(forge):
    with pytest.raises(RemoteRefused) as problem:
        client(forge).create(replace(NEW, title="x" * 257))
    assert told(problem) == (
        1,
        "GitHub refused: Validation Failed: title is too long (maximum is 256 characters)",
        None,
    )


def test_nothing_between_base_and_head_is_a_merge_that_was_faster(forge):
    forge.bare.point(BRANCH, forge.bare.tip("main"))
    assert client(forge).create(NEW) == NoCommits()


@pytest.mark.parametrize("applies", [True, False])
@pytest.mark.parametrize(
    "fault", [{"cut": True}, {"status": 502, "body": "<html>Unicorn!</html>"}, {"status": 201, "body": "<p>"}]
)
def test_a_lost_answer_to_a_creation_is_looked_up_before_it_is_sent_again(forge, fault, applies):
    forge.faults.append(Fault("POST", "/pulls$", applies=applies, **fault))
    github = client(forge)
    made = github.create(NEW)
    assert isinstance(made, PullRequest)
    assert [pull.number for pull in forge.pulls] == [1]
    expected = [f"POST {PULLS}", f"GET {PULLS}"] + ([] if applies else [f"POST {PULLS}"])
    assert [str(call) for call in forge.log] == expected


@pytest.mark.parametrize("applies", [True, False])
def test_a_lost_answer_to_an_update_is_looked_up_before_it_is_sent_again(forge, applies):
    forge.open_pull(BRANCH)
    forge.faults.append(Fault("PATCH", "/pulls/1$", cut=True, applies=applies))
    assert client(forge).update(1, body="New\n").body == "New\n"
    expected = [f"PATCH {PULLS}/1", f"GET {PULLS}/1"] + ([] if applies else [f"PATCH {PULLS}/1"])
    assert [str(call) for call in forge.log] == expected


@pytest.mark.parametrize("applies", [True, False])
def test_a_lost_answer_to_labels_and_reviewers_is_looked_up_too(forge, applies):
    forge.open_pull(BRANCH, author="hubctl-bot")
    forge.faults.append(Fault("POST", "/labels$", cut=True, applies=applies))
    forge.faults.append(Fault("POST", "/requested_reviewers$", status=500, applies=applies))
    github = client(forge)
    assert github.add_labels(1, ("images",)) == ("images",)
    assert github.request_reviewers(1, ("ada",), ()) == ()
    assert (
        forge.picture().splitlines()[-1]
        == f"#1 open acme:{BRANCH} -> main: By hand labels ['images'] reviewers ['ada']"
    )
    assert len(forge.writes()) == (2 if applies else 4)


def test_a_write_that_never_gets_an_answer_ends(forge):
    forge.faults.append(Fault("POST", "/pulls$", cut=True, times=99))
    with pytest.raises(RemoteRefused, match=r"no answer from `127\.0\.0\.1:") as problem:
        client(forge).create(NEW)
    assert (problem.value.code, forge.writes()) == ("no-answer", [f"POST {PULLS}"] * 3)


def test_a_fork_whose_owner_is_another_gets_no_maintainer_edits(forge):
    fork = forge.fork("ada")
    forge.commit("topic", {"b": "1"}, onto="main", repository=fork)
    made = client(forge).create(NewPullRequest("T", "B", "ada:topic", "main"))
    assert isinstance(made, PullRequest)
    assert (made.head_repository, forge.pull(1).maintainer_can_modify) == ("ada/fleet", False)


def test_a_fork_of_the_same_owner_is_named_by_its_repository(forge):
    fork = forge.fork("acme", "fleet-fork")
    forge.commit("topic", {"b": "1"}, onto="main", repository=fork)
    fork.rights["hubctl-bot"] = "write"
    made = client(forge).create(NewPullRequest("T", "B", "acme:topic", "main", head_repository="acme/fleet-fork"))
    assert isinstance(made, PullRequest)
    assert (made.head_repository, forge.pull(1).maintainer_can_modify) == ("acme/fleet-fork", True)


def test_a_branch_github_has_not_heard_of_yet_is_looked_for_twice_more(forge):
    with pytest.raises(RemoteRefused) as problem:
        client(forge).create(NewPullRequest("T", "B", "acme:none", "main"))
    assert told(problem) == (
        1,
        "GitHub finds no branch `acme:none` in `acme/fleet` or its forks",
        "check that the branch was pushed to a fork of this repository",
    )
    assert len(forge.writes()) == 3


def test_a_branch_that_arrives_late_is_found(forge):
    tip = forge.bare.tip(BRANCH)
    forge.bare.delete(BRANCH)
    github = client(forge)
    late = Fault("POST", "/pulls$", before=lambda: forge.bare.point(BRANCH, tip))
    forge.faults.extend([Fault("POST", "/pulls$"), late])
    assert isinstance(github.create(NEW), PullRequest)
    assert waits(github) == [1.0]


def test_a_base_that_does_not_exist_is_named(forge):
    with pytest.raises(RemoteRefused, match="`acme/fleet` has no branch `none` to merge into") as problem:
        client(forge).create(NewPullRequest("T", "B", f"acme:{BRANCH}", "none"))
    assert problem.value.hint == "use `--base BRANCH`"


def test_a_repository_without_drafts_is_told_apart(forge):
    forge.repository.drafts = False
    with pytest.raises(RemoteRefused, match="takes no draft pull requests") as problem:
        client(forge).create(NEW)
    assert problem.value.hint == "run again without `--draft`"


def test_a_new_pull_request_that_is_not_known_everywhere_yet_is_asked_again(forge):
    forge.open_pull(BRANCH)
    said = '{"message": "Could not resolve to a node with the global id of \'PR_1\'."}'
    forge.faults.append(Fault("POST", "/labels$", status=422, body=said, times=2))
    github = client(forge)
    assert github.add_labels(1, ("images",)) == ("images",)
    assert waits(github) == [1.0, 2.0]


def test_pygithub_reads_back_what_was_made(forge):
    ours = client(forge)
    ours.create(NEW)
    ours.add_labels(1, ("images",))
    ours.request_reviewers(1, ("ada",), ("maintainers",))
    ours.update(1, title="Better", body="Other\n")
    theirs = PyGithub(base_url=forge.url, auth=Auth.Token(TOKEN), retry=None)
    (found,) = theirs.get_repo("acme/fleet").get_pulls(head=f"acme:{BRANCH}", state="all")
    users, teams = found.get_review_requests()
    assert (
        (found.number, found.title, found.body, found.draft, found.head.ref, found.base.ref, found.user.login),
        [label.name for label in found.labels],
        [user.login for user in users],
        [team.slug for team in teams],
    ) == ((1, "Better", "Other\n", True, BRANCH, "main", "hubctl-bot"), ["images"], ["ada"], ["maintainers"])
    theirs.close()


def test_a_missing_right_is_told_with_what_github_asks_for(forge):
    forge.account("reader", "eve")
    forge.open_pull(BRANCH)
    with pytest.raises(AuthNeeded) as problem:
        client(forge, token="reader").add_labels(1, ("x",))
    assert told(problem) == (
        4,
        "the token from `GH_TOKEN` may not do this in `acme/fleet`: Resource not accessible by personal access token",
        "GitHub asks for one of these permissions: issues=write; pull_requests=write",
    )


def test_a_write_to_a_renamed_repository_names_the_new_one_and_is_not_sent_on(forge):
    forge.rename("acme/new-fleet")
    with pytest.raises(RemoteRefused) as problem:
        client(forge).create(NEW)
    assert told(problem) == (
        1,
        "`acme/fleet` was renamed or moved: nothing is written through a redirect",
        "it is now `acme/new-fleet`: use `--repo acme/new-fleet`",
    )
    assert forge.writes() == [f"POST {PULLS}"]


def test_an_archived_repository_takes_nothing(forge):
    forge.repository.archived = True
    github = client(forge)
    assert github.repository().archived
    with pytest.raises(RemoteRefused, match="`acme/fleet` is archived: it takes no pull requests") as problem:
        github.create(NEW)
    assert (problem.value.exit_code, problem.value.code) == (1, "archived")


def test_a_job_that_may_not_open_pull_requests_gets_the_url_to_do_it_by_hand(forge):
    forge.account("ghs_job", "github-actions[bot]", "write", kind="Job")
    with pytest.raises(AuthNeeded) as problem:
        client(forge, token="ghs_job").create(NEW)
    hint = "allow it under Settings, Actions, General, Workflow permissions, or use the token of a GitHub App"
    by_hand = f"open the pull request by hand: {forge.url}/acme/fleet/compare/main...acme:{BRANCH}"
    said = "GitHub refused: GitHub Actions is not permitted to create or approve pull requests."
    assert told(problem) == (4, said, f"{hint}; {by_hand}")


def test_nothing_is_asked_before_the_first_call(forge):
    client(forge)
    assert forge.log == []
