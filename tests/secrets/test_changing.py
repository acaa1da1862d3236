"""Secret files made and changed by real sops; what it prints, and plaintext, never leave the pipes."""

import difflib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from hubctl.errors import HubctlError
from hubctl.secret import Secret
from hubctl.secrets.changing import Source, Value, changed, made, rotated, value_at, values_of, without
from hubctl.secrets.encrypted import read_encrypted
from hubctl.secrets.sops import Sops
from tests.secrets.parts import PROD, Fleet, identity, rules_for, run_sops

PASSWORD = ("jupyterhub", "imagePullSecret", "password")
USERNAME = ("jupyterhub", "imagePullSecret", "username")
PEM = "-----BEGIN PRIVATE KEY-----\nMIIE+canary/\n-----END PRIVATE KEY-----\n"
AWKWARD = {
    "one letter": "x",
    "true": "true",
    "null": "null",
    "zeros": "0123",
    "a number": "1.50",
    "a date": "2026-01-01",
    "blanks": "  x  ",
    "a line end": "canary\n",
    "line ends": "\n\ncanary\n\n",
    "Windows": "a\r\nb\r\n",
    "a tab": "\tcanary",
    "quotes": "\"'`$(canary)\\n",
    "yaml": "a: [b, *c, &d !e]\n- x # y",
    "a comment": "# canary",
    "emoji": "канарейка 🐤 \u202e",
    "separators": "a\u2028b\u2029c",
    "a document": "---\n...\n",
    "ciphertext": "ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]",
    "key": PEM,
    "json": json.dumps({"type": "service_account", "private_key": PEM}),
    "large": "canary " * 10_000,
}


def source(fleet: Fleet, data: bytes | None, file: str = PROD) -> Source:
    return Source(file, data, fleet.read(".sops.yaml"))


def diff(before: bytes, after: bytes) -> list[str]:
    """Return the lines that differ, what was before first, ciphertext left out."""
    lines = difflib.unified_diff(before.decode().splitlines(), after.decode().splitlines(), n=0, lineterm="")
    return [line.partition("ENC[")[0] for line in lines if line[:3] not in ("---", "+++", "@@ ")]


def unstamped(lines: list[str]) -> list[str]:
    return [line for line in lines if line.lstrip("+- ").partition(":")[0] not in ("mac", "lastmodified")]


def refused(fleet: Fleet, sops: Sops, data: bytes | None, values: Mapping[tuple[str, ...], Value]) -> HubctlError:
    """Return the refusal; nothing of a value may be in it, nor in what it came from."""
    with pytest.raises(HubctlError) as caught:
        (made if data is None else changed)(sops, source(fleet, data), values)
    error: BaseException | None = caught.value
    while error is not None:
        assert "canary" not in f"{error} {error.__dict__}"
        error = error.__context__
    return caught.value


@pytest.fixture
def data(fleet: Fleet) -> bytes:
    """A file with two values in one mapping and one at the root."""
    plain = {"jupyterhub": {"imagePullSecret": {"username": "u", "password": "p"}}, "token": "t"}
    return fleet.encrypt(plain)


def test_a_new_file_holds_what_was_given_laid_out_as_ruamelfmt_does(fleet: Fleet, sops: Sops) -> None:
    new = made(sops, source(fleet, None), {PASSWORD: Secret("canary"), ("jupyterhub", "create"): True})

    assert fleet.decrypted(new) == {"jupyterhub": {"imagePullSecret": {"password": "canary"}, "create": True}}
    lines = [line.partition("ENC[")[0] for line in new.decode().splitlines()]
    assert lines[:6] == [
        "jupyterhub:",
        "  imagePullSecret:",
        "    password: ",
        "  create: ",
        "sops:",
        "  age:",
    ]
    assert (b"canary" in new, new.endswith(b"\n"), b"\r" in new) == (False, True, False)
    assert not (fleet.root / PROD).exists()


