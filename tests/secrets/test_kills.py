"""`secret set` killed at any moment: each file is the old or the new one, and the next run does what it is to do."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from hubctl.secrets.creation_rules import read_rules
from hubctl.secrets.verifier import verify
from tests.secrets.hunting import Hunt
from tests.secrets.parts import CLUSTERS, PROD, Fleet

pytestmark = pytest.mark.slow

# A few every time; the figures of bench/README.md are of 40.
KILLS = int(os.environ.get("HUBCTL_KILLS", "30")) // 5
CLUSTER = "config/clusters/leap/cluster.yaml"
LISTED = CLUSTERS[CLUSTER] + "  - enc-prod.secret.values.yaml\n"
SET = ("secret", "set", "leap", "prod", "a.b")


def state(fleet: Fleet) -> str:
    """Return what the file is, which has to be whole: absent, or the value that it holds."""
    if not (fleet.root / PROD).exists():
        return "absent"
    assert verify(fleet.read(PROD), PROD, read_rules(fleet.read(".sops.yaml"))) == ()
    value = fleet.decrypt()["a"]["b"]
    return value[-3:] if isinstance(value, str) else ""


def killed(fleet: Fleet, hunt: Hunt, moment: float) -> None:
    process = hunt.started(fleet, *SET)
    assert process.stdin is not None
    process.stdin.write(f"{hunt.canary.text}new".encode())
    process.stdin.close()
    process.stdin = None
    time.sleep(moment)
    process.kill()
    for where, said in zip(("stdout", "stderr"), process.communicate(), strict=True):
        hunt.heard(where, said)


@pytest.mark.parametrize("before", ["old", "absent"])
def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(fleet: Fleet, tmp_path: Path, before: str) -> None:
    hunt = Hunt(tmp_path / "hunt")
    if before == "old":
        fleet.encrypt({"a": {"b": f"{hunt.canary.text}old", "c": "stays"}})
        fleet.write({CLUSTER: LISTED})
    fleet.commit()
    started = time.monotonic()
    assert hunt.run(fleet, *SET, stdin=f"{hunt.canary.text}new", env={"X": "1"}).code == 0
    length = time.monotonic() - started
    chance, found = random.Random(7), Counter[str]()

    for _ in range(KILLS):
        fleet.git("reset", "--quiet", "--hard")
        fleet.git("clean", "--quiet", "--force")
        killed(fleet, hunt, chance.uniform(0.2, 1.1) * length)

        after, listed = state(fleet), fleet.read(CLUSTER).decode()
        found[after] += 1
        assert after in {before, "new"}
        assert listed == (LISTED if before == "old" else CLUSTERS[CLUSTER]) or (after, listed) == ("new", LISTED)
        assert hunt.found(fleet.root) == []

        done = hunt.run(fleet, *SET, stdin=f"{hunt.canary.text}end")
        assert (done.code, state(fleet), fleet.read(CLUSTER).decode()) == (0, "end", LISTED)
        changed = {CLUSTER, PROD} if before == "absent" else {PROD}
        assert {line[3:] for line in fleet.git("status", "--porcelain").splitlines()} == changed
        assert list(hunt.temporary.glob("hubctl-run-*")) == []

    assert hunt.found(fleet.root) == []
    assert sum(found.values()) == KILLS
    assert KILLS < 20 or found.keys() == {before, "new"}, found
