"""What hubctl neither writes nor pushes: a file in clear, whatever verb made it, and however a plan came to hold it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hubctl.cli.invocation import Globals
from hubctl.cli.opening import open_world
from hubctl.commands.carrying import carried_out
from hubctl.commands.reports import SecretReport
from hubctl.commands.requests import Proposing, SecretSet
from hubctl.commands.world import World
from hubctl.errors import HubctlError, ToolMissing, UnsafeEdit
from hubctl.fleet.read import Tree
from hubctl.proposals.plan import FileEdit
from hubctl.proposals.secret_plan import SecretChange, SecretPlan
from hubctl.secrets.sops import Sops
from tests.forge.double import TOKEN, Forge, start_forge
from tests.secrets.parts import CLUSTERS, NOW, PROD, Fleet, Identity, identity, rules_for, some_fast

CLEAR = b"jupyterhub:\n  x:\n    password: canary-clear\n"


class Stage:
    """A clone of a fleet, its forge, and a plan that is carried out there."""

    def __init__(self, fleet: Fleet, forge: Forge, engineer: Identity) -> None:
        self.fleet, self.forge, self.engineer = fleet, forge, engineer

    def carried(self, after: bytes, *, file: str = PROD, **proposing: bool) -> SecretReport:
        """Carry out a plan that makes one file."""
        return self.made(lambda _: plan(FileEdit(file, None, after)), **proposing)

    def made(self, make: Callable[[Tree], SecretPlan], **proposing: bool) -> SecretReport:
        request = SecretSet("leap", "prod", "jupyterhub.x.password", proposing=Proposing(**proposing))
        with self.world() as world:
            return carried_out(make, request, world, no_sops)

    @contextlib.contextmanager
    def world(self) -> Iterator[World]:
        world, _ = open_world(Globals(directory=self.fleet.root))
        try:
            yield world
        finally:
            world.http.close()


def plan(*edits: FileEdit) -> SecretPlan:
    changes = tuple(SecretChange(edit.file, "jupyterhub.x.password", "added", ("leap/prod",)) for edit in edits)
    return SecretPlan("secret set", "hub-leap/prod/x", "[leap, prod] store x", changes, edits)


def no_sops() -> Sops:
    raise ToolMissing("nothing here is to be decrypted")


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    engineer = identity(tmp_path / "engineer")
    with start_forge(tmp_path, "acme", "fleet", {**CLUSTERS, ".sops.yaml": rules_for(engineer.recipient)}) as forge:
        environment = {"SOURCE_DATE_EPOCH": NOW, "GITHUB_API_URL": forge.url, "GH_TOKEN": TOKEN}
        for name, text in environment.items():
            monkeypatch.setenv(name, text)
        fleet = Fleet(tmp_path / "clone", {**engineer.environment, **environment})
        fleet.root.mkdir()
        fleet.git("clone", "--quiet", forge.remote_url, str(fleet.root))
        yield Stage(fleet, forge, engineer)


@pytest.mark.parametrize("file", some_fast([PROD, "config/clusters/leap/x.secret.values.yaml", "enc-x"], 3))
def test_a_plan_in_clear_is_not_written(stage: Stage, file: str) -> None:
    with pytest.raises(UnsafeEdit) as caught:
        stage.carried(CLEAR, file=file)
    assert (caught.value.code, caught.value.message.startswith(f"`{file}:1` is not to be committed: ")) == (
        "unencrypted",
        True,
    )
    assert "canary" not in f"{caught.value.message} {caught.value.hint}"
    assert stage.fleet.git("status", "--porcelain") == ""


@pytest.mark.parametrize("file", some_fast([PROD, "config/clusters/leap/x.secret.values.yaml"], 2))
def test_a_plan_in_clear_is_not_pushed(stage: Stage, file: str) -> None:
    report = stage.carried(CLEAR, file=file, open_pr=True)
    assert (report.done, report.exit_code, report.pull_requests) == ("proposed", 1, ())
    assert report.error is not None
    assert report.error.code == "unencrypted"
    assert stage.forge.writes() == []


def test_what_is_encrypted_to_somebody_else_is_not_pushed(stage: Stage, tmp_path: Path) -> None:
    stranger = Fleet(tmp_path / "strangers")
    stranger.write({".sops.yaml": rules_for(identity(tmp_path / "stranger").recipient)})
    after = stranger.ciphertext({"a": "canary"}, PROD, "--output-type", "yaml")
    report = stage.carried(after, open_pr=True)
    assert (report.exit_code, report.error and report.error.code, stage.forge.writes()) == (1, "unencrypted", [])


def test_a_file_that_loses_its_metadata_is_not_written_whatever_it_is_called(stage: Stage) -> None:
    name = "config/clusters/leap/odd.yaml"
    stage.fleet.write({".sops.yaml": f"creation_rules:\n- age: {stage.engineer.recipient}\n"})
    before = stage.fleet.encrypt({"a": "canary"}, name)
    with pytest.raises(UnsafeEdit):
        stage.made(lambda _: plan(FileEdit(name, before, b"a: canary\n")))
    assert stage.fleet.read(name) == before


def test_what_is_encrypted_is_written_by_the_rules_of_the_tree(stage: Stage) -> None:
    after = stage.fleet.ciphertext({"a": "canary"}, PROD, "--output-type", "yaml")
    assert stage.carried(after).done == "written"
    assert stage.fleet.read(PROD) == after


def test_a_link_in_the_way_is_refused_and_nothing_is_written(stage: Stage) -> None:
    after = stage.fleet.ciphertext({"a": "canary"}, PROD, "--output-type", "yaml")
    (stage.fleet.root / PROD).symlink_to("prod.values.yaml")
    with pytest.raises(HubctlError) as caught:
        stage.carried(after)
    assert caught.value.code == "link"
    assert stage.fleet.git("status", "--porcelain") == f"?? {PROD}\n"


@pytest.mark.parametrize("proposing", some_fast([{}, {"open_pr": True}, {"print_pr": True}], 3))
def test_a_plan_without_edits_is_nothing_to_do(stage: Stage, proposing: dict[str, bool]) -> None:
    report = stage.made(lambda _: plan(), **proposing)
    assert (report.done, report.exit_code, report.pull_requests, stage.forge.writes()) == ("nothing", 0, (), [])