def test_values_of_all_kinds_are_read_back_to_the_last_byte(fleet: Fleet, sops: Sops) -> None:
    seldom = {"one letter", "blanks", "a tab", "quotes", "a comment", "separators", "a document", "zeros", "large"}
    given = {("all", name): Secret(value) for name, value in AWKWARD.items() if name not in seldom}
    assert values_of(sops, source(fleet, made(sops, source(fleet, None), given))) == given


@pytest.mark.slow
@pytest.mark.parametrize("value", AWKWARD.values(), ids=AWKWARD)
def test_every_value_is_changed_and_read_back_to_the_last_byte(fleet: Fleet, sops: Sops, value: str) -> None:
    new = made(sops, source(fleet, None), {PASSWORD: Secret(value)})
    assert value_at(sops, source(fleet, new), PASSWORD) == Secret(value)

    more = changed(sops, source(fleet, new), {USERNAME: Secret(value), PASSWORD: Secret("other")})
    assert values_of(sops, source(fleet, more)) == {PASSWORD: Secret("other"), USERNAME: Secret(value)}


def test_one_changed_value_is_a_diff_of_three_lines(fleet: Fleet, sops: Sops, data: bytes) -> None:
    new = changed(sops, source(fleet, data), {PASSWORD: Secret("canary")})

    assert unstamped(diff(data, new)) == ["-        password: ", "+        password: "]
    assert len(diff(data, new)) in (4, 6)
    assert values_of(sops, source(fleet, new)) == {
        USERNAME: Secret("u"),
        PASSWORD: Secret("canary"),
        ("token",): Secret("t"),
    }


def test_a_value_that_is_there_changes_nothing(fleet: Fleet, sops: Sops, data: bytes) -> None:
    assert changed(sops, source(fleet, data), {PASSWORD: Secret("p"), ("token",): Secret("t")}) == data


@pytest.mark.slow
def test_a_flag_is_no_text(fleet: Fleet, sops: Sops, data: bytes) -> None:
    flag = changed(sops, source(fleet, data), {("token",): True, ("off",): False})
    assert value_at(sops, source(fleet, flag), ("token",)) is True
    assert value_at(sops, source(fleet, flag), ("off",)) is False
    assert changed(sops, source(fleet, flag), {("token",): True}) == flag
    text = changed(sops, source(fleet, flag), {("token",): Secret("true")})
    assert value_at(sops, source(fleet, text), ("token",)) == Secret("true")


def test_new_keys_stand_at_the_end_of_what_is_there(fleet: Fleet, sops: Sops, data: bytes) -> None:
    values = {
        ("jupyterhub", "imagePullSecret", "registry"): Secret("r"),
        ("jupyterhub", "hub", "k.ey"): Secret("k"),
        ("other",): Secret("o"),
        ("jupyterhub", "hub", "a]b"): Secret("b"),
        ("token",): Secret("n"),
    }
    new = changed(sops, source(fleet, data), values)

    assert [line for line in unstamped(diff(data, new)) if line[0] == "-"] == ["-token: "]
    assert [line.partition("ENC[")[0] for line in new.decode().split("\nsops:")[0].splitlines()] == [
        "jupyterhub:",
        "    imagePullSecret:",
        "        username: ",
        "        password: ",
        "        registry: ",
        "    hub:",
        "        k.ey: ",
        "        a]b: ",
        "token: ",
        "other: ",
    ]
    assert fleet.decrypted(new) == {
        "jupyterhub": {
            "imagePullSecret": {"username": "u", "password": "p", "registry": "r"},
            "hub": {"k.ey": "k", "a]b": "b"},
        },
        "token": "n",
        "other": "o",
    }


def test_other_bytes_stay_however_they_are_laid_out(fleet: Fleet, sops: Sops, data: bytes) -> None:
    lines = data.decode().replace("token:", "token:   ").splitlines()
    windows = "\r\n".join(["", *lines]).encode()
    new = changed(sops, source(fleet, windows), {PASSWORD: Secret("canary"), ("new",): Secret("n")})

    assert unstamped(diff(windows, new)) == ["-        password: ", "+        password: ", "+new: "]
    assert (new.count(b"\r\n"), new.endswith(b"\n")) == (len(lines) + 1, False)
    assert fleet.decrypted(new)["new"] == "n"


