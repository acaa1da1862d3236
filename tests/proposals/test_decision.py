from dataclasses import replace

import pytest

from hubctl.proposals.decision import decide
from hubctl.proposals.observed import FACTS, Ask, Branch, BranchCommit, Decision, Fact, Observed, Pull, Refusal

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
OUTDATED = Branch("c0", (OLDER,))
OPEN = Pull(7, "open", "main", id="id-new", head_sha="c1")
OLD_OPEN = replace(OPEN, id="id-old", region_same=False)
CLOSED = replace(OPEN, state="closed")
MERGED = replace(OPEN, state="merged")
GONE = "reverted in 0123456789: not proposed again by itself"


def seen(branch: Branch | None = None, *pulls: Pull, **fields: object) -> Observed:
    return replace(NOTHING, branch=branch, pulls=pulls, **fields)


ROWS = [
    ("1: no change, no pull request", seen(changes=False), Decision(1, "nothing", "base has these values already")),
    ("1: only a closed one", seen(None, CLOSED, changes=False), (1, "nothing")),
    ("1: a branch left over", seen(WANTED, MERGED, changes=False), (1, "nothing")),
    ("2: nothing there", seen(), Decision(2, "create", "new", title=True, body=True)),
    ("2: an older one was merged", seen(None, replace(MERGED, id="id-old")), (2, "create")),
    ("3: all as wanted", seen(WANTED, OPEN), Decision(3, "nothing", "the pull request is as it should be", 7)),
    ("3: a bot tidied on top", seen(Branch("c4", (TIDIED, OURS), same_tree=True), OPEN), (3, "nothing")),
    (
        "3: our text is old",
        seen(WANTED, replace(OPEN, region_same=False)),
        Decision(3, "update", "its text, or who and what is on it, differs", 7, body=True),
    ),
    (
        "3: our title is old",
        seen(WANTED, replace(OPEN, title_same=False)),
        Decision(3, "update", "its text, or who and what is on it, differs", 7, title=True),
    ),
    ("3: base moved elsewhere", seen(replace(WANTED, behind=True), OPEN), (3, "nothing")),
    ("3: up to date where a rule wants that", seen(WANTED, OPEN, strict=True), (3, "nothing")),
    (
        "4: base moved in the same file",
        seen(replace(WANTED, same_tree=False, base_touched=True, behind=True), OPEN),
        Decision(4, "rebuild", "base moved on", 7, "c1", title=True),
    ),
    ("4: base was rewritten", seen(replace(WANTED, on_base=False, behind=True), OPEN), (4, "rebuild")),
    ("4: a rule wants it up to date", seen(replace(WANTED, behind=True), OPEN, strict=True), (4, "rebuild")),
    (
        "4: a rule wants it up to date, and it is approved",
        seen(replace(WANTED, behind=True), replace(OPEN, approved=True), strict=True),
        Decision(
            4, "hold", "base moved on, and #7 is approved as it is: `--supersede-approved` rebuilds it", 7
        ),
    ),
    (
        "4: approved, and that may be superseded",
        seen(replace(WANTED, base_touched=True), replace(OPEN, approved=True), supersede_approved=True),
        (4, "rebuild"),
    ),
    ("4: what is open is not asked about again", seen(
        replace(WANTED, base_touched=True), OPEN, declined=Refusal(3), reverted="ab", elsewhere=2), (4, "rebuild")),
    (
        "5: a newer tag",
        seen(OUTDATED, OLD_OPEN),
        Decision(5, "rebuild", "a newer change is there", 7, "c0", title=True, body=True),
    ),
    (
        "5: a newer tag, a title of a person",
        seen(OUTDATED, replace(OLD_OPEN, title_ours=False)),
        Decision(5, "rebuild", "a newer change is there", 7, "c0", body=True),
    ),
    (
        "5: a newer tag, a body that is a person's",
        seen(OUTDATED, replace(OLD_OPEN, region_same=True)),
        Decision(5, "rebuild", "a newer change is there", 7, "c0", title=True),
    ),
    ("5: a newer tag, base moved", seen(replace(OUTDATED, base_touched=True), OLD_OPEN), (5, "rebuild")),
    ("5: other bytes of the same change", seen(replace(WANTED, same_tree=False), OPEN), (5, "rebuild")),
    (
        "5: approved",
        seen(OUTDATED, replace(OLD_OPEN, approved=True)),
        Decision(
            5,
            "hold",
            "a newer change is there, and #7 is approved as it is: `--supersede-approved` rebuilds it",
            7,
            note="approved",
        ),
    ),
    ("5: approved, and that may be superseded", seen(
        OUTDATED, replace(OLD_OPEN, approved=True), supersede_approved=True), (5, "rebuild")),
    ("5: approved and as wanted", seen(WANTED, replace(OPEN, approved=True)), (3, "nothing")),
    ("5: approved, may be superseded, and the newer one was declined", seen(
        OUTDATED, replace(OLD_OPEN, approved=True), supersede_approved=True, declined=Refusal(3)), (8, "decline")),
    (
        "5: a branch of ours whose pull request was declined",
        seen(OUTDATED, replace(CLOSED, id="id-old")),
        Decision(5, "create", "a newer change on a branch of hubctl", None, "c0", title=True, body=True),
    ),
    ("6: a human commit", seen(Branch("c2", (HUMAN, OURS)), OPEN), Decision(
        6, "hold", "the branch has commits that are not hubctl's", 7, note="people", foreign=("c2",))),
    ("6: an edit on the web", seen(Branch("c3", (WEB, OURS)), OPEN), (6, "hold")),
    ("6: a commit of ours rewritten by a person", seen(Branch("c5", (COPIED,)), OPEN), (6, "hold")),
    ("6: human commits, no pull request", seen(Branch("c2", (HUMAN, OURS))), Decision(
        6, "hold", "the branch has commits that are not hubctl's")),
    ("6: a pull request of a person from that branch", seen(Branch("c2", (HUMAN,)), OPEN), (6, "hold")),
    ("6: human commits after a merge", seen(Branch("c2", (HUMAN,)), MERGED), (6, "hold")),
    ("6: nobody's no to a person's commit", seen(Branch("c2", (HUMAN, OURS)), OPEN, declined=Refusal(3)), (6, "hold")),
    (
        "6: taken over by the flag",
        seen(Branch("c2", (HUMAN, OURS)), OLD_OPEN, take_over=True),
        Decision(
            6, "rebuild", "taken over as asked", 7, "c2", title=True, body=True, note="rebuilt", foreign=("c2",)
        ),
    ),
    ("6: taken over by the label", seen(Branch("c2", (HUMAN, OURS)), replace(OPEN, rebuild=True)), (6, "rebuild")),
    ("6: the label on a closed one counts for nothing", seen(
        Branch("c2", (HUMAN, OURS)), replace(CLOSED, rebuild=True)), (6, "hold")),
    (
        "6: taken over without a pull request",
        seen(Branch("c2", (HUMAN, OURS)), take_over=True),
        Decision(
            6, "create", "taken over as asked", None, "c2", title=True, body=True, note="rebuilt", foreign=("c2",)
        ),
    ),
    ("6: taken over, and declined before", seen(
        Branch("c2", (HUMAN, OURS)), OPEN, take_over=True, declined=Refusal(3)), (8, "decline")),
    ("6: pointed at another base", seen(WANTED, replace(OPEN, base="next")), Decision(
        6, "hold", "somebody pointed #7 at another base", 7, note="moved")),
    ("6: pointed away, taken back as it is", seen(WANTED, replace(OPEN, base="next", rebuild=True)), Decision(
        6, "update", "taken over as asked", 7, title=False, body=False, base=True)),
    ("6: pointed away, taken back and renewed", seen(
        WANTED, replace(OPEN, base="next", title_same=False, region_same=False), take_over=True), Decision(
        6, "update", "taken over as asked", 7, title=True, body=True, base=True)),
    ("6: pointed away, taken back and rebuilt", seen(OUTDATED, replace(OLD_OPEN, base="next"), take_over=True),
     Decision(6, "rebuild", "taken over as asked", 7, "c0", title=True, body=True, base=True)),
    ("6: pointed away, the newer one declined", seen(
        OUTDATED, replace(OLD_OPEN, base="next"), take_over=True, declined=Refusal(3)), (8, "decline")),
    ("6: pointed away with commits of a person, taken over", seen(
        Branch("c2", (HUMAN, OURS)), replace(OPEN, base="next"), take_over=True), Decision(
        6, "rebuild", "taken over as asked", 7, "c2", title=True, base=True, note="rebuilt", foreign=("c2",))),
    ("6: pointed away and its branch gone", seen(None, replace(OPEN, base="next"), take_over=True), (6, "hold")),
    ("6: the branch is gone", seen(None, OPEN), Decision(6, "hold", "the branch of #7 is gone", 7)),
    (
        "7: a person's title stays",
        seen(WANTED, replace(OPEN, title_ours=False, title_same=False)),
        Decision(3, "nothing", "the pull request is as it should be", 7),
    ),
    (
        "7: a person's title and our old text",
        seen(WANTED, replace(OPEN, title_ours=False, title_same=False, region_same=False)),
        Decision(7, "update", "its text, or who and what is on it, differs", 7, body=True),
    ),
    ("8: declined", seen(None, CLOSED, declined=Refusal(7, "ann", "2026-06-04")), Decision(
        8, "decline", "declined in #7 by ann on 2026-06-04", 7)),
    ("8: declined by somebody", seen(declined=Refusal(7)), Decision(8, "decline", "declined in #7", 7)),
    ("8: closed, its marker taken away", seen(None, CLOSED, declined=Refusal(7, unknown=True)), Decision(
        8, "decline", "#7 was closed and does not say what it proposed", 7)),
    ("8: declined before, another one lives", seen(OUTDATED, OLD_OPEN, declined=Refusal(3)), (8, "decline")),
    ("8: again", seen(None, CLOSED, declined=Refusal(7), again=True), (2, "create")),
    ("9: closed by ourselves", seen(None, CLOSED), (2, "create")),
    ("10: merged, branch left over", seen(WANTED, MERGED), Decision(
        10, "create", "the branch of #7, which was merged", None, "c1", title=True, body=True)),
    ("10: merged by a merge commit", seen(Branch("c1", ()), MERGED), (10, "create")),
    ("10: merged with a person's commit in it", seen(Branch("c2", (HUMAN, OURS)), replace(MERGED, head_sha="c2")),
     (10, "create")),
    ("10: merged, and the same again is declined", seen(WANTED, MERGED, merged=7), (11, "decline")),
    ("10: pushed on after the merge", seen(Branch("c2", (HUMAN, OURS)), MERGED), Decision(
        6, "hold", "the branch has commits that are not hubctl's")),
    ("10: another one is open from the branch", seen(WANTED, replace(OPEN, number=9), MERGED), (3, "nothing")),
    ("11: reverted", seen(reverted="0123456789abcdef"), Decision(11, "decline", GONE)),
    ("11: merged and taken back", seen(merged=7), Decision(
        11, "decline", "#7 was merged and taken back since: not proposed again by itself", 7)),
    ("11: reverted after a merge", seen(reverted="0123456789abcdef", merged=4), Decision(11, "decline", GONE, 4)),
    ("11: reverted, an older one lives", seen(OUTDATED, OLD_OPEN, reverted="0123456789abcdef"), (11, "decline")),
    ("11: again", seen(reverted="0123456789abcdef", merged=4, again=True), (2, "create")),
    ("12: somebody's branch", seen(Branch("c2", (HUMAN,))), Decision(
        12, "refuse", "the branch exists and is not hubctl's")),
    ("12: not even where it may be taken over", seen(Branch("c2", (HUMAN,)), take_over=True), (12, "refuse")),
    ("12: a branch without commits", seen(Branch("c9", ())), (12, "refuse")),
    ("12: only tidying", seen(Branch("c4", (TIDIED,))), (12, "refuse")),
    ("13: crash after the push", seen(WANTED), Decision(
        13, "resume", "the branch is there, its pull request is not", title=True, body=True)),
    ("13: crash after the push, base moved", seen(replace(WANTED, base_touched=True)), Decision(
        5, "create", "a newer change on a branch of hubctl", None, "c1", title=True, body=True)),
    ("14: labels missing", seen(WANTED, replace(OPEN, missing=True)), Decision(
        14, "update", "its text, or who and what is on it, differs", 7)),
    ("14: reviewers missing", seen(WANTED, replace(OPEN, unasked=True)), (14, "update")),
    ("15: done by hand", seen(WANTED, OPEN, changes=False), Decision(
        15, "close", "base has these values already", 7, "c1", note="done")),
    ("15: done by hand, the branch gone", seen(None, OPEN, changes=False), Decision(
        15, "close", "base has these values already", 7, note="done")),
    ("15: done by hand, approved all the same", seen(WANTED, replace(OPEN, approved=True), changes=False),
     (15, "close")),
    ("15: base lacks it, and the registry has nothing newer", seen(WANTED, OPEN, changes=False, vanished=False),
     Decision(15, "hold", "nothing newer is there, and base lacks what #7 proposes", 7)),
    ("15: done by hand, with a commit of a person", seen(Branch("c2", (HUMAN, OURS)), OPEN, changes=False), Decision(
        15, "hold", "base has these values already, but #7 has commits that are not hubctl's: close it", 7,
        note="done", foreign=("c2",))),
    ("15: taken over by others", seen(WANTED, OPEN, changes=False, covered=(8, 9)), Decision(
        15, "close", "its changes are in #8, #9", 7, "c1", note="covered")),
    ("15: taken over by others, the branch gone", seen(None, OPEN, changes=False, covered=(8,)), (15, "close")),
    ("15: taken over by others, approved", seen(
        WANTED, replace(OPEN, approved=True), changes=False, covered=(8,)), Decision(
        15, "hold", "approved, though its changes are in #8: merge or close #7", 7)),
    ("15: taken over by others, approved, superseded", seen(
        WANTED, replace(OPEN, approved=True), changes=False, covered=(8,), supersede_approved=True), (15, "close")),
    ("15: taken over by others, a commit of a person", seen(
        Branch("c2", (HUMAN, OURS)), OPEN, changes=False, covered=(8,)), Decision(
        15, "hold", "its changes are in #8, but #7 has commits that are not hubctl's: close it", 7,
        note="covered", foreign=("c2",))),
    ("17: too many", seen(open_count=10), Decision(
        17, "hold", "10 pull requests of hubctl are open, and 10 may be")),
    ("17: none at all", seen(open_limit=0), (17, "hold")),
    ("17: too many, and declined", seen(None, CLOSED, open_count=10, declined=Refusal(7)), (8, "decline")),
    ("17: a living one is kept current", seen(OUTDATED, OLD_OPEN, open_count=10), (5, "rebuild")),
    ("18: too young", seen(WANTED, OPEN, changes=False, idle="1 too-young"), Decision(18, "hold", "1 too-young", 7)),
    ("18: too young, nothing open", seen(changes=False, idle="1 too-young"), Decision(1, "nothing", "1 too-young")),
    ("19: proposed elsewhere", seen(elsewhere=3), Decision(
        19, "hold", "#3 already changes one of these places", 3)),
    ("19: again is no word about others", seen(elsewhere=3, again=True), (19, "hold")),
]  # fmt: skip


