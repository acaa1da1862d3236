"""Staging first: production follows what staging has had on the base branch, read from its history alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.cli.forging import Scene, scene
from tests.cli.playground import CLUSTER, PROD, SUPPORT, Playground, tags

FOLDER = "config/clusters/leap"
STAGING_FILE, PROD_FILE, COMMON_FILE = (f"{FOLDER}/{name}.values.yaml" for name in ("staging", "prod", "common"))
OLD, NEW, NEWER = "2026.05.01", "2026.05.20", "2026.06.04"
ROLLOUT = "rollout: staging-first\nsoak: 3d\n"  # now is 2026-06-21
ASKING = ("bump-image", "leap", "--json")


def image(tag: str) -> str:
    return f"jupyterhub:\n  singleuser:\n    image:\n      name: quay.io/leap/notebook\n      tag: {tag}\n"


FLEET = {
    f"{FOLDER}/cluster.yaml": CLUSTER,
    f"{FOLDER}/support.values.yaml": SUPPORT,
    COMMON_FILE: "jupyterhub: {}\n",
    STAGING_FILE: image(OLD),
    PROD_FILE: image(OLD),
    "hubctl.yaml": ROLLOUT,
}
NOTEBOOK = {"quay.io/leap/notebook": tags(OLD, NEW, NEWER)}


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path, FLEET) as made:
        yield made


def landed(made: Scene, when: str, files: Mapping[str, str | None]) -> None:
    """Let the base branch of the remote have files since a day of June 2026, and the clone have it too."""
    made.forge.bare.commit("main", files, when=f"2026-06-{when}T12:00:00Z")
    made.git("pull", "--quiet")


def moved(answer: Mapping[str, list[dict[str, str]]]) -> dict[str, tuple[str, ...]]:
    """Return by file what changes (old and new tag) and what stays (code and reason)."""
    changes = {each["file"]: (each["old"], each["new"]) for each in answer["changes"]}
    stays = {
        each["file"]: (each["code"], each["why"])
        for each in (*answer["skips"], *answer["unknown"])
        if each["code"] != "role"
    }
    return {file.rpartition("/")[2].partition(".")[0]: what for file, what in {**stays, **changes}.items()}


def asked(made: Scene, *words: str, code: int = 0, **variables: str) -> dict[str, tuple[str, ...]]:
    done = made.run(*ASKING, *words, **variables)
    assert done.code == code, done.err
    return moved(done.json)


@pytest.mark.slow
def test_a_tag_goes_to_staging_first(fleet: Scene) -> None:
    why = f"`{NEWER}` is not on staging yet: `{STAGING_FILE}` has `{OLD}`"
    assert asked(fleet, "--dry-run") == {"staging": (OLD, NEWER), "prod": ("soaking", why)}


def test_production_takes_exactly_what_soaked_and_staging_goes_on(fleet: Scene) -> None:
    landed(fleet, "10", {STAGING_FILE: image(NEW)})

    done = fleet.run(*ASKING, "--dry-run", "--explain")

    assert moved(done.json) == {"staging": (NEW, NEWER), "prod": (OLD, NEW)}
    (why,) = (each["why"] for each in done.json["changes"] if each["file"] == PROD_FILE)
    assert why == "the newest that soaked, on staging since 2026-06-10"
    assert f"`{NEWER}` is not on staging yet: `{STAGING_FILE}` has `{NEW}`" in done.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("landing", "expected"),
    [
        (
            "18",
            ("soaking", f"`{NEWER}` is on staging since 2026-06-18, it needs 3 days"),
        ),  # at noon, it is midnight now
        ("17", (OLD, NEWER)),
    ],
)
def test_it_follows_after_the_days_it_has_to_soak(fleet: Scene, landing, expected) -> None:
    landed(fleet, landing, {STAGING_FILE: image(NEWER)})
    assert asked(fleet, "--dry-run")["prod"] == expected


@pytest.mark.slow
def test_a_tag_that_staging_had_long_enough_is_taken_while_staging_has_a_newer_one(fleet: Scene) -> None:
    landed(fleet, "02", {STAGING_FILE: image(NEW)})
    landed(fleet, "20", {STAGING_FILE: image(NEWER)})
    assert asked(fleet, "--dry-run")["prod"] == (OLD, NEW)


@pytest.mark.slow
def test_a_tag_that_was_taken_back_on_staging_is_never_taken(fleet: Scene) -> None:
    landed(fleet, "02", {STAGING_FILE: image(NEWER)})
    landed(fleet, "15", {STAGING_FILE: image(OLD)})
    assert asked(fleet, "--dry-run")["prod"][0] == "soaking"


@pytest.mark.slow
def test_what_counts_is_when_base_got_a_commit_not_when_it_was_made(fleet: Scene) -> None:
    bare, text = fleet.forge.bare, image(NEWER)
    bare.commit("topic", {STAGING_FILE: text}, onto="main", when="2026-06-01T12:00:00Z")
    merge = "committer Ada <ada@example.org> 1781956800 +0000\ndata 5\nMerge\nfrom main^0\nmerge topic^0\n"  # June 20
    file = f"M 100644 inline {STAGING_FILE}\ndata {len(text)}\n{text}\n"
    bare.git("fast-import", "--quiet", stdin=f"commit refs/heads/main\n{merge}{file}".encode())
    fleet.git("pull", "--quiet")
    why = f"`{NEWER}` is on staging since 2026-06-20, it needs 3 days"
    assert asked(fleet, "--dry-run")["prod"] == ("soaking", why)


@pytest.mark.slow
def test_edits_that_no_commit_has_do_not_count(fleet: Scene) -> None:
    fleet.playground.write({STAGING_FILE: image(NEWER), "hubctl.yaml": "rollout: staging-first\n"})
    why = f"`{NEWER}` is not on staging yet: `{STAGING_FILE}` has `{OLD}`"
    assert asked(fleet, "--dry-run")["prod"] == ("soaking", why)


@pytest.mark.slow
def test_without_the_setting_all_move_together_unless_it_is_asked_for(fleet: Scene) -> None:
    landed(fleet, "20", {"hubctl.yaml": None})
    assert asked(fleet, "--dry-run") == {"staging": (OLD, NEWER), "prod": (OLD, NEWER)}
    assert asked(fleet, "--dry-run", "--staging-first")["prod"][0] == "soaking"

    landed(fleet, "20", {STAGING_FILE: image(NEWER)})
    assert asked(fleet, "--dry-run", "--staging-first")["prod"] == (OLD, NEWER)


@pytest.mark.slow
def test_a_named_tag_waits_too_and_no_other_is_taken_in_its_place(fleet: Scene) -> None:
    landed(fleet, "01", {STAGING_FILE: image(NEW)})
    words = ("--dry-run", "--image", "quay.io/leap/notebook", "--to")
    why = f"`{NEWER}` is not on staging yet: `{STAGING_FILE}` has `{NEW}`"
    assert asked(fleet, *words, NEWER) == {"staging": (NEW, NEWER), "prod": ("soaking", why)}
    assert asked(fleet, *words, NEW)["prod"] == (OLD, NEW)


def test_a_file_of_both_is_left_alone_and_said(fleet: Scene) -> None:
    landed(fleet, "01", {STAGING_FILE: "jupyterhub: {}\n", PROD_FILE: PROD, COMMON_FILE: image(OLD)})

    done = fleet.run(*ASKING, "--dry-run")

    why = "its file feeds staging and production, and no file of staging alone has the image to soak"
    assert moved(done.json)["common"] == ("feeds-both", f"`{NEWER}` is newer; {why}")
    assert [each for each in done.json["problems"] if each["rule"] == "feeds-both"] == [
        {
            "file": COMMON_FILE,
            "line": 5,
            "rule": "feeds-both",
            "message": "one file brings this image to staging and production, so staging cannot be first: it stays",
            "mend": "write the image of staging in a file of its own",
        }
    ]
    assert f"problem: {COMMON_FILE}:5: feeds-both: one file brings this image to staging and production" in done.err
    assert done.code == 0


@pytest.mark.slow
def test_an_image_that_no_staging_hub_has_moves_with_a_warning(fleet: Scene) -> None:
    landed(fleet, "01", {STAGING_FILE: "jupyterhub: {}\n"})

    done = fleet.run(*ASKING, "--dry-run")

    assert moved(done.json) == {"prod": (OLD, NEWER)}
    assert "no staging hub has this image: it moves without having soaked\n" in done.err


@pytest.mark.slow
def test_without_git_it_cannot_be_told_and_nothing_of_production_moves(playground: Playground) -> None:
    playground.write(FLEET)

    done = playground.run(*ASKING, "--dry-run")

    assert done.code == 9
    assert moved(done.json) == {
        "staging": (OLD, NEWER),
        "prod": ("no-history", "there is no git history that says since when a tag is on staging"),
    }


def test_a_shallow_clone_does_not_know_and_says_how_to_mend_that(fleet: Scene) -> None:
    landed(fleet, "20", {STAGING_FILE: image(NEWER)})
    shallow = fleet.clone("shallow", "--depth=1", url=f"file://{fleet.forge.bare.path}")

    done = fleet.run(*ASKING, "--dry-run", at=shallow)

    why = "history not known: this shallow clone does not say since when a tag is on staging"
    assert (done.code, moved(done.json)) == (
        9,
        {"staging": ("up-to-date", done.json["skips"][0]["why"]), "prod": ("no-history", why)},
    )
    assert "git fetch --unshallow" in done.json["error"]["hint"]


@pytest.mark.slow
def test_a_shallow_clone_whose_oldest_commit_is_old_enough_does_know(fleet: Scene) -> None:
    landed(fleet, "10", {STAGING_FILE: image(NEW)})
    shallow = fleet.clone("shallow", "--depth=1", url=f"file://{fleet.forge.bare.path}")

    done = fleet.run(*ASKING, "--dry-run", at=shallow)

    assert moved(done.json) == {"staging": (NEW, NEWER), "prod": (OLD, NEW)}


@pytest.mark.slow
@pytest.mark.parametrize("flag", ["--open-pr", "--print-pr"])
def test_a_plan_for_pull_requests_reads_the_base_branch(fleet: Scene, flag: str) -> None:
    landed(fleet, "10", {STAGING_FILE: image(NEW)})
    fleet.git("checkout", "--quiet", "-b", "mine", "HEAD^")
    assert asked(fleet, "--dry-run", flag) == {"staging": (NEW, NEWER), "prod": (OLD, NEW)}


@pytest.mark.slow
def test_pull_requests_move_staging_first_and_production_behind_it(fleet: Scene) -> None:
    done = fleet.open("--group", "hub")

    assert [(each["branch"], each["operation"]) for each in done.json["pull_requests"]] == [
        ("hubctl/bump-image/hub-leap-staging", "created")
    ]
    landed(fleet, "10", {STAGING_FILE: image(NEW)})
    fleet.forge.repository.pulls.clear()
    fleet.forge.bare.delete("hubctl/bump-image/hub-leap-staging")

    done = fleet.open("--group", "hub")

    assert [(each["branch"], each["operation"]) for each in done.json["pull_requests"]] == [
        ("hubctl/bump-image/hub-leap-prod", "created"),
        ("hubctl/bump-image/hub-leap-staging", "created"),
    ]
    assert fleet.forge.bare.read("hubctl/bump-image/hub-leap-prod", PROD_FILE) + "\n" == image(NEW)
    assert fleet.forge.bare.read("hubctl/bump-image/hub-leap-staging", STAGING_FILE) + "\n" == image(NEWER)


@pytest.mark.slow
@pytest.mark.parametrize("options", [("--depth=1",), ("--filter=blob:none",), ("--depth=1", "--filter=blob:none")])
def test_a_clone_that_lacks_history_gets_what_it_needs_for_a_pull_request(fleet: Scene, options) -> None:
    for day, tag in (("02", NEW), ("20", NEWER)):
        landed(fleet, day, {STAGING_FILE: image(tag)})
    landed(fleet, "20", {STAGING_FILE: image(NEWER) + "# a note\n"})
    clone = fleet.clone("other", *options)
    traces = fleet.traces(clone)

    done = fleet.open("--group", "hub", at=clone)

    assert moved(done.json)["prod"] == (OLD, NEW)
    assert [each["branch"] for each in done.json["pull_requests"]] == ["hubctl/bump-image/hub-leap-prod"]
    assert fleet.traces(clone) == traces


@pytest.mark.slow
def test_an_open_pull_request_of_what_has_to_wait_now_is_left_open(fleet: Scene) -> None:
    landed(fleet, "20", {"hubctl.yaml": None})
    branch = "hubctl/bump-image/hub-leap-prod"
    assert fleet.open("prod", "--group", "hub").json["pull_requests"][0]["branch"] == branch
    fleet.forge.log.clear()

    done = fleet.open("prod", "--group", "hub", "--staging-first")

    assert [(each["branch"], each["operation"]) for each in done.json["pull_requests"]] == [(branch, "held")]
    assert fleet.forge.pulls[0].state == "open"
    assert fleet.forge.writes() == []
