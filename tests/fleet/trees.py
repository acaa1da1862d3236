"""Small fleets written to disk from a mapping of paths to texts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hubctl.adapters.files import WorkTree
from hubctl.fleet.index import Index
from hubctl.fleet.model import Fleet
from hubctl.fleet.read import read_fleet
from hubctl.images.site import Site
from hubctl.images.sites import find_sites

CHARTS = {
    "helm-charts/basehub/Chart.yaml": "name: basehub\ndependencies:\n- {name: jupyterhub, repository: https://x.example}\n",
    "helm-charts/basehub/values.yaml": "jupyterhub:\n  singleuser:\n    image: {name: quay.io/a/base, tag: '1'}\n",
    "helm-charts/daskhub/Chart.yaml": "name: daskhub\ndependencies:\n- {name: basehub, repository: 'file://../basehub'}\n",
}


def hub(name: str, *files: str, chart: str = "basehub") -> str:
    listed = "".join(f"  - {file}\n" for file in files)
    return (
        f"- name: {name}\n  domain: {name}.example.org\n  helm_chart: {chart}\n"
        f"  helm_chart_values_files:{'' if files else ' []'}\n{listed}"
    )


def cluster(name: str, *hubs: str, support: str = "") -> str:
    return f"name: {name}\n{support}hubs:\n{''.join(hubs)}"


def tree(root: Path, files: Mapping[str, str | bytes]) -> WorkTree:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    return WorkTree(root)


def fleet(root: Path, files: Mapping[str, str | bytes]) -> Fleet:
    return read_fleet(tree(root, files))


def leap(root: Path, files: Mapping[str, str | bytes], *hubs: str, charts: bool = False) -> Fleet:
    """A fleet of the cluster `leap` alone, whose values files are named without their folder."""
    own = {f"config/clusters/leap/{name}": text for name, text in files.items()}
    return fleet(
        root, {"config/clusters/leap/cluster.yaml": cluster("leap", *hubs), **own, **(CHARTS if charts else {})}
    )


def sites(read: Fleet, ending: str = "") -> tuple[Site, ...]:
    files = sorted(file for file in read.texts if file.endswith(ending))
    return tuple(site for file in files for site in find_sites(read.texts[file], file))


def indexed(read: Fleet, ending: str) -> tuple[Index, Site]:
    """The index of a fleet and the only site in the file that ends so."""
    (site,) = sites(read, ending)
    return Index(read), site
