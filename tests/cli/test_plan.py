"""`hubctl plan` from the outside: over real repositories, as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import cmarkgfm
import pytest

from hubctl.cli import shapes_plan
from hubctl.cli.invocation import Globals
from hubctl.cli.opening import open_world
from hubctl.commands import plan_range
from hubctl.commands.requests import PlanRange
from hubctl.errors import HubctlError
from tests.cli.playground import CLUSTER, FLEET, Playground
from tests.cli.test_looking import valid

LEAP = "config/clusters/leap"
COMMON, STAGING, PROD = (f"{LEAP}/{name}.values.yaml" for name in ("common", "staging", "prod"))
SECRET = f"{LEAP}/enc-prod.secret.values.yaml"
FILE = f"{LEAP}/cluster.yaml"
LISTED = CLUSTER.replace("  - prod.values.yaml\n", "  - prod.values.yaml\n  - enc-prod.secret.values.yaml\n")
CIPHERTEXT = "token: ENC[AES256_GCM,data:canary-f00d,type:str]\nsops: {mac: 'ENC[canary-f00d]'}\n"


@pytest.fixture
def fleet(tmp_path: Path) -> Playground:
    """The fleet of the playground in a git repository; no registry is asked."""
    made = Playground(tmp_path / "fleet", registry=None)  # type: ignore[arg-type] # nothing asks one
    made.write({**FLEET, FILE: LISTED, SECRET: CIPHERTEXT, "README.md": "# Fleet\n"})
    return made.committed()


def commit(fleet: Playground) -> None:
    fleet.git("add", "--all")
    fleet.git("commit", "--quiet", "--message", "Change something")


def planned(fleet: Playground, commits: str | None = None, *, at: Path | None = None) -> Any:
    """The object of `plan --json`, made in this process, which is quicker."""
    world, found = open_world(Globals(directory=at or fleet.root))
    try:
        shape = shapes_plan.plan(plan_range.run(PlanRange(commits), world), found)
    finally:
        world.http.close()
    shape = json.loads(json.dumps(shape))
    valid(shape, "plan")
    include = [{key: hub[key] for key in ("cluster", "hub", "stage")} for hub in shape["hubs"]]
    assert shape["matrix"] == {"include": include}
    changed = [(each["file"], each["path"]) for each in shape["changes"]]
    assert changed == sorted(changed)
    return shape


def decided(fleet: Playground, commits: str | None = None, *, at: Path | None = None) -> dict[str, object]:
    """Hubs with why, support and elsewhere of a run without problems."""
    shape = planned(fleet, commits, at=at)
    assert shape["problems"] == []
    return {
        "hubs": {f"{hub['cluster']}/{hub['hub']}": hub["why"] for hub in shape["hubs"]},
        "support": shape["support"],
        "elsewhere": shape["elsewhere"],
    }


def refused(fleet: Playground, commits: str | None = None, *, at: Path | None = None) -> HubctlError:
    with pytest.raises(HubctlError) as caught:
        planned(fleet, commits, at=at)
    return caught.value


def test_a_bump_on_staging_is_one_value_and_one_hub(fleet: Playground) -> None:
    fleet.write({STAGING: fleet.read(STAGING).replace("2026.05.01", "2026.06.02")})
    commit(fleet)

    done = fleet.run("plan", "HEAD~1..HEAD", "--json")

    assert (done.code, done.err) == (0, "")
    valid(done.json, "plan")
    assert done.json == {
        "changes": [
            {
                "file": STAGING,
                "path": "jupyterhub.singleuser.profileList[slug=small].kubespawner_override.image",
                "old": "quay.io/leap/small:2026.05.01",
                "new": "quay.io/leap/small:2026.06.02",
            }
        ],
        "hubs": [{"cluster": "leap", "hub": "staging", "stage": "staging", "why": [STAGING]}],
        "support": [],
        "matrix": {"include": [{"cluster": "leap", "hub": "staging", "stage": "staging"}]},
        "removed": [],
        "elsewhere": [],
        "problems": [],
    }
    assert fleet.run("plan", "HEAD~1..HEAD", "--format", "json").out == done.out


def test_text_keeps_staging_and_production_apart(fleet: Playground) -> None:
    fleet.write(
        {
            COMMON: fleet.read(COMMON).replace("2026.05.01", "2026.06.04"),
            SECRET: CIPHERTEXT + "# again\n",
            f"{LEAP}/support.values.yaml": "prometheus: {}\n",
            "README.md": "# The fleet\n",
        }
    )

    done = fleet.run("plan")

    assert (done.code, done.err) == (0, "")
    assert (
        done.out
        == f"""\