def test_a_block_that_does_not_stand_last_stays_where_it_is(fleet: Fleet, sops: Sops, data: bytes) -> None:
    body, block = data.decode().split("\nsops:\n")
    first = f"sops:\n{block}{body}\n".encode()
    new = changed(sops, source(fleet, first), {("new",): Secret("n")})
    assert unstamped(diff(first, new)) == ["+new: "]
    assert fleet.decrypted(new)["new"] == "n"


@pytest.mark.slow
def test_an_empty_value_is_filled(fleet: Fleet, sops: Sops) -> None:
    data = fleet.encrypt({"a": None, "b": "", "c": {}, "d": "x"})
    values: dict[tuple[str, ...], Value] = {("a",): Secret("1"), ("b",): Secret("2"), ("c", "e"): Secret("3")}
    new = changed(sops, source(fleet, data), values)
    assert fleet.decrypted(new) == {"a": "1", "b": "2", "c": {"e": "3"}, "d": "x"}
    assert len(unstamped(diff(data, new))) in (6, 7)


def test_comments_stay_where_they_are(fleet: Fleet, sops: Sops) -> None:
    clear = b"# first\na: x # behind\n# second\nb: y\n"
    fleet.write({PROD: fleet_encrypted(fleet, clear)})
    data = fleet.read(PROD)
    assert data.count(b"#ENC[") == 3
    new = changed(sops, source(fleet, data), {("b",): Secret("z"), ("c",): Secret("n")})
    assert unstamped(diff(data, new)) == ["-b: ", "+b: ", "+c: "]


def fleet_encrypted(fleet: Fleet, clear: bytes) -> bytes:
    """Return what sops makes of YAML as it is written."""
    words = ("encrypt", "--input-type", "yaml", "--output-type", "yaml", "--filename-override", PROD)
    return run_sops("--config", ".sops.yaml", *words, stdin=clear, at=fleet.root)


@pytest.mark.slow
def test_json_is_changed_as_sops_writes_it(fleet: Fleet, sops: Sops) -> None:
    name = "config/clusters/leap/enc-deployer.secret.json"
    data = fleet.encrypt({"a": {"b": "x"}, "n": 5}, name)
    for ends in (b"", b"\n"):
        given = data.rstrip(b"\n") + ends
        new = changed(sops, source(fleet, given, name), {("a", "c"): Secret("y")})
        assert fleet.decrypted(new, kind="json") == {"a": {"b": "x", "c": "y"}, "n": 5}
        assert new.endswith(b"\n") is bool(ends)
        fewer = without(sops, source(fleet, new, name), ("a", "b"))
        assert fleet.decrypted(fewer, kind="json") == {"a": {"c": "y"}, "n": 5}


def test_every_kind_of_value_is_read(fleet: Fleet, sops: Sops) -> None:
    clear = b"s: canary\ni: 12\nf: 1.5\nb: true\nn: null\ne: ''\nl:\n- x\n- [1]\nd: 2026-01-01\nm: {}\n"
    data = fleet_encrypted(fleet, clear)
    assert values_of(sops, source(fleet, data)) == {
        ("s",): Secret("canary"),
        ("i",): 12,
        ("f",): 1.5,
        ("b",): True,
        ("n",): None,
        ("e",): Secret(""),
        ("l", 0): Secret("x"),
        ("l", 1, 0): 1,
        ("d",): Secret("2026-01-01T00:00:00Z"),
    }
    held = {key: value_at(sops, source(fleet, data), (key,)) for key in "sifbned"}
    assert held == {
        "s": Secret("canary"),
        "i": 12,
        "f": 1.5,
        "b": True,
        "n": None,
        "e": Secret(""),
        "d": Secret("2026-01-01T00:00:00Z"),
    }


