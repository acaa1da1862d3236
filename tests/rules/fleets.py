"""A fleet of one cluster on disk, judged; each test says only what its hub's files hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hubctl.commands.judging import judge
from hubctl.problem import Problem
from tests.fleet.trees import cluster, hub, tree

FOLDER = "config/clusters/leap/"
STAGING = ("*staging*",)
SOPS = "sops:\n  mac: ENC[AES256_GCM,data:x,type:str]\n  version: 3.9.0\n"
BASEHUB = {"helm-charts/basehub/Chart.yaml": "name: basehub\ndependencies: []\n"}
DASKHUB = {
    **BASEHUB,
    "helm-charts/daskhub/Chart.yaml": "name: daskhub\ndependencies:\n- {name: basehub, repository: 'file://../basehub'}\n",
}


def judged(root: Path, files: Mapping[str, str], hubs: Mapping[str, str | tuple[str, ...]]) -> tuple[Problem, ...]:
    """What is wrong where the cluster `leap` has these hubs, by name, on `basehub` unless a name ends in `-dask`.

    Names of files are seen from the cluster's folder unless they begin with a folder of the repository.
    """
    listed = [
        hub(name, *((own,) if isinstance(own, str) else own), chart="daskhub" if name.endswith("-dask") else "basehub")
        for name, own in hubs.items()
    ]
    elsewhere = ("helm-charts/", "config/", "terraform/")
    placed = {name if name.startswith(elsewhere) else FOLDER + name: files[name] for name in files}
    written = cluster("leap", *listed).replace("name: leap\n", "name: leap\nprovider: aws\n", 1)
    return judge(tree(root, {f"{FOLDER}cluster.yaml": written, **placed}), STAGING).problems


def told(problems: tuple[Problem, ...], rule: str) -> list[tuple[str, int, int, str]]:
    """Where a rule found something, its file seen from the cluster's folder, and what."""
    return [(one.file.removeprefix(FOLDER), one.line, one.column, one.path) for one in problems if one.rule == rule]
