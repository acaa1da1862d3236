"""The rows of the decision table through the command line: remote refs, pull requests and the log of calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.forging import BRANCH, TITLE, Scene, opened_scene, scene
from tests.cli.playground import COMMON, COMMON_FILE, STAGING
from tests.forge.faults import Fault, lost_push_reply

STAGING_FILE = "config/clusters/leap/staging.values.yaml"
URL = "https://github.example/acme/fleet/pull/1"
PUSH = "POST /acme/fleet.git/git-receive-pack"
CREATE = "POST /repos/acme/fleet/pulls"
PATCH = "PATCH /repos/acme/fleet/pulls/1"
LABELS = "POST /repos/acme/fleet/issues/1/labels"
REVIEWERS = "POST /repos/acme/fleet/pulls/1/requested_reviewers"
OURS = f"{BRANCH}: main + ['{TITLE}'] changes ['{COMMON_FILE}', '{STAGING_FILE}']\n"
MAIN = "main: 1 commits, last: Start\n"
PULL = f"#1 open acme:{BRANCH} -> main: {TITLE}"


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        yield made


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Scene]:
    with opened_scene(tmp_path) as made:
        yield made


def bumped(text: str) -> str:
    return text.replace("2026.05.01", "2026.06.04" if "notebook" in text else "2026.06.02", 1)


def test_row_1_values_already_as_wanted_are_nothing_to_do(fresh: Scene) -> None:
    fresh.forge.commit("main", {COMMON_FILE: bumped(COMMON), STAGING_FILE: bumped(STAGING)})
    fresh.forge.log.clear()

    done = fresh.open()

    assert (done.code, done.json["changes"], done.json["pull_requests"]) == (0, [], [])
    assert "nothing to do" in done.err
    assert fresh.forge.writes() == []
    assert list(fresh.branches()) == ["main"]


def test_row_2_a_branch_and_a_pull_request_are_made_and_the_second_run_changes_nothing(fresh: Scene) -> None:
    before = fresh.traces()

    first = fresh.open("--label", "images", "--reviewer", "ada", "--reviewer", "acme/maintainers", "--draft")

    assert (first.code, first.json["pull_requests"]) == (
        0,
        [{"number": 1, "url": URL, "branch": BRANCH, "operation": "created", "warnings": []}],
    )
    picture = OURS + MAIN + PULL.replace("open", "open draft")
    picture += " labels ['images'] reviewers ['ada', 'maintainers']\n"
    assert fresh.forge.picture() == picture
    assert fresh.forge.writes() == [PUSH, CREATE, LABELS, REVIEWERS]
    assert fresh.forge.bare.read(BRANCH, COMMON_FILE) + "\n" == bumped(COMMON)
    assert fresh.forge.bare.read(BRANCH, STAGING_FILE) + "\n" == bumped(STAGING)
    assert fresh.traces() == before

    tip, body = fresh.tip(), fresh.forge.pulls[0].body
    fresh.forge.log.clear()
    second = fresh.open("--label", "images", "--reviewer", "ada", "--reviewer", "acme/maintainers", "--draft")

    assert (second.code, second.json["pull_requests"]) == (
        0,
        [{"number": 1, "url": URL, "branch": BRANCH, "operation": "unchanged", "warnings": []}],
    )
    assert (fresh.tip(), fresh.forge.pulls[0].body) == (tip, body)
    assert fresh.forge.writes() == []
    assert fresh.forge.picture() == picture
    assert fresh.traces() == before


@pytest.mark.slow
def test_row_3_text_of_ours_that_is_old_is_renewed_without_a_push(opened: Scene) -> None:
    pull = opened.forge.pulls[0]
    body = pull.body or ""
    pull.body = "Ours:\r\n" + body.replace("2 hubs:", "1 hub:").replace("\n", "\r\n") + "\r\nSee you"

    assert opened.proposed() == (("updated",),)
    assert pull.body == "Ours:\r\n" + body.strip() + "\r\n\r\nSee you"
    assert opened.forge.writes() == [PATCH]


def test_row_3_a_body_with_line_ends_of_the_web_is_left_as_it_is(opened: Scene) -> None:
    pull = opened.forge.pulls[0]
    pull.body = "A word before\r\n\r\n" + (pull.body or "").replace("\n", "\r\n") + "and one after"

    assert opened.proposed() == (("unchanged",),)
    assert opened.forge.writes() == []


@pytest.mark.slow
def test_row_3_base_that_moved_elsewhere_is_no_reason_to_push(opened: Scene) -> None:
    tip = opened.tip()
    opened.forge.commit("main", {"README.md": "# Fleet\n"})

    assert opened.proposed() == (("unchanged",),)
    assert (opened.tip(), opened.forge.writes()) == (tip, [])


@pytest.mark.slow
def test_row_5_a_newer_tag_rebuilds_one_commit_on_the_tip_of_base(opened: Scene) -> None:
    opened.forge.commit("main", {"README.md": "# Fleet\n"})
    opened.newer()

    assert opened.proposed() == (("updated",),)
    assert opened.forge.picture() == OURS + "main: 2 commits, last: Change by hand\n" + PULL + "\n"
    assert opened.forge.bare.read(BRANCH, COMMON_FILE) + "\n" == COMMON.replace("tag: 2026.05.01", "tag: 2026.06.10")
    assert "`2026.06.10`" in (opened.forge.pulls[0].body or "")
    assert "`2026.06.04`" not in (opened.forge.pulls[0].body or "")
    assert opened.forge.writes() == [PUSH, PATCH]


@pytest.mark.slow
def test_a_commit_of_a_tidying_bot_is_no_persons(opened: Scene) -> None:
    bot = "pre-commit-ci[bot] <66853113+pre-commit-ci[bot]@users.noreply.github.com>"
    tip = opened.forge.commit(BRANCH, {"notes.md": "tidy\n"}, author=bot, committer=bot)

    assert opened.proposed() == (("unchanged",),)
    assert (opened.tip(), opened.forge.writes()) == (tip, [])


@pytest.mark.slow
def test_row_7_a_title_of_a_person_stays_and_only_our_part_of_the_text_is_renewed(opened: Scene) -> None:
    pull = opened.forge.pulls[0]
    pull.title, pull.body = "Newer notebooks", "Please look, Ada\n\n" + (pull.body or "")
    opened.newer()

    assert opened.proposed() == (("updated",),)
    assert pull.title == "Newer notebooks"
    assert (pull.body or "").startswith("Please look, Ada\n\n<!-- hubctl:begin -->\n")
    assert "`2026.06.10`" in (pull.body or "")
    opened.forge.log.clear()
    assert opened.proposed() == (("unchanged",),)
    assert opened.forge.writes() == []


@pytest.mark.slow
def test_row_7_a_body_without_our_markers_is_left_alone(opened: Scene) -> None:
    pull = opened.forge.pulls[0]
    mine = (pull.body or "").replace("<!-- hubctl:begin -->\n", "").replace("2 hubs:", "my hubs:")
    pull.body = mine

    assert opened.proposed() == (("unchanged",),)
    assert (pull.body, opened.forge.writes()) == (mine, [])


@pytest.mark.slow
def test_the_text_of_an_apps_pull_request_is_its_own_though_it_cannot_ask_who_it_is(opened: Scene) -> None:
    opened.forge.account("ghs_app", "hubctl[bot]", "write", kind="App")
    pull = opened.forge.pulls[0]
    pull.author, pull.association = "hubctl[bot]", "NONE"
    opened.newer()

    assert opened.proposed(GH_TOKEN="ghs_app") == (("updated",),)
    assert "`2026.06.10`" in (pull.body or "")


def test_row_12_a_branch_of_somebody_else_is_refused_by_name(fresh: Scene) -> None:
    tip = fresh.forge.commit(BRANCH, {"notes.md": "mine\n"}, onto="main")

    done = fresh.open()

    assert (done.code, done.json["pull_requests"]) == (1, [])
    assert done.json["error"]["message"] == f"the branch exists and is not hubctl's: `{BRANCH}` in `acme/fleet`"
    assert (fresh.tip(), fresh.forge.writes()) == (tip, [])


def test_row_13_a_branch_without_pull_request_gets_one(opened: Scene) -> None:
    tip = opened.tip()
    opened.forge.repository.pulls.clear()

    assert opened.proposed() == (("created",),)
    assert (opened.tip(), opened.forge.writes()) == (tip, [CREATE])


@pytest.mark.slow
def test_row_14_missing_labels_and_reviewers_are_added(opened: Scene) -> None:
    opened.forge.pulls[0].labels = ["images"]

    assert opened.proposed("--label", "Images", "--label", "leap", "--reviewer", "grace") == (("updated",),)
    assert opened.forge.writes() == [LABELS, REVIEWERS]
    assert (opened.forge.pulls[0].labels, opened.forge.pulls[0].reviewers) == (["images", "leap"], ["grace"])


@pytest.mark.slow
def test_row_16_a_push_whose_reply_was_lost_is_looked_up(fresh: Scene) -> None:
    fresh.forge.faults.append(lost_push_reply())

    assert fresh.proposed() == (("created",),)
    assert fresh.forge.picture() == OURS + MAIN + PULL + "\n"


@pytest.mark.slow
def test_row_16_somebody_who_pushes_in_between_is_not_overwritten(opened: Scene) -> None:
    theirs: list[str] = []

    def push() -> None:
        theirs.append(opened.forge.commit(BRANCH, {"notes.md": "mine\n"}))

    opened.newer()
    opened.forge.faults.append(Fault("POST", r"/git-receive-pack$", before=push))

    assert opened.proposed() == (("held", "the branch has commits that are not hubctl's"),)
    assert opened.tip() == theirs[0]
    assert opened.forge.writes() == [PUSH, "POST /repos/acme/fleet/issues/1/comments"]


@pytest.mark.slow
def test_row_18_a_tag_that_is_too_young_is_not_proposed(fresh: Scene) -> None:
    done = fresh.open("--min-age", "90")

    assert done.code == 0
    assert {skip["code"] for skip in done.json["skips"]} == {"role", "too-young"}
    assert (done.json["pull_requests"], fresh.forge.writes()) == ([], [])


@pytest.mark.slow
def test_row_19_a_place_that_another_open_pull_request_changes_alike_is_held(opened: Scene) -> None:
    done = opened.run("bump-image", "leap", "staging", "--open-pr", "--json")

    assert done.code == 0
    assert [(each["operation"], each["number"], each["warnings"]) for each in done.json["pull_requests"]] == [
        ("held", 1, ["#1 already changes one of these places"])
    ]
    assert opened.forge.writes() == []


@pytest.mark.slow
def test_what_could_not_be_asked_about_is_said_by_the_exit_code_and_the_rest_is_proposed(fresh: Scene) -> None:
    del fresh.images["quay.io/leap/small"]

    done = fresh.open()

    assert (done.code, done.json["error"]["code"]) == (9, "no-such-image")
    assert [each["operation"] for each in done.json["pull_requests"]] == ["created"]
    assert fresh.forge.bare.read(BRANCH, STAGING_FILE) + "\n" == STAGING
    assert fresh.forge.bare.read(BRANCH, COMMON_FILE) + "\n" == bumped(COMMON)
