"""The whole of a secret's way, every verb, everything loud: it is nowhere but in the file, encrypted."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.forge.double import TOKEN, start_forge
from tests.secrets.hunting import Hunt
from tests.secrets.parts import CLUSTERS, ROOT, Fleet, Identity, fleet_repository, identity, rules_for, with_sops
from tests.secrets.terminal import terminal

pytestmark = pytest.mark.slow

KEY = "jupyterhub.hub.config.X.key"
CLUSTER = "config/clusters/leap/cluster.yaml"
LISTED = CLUSTERS[CLUSTER] + "  - enc-prod.secret.values.yaml\n"
BUILDS = "binderhub-service:\n  enabled: true\n  config:\n    BinderHub:\n      image_prefix: quay.io/leap/leap-prod-\n"
QUAY = ("--registry", "quay.io", "--username", "leap+robot")


@pytest.fixture
def hunt(tmp_path: Path) -> Hunt:
    return Hunt(tmp_path / "hunt")


def holding(fleet: Fleet, hunt: Hunt) -> Fleet:
    """Let the hub `prod` have the canary in its secret file, and build images."""
    fleet.write({CLUSTER: LISTED, "config/clusters/leap/prod.values.yaml": BUILDS})
    fleet.encrypt({"jupyterhub": {"hub": {"config": {"X": {"key": hunt.canary.text, "other": "stays"}}}}})
    fleet.commit("Store a secret")
    return fleet


def test_after_each_verb_the_secret_is_nowhere(fleet: Fleet, hunt: Hunt, engineer: Identity, tmp_path: Path) -> None:
    holding(fleet, hunt)
    text = hunt.canary.text
    value = tmp_path / "given"
    value.touch(0o600)
    value.write_text(text)

    def did(*words: str, stdin: str = "", code: int = 0, shown: bool = False) -> str:
        done = hunt.run(fleet, *words, stdin=stdin, shown=shown)
        assert (words, done.code, done.err if done.code != code else "") == (words, code, "")
        assert (words, hunt.found(fleet.root)) == (words, [])
        return done.out

    did("secret", "set", "leap", "prod", KEY, stdin=text)
    did("secret", "set", "leap", "prod", KEY, stdin=f"{text}\n")
    did("secret", "set", "leap", "prod", "jupyterhub.new", "--from-file", str(value), "--json")
    did("secret", "set", "leap", "staging", KEY, "--dry-run", stdin=text)
    did("secret", "set", "leap", "staging", KEY, stdin=text)
    did("secret", "set", "reef", "main", KEY, "--json", stdin=text)
    assert did("secret", "get", "leap", "prod", KEY, shown=True) == f"{text}\n"
    did("secret", "get", "leap", "prod", KEY, "--json", shown=True)
    did("secret", "get", "leap", "prod", "jupyterhub.none", code=1)
    did("secret", "unset", "leap", "prod", "jupyterhub.new")
    did("secret", "rotate", "leap", "prod", "--json")
    did("secret", "registry", "set", "leap", "prod", *QUAY, stdin=text)
    did("secret", "registry", "check", "--json")
    did("secret", "registry", "rotate", *QUAY, stdin=f"{text}{text}")
    did("secret", "check")
    fleet.git("add", "--all")
    did("secret", "check", "--staged", "--json")
    fleet.commit("Store more")
    did("secret", "check", "--base", "HEAD~1")
    fleet.write({".sops.yaml": rules_for(engineer.recipient, identity(tmp_path / "more").recipient)})
    did("secret", "sync-recipients", "--check", code=8)
    did("secret", "set", "leap", "prod", KEY, stdin=text, code=1)
    did("secret", "sync-recipients")
    fleet.write({".sops.yaml": rules_for(engineer.recipient)})
    did("secret", "sync-recipients", "--json")
    fleet.git("stash", "--quiet")
    for words in (("hub", "list"), ("hub", "show", "leap/prod"), ("image", "list", "--json"), ("doctor",)):
        did(*words)
    did("validate", code=1)
    did("plan", "HEAD~1..HEAD")

    seen = b"\n".join(hunt.cmdlines)
    assert b"--value-stdin" in seen  # the watch was quick enough to see sops itself
    assert any(b"SOPS_DISABLE_VERSION_CHECK=1" in each for each in hunt.environs)
    assert [*hunt.temporary.glob("hubctl-run-*"), *hunt.temporary.glob("*.log")] == []
    value.unlink()
    assert hunt.found(files=(tmp_path,)) == []


@pytest.fixture
def proposing(tmp_path: Path, hunt: Hunt) -> Iterator[Callable[..., str]]:
    """A clone of a forge's repository whose hub `prod` has the canary; gives a way to propose, hunted afterwards."""
    engineer = identity(tmp_path / "engineer")
    start = fleet_repository(tmp_path / "start", engineer)
    holding(start, hunt)
    files = {name: start.read(name) for name in start.git("ls-files").split()}
    with start_forge(tmp_path, "acme", "fleet", {name: data.decode() for name, data in files.items()}) as forge:
        clone = Fleet(tmp_path / "clone", {**start.environment, "GITHUB_API_URL": forge.url, "GH_TOKEN": TOKEN})
        clone.root.mkdir()
        clone.git("clone", "--quiet", forge.remote_url, str(clone.root))

        def proposed(*words: str, stdin: str = "") -> str:
            forge.log.clear()
            done = hunt.run(clone, "secret", *words, stdin=stdin)
            assert (words, done.code, done.err if done.code else "") == (words, 0, "")
            assert (words, hunt.found(clone.root, start.root, forge=forge)) == (words, [])
            assert clone.git("status", "--porcelain") == ""
            pulls = "\n".join(f"{pull.title}\n{pull.head}\n{pull.body}" for pull in forge.pulls)
            return f"{done.out}\n{pulls}"

        yield proposed