@pytest.mark.parametrize(
    ("path", "message", "code"),
    [
        (("nothing",), "there is no such key", "missing"),
        (("token", "below"), "there is no such key", "missing"),
        (("sops",), "there is no such key", "missing"),
        (("sops", "mac"), "there is no such key", "missing"),
        (("jupyterhub",), "a mapping stands there, not a value", "collection"),
        (("list",), "a list stands there, not a value", "collection"),
    ],
)
def test_only_a_value_is_read(fleet: Fleet, sops: Sops, path: tuple[str, ...], message: str, code: str) -> None:
    data = fleet.encrypt({"jupyterhub": {"a": "x"}, "token": "t", "list": ["x"]})
    with pytest.raises(HubctlError) as caught:
        value_at(sops, source(fleet, data), path)
    assert (caught.value.message, caught.value.code) == (f"`{PROD}`: {message}", code)


def test_a_removed_key_is_a_line_less(fleet: Fleet, sops: Sops, data: bytes) -> None:
    new = without(sops, source(fleet, data), PASSWORD)
    assert unstamped(diff(data, new)) == ["-        password: "]
    assert fleet.decrypted(new) == {"jupyterhub": {"imagePullSecret": {"username": "u"}}, "token": "t"}


def test_parents_that_would_be_empty_go_too(fleet: Fleet, sops: Sops, data: bytes) -> None:
    half = without(sops, source(fleet, data), PASSWORD)
    none = without(sops, source(fleet, half), USERNAME)
    assert unstamped(diff(half, none)) == ["-jupyterhub:", "-    imagePullSecret:", "-        username: "]
    assert fleet.decrypted(none) == {"token": "t"}


@pytest.mark.slow
def test_the_last_key_can_be_removed_and_a_first_one_stored_again(fleet: Fleet, sops: Sops) -> None:
    data = fleet.encrypt({"a": {"b": "x"}})
    empty = without(sops, source(fleet, data), ("a", "b"))
    assert (empty[:6], fleet.decrypted(empty)) == (b"sops:\n", {})
    again = changed(sops, source(fleet, empty), {("c",): Secret("y")})
    assert fleet.decrypted(again) == {"c": "y"}


@pytest.mark.parametrize("path", [("nothing",), ("jupyterhub", "x", "y", "z")])
def test_removing_what_is_not_there_changes_nothing(
    fleet: Fleet, sops: Sops, data: bytes, path: tuple[str, ...]
) -> None:
    assert without(sops, source(fleet, data), path) == data


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (("token", "x"), "a value stands at `token`: nothing can be stored below it"),
        (("token", "x", "y"), "a value stands at `token`: nothing can be stored below it"),
        (("list", "x"), "a list stands at `list`: nothing can be stored below it"),
        (("none", "x"), "an empty value stands at `none`: nothing can be stored below it"),
        (("map",), "a mapping stands at `map`: it is no value"),
        (("map", "below"), "a list stands at `map.below`: it is no value"),
        (("list",), "a list stands at `list`: it is no value"),
    ],
)
def test_what_sops_would_damage_is_refused(fleet: Fleet, sops: Sops, path: tuple[str, ...], message: str) -> None:
    data = fleet.encrypt({"token": "t", "list": ["x"], "none": None, "map": {"below": ["x"]}})
    error = refused(fleet, sops, data, {path: Secret("canary")})
    assert (error.message, error.code) == (f"`{PROD}`: {message}", "collection")
    with pytest.raises(HubctlError) as caught:
        without(sops, source(fleet, data), path)
    assert caught.value.message == error.message


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ((), "a key path has at least one key, and no empty one"),
        (("a", ""), "a key path has at least one key, and no empty one"),
        (("k",) * 65, "a key path has at most 64 keys"),
        (("a[0]",), '`["a[0]"]`: sops cannot address a key with `[` or a control character'),
        (("a\nb",), '`["a\\nb"]`: sops cannot address a key with `[` or a control character'),
        (("a", "<<"), '`a["<<"]`: a key of `<<` or `=` is read as something else'),
        (("sops",), "`sops`: the key `sops` at the top of a file is sops' own"),
        (("sops", "mac"), "`sops.mac`: the key `sops` at the top of a file is sops' own"),
        (
            ("a_unencrypted", "b"),
            "`a_unencrypted.b`: sops leaves in clear what stands below a key that ends in `_unencrypted`",
        ),
    ],
)
def test_a_path_that_sops_cannot_address_or_would_leave_in_clear_is_refused(
    fleet: Fleet, sops: Sops, data: bytes, path: tuple[str, ...], message: str
) -> None:
    for given in (data, None):
        error = refused(fleet, sops, given, {path: Secret("canary")})
        assert (error.message, error.code) == (message, "bad-path")
    with pytest.raises(HubctlError) as caught:
        without(sops, source(fleet, data), path)
    assert caught.value.message == message


