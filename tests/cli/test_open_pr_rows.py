"""Rows of the decision table in which people and hubctl meet on one branch, through the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hubctl.proposals.identity import Marker
from tests.cli.forging import BRANCH, TITLE, Scene, opened_scene
from tests.cli.playground import COMMON, COMMON_FILE, FLEET, STAGING
from tests.forge.double import BOT

pytestmark = pytest.mark.slow

STAGING_FILE = "config/clusters/leap/staging.values.yaml"
PUSH = "POST /acme/fleet.git/git-receive-pack"
CREATE = "POST /repos/acme/fleet/pulls"
PATCH = "PATCH /repos/acme/fleet/pulls/1"
COMMENT = "POST /repos/acme/fleet/issues/1/comments"
FILES = f"changes ['{COMMON_FILE}', '{STAGING_FILE}']"
OURS = f"{BRANCH}: main + ['{TITLE}'] {FILES}\n"
PULL = f"acme:{BRANCH} -> main: {TITLE}"
HUMANS = "the branch has commits that are not hubctl's"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Scene]:
    with opened_scene(tmp_path) as made:
        yield made


def notes(made: Scene, number: int = 1) -> list[str]:
    """Return the comments below a pull request that are hubctl's."""
    return [comment.body for comment in made.forge.pull(number).comments if comment.user == BOT]


def reads(made: Scene) -> list[str]:
    """Return what was asked of the API since the log was cleared."""
    return [str(call) for call in made.forge.log if not call.mutating and "/acme/fleet.git/" not in str(call)]


def again(made: Scene, *words: str) -> tuple[object, ...]:
    """Run once more and make sure that nothing at all was sent; return what was said."""
    made.forge.log.clear()
    said = made.proposed(*words)
    assert made.forge.writes() == []
    return said


def test_a_quiet_run_asks_three_things(opened: Scene) -> None:
    assert again(opened) == (("unchanged",),)
    assert reads(opened) == ["GET /repos/acme/fleet", "GET /repos/acme/fleet/pulls", "GET /user"]


def _approved(made: Scene) -> None:
    made.forge.review(1, "APPROVED")
    made.newer()


STATES = {
    "nothing": (lambda made: made.forge.merge(1, delete_branch=True), 2),
    "declined": (lambda made: made.forge.close(1), 4),
    "approved": (_approved, 5),
    "people": (lambda made: made.forge.commit(BRANCH, {"notes.md": "mine\n"}), 4),
    "reverted": (lambda made: (made.forge.merge(1), made.forge.commit("main", FLEET, "Revert")), 2),
}


@pytest.mark.parametrize("state", STATES)
def test_a_run_with_nothing_to_do_asks_four_things_at_most_and_two_for_each_open_one(opened: Scene, state: str) -> None:
    arrange, asked = STATES[state]
    arrange(opened)
    opened.proposed()

    again(opened)
    assert len(reads(opened)) == asked


def test_who_closed_a_pull_request_is_asked_once_for_all_that_it_proposed(opened: Scene) -> None:
    opened.forge.close(1)

    assert [each[0] for each in again(opened, "--group", "image")] == ["declined", "declined"]
    assert len(reads(opened)) == 4


def test_thirty_open_pull_requests_are_read_at_once(opened: Scene) -> None:
    others_open(opened, 29)

    assert again(opened) == (("unchanged",),)
    assert len(reads(opened)) == 3


def test_row_4_base_that_moved_in_the_same_file_is_what_the_commit_is_made_anew_on(opened: Scene) -> None:
    opened.forge.commit("main", {COMMON_FILE: COMMON + "# a note\n"})

    assert opened.proposed() == (("updated",),)
    assert opened.forge.writes() == [PUSH]
    assert opened.forge.picture() == OURS + f"main: 2 commits, last: Change by hand\n#1 open {PULL}\n"
    assert opened.forge.bare.read(BRANCH, COMMON_FILE).endswith("# a note")
    assert again(opened) == (("unchanged",),)


