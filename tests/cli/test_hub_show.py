"""`hub show`, from the outside: what Helm computes for a hub, and which line gives each value."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hubctl.cli.app import parse
from hubctl.cli.invocation import Globals
from hubctl.cli.opening import open_world
from hubctl.commands.hub_show import run
from hubctl.commands.reports import ValuesReport
from hubctl.commands.requests import HubShow
from hubctl.errors import NotFound, Unparseable
from hubctl.fleet.merging import Place
from tests.cli.playground import Outcome
from tests.cli.test_looking import valid
from tests.fleet.trees import CHARTS, cluster, hub, tree

LEAP = "config/clusters/leap"
BASE = "helm-charts/basehub/values.yaml"
SECRET = "enc-prod.secret.values.yaml"
DASK = {
    f"{LEAP}/cluster.yaml": cluster(
        "leap", hub("prod", "common.values.yaml", SECRET, "prod.values.yaml", "more.jsonnet", chart="daskhub")
    ),
    f"{LEAP}/common.values.yaml": "basehub:\n  jupyterhub:\n    singleuser:\n      image:\n        tag: '1.10'\n",
    f"{LEAP}/prod.values.yaml": (
        "basehub:\n"
        "  jupyterhub:\n"
        "    singleuser:\n"
        "      image: {tag: 2026-06-29}\n"
        "      extraEnv: {}\n"
        "      profileList:\n"
        "      - {slug: small, display_name: Small, cpu: 1.10}\n"
        "      - slug: large\n"
        "        gone: null\n"
    ),
    f"{LEAP}/{SECRET}": "password: canary-1\n",
    f"{LEAP}/more.jsonnet": "{}",
    "helm-charts/basehub/values.jsonnet": "{}",
    **CHARTS,
}
IMAGE = "basehub.jupyterhub.singleuser.image"


def shown(root: Path, files: Mapping[str, str | bytes], *words: str) -> Outcome:
    """Run hubctl in a folder that is no git repository and holds `files`."""
    tree(root, files)
    done = subprocess.run(
        [sys.executable, "-m", "hubctl", *words], cwd=root, capture_output=True, timeout=60, check=False
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def asked(root: Path, files: Mapping[str, str | bytes], name: str = "leap/prod", **flags: Any) -> ValuesReport:
    """What the command itself gives, without a process around it."""
    tree(root, files)
    world, _ = open_world(Globals(directory=root))
    return run(HubShow(*name.split("/", 1), **flags), world)


def leap(root: Path, files: Mapping[str, str | bytes], *words: str, chart: str = "basehub") -> Outcome:
    """Run `hub show leap/prod` over a hub fed by `files`, in their order."""
    own = {f"{LEAP}/{name}": text for name, text in files.items()}
    return shown(
        root,
        {f"{LEAP}/cluster.yaml": cluster("leap", hub("prod", *files, chart=chart)), **own},
        "hub",
        "show",
        "leap/prod",
        *words,
    )


def test_the_values_of_a_wrapped_hub_are_helms_with_a_source_for_each(tmp_path: Path) -> None:
    done = shown(tmp_path, DASK, "hub", "show", "leap/prod", "--json")

    assert (done.code, done.err) == (0, "")
    valid(done.json, "hub-show")
    profiles = [{"slug": "small", "display_name": "Small", "cpu": 1.1}, {"slug": "large", "gone": None}]
    singleuser = {"image": {"name": "quay.io/a/base", "tag": "2026-06-29"}, "extraEnv": {}, "profileList": profiles}
    common, prod = f"{LEAP}/common.values.yaml", f"{LEAP}/prod.values.yaml"
    assert done.json == {
        "values": {"basehub": {"jupyterhub": {"singleuser": singleuser}}},
        "sources": [
            {"path": f"{IMAGE}.name", "file": BASE, "line": 3, "shadows": []},
            {
                "path": f"{IMAGE}.tag",
                "file": prod,
                "line": 4,
                "shadows": [{"file": common, "line": 5}, {"file": BASE, "line": 3}],
            },
            {"path": "basehub.jupyterhub.singleuser.extraEnv", "file": prod, "line": 5, "shadows": []},
            {"path": "basehub.jupyterhub.singleuser.profileList", "file": prod, "line": 6, "shadows": []},
        ],
        "unread": ["helm-charts/basehub/values.jsonnet", f"{LEAP}/{SECRET}", f"{LEAP}/more.jsonnet"],
        "problems": [],
    }


def test_without_the_chart_only_what_the_fleet_says_is_left(tmp_path: Path) -> None:
    done = shown(tmp_path, DASK, "hub", "show", "leap/prod", IMAGE, "--no-chart", "--json").json

    assert (done["values"], done["unread"]) == ({"tag": "2026-06-29"}, [f"{LEAP}/{SECRET}", f"{LEAP}/more.jsonnet"])
    assert [place["file"] for place in done["sources"][0]["shadows"]] == [f"{LEAP}/common.values.yaml"]


@pytest.mark.parametrize(
    ("key_path", "value", "paths"),
    [
        (f"{IMAGE}.tag", "2026-06-29", [f"{IMAGE}.tag"]),
        (IMAGE, {"name": "quay.io/a/base", "tag": "2026-06-29"}, [f"{IMAGE}.name", f"{IMAGE}.tag"]),
        ("basehub.jupyterhub.singleuser.extraEnv", {}, ["basehub.jupyterhub.singleuser.extraEnv"]),
        (
            'basehub["jupyterhub"].singleuser.profileList[slug=small].cpu',
            1.1,
            ["basehub.jupyterhub.singleuser.profileList"],
        ),
        (
            "basehub.jupyterhub.singleuser.profileList[1]",
            {"slug": "large", "gone": None},
            ["basehub.jupyterhub.singleuser.profileList"],
        ),
    ],
)
def test_a_key_path_gives_the_value_there(tmp_path: Path, key_path, value, paths) -> None:
    report = asked(tmp_path, DASK, key_path=key_path)

    assert (report.exit_code, report.value) == (0, value)
    assert [".".join(source.path) for source in report.sources] == paths


@pytest.mark.parametrize(
    ("key_path", "hint"),
    [
        ("jupyterhub.singleuser.image", f"did you mean `{IMAGE}`?"),
        ("jupyterhub.singleuser.image.pullPolicy", f"did you mean `{IMAGE}`?"),
        (f"{IMAGE}.tga", f"did you mean `{IMAGE}.tag`?"),
        ("basehub.jupyterhub.singleusr.image.tag", "did you mean `basehub.jupyterhub.singleuser`?"),
        ("basehub.jupyterhub.singleuser.profileList[slug=medium]", "leave"),
        ("basehub.jupyterhub.singleuser.profileList[7]", "leave"),
        ("basehub.jupyterhub.singleuser.profileList.small", "leave"),
        (f"{IMAGE}.tag.more", "leave"),
        (f"{IMAGE}[0]", "leave"),
    ],
)
def test_a_key_path_that_is_not_there_has_near_ones(tmp_path: Path, key_path, hint) -> None:
    with pytest.raises(NotFound) as absent:
        asked(tmp_path, DASK, key_path=key_path)

    unread = "3 files that hubctl does not read may set it"
    assert (absent.value.code, absent.value.message) == ("no-such-key", f"no value at `{key_path}`")
    assert absent.value.hint == (unread if hint == "leave" else f"{hint}; {unread}")


def test_a_key_path_that_is_not_there_fails(tmp_path: Path) -> None:
    done = shown(tmp_path, DASK, "hub", "show", "leap/prod", "a.b", "--json")

    assert done.code == 1
    valid(done.json, "hub-show")
    assert done.json["values"] == {}
    assert done.json["error"] == {
        "code": "no-such-key",
        "message": "no value at `a.b`",
        "hint": "3 files that hubctl does not read may set it",
    }


def test_a_key_that_null_deleted_is_not_there(tmp_path: Path) -> None:
    done = leap(tmp_path, {"a.values.yaml": "a: {b: 1}\n", "b.values.yaml": "a: {b: ~}\n"}, "a.b")

    assert (done.code, done.out) == (1, "")
    assert done.err == "error: no value at `a.b`\n\nhint: leave the key path out to see all values\n"


@pytest.mark.parametrize("words", [("leap",), ("leap/",), ("/prod",), (), ("leap/prod", "a", "b")])
def test_what_is_no_hub_is_a_usage_error(words) -> None:
    assert parse(["hub", "show", *words]) == 2


def test_what_is_no_key_path_is_a_usage_error(tmp_path: Path) -> None:
    assert shown(tmp_path, DASK, "hub", "show", "leap/prod", "a..b").code == 2


@pytest.mark.parametrize(
    ("name", "code", "hint"),
    [
        ("lep/prod", "no-such-cluster", "did you mean `leap`?"),
        ("leap/prd", "no-such-hub", "did you mean `prod`?"),
        ("../leap/prod", "no-such-cluster", "there is `leap`"),
        ("leap/prod/x", "no-such-hub", "did you mean `prod`?"),
    ],
)
def test_an_unknown_hub_has_near_names(tmp_path: Path, name, code, hint) -> None:
    with pytest.raises(NotFound) as unknown:
        asked(tmp_path, DASK, name)

    assert (unknown.value.code, unknown.value.hint) == (code, hint)


def test_people_read_the_files_in_order_and_a_line_for_each_value(tmp_path: Path) -> None:
    done = shown(tmp_path, DASK, "hub", "show", "leap/prod")

    profiles = '[{"slug": "small", "display_name": "Small", "cpu": 1.1}, {"slug": "large", "gone": null}]'
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"# reads {BASE}\n"
        f"# reads {LEAP}/common.values.yaml\n"
        f"# reads {LEAP}/prod.values.yaml\n"
        "# does not read helm-charts/basehub/values.jsonnet\n"
        f"# does not read {LEAP}/{SECRET}\n"
        f"# does not read {LEAP}/more.jsonnet\n"
        f'{IMAGE}.name: "quay.io/a/base"  {BASE}:3\n'
        f'{IMAGE}.tag: "2026-06-29"  {LEAP}/prod.values.yaml:4 (shadows {LEAP}/common.values.yaml:5, {BASE}:3)\n'
        f"basehub.jupyterhub.singleuser.extraEnv: {{}}  {LEAP}/prod.values.yaml:5\n"
        f"basehub.jupyterhub.singleuser.profileList: {profiles}  {LEAP}/prod.values.yaml:6\n"
    )


def test_one_value_is_one_line_and_what_is_not_read_is_said_beside(tmp_path: Path) -> None:
    done = shown(tmp_path, DASK, "hub", "show", "leap/prod", f"{IMAGE}.name")
    quiet = shown(tmp_path, DASK, "--quiet", "hub", "show", "leap/prod", f"{IMAGE}.name")

    assert done.out == quiet.out == f'{IMAGE}.name: "quay.io/a/base"  {BASE}:3\n'
    assert done.err.splitlines()[1] == f"note: may be set in `{LEAP}/{SECRET}`, which hubctl does not read"
    assert quiet.err == ""


def test_a_list_item_is_one_line(tmp_path: Path) -> None:
    path = "basehub.jupyterhub.singleuser.profileList[slug=large]"
    done = shown(tmp_path, DASK, "hub", "show", "leap/prod", path)

    assert done.out == f'{path}: {{"slug": "large", "gone": null}}  {LEAP}/prod.values.yaml:6\n'


def test_encrypted_files_are_never_read_and_neither_are_links_to_them(tmp_path: Path) -> None:
    (tmp_path / LEAP).mkdir(parents=True)
    (tmp_path / LEAP / SECRET).write_text("password: canary-1\n")
    (tmp_path / LEAP / "link.values.yaml").symlink_to(SECRET)
    (tmp_path / LEAP / "sops.values.yaml").write_text("password: canary-2\nsops: {mac: x}\n")
    files = cluster("leap", hub("prod", "link.values.yaml", SECRET, "sops.values.yaml"))

    done = shown(tmp_path, {f"{LEAP}/cluster.yaml": files}, "hub", "show", "leap/prod", "--json")

    assert (done.code, done.json["values"], done.json["sources"]) == (0, {}, [])
    assert done.json["unread"] == [f"{LEAP}/{name}" for name in ("link.values.yaml", SECRET, "sops.values.yaml")]
    assert "canary" not in done.out + done.err


def test_files_that_are_not_there_are_unread_and_a_problem(tmp_path: Path) -> None:
    files = cluster("leap", hub("staging", "gone.values.yaml"), hub("prod", "a.values.yaml", "b.values.yaml", SECRET))
    done = shown(
        tmp_path,
        {f"{LEAP}/cluster.yaml": files, f"{LEAP}/a.values.yaml": "a: 1\n"},
        "hub",
        "show",
        "leap/prod",
        "--json",
    )

    assert (done.code, done.json["values"]) == (0, {"a": 1})
    assert done.json["unread"] == [f"{LEAP}/b.values.yaml", f"{LEAP}/{SECRET}"]
    assert [(each["rule"], each["line"]) for each in done.json["problems"]] == [
        ("missing-file", 13),
        ("missing-file", 14),
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("- a list\n", 1, "values are a mapping, and this is none"),
        ("a: 1\nb: [\n", 3, "not valid YAML"),
        ("a: 1\nb: .nan\n", 2, "a number that JSON cannot hold"),
        (
            "a: &a [1]\n"
            + "".join(f"k{n}: &k{n} [{', '.join([f'*k{n - 1}' if n else '*a'] * 9)}]\n" for n in range(9)),
            7,
            "more than 200,000 values with its aliases expanded",
        ),
        ("a: " + "[" * 100, 1, "nested more than 64 levels deep"),
        (b"a: \xff\n", 1, "not UTF-8"),
        (b"# " + b"x" * 2_000_001, 1, "larger than 2 MB: 2,000,003 bytes"),
    ],
)
def test_where_a_file_cannot_be_read_no_value_is_told(tmp_path: Path, text, line, message) -> None:
    names = ("a.values.yaml", "b.values.yaml", "c.values.yaml")
    texts = {f"{LEAP}/{name}": each for name, each in zip(names, ("a: 1\n", text, "- x\n"), strict=True)}
    report = asked(tmp_path, {f"{LEAP}/cluster.yaml": cluster("leap", hub("prod", *names)), **texts})

    first, second = report.problems
    assert (report.exit_code, report.value, report.sources) == (1, {}, ())
    assert (first.file, first.line, first.rule) == (f"{LEAP}/b.values.yaml", line, "unreadable")
    assert first.message.startswith(message)
    assert (second.file, second.message) == (f"{LEAP}/c.values.yaml", "values are a mapping, and this is none")
    assert isinstance(report.error, Unparseable)
    assert (report.error.file, report.error.line, report.error.message) == (first.file, line, first.message)


def test_an_unreadable_file_fails_with_an_error_and_a_problem(tmp_path: Path) -> None:
    done = leap(tmp_path, {"a.values.yaml": "- a\n", "b.values.yaml": "b: 1\n"}, "--json")

    assert done.code == 1
    valid(done.json, "hub-show")
    assert (done.json["values"], done.json["sources"]) == ({}, [])
    assert [(each["file"], each["line"], each["rule"]) for each in done.json["problems"]] == [
        (f"{LEAP}/a.values.yaml", 1, "unreadable")
    ]
    assert done.json["error"] == {
        "code": "unreadable",
        "message": f"{LEAP}/a.values.yaml:1: values are a mapping, and this is none",
        "hint": "make it YAML that Helm can read",
    }


def test_an_unreadable_file_is_told_to_people_once_as_the_error(tmp_path: Path) -> None:
    done = leap(tmp_path, {"a.values.yaml": "a: [\n"})

    assert (done.code, done.out) == (1, "")
    assert done.err.endswith(
        f"error: {LEAP}/a.values.yaml:2: not valid YAML\n\nhint: make it YAML that Helm can read\n"
    )


@pytest.mark.parametrize("name", ["values.yaml", "Chart.yaml"])
def test_a_chart_that_cannot_be_read_hides_every_value_but_those_without_the_chart(tmp_path: Path, name) -> None:
    files = {**DASK, f"helm-charts/basehub/{name}": "a: [\n"}

    assert asked(tmp_path, files).exit_code == 1
    assert asked(tmp_path, files, chart=False).exit_code == 0


def test_a_cluster_that_cannot_be_read_fails_with_its_line(tmp_path: Path) -> None:
    done = shown(tmp_path, {f"{LEAP}/cluster.yaml": "name: leap\nhubs: 5\n"}, "hub", "show", "leap/prod", "--json")

    assert (done.code, done.json["error"]["code"]) == (1, "unreadable")
    assert done.json["error"]["message"] == f"{LEAP}/cluster.yaml:2: `hubs` is not a list"


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("- 5\n", 0),
        ("- {name: other, helm_chart_values_files: 5}\n", 0),
        ("- helm_chart: [basehub]\n  name: prod\n", 1),
        ("- name: prod\n  helm_chart_values_files: [../../../../out.yaml]\n", 1),
        ("- name: prod\n  helm_chart_values_files: a.yaml\n", 1),
    ],
)
def test_only_what_is_wrong_with_the_hub_itself_hides_its_values(tmp_path: Path, entry, code) -> None:
    listed = f"name: leap\nsupport: 7\nhubs:\n- name: first\n  helm_chart: 1.0\n{entry}- name: prod\n"
    report = asked(tmp_path, {f"{LEAP}/cluster.yaml": listed})

    assert report.exit_code == code
    assert [problem.rule for problem in report.problems if problem.fails] == ["cluster-shape"] * code


def test_only_the_wanted_cluster_is_read(tmp_path: Path) -> None:
    broken = {"config/clusters/other/cluster.yaml": "hubs: [\n", "config/clusters/leap2/cluster.yaml": "- x\n"}

    assert asked(tmp_path, {**DASK, **broken}).problems == ()


def test_clusters_elsewhere_are_found_too_and_one_name_in_two_clusters_is_two_hubs(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {}
    for name in ("a", "b"):
        files[f"deep/{name}/cluster.yaml"] = cluster(name, hub("prod", "x.yaml"))
        files[f"deep/{name}/x.yaml"] = f"who: {name}x\n"

    answers = [asked(tmp_path, files, f"{name}/prod", key_path="who").value for name in ("a", "b")]

    assert answers == ["ax", "bx"]


def test_of_a_hub_listed_twice_the_first_is_shown_with_a_problem(tmp_path: Path) -> None:
    files = {
        f"{LEAP}/cluster.yaml": cluster("leap", hub("prod", "a.values.yaml"), hub("prod", "b.values.yaml")),
        f"{LEAP}/a.values.yaml": "a: 1\n",
        f"{LEAP}/b.values.yaml": "a: 2\n",
    }
    done = shown(tmp_path, files, "hub", "show", "leap/prod", "--json").json

    assert (done["values"], [problem["rule"] for problem in done["problems"]]) == ({"a": 1}, ["duplicate-hub"])


def test_a_duplicate_key_is_helms_value_and_a_problem(tmp_path: Path) -> None:
    done = leap(tmp_path, {"a.values.yaml": "a: 1\nb: 2\na: 3\n"}, "--json")

    assert (done.code, done.json["values"]) == (0, {"a": 3, "b": 2})
    assert done.json["problems"] == [
        {
            "file": f"{LEAP}/a.values.yaml",
            "line": 3,
            "rule": "duplicate-key",
            "message": "the key `a` occurs twice in one mapping; Helm takes the last",
            "mend": "keep one of them",
        }
    ]


def test_values_keep_the_types_helm_gives_them(tmp_path: Path) -> None:
    text = "a: 1.10\nb: 0123\nc: 2026-06-29\nd: yes\ne: '1.10'\nf: ~\ng: 1_000\nh: 12345678\ni: 1e3\nj: 'no'\n"
    done = leap(tmp_path, {"a.values.yaml": text}, "--json")

    assert done.json["values"] == {
        "a": 1.1,
        "b": 83,
        "c": "2026-06-29",
        "d": True,
        "e": "1.10",
        "g": 1000,
        "h": 12345678,
        "i": 1000,
        "j": "no",
    }


def test_hostile_text_reaches_no_terminal(tmp_path: Path) -> None:
    text = 'a: "\\e[31m\\u202e\\u200b"\n"k\\u001b[0m\\n::error::": 1\n'
    done = leap(tmp_path, {"a.values.yaml": text})
    answer = leap(tmp_path, {"a.values.yaml": text}, "--json")

    assert done.out.splitlines()[1:] == [
        f'a: "\\u001b[31m\\u202e\\u200b"  {LEAP}/a.values.yaml:1',
        f'["k\\u001b[0m\\n::error::"]: 1  {LEAP}/a.values.yaml:2',
    ]
    assert all(char.isprintable() or char == "\n" for char in answer.out)
    assert answer.json["values"] == {"a": "\x1b[31m\u202e\u200b", "k\x1b[0m\n::error::": 1}


def test_a_hub_of_another_shape_has_the_values_it_has(tmp_path: Path) -> None:
    text = "name: leap\nhubs:\n- name: prod\n  config: {a: 1}\n"
    report = asked(tmp_path, {f"{LEAP}/cluster.yaml": text, **CHARTS})

    assert (report.exit_code, report.value, report.unread) == (0, {}, ())


def test_what_a_wrapper_chart_says_stands_above_what_it_wraps(tmp_path: Path) -> None:
    wrapped = "dependencies:\n- {name: basehub, alias: inner, repository: 'file://../basehub'}\n"
    files = {
        **CHARTS,
        "helm-charts/daskhub/Chart.yaml": wrapped,
        "helm-charts/daskhub/values.yaml": "inner:\n  jupyterhub: {singleuser: {image: {tag: '2'}}}\n",
        f"{LEAP}/cluster.yaml": cluster("leap", hub("prod", chart="daskhub")),
    }
    report = asked(tmp_path, files, key_path="inner.jupyterhub.singleuser.image")

    assert report.value == {"name": "quay.io/a/base", "tag": "2"}
    assert report.sources[1].shadows == (Place(BASE, 3),)


@pytest.mark.slow
def test_every_hub_of_the_real_fleet_can_be_shown(corpus: Path) -> None:
    def answer_of(*words: str) -> Any:
        command = [sys.executable, "-m", "hubctl", "hub", *words, "--json"]
        done = subprocess.run(command, cwd=corpus, env=os.environ, capture_output=True, timeout=60, check=False)
        return done.returncode, json.loads(done.stdout)

    hubs = answer_of("list")[1]["hubs"]
    shown = {
        f"{each['cluster']}/{each['hub']}": answer_of("show", f"{each['cluster']}/{each['hub']}") for each in hubs[::10]
    }

    assert {code for code, _ in shown.values()} == {0}
    for _, answer in shown.values():
        assert {problem["rule"] for problem in answer["problems"]} <= {"missing-file"}
        assert bool(answer["unread"]) == bool(answer["problems"])
        assert all(file.rpartition("/")[2].startswith("enc-") for file in answer["unread"])
