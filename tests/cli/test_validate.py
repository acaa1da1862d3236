"""`validate` from the outside: what it finds, in three forms, and what of it a change brought."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests.cli.playground import CLUSTER, COMMON_FILE, FLEET, Playground

CLUSTER_FILE = "config/clusters/leap/cluster.yaml"
STAGING_FILE = "config/clusters/leap/staging.values.yaml"
MOVES = "jupyterhub:\n  singleuser:\n    image: {name: quay.io/leap/notebook, tag: latest}\n"
NUMBER = "jupyterhub:\n  singleuser:\n    image: {name: quay.io/leap/notebook, tag: 1.10}\n"


@pytest.fixture
def fleet(playground: Playground) -> Playground:
    """The playground's fleet with all a cluster needs, so that nothing is wrong in it."""
    playground.write({CLUSTER_FILE: CLUSTER.replace("name: leap\n", "name: leap\nprovider: gcp\n", 1)})
    return playground


def valid(shape: object) -> None:
    jsonschema.validate(shape, json.loads(files("hubctl.schemas").joinpath("validate.schema.json").read_text()))


def test_a_fleet_in_order_has_no_problem(fleet: Playground) -> None:
    done = fleet.run("validate")
    assert (done.code, done.out, done.err) == (0, "", "no problem in 5 files\n")


def test_an_error_is_told_with_line_and_column_and_fails(fleet: Playground) -> None:
    fleet.write({STAGING_FILE: NUMBER})
    done = fleet.run("validate", "--json")
    valid(done.json)
    assert done.code == 1
    assert done.json == {
        "problems": [
            {
                "file": STAGING_FILE,
                "line": 3,
                "column": 47,
                "rule": "number-tag",
                "severity": "error",
                "message": "Helm reads this tag as a number, `1.1`",
                "mend": "put it in quotes",
            }
        ],
        "checked": 5,
    }
    text = fleet.run("--quiet", "validate")
    assert (text.code, text.err) == (1, "")
    assert text.out == (
        f"{STAGING_FILE}:3:47: error: number-tag: Helm reads this tag as a number, `1.1` (put it in quotes)\n"
    )


def test_warnings_alone_do_not_fail(fleet: Playground) -> None:
    fleet.write({STAGING_FILE: MOVES})
    done = fleet.run("validate", "--format", "json")
    assert done.code == 0
    assert [(one["rule"], one["severity"]) for one in done.json["problems"]] == [("mutable-tag", "warning")]


def test_paths_narrow_what_is_told(fleet: Playground) -> None:
    fleet.write({STAGING_FILE: NUMBER, COMMON_FILE: MOVES})
    inside = fleet.run("validate", "staging.values.yaml", "--json", at=fleet.root / "config/clusters/leap")
    assert [one["rule"] for one in inside.json["problems"]] == ["number-tag"]
    assert inside.json["checked"] == 1
    assert fleet.run("validate", COMMON_FILE, "--json").code == 0
    assert fleet.run("validate", "config/clusters/leap/", "--json").json["checked"] == 5
    assert fleet.run("validate", ".", "--json").json["checked"] == 5


@pytest.mark.parametrize("path", ["gone.values.yaml", "/etc", ".."])
def test_a_path_that_is_not_there_is_an_error(fleet: Playground, path: str) -> None:
    done = fleet.committed().run("validate", path, "--json")
    assert done.code == 1
    assert done.json["error"]["code"] == "no-such-file"
    valid(done.json)


def test_annotations_are_ten_of_each_kind_and_say_how_many_more(fleet: Playground) -> None:
    def listed(count: int, tag: str) -> str:
        return "".join(f"      x{number}: {{name: quay.io/leap/b{number}, tag: {tag}}}\n" for number in range(count))

    values = "jupyterhub:\n  prePuller:\n    extraImages:\n"
    fleet.write({STAGING_FILE: values + listed(12, "1.5"), COMMON_FILE: values + listed(11, "latest")})
    done = fleet.run("validate", "--format", "github")
    lines = done.out.splitlines()
    assert done.code == 1
    assert Counter(line.partition(" ")[0] for line in lines) == {"::error": 10, "::warning": 10, "2": 1}
    assert lines[0] == (
        f"::error file={STAGING_FILE},line=4,col=40,title=number-tag::"
        "Helm reads this tag as a number, `1.5` (put it in quotes)"
    )
    assert lines[-1] == "2 more errors and 1 more warning not shown here: run `hubctl validate` to see all 23 problems"


