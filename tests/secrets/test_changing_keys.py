"""Data keys and recipients of real files, changed by real sops."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hubctl.errors import AuthNeeded, HubctlError
from hubctl.secret import Secret
from hubctl.secrets.changing import Source, changed, made, rotated, synced, values_of, without
from hubctl.secrets.encrypted import read_encrypted
from hubctl.secrets.sops import Sops, find_sops
from hubctl.text.formatter import formatted
from tests.secrets.parts import PROD, Fleet, Identity, identity, rules_for, run_sops, with_sops

JSON = "config/clusters/leap/enc-deployer.secret.json"
PLAIN: dict[str, Any] = {"a": {"b": "x", "n": None, "e": ""}, "f": True, "i": 12, "l": ["y", "z"]}


@pytest.fixture
def other(tmp_path: Path) -> Identity:
    """Somebody else."""
    return identity(tmp_path / "other")


def source(fleet: Fleet, data: bytes, file: str = PROD) -> Source:
    return Source(file, data, fleet.read(".sops.yaml"))


def recipients(data: bytes, file: str = PROD) -> list[str]:
    return [one.identity[0] for one in read_encrypted(data, file).recipients.every]


def kept_lines(before: bytes, after: bytes) -> list[str]:
    """Return the lines of a file that stay, metadata left out."""
    body = after.decode().partition("\nsops:")[0].splitlines()
    return [line for line in before.decode().splitlines() if line in body]


def by(identity: Identity, fleet: Fleet) -> Sops:
    return find_sops({**os.environ, "PATH": with_sops(), **identity.environment}, fleet.root)


def test_a_rotated_file_holds_the_same_under_another_data_key(fleet: Fleet, sops: Sops) -> None:
    data = fleet.encrypt(PLAIN)
    new = rotated(sops, source(fleet, data))

    assert fleet.decrypted(new) == PLAIN
    assert recipients(new) == recipients(data)
    assert kept_lines(data, new) == ["a:", '    "n": null', '    e: ""', "l:"]
    assert [line.partition("ENC[")[0] for line in data.decode().partition("\nsops:")[0].splitlines()] == [
        line.partition("ENC[")[0] for line in new.decode().partition("\nsops:")[0].splitlines()
    ]
    assert rotated(sops, source(fleet, new)) != new


@pytest.mark.slow
def test_the_layout_of_a_rotated_file_stays(fleet: Fleet, sops: Sops) -> None:
    data = made(sops, Source(PROD, None, fleet.read(".sops.yaml")), {("a", "b"): Secret("x"), ("c",): True})
    windows = data.replace(b"\n", b"\r\n")
    for given in (data, windows):
        new = rotated(sops, source(fleet, given))
        assert [line.partition(":")[0] for line in new.decode().splitlines() if ":" in line] == [
            line.partition(":")[0] for line in given.decode().splitlines() if ":" in line
        ]
        assert new.count(b"\r\n") == given.count(b"\r\n")
        assert fleet.decrypted(new) == {"a": {"b": "x"}, "c": True}


def test_comments_are_rotated_with_the_values(fleet: Fleet, sops: Sops) -> None:
    words = ("encrypt", "--input-type", "yaml", "--output-type", "yaml", "--filename-override", PROD)
    clear = b"# first\na: x # behind\nb:\n    # second\n    c: y\n    # last\n"
    data = run_sops("--config", ".sops.yaml", *words, stdin=clear, at=fleet.root)
    new = rotated(sops, source(fleet, data))
    decrypt = ("decrypt", "--input-type", "yaml", "--output-type", "yaml")
    seen = run_sops(*decrypt, stdin=new, at=fleet.root, env=fleet.environment).decode()
    assert [line.strip() for line in seen.splitlines()].count("# second") == 1
    assert sorted(word for word in ("first", "behind", "second", "last") if f"# {word}" in seen) == [
        "behind",
        "first",
        "last",
        "second",
    ]
    assert set(data.split(b"#ENC[")[1:]).isdisjoint(new.split(b"#ENC[")[1:])


SELDOM = [pytest.param(text, marks=pytest.mark.slow) for text in ("", ' ""', " []", " ~", " Null", " ''", " {}")]


@pytest.mark.parametrize("empty", [" null", *SELDOM])
def test_however_empty_values_are_written_they_stay(
    fleet: Fleet, sops: Sops, engineer: Identity, other: Identity, empty: str
) -> None:
    plain = fleet.encrypt({"a": {"b": "x", "e": None}, "c": "y"}).decode()
    data = plain.replace("        e: null\n", f"        e:{empty}\n").encode()
    data = data.replace(b"    e: null\n", f"    e:{empty}\n".encode())
    stays = {
        "set": changed(sops, source(fleet, data), {("c",): Secret("z")}),
        "unset": without(sops, source(fleet, data), ("c",)),
        "rotate": rotated(sops, source(fleet, data)),
    }
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})
    stays["sync"] = synced(sops, source(fleet, data))
    assert {act: f"\n    e:{empty}\n" in new.decode() for act, new in stays.items()} == dict.fromkeys(stays, True)
    assert fleet.decrypted(stays["set"])["c"] == "z"


@pytest.mark.slow
def test_what_ruamelfmt_laid_out_is_changed_as_little(
    fleet: Fleet, sops: Sops, engineer: Identity, other: Identity
) -> None:
    clear = {**PLAIN, "n": "x", "m": {}, "on": None}
    data = formatted(fleet.encrypt(clear).decode()).encode()
    new = changed(sops, source(fleet, data), {("a", "b"): Secret("z")})
    before, after = data.decode().splitlines(), new.decode().splitlines()
    assert len([line for line in after if line not in before]) in (2, 3)
    assert fleet.decrypted(rotated(sops, source(fleet, new))) == {**clear, "a": {**PLAIN["a"], "b": "z"}}
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})
    more = synced(sops, source(fleet, new)).decode().splitlines()
    assert [line for line in after if line not in more and ":" in line] == []


def test_a_comment_that_sops_would_lose_is_told(fleet: Fleet, sops: Sops) -> None:
    words = ("encrypt", "--input-type", "yaml", "--output-type", "yaml", "--filename-override", PROD)
    data = run_sops("--config", ".sops.yaml", *words, stdin=b"a:\n    # only\n    {}\nb: x\n", at=fleet.root)
    with pytest.raises(HubctlError) as caught:
        rotated(sops, source(fleet, data))
    assert caught.value.message == f"`{PROD}`: sops would lose a comment of the file; nothing was written"


def test_a_comment_stays_where_a_layout_cannot_be_kept(fleet: Fleet, sops: Sops) -> None:
    words = ("encrypt", "--input-type", "yaml", "--output-type", "yaml", "--filename-override", PROD)
    data = run_sops("--config", ".sops.yaml", *words, stdin=b"a:\n  # why\n  b: x\n  c: y\nd: z\n", at=fleet.root)
    less = without(sops, source(fleet, data.replace(b"    c: ", b"    ? c\n    : ")), ("a", "c"))
    assert (less.count(b"#ENC["), fleet.decrypted(less)) == (1, {"a": {"b": "x"}, "d": "z"})


@pytest.mark.slow
def test_a_file_without_values_is_rotated_and_synced(
    fleet: Fleet, sops: Sops, engineer: Identity, other: Identity
) -> None:
    empty = without(sops, source(fleet, fleet.encrypt({"a": "x"})), ("a",))
    assert fleet.decrypted(rotated(sops, source(fleet, empty))) == {}
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})
    assert recipients(synced(sops, source(fleet, empty))) == sorted([engineer.recipient, other.recipient])


@pytest.mark.slow
def test_a_json_file_is_rotated_and_synced(fleet: Fleet, sops: Sops, engineer: Identity, other: Identity) -> None:
    data = fleet.encrypt(PLAIN, JSON)
    new = rotated(sops, source(fleet, data, JSON))
    assert fleet.decrypted(new, kind="json") == PLAIN
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})
    more = synced(sops, source(fleet, new, JSON))
    assert recipients(more, JSON) == sorted([engineer.recipient, other.recipient])
    assert fleet.decrypted(more, kind="json") == PLAIN


@pytest.mark.slow
def test_a_file_of_any_bytes_is_rotated_and_synced(
    fleet: Fleet, sops: Sops, engineer: Identity, other: Identity
) -> None:
    words = ("encrypt", "--input-type", "binary", "--output-type", "binary", "--filename-override")
    for name in ("config/enc-key.secret.json", "config/enc-key.secret.txt", "config/enc-key.secret.yaml"):
        fleet.write({".sops.yaml": rules_for(engineer.recipient)})
        data = run_sops("--config", ".sops.yaml", *words, name, stdin=b"any\nbytes", at=fleet.root)
        new = rotated(sops, source(fleet, data, name))
        fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})
        more = synced(sops, source(fleet, new, name))
        assert recipients(more, name) == sorted([engineer.recipient, other.recipient])
        decrypt = ("decrypt", "--input-type", "binary", "--output-type", "binary")
        assert run_sops(*decrypt, stdin=more, at=fleet.root, env=fleet.environment) == b"any\nbytes"
        assert values_of(sops, source(fleet, more, name)) == {("data",): Secret("any\nbytes")}


def test_a_file_that_fits_its_rule_is_not_touched(fleet: Fleet, sops: Sops) -> None:
    data = fleet.encrypt(PLAIN)
    assert synced(sops, source(fleet, data)) == data


def test_a_new_recipient_is_added_and_values_stay_as_they_are(
    fleet: Fleet, sops: Sops, engineer: Identity, other: Identity
) -> None:
    data = fleet.encrypt(PLAIN)
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})
    new = synced(sops, source(fleet, data))

    body = data.partition(b"\nsops:")[0]
    assert new.startswith(body)
    assert recipients(new) == sorted([engineer.recipient, other.recipient])
    assert values_of(by(other, fleet), source(fleet, new)) == values_of(sops, source(fleet, new))
    assert [line for line in data.decode().splitlines() if line.lstrip().startswith("mac:")] == [
        line for line in new.decode().splitlines() if line.lstrip().startswith("mac:")
    ]


def test_the_path_from_the_root_is_what_a_rule_matches(
    fleet: Fleet, sops: Sops, engineer: Identity, other: Identity
) -> None:
    def rules(*recipients: str) -> str:
        nobody = f"creation_rules:\n- path_regex: tmp|hubctl-run\n  age: {other.recipient}\n"
        return f"{nobody}- path_regex: ^{PROD}$\n  age: {','.join(recipients)}\n"

    fleet.write({".sops.yaml": rules(engineer.recipient), "config/clusters/.sops.yaml": rules_for(other.recipient)})
    new = made(sops, Source(PROD, None, fleet.read(".sops.yaml")), {("a",): Secret("x")})
    assert recipients(new) == [engineer.recipient]
    fleet.write({".sops.yaml": rules(engineer.recipient, other.recipient)})
    more = synced(sops, source(fleet, new))
    assert recipients(more) == sorted([engineer.recipient, other.recipient])
    assert fleet.decrypted(changed(sops, source(fleet, more), {("b",): Secret("y")})) == {"a": "x", "b": "y"}


def test_variables_that_mislead_do_not(fleet: Fleet, sops: Sops, engineer: Identity, other: Identity) -> None:
    elsewhere = fleet.root.parent / "elsewhere.yaml"
    elsewhere.write_text(rules_for(other.recipient))
    misled = replace(
        sops,
        environment={
            **sops.environment,
            "SOPS_AGE_RECIPIENTS": other.recipient,
            "SOPS_CONFIG": str(elsewhere),
            "SOPS_KEYSERVICE": "tcp://127.0.0.1:1",
            "SOPS_ENABLE_LOCAL_KEYSERVICE": "false",
            "SOPS_PGP_FP": "0" * 40,
        },
    )
    new = made(misled, Source(PROD, None, fleet.read(".sops.yaml")), {("a",): Secret("x")})
    more = rotated(misled, source(fleet, changed(misled, source(fleet, new), {("b",): Secret("y")})))
    assert recipients(more) == [engineer.recipient]
    assert fleet.decrypted(more) == {"a": "x", "b": "y"}


def test_a_path_to_an_identity_may_be_relative(
    fleet: Fleet, engineer: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(engineer.file.parent)
    environment = {**os.environ, "PATH": with_sops(), "SOPS_AGE_KEY_FILE": engineer.file.name}
    data = fleet.encrypt({"a": "x"})
    assert values_of(find_sops(environment, fleet.root), source(fleet, data)) == {("a",): Secret("x")}


def test_where_a_recipient_leaves_the_data_key_changes_too(
    fleet: Fleet, sops: Sops, engineer: Identity, other: Identity
) -> None:
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})
    data = fleet.encrypt(PLAIN)
    fleet.write({".sops.yaml": rules_for(engineer.recipient)})
    new = synced(sops, source(fleet, data))

    assert recipients(new) == [engineer.recipient]
    assert fleet.decrypted(new) == PLAIN
    old, now = read_encrypted(data, PROD).leaves, read_encrypted(new, PROD).leaves
    assert [path for path in old if old[path] == now[path]] == [("a", "n"), ("a", "e")]


def test_nobody_locks_themselves_out(fleet: Fleet, sops: Sops, other: Identity) -> None:
    data = fleet.encrypt(PLAIN)
    fleet.write({".sops.yaml": rules_for(other.recipient)})
    with pytest.raises(AuthNeeded) as caught:
        synced(sops, source(fleet, data))
    assert caught.value.message == f"`{PROD}`: none of your keys would open it afterwards, so nothing was written"
    assert caught.value.hint == "let somebody run this whom the rule names"


def groups(threshold: int, *members: Identity) -> str:
    listed = "".join(f"  - age: [{one.recipient}]\n" for one in members)
    return f"creation_rules:\n- path_regex: secret\n  shamir_threshold: {threshold}\n  key_groups:\n{listed}"


def everybody(folder: Path, *members: Identity) -> dict[str, str]:
    """Return the environment of somebody who has all these identities."""
    file = folder / "everybody.txt"
    file.write_text("".join(one.file.read_text() for one in members))
    return {"SOPS_AGE_KEY_FILE": str(file)}


def test_key_groups_are_changed_and_synced(fleet: Fleet, tmp_path: Path, engineer: Identity, other: Identity) -> None:
    third = identity(tmp_path / "third")
    all_three = everybody(tmp_path, engineer, other, third)
    sops = find_sops({**os.environ, "PATH": with_sops(), **all_three}, fleet.root)
    fleet.environment.update(all_three)
    fleet.write({".sops.yaml": groups(2, engineer, other)})
    data = fleet.encrypt(PLAIN)
    new = changed(sops, source(fleet, data), {("a", "b"): Secret("new"), ("c",): Secret("c")})
    assert fleet.decrypted(new)["a"]["b"] == "new"
    fleet.write({".sops.yaml": groups(2, engineer, other, third)})
    more = synced(sops, source(fleet, new))
    assert len(recipients(more)) == 3
    assert fleet.decrypted(more)["a"]["b"] == "new"


def test_a_threshold_that_sops_does_not_change_is_refused(
    fleet: Fleet, tmp_path: Path, engineer: Identity, other: Identity
) -> None:
    third = identity(tmp_path / "third")
    sops = find_sops({**os.environ, "PATH": with_sops(), **everybody(tmp_path, engineer, other, third)}, fleet.root)
    fleet.write({".sops.yaml": groups(2, engineer, other, third)})
    data = fleet.encrypt(PLAIN)
    fleet.write({".sops.yaml": groups(3, engineer, other, third)})
    with pytest.raises(HubctlError) as caught:
        synced(sops, source(fleet, data))
    said = "sops cannot bring its recipients to the rule: threshold 2 instead of 3; nothing was written"
    assert caught.value.message == f"`{PROD}`: {said}"


def test_what_else_is_wrong_is_not_synced_away(fleet: Fleet, tmp_path: Path, other: Identity) -> None:
    trap = Sops(tmp_path / "not-there", (3, 13, 2), {}, tmp_path)
    data = fleet.encrypt(PLAIN)
    fleet.write({".sops.yaml": rules_for(other.recipient)})
    with pytest.raises(HubctlError) as caught:
        synced(trap, source(fleet, b"# canary\n" + data))
    assert caught.value.code == "clear-comment"
    fleet.write({".sops.yaml": rules_for(other.recipient) + "  mac_only_encrypted: true\n"})
    with pytest.raises(HubctlError) as caught:
        synced(trap, source(fleet, data))
    assert caught.value.code == "metadata-rule"