def test_row_4_an_approved_one_is_not_made_anew_unless_that_is_asked_for(opened: Scene) -> None:
    tip = opened.tip()
    opened.forge.review(1, "APPROVED")
    opened.forge.commit("main", {COMMON_FILE: COMMON + "# a note\n"})

    said = "base moved on, and #1 is approved as it is: `--supersede-approved` rebuilds it"
    assert opened.proposed() == (("held", said),)
    assert (opened.tip(), opened.forge.writes()) == (tip, [])
    assert opened.proposed("--supersede-approved") == (("updated",),)
    assert opened.forge.writes() == [PUSH]


def test_row_4_a_rule_that_wants_the_branch_up_to_date_is_asked_about_only_when_base_moved(opened: Scene) -> None:
    opened.forge.repository.strict = ("main",)
    assert again(opened) == (("unchanged",),)
    assert "GET /repos/acme/fleet/rules/branches/main" not in reads(opened)

    opened.forge.commit("main", {"README.md": "# Fleet\n"})

    assert opened.proposed() == (("updated",),)
    assert "GET /repos/acme/fleet/rules/branches/main" in reads(opened)
    assert opened.forge.picture() == OURS + f"main: 2 commits, last: Change by hand\n#1 open {PULL}\n"
    assert again(opened) == (("unchanged",),)


def test_row_5_an_approved_pull_request_is_told_of_the_newer_tag_once(opened: Scene) -> None:
    tip = opened.tip()
    opened.forge.review(1, "APPROVED")
    opened.newer()

    said = "a newer change is there, and #1 is approved as it is: `--supersede-approved` rebuilds it"
    assert opened.proposed() == (("held", said),)
    assert (opened.tip(), opened.forge.writes()) == (tip, [COMMENT])
    (note,) = notes(opened)
    assert note.startswith("<!-- hubctl:note held -->\n")
    assert "`--supersede-approved`" in note
    assert "`2026.06.10`" in note
    assert again(opened) == (("held", said),)

    opened.forge.log.clear()
    assert opened.proposed("--supersede-approved") == (("updated",),)
    assert opened.forge.writes() == ["DELETE /repos/acme/fleet/issues/comments/1", PUSH, PATCH]
    assert notes(opened) == []
    assert again(opened) == (("unchanged",),)


@pytest.mark.parametrize("committer", [None, "GitHub <noreply@github.com>"], ids=["a push", "an edit on the web"])
def test_row_6_a_commit_of_a_person_freezes_the_branch_and_is_answered_once(
    opened: Scene, committer: str | None
) -> None:
    tip = opened.forge.commit(BRANCH, {"notes.md": "mine\n"}, author="Ada <ada@example.org>", committer=committer)
    opened.newer()

    assert opened.proposed() == (("held", HUMANS),)
    assert (opened.tip(), opened.forge.writes()) == (tip, [COMMENT])
    (note,) = notes(opened)
    assert tip in note
    assert again(opened) == (("held", HUMANS),)

    second = opened.forge.commit(BRANCH, {"notes.md": "mine, too\n"}, author="Ada <ada@example.org>")
    opened.forge.log.clear()
    assert opened.proposed() == (("held", HUMANS),)
    assert opened.forge.writes() == ["PATCH /repos/acme/fleet/issues/comments/1"]
    assert [tip in note and second in note for note in notes(opened)] == [True]


def test_row_6_a_comment_of_somebody_else_with_our_marker_is_no_note_and_copies_of_ours_go(opened: Scene) -> None:
    opened.forge.commit(BRANCH, {"notes.md": "mine\n"})
    opened.proposed()
    (note,) = notes(opened)
    opened.forge.pull(1).comments.clear()
    opened.forge.comment(1, note, user="mallory")
    opened.forge.comment(1, note, user=BOT)
    opened.forge.comment(1, note, user=BOT)
    opened.forge.log.clear()

    assert opened.proposed() == (("held", HUMANS),)
    assert opened.forge.writes() == ["DELETE /repos/acme/fleet/issues/comments/4"]
    assert [(one.id, one.user) for one in opened.forge.pull(1).comments] == [(2, "mallory"), (3, BOT)]


