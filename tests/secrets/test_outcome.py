"""What is said when sops fails: from its exit code alone. Fakes stand for a sops that is broken, hangs or lies."""

import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hubctl.adapters.programs import Ended
from hubctl.errors import AuthNeeded, HubctlError
from hubctl.secret import Secret
from hubctl.secrets.changing import Source, changed, made, rotated, synced, value_at, values_of, without
from hubctl.secrets.outcome import refusal
from hubctl.secrets.recipients import Kind, Recipient, Recipients
from hubctl.secrets.sops import Sops, find_sops
from tests.secrets.parts import PROD, ROOT, Fleet, identity, rules_for, tool, with_sops

AGE = Recipients((frozenset({Recipient("age", ("age1xyz",))}),))
GCP = Recipients((frozenset({Recipient("gcp_kms", ("projects/p/locations/l/keyRings/r/cryptoKeys/k",))}),))
AGE_PLACES = (
    "age: `SOPS_AGE_KEY`, `SOPS_AGE_KEY_FILE`, `SOPS_AGE_KEY_CMD`, `SOPS_AGE_SSH_PRIVATE_KEY_FILE`, "
    "`SOPS_AGE_SSH_PRIVATE_KEY_CMD`, `~/.ssh/id_ed25519`, `~/.ssh/id_rsa`, `$XDG_CONFIG_HOME/sops/age/keys.txt`"
)
GCP_PLACES = (
    "gcp_kms: `GOOGLE_APPLICATION_CREDENTIALS` or `gcloud auth application-default login`, and the right to use the key"
)
GCP_KEY = "`gcp_kms projects/p/locations/l/keyRings/r/cryptoKeys/k`"
ROOM = "make room in the folder for temporary files, or set `TMPDIR`"
FROM_GIT = "restore the file from git, or from who holds the secrets"
MAC = "its MAC does not fit its values: the file was changed by other means than sops"


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        (1, "sops failed: exit 1", ROOM),
        (2, "sops cannot read it", FROM_GIT),
        (3, "sops cannot write its copy", ROOM),
        (4, "sops failed: exit 4", None),
        (5, "sops cannot read the rules", "`hubctl secret check`"),
        (21, "sops failed: exit 21", None),
        (23, "sops failed: exit 23", None),
        (24, MAC, FROM_GIT),
        (
            25,
            "a value cannot be decrypted: the file is damaged, or was changed by other means than sops",
            FROM_GIT,
        ),
        (51, MAC, FROM_GIT),
        (52, MAC, FROM_GIT),
        (203, "sops failed: exit 203", None),
        (250, "sops failed: exit 250", None),
    ],
)
def test_an_exit_code_is_told_in_our_words(code: int, message: str, hint: str | None) -> None:
    error = refusal(Ended(code, b"canary", b"canary"), "change", "f.yaml", AGE)
    assert (error.message, error.hint, error.code, error.exit_code) == (f"`f.yaml`: {message}", hint, "sops", 1)


def test_without_a_key_the_places_are_told_that_were_searched() -> None:
    error = refusal(Ended(128, b"canary", b"canary"), "decrypt", "f.yaml", AGE)
    assert isinstance(error, AuthNeeded)
    assert (error.message, error.hint) == ("`f.yaml`: no key was found that opens it", f"looked for {AGE_PLACES}")


def test_each_kind_of_recipient_has_its_place() -> None:
    kinds: dict[Kind, str] = {
        "azure_kv": "azure_kv: `AZURE_*` or `az login`, and the right to use the key",
        "hc_vault": "hc_vault: `~/.vault-token`, and the right to use the key",
        "hckms": "hckms: `~/.huaweicloud/credentials`, and the right to use the key",
        "kms": "kms: the profile or keys of `AWS_*`, `~/.aws`, and the right to use the key",
        "pgp": "pgp: the secret keys of `gpg` in `GNUPGHOME` or `~/.gnupg`",
    }
    every = frozenset(Recipient(kind, ("a", "b", "c")) for kind in kinds)
    error = refusal(Ended(128), "decrypt", "f.yaml", Recipients((every,)))
    assert error.hint == "looked for " + "; ".join(kinds.values())


def test_a_key_service_that_cannot_be_asked_to_encrypt_needs_credentials() -> None:
    error = refusal(Ended(1, b"", b"canary"), "encrypt", "f.yaml", GCP)
    assert isinstance(error, AuthNeeded)
    said = (f"`f.yaml`: sops could not encrypt to {GCP_KEY}: exit 1", f"looked for {GCP_PLACES}")
    assert (error.message, error.hint) == said
    assert not isinstance(refusal(Ended(1), "change", "f.yaml", GCP), AuthNeeded)