def test_annotations_are_escaped(fleet: Playground) -> None:
    name = "config/clusters/leap/a,b:100%.values.yaml"
    fleet.write({name: "x: 1\n"})
    done = fleet.run("validate", "--format", "github")
    assert done.out == (
        "::warning file=config/clusters/leap/a%2Cb%3A100%25.values.yaml,line=1,col=1,title=unlisted-file::"
        "no `cluster.yaml` lists this values file (list it under a hub, or delete it)\n"
    )


def test_the_rules_are_listed_without_a_fleet(tmp_path: Path, playground: Playground) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    text = playground.run("--quiet", "validate", "--rules", at=empty)
    shape = playground.run("validate", "--rules", "--json", at=empty).json
    valid(shape)
    assert text.out.startswith(
        "binderhub-incomplete  error    a hub that builds images lacks its prefix, registry or user names"
    )
    assert [line.split()[:2] for line in text.out.splitlines()] == [
        [one["rule"], one["severity"]] for one in shape["rules"]
    ]


def test_a_baseline_leaves_out_what_is_known_and_says_so(fleet: Playground) -> None:
    fleet.write(
        {
            STAGING_FILE: NUMBER,
            COMMON_FILE: NUMBER,
            "hubctl.yaml": f"baseline:\n- {{rule: number-tag, file: {STAGING_FILE}}}\n",
        }
    )
    done = fleet.run("validate", "--json")
    assert [one["file"] for one in done.json["problems"]] == [COMMON_FILE]
    assert "1 problem left out: `baseline` in `hubctl.yaml` knows them\n" in done.err


def test_a_baseline_that_names_no_rule_is_pointed_at(fleet: Playground) -> None:
    fleet.write({"hubctl.yaml": f"baseline:\n- {{rule: number-tags, file: {STAGING_FILE}}}\n"})
    said = fleet.run("validate").err
    assert "`baseline` in `hubctl.yaml` names no rule: `number-tags`, did you mean `number-tag`?\n" in said


@pytest.mark.slow
@pytest.mark.parametrize("baseline", ["x", "{rule: a}", "[a]", "[{rule: a}]", "[{rule: a, file: b, x: c}]"])
def test_a_baseline_of_another_form_is_refused(fleet: Playground, baseline: str) -> None:
    fleet.write({"hubctl.yaml": f"baseline: {baseline}\n"})
    done = fleet.run("validate", "--json")
    assert (done.code, done.json["error"]["code"]) == (1, "bad-settings")


def test_with_a_base_only_what_is_new_is_told(fleet: Playground) -> None:
    fleet.write({STAGING_FILE: NUMBER})
    fleet.committed()
    fleet.write({STAGING_FILE: "# one more line\n" + NUMBER})
    assert fleet.run("validate", "--base", "HEAD", "--json").json["problems"] == []
    fleet.write({COMMON_FILE: NUMBER})
    done = fleet.run("validate", "--base", "HEAD", "--json")
    assert (done.code, [one["file"] for one in done.json["problems"]]) == (1, [COMMON_FILE])


def test_a_base_is_where_head_left_it(fleet: Playground) -> None:
    fleet.committed()
    fleet.git("branch", "topic")
    fleet.write({COMMON_FILE: NUMBER})
    fleet.git("commit", "--quiet", "--all", "--message", "Break it on the base")
    base = fleet.git("branch", "--show-current").strip()
    fleet.git("checkout", "--quiet", "topic")
    fleet.write({STAGING_FILE: MOVES})
    found = fleet.run("validate", "--base", base, "--json").json["problems"]
    assert [(one["rule"], one["file"]) for one in found] == [("mutable-tag", STAGING_FILE)]


def test_one_more_absent_file_is_new_beside_an_old_one(fleet: Playground) -> None:
    cluster = fleet.read(CLUSTER_FILE)
    listed = cluster.replace("  - prod.values.yaml\n", "  - prod.values.yaml\n  - enc-a.secret.values.yaml\n")
    fleet.write({CLUSTER_FILE: listed})
    fleet.committed()
    assert fleet.run("validate", "--base", "HEAD", "--json").json["problems"] == []
    fleet.write({CLUSTER_FILE: listed + "  - enc-b.secret.values.yaml\n"})
    (found,) = fleet.run("validate", "--base", "HEAD", "--json").json["problems"]
    assert found["message"] == (
        "1 encrypted file listed but not there, the first: `config/clusters/leap/enc-b.secret.values.yaml`"
    )