def test_row_6_a_locked_conversation_is_a_warning(opened: Scene) -> None:
    opened.forge.commit(BRANCH, {"notes.md": "mine\n"})
    opened.forge.repository.issues = False

    ((operation, *said),) = opened.proposed()
    assert (operation, said[0]) == ("held", HUMANS)
    assert "the comment was not written" in said[1]


@pytest.mark.parametrize("way", ["flag", "label"])
def test_row_6_what_is_taken_over_is_made_anew_and_every_lost_commit_is_named(opened: Scene, way: str) -> None:
    first = opened.forge.commit(BRANCH, {"notes.md": "mine\n"})
    tip = opened.forge.commit(BRANCH, {"notes.md": "mine, too\n"})
    assert opened.proposed() == (("held", HUMANS),)
    words = ("--take-over",) if way == "flag" else ()
    opened.forge.pull(1).labels += ["Hubctl:Rebuild"] if way == "label" else []
    opened.forge.log.clear()

    said = f"rebuilt over commits that were not hubctl's: {tip[:10]}, {first[:10]}; the tip was {tip}"
    assert opened.proposed(*words) == (("updated", said),)
    assert opened.forge.writes() == [COMMENT, "DELETE /repos/acme/fleet/issues/comments/1", PUSH]
    labels = " labels ['Hubctl:Rebuild']" if way == "label" else ""
    assert opened.forge.picture() == OURS + f"main: 1 commits, last: Start\n#1 open {PULL}{labels} comments 1\n"
    assert [first in note and tip in note for note in notes(opened)] == [True]
    assert again(opened, *words) == (("unchanged",),)


def test_row_6_an_app_that_cannot_ask_who_it_is_finds_its_comment_again(opened: Scene) -> None:
    opened.forge.account("ghs_app", "hubctl[bot]", "write", kind="App")
    opened.forge.pull(1).author = "hubctl[bot]"
    opened.forge.commit(BRANCH, {"notes.md": "mine\n"})

    assert opened.proposed(GH_TOKEN="ghs_app") == (("held", HUMANS),)
    opened.forge.log.clear()
    assert opened.proposed(GH_TOKEN="ghs_app") == (("held", HUMANS),)
    assert opened.forge.writes() == []


def test_row_6_the_label_of_a_stranger_allows_nothing(opened: Scene) -> None:
    pull = opened.forge.pull(1)
    pull.author, pull.association, pull.labels = "mallory", "NONE", ["hubctl:rebuild"]
    tip = opened.forge.commit(BRANCH, {"notes.md": "mine\n"})

    assert opened.proposed() == (("held", HUMANS),)
    assert opened.tip() == tip


def test_row_6_a_branch_of_people_without_a_pull_request_is_left_and_taken_over_when_asked(opened: Scene) -> None:
    tip = opened.forge.commit(BRANCH, {"notes.md": "mine\n"})
    opened.forge.repository.pulls.clear()
    assert opened.proposed() == (("held", HUMANS),)
    assert opened.forge.writes() == []

    ((operation, said),) = opened.proposed("--take-over")
    assert (operation, tip in said) == ("created", True)
    assert [tip in note for note in notes(opened)] == [True]
    assert again(opened) == (("unchanged",),)


def test_row_6_a_pull_request_pointed_at_another_base_is_left_and_taken_back_when_asked(opened: Scene) -> None:
    opened.forge.commit("next", {"README.md": "# Next\n"}, onto="main")
    opened.forge.pull(1).base = "next"

    said = "somebody pointed #1 at another base"
    assert opened.proposed() == (("held", said),)
    assert opened.forge.writes() == [COMMENT]
    assert again(opened) == (("held", said),)

    opened.forge.log.clear()
    assert opened.proposed("--take-over") == (("updated",),)
    assert opened.forge.writes() == ["DELETE /repos/acme/fleet/issues/comments/1", PATCH]
    assert (opened.forge.pull(1).base, len(opened.forge.pulls)) == ("main", 1)
    assert again(opened) == (("unchanged",),)


