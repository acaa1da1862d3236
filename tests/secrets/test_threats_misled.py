"""What is to lead a secret to somebody else: variables, rules, recipients, metadata, links, other programs, forks."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.forging import scene
from tests.cli.playground import COMMON, COMMON_FILE
from tests.cli.playground import FLEET as BUMPED
from tests.secrets.hunting import Hunt
from tests.secrets.impostors import RECORDS, Impostor, impostor
from tests.secrets.parts import CLUSTERS, PROD, Fleet, Identity, identity, rules_for, tool
from tests.secrets.terminal import terminal

pytestmark = pytest.mark.slow

CLUSTER = "config/clusters/leap/cluster.yaml"
LISTED = CLUSTERS[CLUSTER] + "  - enc-prod.secret.values.yaml\n"
SET = ("secret", "set", "leap", "prod", "a.b")
NEW = ("secret", "set", "leap", "staging", "a.b")
STAGING = PROD.replace("prod", "staging")
OPENING = (SET, ("secret", "get", "leap", "prod", "a.b"), ("secret", "unset", "leap", "prod", "a.b"),
    ("secret", "rotate", "leap", "prod"), ("secret", "registry", "check"))  # fmt: skip


@pytest.fixture
def hunt(tmp_path: Path) -> Hunt:
    return Hunt(tmp_path / "hunt")


@pytest.fixture
def held(fleet: Fleet, hunt: Hunt) -> Fleet:
    """A fleet whose hub `prod` has the canary in a file with a login to a registry."""
    fleet.write({CLUSTER: LISTED})
    login = {"create": True, "registry": "quay.io", "username": "leap+robot", "password": "p"}
    fleet.encrypt({"a": {"b": hunt.canary.text}, "jupyterhub": {"imagePullSecret": login}})
    fleet.commit("Store secrets")
    return fleet


@pytest.fixture
def recording(tmp_path: Path) -> Impostor:
    """A sops that notes what it is given, and is the real one otherwise."""
    return impostor(tmp_path / "bin", RECORDS)


def recorded(fake: Impostor) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (fake.folder / "calls").read_text().splitlines()]


MISLEADING = {
    "SOPS_AGE_RECIPIENTS": "{foreign}",
    "SOPS_PGP_FP": "85D77543B3D624B63CEA9E6DBC17301B491B3F21",
    "SOPS_KMS_ARN": "arn:aws:kms:us-east-1:111111111111:key/11111111-1111-1111-1111-111111111111",
    "SOPS_GCP_KMS_IDS": "projects/p/locations/global/keyRings/r/cryptoKeys/k",
    "SOPS_GCP_KMS_ENDPOINT": "127.0.0.1:1",
    "SOPS_AZURE_KEYVAULT_URLS": "https://v.vault.azure.net/keys/k/1",
    "SOPS_VAULT_URIS": "https://127.0.0.1:1/v1/sops/keys/k",
    "SOPS_HUAWEICLOUD_KMS_IDS": "r:11111111-1111-1111-1111-111111111111",
    "SOPS_CONFIG": "{config}",
    "SOPS_KEYSERVICE": "tcp://127.0.0.1:1",
    "SOPS_ENABLE_LOCAL_KEYSERVICE": "false",
    "SOPS_EDITOR": "false",
    "SOPS_DECRYPTION_ORDER": "pgp",
    "SOPS_HC_VAULT_ALLOWLIST": "all",
    "SOPS_DISABLE_VERSION_CHECK": "0",
    "VAULT_ADDR": "http://127.0.0.1:1",
    "VAULT_TOKEN": "s.canary",
    "EDITOR": "false",
    "GH_TOKEN": "ghp_canary",
    "GITHUB_TOKEN": "ghp_canary",
    "LD_LIBRARY_PATH": "",
    "GODEBUG": "http2debug=2",
    "PYTHONPATH": "",
}
PASSED = {
    "HOME": None,
    "PATH": None,
    "USER": "ada",
    "LOGNAME": "ada",
    "LANG": "C.UTF-8",
    "LC_CTYPE": "C.UTF-8",
    "TZ": "UTC",
    "TMPDIR": None,
    "XDG_CONFIG_HOME": None,
    "XDG_RUNTIME_DIR": None,
    "GPG_TTY": "/dev/null",
    "SOPS_AGE_KEY_FILE": None,
    "GOOGLE_CLOUD_PROJECT": "p",
    "CLOUDSDK_CORE_PROJECT": "p",
    "GCE_METADATA_HOST": "127.0.0.1:1",
    "AWS_PROFILE": "p",
    "AZURE_TENANT_ID": "t",
    "no_proxy": "*",
    "SSL_CERT_DIR": "/etc/ssl/certs",
}
SET_ALWAYS = {
    "SOPS_DISABLE_VERSION_CHECK": "1",
    "SOPS_HC_VAULT_ALLOWLIST": "none",
    "GOTRACEBACK": "none",
    "NO_COLOR": "1",
    "LC_ALL": "C.UTF-8",
}


def test_each_call_of_sops_is_given_what_it_needs_and_no_more(
    held: Fleet, hunt: Hunt, recording: Impostor, tmp_path: Path
) -> None:
    given = {name: text for name, text in PASSED.items() if text is not None} | {"PATH": recording.path}
    mine = {**MISLEADING, "SOPS_CONFIG": str(tmp_path), "SOPS_AGE_RECIPIENTS": identity(tmp_path / "x").recipient}
    text = f"{hunt.canary.text}2"
    for words in (SET, NEW, *OPENING):
        done = hunt.run(held, *words, stdin=text, env={**mine, **given}, shown=words[1] == "get")
        assert (words, done.code) == (words, 0), done.err

    calls = recorded(recording)
    assert {call["words"][0] for call in calls} == {"--disable-version-check", "--config"}
    folders = {call["folder"] for call in calls} - {"/"}
    assert all(folder.startswith(str(hunt.temporary / "hubctl-run-")) for folder in folders)
    known = {"HOME": os.environ["HOME"], "SOPS_AGE_KEY_FILE": held.environment["SOPS_AGE_KEY_FILE"]}
    known |= {name: hunt.environment[name] for name in ("TMPDIR", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")}
    for call in calls:
        environment = call["environment"]
        foreign = {name for name in environment if name.startswith(("LC_", "GOOGLE_", "AWS_", "AZURE_", "CLOUDSDK_"))}
        own = {name: environment[name] for name in environment.keys() - (foreign - given.keys() - SET_ALWAYS.keys())}
        passed = {name: os.environ[name] for name in own.keys() & {"SSL_CERT_FILE"}}
        assert own == {**passed, **given, **known, **SET_ALWAYS}
        rest = {key: call[key] for key in ("umask", "core", "leads", "terminal")}
        assert rest == {"umask": 0o077, "core": [0, 0], "leads": True, "terminal": False}
        assert hunt.canary.found_in(" ".join(call["words"]).encode()) == []
    secret = [call["given"] for call in calls if hunt.canary.found_in(call["given"].encode())]
    assert {json.loads(each) if each[0] == '"' else json.loads(each)["a"]["b"] for each in secret} == {text}
    shutil.rmtree(recording.folder)
    assert hunt.found(held.root) == []


def test_no_variable_changes_who_can_read(held: Fleet, hunt: Hunt, tmp_path: Path, engineer: Identity) -> None:
    foreign = identity(tmp_path / "foreign")
    config = tmp_path / "hostile.yaml"
    config.write_text(rules_for(foreign.recipient))
    hostile = {
        name: text.format(foreign=foreign.recipient, config=config) if "{" in text else text
        for name, text in MISLEADING.items()
    }

    for words in (SET, NEW, ("secret", "rotate", "leap", "prod")):
        done = hunt.run(held, *words, stdin=f"{hunt.canary.text}2", env=hostile)
        assert (words, done.code) == (words, 0), done.err

    for file in (PROD, STAGING):
        text = held.read(file).decode()
        assert re.findall(r"recipient: (\S+)", text) == [engineer.recipient]
        assert held.decrypt(file)["a"]["b"] == f"{hunt.canary.text}2"
    assert hunt.found(held.root) == []


@pytest.mark.parametrize("at", ["", "config", "config/clusters/leap"])
def test_nearer_rules_do_not_count_wherever_it_is_run(
    held: Fleet, hunt: Hunt, tmp_path: Path, engineer: Identity, at: str
) -> None:
    foreign = identity(tmp_path / "foreign").recipient
    places = ("config/.sops.yaml", "config/clusters/.sops.yaml", "config/clusters/leap/.sops.yaml")
    held.write({name: rules_for(foreign) for name in places})
    (held.root.parent / ".sops.yaml").write_text(rules_for(foreign))

    for words in (SET, NEW):
        assert hunt.run(held, *words, stdin=f"{hunt.canary.text}2", at=held.root / at).code == 0

    found = {recipient for file in (PROD, STAGING) for recipient in re.findall(r"age1\w+", held.read(file).decode())}
    assert found == {engineer.recipient}


def test_a_checkout_behind_a_link_has_the_rules_of_its_own_paths(
    held: Fleet, hunt: Hunt, tmp_path: Path, engineer: Identity
) -> None:
    """Sops itself matches the absolute path there, in which the name of any folder above counts."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/link").symlink_to(held.root)
    foreign = identity(tmp_path / "foreign").recipient
    own = f"- path_regex: ^config/.*\\.secret\\.\n  age: {engineer.recipient}\n"
    held.write({".sops.yaml": f"creation_rules:\n- path_regex: ^/.*secret\n  age: {foreign}\n{own}"})

    done = hunt.run(held, *NEW, stdin=hunt.canary.text, at=tmp_path / "secret/link")

    assert (done.code, re.findall(r"age1\w+", held.read(STAGING).decode())) == (0, [engineer.recipient])