def decided(observed: Observed) -> Decision:
    decision = decide(observed)
    assert isinstance(decision, Decision)
    return decision


@pytest.mark.parametrize(("observed", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_every_row_of_the_table_has_its_answer(observed: Observed, expected: Decision | tuple[int, str]) -> None:
    decision = decided(observed)
    if isinstance(expected, Decision):
        assert decision == expected
    else:
        assert (decision.row, decision.action) == expected


@pytest.mark.parametrize("observed", [row[1] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_push_always_names_the_commit_that_was_seen(observed: Observed) -> None:
    decision = decided(observed)
    if decision.action in {"create", "rebuild", "close"}:
        assert decision.lease == (observed.branch.tip if observed.branch else None)
    else:
        assert decision.lease is None


def test_a_bot_of_the_settings_is_hubctl_too() -> None:
    bot = BranchCommit("c1", "robot@example.org", "robot@example.org", "id-new")
    observed = seen(Branch("c1", (bot,), same_tree=True), OPEN)
    assert decided(observed).row == 6
    assert decided(replace(observed, identities=frozenset({US, "robot@example.org"}))).row == 3


def answered(observed: Observed) -> tuple[Decision, tuple[Fact, ...]]:
    """Decide with nothing known but what is asked for."""
    blank = Observed(**{name: getattr(NOTHING, name) for name in ("id", "base", "changes", "identities")})
    costly = {
        "strict": ("strict",), "refusals": (), "others": ("declined",), "history": ("reverted", "merged"),
        "elsewhere": ("elsewhere",), "vanished": ("vanished",), "reviews": (),
    }  # fmt: skip
    unknown = {name: getattr(blank, name) for names in costly.values() for name in names}
    pulls = tuple(replace(pull, approved=False) for pull in observed.pulls)
    now, asked = replace(observed, **unknown, pulls=pulls, known=frozenset()), []
    while isinstance(answer := decide(now), Ask):
        asked.append(answer.fact)
        found = {name: getattr(observed, name) for name in costly[answer.fact]}
        if answer.fact == "reviews":
            found = {"pulls": observed.pulls}
        now = replace(now, **found, known=now.known | {answer.fact})
    return answer, tuple(asked)


@pytest.mark.parametrize("observed", [row[1] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_is_asked_only_when_it_is_needed_decides_the_same(observed: Observed) -> None:
    decision, asked = answered(observed)
    assert decision == decided(observed)
    assert len(asked) == len(set(asked))
    assert set(asked) <= FACTS


@pytest.mark.parametrize(
    ("observed", "asked"),
    [
        (seen(WANTED, OPEN), ()),
        (seen(replace(WANTED, behind=True), OPEN), ("strict",)),
        (seen(WANTED, replace(OPEN, unasked=True)), ("reviews",)),
        (seen(replace(WANTED, base_touched=True), OPEN), ("reviews",)),
        (seen(OUTDATED, OLD_OPEN), ("refusals", "history", "elsewhere", "reviews", "others")),
        (seen(OUTDATED, replace(OLD_OPEN, approved=True)), ("refusals", "history", "elsewhere", "reviews")),
        (seen(OUTDATED, OLD_OPEN, again=True, supersede_approved=True), ("elsewhere",)),
        (seen(Branch("c2", (HUMAN, OURS)), OPEN), ()),
        (seen(), ("refusals", "history", "elsewhere", "others")),
        (seen(changes=False), ()),
        (seen(WANTED, OPEN, changes=False), ("vanished",)),
        (seen(WANTED, OPEN, changes=False, idle="1 too-young"), ()),
        (seen(WANTED, OPEN, changes=False, covered=(8,)), ("reviews",)),
    ],
)
def test_a_quiet_run_asks_nothing_and_others_only_what_they_need(observed: Observed, asked: tuple[Fact, ...]) -> None:
    assert answered(observed)[1] == asked