def test_sops_below_another_key_is_a_key_as_any(fleet: Fleet, sops: Sops, data: bytes) -> None:
    new = changed(sops, source(fleet, data), {("jupyterhub", "sops"): Secret("x")})
    assert fleet.decrypted(new)["jupyterhub"]["sops"] == "x"


@pytest.mark.slow
def test_sixty_four_keys_are_not_too_many(fleet: Fleet, sops: Sops) -> None:
    path = ("k",) * 64
    assert value_at(sops, source(fleet, made(sops, source(fleet, None), {path: Secret("x")})), path) == Secret("x")


@pytest.mark.parametrize("value", ["", "\n", "<<", "=", "canary\0", "canary\x1b"])
def test_what_is_no_value_is_refused(fleet: Fleet, sops: Sops, data: bytes, value: str) -> None:
    for given in (data, None):
        assert refused(fleet, sops, given, {PASSWORD: Secret(value)}).code == "bad-value"


def test_one_path_may_not_lead_through_another(fleet: Fleet, sops: Sops, data: bytes) -> None:
    values: dict[tuple[str, ...], Value] = {("n",): Secret("canary"), ("n", "x"): Secret("canary")}
    for given in (data, None):
        error = refused(fleet, sops, given, values)
        assert (error.message, error.code) == ("`n.x`: a value is to be stored above it, too", "bad-path")


def test_a_value_that_its_rule_leaves_in_clear_is_refused(fleet: Fleet, sops: Sops, data: bytes) -> None:
    rules = fleet.read(".sops.yaml").decode() + "  encrypted_regex: ^(data|stringData)$\n"
    file = "config/flux/prod.secret.values.yaml"
    with pytest.raises(HubctlError) as caught:
        made(sops, Source(file, None, rules.encode()), {("kind",): Secret("canary")})
    assert caught.value.message == "`kind`: the rule of `.sops.yaml` leaves this value in clear"
    new = made(sops, Source(file, None, rules.encode()), {("data", "x"): Secret("canary")})
    assert read_encrypted(new, file).encrypting.key == "encrypted_regex"


@pytest.mark.parametrize(
    ("rules", "message", "code"),
    [
        (None, "there is no `.sops.yaml`", "sops-rules"),
        ("creation_rules: [", "not valid YAML", "sops-rules"),
        ("creation_rules:\n- path_regex: nothing\n  age: RECIPIENT\n", "no rule of `.sops.yaml` matches", "no-rule"),
    ],
)
def test_without_a_rule_nothing_is_made(fleet: Fleet, sops: Sops, rules: str | None, message: str, code: str) -> None:
    recipient = fleet.read(".sops.yaml").decode().split("age: ")[1].strip()
    text = None if rules is None else rules.replace("RECIPIENT", recipient).encode()
    with pytest.raises(HubctlError) as caught:
        made(sops, Source(PROD, None, text), {PASSWORD: Secret("canary")})
    assert message in caught.value.message
    assert caught.value.code == code


TAMPERED = {
    "clear-value": lambda text: text.replace("token: ENC[", "token: canary # ENC["),
    "look-alike": lambda text: text.replace("type:str]", "type:str] canary", 1),
    "clear-comment": lambda text: "# canary\n" + text,
    "several-documents": lambda text: text + "---\na: canary\n",
    "no-metadata": lambda text: text.partition("sops:")[0],
    "metadata": lambda text: text.replace("    mac:", "    note: canary\n    mac:"),
}


