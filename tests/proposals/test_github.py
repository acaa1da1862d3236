"""GitHub as a forge, against the double: what is asked and what comes back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from github import Auth
from github import Github as PyGithub

from hubctl import __version__
from hubctl.proposals.forge import AlreadyExists, ForgeRepository, NoCommits, PullRequest, Review
from tests.forge import TOKEN, Fault
from tests.proposals.github_parts import BRANCH, NEW, PULLS, client, forge_with_branch

HIDDEN = "the token of an App sees teams only with the permission `members: read`"


@pytest.fixture
def forge(tmp_path: Path):
    with forge_with_branch(tmp_path) as running:
        yield running


def test_a_repository_says_what_a_proposal_must_know(forge):
    assert client(forge).repository() == ForgeRepository(
        "acme/fleet", "main", can_push=True, can_triage=True, clone_url=f"{forge.url}/acme/fleet.git"
    )


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


@pytest.mark.slow
def test_all_pages_of_open_pull_requests_are_read(forge):
    for _ in range(103):
        forge.open_pull(BRANCH)
    assert [pull.number for pull in client(forge).open_pulls("main")] == list(range(103, 0, -1))
    assert len(forge.log) == 2


@pytest.mark.slow
@pytest.mark.parametrize(("count", "listed", "whole"), [(99, 99, True), (100, 100, False), (103, 100, False)])
def test_the_newest_pull_requests_are_one_page_that_says_whether_it_is_all(forge, count, listed, whole):
    for number in range(count):
        forge.open_pull(BRANCH).state = "open" if number % 2 else "closed"
    newest, complete = client(forge).newest_pulls()
    assert [pull.number for pull in newest] == list(range(count, count - listed, -1))
    assert (complete, {pull.state for pull in newest}, len(forge.log)) == (whole, {"open", "closed"}, 1)


def test_a_pull_request_of_a_deleted_fork_may_have_no_label(forge):
    forge.open_pull(BRANCH)
    entry = client(forge).api.read(f"{PULLS}/1")
    assert isinstance(entry, dict)
    gone = entry | {"head": entry["head"] | {"label": None, "repo": None, "user": None}, "user": None}
    forge.faults.append(Fault("GET", "/pulls$", status=200, body=json.dumps([gone])))
    (pull,), _ = client(forge).newest_pulls()
    assert (pull.head_label, pull.head_ref, pull.head_repository, pull.author) == ("", BRANCH, None, None)


def test_of_closed_pull_requests_those_are_listed_that_were_not_merged(forge):
    forge.commit("other", {"b": "1"}, onto="main")
    forge.commit("release", {"c": "1"}, onto="main")
    for branch, base in ((BRANCH, "main"), ("other", "main"), (BRANCH, "main"), (BRANCH, "release"), (BRANCH, "main")):
        forge.open_pull(branch, base=base)
    for number in (1, 4, 5):
        forge.close(number)
    forge.merge(2)
    assert [(pull.number, pull.closed_at) for pull in client(forge).closed_pulls("main")] == [
        (5, "2026-01-01T00:00:00Z"),
        (1, "2026-01-01T00:00:00Z"),
    ]


def test_closed_pull_requests_are_read_as_far_back_as_three_pages(forge):
    forge.open_pull(BRANCH).state = "closed"
    entry = client(forge).api.read(f"{PULLS}/1")
    headers = {"Link": f'<{PULLS}?page=2>; rel="next"'}
    body = json.dumps([entry] * 100)
    forge.faults.append(Fault("GET", "/pulls$", status=200, headers=headers, body=body, times=99))
    forge.log.clear()
    assert (len(client(forge).closed_pulls("main")), len(forge.log)) == (300, 3)


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
    forge.commit("release", {"c": "1"}, onto="main")
    github = client(forge)
    assert github.update(1, title="New").body == "Mine"
    assert (forge.pull(1).title, forge.pull(1).body, forge.pull(1).base) == ("New", "Mine", "main")
    assert github.update(1, base="release").base_ref == "release"


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
    assert team == f"`ghosts` {refused} Could not resolve to a node with the global id of 'T_kwDO'.; {HIDDEN}"
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


def test_nothing_between_base_and_head_is_a_merge_that_was_faster(forge):
    forge.bare.point(BRANCH, forge.bare.tip("main"))
    assert client(forge).create(NEW) == NoCommits()


@pytest.mark.slow
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


def test_every_call_says_which_version_it_speaks_and_who_asks(forge):
    client(forge).create(NEW)
    sent = forge.log[0].headers
    names = ("Accept", "X-GitHub-Api-Version", "Authorization", "Content-Type", "User-Agent")
    assert [sent[name] for name in names] == [
        "application/vnd.github+json",
        "2022-11-28",
        f"Bearer {TOKEN}",
        "application/json",
        f"hubctl/{__version__}",
    ]


def test_nothing_is_asked_before_the_first_call(forge):
    client(forge)
    assert forge.log == []
