"""Secrets as pull requests: the rows of the decision table that people meet, through the command line."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.forge.double import TOKEN, Forge, start_forge
from tests.forge.faults import Fault
from tests.secrets.parts import CLUSTERS, NOW, PROD, Fleet, Identity, Outcome, identity, rules_for

pytestmark = pytest.mark.slow

KEY = "jupyterhub.x.password"
BRANCH = "hubctl/secret-set/hub-leap-prod--jupyterhub.x.password"
TITLE = "[leap, prod] store jupyterhub.x.password"
CLUSTER = "config/clusters/leap/cluster.yaml"
PUSH = "POST /acme/fleet.git/git-receive-pack"
CREATE = "POST /repos/acme/fleet/pulls"
CANARY = "canary-7d1e9c"
COMMENT = "POST /repos/acme/fleet/issues/1/comments"
PULL = f"acme:{BRANCH} -> main: {TITLE}"


@dataclass
class Scene:
    """A clone of `acme/fleet` whose secrets can be opened, and its forge."""

    fleet: Fleet
    forge: Forge
    engineer: Identity

    def run(self, *words: str, value: str | None = None, at: Path | None = None) -> Outcome:
        """Run `hubctl secret`; neither a value nor the token is ever printed."""
        done = self.fleet.run("secret", *words, stdin=value or "", at=at)
        assert (CANARY in done.out + done.err, TOKEN in done.out + done.err) == (False, False)
        assert "Traceback" not in done.err, done.err
        return done

    def proposed(self, *words: str, value: str | None = None, at: Path | None = None) -> tuple[Any, ...]:
        """Run a verb with `--open-pr` and return what was done for its one pull request, `()` without one."""
        self.forge.log.clear()
        done = self.run(*words, "--open-pr", "--json", value=value, at=at)
        assert done.code == 0, done.err
        made = [(each["operation"], *each["warnings"]) for each in done.json["pull_requests"]]
        return made[0] if made else ()

    def set(self, value: str = f"{CANARY}-1", *words: str, key: str = KEY, at: Path | None = None) -> tuple[Any, ...]:
        """Propose a value for the hub `prod`."""
        return self.proposed("set", "leap", "prod", key, *words, value=value, at=at)

    def tip(self, branch: str = BRANCH) -> str | None:
        return self.forge.bare.tip(branch)

    def held(self, branch: str = BRANCH, file: str = PROD) -> Any:
        """Return the values of a branch's file as real sops reads them."""
        return self.fleet.decrypted(self.fleet_bytes(branch, file))

    def fleet_bytes(self, branch: str, file: str = PROD) -> bytes:
        self.fleet.git("fetch", "--quiet", "origin", branch)
        return self.fleet.git("show", f"FETCH_HEAD:{file}").encode()

    def give_base(self, plain: Any, file: str = PROD) -> None:
        """Let base have an encrypted file, listed for `prod`."""
        data = self.fleet.ciphertext(plain, file, "--output-type", "yaml")
        listed = CLUSTERS[CLUSTER].replace(
            "  - prod.values.yaml\n", "  - prod.values.yaml\n  - enc-prod.secret.values.yaml\n"
        )
        self.forge.commit("main", {file: data, CLUSTER: listed})
        self.fleet.git("pull", "--quiet")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Scene]:
    engineer = identity(tmp_path / "engineer")
    files = {**CLUSTERS, ".sops.yaml": rules_for(engineer.recipient)}
    with start_forge(tmp_path, "acme", "fleet", files) as forge:
        environment = {"SOURCE_DATE_EPOCH": NOW, "GITHUB_API_URL": forge.url, "GH_TOKEN": TOKEN}
        fleet = Fleet(tmp_path / "clone", {**engineer.environment, **environment})
        fleet.root.mkdir()
        fleet.git("clone", "--quiet", forge.remote_url, str(fleet.root))
        yield Scene(fleet, forge, engineer)
        hunted(tmp_path, forge)


def hunted(folder: Path, forge: Forge) -> None:
    """No file of the test, no object of any repository and no exchange with the forge has a value in it."""
    for path in folder.rglob("*"):
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes(), path
    for repository in (folder / "clone", forge.bare_path):
        shown = Fleet(repository).git("cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)")
        blobs = [line.split()[0] for line in shown.splitlines() if not line.endswith("tree")]
        for blob in blobs:
            assert CANARY not in Fleet(repository).git("cat-file", "-p", blob)
    assert [call for call in forge.log if CANARY in str(vars(call))] == []


