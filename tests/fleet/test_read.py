"""A fleet is read from its `cluster.yaml` files; what is wrong in one stops no other."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from hubctl.adapters.files import WorkTree
from hubctl.errors import NotFound
from hubctl.fleet.model import Absent, Cluster, Hub
from hubctl.fleet.read import read_fleet
from hubctl.problem import Problem
from tests.fleet.trees import CHARTS, cluster, fleet, hub, leap, tree

LEAP = "config/clusters/leap"
GOOD = {f"{LEAP}/cluster.yaml": cluster("leap", hub("prod", "prod.values.yaml")), f"{LEAP}/prod.values.yaml": "a: 1\n"}


def test_a_whole_fleet_is_read(tmp_path: Path) -> None:
    support = "support:\n  helm_chart_values_files: [support.values.yaml, enc-support.secret.values.yaml]\n"
    read = fleet(
        tmp_path,
        {
            f"{LEAP}/cluster.yaml": cluster(
                "leap",
                hub("staging", "../common.yaml", "common.values.yaml", "enc-staging.secret.values.yaml", "x.jsonnet"),
                hub("prod", "common.values.yaml", "own.values.yaml", "common.values.yaml", chart="daskhub"),
                support=support,
            ),
            "config/clusters/common.yaml": "a: 1\n",
            f"{LEAP}/common.values.yaml": "b: 1\n",
            f"{LEAP}/own.values.yaml": "c: 1\n",
            f"{LEAP}/support.values.yaml": "d: 1\n",
            f"{LEAP}/enc-staging.secret.values.yaml": "e: ENC[]\n",
            f"{LEAP}/x.jsonnet": "{}",
            f"{LEAP}/old.values.yaml": "",
            f"{LEAP}/notes.yaml": "",
            "config/clusters/ridge/cluster.yaml": "name: ridge\n",
            "config/clusters/templates/common/cluster.yaml": "{{ nothing }}",
            "helm-charts/basehub/values.jsonnet": "{}",
            "other/place/cluster.yaml": cluster("place", hub("prod")),
            **CHARTS,
        },
    )
    base = "helm-charts/basehub/values.yaml"
    assert read.clusters == (
        Cluster(
            "leap",
            LEAP,
            f"{LEAP}/cluster.yaml",
            (
                Hub(
                    cluster="leap",
                    name="staging",
                    domain="staging.example.org",
                    chart="basehub",
                    stage="staging",
                    files=("config/clusters/common.yaml", f"{LEAP}/common.values.yaml"),
                    encrypted=(f"{LEAP}/enc-staging.secret.values.yaml",),
                    jsonnet=(f"{LEAP}/x.jsonnet",),
                    defaults=((base, ()),),
                    line=5,
                    charts=("helm-charts/basehub",),
                ),
                Hub(
                    cluster="leap",
                    name="prod",
                    domain="prod.example.org",
                    chart="daskhub",
                    stage="prod",
                    files=(f"{LEAP}/own.values.yaml", f"{LEAP}/common.values.yaml"),
                    defaults=((base, ("basehub",)),),
                    prefix=("basehub",),
                    charts=("helm-charts/basehub", "helm-charts/daskhub"),
                    line=13,
                ),
            ),
            (f"{LEAP}/support.values.yaml",),
            "leap",
        ),
        Cluster("ridge", "config/clusters/ridge", "config/clusters/ridge/cluster.yaml", (), declared="ridge"),
    )
    assert (read.charts, read.layout, read.problems) == ((base,), "config/clusters/*/cluster.yaml", ())
    assert sorted(read.texts) == [
        "config/clusters/common.yaml",
        f"{LEAP}/common.values.yaml",
        f"{LEAP}/own.values.yaml",
        f"{LEAP}/support.values.yaml",
        base,
    ]
    assert read.absent == (Absent(f"{LEAP}/enc-support.secret.values.yaml", f"{LEAP}/cluster.yaml", 3, encrypted=True),)
    assert read.unlisted == (f"{LEAP}/old.values.yaml",)
    assert read.jsonnet == (f"{LEAP}/x.jsonnet", "helm-charts/basehub/values.jsonnet")


def test_clusters_elsewhere_are_found_by_their_list_of_hubs(tmp_path: Path) -> None:
    read = fleet(
        tmp_path,
        {
            "deploy/hubs/north/cluster.yaml": cluster("north", hub("prod", "a.yaml")),
            "deploy/hubs/north/a.yaml": "x: 1\n",
            "deploy/helm-charts/basehub/values.yaml": "y: 1\n",
            "eks/cluster.yaml": "kind: ClusterConfig\n",
            "broken/cluster.yaml": "kind: [\n",
            ".cache/x/cluster.yaml": cluster("x", hub("prod")),
            "node_modules/x/cluster.yaml": cluster("x", hub("prod")),
            "1/2/3/4/5/6/deep/cluster.yaml": cluster("deep", hub("prod")),
        },
    )
    assert [(one.id, one.files, one.defaults) for one in read.hubs] == [
        ("north/prod", ("deploy/hubs/north/a.yaml",), (("deploy/helm-charts/basehub/values.yaml", ()),))
    ]
    assert (read.layout, read.problems) == ("**/cluster.yaml", ())


def test_a_cluster_at_the_root_is_called_as_it_says(tmp_path: Path) -> None:
    read = fleet(tmp_path, {"cluster.yaml": cluster("solo", hub("prod", "a.values.yaml")), "a.values.yaml": ""})
    assert [(one.id, one.files) for one in read.hubs] == [("solo/prod", ("a.values.yaml",))]


def test_without_any_cluster_there_is_no_fleet(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        read_fleet(tree(tmp_path, {"README.md": "", "x/cluster.yaml": "kind: other\n"}))
    assert (caught.value.message, caught.value.code) == ("no `cluster.yaml` in this repository", "no-fleet")


@pytest.mark.parametrize(
    ("files", "prefix", "defaults"),
    [
        ({}, ("basehub",), ()),
        ({"helm-charts/daskhub/values.yaml": "x: 1\n"}, ("basehub",), (("helm-charts/daskhub/values.yaml", ()),)),
        (
            {
                "helm-charts/daskhub/Chart.yaml": "dependencies:\n- {name: middle, repository: 'file://../middle'}\n",
                "helm-charts/daskhub/values.yaml": "x: 1\n",
                "helm-charts/middle/Chart.yaml": "dependencies:\n- {name: basehub, alias: base}\n- nonsense\n",
                "helm-charts/basehub/Chart.yaml": "dependencies: [{name: jupyterhub}]\n",
                "helm-charts/basehub/values.yaml": "y: 1\n",
            },
            ("middle", "base"),
            (("helm-charts/basehub/values.yaml", ("middle", "base")), ("helm-charts/daskhub/values.yaml", ())),
        ),
        (
            {
                "helm-charts/daskhub/Chart.yaml": "dependencies: [{name: daskhub, repository: 'file://.'}]\n",
                "helm-charts/daskhub/values.yaml": "x: 1\n",
            },
            ("daskhub",),
            (("helm-charts/daskhub/values.yaml", ()),),
        ),
        (
            {"helm-charts/daskhub/Chart.yaml": "dependencies: [{name: basehub, repository: 'https://x.example'}]\n"},
            ("basehub",),
            (),
        ),
        ({"helm-charts/daskhub/Chart.yaml": "- nothing\n"}, ("basehub",), ()),
        ({"helm-charts/daskhub/Chart.yaml": "dependencies: [{name: postgres}, {name: redis}]\n"}, (), ()),
    ],
)
def test_the_prefix_comes_from_the_chain_of_charts(
    tmp_path: Path, files: dict[str, str], prefix: tuple[str, ...], defaults: object
) -> None:
    read = fleet(tmp_path, {f"{LEAP}/cluster.yaml": cluster("leap", hub("prod", chart="daskhub")), **files})
    assert [(one.prefix, one.defaults) for one in read.hubs] == [(prefix, defaults)]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("name: [\n", 2, "not valid YAML"),
        ("- name: x\n", 1, "not one YAML mapping"),
        ("", 1, "not one YAML mapping"),
        ("hubs: []\n---\nhubs: []\n", 1, "not one YAML mapping"),
        ("name: x\nhubs: {a: 1}\n", 2, "`hubs` is not a list"),
        ("name: x\nname: y\nhubs: []\n", 2, "the key `name` occurs twice"),
        ("hubs:\n- name: a\n  domain: b\n  name: c\n", 4, "the key `name` occurs twice"),
        ("hubs: [" + "[" * 2000, 1, "nested more than 64 levels deep"),
        ("a: &a [*a]\nhubs: []\n", 1, "an alias inside its own anchor"),
        (b"\xff\xfe", 1, "not UTF-8"),
        ("name: !!python/object/apply:os.system [id]\nhubs: []\n", 1, "a tag hubctl does not construct"),
    ],
)
def test_a_cluster_file_that_cannot_be_read_is_one_problem_and_the_others_go_on(
    tmp_path: Path, text: str | bytes, line: int, message: str
) -> None:
    read = fleet(tmp_path, {"config/clusters/bad/cluster.yaml": text, **GOOD})
    assert [(one.file, one.line, one.rule, one.message, one.fails) for one in read.problems] == [
        ("config/clusters/bad/cluster.yaml", line, "unreadable", message, True)
    ]
    assert [one.id for one in read.hubs] == ["leap/prod"]


@pytest.mark.parametrize(
    ("entry", "line", "message"),
    [
        ("- nothing\n", 4, "a hub is not a mapping"),
        ("- domain: x\n", 4, "a hub has no `name`"),
        ("- name: -x\n", 4, "not a hub's name: `-x`"),
        ("- name: ../x\n", 4, "not a hub's name: `../x`"),
        ("- name: 'a\\nb'\n", 4, "not a hub's name: `a\\nb`"),
        ('- name: "a\\u001bb"\n', 4, "not a hub's name: `a\\u001bb`"),
        ("- name: [x]\n", 4, "not a hub's name: `['x']`"),
    ],
)
def test_a_hub_of_the_wrong_form_is_one_problem_and_the_other_hubs_go_on(
    tmp_path: Path, entry: str, line: int, message: str
) -> None:
    text = f"# first\nname: leap\nhubs:\n{entry}{hub('prod', 'prod.values.yaml')}"
    read = fleet(tmp_path, {**GOOD, f"{LEAP}/cluster.yaml": text})
    assert [(one.file, one.line, one.rule, one.message, one.fails) for one in read.problems] == [
        (f"{LEAP}/cluster.yaml", line, "cluster-shape", message, True)
    ]
    assert [one.id for one in read.hubs] == ["leap/prod"]


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ("../../../../outside.yaml", "leads out of the repository: `../../../../outside.yaml`"),
        ("/etc/passwd", "leads out of the repository: `/etc/passwd`"),
        ('"a\\0b"', "leads out of the repository: `a\\u0000b`"),
        ('""', "leads out of the repository: ``"),
        ("7", "a values file is not named by a text"),
        ("[x]", "a values file is not named by a text"),
    ],
)
def test_an_entry_that_is_no_file_of_the_repository_is_a_problem_at_its_line(
    tmp_path: Path, listed: str, message: str
) -> None:
    (tmp_path / "outside.yaml").write_text("a: 1\n")
    text = cluster("leap", hub("prod", "prod.values.yaml", listed))
    read = fleet(tmp_path / "repository", {**GOOD, f"{LEAP}/cluster.yaml": text})
    assert [(one.line, one.rule, one.message, one.fails) for one in read.problems] == [
        (8, "cluster-shape", message, True)
    ]
    assert [one.files for one in read.hubs] == [(f"{LEAP}/prod.values.yaml",)]


def test_a_values_file_that_is_no_regular_file_of_the_repository_is_one_problem(tmp_path: Path) -> None:
    names = ("sparse", "fifo", "out", "folder", "loop")
    listed = cluster("leap", hub("a", *names), hub("prod", "prod.values.yaml", *names))
    made = tree(tmp_path / "repository", {**GOOD, f"{LEAP}/cluster.yaml": listed})
    folder = made.root / LEAP
    with (folder / "sparse").open("wb") as opened:
        opened.truncate(100 * 1024 * 1024)
    os.mkfifo(folder / "fifo")
    (tmp_path / "outside").write_text("a: 1\n")
    (folder / "out").symlink_to("../../../../outside")
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    read = read_fleet(made)
    mend = "make it a regular YAML file inside the repository"
    assert read.problems == tuple(
        Problem(f"{LEAP}/{name}", 1, "unreadable", message, mend, fails=True)
        for name, message in sorted(
            {
                "sparse": "larger than 2 MB: 104,857,600 bytes",
                "fifo": "not a regular file",
                "out": "a link that leads out of the repository",
                "folder": "not a regular file",
                "loop": "a link that leads nowhere",
            }.items()
        )
    )
    assert [(one.files, one.unreadable) for one in read.hubs] == [
        ((), tuple(f"{LEAP}/{name}" for name in names)),
        ((f"{LEAP}/prod.values.yaml",), tuple(f"{LEAP}/{name}" for name in names)),
    ]


def test_a_link_inside_the_repository_is_a_values_file_like_any_other(tmp_path: Path) -> None:
    made = tree(tmp_path, {**GOOD, "values/prod.yaml": "shared: 1\n"})
    (tmp_path / LEAP / "prod.values.yaml").unlink()
    (tmp_path / LEAP / "prod.values.yaml").symlink_to("../../../values/prod.yaml")
    assert read_fleet(made).texts == {f"{LEAP}/prod.values.yaml": b"shared: 1\n"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("enc-x.yaml", "a: 1\n"),
        ("x.secret.values.yaml", "a: 1\n"),
        ("x.yaml", "a: ENC[x]\nsops:\n  version: 3.9.0\n"),
        ("x.yaml", '{"a": "ENC[x]", "sops": {"version": "3.9.0"}}'),
    ],
)
def test_an_encrypted_file_is_known_by_its_name_or_by_what_sops_adds(tmp_path: Path, name: str, text: str) -> None:
    read = leap(tmp_path, {name: text}, hub("prod", name))
    assert [(one.files, one.encrypted) for one in read.hubs] == [((), (f"{LEAP}/{name}",))]
    assert read.texts == {}


@pytest.mark.parametrize("text", ["a: {sops: 1}\n", "sops: yes\n", "# sops\na: 1\n", "sops: [\n", ""])
def test_a_file_that_only_speaks_of_sops_is_plain(tmp_path: Path, text: str) -> None:
    read = leap(tmp_path, {"x.yaml": text}, hub("prod", "x.yaml"))
    assert [(one.files, one.encrypted) for one in read.hubs] == [((f"{LEAP}/x.yaml",), ())]


def test_an_absent_file_is_noted_once_a_cluster_and_named_where_it_is_an_encrypted_one(tmp_path: Path) -> None:
    read = leap(
        tmp_path,
        {},
        hub("a", "gone.yaml", "enc-gone.secret.yaml", "gone.jsonnet"),
        hub("b", "gone.yaml", "../gone/enc-x.yaml"),
    )
    file = f"{LEAP}/cluster.yaml"
    assert read.absent == (
        Absent(f"{LEAP}/gone.yaml", file, 7, encrypted=False),
        Absent(f"{LEAP}/enc-gone.secret.yaml", file, 8, encrypted=True),
        Absent(f"{LEAP}/gone.jsonnet", file, 9, encrypted=False),
        Absent("config/clusters/gone/enc-x.yaml", file, 15, encrypted=True),
    )
    assert read.problems == ()
    assert [(one.files, one.encrypted, one.jsonnet) for one in read.hubs] == [
        ((), (f"{LEAP}/enc-gone.secret.yaml",), ()),
        ((), ("config/clusters/gone/enc-x.yaml",), ()),
    ]


@pytest.mark.parametrize("folder", ["-x", "UPPER", "a b", "x" * 64])
def test_a_folder_whose_name_is_no_clusters_is_a_problem(tmp_path: Path, folder: str) -> None:
    read = fleet(tmp_path, {**GOOD, f"config/clusters/{folder}/cluster.yaml": cluster("x", hub("prod"))})
    assert [(one.line, one.rule, one.message, one.fails) for one in read.problems] == [
        (1, "cluster-name", f"not a cluster's name: `{folder}`", True)
    ]
    assert [one.id for one in read.hubs] == ["leap/prod"]


def test_two_folders_of_one_name_are_a_problem_and_the_first_counts(tmp_path: Path) -> None:
    read = fleet(
        tmp_path, {"a/x/cluster.yaml": cluster("x", hub("prod")), "b/x/cluster.yaml": cluster("x", hub("prod"))}
    )
    assert [(one.file, one.message) for one in read.problems] == [
        ("b/x/cluster.yaml", "a cluster of this name is already at `a/x/cluster.yaml`")
    ]
    assert [one.file for one in read.clusters] == ["a/x/cluster.yaml"]


def test_aliases_and_merge_keys_in_a_cluster_file_are_followed(tmp_path: Path) -> None:
    text = (
        "name: leap\nx: &common\n  helm_chart: daskhub\n  helm_chart_values_files: &files [a.yaml]\n"
        "hubs:\n- {<<: *common, name: staging, domain: s}\n- {name: prod, domain: p, helm_chart_values_files: *files}\n"
    )
    read = fleet(tmp_path, {f"{LEAP}/cluster.yaml": text, f"{LEAP}/a.yaml": ""})
    assert [(one.id, one.chart, one.files, one.line) for one in read.hubs] == [
        ("leap/staging", "daskhub", (f"{LEAP}/a.yaml",), 6),
        ("leap/prod", "", (f"{LEAP}/a.yaml",), 7),
    ]


def test_a_bad_chart_is_a_problem_and_its_hubs_go_on(tmp_path: Path) -> None:
    read = fleet(tmp_path, {**GOOD, "helm-charts/basehub/Chart.yaml": "a: [\n", "helm-charts/basehub/values.yaml": ""})
    assert [(one.file, one.message) for one in read.problems] == [("helm-charts/basehub/Chart.yaml", "not valid YAML")]
    assert [one.defaults for one in read.hubs] == [(("helm-charts/basehub/values.yaml", ()),)]


def test_the_real_fleet_is_read_whole_and_quickly(corpus: Path) -> None:
    started = time.process_time()
    read = read_fleet(WorkTree(corpus))
    assert time.process_time() - started < 2  # the figure itself is measured in bench/
    listed = {file for one in read.hubs for file in one.files} | {f for one in read.clusters for f in one.support}
    on_disk = {path.relative_to(corpus).as_posix() for path in (corpus / "config" / "clusters").glob("*/*.values.yaml")}
    assert read.problems == ()
    assert len(read.clusters) == len(list((corpus / "config" / "clusters").glob("*/cluster.yaml")))
    assert on_disk == listed | set(read.unlisted)
    assert {one.prefix for one in read.hubs if one.chart == "daskhub"} == {("basehub",)}
    assert {one.prefix for one in read.hubs if one.chart == "basehub"} == {()}
    assert all(one.defaults for one in read.hubs)


def test_a_link_to_an_encrypted_file_is_encrypted_and_not_read(tmp_path: Path) -> None:
    (tmp_path / LEAP).mkdir(parents=True)
    (tmp_path / LEAP / "plain.values.yaml").symlink_to("enc-prod.secret.values.yaml")
    read = leap(tmp_path, {"enc-prod.secret.values.yaml": "password: canary\n"}, hub("prod", "plain.values.yaml"))

    assert (read.hubs[0].files, read.hubs[0].encrypted) == ((), (f"{LEAP}/plain.values.yaml",))
    assert read.texts == {}


def test_a_link_is_what_it_leads_to_only_inside_the_repository(tmp_path: Path) -> None:
    (tmp_path / "inside").symlink_to("there/file")
    (tmp_path / "outside").symlink_to("/etc/hostname")
    read = tree(tmp_path, {"plain": ""})

    assert [read.target(path) for path in ("inside", "outside", "plain", "../up")] == [
        "there/file",
        "outside",
        "plain",
        "../up",
    ]
