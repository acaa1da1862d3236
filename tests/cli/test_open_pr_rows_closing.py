"""Pull requests that come to their end: done on base by other hands, or taken over after a change of `--group`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.forging import BRANCH, TITLE, Scene, opened_scene
from tests.cli.playground import COMMON, COMMON_FILE, STAGING
from tests.cli.test_open_pr_rows import COMMENT, PATCH, PUSH, STAGING_FILE, again, notes
from tests.forge.faults import Fault

pytestmark = pytest.mark.slow

BY_HAND = {
    COMMON_FILE: COMMON.replace("2026.05.01", "2026.06.04"),
    STAGING_FILE: STAGING.replace("2026.05.01", "2026.06.02"),
}
ENDED = [COMMENT, PATCH, PUSH]
CLOSED = f"#1 closed acme:{BRANCH} -> main: {TITLE} comments 1\n"
MAIN = "main: 2 commits, last: Change by hand\n"
DONE = "base has these values already"
FILE_BRANCH = "hubctl/bump-image/file-config--clusters--leap--common.values.yaml"
HUB_BRANCH = "hubctl/bump-image/hub-leap-staging"
NOTEBOOK = "[leap] quay.io/leap/notebook 2026.05.01 → 2026.06.04"
SMALL = "[leap, staging] quay.io/leap/small 2026.05.01 → 2026.06.02"
BY_HUB = (
    f"{FILE_BRANCH}: main + ['{NOTEBOOK}'] changes ['{COMMON_FILE}']\n"
    f"{HUB_BRANCH}: main + ['{SMALL}'] changes ['{STAGING_FILE}']\n"
    "main: 1 commits, last: Start\n"
)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Scene]:
    with opened_scene(tmp_path) as made:
        yield made


def test_row_15_what_was_done_by_hand_is_said_closed_and_its_branch_deleted(opened: Scene) -> None:
    by_hand = opened.forge.commit("main", BY_HAND)

    done = opened.open()

    (entry,) = done.json["pull_requests"]
    assert (done.code, entry["number"], entry["operation"], entry["warnings"]) == (0, 1, "superseded", [DONE])
    assert opened.forge.writes() == ENDED
    assert opened.forge.picture() == MAIN + CLOSED
    assert notes(opened) == [
        f"<!-- hubctl:note superseded -->\nDone on `main` in {by_hand}: nothing is left to merge.\n"
    ]
    assert again(opened) == ()


def test_row_15_names_the_commit_that_did_it_not_the_last_one(opened: Scene) -> None:
    by_hand = opened.forge.commit("main", BY_HAND)
    opened.forge.commit("main", {COMMON_FILE: BY_HAND[COMMON_FILE] + "# a note\n", "README.md": "# Fleet\n"})

    assert opened.proposed() == (("superseded", DONE),)
    assert [by_hand in note for note in notes(opened)] == [True]


def test_row_15_with_commits_of_a_person_only_says_so(opened: Scene) -> None:
    tip = opened.forge.commit(BRANCH, {"notes.md": "mine\n"})
    by_hand = opened.forge.commit("main", BY_HAND)

    said = f"{DONE}, but #1 has commits that are not hubctl's: close it"
    assert opened.proposed() == (("held", said),)
    assert (opened.tip(), opened.forge.pull(1).state, opened.forge.writes()) == (tip, "open", [COMMENT])
    assert [by_hand in note and tip in note for note in notes(opened)] == [True]
    assert again(opened) == (("held", said),)


def test_row_15_what_base_lacks_is_not_closed_because_a_tag_is_gone(opened: Scene) -> None:
    for name, old in (("quay.io/leap/notebook", 1), ("quay.io/leap/small", 1)):
        opened.images[name] = opened.images[name][:old]

    said = "nothing newer is there, and base lacks what #1 proposes"
    assert opened.proposed() == (("held", said),)
    assert (opened.forge.pull(1).state, opened.forge.writes()) == ("open", [])


def test_row_15_an_ended_pull_request_is_no_persons_no(opened: Scene) -> None:
    opened.forge.commit("main", BY_HAND)
    assert opened.proposed() == (("superseded", DONE),)
    opened.newer()

    assert opened.proposed() == (("created",),)
    assert [pull.state for pull in opened.forge.pulls] == ["closed", "open"]


def test_row_15_only_branches_that_were_looked_at_are_ended(opened: Scene) -> None:
    opened.forge.commit("main", BY_HAND)

    done = opened.run("bump-image", "leap", "staging", "--open-pr", "--json")

    assert (done.code, done.json["pull_requests"], opened.forge.writes()) == (0, [], [])


def test_row_15_a_comment_that_is_refused_leaves_the_pull_request_open(opened: Scene) -> None:
    opened.forge.commit("main", BY_HAND)
    opened.forge.repository.issues = False

    ((operation, reason, warning),) = opened.proposed()
    assert (operation, reason) == ("held", DONE)
    assert warning.startswith("the comment was not written: ")
    assert (opened.forge.pull(1).state, opened.tip() is None) == ("open", False)


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(("POST", r"/issues/1/comments$"), id="before the comment"),
        pytest.param(("PATCH", r"/pulls/1$"), id="before closing"),
        pytest.param(("POST", r"/git-receive-pack$"), id="before the branch is deleted"),
    ],
)
def test_row_15_what_was_cut_short_is_completed_by_the_next_run(opened: Scene, step: tuple[str, str]) -> None:
    opened.forge.commit("main", BY_HAND)
    opened.forge.faults.append(Fault(*step, status=403, body='{"message": "Forbidden"}'))
    opened.open()

    assert [each[0] for each in opened.proposed()] == ["superseded"]
    assert opened.forge.picture() == MAIN + CLOSED
    assert again(opened) == ()


def test_a_change_of_group_opens_the_new_pull_requests_and_ends_the_old_one(opened: Scene) -> None:
    assert opened.proposed("--group", "hub") == (
        ("created",),
        ("created",),
        ("superseded", "its changes are in #2, #3"),
    )
    assert opened.forge.picture() == (
        BY_HUB
        + CLOSED
        + f"#2 open acme:{FILE_BRANCH} -> main: {NOTEBOOK}\n#3 open acme:{HUB_BRANCH} -> main: {SMALL}\n"
    )
    assert notes(opened) == ["<!-- hubctl:note superseded -->\nSuperseded: its changes are in #2, #3.\n"]
    assert again(opened, "--group", "hub") == (("unchanged",), ("unchanged",))


def test_a_change_of_group_and_back_again_ends_where_it_began(opened: Scene) -> None:
    opened.proposed("--group", "hub")

    assert opened.proposed() == (
        ("created",),
        ("superseded", "its changes are in #4"),
        ("superseded", "its changes are in #4"),
    )
    assert [pull.state for pull in opened.forge.pulls] == ["closed", "closed", "closed", "open"]
    assert list(opened.branches()) == [BRANCH, "main"]
    assert again(opened) == (("unchanged",),)


def test_a_change_to_a_group_that_the_selection_makes_smaller_is_one_too(opened: Scene) -> None:
    assert [each[0] for each in opened.proposed("--group", "image")] == ["created", "created", "superseded"]
    assert again(opened, "--group", "image") == (("unchanged",), ("unchanged",))

    assert [each[0] for each in opened.proposed()] == ["created", "superseded", "superseded"]
    assert [pull.number for pull in opened.forge.pulls if pull.state == "open"] == [4]
    assert again(opened) == (("unchanged",),)


def test_a_change_of_group_with_a_newer_tag_supersedes_the_older_one_too(opened: Scene) -> None:
    opened.newer()

    assert [each[0] for each in opened.proposed("--group", "hub")] == ["created", "created", "superseded"]
    assert [pull.state for pull in opened.forge.pulls] == ["closed", "open", "open"]


def test_a_change_of_group_leaves_what_people_approved_or_committed_to(opened: Scene) -> None:
    opened.forge.review(1, "APPROVED")
    assert opened.proposed("--group", "hub") == (
        ("held", "#1 already changes one of these places"),
        ("held", "#1 already changes one of these places"),
    )

    opened.forge.review(1, "DISMISSED")
    opened.forge.commit(BRANCH, {"notes.md": "mine\n"})
    assert [each[0] for each in opened.proposed("--group", "hub")] == ["held", "held"]
    assert [pull.state for pull in opened.forge.pulls] == ["open"]
    assert opened.forge.writes() == []


def test_a_change_of_group_does_not_end_what_somebody_else_opened(opened: Scene) -> None:
    opened.forge.pull(1).author = "ada"

    assert [each[0] for each in opened.proposed("--group", "hub")] == ["held", "held"]
    assert opened.forge.writes() == []


def test_a_change_of_group_waits_until_every_heir_is_open(opened: Scene) -> None:
    opened.forge.faults.append(Fault("POST", r"/repos/acme/fleet/pulls$", status=500, times=9))
    assert opened.open("--group", "hub").code == 1
    assert opened.forge.pull(1).state == "open"
    opened.forge.faults.clear()

    assert [each[0] for each in opened.proposed("--group", "hub")] == ["created", "created", "superseded"]


def test_a_change_of_group_that_was_cut_short_is_completed_by_the_next_run(opened: Scene) -> None:
    push = r"/git-receive-pack$"
    opened.forge.faults.append(Fault("POST", push, before=lambda: None, times=2))  # two branches are made
    opened.forge.faults.append(Fault("POST", push, status=403))
    opened.open("--group", "hub")
    assert (opened.forge.pull(1).state, opened.tip() is None) == ("closed", False)
    opened.forge.faults.clear()

    assert [each[0] for each in opened.proposed("--group", "hub")] == ["unchanged", "unchanged", "superseded"]
    assert opened.tip() is None
    assert again(opened, "--group", "hub") == (("unchanged",), ("unchanged",))