def test_a_new_secret_is_one_commit_and_the_second_run_pushes_nothing(made: Scene) -> None:
    assert made.set() == ("created",)
    assert made.forge.writes() == [PUSH, CREATE]
    assert made.forge.picture() == (
        f"{BRANCH}: main + ['{TITLE}'] changes ['{CLUSTER}', '{PROD}']\nmain: 1 commits, last: Start\n#1 open {PULL}\n"
    )
    assert made.held() == {"jupyterhub": {"x": {"password": f"{CANARY}-1"}}}
    assert made.fleet.git("status", "--porcelain") == ""
    tip = made.tip()
    assert made.set() == ("unchanged",)
    assert (made.tip(), made.forge.writes()) == (tip, [])


def test_another_value_makes_the_commit_anew_under_the_same_words(made: Scene) -> None:
    made.set()
    body = made.forge.pull(1).body
    assert made.set(f"{CANARY}-2") == ("updated",)
    assert made.forge.writes() == [PUSH]
    assert made.held() == {"jupyterhub": {"x": {"password": f"{CANARY}-2"}}}
    assert made.forge.pull(1).body == body
    assert made.set(f"{CANARY}-2") == ("unchanged",)


def test_two_keys_of_a_hub_live_side_by_side_and_the_one_that_comes_second_is_made_anew_on_the_first(
    made: Scene,
) -> None:
    other = "hubctl/secret-set/hub-leap-prod--jupyterhub.y.token"
    made.set()
    assert made.set(f"{CANARY}-y", key="jupyterhub.y.token") == ("created",)
    made.forge.merge(1)
    assert made.set(f"{CANARY}-y", key="jupyterhub.y.token") == ("updated",)
    assert made.held(other) == {"jupyterhub": {"x": {"password": f"{CANARY}-1"}, "y": {"token": f"{CANARY}-y"}}}
    assert made.set(f"{CANARY}-y", key="jupyterhub.y.token") == ("unchanged",)


def test_base_that_moves_elsewhere_is_no_reason_to_push(made: Scene) -> None:
    made.set()
    made.forge.commit("main", {"README.md": "# Fleet\n"})
    assert made.set() == ("unchanged",)


def test_what_base_has_is_not_proposed_and_nothing_is_sent(made: Scene) -> None:
    made.give_base({"jupyterhub": {"x": {"password": f"{CANARY}-1"}}})
    assert made.set() == ()
    assert (made.forge.writes(), made.forge.pulls) == ([], [])


def test_a_file_that_only_the_checkout_has_is_named(made: Scene) -> None:
    made.fleet.encrypt({"a": f"{CANARY}-mine"})
    done = made.run("set", "leap", "prod", KEY, "--open-pr", value=f"{CANARY}-1")
    assert f"note: `{PROD}` differs in your work tree: the pull request starts from `main`\n" in done.err


def test_a_reviewer_is_warned_of_what_else_counts_from_now_on(made: Scene) -> None:
    made.give_base({"other": f"{CANARY}-o"})
    made.forge.commit("main", {CLUSTER: CLUSTERS[CLUSTER]})
    assert made.set() == ("created",)
    warned = f"**Warnings**\n\n- `{PROD}` was there and not listed: whatever else is in it counts from now on\n\n"
    assert warned in made.forge.pull(1).body


def test_what_base_has_got_by_other_hands_meanwhile_is_closed(made: Scene) -> None:
    made.set()
    made.give_base({"jupyterhub": {"x": {"password": f"{CANARY}-1"}}})
    assert made.set()[0] == "superseded"
    assert (made.forge.pull(1).state, made.tip()) == ("closed", None)
    assert made.set() == ()


def test_a_pull_request_that_could_not_be_opened_is_opened_by_the_next_run(made: Scene) -> None:
    made.forge.faults.append(Fault("POST", r"^/repos/acme/fleet/pulls$", status=403, body='{"message": "no"}', times=1))
    failed = made.run("set", "leap", "prod", KEY, "--open-pr", value=f"{CANARY}-1")
    assert (failed.code != 0, "nothing to do" in failed.err) == (True, False)
    tip = made.tip()
    assert (tip is not None, made.set(), made.tip() == tip) == (True, ("created",), True)


def test_a_commit_of_a_person_freezes_the_branch(made: Scene) -> None:
    made.set()
    tip = made.forge.commit(BRANCH, {"notes.md": "mine\n"}, author="Ada <ada@example.org>")
    assert made.set(f"{CANARY}-2") == ("held", "the branch has commits that are not hubctl's")
    assert (made.tip(), made.forge.writes()) == (tip, [COMMENT])
    assert f"`{PROD}` `{KEY}`: added" in made.forge.pull(1).comments[0].body


