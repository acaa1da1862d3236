from dataclasses import replace

import pytest

from hubctl.proposals.decision import Branch, BranchCommit, Decision, Observed, Pull, decide

US = "bot@example.org"
TIDY = "66853113+pre-commit-ci[bot]@users.noreply.github.com"
OURS = BranchCommit("c1", US, US, "id-new")
OLDER = BranchCommit("c0", US, US, "id-old")
HUMAN = BranchCommit("c2", "ann@example.org", "ann@example.org", None)
WEB = BranchCommit("c3", "ann@example.org", "noreply@github.com", None)
TIDIED = BranchCommit("c4", TIDY, "noreply@github.com", None)
COPIED = BranchCommit("c5", "ann@example.org", "ann@example.org", "id-new")

NOTHING = Observed(id="id-new", base="main", changes=True, identities=frozenset({US}))
WANTED = Branch("c1", (OURS,), same_tree=True)
OPEN = Pull(7, "open", "main", id="id-new", head_sha="c1")


def seen(branch: Branch | None = None, *pulls: Pull, **fields: object) -> Observed:
    return replace(NOTHING, branch=branch, pulls=pulls, **fields)


ROWS = [
    ("1: no change, no pull request", seen(changes=False), Decision(1, "nothing", "base has these values already")),
    ("1: only a closed one", seen(None, replace(OPEN, state="closed"), changes=False), 1),
    ("2: nothing there", seen(), Decision(2, "create", "new", title=True, body=True)),
    ("2: another id was declined", seen(None, replace(OPEN, state="closed", id="id-old")), (2, "create")),
    ("2: an older one was merged", seen(None, replace(OPEN, state="merged", id="id-old")), (2, "create")),
    ("3: all as wanted", seen(WANTED, OPEN), Decision(3, "nothing", "the pull request is as it should be", 7)),
    ("3: a bot tidied on top", seen(Branch("c4", (TIDIED, OURS), same_tree=True), OPEN), (3, "nothing")),
    (
        "3: our text is old",
        seen(WANTED, replace(OPEN, region_same=False)),
        Decision(3, "update", "its text, labels or reviewers differ", 7, body=True),
    ),
    (
        "3: our title is old",
        seen(WANTED, replace(OPEN, title_same=False)),
        Decision(3, "update", "its text, labels or reviewers differ", 7, title=True),
    ),
    ("4: base moved in the same file", seen(replace(WANTED, same_tree=False, base_touched=True), OPEN), (4, "hold")),
    ("4: base was rewritten", seen(replace(WANTED, on_base=False), OPEN), (4, "hold")),
    (
        "5: a newer tag",
        seen(Branch("c0", (OLDER,)), replace(OPEN, id="id-old", region_same=False)),
        Decision(5, "rebuild", "a newer change", 7, "c0", title=True, body=True),
    ),
    (
        "5: a newer tag, a title of a person",
        seen(Branch("c0", (OLDER,)), replace(OPEN, id="id-old", title_ours=False, region_same=False)),
        Decision(5, "rebuild", "a newer change", 7, "c0", body=True),
    ),
    (
        "5: a newer tag, a body that is a person's",
        seen(Branch("c0", (OLDER,)), replace(OPEN, id="id-old")),
        Decision(5, "rebuild", "a newer change", 7, "c0", title=True),
    ),
    ("5: a newer tag, base moved", seen(Branch("c0", (OLDER,), base_touched=True), OPEN), (5, "rebuild")),
    ("5: approved", seen(Branch("c0", (OLDER,)), replace(OPEN, id="id-old", approved=True)), (5, "hold")),
    ("5: approved and as wanted", seen(WANTED, replace(OPEN, approved=True)), (3, "nothing")),
    (
        "5: a branch of ours whose pull request was declined",
        seen(Branch("c0", (OLDER,)), replace(OPEN, state="closed", id="id-old")),
        Decision(5, "create", "a newer change on a branch of hubctl", None, "c0", title=True, body=True),
    ),
    ("6: a human commit", seen(Branch("c2", (HUMAN, OURS)), OPEN), (6, "hold")),
    ("6: an edit on the web", seen(Branch("c3", (WEB, OURS)), OPEN), (6, "hold")),
    ("6: a commit of ours rewritten by a person", seen(Branch("c5", (COPIED,)), OPEN), (6, "hold")),
    ("6: human commits, no pull request", seen(Branch("c2", (HUMAN, OURS))), Decision(
        6, "hold", "the branch has commits that are not hubctl's")),
    ("6: a pull request of a person from that branch", seen(Branch("c2", (HUMAN,)), OPEN), (6, "hold")),
    ("6: pointed at another base", seen(WANTED, replace(OPEN, base="next")), Decision(
        6, "hold", "somebody pointed #7 at another base", 7)),
    ("6: the branch is gone", seen(None, OPEN), (6, "hold")),
    (
        "7: a person's title stays",
        seen(WANTED, replace(OPEN, title_ours=False, title_same=False)),
        Decision(3, "nothing", "the pull request is as it should be", 7),
    ),
    (
        "7: a person's title and our old text",
        seen(WANTED, replace(OPEN, title_ours=False, title_same=False, region_same=False)),
        Decision(7, "update", "its text, labels or reviewers differ", 7, body=True),
    ),
    ("8: declined", seen(None, replace(OPEN, state="closed")), Decision(8, "hold", "declined in #7", 7)),
    ("8: declined, not the latest", seen(None, replace(OPEN, number=9, state="merged", id="x"), replace(
        OPEN, state="closed")), Decision(8, "hold", "declined in #7", 7)),
    ("8: closed, its marker taken away", seen(None, replace(OPEN, state="closed", id=None)), (8, "hold")),
    ("8: declined before, another one lives", seen(Branch("c0", (OLDER,)), replace(
        OPEN, number=9, id="id-old"), replace(OPEN, state="closed")), Decision(8, "hold", "declined in #7", 7)),
    ("10: merged, branch left over", seen(WANTED, replace(OPEN, state="merged")), (10, "hold")),
    ("10: merged by a merge commit", seen(Branch("c1", ()), replace(OPEN, state="merged")), (10, "hold")),
    ("11: reverted", seen(reverted="0123456789abcdef"), Decision(
        11, "hold", "reverted in 0123456789: not proposed again by itself")),
    ("11: merged and taken back", seen(merged=7), Decision(
        11, "hold", "#7 was merged and taken back since: not proposed again by itself", 7)),
    ("11: merged and taken back in", seen(merged=7, reverted="0123456789abcdef"), Decision(
        11, "hold", "reverted in 0123456789: not proposed again by itself", 7)),
    ("11: reverted, an older one lives", seen(Branch("c0", (OLDER,)), OPEN, reverted="0123456789abcdef"), (11, "hold")),
    ("11: reverted after a merge", seen(reverted="0123456789abcdef", merged=4), Decision(
        11, "hold", "reverted in 0123456789: not proposed again by itself", 4)),
    ("11: merged and gone, the commit is not known", seen(merged=4), Decision(
        11, "hold", "#4 was merged and taken back since: not proposed again by itself", 4)),
    ("12: somebody's branch", seen(Branch("c2", (HUMAN,))), Decision(
        12, "refuse", "the branch exists and is not hubctl's")),
    ("12: a branch without commits", seen(Branch("c9", ())), (12, "refuse")),
    ("12: only tidying", seen(Branch("c4", (TIDIED,))), (12, "refuse")),
    ("12: a merged pull request of other commits", seen(Branch("c2", (HUMAN,)), replace(OPEN, state="merged")),
     (12, "refuse")),
    ("13: crash after the push", seen(WANTED), Decision(
        13, "resume", "the branch is there, its pull request is not", title=True, body=True)),
    ("13: crash after the push, base moved", seen(replace(WANTED, base_touched=True)), Decision(
        5, "create", "a newer change on a branch of hubctl", None, "c1", title=True, body=True)),
    ("14: labels missing", seen(WANTED, replace(OPEN, missing=True)), Decision(
        14, "update", "its text, labels or reviewers differ", 7)),
    ("15: done by hand", seen(WANTED, OPEN, changes=False), Decision(
        15, "hold", "base has these values already: close #7", 7)),
    ("15: done by hand, at another base", seen(WANTED, replace(OPEN, base="next"), changes=False), (15, "hold")),
    ("17: too many", seen(open_count=10), Decision(
        17, "hold", "10 pull requests of hubctl are open, no more than that")),
    ("17: too many, and declined", seen(None, replace(OPEN, state="closed"), open_count=10), (8, "hold")),
    ("17: a living one is kept current", seen(Branch("c0", (OLDER,)), OPEN, open_count=10), (5, "rebuild")),
    ("19: proposed elsewhere", seen(elsewhere=3), Decision(
        19, "hold", "#3 already changes one of these places", 3)),
]  # fmt: skip


@pytest.mark.parametrize(("observed", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_every_row_of_the_table_has_its_answer(observed: Observed, expected: Decision | int | tuple[int, str]) -> None:
    decision = decide(observed)
    if isinstance(expected, Decision):
        assert decision == expected
    elif isinstance(expected, int):
        assert decision.row == expected
    else:
        assert (decision.row, decision.action) == expected


@pytest.mark.parametrize("observed", [row[1] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_push_always_names_the_commit_that_was_seen(observed: Observed) -> None:
    decision = decide(observed)
    if decision.action in {"create", "rebuild"}:
        assert decision.lease == (observed.branch.tip if observed.branch else None)
    else:
        assert decision.lease is None


def test_a_bot_of_the_settings_is_hubctl_too() -> None:
    bot = BranchCommit("c1", "robot@example.org", "robot@example.org", "id-new")
    observed = seen(Branch("c1", (bot,), same_tree=True), OPEN)
    assert decide(observed).row == 6
    assert decide(replace(observed, identities=frozenset({US, "robot@example.org"}))).row == 3