def test_row_8_what_a_person_closed_is_not_proposed_again_but_a_newer_tag_is(opened: Scene) -> None:
    opened.forge.close(1)
    opened.forge.bare.delete(BRANCH)

    ((operation, said),) = opened.proposed()
    assert (operation, said.rpartition(" on ")[0]) == ("declined", "declined in #1 by ada")
    assert opened.forge.writes() == []
    assert list(opened.branches()) == ["main"]

    opened.newer()
    assert opened.proposed() == (("created",),)
    assert [pull.state for pull in opened.forge.pulls] == ["closed", "open"]


def test_row_8_again_is_asked_for_by_the_flag(opened: Scene) -> None:
    opened.forge.close(1)

    assert opened.proposed("--again") == (("created",),)
    assert opened.forge.writes() == [CREATE]
    assert opened.forge.picture() == (OURS + f"main: 1 commits, last: Start\n#1 closed {PULL}\n#2 open {PULL}\n")
    assert again(opened) == (("unchanged",),)


def test_row_8_what_was_declined_on_another_branch_was_declined(opened: Scene) -> None:
    opened.forge.close(1)

    done = opened.run("bump-image", "leap", "staging", "--open-pr", "--json")

    (entry,) = done.json["pull_requests"]
    assert (entry["operation"], entry["number"], entry["url"]) == (
        "declined", 1, "https://github.example/acme/fleet/pull/1",
    )  # fmt: skip
    assert entry["branch"] == "hubctl/bump-image/hub-leap-staging"
    assert opened.forge.writes() == []


def test_row_8_what_was_closed_and_does_not_say_what_it_proposed_stops_its_branch(opened: Scene) -> None:
    opened.forge.close(1)
    opened.forge.pull(1).body = "mine"
    opened.newer()

    assert opened.proposed() == (("declined", "#1 was closed and does not say what it proposed"),)
    assert opened.forge.writes() == []


@pytest.mark.parametrize(("author", "operation"), [(BOT, "created"), ("mallory", "declined")])
def test_row_9_only_our_own_note_says_that_we_closed_it(opened: Scene, author: str, operation: str) -> None:
    opened.forge.close(1, by=BOT)
    opened.forge.comment(1, "<!-- hubctl:note superseded -->\nSuperseded.", user=author)
    opened.forge.bare.delete(BRANCH)

    assert [each[0] for each in opened.proposed()] == [operation]


@pytest.mark.parametrize("way", ["squash", "merge"])
def test_row_10_a_branch_left_over_after_a_merge_is_used_again(opened: Scene, way: str) -> None:
    if way == "squash":
        opened.forge.merge(1)
    else:
        opened.forge.bare.point("main", opened.tip() or "")
    opened.newer()

    assert opened.proposed() == (("created",),)
    assert opened.forge.writes() == [PUSH, CREATE]
    title = "[leap] quay.io/leap/notebook 2026.06.04 → 2026.06.10"
    assert opened.forge.picture().splitlines() == [
        f"{BRANCH}: main + ['{title}'] changes ['{COMMON_FILE}']",
        f"main: 2 commits, last: {TITLE}{' (#1)' if way == 'squash' else ''}",
        f"#1 merged {PULL}",
        f"#2 open acme:{BRANCH} -> main: {title}",
    ]
    assert again(opened) == (("unchanged",),)


def test_row_10_work_that_was_pushed_after_the_merge_is_a_persons(opened: Scene) -> None:
    opened.forge.merge(1)
    tip = opened.forge.commit(BRANCH, {"notes.md": "mine\n"})
    opened.newer()

    assert opened.proposed() == (("held", HUMANS),)
    assert (opened.tip(), opened.forge.writes()) == (tip, [])


@pytest.mark.parametrize("depth", [(), ("--depth=1",)], ids=["whole", "shallow"])
def test_row_11_a_change_that_was_taken_back_on_base_is_not_proposed_again(
    opened: Scene, depth: tuple[str, ...]
) -> None:
    opened.forge.merge(1, delete_branch=True)
    back = opened.forge.commit("main", {COMMON_FILE: COMMON, STAGING_FILE: STAGING}, "Revert the images")
    clone = opened.clone("second", *depth, url=opened.forge.remote_url)
    opened.forge.log.clear()

    done = opened.open(at=clone)

    (entry,) = done.json["pull_requests"]
    assert (entry["number"], entry["operation"]) == (1, "declined")
    assert entry["warnings"] == [f"reverted in {back[:10]}: not proposed again by itself"]
    assert opened.forge.writes() == []
    assert list(opened.branches()) == ["main"]

    assert opened.proposed("--again") == (("created",),)
    assert [pull.state for pull in opened.forge.pulls] == ["closed", "open"]