def test_a_call_that_takes_too_long_names_whom_it_may_have_waited_for() -> None:
    late = Ended(None, problem="it took longer than 60 s")
    error = refusal(late, "change", "f.yaml", GCP)
    said = f"`f.yaml`: sops failed: it took longer than 60 s; it may have waited for {GCP_KEY}"
    assert (error.message, error.hint, error.code) == (said, GCP_PLACES, "sops")
    assert refusal(late, "change", "f.yaml", AGE).message == "`f.yaml`: sops failed: it took longer than 60 s"
    killed = Ended(None, problem="it was ended by signal 9")
    assert refusal(killed, "change", "f.yaml", GCP).message == "`f.yaml`: sops failed: it was ended by signal 9"


def source(fleet: Fleet, data: bytes | None) -> Source:
    return Source(PROD, data, fleet.read(".sops.yaml"))


@pytest.fixture
def data(fleet: Fleet) -> bytes:
    return fleet.encrypt({"a": {"b": "x"}, "c": "y"})


ACTS = {
    "set": lambda sops, given: changed(sops, given, {("a", "b"): Secret("canary")}),
    "unset": lambda sops, given: without(sops, given, ("c",)),
    "rotate": rotated,
    "read all": values_of,
    "read one": lambda sops, given: value_at(sops, given, ("c",)),
}


@pytest.mark.parametrize("act", ACTS)
def test_nobody_without_a_key_changes_or_reads(fleet: Fleet, sops: Sops, data: bytes, tmp_path: Path, act: str) -> None:
    for environment in ({}, identity(tmp_path / "other").environment):
        stranger = replace(sops, environment={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **environment})
        with pytest.raises(AuthNeeded) as caught:
            ACTS[act](stranger, source(fleet, data))
        assert caught.value.message == f"`{PROD}`: no key was found that opens it"
        assert caught.value.hint == f"looked for {AGE_PLACES}"


