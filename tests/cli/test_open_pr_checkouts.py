"""From which checkouts and to which repositories `--open-pr` goes, and what it leaves behind there."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.forging import BRANCH, CANARY, TITLE, Scene, opened_scene, scene
from tests.cli.playground import COMMON, COMMON_FILE, FLEET, STAGING

pytestmark = pytest.mark.slow

THIN = {
    "blobless": ("--filter=blob:none",),
    "blobless without files": ("--filter=blob:none", "--no-checkout"),
    "treeless": ("--filter=tree:0",),
    "sparse and blobless": ("--filter=blob:none", "--sparse"),
    "shallow and blobless": ("--filter=blob:none", "--depth=1", "--no-checkout"),
    "bare and blobless": ("--filter=blob:none", "--bare"),
}
PUSH = "POST /acme/fleet.git/git-receive-pack"
CREATE = "POST /repos/acme/fleet/pulls"
FORK_PUSH = "POST /ada/fleet.git/git-receive-pack"
HOOKS = ("pre-commit", "pre-push", "post-checkout", "post-index-change", "reference-transaction", "prepare-commit-msg")


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        made.forge.log.clear()
        yield made


def state(made: Scene, root: Path) -> dict[str, str]:
    """Return what a person sees of a checkout."""
    words = (("status", "--porcelain=v2", "--branch"), ("for-each-ref",), ("reflog",), ("stash", "list"))
    return {" ".join(each): made.git(*each, at=root) for each in words}


def slowly(*kinds: str) -> list[object]:
    return [pytest.param(kind, marks=pytest.mark.slow) for kind in kinds]


def staged(fresh: Scene, kind: str) -> tuple[Path, Path]:
    """Make a checkout of a kind; return its root and the folder hubctl is run in."""
    root = place = fresh.root
    if kind == "subdirectory":
        place = root / "config/clusters/leap"
    elif kind == "worktree":
        root = place = fresh.folder / "linked"
        fresh.git("worktree", "add", "--quiet", str(root), "-b", "side")
    elif kind == "bare":
        root = place = fresh.clone("mirror.git", "--bare")
    elif kind == "shallow":
        fresh.forge.commit("main", {COMMON_FILE: COMMON})
        root = place = fresh.clone("shallow", "--depth=1")
    elif kind in THIN:
        fresh.forge.bare.git("config", "uploadpack.allowFilter", "true")
        root = place = fresh.clone("thin", *THIN[kind])
        fresh.forge.commit("main", {"README.md": "# Newer than the clone\n"})
        fresh.forge.log.clear()
    else:
        disturb(fresh, kind)
    return root, place


def disturb(fresh: Scene, kind: str) -> None:
    """Let a person be in the middle of something in the checkout."""
    if kind == "detached":
        fresh.git("checkout", "--quiet", "--detach")
    elif kind == "sparse":
        fresh.git("sparse-checkout", "set", "docs")
    elif kind == "dirty":
        fresh.playground.write({COMMON_FILE: COMMON + "# mine\n"})
        fresh.git("add", COMMON_FILE)
        fresh.playground.write({COMMON_FILE: COMMON + "# mine, unfinished\n", "notes.md": "mine\n"})
    elif kind == "rebasing":
        (fresh.root / ".git" / "rebase-merge").mkdir()
    elif kind == "other branch":
        fresh.git("checkout", "--quiet", "-b", "mine")
        fresh.playground.write({COMMON_FILE: COMMON.replace("2026.05.01", "2026.05.20")})
        fresh.git("commit", "--quiet", "--all", "--message", "Mine")


@pytest.mark.parametrize(
    "kind",
    [
        "worktree",
        "bare",
        "dirty",
        *slowly("detached", "subdirectory", "shallow", "sparse", "rebasing", "other branch", *THIN),
    ],
)
def test_any_kind_of_checkout_makes_the_same_commit_and_stays_as_it_is(fresh: Scene, kind: str) -> None:
    root, place = staged(fresh, kind)
    before = {} if "bare" in kind else state(fresh, root)
    traces = fresh.traces(root)

    done = fresh.open(at=place)

    assert [each["operation"] for each in done.json["pull_requests"]] == ["created"]
    assert fresh.forge.writes() == [PUSH, CREATE]
    changed = COMMON.replace("tag: 2026.05.01", "tag: 2026.06.04")
    assert fresh.forge.bare.read(BRANCH, COMMON_FILE) + "\n" == changed
    assert fresh.forge.bare.ahead("main", BRANCH) == [TITLE]
    assert fresh.traces(root) == traces
    assert before == ({} if "bare" in kind else state(fresh, root))
    differs = f"note: `{COMMON_FILE}` differs in your work tree: the pull request starts from `main`\n"
    assert (differs in done.err) == (
        kind in {"dirty", "other branch", "blobless without files", "shallow and blobless"}
    )


def test_a_hostile_checkout_runs_nothing_and_the_token_stays_in_memory(fresh: Scene, tmp_path: Path) -> None:
    canary, program = tmp_path / "canary", tmp_path / "program"
    program.write_text(f"#!/bin/sh\nenv >> {canary}\ncat\n")
    program.chmod(0o755)
    for name in HOOKS:
        hook = fresh.root / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(program.read_text())
        hook.chmod(0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "core.askPass", "credential.helper", "diff.external"):
        fresh.git("config", key, str(program))
    # a git that notes how it was called, before the real one
    calls, real = tmp_path / "calls", fresh.git("--exec-path").strip()
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin" / "git"
    wrapper.write_text(f'#!/bin/sh\necho "$*" >> {calls}\nexec {real}/git "$@"\n')
    wrapper.chmod(0o755)

    assert fresh.proposed(PATH=f"{wrapper.parent}:{os.environ['PATH']}") == (("created",),)

    assert not canary.exists()
    assert "push" in calls.read_text()
    assert CANARY not in calls.read_text()
    assert not [name for name, data in fresh.traces().items() if CANARY.encode() in data]
    assert CANARY not in str(fresh.forge.pulls)
    log = fresh.forge.bare.git("log", "--all", "--format=%B%an%ae%cn%ce", "-p")
    assert CANARY not in log
    pushed = [call for call in fresh.forge.log if call.path.startswith("/acme/fleet.git")]
    assert all("ghp" not in call.path for call in pushed)


def test_a_fork_gets_the_branch_and_the_upstream_the_pull_request(fresh: Scene) -> None:
    fork = fresh.forge.fork("ada")
    fork.rights["hubctl-bot"] = "write"
    fresh.forge.commit("main", {"README.md": "# Newer than the fork\n"})
    clone = fresh.clone("of-fork", url=fresh.forge.remote_url_of(fork))
    fresh.forge.log.clear()

    done = fresh.open(at=clone)

    assert [each["operation"] for each in done.json["pull_requests"]] == ["created"]
    assert fresh.forge.writes() == [FORK_PUSH, CREATE]
    assert fresh.forge.picture().splitlines()[1].startswith(f"ada/fleet {BRANCH}: ")
    assert fork.bare.git("rev-parse", f"{BRANCH}^") == fresh.tip("main")
    pull = fresh.forge.pulls[0]
    assert (pull.head_repository, pull.base, pull.maintainer_can_modify) == ("ada/fleet", "main", True)

    fresh.forge.log.clear()
    fresh.git("remote", "add", "upstream", fresh.forge.remote_url, at=clone)
    again = fresh.open(at=clone)
    assert [each["operation"] for each in again.json["pull_requests"]] == ["unchanged"]
    assert fresh.forge.writes() == []


def test_the_remote_and_the_base_are_those_that_were_named(fresh: Scene) -> None:
    fork = fresh.forge.fork("ada")
    fork.rights["hubctl-bot"] = "write"
    fresh.git("remote", "add", "mine", fresh.forge.remote_url_of(fork))
    older = COMMON.replace("2026.05.01", "2026.05.20")
    fresh.forge.commit("release", {COMMON_FILE: older}, onto="main")
    fresh.forge.log.clear()

    assert fresh.proposed("--remote", "mine", "--base", "release", "--repo", "acme/fleet") == (("created",),)

    assert fresh.forge.writes() == [FORK_PUSH, CREATE]
    assert fresh.forge.pulls[0].base == "release"
    assert fork.bare.git("rev-parse", f"{BRANCH}^") == fresh.tip("release")
    assert "`2026.05.20` → `2026.06.04`" in (fresh.forge.pulls[0].body or "")


def test_a_renamed_repository_gets_the_pull_request_under_its_present_name(fresh: Scene) -> None:
    fresh.forge.rename("acme/ships")

    assert fresh.proposed() == (("created",),)
    assert fresh.forge.writes()[-1] == "POST /repos/acme/ships/pulls"
    assert list(fresh.branches()) == [BRANCH, "main"]


@pytest.mark.parametrize(
    ("group", "units"),
    [
        pytest.param(
            "cluster",
            {"cluster-leap": [COMMON_FILE, "config/clusters/leap/staging.values.yaml"], "cluster-two": ["two"]},
            marks=pytest.mark.slow,
        ),
        (
            "hub",
            {
                "file-config--clusters--leap--common.values.yaml": [COMMON_FILE],
                "hub-leap-staging": ["config/clusters/leap/staging.values.yaml"],
                "hub-two-prod": ["two"],
            },
        ),
        pytest.param(
            "image",
            {
                "image-quay.io--leap--notebook": [COMMON_FILE, "two"],
                "image-quay.io--leap--small": ["config/clusters/leap/staging.values.yaml"],
            },
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "all",
            {"all": [COMMON_FILE, "config/clusters/leap/staging.values.yaml", "two"]},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_unit_of_review_is_what_the_group_says(tmp_path: Path, group: str, units: dict[str, list[str]]) -> None:
    two = "config/clusters/two/prod.values.yaml"
    fleet = {
        **FLEET,
        "config/clusters/two/cluster.yaml": "name: two\nhubs:\n- name: prod\n  domain: two.example.org\n"
        "  helm_chart: basehub\n  helm_chart_values_files: [prod.values.yaml]\n",
        two: COMMON,
    }
    with scene(tmp_path, fleet) as made:
        made.forge.log.clear()
        done = made.run("bump-image", "--open-pr", "--json", "--group", group)

        assert done.code == 0, done.err
        assert {
            name.removeprefix("hubctl/bump-image/").partition("values.yaml")[0]: made.forge.bare.git(
                "diff", "--name-only", f"main..{name}"
            ).split()
            for name in made.branches()
            if name != "main"
        } == {
            name.partition("values.yaml")[0]: [two if file == "two" else file for file in files]
            for name, files in units.items()
        }
        assert [each["operation"] for each in done.json["pull_requests"]] == ["created"] * len(units)
        assert made.forge.writes() == [PUSH, CREATE] * len(units)


@pytest.mark.slow
def test_a_named_tag_says_so_in_the_pull_request(fresh: Scene) -> None:
    done = fresh.run(
        "bump-image", "leap", "prod", "--image", "quay.io/leap/notebook", "--to", "2026.05.20", "--open-pr", "--json"
    )

    [made] = done.json["pull_requests"]
    assert (done.code, made["operation"]) == (0, "created")
    assert made["branch"].startswith("hubctl/bump-image/hub-leap-prod-image-quay.io--leap--notebook")
    assert "2026.05.20" in (fresh.forge.pulls[0].body or "")
    assert fresh.forge.bare.read(made["branch"], "config/clusters/leap/staging.values.yaml") + "\n" == STAGING


@pytest.mark.slow
def test_the_repositorys_settings_give_labels_and_reviewers(tmp_path: Path) -> None:
    with opened_scene(tmp_path) as made:
        settings = "labels: [images]\nreviewers: [ada]\n"
        (made.root / "hubctl.yaml").write_text(settings)

        assert made.proposed() == (("updated",),)
        assert (made.forge.pulls[0].labels, made.forge.pulls[0].reviewers) == (["images"], ["ada"])


@pytest.mark.parametrize("options", [(), ("--depth=1",), ("--filter=blob:none",), ("--filter=tree:0",)])
def test_a_bare_clone_follows_the_settings_that_were_committed(tmp_path: Path, options: tuple[str, ...]) -> None:
    pinned = "policies:\n- {image: quay.io/leap/notebook, pin: GPU drivers}\n"
    with scene(tmp_path, {**FLEET, "hubctl.yaml": pinned}) as made:
        made.forge.bare.git("config", "uploadpack.allowFilter", "true")
        done = made.open(at=made.clone("mirror.git", "--bare", *options))

        assert [change["image"] for change in done.json["changes"]] == ["quay.io/leap/small"]
        assert [skip["why"] for skip in done.json["skips"] if skip["code"] == "pinned"] == ["GPU drivers"]


@pytest.mark.slow
def test_a_header_that_a_workflow_left_is_not_sent_beside_the_token(fresh: Scene) -> None:
    stale = base64.b64encode(b"x-access-token:stale").decode()
    fresh.git("config", f"http.{fresh.forge.url}/.extraheader", f"AUTHORIZATION: basic {stale}")

    assert fresh.proposed() == (("created",),)
    assert not [call for call in fresh.forge.log if stale in str(call.headers)]