def test_row_14_people_are_assigned_and_who_cannot_be_is_said(opened: Scene) -> None:
    words = ("--assignee", "@ada", "--assignee", "mallory")
    ((operation, said),) = opened.proposed(*words)

    assert (operation, "mallory" in said) == ("updated", True)
    assert opened.forge.pull(1).assignees == ["ada"]
    assert [each[0] for each in opened.proposed(*words)] == ["unchanged"]
    assert again(opened, "--assignee", "ada") == (("unchanged",),)


def test_people_and_the_number_of_open_pull_requests_come_from_the_settings_too(opened: Scene) -> None:
    mine = opened.folder / "mine.yaml"
    theirs = Path(opened.playground.environment["HUBCTL_SETTINGS"]).read_text()
    mine.write_text(theirs + "assignees: [ada]\nmax_open: 0\n")

    assert opened.proposed(HUBCTL_SETTINGS=str(mine)) == (("updated",),)
    assert opened.forge.pull(1).assignees == ["ada"]
    opened.forge.bare.delete(BRANCH)
    opened.forge.repository.pulls.clear()
    held = (("held", "0 pull requests of hubctl are open, and 0 may be"),)
    assert opened.proposed(HUBCTL_SETTINGS=str(mine)) == held


def others_open(made: Scene, count: int) -> None:
    """Open pull requests of hubctl for other clusters."""
    tip = made.tip()
    assert tip is not None
    for number in range(count):
        branch = f"hubctl/bump-image/cluster-other{number}"
        made.forge.bare.point(branch, tip)
        made.forge.open_pull(branch, body=str(Marker("ab" * 32, f"cluster-other{number}", "cd" * 8)), author=BOT)


def test_row_17_no_more_are_opened_than_may_be(opened: Scene) -> None:
    others_open(opened, 10)
    opened.newer()
    assert opened.proposed() == (("updated",),)  # what is open is kept current

    opened.forge.bare.delete(BRANCH)
    opened.forge.repository.pulls.pop(0)
    opened.forge.log.clear()
    done = opened.open()

    said = "10 pull requests of hubctl are open, and 10 may be"
    assert (done.code, done.json["pull_requests"]) == (
        0,
        [{"number": None, "url": None, "branch": BRANCH, "operation": "held", "warnings": [said]}],
    )
    assert opened.forge.writes() == []
    assert [each[0] for each in opened.proposed("--max-open", "9")] == ["held"]
    assert opened.proposed("--max-open", "11") == (("created",),)


def test_row_18_a_pull_request_for_a_tag_stays_where_the_tag_is_found_too_young_later(opened: Scene) -> None:
    assert opened.proposed("--min-age", "90") == (("held", "nothing to propose there now, 2 too-young"),)
    assert opened.forge.writes() == []
    assert opened.forge.picture() == OURS + f"main: 1 commits, last: Start\n#1 open {PULL}\n"


def test_row_19_a_place_that_another_open_pull_request_changes_alike_is_held(opened: Scene) -> None:
    done = opened.run("bump-image", "leap", "staging", "--open-pr", "--json")

    assert done.code == 0
    assert [(each["operation"], each["number"], each["warnings"]) for each in done.json["pull_requests"]] == [
        ("held", 1, ["#1 already changes one of these places"])
    ]
    assert opened.forge.writes() == []


def test_row_19_what_a_narrower_run_opened_stays_and_holds_the_wider_one(opened: Scene) -> None:
    opened.forge.bare.delete(BRANCH)
    opened.forge.repository.pulls.clear()
    assert opened.run("bump-image", "leap", "staging", "--open-pr").code == 0
    opened.forge.log.clear()

    assert opened.proposed() == (("held", "#1 already changes one of these places"),)
    assert opened.forge.writes() == []