def test_an_approved_one_is_left_as_it_was_approved(made: Scene) -> None:
    made.set()
    tip = made.tip()
    made.forge.review(1, "APPROVED")
    assert made.set() == ("unchanged",)
    assert made.set(f"{CANARY}-2")[0] == "held"
    assert made.tip() == tip
    assert made.set(f"{CANARY}-2", "--supersede-approved") == ("updated",)


def test_who_types_the_verb_again_after_it_was_closed_wants_it(made: Scene) -> None:
    made.set()
    made.forge.close(1)
    assert made.set() == ("created",)
    assert [pull.state for pull in made.forge.pulls] == ["closed", "open"]


def test_after_a_merge_and_a_revert_it_is_proposed_again_because_somebody_asks(made: Scene) -> None:
    made.set()
    made.forge.merge(1)
    made.forge.commit("main", {PROD: None, CLUSTER: CLUSTERS[CLUSTER]}, "Revert")
    assert made.set() == ("created",)


BASE = {"jupyterhub": {"x": {"password": f"{CANARY}-0"}, "y": {"token": f"{CANARY}-t"}}}


def test_another_verb_for_the_same_place_takes_the_pull_request_over(made: Scene) -> None:
    made.give_base(BASE)
    assert made.set() == ("created",)
    done = made.run("unset", "leap", "prod", KEY, "--open-pr", "--json")
    assert [each["operation"] for each in done.json["pull_requests"]] == ["created", "superseded"]
    assert [pull.state for pull in made.forge.pulls] == ["closed", "open"]


def test_a_place_that_a_larger_pull_request_changes_is_left_to_that_one(made: Scene) -> None:
    made.give_base(BASE)
    marker = made.set() and made.forge.pull(1).body.split("<!-- hubctl:v1 ")[1].split(" ")[0]
    made.forge.pull(1).body = made.forge.pull(1).body.replace(marker, widened(marker))
    assert made.proposed("unset", "leap", "prod", KEY) == ("held", "#1 already changes one of these places")
    assert made.forge.writes() == []


def widened(marker: str) -> str:
    """Let a marker speak of one place more."""
    data = json.loads(base64.b64decode(marker))
    return base64.b64encode(json.dumps(data | {"places": [*data["places"], "0123456789"]}).encode()).decode()


def test_a_rotation_is_pushed_once(made: Scene) -> None:
    made.give_base(BASE)
    branch = "hubctl/secret-rotate/hub-leap-prod"
    assert made.proposed("rotate", "leap", "prod") == ("created",)
    first = made.fleet_bytes(branch)
    assert made.held(branch) == BASE
    assert made.proposed("rotate", "leap", "prod") == ("unchanged",)
    assert made.fleet_bytes(branch) == first != made.fleet_bytes("main")


LOGIN = {"create": True, "registry": "quay.io", "username": "leap+robot", "password": f"{CANARY}-0"}
SHARED = {"jupyterhub": {"imagePullSecret": LOGIN}}
STAGING = "config/clusters/leap/enc-staging.secret.values.yaml"


def test_a_password_is_rotated_everywhere_in_one_pull_request_that_says_to_revoke_the_old_one(made: Scene) -> None:
    made.give_base(SHARED)
    data = made.fleet.ciphertext(SHARED, STAGING, "--output-type", "yaml")
    listed = (
        made.fleet.read(CLUSTER)
        .decode()
        .replace("  - staging.values.yaml\n", "  - staging.values.yaml\n  - enc-staging.secret.values.yaml\n")
    )
    made.forge.commit("main", {STAGING: data, CLUSTER: listed})
    words = ("registry", "rotate", "--registry", "quay.io", "--username", "leap+robot")
    assert made.proposed(*words, value=f"{CANARY}-n") == ("created",)
    pull = made.forge.pull(1)
    for file in (PROD, STAGING):
        assert made.held(pull.head, file)["jupyterhub"]["imagePullSecret"]["password"] == f"{CANARY}-n"
    assert "**revoke the old password at the registry**" in pull.body
    assert "A revert brings back the **old** value." in pull.body
    assert made.proposed(*words, value=f"{CANARY}-n") == ("unchanged",)
    assert made.proposed("set", "leap", "prod", "jupyterhub.imagePullSecret.password", value=f"{CANARY}-s") == (
        "held",
        "#1 already changes one of these places",
    )


def test_new_recipients_are_pushed_once(made: Scene, tmp_path: Path) -> None:
    made.give_base(BASE)
    second = identity(tmp_path / "second")
    made.forge.commit("main", {".sops.yaml": rules_for(made.engineer.recipient, second.recipient)})
    assert made.proposed("sync-recipients") == ("created",)
    assert second.recipient in made.forge.pull(1).body
    assert made.proposed("sync-recipients") == ("unchanged",)