def test_a_base_that_is_unknown_unrelated_or_not_fetched_is_one_clear_error(fleet: Playground, tmp_path: Path) -> None:
    fleet.committed()
    fleet.write({STAGING_FILE: MOVES})
    fleet.git("commit", "--quiet", "--all", "--message", "Second")
    branch = fleet.git("branch", "--show-current").strip()
    unknown = fleet.run("validate", "--base", "nowhere", "--json")
    fleet.git("checkout", "--quiet", "--orphan", "alone")
    fleet.git("commit", "--quiet", "--message", "Alone")
    unrelated = fleet.run("validate", "--base", branch, "--json")
    fleet.git("checkout", "--quiet", branch)
    shallow = tmp_path / "shallow"
    fleet.git("clone", "--quiet", "--depth=1", f"file://{fleet.root}", str(shallow))
    first = fleet.git("rev-list", "--max-parents=0", "HEAD").strip()
    thin = fleet.run("validate", "--base", first, "--json", at=shallow)
    assert [each.code for each in (unknown, unrelated, thin)] == [1, 1, 1]
    assert [each.json["error"]["code"] for each in (unknown, unrelated)] == ["no-such-commit", "no-merge-base"]
    assert "git fetch --unshallow" in thin.json["error"]["hint"]
    valid(thin.json)


def test_a_base_needs_a_repository(fleet: Playground) -> None:
    done = fleet.run("validate", "--base", "HEAD", "--json")
    assert (done.code, done.json["error"]["code"]) == (1, "no-repository")


def test_a_cluster_of_another_shape_is_told_in_one_problem_a_place(fleet: Playground) -> None:
    fleet.write({CLUSTER_FILE: "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: leap}\n"})
    done = fleet.run("validate", "--json")
    assert done.code == 1
    assert [
        (one["rule"], one["line"], one["message"]) for one in done.json["problems"] if one["file"] == CLUSTER_FILE
    ] == [
        ("cluster-schema", 1, "`name` is missing"),
        ("cluster-schema", 1, "`provider` is missing"),
        ("cluster-schema", 1, "unknown key `apiVersion`"),
        ("cluster-schema", 2, "unknown key `kind`"),
    ]


def test_a_shape_hubctl_cannot_read_is_told_once(fleet: Playground) -> None:
    fleet.write({CLUSTER_FILE: "name: leap\nprovider: gcp\nhubs:\n- 7\n"})
    found = fleet.run("validate", CLUSTER_FILE, "--json").json["problems"]
    assert [(one["rule"], one["line"]) for one in found] == [("cluster-shape", 4)]


def test_a_file_that_only_the_index_has_is_missing(fleet: Playground) -> None:
    fleet.committed()
    (fleet.root / STAGING_FILE).unlink()
    found = fleet.run("validate", "--json").json["problems"]
    assert [(one["rule"], one["file"], one["line"]) for one in found] == [("missing-file", CLUSTER_FILE, 12)]


def test_what_a_sparse_checkout_leaves_out_is_not_missing(fleet: Playground) -> None:
    fleet.committed()
    fleet.git("sparse-checkout", "set", "--no-cone", "/*", f"!/{STAGING_FILE}")
    found = fleet.run("validate", "--json")
    assert (found.code, [one["rule"] for one in found.json["problems"]]) == (0, ["sparse-checkout"])


def test_forms_that_exclude_each_other_are_a_usage_error(fleet: Playground) -> None:
    assert fleet.run("validate", "--json", "--format", "github").code == 2
    assert fleet.run("validate", "--format", "xml").code == 2


def test_a_folder_without_a_fleet_is_an_error(playground: Playground) -> None:
    for name in FLEET:
        (playground.root / name).unlink()
    done = playground.run("validate", "--json")
    assert (done.code, done.json["error"]["code"]) == (1, "no-fleet")
    valid(done.json)


# What 2i2c's tree of 2026-08-21, without its encrypted files and rendered values, has by each rule; each was looked at.
REAL = {
    "foreign-prefix": 11,
    "ignored-key": 1,
    "missing-file": 1,
    "mutable-tag": 59,
    "odd-tag": 4,
    "service-scope": 3,
    "shared-prefix": 8,
    "unlisted-file": 1,
}


@pytest.mark.slow
def test_what_is_found_in_the_real_fleet_is_what_was_looked_at(playground: Playground, corpus: Path) -> None:
    done = playground.run("validate", "--json", at=corpus)
    assert (done.code, done.json["checked"]) == (1, 266)
    assert Counter(one["rule"] for one in done.json["problems"]) == REAL
