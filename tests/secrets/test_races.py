"""Twenty runs at once in one checkout: every one of them is done, none undoes another."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.secrets.hunting import Hunt
from tests.secrets.parts import CLUSTERS, PROD, Fleet

pytestmark = pytest.mark.slow

WRITERS = 20
ROUNDS = max(1, int(os.environ.get("HUBCTL_RACES", "5")) // 5)
CLUSTER = "config/clusters/leap/cluster.yaml"


def ended(hunt: Hunt, started: list[subprocess.Popen[bytes]]) -> list[tuple[int, bytes]]:
    """Return the exit code and stderr of each run; a run that failed says why."""
    results = []
    for process in started:
        out, err = process.communicate(timeout=300)
        hunt.heard("stdout", out)
        hunt.heard("stderr", err)
        results.append((process.returncode, b"" if process.returncode == 0 else err))
    return results


def given(process: subprocess.Popen[bytes], value: str) -> subprocess.Popen[bytes]:
    assert process.stdin is not None
    process.stdin.write(value.encode())
    process.stdin.close()
    process.stdin = None
    return process


@pytest.mark.parametrize("there", [True, False], ids=["a file that is there", "a new file"])
def test_twenty_runs_at_once_store_twenty_keys(fleet: Fleet, tmp_path: Path, there: bool) -> None:  # noqa: FBT001  # a table
    hunt = Hunt(tmp_path / "hunt")
    if there:
        fleet.encrypt({"keys": {"first": "stays"}})
        fleet.write({CLUSTER: CLUSTERS[CLUSTER] + "  - enc-prod.secret.values.yaml\n"})
    fleet.commit()
    for _ in range(ROUNDS):
        fleet.git("reset", "--quiet", "--hard")
        fleet.git("clean", "--quiet", "--force")
        runs = [
            given(
                hunt.started(fleet, "secret", "set", "leap", "prod", f"keys.k{number}"), f"{hunt.canary.text}{number}"
            )
            for number in range(WRITERS)
        ]

        assert ended(hunt, runs) == [(0, b"")] * WRITERS

        stored = {f"k{number}": f"{hunt.canary.text}{number}" for number in range(WRITERS)}
        assert fleet.decrypt() == {"keys": ({"first": "stays"} if there else {}) | stored}
        assert fleet.read(CLUSTER).decode() == CLUSTERS[CLUSTER] + "  - enc-prod.secret.values.yaml\n"
        assert fleet.run("secret", "check").code == 0
        assert hunt.found(fleet.root) == []


def test_one_key_gets_one_of_the_values_and_another_file_is_none_of_its_business(fleet: Fleet, tmp_path: Path) -> None:
    hunt = Hunt(tmp_path / "hunt")
    words = ("secret", "set", "leap")
    runs = [given(hunt.started(fleet, *words, "prod", "a"), f"{hunt.canary.text}{number}") for number in range(4)]
    runs += [given(hunt.started(fleet, *words, "staging", "a"), hunt.canary.text)]

    assert ended(hunt, runs) == [(0, b"")] * 5

    assert fleet.decrypt()["a"] in {f"{hunt.canary.text}{number}" for number in range(4)}
    assert fleet.decrypt(PROD.replace("prod", "staging")) == {"a": hunt.canary.text}
    listed = fleet.read(CLUSTER).decode()
    assert (listed.count("enc-prod"), listed.count("enc-staging")) == (1, 1)


def test_hubs_whose_files_are_listed_in_one_cluster_do_not_disturb_each_other(fleet: Fleet, tmp_path: Path) -> None:
    """Each listing moves the lines of the hubs below it while the others look for theirs."""
    hunt = Hunt(tmp_path / "hunt")
    names = [f"hub{number}" for number in range(10)]
    hub = "- name: {0}\n  domain: {0}.org\n  helm_chart: basehub\n  helm_chart_values_files:\n  - {0}.values.yaml\n"
    fleet.write({CLUSTER: "name: leap\nprovider: gcp\nhubs:\n" + "".join(hub.format(name) for name in names)})
    fleet.write({f"config/clusters/leap/{name}.values.yaml": "jupyterhub: {}\n" for name in names})
    fleet.commit()
    runs = [given(hunt.started(fleet, "secret", "set", "leap", name, "a"), hunt.canary.text) for name in names]

    assert ended(hunt, runs) == [(0, b"")] * len(names)

    assert fleet.read(CLUSTER).decode() == "name: leap\nprovider: gcp\nhubs:\n" + "".join(
        f"{hub.format(name)}  - enc-{name}.secret.values.yaml\n" for name in names
    )
    for name in names:
        assert fleet.decrypt(f"config/clusters/leap/enc-{name}.secret.values.yaml") == {"a": hunt.canary.text}
