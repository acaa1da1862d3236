"""Each rule says what is wrong with a fleet, where, and how to mend it."""

from __future__ import annotations

from hubctl.fleet.model import Absent, Cluster, Fleet, Hub
from hubctl.problem import Problem
from hubctl.rules import check

FILE = "config/clusters/leap/cluster.yaml"


def hub(name: str, line: int) -> Hub:
    return Hub("leap", name, f"{name}.example.org", "basehub", "prod", (), line=line)


def fleet(*hubs: Hub, **fields: object) -> Fleet:
    cluster = Cluster("leap", "config/clusters/leap", FILE, hubs, declared="leap", line=1)
    return Fleet(**{"clusters": (cluster,), "charts": (), "texts": {}, **fields})  # type: ignore[arg-type] # fields of one test


def test_a_fleet_in_order_has_no_problem() -> None:
    assert check(fleet(hub("staging", 3), hub("prod", 9))) == ()


def test_a_values_file_that_nobody_lists_is_named() -> None:
    assert check(fleet(unlisted=("config/clusters/leap/old.values.yaml",))) == (
        Problem(
            "config/clusters/leap/old.values.yaml",
            1,
            "unlisted-file",
            "no `cluster.yaml` lists this values file",
            "list it under a hub, or delete it",
        ),
    )


def test_absent_plain_files_are_named_and_encrypted_ones_are_one_line() -> None:
    absent = (
        Absent("config/clusters/leap/a.values.yaml", FILE, 5, encrypted=False),
        Absent("config/clusters/leap/enc-a.secret.values.yaml", FILE, 6, encrypted=True),
        Absent(
            "config/clusters/ridge/enc-b.secret.values.yaml", "config/clusters/ridge/cluster.yaml", 4, encrypted=True
        ),
    )
    assert check(fleet(absent=absent)) == (
        Problem(
            FILE,
            5,
            "missing-file",
            "listed but not there: `config/clusters/leap/a.values.yaml`",
            "add the file, or take it off the list",
        ),
        Problem(
            FILE,
            6,
            "missing-file",
            "2 encrypted files listed but not there, the first: `config/clusters/leap/enc-a.secret.values.yaml`",
            "add them, or take them off the lists",
        ),
    )


def test_a_cluster_that_is_not_called_like_its_folder_is_named() -> None:
    cluster = Cluster("leap", "config/clusters/leap", FILE, (), declared="l\x1beap", line=2)
    assert check(fleet(clusters=(cluster,))) == (
        Problem(
            FILE,
            2,
            "cluster-name",
            "the cluster calls itself `l\\u001beap` and its folder `leap`",
            "make `name` the folder's name",
        ),
    )


def test_a_hub_that_is_declared_twice_is_named_at_its_second_place() -> None:
    assert check(fleet(hub("prod", 3), hub("staging", 6), hub("prod", 9))) == (
        Problem(
            FILE, 9, "duplicate-hub", "hub `prod` is declared twice, first on line 3", "rename or remove one of them"
        ),
    )


def test_jsonnet_values_are_reported_as_not_read() -> None:
    assert check(fleet(jsonnet=("config/clusters/leap/a.jsonnet",))) == (
        Problem(
            "config/clusters/leap/a.jsonnet",
            1,
            "jsonnet-not-read",
            "jsonnet values are not read",
            "keep images in plain values files",
        ),
    )


def test_findings_of_all_families_stand_by_file_and_line() -> None:
    found = check(fleet(hub("a", 1), hub("a", 5), jsonnet=("z.jsonnet", "a.jsonnet")))
    assert [(problem.file, problem.line, problem.fails) for problem in found] == [
        ("a.jsonnet", 1, False),
        (FILE, 5, False),
        ("z.jsonnet", 1, False),
    ]