def test_several_who_say_the_same_at_once_open_one_pull_request(made: Scene, tmp_path: Path) -> None:
    clones = [tmp_path / f"clone-{number}" for number in range(4)]
    for clone in clones:
        made.fleet.git("clone", "--quiet", made.forge.remote_url, str(clone))
    words = ("secret", "set", "leap", "prod", KEY, "--open-pr", "--json")
    with ThreadPoolExecutor() as pool:
        ended = list(pool.map(lambda clone: made.fleet.run(*words, stdin=f"{CANARY}-1", at=clone), clones))
    done = [each["operation"] for one in ended if one.code == 0 for each in one.json["pull_requests"]]
    assert (done.count("created"), {*done} <= {"created", "updated", "unchanged"}) == (1, True)
    assert [one.code for one in ended if one.code and "changed while this ran" not in one.err] == []
    assert [pull.title for pull in made.forge.pulls] == [TITLE]
    assert made.held() == {"jupyterhub": {"x": {"password": f"{CANARY}-1"}}}
    assert made.set() == ("unchanged",)


def test_a_shallow_clone_knows_its_own_ciphertext_again(made: Scene, tmp_path: Path) -> None:
    made.set()
    made.fleet.git("clone", "--quiet", "--depth=1", made.forge.remote_url, str(tmp_path / "shallow"))
    assert made.set(at=tmp_path / "shallow") == ("unchanged",)


@pytest.mark.parametrize("content", ["jupyterhub:\n  x:\n    password: clear\n", "#" * 2_100_000, None])
def test_a_branch_in_clear_or_without_the_file_is_none_to_go_on_from(made: Scene, content: str | None) -> None:
    made.set()
    tip = made.tip()
    made.forge.commit(BRANCH, {PROD: content}, f"Tamper\n\nHubctl-Proposal: {'0' * 64}\n", author=author(made))
    assert made.set() == ("updated",)
    assert (made.tip() != tip, made.held()) == (True, {"jupyterhub": {"x": {"password": f"{CANARY}-1"}}})


def author(made: Scene) -> str:
    return f"{made.fleet.git('config', 'user.name').strip()} <{made.fleet.git('config', 'user.email').strip()}>"


def test_the_text_is_printed_without_token_and_forge(made: Scene) -> None:
    made.fleet.environment["GH_TOKEN"] = ""
    done = made.run("set", "leap", "prod", KEY, "--print-pr", value=f"{CANARY}-1")
    assert (done.code, done.out.split("\n")[:4]) == (0, [TITLE, f"{BRANCH} → main", "", "<!-- hubctl:begin -->"])
    assert (made.forge.writes(), made.fleet.git("status", "--porcelain")) == ([], "")


def test_a_dry_run_from_base_shows_the_ciphertext_and_sends_nothing(made: Scene) -> None:
    done = made.run("set", "leap", "prod", KEY, "--open-pr", "--dry-run", value=f"{CANARY}-1")
    assert done.code == 0
    assert f"diff --git a/{PROD} b/{PROD}\nnew file mode 100644\n--- /dev/null\n+++ b/{PROD}\n" in done.out
    assert (made.forge.writes(), made.fleet.git("status", "--porcelain")) == ([], "")


def test_work_in_progress_stops_writing_but_no_pull_request(made: Scene) -> None:
    made.fleet.git("checkout", "--quiet", "-b", "side")
    made.fleet.write({"README.md": "side\n"})
    made.fleet.commit()
    made.fleet.git("checkout", "--quiet", "main")
    made.fleet.write({"README.md": "main\n"})
    made.fleet.commit()
    with pytest.raises(subprocess.CalledProcessError):
        made.fleet.git("merge", "side")
    done = made.run("set", "leap", "prod", KEY, value=f"{CANARY}-1")
    assert (done.code, done.err.split("\n")[0]) == (1, "error: the repository is in the middle of a merge")
    assert made.set() == ("created",)


def test_a_linked_file_of_base_is_not_followed(made: Scene) -> None:
    made.give_base(BASE)
    made.fleet.git("rm", "--quiet", PROD)
    (made.fleet.root / PROD).symlink_to("prod.values.yaml")
    made.fleet.commit("Link")
    made.fleet.git("push", "--quiet", str(made.forge.bare_path), "HEAD:main")
    done = made.run("set", "leap", "prod", KEY, "--open-pr", "--json", value=f"{CANARY}-1")
    assert (done.code, made.forge.writes()) == (1, [])