def hostile_recipients(foreign: str) -> dict[str, str]:
    vault = "vault_address: http://127.0.0.1:1\n        engine_path: sops\n        key_name: k"
    dated = 'created_at: "2026-01-01T00:00:00Z"'
    return {
        "age": f"age:\n        - recipient: {foreign}\n          enc: |\n"
        "            -----BEGIN AGE ENCRYPTED FILE-----\n            YWdlLWVuY3J5cHRpb24ub3Jn\n"
        "            -----END AGE ENCRYPTED FILE-----",
        "vault": f"hc_vault:\n      - {vault}\n        {dated}\n        enc: vault:v1:YWJj",
        "kms": f"kms:\n      - arn: arn:aws:kms:us-east-1:111111111111:key/1\n        {dated}\n        enc: YWJj",
        "gcp_kms": f"gcp_kms:\n      - resource_id: projects/p/locations/l/keyRings/r/cryptoKeys/k\n        {dated}\n"
        "        enc: YWJj",
        "azure_kv": f"azure_kv:\n      - vault_url: https://x.invalid\n        name: k\n        version: v\n"
        f"        {dated}\n        enc: YWJj",
    }


@pytest.mark.parametrize("kind", ["age", "vault", "kms", "gcp_kms", "azure_kv"])
def test_a_file_that_would_make_sops_call_out_is_not_given_to_it(
    held: Fleet, hunt: Hunt, recording: Impostor, tmp_path: Path, kind: str
) -> None:
    block = hostile_recipients(identity(tmp_path / "foreign").recipient)[kind]
    held.write({PROD: held.read(PROD).decode().replace("sops:\n", f"sops:\n    {block}\n", 1)})

    refused_before_sops(held, hunt, recording)