4 files changed, 3 values; 2 hubs to deploy (1 staging, 1 prod); support of 1 cluster

{COMMON}
  jupyterhub.singleuser.image.tag: "2026.05.01" → "2026.06.04"

{SECRET}
  encrypted: its values are not read

{LEAP}/support.values.yaml
  prometheus.image.repository: "quay.io/leap/prometheus" → (absent)
  prometheus.image.tag: "v2.1.0" → (absent)

leap
  staging: staging  because of {COMMON}
  prod: prod  because of {COMMON}, {SECRET}

support
  leap  because of {LEAP}/support.values.yaml

deploys nothing
  README.md
"""
    )


def test_an_encrypted_file_is_one_change_without_a_value(fleet: Playground) -> None:
    fleet.write({SECRET: CIPHERTEXT.replace("f00d", "beef"), PROD: CIPHERTEXT})

    found = planned(fleet)

    assert found["changes"] == [
        {"file": SECRET, "path": "", "old": None, "new": None},
        {"file": PROD, "path": "", "old": None, "new": None},
    ]
    assert "canary" not in fleet.run("plan").out + fleet.run("plan", "--format", "markdown").out


@pytest.mark.parametrize(
    ("prepare", "hubs"),
    [
        (["add", COMMON], ["leap/prod", "leap/staging"]),
        (["add", "--intent-to-add", COMMON], ["leap/prod", "leap/staging"]),
        (["status"], ["leap/prod", "leap/staging"]),
    ],
)
def test_the_work_tree_counts_staged_or_not(fleet: Playground, prepare: list[str], hubs: list[str]) -> None:
    fleet.write({COMMON: "jupyterhub: {}\n"})
    fleet.git(*prepare)

    assert list(decided(fleet)["hubs"]) == hubs
    assert list(decided(fleet, at=fleet.root / LEAP)["hubs"]) == hubs
    assert decided(fleet, "HEAD..")["hubs"] == {}


def test_a_file_that_is_not_tracked_counts_and_an_ignored_one_does_not(fleet: Playground) -> None:
    (fleet.root / ".git/info/exclude").write_text("ignored*\n")
    fleet.write({FILE: LISTED.replace("  - staging.values.yaml\n", "  - staging.values.yaml\n  - new.values.yaml\n")})
    commit(fleet)
    fleet.write({f"{LEAP}/new.values.yaml": "a: 1\n", f"{LEAP}/ignored.values.yaml": "a: 1\n"})

    done = planned(fleet)

    assert done["changes"] == [{"file": f"{LEAP}/new.values.yaml", "path": "a", "old": None, "new": 1}]
    assert decided(fleet)["hubs"] == {"leap/staging": [f"{LEAP}/new.values.yaml"]}


def test_a_file_in_the_index_alone_counts_with_what_the_index_has(fleet: Playground) -> None:
    fleet.write(
        {
            FILE: LISTED.replace("  - staging.values.yaml\n", "  - staging.values.yaml\n  - new.values.yaml\n"),
            f"{LEAP}/new.values.yaml": "a: 1\n",
        }
    )
    fleet.git("add", "--all")
    (fleet.root / LEAP / "new.values.yaml").unlink()

    done = planned(fleet)

    assert {"file": f"{LEAP}/new.values.yaml", "path": "a", "old": None, "new": 1} in done["changes"]
    assert decided(fleet)["hubs"]["leap/staging"] == [FILE, f"{LEAP}/new.values.yaml"]


def test_what_was_staged_and_undone_on_disk_does_not_count(fleet: Playground) -> None:
    for file in (PROD, STAGING):
        written = (fleet.root / file).read_text()
        fleet.write({file: "jupyterhub: {}\n"})
        fleet.git("add", file)
        fleet.write({file: written})
    fleet.write({STAGING: "jupyterhub: {other: 1}\n"})

    assert decided(fleet)["hubs"] == {"leap/staging": [STAGING]}


def test_what_was_taken_out_of_the_index_counts_whether_it_is_still_there_or_not(fleet: Playground) -> None:
    fleet.git("rm", "--quiet", "--cached", STAGING)
    (fleet.root / PROD).unlink()

    found = decided(fleet)

    assert found["hubs"] == {"leap/prod": [PROD], "leap/staging": [STAGING]}
    assert {each["file"] for each in planned(fleet)["changes"]} == {PROD}


def test_the_base_is_where_history_parted(fleet: Playground) -> None:
    fleet.git("checkout", "--quiet", "-b", "topic")
    fleet.write({STAGING: "jupyterhub: {}\n"})
    commit(fleet)
    fleet.git("checkout", "--quiet", "main")
    fleet.write({PROD: "jupyterhub: {}\n"})
    commit(fleet)

    for words in ("main..topic", "main...topic"):
        assert decided(fleet, words)["hubs"] == {"leap/staging": [STAGING]}
    fleet.git("checkout", "--quiet", "topic")
    for words in ("main..", "main", "main..HEAD"):
        assert decided(fleet, words)["hubs"] == {"leap/staging": [STAGING]}
    assert decided(fleet, "..main")["hubs"] == {"leap/prod": [PROD]}
    fleet.git("merge", "--quiet", "main")
    assert decided(fleet, "main..topic")["hubs"] == {"leap/staging": [STAGING]}
    assert decided(fleet, "HEAD^2..HEAD")["hubs"] == {"leap/staging": [STAGING]}


def test_a_range_needs_no_work_tree(fleet: Playground, tmp_path: Path) -> None:
    fleet.write({COMMON: "jupyterhub: {}\n"})
    commit(fleet)
    bare = tmp_path / "bare.git"
    fleet.git("clone", "--quiet", "--bare", ".", str(bare))

    assert list(decided(fleet, "HEAD~1..HEAD", at=bare)["hubs"]) == ["leap/prod", "leap/staging"]
    assert refused(fleet, at=bare).code == "bare-repository"


def test_a_rename_is_both_paths(fleet: Playground) -> None:
    fleet.git("mv", PROD, f"{LEAP}/production.values.yaml")
    fleet.write({FILE: LISTED.replace("prod.values.yaml\n  - enc", "production.values.yaml\n  - enc")})
    commit(fleet)

    found = decided(fleet, "HEAD~1..")

    assert found["hubs"] == {
        "leap/prod": [FILE, PROD, f"{LEAP}/production.values.yaml"],
        "leap/staging": [FILE],
    }
    assert found["support"] == ["leap"]
    values = {
        (each["file"], each["path"]): (each["old"], each["new"]) for each in planned(fleet, "HEAD~1..")["changes"]
    }
    assert values[PROD, "jupyterhub.hub.image.tag"] == ("4.1.0", None)
    assert values[f"{LEAP}/production.values.yaml", "jupyterhub.hub.image.tag"] == (None, "4.1.0")


def test_a_cluster_that_was_renamed_or_deleted_is_gone(fleet: Playground) -> None:
    fleet.git("mv", LEAP, "config/clusters/jump")
    commit(fleet)
    renamed = planned(fleet, "HEAD~1..")
    fleet.git("rm", "--quiet", "-r", "config")
    commit(fleet)
    deleted = planned(fleet, "HEAD~1..")

    assert [(hub["cluster"], hub["hub"]) for hub in renamed["hubs"]] == [("jump", "prod"), ("jump", "staging")]
    assert renamed["removed"] == ["leap/prod", "leap/staging"]
    assert (deleted["hubs"], deleted["support"]) == ([], [])
    assert deleted["removed"] == ["jump/prod", "jump/staging"]
    assert {each["old"] for each in deleted["changes"] if each["path"] == "name"} == {"leap"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\xff\xfe\x00binary", "not UTF-8"),
        (b"a: [1\n", "not valid YAML"),
        (b"- a\n", "values are a mapping, and this is none"),
        (b"a: 1\n" * 500_000, "larger than 2 MB"),
    ],
)
def test_a_file_that_cannot_be_read_still_redeploys_its_hubs(fleet: Playground, text: bytes, message: str) -> None:
    fleet.write({STAGING: text})
    before = planned(fleet)
    commit(fleet)
    after = planned(fleet, "HEAD~1..")

    for done in (before, after):
        assert [hub["hub"] for hub in done["hubs"]] == ["staging"]
        assert done["changes"] == []
        ((rule, said),) = [(each["rule"], each["message"]) for each in done["problems"]]
        assert rule == "unreadable"
        assert said.startswith("its values are not compared: ")
        assert message in said


def test_a_cluster_that_cannot_be_read_any_more_fails_and_keeps_its_hubs(fleet: Playground) -> None:
    fleet.write({FILE: "hubs: [\n"})

    done = fleet.run("plan", "--json")

    assert done.code == 1
    assert [hub["hub"] for hub in done.json["hubs"]] == ["prod", "staging"]
    assert [problem["file"] for problem in done.json["problems"]] == [FILE]


def test_a_link_and_a_submodule_are_no_values(fleet: Playground, tmp_path: Path) -> None:
    (fleet.root / STAGING).unlink()
    (fleet.root / STAGING).symlink_to("/etc/passwd")
    fleet.git("add", "--all")
    fleet.git("update-index", "--add", "--cacheinfo", f"160000,{fleet.git('rev-parse', 'HEAD').strip()},shared")
    fleet.git("commit", "--quiet", "--message", "Link")

    done = planned(fleet, "HEAD~1..")

    assert [hub["hub"] for hub in done["hubs"]] == ["staging"]
    assert done["elsewhere"] == ["shared"]
    assert [each["message"] for each in done["problems"]] == [
        "its values are not compared: not a regular file but a symbolic link"
    ]


def test_values_in_a_submodule_that_moved_redeploy_who_lists_them(fleet: Playground) -> None:
    listed = LISTED.replace("  - staging.values.yaml\n", "  - ../../../shared/x.values.yaml\n")
    fleet.write({FILE: listed})
    commit(fleet)
    head = fleet.git("rev-parse", "HEAD").strip()
    fleet.git("update-index", "--add", "--cacheinfo", f"160000,{head},shared")
    fleet.git("commit", "--quiet", "--message", "Share")

    assert decided(fleet, "HEAD~1..HEAD")["hubs"] == {"leap/staging": ["shared/x.values.yaml"]}


@pytest.mark.parametrize(
    "commits",
    [
        "nowhere..HEAD",
        "--upload-pack=x..HEAD",
        "^HEAD..HEAD",
        "HEAD..HEAD:README.md",
        "a..b..c",
        "HEAD....HEAD",
        "a\nb",
    ],
)
def test_what_is_no_commit_is_named(fleet: Playground, commits: str) -> None:
    assert refused(fleet, commits).code == "no-such-commit"


def test_a_failure_has_the_shape_of_the_verb(fleet: Playground) -> None:
    done = fleet.run("plan", "--json", "--", "--output=x..HEAD")

    assert (done.code, done.json["error"]["code"]) == (1, "no-such-commit")
    valid(done.json, "plan")


@pytest.mark.parametrize("words", [["--output=x"], [".."], ["..."], ["", "--json"], ["--json", "--format", "text"]])
def test_what_is_no_range_is_a_usage_error(fleet: Playground, words: list[str]) -> None:
    done = fleet.run("plan", *words)

    assert (done.code, done.out) == (2, "")


def test_histories_that_have_nothing_in_common_are_refused(fleet: Playground) -> None:
    fleet.git("checkout", "--quiet", "--orphan", "other")
    fleet.git("commit", "--quiet", "--message", "Begin again")

    error = refused(fleet, "main..other")

    assert (error.exit_code, error.code) == (1, "no-merge-base")
    assert "have no commit in common" in error.message


def test_a_shallow_clone_says_how_to_fetch_what_it_lacks(fleet: Playground, tmp_path: Path) -> None:
    fleet.git("checkout", "--quiet", "-b", "topic")
    for tag in ("2", "3"):
        fleet.write({PROD: f"a: {tag}\n"})
        commit(fleet)
    fleet.git("checkout", "--quiet", "main")
    fleet.write({STAGING: "a: 1\n"})
    commit(fleet)
    clone = tmp_path / "clone"
    fleet.git("clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{fleet.root}", str(clone))

    parted = refused(fleet, "origin/main..origin/topic", at=clone)
    unknown = refused(fleet, "origin/topic~1..", at=clone)
    fleet.git("fetch", "--quiet", "--unshallow", at=clone)

    assert parted.code == "no-merge-base"
    assert "`git fetch --deepen=100`" in str(parted.hint)
    assert unknown.code == "no-such-commit"
    assert "`git fetch --unshallow`" in str(unknown.hint)
    assert decided(fleet, "origin/main..origin/topic", at=clone)["hubs"] == {"leap/prod": [PROD]}


def test_without_git_or_a_commit_or_a_fleet_it_says_so(fleet: Playground, tmp_path: Path) -> None:
    plain, empty, other = (tmp_path / name for name in ("plain", "empty", "other"))
    for folder in (plain, empty, other):
        folder.mkdir()
    fleet.git("init", "--quiet", at=empty)
    fleet.git("init", "--quiet", at=other)
    fleet.git("commit", "--quiet", "--allow-empty", "--message", "Nothing", at=other)

    codes = [refused(fleet, at=folder).code for folder in (plain, empty, other)]

    assert codes == ["no-repository", "empty", "no-fleet"]


def test_a_fleet_in_another_folder_has_its_charts_beside_it(tmp_path: Path) -> None:
    made = Playground(tmp_path / "fleet", registry=None)  # type: ignore[arg-type] # nothing asks one
    moved = {f"north/{name}": text for name, text in FLEET.items()}
    made.write({**moved, "pods/cluster.yaml": "kind: Cluster\n---\nkind: Other\n", "north/helm-charts/hub/x": "1"})
    made.committed()
    made.write({"north/helm-charts/hub/x": "2", "pods/cluster.yaml": "kind: Pod\n"})

    found = decided(made)

    assert found == {
        "hubs": {hub: ["north/helm-charts/hub/x"] for hub in ("leap/prod", "leap/staging")},
        "support": [],
        "elsewhere": ["pods/cluster.yaml"],
    }
    assert planned(made)["changes"] == []


def test_settings_say_which_hubs_are_staging(fleet: Playground) -> None:
    fleet.write({"hubctl.yaml": "staging: ['leap/prod']\n", PROD: "a: 1\n"})

    assert [hub["stage"] for hub in planned(fleet)["hubs"]] == ["staging"]


def test_programs_that_the_repository_names_do_not_run(fleet: Playground, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    fleet.git("config", "filter.evil.clean", f"touch {mark}; cat")
    fleet.git("config", "filter.evil.required", "true")
    fleet.git("config", "core.fsmonitor", f"touch {mark}")
    fleet.write({".gitattributes": "*.yaml filter=evil\n", PROD: "a: 1\n"})
    os.utime(fleet.root / COMMON, (1, 1))

    assert decided(fleet)["hubs"] == {"leap/prod": [PROD]}
    assert not mark.exists()


HOSTILE = "config/clusters/leap/x`|<img src=x>\x1b[31m\n@everyone.values.yaml"


@pytest.mark.slow
def test_hostile_names_and_values_stay_harmless(fleet: Playground) -> None:
    listed = LISTED.replace("  - prod.values.yaml\n", f"  - {json.dumps(HOSTILE.removeprefix(LEAP + '/'))}\n")
    fleet.write({FILE: listed, HOSTILE: '"`|k": "```\\n<script>alert(1)</script> @team <!-- hubctl:v1 -->"\n'})

    markdown = fleet.run("plan", "--format", "markdown")
    text = fleet.run("plan")
    html = cmarkgfm.github_flavored_markdown_to_html(markdown.out)

    assert (markdown.code, text.code) == (0, 0)
    for danger in ("\x1b", "<script>", "<img", "<!--"):
        assert danger not in html + text.out.replace("<script>", "").replace("<!--", "").replace("<img", "")
    assert html.count("<table>") == 3
    assert "<code>@" not in html.replace("<code>@everyone", "")
    assert planned(fleet)["changes"][-1]["file"] == HOSTILE


@pytest.mark.slow
def test_markdown_fits_a_comment_and_says_what_is_cut(fleet: Playground) -> None:
    values = "".join(f"key{number}: {'x' * 150}\n" for number in range(2_000))
    files = {f"other/{number}-{'y' * 100}.txt": "" for number in range(2_000)}
    hubs = "".join(f"- name: hub{n}\n  helm_chart_values_files: [h{n}.yaml]\n" for n in range(900))
    own = {f"{LEAP}/h{number}.yaml": "a: 1\n" for number in range(900)}
    fleet.write({COMMON: values, FILE: LISTED + hubs, **files, **own})

    done = fleet.run("plan", "--format", "markdown")

    assert done.code == 0
    assert len(done.out.encode()) <= 60_000
    assert done.out.startswith("### What a merge deploys\n\n2902 files changed, ")
    assert done.out.count("cut here: ") == 3


@pytest.mark.slow
def test_every_file_of_the_real_fleet_redeploys_what_the_deployer_would(corpus: Path, tmp_path: Path) -> None:
    """The rule of the deployer, written again over PyYAML: who lists a file."""
    import yaml  # noqa: PLC0415  # the second opinion of this test alone

    root = tmp_path / "fleet"
    subprocess.run(["cp", "-r", str(corpus), str(root)], check=True)
    made = Playground(root, registry=None).committed()  # type: ignore[arg-type] # nothing asks one
    lists: dict[str, set[str]] = {}
    support: dict[str, set[str]] = {}
    for file in sorted(root.glob("config/clusters/*/cluster.yaml")):
        folder, cluster = file.parent, yaml.safe_load(file.read_text())
        own = lists.setdefault(str(file.relative_to(root)), set())
        support.setdefault(str(file.relative_to(root)), {folder.name})
        for hub in cluster["hubs"]:
            own.add(f"{folder.name}/{hub['name']}")
            for name in hub["helm_chart_values_files"]:
                path = os.path.relpath((folder / name).resolve(), root)
                lists.setdefault(path, set()).add(f"{folder.name}/{hub['name']}")
        for name in cluster["support"]["helm_chart_values_files"]:
            support.setdefault(os.path.relpath((folder / name).resolve(), root), set()).add(folder.name)
    tracked = made.git("ls-files", "-z", "config", "src", "helm-charts/support").split("\0")[:-1]
    clusters = sorted(path.parent.name for path in root.glob("config/clusters/*/cluster.yaml"))
    for path in sorted({*tracked, *lists, *support}):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        with (root / path).open("ab") as opened:
            opened.write(b"\n# touched\n")
    found = made.run("plan", "--json").json

    why: dict[str, set[str]] = {}
    for hub in found["hubs"]:
        for path in hub["why"]:
            why.setdefault(path, set()).add(f"{hub['cluster']}/{hub['hub']}")
    assert why == lists
    assert found["support"] == clusters
    assert found["changes"] == [
        {"file": path, "path": "", "old": None, "new": None} for path in sorted(lists | support) if "/enc-" in path
    ]
    assert set(found["elsewhere"]) == {
        path for path in tracked if path not in lists and path not in support and not path.startswith("helm-charts/")
    }
