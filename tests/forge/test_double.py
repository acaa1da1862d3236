"""The double behaves like the forge it stands for: where it does not, every test above it proves nothing."""

from __future__ import annotations

import http.client
import json
import subprocess
import urllib.parse
from pathlib import Path

import pytest

from tests.forge import BOT, TOKEN, Fault, Forge, description, lost_push_reply, start_forge
from tests.forge.rules import CALLS

pytestmark = pytest.mark.slow


@pytest.fixture
def forge(tmp_path: Path):
    with start_forge(tmp_path, "acme", "fleet", {"config/a.yaml": "tag: '1'\n"}) as running:
        yield running


def call(forge: Forge, method: str, path: str, body: object = None, *, token: str = TOKEN, **headers: str):
    """Return status, headers (lower case) and the parsed body of one exchange."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(forge.url).netloc, timeout=10)
    sent = {"User-Agent": "test", **({"Authorization": f"Bearer {token}"} if token else {}), **headers}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), sent)
        reply = connection.getresponse()
        text = reply.read()
    finally:
        connection.close()
    found = {name.lower(): value for name, value in reply.getheaders()}
    return reply.status, found, json.loads(text) if text[:1] in b"[{" and text else text.decode()


def git(folder: Path, *words: str, ok: bool = True) -> str:
    done = subprocess.run(("git", "-C", str(folder), *words), capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode == 0) is ok, done.stderr
    return done.stdout + done.stderr


def with_token(forge: Forge, token: str = TOKEN) -> str:
    return forge.remote_url.replace("http://", f"http://x-access-token:{token}@")


@pytest.fixture
def clone(forge: Forge, tmp_path: Path) -> Path:
    git(tmp_path, "clone", "--quiet", with_token(forge), "clone")
    return tmp_path / "clone"


def test_every_described_operation_is_served_and_no_other():
    assert sorted(found.name for found in description.operations()) == sorted(CALLS)


def test_a_clone_needs_no_token_and_a_push_does(forge, tmp_path):
    git(tmp_path, "clone", "--quiet", forge.remote_url, "public")
    said = git(tmp_path / "public", "-c", "core.askPass=true", "push", "origin", "HEAD:refs/heads/x", ok=False)
    assert "Authentication failed" in said
    assert forge.picture() == "main: 1 commits, last: Start\n"
    assert forge.writes() == []


def test_a_push_with_a_stale_lease_is_refused_and_with_the_seen_one_taken(forge, clone):
    git(clone, "commit", "--quiet", "--allow-empty", "-m", "Ours")
    seen = forge.commit("topic", {"b": "1"}, onto="main")
    forge.commit("topic", {"b": "2"})
    stale = f"--force-with-lease=refs/heads/topic:{seen}"
    said = git(clone, "push", "--porcelain", stale, with_token(forge), "HEAD:refs/heads/topic", ok=False)
    assert "(stale info)" in said
    fresh = f"--force-with-lease=refs/heads/topic:{forge.bare.tip('topic')}"
    git(clone, "push", "--porcelain", fresh, with_token(forge), "HEAD:refs/heads/topic")
    assert forge.picture() == "main: 1 commits, last: Start\ntopic: main + ['Ours'] changes []\n"


def test_a_create_only_lease_meets_an_existing_branch(forge, clone):
    forge.commit("topic", {"b": "1"}, onto="main")
    said = git(
        clone, "push", "--force-with-lease=refs/heads/topic:", with_token(forge), "HEAD:refs/heads/topic", ok=False
    )
    assert "stale info" in said


@pytest.mark.parametrize(("right", "said"), [("read", "Permission to acme/fleet.git denied"), ("write", "")])
def test_only_who_may_write_pushes(forge, clone, right, said):
    forge.account("other-token", "eve", right)
    done = git(clone, "push", with_token(forge, "other-token"), "HEAD:refs/heads/x", ok=right == "write")
    assert said in done or "403" in done
    assert ("x" in forge.bare.branches()) is (right == "write")


def test_a_push_whose_reply_is_lost_has_happened(forge, clone):
    git(clone, "commit", "--quiet", "--allow-empty", "-m", "Ours")
    forge.faults.append(lost_push_reply())
    git(clone, "push", "--force-with-lease=refs/heads/x:", with_token(forge), "HEAD:refs/heads/x", ok=False)
    assert forge.picture() == "main: 1 commits, last: Start\nx: main + ['Ours'] changes []\n"


def test_a_pull_request_is_created_once_for_a_head_and_a_base(forge):
    forge.commit("topic", {"config/a.yaml": "tag: '2'\n"}, "Bump", onto="main")
    new = {"title": "T", "body": "B", "head": "acme:topic", "base": "main", "draft": True}
    status, _, made = call(forge, "POST", "/repos/acme/fleet/pulls", new)
    assert (status, made["number"], made["head"]["label"], made["draft"]) == (201, 1, "acme:topic", True)
    status, _, refused = call(forge, "POST", "/repos/acme/fleet/pulls", new)
    assert (status, refused["errors"][0]["message"]) == (422, "A pull request already exists for acme:topic.")
    assert forge.picture() == (
        "main: 1 commits, last: Start\n"
        "topic: main + ['Bump'] changes ['config/a.yaml']\n"
        "#1 open draft acme:topic -> main: T\n"
    )


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"head": "acme:none"}, {"resource": "PullRequest", "field": "head", "code": "invalid"}),
        ({"head": "nobody:topic"}, {"resource": "PullRequest", "field": "head", "code": "invalid"}),
        ({"base": "none"}, {"resource": "PullRequest", "field": "base", "code": "invalid"}),
        (
            {"head": "acme:same"},
            {"resource": "PullRequest", "code": "custom", "message": "No commits between main and same"},
        ),
    ],
)
def test_a_pull_request_that_cannot_be_is_refused(forge, change, error):
    forge.commit("topic", {"b": "1"}, onto="main")
    forge.bare.point("same", forge.bare.tip("main"))
    body = {"title": "T", "head": "acme:topic", "base": "main", **change}
    status, _, said = call(forge, "POST", "/repos/acme/fleet/pulls", body)
    assert (status, said["errors"], forge.pulls) == (422, [error], [])


def test_pages_hold_thirty_or_at_most_a_hundred_and_link_to_the_next(forge):
    forge.commit("topic", {"b": "1"}, onto="main")
    for _ in range(105):
        forge.open_pull("topic")
    path = "/repos/acme/fleet/pulls"
    _, headers, first = call(forge, "GET", path)
    assert [one["number"] for one in first] == list(range(105, 75, -1))
    assert headers["link"] == f'<{forge.url}{path}?page=2>; rel="next", <{forge.url}{path}?page=4>; rel="last"'
    _, headers, last = call(forge, "GET", f"{path}?per_page=500&page=2")
    assert ([one["number"] for one in last], 'rel="next"' in headers["link"]) == ([5, 4, 3, 2, 1], False)


def test_a_head_filter_without_an_owner_is_ignored(forge):
    for name in ("one", "two"):
        forge.commit(name, {"b": name}, onto="main")
        forge.open_pull(name)
    _, _, ignored = call(forge, "GET", "/repos/acme/fleet/pulls?head=one")
    _, _, filtered = call(forge, "GET", "/repos/acme/fleet/pulls?head=acme:one")
    assert ([one["number"] for one in ignored], [one["number"] for one in filtered]) == ([2, 1], [1])


def test_an_unchanged_answer_is_304_and_not_counted(forge):
    _, headers, _ = call(forge, "GET", "/repos/acme/fleet")
    status, again, _ = call(forge, "GET", "/repos/acme/fleet", **{"If-None-Match": headers["etag"]})
    left = [answer["x-ratelimit-remaining"] for answer in (headers, again)]
    assert (status, left) == (304, ["4999", "4999"])


def test_a_request_without_user_agent_is_forbidden(forge):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(forge.url).netloc)
    connection.request("GET", "/repos/acme/fleet")
    reply = connection.getresponse()
    assert (reply.status, b"User-Agent" in reply.read()) == (403, True)
    connection.close()


def test_a_renamed_repository_redirects_reads_with_301_and_writes_with_307(forge, tmp_path):
    forge.rename("acme/new-fleet")
    status, headers, _ = call(forge, "GET", "/repos/acme/fleet/pulls?state=all")
    assert (status, headers["location"]) == (301, f"{forge.url}/repositories/1/pulls?state=all")
    assert call(forge, "POST", "/repos/acme/fleet/pulls", {"head": "x", "base": "main"})[0] == 307
    assert call(forge, "GET", "/repositories/1")[2]["full_name"] == "acme/new-fleet"
    git(tmp_path, "clone", "--quiet", f"{forge.url}/acme/fleet.git", "moved")


def test_a_fork_is_described_with_its_parent_and_gives_a_pull_request(forge):
    fork = forge.fork("ada")
    forge.account("ada-token", "ada")
    forge.commit("topic", {"b": "1"}, "Bump", onto="main", repository=fork)
    _, _, body = call(forge, "GET", "/repos/ada/fleet", token="ada-token")
    assert (body["fork"], body["parent"]["full_name"], body["permissions"]["push"]) == (True, "acme/fleet", True)
    new = {"title": "T", "head": "ada:topic", "base": "main"}
    status, _, made = call(forge, "POST", "/repos/acme/fleet/pulls", new, token="ada-token")
    assert (status, made["head"]["repo"]["full_name"], made["author_association"]) == (201, "ada/fleet", "NONE")
    fork.deleted = True
    assert call(forge, "GET", "/repos/acme/fleet/pulls?state=all")[2][0]["head"]["repo"] is None
    assert forge.picture() == "main: 1 commits, last: Start\n#1 closed ada:topic -> main: T\n"


def test_a_merge_by_push_and_a_deleted_branch_close_a_pull_request(forge):
    for name in ("merged", "gone"):
        forge.commit(name, {name: "1"}, name, onto="main")
        forge.open_pull(name, title=name)
    forge.bare.point("main", forge.bare.tip("merged"))
    forge.bare.delete("gone")
    assert [(pull.state, pull.merged) for pull in forge.pulls] == [("closed", True), ("closed", False)]


def test_a_squash_merge_leaves_the_branch(forge):
    forge.commit("topic", {"config/a.yaml": "tag: '2'\n"}, "Bump", onto="main")
    forge.open_pull("topic", title="Bump it")
    forge.merge(1)
    assert forge.bare.read("main", "config/a.yaml") == "tag: '2'"
    assert forge.picture() == (
        "main: 2 commits, last: Bump it (#1)\n"
        "topic: main~1 + ['Bump'] changes ['config/a.yaml']\n"
        "#1 merged acme:topic -> main: Bump it\n"
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "/repos/acme/fleet/pulls", {"head": "a", "base": "main", "labels": ["x"]}, "unknown field labels"),
        ("POST", "/repos/acme/fleet/pulls", {"head": "a"}, "'base' is a required property"),
        ("GET", "/repos/acme/fleet/pulls?state=merged", None, "'merged' is not one of"),
        ("GET", "/repos/acme/fleet/pulls?branch=x", None, "unknown parameter branch"),
        ("GET", "/repos/acme/fleet/nothing", None, "not described"),
    ],
)
def test_what_the_description_does_not_know_is_a_violation(tmp_path, method, path, body, said):
    running = start_forge(tmp_path, "acme", "fleet", {"a": "1"})
    call(running, method, path, body)
    running.stop()
    assert said in running.violations[0]


def test_leaving_the_block_fails_where_there_was_a_violation(tmp_path):
    with (
        pytest.raises(AssertionError, match="unknown parameter"),
        start_forge(tmp_path, "a", "b", {"a": "1"}) as running,
    ):
        call(running, "GET", "/repos/a/b?x=1")


def test_the_log_is_the_witness_of_what_was_written(forge, clone):
    git(clone, "push", "--quiet", with_token(forge), "HEAD:refs/heads/x")
    call(forge, "GET", "/user")
    assert forge.writes() == ["POST /acme/fleet.git/git-receive-pack"]
    assert str(forge.log[-1]) == "GET /user"
    assert forge.log[-1].login == BOT


def test_comments_are_listed_and_changed_by_who_may(forge):
    forge.commit("topic", {"b": "1"}, onto="main")
    forge.open_pull("topic")
    forge.comment(1, "Looks good")
    path = "/repos/acme/fleet/issues/1/comments"
    _, _, made = call(forge, "POST", path, {"body": "Noted"})
    call(forge, "PATCH", f"/repos/acme/fleet/issues/comments/{made['id']}", {"body": "Done"})
    listed = call(forge, "GET", path)[2]
    assert [(one["user"]["login"], one["body"]) for one in listed] == [("ada", "Looks good"), (BOT, "Done")]
    assert call(forge, "DELETE", f"/repos/acme/fleet/issues/comments/{made['id']}")[::2] == (204, "")
    assert call(forge, "GET", f"/repos/acme/fleet/issues/comments/{made['id']}")[0] == 404
    forge.pull(1).locked = True
    forge.account("reader", "eve")
    assert call(forge, "POST", path, {"body": "No"}, token="reader")[0] == 403
    forge.repository.issues = False
    assert call(forge, "POST", path, {"body": "No"})[0] == 410


def test_a_closed_pull_request_reopens_only_with_its_branch_as_it_was(forge):
    forge.commit("topic", {"b": "1"}, onto="main")
    forge.open_pull("topic")
    path = "/repos/acme/fleet/pulls/1"
    assert call(forge, "PATCH", path, {"state": "closed"})[2]["state"] == "closed"
    assert call(forge, "PATCH", path, {"state": "open"})[2]["state"] == "open"
    call(forge, "PATCH", path, {"state": "closed"})
    forge.commit("topic", {"b": "2"})
    said = call(forge, "PATCH", path, {"state": "open"})[2]["errors"][0]["message"]
    assert said == "state cannot be changed. The topic branch was force-pushed or recreated."


def test_a_private_repository_is_hidden_and_an_archived_one_takes_no_push(forge, clone):
    forge.repository.private = True
    forge.account("stranger", "eve", "none")
    assert call(forge, "GET", "/repos/acme/fleet", token="stranger")[0] == 404
    forge.repository.archived = True
    git(clone, "push", with_token(forge), "HEAD:refs/heads/x", ok=False)
    assert list(forge.bare.branches()) == ["main"]


def test_an_account_has_one_fork_and_it_takes_a_while(forge):
    forge.repository.fork_late = 1
    path = "/repos/acme/fleet/forks"
    made = [call(forge, "POST", path, {})[2]["full_name"] for _ in range(2)]
    assert made == ["hubctl-bot/fleet"] * 2
    assert [call(forge, "GET", "/repos/hubctl-bot/fleet")[0] for _ in range(2)] == [404, 200]
    assert [one["full_name"] for one in call(forge, "GET", path)[2]] == ["hubctl-bot/fleet"]


def test_assignees_are_ten_at_most_and_may_push(forge):
    forge.commit("topic", {"b": "1"}, onto="main")
    forge.open_pull("topic")
    for at in range(12):
        forge.repository.rights[f"person-{at}"] = "write"
    wanted = {"assignees": ["eve", "ada", *(f"person-{at}" for at in range(12))]}
    status, _, made = call(forge, "POST", "/repos/acme/fleet/issues/1/assignees", wanted)
    assert (status, [one["login"] for one in made["assignees"]]) == (201, ["ada", *(f"person-{at}" for at in range(9))])


def test_who_closed_is_an_event(forge):
    forge.commit("topic", {"b": "1"}, onto="main")
    forge.open_pull("topic").labels.append("images")
    call(forge, "PATCH", "/repos/acme/fleet/pulls/1", {"state": "closed"})
    told = call(forge, "GET", "/repos/acme/fleet/issues/1/events")[2]
    assert [(one["event"], one["actor"]["login"]) for one in told] == [
        ("labeled", "ada"),
        ("closed", BOT),
        ("head_ref_deleted", "grace"),
    ]


def test_faults_come_once_and_in_their_order(forge):
    forge.faults.extend([Fault("GET", "^/user$", status=502, body="<html>"), Fault("GET", "^/user$", status=503)])
    assert [call(forge, "GET", "/user")[0] for _ in range(3)] == [502, 503, 200]


def test_a_write_can_take_effect_without_an_answer(forge):
    forge.commit("topic", {"b": "1"}, onto="main")
    forge.faults.append(Fault("POST", "/pulls$", cut=True, applies=True))
    with pytest.raises(http.client.RemoteDisconnected):
        call(forge, "POST", "/repos/acme/fleet/pulls", {"title": "T", "head": "acme:topic", "base": "main"})
    assert [pull.title for pull in forge.pulls] == ["T"]