TAMPERED: dict[str, Callable[[str], str]] = {
    "another suffix": lambda text: text.replace("unencrypted_suffix: _unencrypted", "unencrypted_suffix: b"),
    "a regex": lambda text: text.replace("unencrypted_suffix: _unencrypted", "unencrypted_regex: .*"),
    "what is encrypted": lambda text: text.replace("unencrypted_suffix: _unencrypted", "encrypted_regex: ^x$"),
    "by comment": lambda text: text.replace("unencrypted_suffix: _unencrypted", "encrypted_comment_regex: x"),
    "less in the MAC": lambda text: text.replace("    version:", "    mac_only_encrypted: true\n    version:"),
    "something unknown": lambda text: text.replace("    version:", "    plugin: x\n    version:"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_file_that_says_by_itself_what_stays_in_clear_is_not_given_to_sops(
    held: Fleet, hunt: Hunt, recording: Impostor, how: str
) -> None:
    """With plain sops it opens all the same, and the next `set` stores the value in clear."""
    before = held.read(PROD).decode()
    held.write({PROD: TAMPERED[how](before)})
    assert held.read(PROD).decode() != before

    refused_before_sops(held, hunt, recording)


def refused_before_sops(held: Fleet, hunt: Hunt, fake: Impostor) -> None:
    before = held.read(PROD)
    for words in OPENING:
        done = hunt.run(held, *words, stdin=f"{hunt.canary.text}2", env={"PATH": fake.path})
        assert (words, done.code) == (words, 1)
    assert set(fake.calls) <= {"--version"}
    assert held.read(PROD) == before
    assert held.run("secret", "check").code == 1
    assert hunt.found(held.root) == []


def test_a_rule_that_leaves_everything_in_clear_is_refused(held: Fleet, hunt: Hunt, recording: Impostor) -> None:
    held.write({".sops.yaml": held.read(".sops.yaml").decode().rstrip() + "\n  encrypted_regex: ^nothing$\n"})

    done = hunt.run(held, *NEW, stdin=hunt.canary.text, env={"PATH": recording.path})

    assert (done.code, (held.root / STAGING).exists(), set(recording.calls) - {"--version"}) == (1, False, set())
    assert hunt.found(held.root) == []


def linked(fleet: Fleet, outside: Path, how: str) -> None:
    """Let the path of the file lead outside, or to another place inside."""
    inside = fleet.root / "elsewhere"
    target = outside if how.endswith("outside") else inside
    target.mkdir()
    data = fleet.read(PROD)
    (target / Path(PROD).name).write_bytes(data)
    if how.startswith("file"):
        (fleet.root / PROD).unlink()
        (fleet.root / PROD).symlink_to(target / Path(PROD).name)
    else:
        folder = (fleet.root / PROD).parent
        for path in folder.iterdir():
            shutil.copy(path, target)
        shutil.rmtree(folder)
        folder.symlink_to(target)


@pytest.mark.parametrize("how", ["file outside", "file inside", "folder outside", "folder inside"])
def test_nothing_is_written_through_a_link(held: Fleet, hunt: Hunt, tmp_path: Path, how: str) -> None:
    outside = tmp_path / "outside"
    linked(held, outside, how)
    target = (outside if how.endswith("outside") else held.root / "elsewhere") / Path(PROD).name
    before = target.read_bytes()

    for words in (SET, *OPENING[2:4]):
        assert hunt.run(held, *words, stdin=f"{hunt.canary.text}2").code == 1

    assert target.read_bytes() == before
    assert hunt.found(held.root, files=(outside,) if outside.exists() else ()) == []


SWAPS = """
    if verb == "{verb}":
        import shutil
        place, target = {place!r}, {target!r}
        if os.path.isdir(place):
            if not os.path.lexists(target):
                shutil.copytree(place, target)
            os.rename(place, place + ".away")
        elif os.path.lexists(place):
            shutil.copy(place, target)
            os.unlink(place)
        else:
            open(target, "w").close()
        os.symlink(target, place)
"""


@pytest.mark.parametrize("verb", ["set", "decrypt"])
@pytest.mark.parametrize("what", [PROD, str(Path(PROD).parent), "config", CLUSTER])
def test_what_becomes_a_link_between_check_and_use_is_not_written_through(
    held: Fleet, hunt: Hunt, tmp_path: Path, what: str, verb: str
) -> None:
    target = tmp_path / "target"
    body = SWAPS.format(verb=verb, place=str(held.root / what), target=str(target))
    fake = impostor(tmp_path / "bin", body)
    expected = {"set": "set", "decrypt": "decrypt"}[verb]

    done = hunt.run(held, *SET, stdin=f"{hunt.canary.text}2", env={"PATH": fake.path})

    assert expected in fake.calls
    after = {path.name: path.read_bytes() for path in [target, *target.rglob("*")] if path.is_file()}
    if what == CLUSTER:  # is not to be written by this run
        assert done.code == 0
    else:
        assert (done.code, fake.calls.count("set")) == (1, 1)
        ciphertext = after.get("target") or after[Path(PROD).name]
        assert held.decrypted(ciphertext)["a"]["b"] == hunt.canary.text  # the old one
    assert hunt.found(held.root, files=(tmp_path / "target",)) == []


def test_a_new_file_in_the_place_of_which_a_link_appears_is_not_written(
    held: Fleet, hunt: Hunt, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    body = SWAPS.format(verb="encrypt", place=str(held.root / STAGING), target=str(target))
    fake = impostor(tmp_path / "bin", body)

    done = hunt.run(held, *NEW, stdin=hunt.canary.text, env={"PATH": fake.path})

    assert (done.code, target.read_bytes(), held.read(CLUSTER).decode()) == (1, b"", LISTED)


def test_an_editor_that_saved_meanwhile_is_not_overwritten(held: Fleet, hunt: Hunt, tmp_path: Path) -> None:
    place = str(held.root / PROD)
    body = f"""
    if verb == "set":
        with open({place!r}, "a") as opened:
            opened.write("# saved\\n")
    """
    done = hunt.run(held, *SET, stdin=f"{hunt.canary.text}2", env={"PATH": impostor(tmp_path / "bin", body).path})

    assert (done.code, "changed on disk" in done.err, held.read(PROD)[-8:]) == (1, True, b"# saved\n")


@pytest.mark.parametrize("path", ["../x", "a/../../x", "config/../../x"])
def test_a_hub_cannot_lead_out_of_the_repository(held: Fleet, hunt: Hunt, path: str) -> None:
    held.write({CLUSTER: CLUSTERS[CLUSTER].replace("- name: prod", f"- name: {path}")})

    done = hunt.run(held, "secret", "set", "leap", path, "a.b", stdin=hunt.canary.text)

    assert done.code == 1
    assert [*held.root.parent.glob("*secret*"), *held.root.parent.parent.glob("*secret.values*")] == []
    assert hunt.found(held.root) == []


def test_sops_in_the_repository_is_not_started_and_neither_is_a_later_one(held: Fleet, hunt: Hunt) -> None:
    fake = impostor(held.root / "bin", "")

    for words in (SET, *OPENING):
        done = hunt.run(held, *words, stdin=hunt.canary.text, env={"PATH": f"{fake.path}:{tool('sops').parent}"})
        assert (words, done.code, "it lies in the repository" in done.err) == (words, 1, True)

    assert fake.calls == []


def test_a_run_at_a_terminal_gives_sops_none(held: Fleet, hunt: Hunt, recording: Impostor) -> None:
    """A key with a passphrase, or pinentry, would ask there, and hang a bot."""
    words = [sys.executable, "-m", "hubctl", *OPENING[1]]
    environment = {**os.environ, **held.environment, **hunt.environment, "PATH": recording.path}
    with terminal([*words, "--json"], at=held.root, env=environment, stdout=subprocess.DEVNULL) as person:
        assert person.ended() == 0

    assert [(call["leads"], call["terminal"]) for call in recorded(recording)] == [(True, False)] * 2


def test_two_branches_that_each_store_a_key_are_both_kept(held: Fleet, hunt: Hunt) -> None:
    """Their MACs always conflict: the file of one side is taken, and the key of the other stored again."""
    held.git("checkout", "--quiet", "-b", "other")
    assert hunt.run(held, "secret", "set", "leap", "prod", "theirs", stdin=f"{hunt.canary.text}1").code == 0
    held.commit()
    held.git("checkout", "--quiet", "main")
    assert hunt.run(held, "secret", "set", "leap", "prod", "ours", stdin=f"{hunt.canary.text}2").code == 0
    held.commit()

    with pytest.raises(subprocess.CalledProcessError):
        held.git("merge", "--quiet", "other")
    assert hunt.run(held, "secret", "check").code == 1
    assert hunt.run(held, "secret", "check", "--staged").code == 1
    assert hunt.run(held, "secret", "set", "leap", "prod", "ours", stdin="x").code == 1
    held.git("checkout", "--theirs", PROD)
    held.commit("Merge")
    assert hunt.run(held, "secret", "set", "leap", "prod", "ours", stdin=f"{hunt.canary.text}2").code == 0

    assert {key: value for key, value in held.decrypt().items() if key in ("ours", "theirs")} == {
        "theirs": f"{hunt.canary.text}1",
        "ours": f"{hunt.canary.text}2",
    }
    assert hunt.run(held, "secret", "check").code == 0
    assert hunt.found(held.root) == []


def test_rotating_tells_to_revoke(held: Fleet, hunt: Hunt) -> None:
    words = ("secret", "registry", "rotate", "--registry", "quay.io", "--username", "leap+robot")
    for each in (("secret", "rotate", "leap", "prod"), words):
        assert "revoke" in hunt.run(held, *each, stdin=f"{hunt.canary.text}2").err


def test_a_planted_clear_file_is_neither_staged_nor_pushed_by_a_bump(tmp_path: Path, hunt: Hunt) -> None:
    """Untracked, staged, and tracked but changed: bump-image takes the files of its plan and no others."""
    planted = {name: f"config/clusters/leap/enc-{name}.secret.values.yaml" for name in ("new", "staged", "changed")}
    tracked = {planted["changed"]: "a: 1\n"}
    with scene(tmp_path, {**BUMPED, **tracked}) as made:
        for file in planted.values():
            (made.root / file).write_text(f"a: {hunt.canary.first}\n")
        made.git("add", planted["staged"])
        before = made.git("status", "--porcelain")

        assert made.proposed() == (("created",),)

        assert made.git("status", "--porcelain") == before
        assert hunt.found(made.forge.bare_path, forge=made.forge) == []
        made.git("rm", "--quiet", "--force", "--cached", planted["staged"])
        made.git("gc", "--quiet", "--prune=now")
        for file in planted.values():
            (made.root / file).unlink()
        assert hunt.found(made.root) == []


def test_a_bump_leaves_a_file_of_sops_alone_whatever_it_is_called(
    tmp_path: Path, hunt: Hunt, engineer: Identity
) -> None:
    """An image beside ciphertext, in a file that somebody encrypted in part: its MAC would not fit any more."""
    start = Fleet(tmp_path / "start", engineer.environment)
    start.write({".sops.yaml": rules_for(engineer.recipient)})
    _, _, metadata = start.ciphertext({"a": "b"}, "x.secret.yaml", "--output-type", "yaml").decode().partition("sops:")
    files = {**BUMPED, COMMON_FILE: f"{COMMON}sops:{metadata}", ".sops.yaml": rules_for(engineer.recipient)}
    with scene(tmp_path, files) as made:
        assert made.proposed() == (("created",),)

        assert made.git("diff", "--name-only", "main", made.tip() or "", at=made.forge.bare_path).split() == [
            "config/clusters/leap/staging.values.yaml"
        ]
