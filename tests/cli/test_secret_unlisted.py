"""A hub's own secret file that its `cluster.yaml` does not list."""

from __future__ import annotations

from pathlib import Path

from tests.secrets.parts import PROD, small_fleet


def test_a_key_to_remove_that_only_an_unlisted_file_has_is_named(tmp_path: Path) -> None:
    fleet = small_fleet(tmp_path / "fleet")
    before = fleet.encrypt({"a": {"b": "canary"}})

    done = fleet.run("secret", "unset", "leap", "prod", "a.b", "--json")
    assert (done.code, done.json, fleet.read(PROD)) == (0, {"changes": []}, before)
    assert f"note: `{PROD}` has it, and `config/clusters/leap/cluster.yaml` does not list that file\n" in done.err

    absent = fleet.run("secret", "unset", "leap", "prod", "a.c")
    assert (absent.code, absent.err) == (0, "nothing to do\n")
