"""Writing to GitHub: what is done again, what never is, and what is told where it cannot be done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from hubctl.errors import AuthNeeded, RemoteRefused
from hubctl.proposals.forge import ForgeRepository, NewPullRequest, PullRequest
from hubctl.proposals.github_opening import compare_url
from tests.forge import Fault
from tests.proposals.github_parts import BRANCH, NEW, PULLS, client, forge_with_branch, told, waits


@pytest.fixture
def forge(tmp_path: Path):
    with forge_with_branch(tmp_path) as running:
        yield running


def test_a_fork_names_its_parent_and_what_the_token_may_do_there(forge):
    fork = forge.fork("ada")
    found = client(forge).repository("ada/fleet")
    assert found == ForgeRepository(
        "ada/fleet",
        "main",
        can_push=False,
        fork=True,
        parent="acme/fleet",
        source="acme/fleet",
        can_triage=False,
        clone_url=forge.remote_url_of(fork),
    )


def test_deleted_users_and_forks_are_no_trouble(forge):
    fork = forge.fork("ada")
    forge.commit("topic", {"b": "1"}, onto="main", repository=fork)
    forge.open_pull("topic", head=fork, author=None, body=None)
    fork.deleted = True
    (found,) = client(forge).pulls_of("ada", "topic")
    assert (found.author, found.body, found.head_repository, found.state) == (None, "", None, "closed")


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
def test_a_lost_answer_to_a_change_of_base_is_looked_up_too(forge, applies):
    forge.commit("release", {"c": "1"}, onto="main")
    forge.open_pull(BRANCH, base="release")
    forge.faults.append(Fault("PATCH", "/pulls/1$", cut=True, applies=applies))
    assert client(forge).update(1, base="main").base_ref == "main"
    assert len(forge.writes()) == (1 if applies else 2)


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


def test_of_two_forks_of_one_owner_the_right_one_is_looked_up(forge):
    fork = forge.fork("acme", "fleet-fork")
    fork.rights["hubctl-bot"] = "write"
    forge.commit(BRANCH, {"b": "1"}, onto="main", repository=fork)
    forge.open_pull(BRANCH)
    forge.faults.append(Fault("POST", "/pulls$", cut=True))
    made = client(forge).create(replace(NEW, head_repository="acme/fleet-fork"))
    assert isinstance(made, PullRequest)
    assert (made.number, made.head_repository) == (2, "acme/fleet-fork")


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


NOT_YET = '{"message": "Could not resolve to a node with the global id of \'PR_1\'."}'
STEPS = [
    ("/labels$", lambda github: github.add_labels(1, ("images",)), ("images",)),
    ("/requested_reviewers$", lambda github: github.request_reviewers(1, ("ada",), ()), ()),
    ("/assignees$", lambda github: github.add_assignees(1, ("ada",)), ()),
]


@pytest.mark.parametrize(("path", "step", "expected"), STEPS)
def test_a_pull_request_of_this_run_that_is_not_known_everywhere_yet_is_asked_again(forge, path, step, expected):
    github = client(forge)
    github.create(NEW)
    forge.faults.append(Fault("POST", path, status=422, body=NOT_YET, times=2))
    assert step(github) == expected
    assert waits(github) == [1.0, 2.0]


def test_a_node_that_is_not_known_of_an_old_pull_request_is_not_waited_for(forge):
    forge.open_pull(BRANCH)
    forge.faults.append(Fault("POST", "/labels$", status=422, body=NOT_YET, times=9))
    github = client(forge)
    with pytest.raises(RemoteRefused, match="Could not resolve to a node"):
        github.add_labels(1, ("images",))
    assert (waits(github), len(forge.log)) == ([], 1)


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


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("https://github.example.org/api/v3", "https://github.example.org"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_a_pull_request_is_opened_by_hand_on_the_pages_of_the_api(api, web):
    new = NewPullRequest("T", "B", "ada:topic", "release 1")
    assert compare_url(api, "acme/fleet", new) == f"{web}/acme/fleet/compare/release%201...ada:topic"


def test_a_job_that_may_not_open_pull_requests_gets_the_url_to_do_it_by_hand(forge):
    forge.account("ghs_job", "github-actions[bot]", "write", kind="Job")
    with pytest.raises(AuthNeeded) as problem:
        client(forge, token="ghs_job").create(NEW)
    hint = "allow it under Settings, Actions, General, Workflow permissions, or use the token of a GitHub App"
    by_hand = f"open the pull request by hand: {forge.url}/acme/fleet/compare/main...acme:{BRANCH}"
    said = "GitHub refused: GitHub Actions is not permitted to create or approve pull requests."
    assert told(problem) == (4, said, f"{hint}; {by_hand}")