@pytest.mark.parametrize("rule", TAMPERED)
def test_a_file_that_is_not_wholly_encrypted_is_refused_before_sops_is_started(
    fleet: Fleet, tmp_path: Path, data: bytes, rule: str
) -> None:
    trap = Sops(tmp_path / "not-there", (3, 13, 2), dict(os.environ), tmp_path)
    tampered = TAMPERED[rule](data.decode()).encode()
    assert tampered != data
    for act in (
        lambda: changed(trap, source(fleet, tampered), {PASSWORD: Secret("x")}),
        lambda: without(trap, source(fleet, tampered), PASSWORD),
        lambda: values_of(trap, source(fleet, tampered)),
        lambda: value_at(trap, source(fleet, tampered), PASSWORD),
    ):
        with pytest.raises(HubctlError) as caught:
            act()
        assert caught.value.code != "sops"
        assert caught.value.message.startswith(f"{PROD}:")
        assert "canary" not in f"{caught.value.message} {caught.value.hint}"


def test_other_recipients_than_the_rules_are_refused_before_sops_is_started(
    fleet: Fleet, tmp_path: Path, data: bytes
) -> None:
    trap = Sops(tmp_path / "not-there", (3, 13, 2), dict(os.environ), tmp_path)
    rules = rules_for(identity(tmp_path / "other").recipient).encode()
    with pytest.raises(HubctlError) as caught:
        changed(trap, Source(PROD, data, rules), {PASSWORD: Secret("canary")})
    assert caught.value.code == "recipients"
    assert "sync-recipients" in (caught.value.hint or "")


def test_nothing_is_left_behind(fleet: Fleet, sops: Sops, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fleet.root.parent / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    before = fleet.git("status", "--porcelain", "--ignored")
    changed(sops, source(fleet, data), {PASSWORD: Secret("canary")})
    refused(fleet, sops, data, {("token", "x"): Secret("canary")})
    assert list(folder.iterdir()) == []
    assert fleet.git("status", "--porcelain", "--ignored") == before
    assert fleet.read(PROD) == data


def long_keys(data: bytes) -> bytes:
    """Return the file with its first two keys written in the long way, and a mapping behind a colon."""
    return data.replace(
        b"jupyterhub:\n    imagePullSecret:\n        username:",
        b"? jupyterhub\n: imagePullSecret:\n        ? username\n        :",
    )


@pytest.mark.slow
def test_a_layout_that_cannot_be_kept_is_written_anew(fleet: Fleet, sops: Sops, data: bytes) -> None:
    more = changed(sops, source(fleet, long_keys(data)), {("jupyterhub", "new"): Secret("x")})
    less = without(sops, source(fleet, long_keys(data)), USERNAME)
    braces = json.dumps(yaml.safe_load(data)).replace('"token"', "token").encode()
    other = rotated(sops, source(fleet, braces))

    plain = fleet.decrypted(data)
    assert fleet.decrypted(more) == {**plain, "jupyterhub": {**plain["jupyterhub"], "new": "x"}}
    assert fleet.decrypted(less) == {"jupyterhub": {"imagePullSecret": {"password": "p"}}, "token": "t"}
    assert fleet.decrypted(other) == plain
    for new in (more, less, other):
        assert new.startswith(b"jupyterhub:\n  imagePullSecret:\n    ")


@pytest.mark.slow
def test_a_layout_of_any_kind_is_kept(fleet: Fleet, sops: Sops, data: bytes) -> None:
    for given in (long_keys(data), b"---\n" + data, b"\xef\xbb\xbf" + data):
        new = changed(sops, source(fleet, given), {("token",): Secret("x"), ("other",): Secret("y")})
        assert unstamped(diff(given, new)) == ["-token: ", "+token: ", "+other: "]
        assert fleet.decrypted(new)["other"] == "y"


def test_a_number_that_python_does_not_know_is_text(fleet: Fleet, sops: Sops) -> None:
    data = fleet_encrypted(fleet, b"a: .inf\nb: -1e400\nc: 123456789012345678901234567890\n")
    held = [value_at(sops, source(fleet, data), (key,)) for key in "abc"]
    assert all(isinstance(value, int | float | Secret) for value in held)