def test_nobody_without_a_key_syncs(fleet: Fleet, sops: Sops, data: bytes, tmp_path: Path) -> None:
    other = identity(tmp_path / "other")
    recipient = fleet.read(".sops.yaml").decode().split("age: ")[1].strip()
    fleet.write({".sops.yaml": rules_for(recipient, other.recipient)})
    stranger = replace(sops, environment={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
    with pytest.raises(AuthNeeded) as caught:
        synced(stranger, source(fleet, data))
    assert caught.value.message == f"`{PROD}`: no key was found that opens it"


def test_a_key_of_a_cloud_that_cannot_be_asked_is_told(fleet: Fleet, sops: Sops, tmp_path: Path) -> None:
    rules = b"creation_rules:\n- gcp_kms: projects/p/locations/l/keyRings/r/cryptoKeys/k\n"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GOOGLE_APPLICATION_CREDENTIALS": "/nowhere"}
    with pytest.raises(AuthNeeded) as caught:
        made(replace(sops, environment=environment), Source(PROD, None, rules), {("a",): Secret("canary")})
    said = f"`{PROD}`: sops could not encrypt to {GCP_KEY}: exit 1"
    assert (caught.value.message, caught.value.hint) == (said, f"looked for {GCP_PLACES}")


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_not_waited_for(fleet: Fleet, sops: Sops, tmp_path: Path) -> None:
    rules = b"creation_rules:\n- gcp_kms: projects/p/locations/l/keyRings/r/cryptoKeys/k\n"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = "127.0.0.1:{1}".format(*silent.getsockname())
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GCE_METADATA_HOST": host}
        waiting = replace(sops, environment=environment, seconds=1)
        with pytest.raises(HubctlError) as caught:
            made(waiting, Source(PROD, None, rules), {("a",): Secret("canary")})
    said = f"`{PROD}`: sops failed: it took longer than 1 s; it may have waited for {GCP_KEY}"
    assert (caught.value.message, caught.value.hint) == (said, GCP_PLACES)


def flipped(data: bytes, key: bytes) -> bytes:
    """Return the file with one bit of the ciphertext of a key changed: well-formed, and no longer what it was."""
    start = data.index(b"data:", data.index(key)) + len(b"data:")
    return data[:start] + (b"A" if data[start : start + 1] != b"A" else b"B") + data[start + 1 :]


@pytest.mark.parametrize("act", ACTS)
def test_a_damaged_value_is_told_without_it(fleet: Fleet, sops: Sops, data: bytes, act: str) -> None:
    with pytest.raises(HubctlError) as caught:
        ACTS[act](sops, source(fleet, flipped(data, b"c: ")))
    said = f"`{PROD}`: a value cannot be decrypted: the file is damaged, or was changed by other means than sops"
    assert (caught.value.message, caught.value.hint) == (said, FROM_GIT)


@pytest.mark.parametrize("act", ACTS)
def test_a_value_that_was_removed_by_hand_is_told_without_the_sums(fleet: Fleet, sops: Sops, act: str) -> None:
    data = fleet.encrypt({"a": {"b": "x"}, "c": "y", "d": "z"})
    less = b"".join(line for line in data.splitlines(keepends=True) if not line.startswith(b"d:"))
    with pytest.raises(HubctlError) as caught:
        ACTS[act](sops, source(fleet, less))
    assert (caught.value.message, caught.value.hint) == (f"`{PROD}`: {MAC}", FROM_GIT)


def lying(folder: Path, script: str) -> Sops:
    """Return a program that does what `script` says for one verb, and what real sops does for all others."""
    folder.mkdir(exist_ok=True)
    program = folder / "sops"
    lines = ["#!/bin/sh", 'verb="$3"; for file; do case "$file" in *.yaml) copy="$file";; esac; done']
    program.write_text("\n".join([*lines, f"real='{tool('sops')}'", script, 'exec "$real" "$@"']) + "\n")
    program.chmod(0o755)
    return Sops(program, (3, 13, 2), {}, folder)


KEPT = "sops made a file that cannot be kept: "
LIES = {
    "a stump": ("set", 'test $verb = set && : > "$copy" && exit 0', f"{KEPT}{PROD}:1: is empty (not-a-mapping)"),
    "clear text": ("set", 'test $verb = set && sed -i "s/^c: .*/c: canary/" "$copy" && exit 0', "(clear-value)"),
    "another key": (
        "set",
        """test $verb = set && sed -i 's/^c: .*/d: ""/' "$copy" && exit 0""",
        f"`{PROD}`: sops changed more than was asked; nothing was written",
    ),
    "nothing stored": (
        "set",
        "test $verb = set && exit 0",
        f"`{PROD}`: `a.b` is not read back as it was given; nothing was written",
    ),
    "nothing removed": (
        "unset",
        "test $verb = unset && exit 0",
        f"`{PROD}`: the key is still there; nothing was written",
    ),
    "another answer": (
        "set",
        "test $verb = decrypt && echo canary && exit 0",
        f"`{PROD}`: `a.b` is not read back as it was given; nothing was written",
    ),
    "no JSON": (
        "read all",
        "test $verb = decrypt && echo canary && exit 0",
        f"`{PROD}`: sops gave something else than values",
    ),
    "no text": (
        "read one",
        """test $verb = decrypt && printf '\\377' && exit 0""",
        f"`{PROD}`: the value is not text",
    ),
    "no value": (
        "read one",
        "test $verb = decrypt && exit 0",
        f"`{PROD}`: sops gave something else than the value",
    ),
    "a warning before the value": (
        "read one",
        "test $verb = decrypt && printf canary",
        f"`{PROD}`: sops gave something else than the value",
    ),
    "the old data key": (
        "rotate",
        'test $verb = rotate && cat "$copy" && exit 0',
        f"`{PROD}`: the new file does not hold the same keys under another data key; nothing was written",
    ),
    "other values": (
        "rotate",
        "test $verb = decrypt && date +%N && exit 0",
        f"`{PROD}`: the new file does not hold the same values; nothing was written",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_sops_gives_is_not_believed(fleet: Fleet, tmp_path: Path, data: bytes, lie: str) -> None:
    act, script, message = LIES[lie]
    sops = replace(lying(tmp_path / "bin", script), environment={"PATH": os.environ["PATH"], **fleet.environment})
    with pytest.raises(HubctlError) as caught:
        ACTS[act](sops, source(fleet, data))
    assert caught.value.message.endswith(message)
    assert "canary" not in f"{caught.value.message} {caught.value.hint}"


def test_a_new_file_that_is_no_yaml_is_not_kept(fleet: Fleet, tmp_path: Path) -> None:
    broken = replace(lying(tmp_path / "bin", "echo 'canary: [' && exit 0"), environment=fleet.environment)
    with pytest.raises(HubctlError) as caught:
        made(broken, source(fleet, None), {("a",): Secret("canary")})
    assert (caught.value.message, caught.value.code) == (f"{KEPT}{PROD}:2: not valid YAML (unreadable)", "sops")


def test_recipients_that_sops_did_not_change_are_told(fleet: Fleet, tmp_path: Path, data: bytes) -> None:
    other = identity(tmp_path / "other").recipient
    recipient = fleet.read(".sops.yaml").decode().split("age: ")[1].strip()
    fleet.write({".sops.yaml": rules_for(recipient, other)})
    environment = {"PATH": os.environ["PATH"], **fleet.environment}
    idle = replace(lying(tmp_path / "bin", "test $verb = updatekeys && exit 0"), environment=environment)
    with pytest.raises(HubctlError) as caught:
        synced(idle, source(fleet, data))
    said = f"sops cannot bring its recipients to the rule: new: age {other}; nothing was written"
    assert caught.value.message == f"`{PROD}`: {said}"


def test_values_that_changed_with_the_recipients_are_told(fleet: Fleet, tmp_path: Path, data: bytes) -> None:
    other = identity(tmp_path / "other").recipient
    recipient = fleet.read(".sops.yaml").decode().split("age: ")[1].strip()
    fleet.write({".sops.yaml": rules_for(recipient, other)})
    environment = {"PATH": os.environ["PATH"], **fleet.environment}
    script = """test $verb = updatekeys && "$real" "$@" && sed -i '/^c: /d' "$copy" && exit 0"""
    with pytest.raises(HubctlError) as caught:
        synced(replace(lying(tmp_path / "bin", script), environment=environment), source(fleet, data))
    assert caught.value.message == f"`{PROD}`: sops changed more than the recipients; nothing was written"


@pytest.mark.slow
def test_a_sops_that_hangs_is_ended(fleet: Fleet, tmp_path: Path, data: bytes) -> None:
    hanging = replace(lying(tmp_path / "bin", "sleep 60"), environment={"PATH": os.environ["PATH"]}, seconds=0.5)
    for act in ACTS.values():
        with pytest.raises(HubctlError) as caught:
            act(hanging, source(fleet, data))
        assert caught.value.message == f"`{PROD}`: sops failed: it took longer than 0.5 s"


def test_a_sops_that_crashes_or_cannot_be_started_is_told(fleet: Fleet, tmp_path: Path, data: bytes) -> None:
    crashing = replace(lying(tmp_path / "bin", "echo canary; kill -11 $$"), environment={"PATH": os.environ["PATH"]})
    gone = replace(crashing, path=tmp_path / "gone")
    for sops, why in (
        (crashing, "it was ended by signal 11"),
        (gone, "it cannot be started: no such file or directory"),
    ):
        for act in ACTS.values():
            with pytest.raises(HubctlError) as caught:
                act(sops, source(fleet, data))
            assert caught.value.message == f"`{PROD}`: sops failed: {why}"


FULL = """
import resource, sys
from pathlib import Path
from hubctl.errors import HubctlError
from hubctl.secret import Secret
from hubctl.secrets.changing import Source, changed
from hubctl.secrets.sops import Sops
program, environment, name, data, rules, most = eval(sys.stdin.read())
before = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
try:
    sops = Sops(Path(program), (3, 13, 2), environment, Path("/"))
    changed(sops, Source(name, data, rules), {("a", "b"): Secret("x" * 20000)})
except HubctlError as error:
    print(error.message, error.hint, sep="|")
resource.setrlimit(resource.RLIMIT_FSIZE, before)
"""


FULL_SAYS = {
    500: (
        "no copy can be written into the folder for temporary files: file too large"
        "|set `TMPDIR` to a folder with room\n"
    ),
    10_000: f"`{PROD}`: sops failed: exit 1|{ROOM}\n",
}


@pytest.mark.parametrize("most", FULL_SAYS)
def test_a_full_disk_leaves_nothing_behind(fleet: Fleet, data: bytes, tmp_path: Path, most: int) -> None:
    environment = {**fleet.environment, "PATH": os.environ["PATH"]}
    given = (str(tool("sops")), environment, PROD, data, fleet.read(".sops.yaml"), most)
    done = subprocess.run(
        [sys.executable, "-c", FULL],
        input=repr(given),
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == FULL_SAYS[most]
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("hubctl-run-")] == []


def test_what_is_found_by_path_is_what_runs(fleet: Fleet, data: bytes) -> None:
    sops = find_sops({"PATH": with_sops(), **fleet.environment}, fleet.root)
    assert values_of(sops, source(fleet, data)) == {("a", "b"): Secret("x"), ("c",): Secret("y")}
