"""Whether ciphertext that stands on a branch says what new ciphertext says: decrypted, compared, never shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hubctl.errors import AuthNeeded
from hubctl.secret import Secret
from hubctl.secrets.alike import mean_the_same
from hubctl.secrets.changing import changed, made, rotated, synced
from hubctl.secrets.sops import Sops, find_sops
from hubctl.secrets.source import Source
from tests.secrets.parts import PROD, Fleet, identity, rules_for, with_sops

A, B = ("jupyterhub", "a"), ("jupyterhub", "b")
PLAIN = {"jupyterhub": {"a": "canary-a", "b": "canary-b", "on": True, "none": None, "list": ["x", 1]}}


@pytest.fixture
def base(fleet: Fleet) -> Source:
    return Source(PROD, fleet.encrypt(PLAIN), fleet.read(".sops.yaml"))


def test_the_same_value_stored_twice_means_the_same_and_another_one_does_not(sops: Sops, base: Source) -> None:
    one, other = (base.with_data(changed(sops, base, {A: Secret(text)})) for text in ("new", "other"))
    again = base.with_data(changed(sops, base, {A: Secret("new")}))
    assert one.data != again.data
    assert mean_the_same(sops, base.data, one, again)
    assert not mean_the_same(sops, base.data, one, other)
    assert not mean_the_same(sops, base.data, one, base)


@pytest.mark.slow
def test_a_new_file_made_twice_means_the_same_only_with_the_same_keys(sops: Sops, base: Source) -> None:
    new = Source(PROD, None, base.rules_text)
    one, again, more = (
        new.with_data(made(sops, new, values)) for values in ({A: Secret("x")}, {A: Secret("x")}, {B: Secret("x")})
    )
    assert mean_the_same(sops, None, one, again)
    assert not mean_the_same(sops, None, one, more)


@pytest.mark.slow
def test_text_and_what_reads_like_it_are_two_values(sops: Sops, base: Source) -> None:
    one, other = (base.with_data(changed(sops, base, {A: value})) for value in (Secret("True"), True))
    assert not mean_the_same(sops, base.data, one, other)


@pytest.mark.slow
def test_a_value_that_was_encrypted_again_without_need_is_no_smaller_change(sops: Sops, base: Source) -> None:
    one = base.with_data(changed(sops, base, {A: Secret("new")}))
    larger = base.with_data(rotated(sops, one))
    assert not mean_the_same(sops, base.data, one, larger)


def test_a_rotation_means_the_same_as_another_and_not_as_none(sops: Sops, base: Source) -> None:
    one, again = (base.with_data(rotated(sops, base)) for _ in range(2))
    assert mean_the_same(sops, base.data, one, again)
    assert not mean_the_same(sops, base.data, one, base)


@pytest.mark.slow
def test_recipients_brought_to_the_rule_twice_mean_the_same(
    sops: Sops, fleet: Fleet, base: Source, tmp_path: Path
) -> None:
    other = identity(tmp_path / "other").recipient
    mine = fleet.read(".sops.yaml").decode().strip().rpartition(" ")[2]
    wanted = Source(PROD, base.data, rules_for(mine, other).encode())
    one, again = (wanted.with_data(synced(sops, wanted)) for _ in range(2))
    assert one.data != again.data
    assert mean_the_same(sops, base.data, one, again)
    assert not mean_the_same(sops, base.data, one, wanted)


def swapped(data: bytes) -> bytes:
    """Let the ciphertext of two keys change places."""
    lines = data.decode().splitlines()
    first, second = (next(n for n, line in enumerate(lines) if line.strip().startswith(f"{key}:")) for key in "ab")
    values = [lines[n].partition(": ") for n in (first, second)]
    lines[first], lines[second] = f"{values[0][0]}: {values[1][2]}", f"{values[1][0]}: {values[0][2]}"
    return "\n".join([*lines, ""]).encode()


def test_what_was_tampered_with_is_never_taken(sops: Sops, base: Source) -> None:
    one, again = (base.with_data(changed(sops, base, {A: Secret("new")})) for _ in range(2))
    data = again.ciphertext
    assert mean_the_same(sops, base.data, one, again)
    for tampered in (
        data + b"# a note\n",
        b"\n" + data,
        data.replace(b"jupyterhub", b"hubjupyter", 1),
        data[: len(data) // 2],
        b"jupyterhub:\n    a: new\n",
        data.replace(b"lastmodified", b"last-modified"),
        swapped(data),
        b"",
    ):
        assert not mean_the_same(sops, base.data, one, base.with_data(tampered))


def test_without_a_key_nobody_can_tell(sops: Sops, base: Source, fleet: Fleet, tmp_path: Path) -> None:
    one, again = (base.with_data(changed(sops, base, {A: Secret("new")})) for _ in range(2))
    stranger = {**os.environ, **identity(tmp_path / "stranger").environment, "PATH": with_sops()}
    with pytest.raises(AuthNeeded):
        mean_the_same(find_sops(stranger, fleet.root), base.data, one, again)