def test_nothing_of_a_proposal_has_the_secret(proposing: Callable[..., str], hunt: Hunt) -> None:
    text = hunt.canary.text
    proposing("set", "leap", "prod", KEY, "--open-pr", stdin=f"{text}2")
    proposing("set", "leap", "prod", KEY, "--open-pr", "--json", stdin=f"{text}2")
    proposing("set", "leap", "prod", KEY, "--open-pr", stdin=f"{text}3")
    proposing("set", "leap", "staging", KEY, "--open-pr", "--dry-run", stdin=text)
    proposing("unset", "leap", "prod", "jupyterhub.hub.config.X.other", "--open-pr")
    proposing("rotate", "leap", "prod", "--open-pr", "--json")
    proposing("registry", "set", "leap", "prod", *QUAY, "--open-pr", stdin=text)


def test_what_is_said_of_a_short_secret_and_of_a_long_one_is_the_same(
    proposing: Callable[..., str], hunt: Hunt
) -> None:
    said = [
        proposing("set", "leap", "prod", KEY, "--print-pr", stdin=text) for text in ("x", hunt.canary.text * 1000, "y")
    ]

    assert said[0] == said[1] == said[2]


def test_system_calls_write_the_secret_into_pipes_alone(fleet: Fleet, hunt: Hunt, tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("NOT RUN: no strace")
    holding(fleet, hunt)
    trace = tmp_path / "trace"
    before = (strace, "-f", "-y", "-s", "1000000", "-e", "trace=%file,%network,read,write,pwrite64,writev,execve,mmap")

    for hub, key in (("prod", KEY), ("staging", KEY)):
        done = hunt.run(fleet, "secret", "set", "leap", hub, key, stdin=f"{hunt.canary.text}2",
            before=(*before, "-o", str(trace), "-A"))  # fmt: skip
        assert (done.code, done.err.splitlines()[-1][:5]) == (0, "next:")

    lines = [line for line in trace.read_text(errors="replace").splitlines() if hunt.canary.first in line]
    where = {re.sub(r"\[?\d+\]?", "N", line.partition(" ")[2].lstrip().partition('"')[0]) for line in lines}
    trace.unlink()
    assert {kind for kind in where if not kind.startswith("<... ")} == {"read(N<pipe:N>, ", "write(N<pipe:N>, "}
    assert {kind for kind in where if kind.startswith("<... ")} <= {"<... read resumed>", "<... read resumed> "}
    assert hunt.found(fleet.root) == []


def test_a_terminal_shows_a_secret_only_to_whom_asks_for_it(fleet: Fleet, hunt: Hunt) -> None:
    holding(fleet, hunt)
    words = [sys.executable, "-m", "hubctl", "secret", "get", "leap", "prod", KEY]
    environment = {**os.environ, "PATH": with_sops(), **fleet.environment}
    with terminal(words, at=fleet.root, env=environment) as person:
        assert person.ended() == 2
        assert hunt.canary.found_in(person.shown) == []
    with terminal([*words, "--show"], at=fleet.root, env=environment) as person:
        assert person.ended() == 0
        assert hunt.canary.first.encode() in person.shown


def test_no_page_tells_to_type_a_secret_where_a_shell_keeps_it() -> None:
    pages = [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]

    found = [
        (page.name, line)
        for page in pages
        for line in page.read_text("utf-8").splitlines()
        if re.search(r"(?:echo|printf)\b.*\|.*hubctl|hubctl secret.*<<<|--(?:value|password)[ =]", line)
    ]
    assert found == []
