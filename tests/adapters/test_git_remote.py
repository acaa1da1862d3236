"""Remotes over smart HTTP with a token, over ssh and by path."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

import pytest

from hubctl.adapters.git_fetch import fetch_tip
from hubctl.adapters.git_remote import (
    PushResult,
    delete_with_lease,
    ls_remote,
    plain_url,
    push_with_lease,
)
from hubctl.adapters.git_run import Access
from hubctl.errors import AuthNeeded, GitRefused, RemoteRefused
from hubctl.secret import Secret
from tests.forge import TOKEN, start_forge
from tests.forge.faults import Fault, lost_push_reply
from tests.proposals.parts import CANARY, commit_file, found, git, make_clone

MAIN, X = "refs/heads/main", "refs/heads/hubctl/x"


@pytest.fixture
def forge(tmp_path: Path):
    with start_forge(tmp_path, "org", "fleet", {"README.md": "fleet\n"}) as running:
        yield running


@pytest.fixture
def clone(forge, tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", str(forge.bare_path), "clone")
    git(tmp_path / "clone", "remote", "set-url", "origin", forge.remote_url)
    return tmp_path / "clone"


def test_a_token_goes_to_its_host_and_leaves_no_trace(forge, clone, tmp_path):
    """Seen from outside while git works: command lines, the repository, temporary files."""
    seen: list[str] = []
    done = threading.Event()

    def sample() -> None:
        while not done.is_set():
            for entry in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.append(entry.read_bytes().decode("utf-8", "replace"))
                except OSError:
                    continue
            time.sleep(0.005)

    watcher = threading.Thread(target=sample)
    watcher.start()
    try:
        commit = commit_file(clone, "a", "1\n")
        result = push_with_lease(found(clone), Access(forge.remote_url, Secret(TOKEN)), commit, X, None)
    finally:
        done.set()
        watcher.join()
    assert result == PushResult("pushed")
    assert forge.bare.tip("hubctl/x") == commit
    assert any("git\0push" in line for line in seen)
    assert not any(TOKEN in line for line in seen)
    assert subprocess.run(["grep", "-r", TOKEN, str(clone)], capture_output=True, check=False).returncode == 1


def test_a_stored_header_of_checkout_does_not_stand_beside_ours(forge, clone):
    """`actions/checkout` leaves one; the server answers a wrong login with 401."""
    git(clone, "config", f"http.{forge.url}/.extraheader", "AUTHORIZATION: basic d3Jvbmc6d3Jvbmc=")
    git(clone, "config", "http.extraheader", "AUTHORIZATION: basic d3Jvbmc6d3Jvbmc=")
    git(clone, "config", f"credential.{forge.url}.helper", "!echo password=wrong")
    commit = commit_file(clone, "a", "1\n")
    access = Access(forge.remote_url, Secret(TOKEN))
    assert push_with_lease(found(clone), access, commit, X, None) == PushResult("pushed")


def test_a_rewritten_url_does_not_lead_the_token_elsewhere(forge, clone, tmp_path):
    with start_forge(tmp_path / "other", "org", "fleet", {"README.md": "x\n"}) as evil:
        git(clone, "config", f"url.{evil.url}/.insteadOf", f"{forge.url}/")
        commit = commit_file(clone, "a", "1\n")
        with pytest.raises(AuthNeeded):
            push_with_lease(found(clone), Access(forge.remote_url, Secret(TOKEN)), commit, X, None)
        assert evil.bare.tip("hubctl/x") is None


@pytest.mark.parametrize(
    ("token", "path", "error"),
    [
        ("wrong-one", "org/fleet", AuthNeeded),
        ("of-a-reader", "org/fleet", AuthNeeded),
        (TOKEN, "org/nothing", RemoteRefused),
    ],
)
def test_who_may_not_push_is_told(forge, clone, token, path, error):
    forge.account("of-a-reader", "ann", "read")
    commit = commit_file(clone, "a", "1\n")
    with pytest.raises(error) as caught:
        push_with_lease(found(clone), Access(f"{forge.url}/{path}.git", Secret(token)), commit, X, None)
    assert token not in caught.value.message


def test_a_lost_reply_is_not_taken_for_success(forge, clone):
    """Git asks again by itself, finds the branch there and calls it a rejection: looking tells."""
    forge.faults.append(lost_push_reply())
    commit = commit_file(clone, "a", "1\n")
    access = Access(forge.remote_url, Secret(TOKEN))
    assert push_with_lease(found(clone), access, commit, X, None).outcome in {"stale", "unclear"}
    assert ls_remote(found(clone), access, X) == commit


def test_a_server_that_breaks_leaves_it_unclear(forge, clone):
    forge.faults.append(Fault("POST", "/git-receive-pack$", status=500, body="\x1b[31m", times=9))
    commit = commit_file(clone, "a", "1\n")
    result = push_with_lease(found(clone), Access(forge.remote_url, Secret(TOKEN)), commit, X, None)
    assert result.outcome == "unclear"
    assert "500" in result.said
    assert "\x1b" not in result.said


def test_fetching_moves_nothing_in_the_checkout(forge, clone):
    tip = forge.commit("main", {"README.md": "newer\n"})
    before = {path: path.read_bytes() for path in (clone / ".git").rglob("*") if path.is_file()}
    assert fetch_tip(found(clone), Access(forge.remote_url, Secret(TOKEN)), MAIN) == tip
    after = {path: path.read_bytes() for path in (clone / ".git").rglob("*") if path.is_file()}
    assert [path for path in after if path not in before and "objects" not in path.parts] == []
    assert {path: after[path] for path in before} == before
    assert git(clone, "show", f"{tip}:README.md") == "newer"


def test_what_is_not_there_is_none(forge, clone):
    access = Access(forge.remote_url, Secret(TOKEN))
    assert ls_remote(found(clone), access, X) is None
    assert fetch_tip(found(clone), access, X) is None


def test_a_ref_that_ends_alike_is_another(forge, clone):
    forge.bare.git("update-ref", "refs/heads/odd/refs/heads/main", "main")
    access = Access(forge.remote_url)
    assert ls_remote(found(clone), access, MAIN) == forge.bare.tip("main")
    forge.bare.git("update-ref", "-d", "refs/heads/main")
    assert ls_remote(found(clone), access, MAIN) is None


def test_plain_http_to_another_machine_is_not_spoken(clone):
    with pytest.raises(GitRefused, match="transport 'http' not allowed"):
        ls_remote(found(clone), Access("http://registry.example/o/n", CANARY), MAIN)


def test_a_remote_that_is_gone_is_said_without_its_login(clone, tmp_path):
    with pytest.raises(RemoteRefused, match="no repository at"):
        ls_remote(found(clone), Access(str(tmp_path / "gone.git")), MAIN)
    with pytest.raises(GitRefused) as caught:
        ls_remote(found(clone), Access("https://ann:pass@127.0.0.1:1/o/n"), MAIN)
    assert "pass" not in caught.value.message
    assert "https://127.0.0.1:1/o/n" in caught.value.message


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a:b@h/p@q", "https://h/p@q"),
        ("https://h/p", "https://h/p"),
        ("git@h:p", "git@h:p"),
        ("/srv/a@b", "/srv/a@b"),
    ],
)
def test_an_url_is_told_without_a_login(url, expected):
    assert plain_url(url) == expected


def test_leases(tmp_path):
    bare, clone = make_clone(tmp_path)
    access, repository = Access(str(bare)), found(clone)
    first, second = commit_file(clone, "a", "1\n"), commit_file(clone, "a", "2\n")
    assert push_with_lease(repository, access, first, X, None).outcome == "pushed"
    assert push_with_lease(repository, access, second, X, None).outcome == "stale"
    assert push_with_lease(repository, access, second, X, second[:-1] + "0").outcome == "stale"
    assert push_with_lease(repository, access, second, X, first).outcome == "pushed"
    assert push_with_lease(repository, access, first, X, second).outcome == "pushed"
    assert delete_with_lease(repository, access, X, second).outcome == "stale"
    assert delete_with_lease(repository, access, X, first).outcome == "pushed"
    assert git(clone, "for-each-ref", "--format=%(refname)", "refs/remotes") == "refs/remotes/origin/main"


def test_of_twelve_pushes_at_once_one_makes_the_branch(tmp_path):
    bare, clone = make_clone(tmp_path)
    repository, access = found(clone), Access(str(bare))
    commits = [commit_file(clone, "a", f"{number}\n") for number in range(12)]
    outcomes: list[str] = []
    threads = [
        threading.Thread(
            target=lambda one=one: outcomes.append(push_with_lease(repository, access, one, X, None).outcome)
        )
        for one in commits
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["pushed"] + ["stale"] * 11


def test_hooks_of_the_server_run_and_those_of_the_clone_do_not(tmp_path):
    bare, clone = make_clone(tmp_path)
    for folder, name in ((bare, "update"), (clone / ".git", "pre-push")):
        hook = folder / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/{name}\n")
        hook.chmod(0o755)
    commit = commit_file(clone, "a", "1\n")
    assert push_with_lease(found(clone), Access(str(bare)), commit, X, None).outcome == "pushed"
    assert ((tmp_path / "update").exists(), (tmp_path / "pre-push").exists()) == (True, False)


def test_ssh_runs_the_users_program_and_never_the_repositorys(tmp_path, monkeypatch):
    bare, clone = make_clone(tmp_path)
    for name in ("mine", "theirs"):
        (tmp_path / name).write_text(
            f'#!/bin/sh\necho "$@" >> {tmp_path}/{name}.log\neval "$(echo "$@" | sed \'s/.*git-/git-/\')"\n'
        )
        (tmp_path / name).chmod(0o755)
    git(clone, "config", "core.sshCommand", str(tmp_path / "theirs"))
    git(clone, "config", "--global", "core.sshCommand", str(tmp_path / "mine"))
    access = Access(f"git@github.com:{bare}", CANARY)
    assert ls_remote(found(clone), access, MAIN) == git(bare, "rev-parse", "main")
    commit = commit_file(clone, "a", "1\n")
    assert push_with_lease(found(clone), access, commit, X, None).outcome == "pushed"
    assert not (tmp_path / "theirs.log").exists()
    assert "git-receive-pack" in (tmp_path / "mine.log").read_text()
    monkeypatch.setenv("GIT_SSH_COMMAND", "false")
    with pytest.raises(GitRefused):
        ls_remote(found(clone), access, MAIN)
