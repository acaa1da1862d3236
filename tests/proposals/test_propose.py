"""Rows of the decision table over a real remote and a forge in memory."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from hubctl.errors import GitRefused, HubctlError, RemoteRefused
from hubctl.proposals.acting import PullRequestResult
from hubctl.proposals.destination import Wishes
from hubctl.proposals.forge import Review
from hubctl.proposals.identity import BEGIN, END
from hubctl.proposals.offer import Offer
from hubctl.proposals.plan import FileEdit
from hubctl.proposals.propose import Failed, propose, propose_all
from hubctl.proposals.surroundings import look_round
from hubctl.proposals.units import Unit
from hubctl.proposals.wording import offered

from .parts import (
    FILE,
    NEW,
    NEWER,
    OLD,
    TEXT,
    MemoryForge,
    change,
    commit_file,
    destination,
    git,
    make_clone,
    offer,
    picture,
    unit,
)

pytestmark = pytest.mark.slow

BRANCH = "hubctl/bump-image/cluster-leap"
URL = "https://github.com/org/fleet/pull/1"
TITLE = f"[leap] quay.io/pangeo/base {OLD} → {NEW}"
NEWER_TITLE = f"[leap] quay.io/pangeo/base {OLD} → {NEWER}"


@pytest.fixture
def remote(tmp_path: Path) -> tuple[Path, Path, MemoryForge]:
    bare, clone = make_clone(tmp_path)
    return bare, clone, MemoryForge(bare)


def run(remote: tuple[Path, Path, MemoryForge], what: Offer | None = None, **wishes: object) -> PullRequestResult:
    bare, clone, forge = remote
    where = destination(clone, bare, forge)
    around = look_round(forge, "main", (where.identity.email,))
    return propose(what or offer(), where, Wishes(**wishes), around)


def test_row_2_a_new_unit_becomes_one_commit_and_one_pull_request(remote):
    bare, clone, forge = remote
    before = snapshot(clone)
    assert run(remote, labels=("images",), reviewers=("ann", "org/team")) == PullRequestResult(
        1, URL, BRANCH, "created"
    )
    assert forge.calls == [f"create org:{BRANCH} -> main", "label 1 images", "ask 1 ann team"]
    assert picture(bare) == {BRANCH: TITLE}
    assert git(bare, "show", f"{BRANCH}:{FILE}") + "\n" == TEXT.replace(OLD, NEW)
    assert (
        git(bare, "diff", "--stat", "main", BRANCH).splitlines()[-1] == " 1 file changed, 1 insertion(+), 1 deletion(-)"
    )
    assert snapshot(clone) == before


def snapshot(clone: Path) -> dict[str, str]:
    """Everything of a checkout that a user could notice."""
    seen = {
        str(path.relative_to(clone)): path.read_bytes().hex()
        for path in sorted(clone.rglob("*"))
        if path.is_file() and "objects" not in path.relative_to(clone).parts
    }
    return seen | {"status": git(clone, "status", "--porcelain"), "refs": git(clone, "for-each-ref")}


def test_row_3_the_second_run_changes_nothing(remote):
    bare, _, forge = remote
    run(remote)
    tip, calls = git(bare, "rev-parse", BRANCH), list(forge.calls)
    assert run(remote) == PullRequestResult(1, URL, BRANCH, "unchanged")
    assert (git(bare, "rev-parse", BRANCH), forge.calls) == (tip, calls)


def test_what_was_listed_when_the_run_began_is_looked_at_again_before_anything_is_changed(remote):
    bare, clone, forge = remote
    run(remote)
    where = destination(clone, bare, forge)
    around = replace(look_round(forge, "main", ()), tips={BRANCH: git(bare, "rev-parse", BRANCH)})
    forge.edit(1, state="closed")
    assert propose(offer(NEWER), where, Wishes(), around).number == 2

    around = replace(look_round(forge, "main", ()), tips={BRANCH: git(bare, "rev-parse", BRANCH)})
    git(clone, "fetch", "-q", "origin", BRANCH)
    git(clone, "checkout", "-q", "FETCH_HEAD")
    commit_file(clone, "notes.md", "mine\n")
    git(clone, "push", "-q", "origin", f"HEAD:{BRANCH}")
    mine = git(bare, "rev-parse", BRANCH)
    assert propose(offer(NEWER), where, Wishes(labels=("x",)), around).operation == "held"
    assert (git(bare, "rev-parse", BRANCH), forge.pulls[1].labels) == (mine, ())


def test_a_branch_that_was_not_there_when_the_run_began_is_never_pushed_over(remote):
    bare, clone, forge = remote
    around = replace(look_round(forge, "main", ()), tips={})
    git(clone, "push", "-q", "origin", f"HEAD:refs/heads/{BRANCH}")
    with pytest.raises(GitRefused, match="is not hubctl's"):
        propose(offer(), destination(clone, bare, forge), Wishes(), around)
    assert git(bare, "rev-parse", BRANCH) == git(bare, "rev-parse", "main")


def test_row_3_base_moved_elsewhere_is_no_reason_to_push(remote):
    bare, clone, forge = remote
    run(remote)
    tip, calls = git(bare, "rev-parse", BRANCH), list(forge.calls)
    commit_file(clone, "README.md", "other\n")
    git(clone, "push", "-q", "origin", "HEAD:main")
    assert run(remote) == PullRequestResult(1, URL, BRANCH, "unchanged")
    assert (git(bare, "rev-parse", BRANCH), forge.calls) == (tip, calls)


def test_row_4_base_moved_in_the_same_file_is_rebuilt_on_it(remote):
    bare, clone, forge = remote
    run(remote)
    moved = TEXT.replace("other: 1", "other: 2")
    commit_file(clone, FILE, moved)
    git(clone, "push", "-q", "origin", "HEAD:main")
    assert run(remote, offer(before=moved)) == PullRequestResult(1, URL, BRANCH, "updated")
    assert picture(bare) == {BRANCH: TITLE}
    assert git(bare, "rev-parse", f"{BRANCH}^") == git(bare, "rev-parse", "main")
    calls = list(forge.calls)
    assert run(remote, offer(before=moved)).operation == "unchanged"
    assert forge.calls == calls


def test_row_5_a_newer_tag_rebuilds_one_commit_on_base(remote):
    bare, clone, forge = remote
    run(remote)
    commit_file(clone, "README.md", "other\n")
    git(clone, "push", "-q", "origin", "HEAD:main")
    assert run(remote, offer(NEWER)) == PullRequestResult(1, URL, BRANCH, "updated")
    assert picture(bare) == {BRANCH: NEWER_TITLE}
    assert git(bare, "rev-parse", f"{BRANCH}^") == git(bare, "rev-parse", "main")
    assert forge.pulls[0].title == NEWER_TITLE
    assert f"`{NEWER}`" in forge.pulls[0].body
    assert f"`{NEW}`" not in forge.pulls[0].body
    assert run(remote, offer(NEWER)).operation == "unchanged"


def test_row_5_an_approved_pull_request_is_held(remote):
    bare, _, forge = remote
    run(remote)
    tip = git(bare, "rev-parse", BRANCH)
    forge.given[1] = (Review("ann", "CHANGES_REQUESTED"), Review("ann", "APPROVED"))
    said = "a newer change is there, and #1 is approved as it is: `--supersede-approved` rebuilds it"
    assert run(remote, offer(NEWER)) == PullRequestResult(1, URL, BRANCH, "held", (said,))
    assert git(bare, "rev-parse", BRANCH) == tip
    assert [f"- `quay.io/pangeo/base`: `{NEWER}`\n" in one.body for one in forge.said[1]] == [True]
    forge.given[1] += (Review("ann", "DISMISSED"),)
    assert run(remote, offer(NEWER)).operation == "updated"
    assert forge.said[1] == []


def test_row_6_a_human_commit_freezes_the_branch(remote, tmp_path):
    bare, clone, forge = remote
    run(remote)
    git(clone, "fetch", "-q", "origin")
    git(clone, "checkout", "-q", "-b", "mine", f"origin/{BRANCH}")
    git(clone, "config", "user.email", "ann@example.org")
    commit_file(clone, "README.md", "mine\n", "Say more")
    git(clone, "push", "-q", "origin", f"HEAD:{BRANCH}")
    git(clone, "config", "--unset", "user.email")
    tip, calls = git(bare, "rev-parse", BRANCH), list(forge.calls)
    assert run(remote, offer(NEWER)) == PullRequestResult(
        1, URL, BRANCH, "held", ("the branch has commits that are not hubctl's",)
    )
    assert (git(bare, "rev-parse", BRANCH), forge.calls) == (tip, [*calls, "comment 1"])


def test_row_6_a_pull_request_pointed_at_another_base_is_held(remote):
    _, _, forge = remote
    run(remote)
    forge.edit(1, base_ref="next")
    assert run(remote) == PullRequestResult(1, URL, BRANCH, "held", ("somebody pointed #1 at another base",))


def test_row_7_a_persons_title_and_words_around_ours_stay(remote):
    _, _, forge = remote
    run(remote)
    ours = forge.pulls[0].body
    forge.edit(1, title="Please merge", body=f"Hello\n\n{ours}\nBye\n".replace("\n", "\r\n"))
    assert run(remote).operation == "unchanged"
    assert run(remote, offer(NEWER)).operation == "updated"
    assert forge.pulls[0].title == "Please merge"
    assert forge.pulls[0].body.startswith(f"Hello\r\n\r\n{BEGIN}")
    assert forge.pulls[0].body.endswith(f"{END}\r\n\r\nBye\r\n")
    assert f"`{NEWER}`" in forge.pulls[0].body


def test_row_7_a_body_without_our_markers_is_left_alone(remote):
    _, _, forge = remote
    run(remote)
    forge.edit(1, body="mine alone")
    assert run(remote, offer(NEWER)).operation == "updated"
    assert forge.pulls[0].body == "mine alone"


def test_row_8_a_declined_change_is_held_and_a_newer_one_is_not(remote):
    bare, _, forge = remote
    run(remote)
    git(bare, "update-ref", "-d", f"refs/heads/{BRANCH}")
    forge.edit(1, state="closed")
    assert run(remote) == PullRequestResult(1, URL, BRANCH, "declined", ("declined in #1 by ann",))
    assert picture(bare) == {}
    assert run(remote, offer(NEWER)) == PullRequestResult(2, URL.replace("1", "2"), BRANCH, "created")


def test_row_10_a_merged_branch_that_was_left_over_is_used_again(remote):
    bare, clone, forge = remote
    run(remote)
    forge.edit(1, state="closed", merged=True)
    squashed = TEXT.replace(OLD, NEW)
    commit_file(clone, FILE, squashed, "Squash")
    git(clone, "push", "-q", "origin", "HEAD:main")
    assert run(remote, offer(NEWER, before=squashed, old=NEW)) == PullRequestResult(
        2, URL.replace("1", "2"), BRANCH, "created"
    )
    assert picture(bare) == {BRANCH: f"[leap] quay.io/pangeo/base {NEW} → {NEWER}"}


def test_row_11_a_reverted_tag_is_held_until_it_is_asked_for(remote):
    bare, clone, _ = remote
    commit_file(clone, FILE, TEXT.replace(OLD, NEW), "Bump by hand")
    git(clone, "revert", "--no-edit", "HEAD")
    commit_file(clone, "README.md", "later\n")
    git(clone, "push", "-q", "origin", "HEAD:main")
    reverted = git(clone, "rev-parse", "HEAD~1")
    assert run(remote) == PullRequestResult(
        None, None, BRANCH, "declined", (f"reverted in {reverted[:10]}: not proposed again by itself",)
    )
    assert picture(bare) == {}
    assert run(remote, offer(NEWER)).operation == "created"
    assert run(remote, named=True).operation == "updated"


def test_row_11_a_tag_that_left_another_place_was_not_reverted(remote):
    _, clone, _ = remote
    elsewhere = TEXT + f"hub:\n  image:\n    name: quay.io/x/y\n    tag: {NEW}\n"
    commit_file(clone, FILE, elsewhere)
    commit_file(clone, FILE, TEXT)
    commit_file(clone, FILE, f"{TEXT}# {NEW}: [\n")
    commit_file(clone, FILE, f"{TEXT}odd: [{NEW}\n")
    commit_file(clone, FILE, TEXT)
    git(clone, "push", "-q", "origin", "HEAD:main")
    assert run(remote).operation == "created"


def test_row_12_somebody_elses_branch_is_refused_and_named(remote):
    bare, clone, forge = remote
    git(clone, "push", "-q", "origin", f"HEAD~1:refs/heads/{BRANCH}")
    with pytest.raises(GitRefused, match=f"not hubctl's: `{BRANCH}` in `org/fleet`"):
        run(remote)
    assert git(bare, "rev-parse", BRANCH) == git(clone, "rev-parse", "HEAD~1")
    assert forge.calls == []


def test_row_13_a_crash_after_the_push_is_taken_up_again(remote):
    bare, _, forge = remote
    forge.crash_before_create = 1
    with pytest.raises(RemoteRefused) as caught:
        run(remote)
    assert caught.value.hint == f"`{BRANCH}` is pushed: the same command goes on from there"
    tip = git(bare, "rev-parse", BRANCH)
    assert run(remote) == PullRequestResult(1, URL, BRANCH, "created")
    assert git(bare, "rev-parse", BRANCH) == tip


def test_row_14_missing_labels_and_reviewers_are_added_later(remote):
    _, _, forge = remote
    forge.refuse_labels = True
    first = run(remote, labels=("images",))
    assert first == PullRequestResult(
        1, URL, BRANCH, "created", ("labels were not added: `images`: GitHub refused: 403",)
    )
    forge.refuse_labels = False
    assert run(remote, labels=("Images",), reviewers=("@ann",)).operation == "updated"
    assert (forge.pulls[0].labels, forge.pulls[0].reviewers) == (("Images",), ("ann",))
    assert run(remote, labels=("images",), reviewers=("ann", "engineer")).operation == "unchanged"


def test_a_reviewer_who_cannot_be_asked_is_a_warning_each_time_and_no_update(remote):
    _, _, forge = remote
    forge.unaskable = frozenset({"ghost"})
    expected = ("`ghost` was not asked",)
    assert run(remote, reviewers=("ghost",)) == PullRequestResult(1, URL, BRANCH, "created", expected)
    assert run(remote, reviewers=("ghost",)) == PullRequestResult(1, URL, BRANCH, "unchanged", expected)


def test_who_opened_it_is_not_asked_for_a_review_and_that_is_said(remote):
    _, _, forge = remote
    result = run(remote, reviewers=("Engineer", "ann"))
    said = ("`Engineer` was not asked for a review: it opened the pull request",)
    assert result == PullRequestResult(1, URL, BRANCH, "created", said)
    assert forge.calls == [f"create org:{BRANCH} -> main", "ask 1 ann"]
    assert run(remote, reviewers=("Engineer", "ann")).operation == "unchanged"


def test_the_token_of_a_workflow_is_warned_of(remote):
    remote[2].me = "github-actions[bot]"
    said = "opened with the workflow's own token: GitHub starts no checks on it, use the token of a GitHub App"
    assert run(remote).warnings == (said,)
    assert run(remote) == PullRequestResult(1, URL, BRANCH, "unchanged")


def test_who_has_reviewed_is_not_asked_again(remote):
    _, _, forge = remote
    run(remote, reviewers=("ann", "org/team"))
    forge.edit(1, reviewers=(), teams=())
    forge.given[1] = (Review("ann", "CHANGES_REQUESTED"),)
    assert run(remote, reviewers=("ann", "org/team")).operation == "unchanged"


def test_a_draft_is_asked_for_at_creation(remote):
    assert run(remote, draft=True).operation == "created"
    assert remote[2].pulls[0].draft is True


def test_a_strangers_marker_counts_for_nothing(remote):
    """A body that says our words, on our branch, from an account that is nobody here."""
    _, _, forge = remote
    run(remote)
    forge.edit(1, author="mallory", author_association="NONE", title="Mine")
    assert run(remote, offer(NEWER)).operation == "updated"
    assert forge.pulls[0].title == "Mine"
    assert f"`{NEW}`" in forge.pulls[0].body


def test_a_pull_request_of_another_scope_with_the_same_change_holds(remote):
    _, _, _forge = remote
    run(remote)
    other = offered(replace(unit(), branch="hubctl/bump-image/hub-leap-prod", scope="hub-leap/prod"), base="main")
    assert run(remote, other) == PullRequestResult(
        1, URL, other.branch, "held", ("#1 already changes one of these places",)
    )


def test_no_more_than_ten_pull_requests_stay_open(remote):
    bare, clone, forge = remote
    units = tuple(many(number) for number in range(12))
    for one in units:
        commit_file(clone, one.edits[0].file, one.edits[0].before.decode())
    git(clone, "push", "-q", "origin", "HEAD:main")
    done, failed = propose_all(units, destination(clone, bare, forge), Wishes())
    assert [result.operation for result in done] == ["created"] * 10 + ["held"] * 2
    assert done[-1] == PullRequestResult(
        None, None, units[-1].branch, "held", ("10 pull requests of hubctl are open, and 10 may be",)
    )
    assert failed == ()


def many(number: int) -> Offer:
    file = f"config/clusters/c{number}/common.values.yaml"
    made = Unit(
        scope=f"cluster-c{number}",
        branch=f"hubctl/bump-image/cluster-c{number}",
        title=f"c{number}",
        changes=(change(file=file, hubs=(f"c{number}/prod",)),),
        edits=(FileEdit(file, TEXT.encode(), TEXT.replace(OLD, NEW).encode()),),
        stages={},
    )
    return offered(made, base="main")


def test_one_refused_unit_does_not_stop_the_others(remote):
    bare, clone, forge = remote
    other = many(1)
    commit_file(clone, other.edits[0].file, TEXT)
    git(clone, "push", "-q", "origin", "HEAD:main")
    git(clone, "push", "-q", "origin", f"HEAD~1:refs/heads/{other.branch}")
    done, failed = propose_all((other, offer()), destination(clone, bare, forge), Wishes())
    assert [result.operation for result in done] == ["created"]
    assert [(one.branch, type(one.error)) for one in failed] == [(other.branch, GitRefused)]
    assert isinstance(failed[0], Failed)


def test_row_16_a_rejected_push_of_what_is_there_already_is_success(remote):
    """The very same commit arrives from elsewhere between looking and pushing, as after a lost reply."""
    bare, clone, _ = remote

    class Meanwhile(MemoryForge):
        def pulls_of(self, owner, branch):
            if not picture(bare):
                where = destination(clone, bare, MemoryForge(bare))
                propose(offer(), where, Wishes(), look_round(MemoryForge(bare), "main", ()))
            return super().pulls_of(owner, branch)

    racing = Meanwhile(bare)
    where = destination(clone, bare, racing)
    assert propose(offer(), where, Wishes(), look_round(racing, "main", ())) == PullRequestResult(
        1, URL, BRANCH, "created"
    )


def test_row_16_a_branch_that_somebody_made_meanwhile_is_decided_again(remote):
    bare, clone, _forge = remote

    class Meanwhile(MemoryForge):
        def pulls_of(self, owner, branch):
            if not picture(bare):
                git(clone, "push", "-q", "origin", f"HEAD~1:refs/heads/{BRANCH}")
            return super().pulls_of(owner, branch)

    racing = Meanwhile(bare)
    where = destination(clone, bare, racing)
    with pytest.raises(GitRefused, match="the branch exists and is not hubctl's"):
        propose(offer(), where, Wishes(), look_round(racing, "main", ()))
    assert git(bare, "rev-parse", BRANCH) == git(clone, "rev-parse", "HEAD~1")
    assert racing.calls == []


def test_row_16_a_branch_that_keeps_moving_is_given_up(remote):
    bare, clone, forge = remote
    run(remote)

    class Moving(MemoryForge):
        def reviews(self, number):
            where = destination(clone, bare, MemoryForge(bare))
            rival = offer(f"2026.08.{len(self.calls) + 10}")
            self.calls.append("look")
            propose(rival, where, Wishes(), look_round(MemoryForge(bare), "main", ()))
            return super().reviews(number)

    racing = Moving(bare, pulls=forge.pulls)
    where = destination(clone, bare, racing)
    with pytest.raises(GitRefused) as caught:
        propose(offer(NEWER), where, Wishes(), look_round(racing, "main", ()))
    assert (caught.value.message, caught.value.hint) == (
        f"`{BRANCH}` changed while this ran",
        "run the same command again",
    )


def test_a_change_that_was_merged_meanwhile_leaves_no_branch(remote):
    bare, clone, _forge = remote

    class Merging(MemoryForge):
        def create(self, new):
            git(bare, "update-ref", "refs/heads/main", BRANCH)
            return super().create(new)

    merging = Merging(bare)
    where = destination(clone, bare, merging)
    result = propose(offer(), where, Wishes(), look_round(merging, "main", ()))
    assert result == PullRequestResult(None, None, BRANCH, "unchanged", ("the change was merged while this ran",))
    assert picture(bare) == {}


def test_a_server_that_declines_is_quoted_escaped(remote):
    bare, _, forge = remote
    hook = bare / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nprintf 'no \\033[31mimages\\033[0m on Mondays\\n' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(RemoteRefused) as caught:
        run(remote)
    assert "no \\u001b[31mimages\\u001b[0m on Mondays" in caught.value.message
    assert "\x1b" not in caught.value.message
    assert forge.calls == []


def test_a_shallow_clone_cannot_fill_a_fork_that_is_behind_and_says_what_does(remote, tmp_path):
    bare, clone, forge = remote
    git(tmp_path, "clone", "-q", "--bare", str(bare), "fork.git")
    for number in range(2):
        commit_file(clone, "README.md", f"{number}\n")
    git(clone, "push", "-q", "origin", "HEAD:main")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{bare}", str(shallow))
    where = destination(shallow, bare, forge)
    fork = tmp_path / "fork.git"
    where = replace(where, target=replace(where.target, push_url=str(fork), head_repository="ann/fleet"))
    with pytest.raises(RemoteRefused, match="shallow update not allowed") as caught:
        propose(offer(), where, Wishes(), look_round(forge, "main", ()))
    assert caught.value.hint == (
        f"the fork lacks what base has: `gh repo sync ann/fleet`, or here `git fetch --unshallow {bare}`"
    )
    assert picture(fork) == {}


def test_a_branch_called_hubctl_blocks_all_of_ours_and_is_said(remote):
    _, clone, _ = remote
    git(clone, "push", "-q", "origin", "HEAD:refs/heads/hubctl")
    with pytest.raises(GitRefused, match="the branch `hubctl` in `org/fleet` leaves no room for `hubctl/bump-image/"):
        run(remote)


def test_a_shallow_clone_says_the_same_as_a_complete_one(remote, tmp_path):
    bare, clone, forge = remote
    git(bare, "config", "uploadpack.allowFilter", "true")
    run(remote)
    for number in range(3):
        commit_file(clone, "README.md", f"{number}\n")
    git(clone, "push", "-q", "origin", "HEAD:main")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{bare}", str(shallow))
    assert run((bare, shallow, forge)) == PullRequestResult(1, URL, BRANCH, "unchanged")
    assert run((bare, shallow, forge), offer(NEWER)) == PullRequestResult(
        1,
        URL,
        BRANCH,
        "updated",
        ("history not known: whether a tag was taken back before could not be told",),
    )
    assert picture(bare) == {BRANCH: NEWER_TITLE}


@pytest.mark.parametrize("kind", ["worktree", "bare", "detached", "subdirectory"])
def test_any_kind_of_checkout_proposes(remote, tmp_path, kind):
    bare, clone, forge = remote
    places = {"worktree": tmp_path / "linked", "bare": tmp_path / "mirror.git", "subdirectory": clone / "config"}
    if kind == "worktree":
        git(clone, "worktree", "add", "-q", str(places[kind]), "-b", "side")
    if kind == "bare":
        git(tmp_path, "clone", "-q", "--bare", str(bare), str(places[kind]))
    if kind == "detached":
        git(clone, "checkout", "-q", "--detach")
    assert run((bare, places.get(kind, clone), forge)).operation == "created"
    assert picture(bare) == {BRANCH: TITLE}


def test_nothing_of_a_hostile_repository_runs(remote, tmp_path, monkeypatch):
    """Hooks, fsmonitor, filters, ssh and signing programs named by the repository leave no canary."""
    bare, clone, forge = remote
    canary, program = tmp_path / "canary", tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho ran >> {canary}\ncat\n")
    program.chmod(0o755)
    for name in ("pre-push", "pre-commit", "post-checkout", "reference-transaction", "post-index-change"):
        (clone / ".git" / "hooks" / name).write_text(program.read_text())
        (clone / ".git" / "hooks" / name).chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.sshCommand",
        "core.askPass",
        "core.alternateRefsCommand",
        "credential.helper",
        "diff.external",
        "gpg.program",
        f"remote.{bare}.receivepack",
        f"remote.{bare}.uploadpack",
    ):
        git(clone, "config", key, str(program))
    git(clone, "config", "log.showSignature", "true")
    where = destination(clone, bare, forge)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", "odd-index")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(program))
    repository_index = (clone / ".git" / "index").read_bytes()
    around = look_round(forge, "main", ())
    assert propose(offer(), where, Wishes(), around).operation == "created"
    assert propose(offer(), where, Wishes(), around).operation == "unchanged"
    assert not canary.exists()
    assert not (clone / "odd-index").exists()
    assert (clone / ".git" / "index").read_bytes() == repository_index


@pytest.mark.slow
def test_twelve_runs_at_once_make_one_branch_and_one_pull_request(remote):
    bare, clone, _forge = remote
    lock, results, errors = threading.Lock(), [], []

    class Locked(MemoryForge):
        def create(self, new):
            with lock:
                return super().create(new)

        def update(self, number, *, title=None, body=None):
            with lock:
                return super().update(number, title=title, body=body)

    shared = Locked(bare)
    wheres = [destination(clone, bare, shared) for _ in range(12)]

    def one(number: int) -> None:
        try:
            results.append(propose(offer(), wheres[number], Wishes(), look_round(shared, "main", ())).operation)
        except HubctlError as error:
            errors.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert results.count("created") == 1
    assert len(shared.pulls) == 1
    assert picture(bare) == {BRANCH: TITLE}
