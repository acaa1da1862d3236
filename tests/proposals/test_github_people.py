"""GitHub as a forge, against the double: comments, closing, assignees, rules and forks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from github import Auth
from github import Github as PyGithub

from hubctl.errors import AuthNeeded, RemoteRefused
from hubctl.proposals.forge import Comment, CommentRefused, ForgeRepository
from tests.forge import TOKEN, Fault
from tests.proposals.github_parts import BRANCH, HTML, PULLS, client, failure, forge_with_branch, said, waits

ISSUE = "/repos/acme/fleet/issues/1"


@pytest.fixture
def forge(tmp_path: Path):
    with forge_with_branch(tmp_path) as running:
        running.open_pull(BRANCH, author="hubctl-bot")
        yield running


def calls(forge) -> list[str]:
    return [str(call) for call in forge.log]


def test_comments_of_all_pages_are_listed_oldest_first(forge):
    for at in range(103):
        forge.comment(1, f"No. {at}")
    listed = client(forge).comments(1)
    assert [one.body for one in listed] == [f"No. {at}" for at in range(103)]
    assert (listed[0], len(forge.log)) == (Comment(1, "ada", "No. 0"), 2)


def test_a_comment_is_made_changed_and_deleted(forge):
    github = client(forge)
    made = github.comment(1, "Held.\n")
    assert made == Comment(1, "hubctl-bot", "Held.\n")
    github.edit_comment(made.id, "Still held.\n")
    assert github.comments(1) == (Comment(1, "hubctl-bot", "Still held.\n"),)
    github.delete_comment(made.id)
    github.delete_comment(made.id)
    assert forge.pull(1).comments == []


@pytest.mark.parametrize("applies", [True, False])
@pytest.mark.parametrize("fault", [{"cut": True}, {"status": 502, "body": HTML}])
def test_a_lost_answer_to_a_comment_is_looked_up_before_it_is_sent_again(forge, fault, applies):
    forge.comment(1, "Held.", user="ada")
    forge.faults.append(Fault("POST", "/comments$", applies=applies, **fault))
    assert client(forge).comment(1, "Held.\r\n") == Comment(2, "hubctl-bot", "Held.\r\n")
    sent = [f"POST {ISSUE}/comments", "GET /user", f"GET {ISSUE}/comments"]
    assert calls(forge) == (sent if applies else [*sent, f"POST {ISSUE}/comments"])


@pytest.mark.parametrize("applies", [True, False])
def test_a_lost_answer_to_a_changed_comment_is_looked_up_before_it_is_sent_again(forge, applies):
    forge.comment(1, "Held.", user="hubctl-bot")
    forge.faults.append(Fault("PATCH", "/comments/1$", cut=True, applies=applies))
    client(forge).edit_comment(1, "Free.")
    assert forge.pull(1).comments[0].body == "Free."
    assert len(forge.writes()) == (1 if applies else 2)


@pytest.mark.parametrize("applies", [True, False])
def test_a_lost_answer_to_a_deleted_comment_is_looked_up_before_it_is_sent_again(forge, applies):
    forge.comment(1, "Held.", user="hubctl-bot")
    forge.faults.append(Fault("DELETE", "/comments/1$", cut=True, applies=applies))
    client(forge).delete_comment(1)
    assert forge.pull(1).comments == []
    assert len(forge.writes()) == (1 if applies else 2)


def test_a_locked_pull_request_takes_no_comment(forge):
    body = said("Unable to create comment because issue is locked.")
    forge.faults.append(Fault("POST", "/comments$", status=403, body=body, headers={"X-RateLimit-Remaining": "0"}))
    message = "the conversation is locked: Unable to create comment because issue is locked."
    assert failure(lambda: client(forge).comment(1, "Held.")) == ("CommentRefused", 1, "no-comment", message, None)


def test_a_repository_without_issues_takes_no_comment_and_has_none(forge):
    forge.repository.issues = False
    message = "`acme/fleet` has this switched off: Issues has been disabled in this repository."
    with pytest.raises(CommentRefused) as refused:
        client(forge).comment(1, "Held.")
    assert (refused.value.message, refused.value.code, refused.value.exit_code) == (message, "no-comment", 1)
    assert client(forge).comments(1) == ()


def test_a_closed_pull_request_says_when_and_by_whom(forge):
    github = client(forge)
    assert (github.closed_by(1), github.pulls_of("acme", BRANCH)[0].closed_at) == (None, None)
    github.close(1)
    github.close(1)
    (found,) = github.pulls_of("acme", BRANCH)
    assert (found.state, found.merged, found.closed_at) == ("closed", False, "2026-01-01T00:00:00Z")
    assert github.closed_by(1) == "hubctl-bot"


def test_the_last_who_closed_counts_and_an_app_by_its_login(forge):
    events = [
        {"event": "closed", "actor": {"login": "ada"}},
        {"event": "reopened", "actor": {"login": "ada"}},
        {"event": "closed", "actor": {"login": "hubctl[bot]", "type": "Bot"}},
        {"event": "labeled", "actor": {"login": "grace"}},
    ]
    forge.faults.append(Fault("GET", "/events$", status=200, body=json.dumps(events)))
    assert client(forge).closed_by(1) == "hubctl[bot]"
    forge.faults.append(Fault("GET", "/events$", status=200, body=json.dumps([{"event": "closed", "actor": None}])))
    assert client(forge).closed_by(1) is None


@pytest.mark.parametrize(("status", "message"), [(403, "Resource not accessible by integration"), (404, "Not Found")])
def test_who_closed_is_not_known_where_nobody_may_ask(forge, status, message):
    forge.close(1)
    forge.faults.append(Fault("GET", "/events$", status=status, body=said(message)))
    assert client(forge).closed_by(1) is None


@pytest.mark.parametrize("applies", [True, False])
def test_a_lost_answer_to_a_closing_is_looked_up_before_it_is_sent_again(forge, applies):
    forge.faults.append(Fault("PATCH", "/pulls/1$", status=504, body=HTML, applies=applies))
    client(forge).close(1)
    assert forge.pull(1).state == "closed"
    sent = [f"PATCH {PULLS}/1", f"GET {PULLS}/1"]
    assert calls(forge) == (sent if applies else [*sent, f"PATCH {PULLS}/1"])


REOPENED = said(
    "Validation Failed",
    {"resource": "PullRequest", "code": "custom", "field": "state",
     "message": "state cannot be changed. The topic branch was force-pushed or recreated."},
)  # fmt: skip


def test_a_state_that_cannot_be_changed_is_success_where_it_is_closed_already(forge):
    forge.close(1)
    forge.faults.append(Fault("PATCH", "/pulls/1$", status=422, body=REOPENED))
    client(forge).close(1)
    assert forge.pull(1).state == "closed"


def test_a_state_that_cannot_be_changed_of_an_open_pull_request_is_told(forge):
    forge.faults.append(Fault("PATCH", "/pulls/1$", status=422, body=REOPENED))
    result = failure(lambda: client(forge).close(1))
    assert result[1:4] == (
        1,
        "refused",
        "GitHub refused: Validation Failed: state cannot be changed. The topic branch was force-pushed or recreated.",
    )


def test_assignees_are_added_and_who_was_left_out_is_named(forge):
    warnings = client(forge).add_assignees(1, ("Ada", "eve", "grace"))
    left_out = "was not assigned: GitHub leaves out who may not be asked to work here, and the eleventh"
    assert warnings == (f"`eve` {left_out}",)
    assert forge.pull(1).assignees == ["ada", "grace"]
    assert client(forge).pulls_of("acme", BRANCH)[0].assignees == ("ada", "grace")


def test_one_call_assigns_ten(forge):
    people = tuple(f"person-{at}" for at in range(12))
    for name in people:
        forge.repository.rights[name] = "write"
    warnings = client(forge).add_assignees(1, people)
    assert [warning.split()[0] for warning in warnings] == ["`person-10`", "`person-11`"]
    assert forge.writes() == [f"POST {ISSUE}/assignees"] * 2


@pytest.mark.parametrize("applies", [True, False])
def test_a_lost_answer_to_assignees_is_looked_up_before_it_is_sent_again(forge, applies):
    forge.faults.append(Fault("POST", "/assignees$", cut=True, applies=applies))
    assert client(forge).add_assignees(1, ("ada",)) == ()
    assert forge.pull(1).assignees == ["ada"]
    assert len(forge.writes()) == (1 if applies else 2)


def test_assignees_nobody_may_set_are_warnings(forge):
    forge.account("reader", "eve")
    told = "the token from `GH_TOKEN` may not do this in `acme/fleet`: Resource not accessible by personal access token"
    assert client(forge, token="reader").add_assignees(1, ("ada", "grace")) == (
        f"`ada` was not assigned: {told}",
        f"`grace` was not assigned: {told}",
    )


def test_who_makes_github_refuse_all_is_named_and_the_others_are_assigned(forge):
    refusal = said("Validation Failed", {"resource": "Issue", "field": "assignees", "code": "invalid"})
    forge.faults.append(Fault("POST", "/assignees$", status=422, body=refusal, times=2))
    warnings = client(forge).add_assignees(1, ("eve", "ada"))
    assert warnings == ("`eve` was not assigned: GitHub refused: Validation Failed: Issue assignees invalid",)
    assert forge.pull(1).assignees == ["ada"]


def test_a_rule_that_wants_current_branches_is_seen(forge):
    github = client(forge)
    forge.repository.strict = ("main",)
    assert (github.must_be_current("main"), github.must_be_current("release/1")) == (True, False)
    assert calls(forge) == [f"GET /repos/acme/fleet/rules/branches/{name}" for name in ("main", "release%2F1")]


@pytest.mark.parametrize(("status", "message"), [(403, "Upgrade to GitHub Pro"), (404, "Not Found")])
def test_rules_nobody_may_read_are_not_known(forge, status, message):
    forge.faults.append(Fault("GET", "/rules/", status=status, body=said(message)))
    assert client(forge).must_be_current("main") is False


def test_a_fork_of_ours_is_found_by_its_name(forge):
    fork = forge.fork("hubctl-bot")
    assert client(forge).fork() == ForgeRepository(
        fork.full_name,
        "main",
        can_push=True,
        fork=True,
        parent="acme/fleet",
        source="acme/fleet",
        can_triage=True,
        clone_url=forge.remote_url_of(fork),
    )
    assert forge.writes() == []


def test_a_fork_costs_one_read_beside_what_is_known(forge):
    forge.fork("hubctl-bot")
    github = client(forge)
    github.repository()
    github.login()
    forge.log.clear()
    github.fork()
    assert (github.login(), github.repository().full_name) == ("hubctl-bot", "acme/fleet")
    assert calls(forge) == ["GET /repos/hubctl-bot/fleet"]


def test_a_fork_of_ours_under_another_name_is_found_in_the_list(forge):
    forge.add_repository("hubctl-bot/fleet")
    forge.fork("ada")
    forge.fork("hubctl-bot", "our-fleet")
    assert client(forge).fork().full_name == "hubctl-bot/our-fleet"
    assert forge.writes() == []


def test_a_fork_is_made_and_waited_for(forge):
    forge.repository.fork_late = 2
    github = client(forge)
    assert github.fork().full_name == "hubctl-bot/fleet"
    assert (waits(github), forge.writes()) == ([1.0, 2.0], ["POST /repos/acme/fleet/forks"])


def test_a_fork_that_never_answers_is_given_up(forge):
    forge.repository.fork_late = 99
    github = client(forge, wait=6)
    assert failure(github.fork) == (
        "RemoteRefused",
        1,
        "no-fork",
        "the new fork `hubctl-bot/fleet` does not answer yet",
        "run the same command again in a minute",
    )
    assert waits(github) == [1.0, 2.0]


@pytest.mark.parametrize("applies", [True, False])
def test_a_lost_answer_to_a_fork_is_looked_up_before_it_is_asked_for_again(forge, applies):
    forge.faults.append(Fault("POST", "/forks$", cut=True, applies=applies))
    assert client(forge).fork().full_name == "hubctl-bot/fleet"
    assert [one.full_name for one in forge.board.world.repositories.values()] == ["acme/fleet", "hubctl-bot/fleet"]
    assert len(forge.writes()) == (1 if applies else 2)


def test_where_there_are_more_forks_than_are_read_making_one_finds_ours(forge):
    forge.fork("hubctl-bot", "our-fleet")
    headers = {"Link": '</repos/acme/fleet/forks?page=2>; rel="next"'}
    forge.faults.append(Fault("GET", "/forks$", status=200, headers=headers, body="[]", times=50))
    assert client(forge).fork().full_name == "hubctl-bot/our-fleet"


def test_a_list_of_forks_that_nobody_may_read_ends_it(forge):
    forge.faults.append(Fault("GET", "/forks$", status=403, body=said("Resource not accessible by integration")))
    with pytest.raises(AuthNeeded):
        client(forge).fork()
    assert forge.writes() == []
    forge.faults.append(Fault("GET", "/forks$", status=451, body=said("Blocked")))
    with pytest.raises(RemoteRefused, match="Blocked"):
        client(forge).fork()


def test_an_app_has_no_fork(forge):
    forge.account("ghs_app", "hubctl[bot]", "read", kind="App")
    assert failure(client(forge, token="ghs_app").fork)[:5] == (
        "AuthNeeded",
        4,
        "credentials",
        "the token from `GH_TOKEN` belongs to no user, so it has no fork of `acme/fleet`",
        "use the token of a user, or let this one push to the repository",
    )


@pytest.mark.slow
def test_pygithub_reads_back_comments_assignees_and_the_closing(forge):
    ours = client(forge)
    kept = ours.comment(1, "Held.\n")
    ours.delete_comment(ours.comment(1, "Twice.\n").id)
    ours.edit_comment(kept.id, "Superseded.\n")
    ours.add_assignees(1, ("ada", "grace"))
    ours.close(1)
    theirs = PyGithub(base_url=forge.url, auth=Auth.Token(TOKEN), retry=None)
    found = theirs.get_repo("acme/fleet").get_pull(1)
    assert (
        [(one.user.login, one.body) for one in found.get_issue_comments()],
        [user.login for user in found.assignees],
        (found.state, found.merged),
        [(event.event, event.actor.login) for event in found.get_issue_events()][:1],
    ) == ([("hubctl-bot", "Superseded.\n")], ["ada", "grace"], ("closed", False), [("closed", "hubctl-bot")])
    theirs.close()


def test_pygithub_reads_back_a_fork(forge):
    made = client(forge).fork()
    theirs = PyGithub(base_url=forge.url, auth=Auth.Token(TOKEN), retry=None)
    assert theirs.get_repo(made.full_name).parent.full_name == "acme/fleet"
    theirs.close()
