"""Settings files are found, read within limits, checked line by line and laid over each other."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from hubctl.cli.settings_files import read_settings
from hubctl.errors import HubctlError, NotFound, Unparseable
from hubctl.settings import RegistryEntry, Settings

KINDS = "`oci`, `quay`, `dockerhub`, `google`, `ghcr`, `gitlab`, `ecr`, `harbor`"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "repository"
    made.mkdir()
    return made


def write(file: Path, text: str | bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def refused(root: Path, text: str | bytes, file: str = "hubctl.yaml") -> tuple[str, int, str, str | None]:
    write(root / file, text)
    with pytest.raises(HubctlError) as caught:
        read_settings(root, {})
    assert isinstance(caught.value, Unparseable)
    assert (caught.value.file, caught.value.exit_code) == (file, 1)
    return caught.value.message, caught.value.line, caught.value.code, caught.value.hint


def test_without_any_file_the_built_in_settings_hold(root: Path) -> None:
    assert read_settings(root, {}) == (Settings(), ())


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({"XDG_CONFIG_HOME": "{tmp}/xdg", "HOME": "{tmp}/home"}, "xdg/hubctl/config.yaml"),
        ({"XDG_CONFIG_HOME": "", "HOME": "{tmp}/home"}, "home/.config/hubctl/config.yaml"),
        ({"XDG_CONFIG_HOME": "relative", "HOME": "{tmp}/home"}, "home/.config/hubctl/config.yaml"),
        ({"HUBCTL_SETTINGS": "{tmp}/extra.yaml"}, "extra.yaml"),
    ],
)
def test_each_place_of_the_users_own_settings_counts(
    root: Path, tmp_path: Path, environment: dict[str, str], place: str
) -> None:
    write(tmp_path / place, "labels: [mine]\nregistries:\n  '*': {mirror: 'http://127.0.0.1:5000/{host}'}\n")
    given = {name: value.replace("{tmp}", os.fspath(tmp_path)) for name, value in environment.items()}
    assert read_settings(root, given) == (
        Settings(labels=("mine",), registries={"*": RegistryEntry(mirror="http://127.0.0.1:5000/{host}")}),
        (),
    )


def test_layers_stand_in_their_order_and_the_flag_takes_the_place_of_the_variable(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "home/.config/hubctl/config.yaml", "minimum_age: 1\nlabels: [user]\ngroup: hub\nreviewers: [u]\n")
    write(root / "hubctl.yaml", "minimum_age: 2\nlabels: [repository]\ngroup: image\n")
    flag = write(tmp_path / "flag.yaml", "minimum_age: 4\n")
    variable = write(tmp_path / "variable.yaml", "minimum_age: 3\nlabels: [variable]\n")
    environment = {"HOME": f"{tmp_path}/home", "HUBCTL_SETTINGS": os.fspath(variable)}
    assert read_settings(root, environment)[0] == Settings(
        minimum_age=dt.timedelta(days=3), labels=("variable",), group="image", reviewers=("u",)
    )
    assert read_settings(root, environment, flag)[0] == Settings(
        minimum_age=dt.timedelta(days=4), labels=("repository",), group="image", reviewers=("u",)
    )


def test_a_file_named_explicitly_must_be_there(root: Path) -> None:
    for environment, explicit in (({"HUBCTL_SETTINGS": "/nowhere/x.yaml"}, None), ({}, Path("/nowhere/x.yaml"))):
        with pytest.raises(NotFound) as caught:
            read_settings(root, environment, explicit)
        assert (caught.value.message, caught.value.code) == ("no such file: `/nowhere/x.yaml`", "no-such-file")


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "version: 1\n", "\ufeffversion: 1\r\n"])
def test_a_file_that_says_nothing_changes_nothing(root: Path, text: str) -> None:
    write(root / "hubctl.yaml", text)
    assert read_settings(root, {}) == (Settings(), ())


def test_keys_of_later_features_are_accepted(root: Path) -> None:
    write(
        root / "hubctl.yaml",
        "baseline: []\nlayouts: []\n",
    )
    assert read_settings(root, {}) == (Settings(), ())


def test_staging_first_and_its_age_are_read(root: Path) -> None:
    write(root / "hubctl.yaml", "rollout: staging-first\nsoak: 2d\n")
    assert read_settings(root, {}) == (Settings(rollout="staging-first", soak=dt.timedelta(days=2)), ())


def test_a_stronger_file_turns_staging_first_off(root: Path, tmp_path: Path) -> None:
    write(root / "hubctl.yaml", "rollout: staging-first\nsoak: 2d\n")
    own = tmp_path / "own.yaml"
    write(own, "rollout: together\n")
    assert read_settings(root, {}, own) == (Settings(soak=dt.timedelta(days=2)), ())


def test_the_repository_says_which_hubs_are_staging(root: Path) -> None:
    write(root / "hubctl.yaml", "staging: ['*-dev', leap/next]\n")
    assert read_settings(root, {}) == (Settings(staging=("*-dev", "leap/next")), ())


@pytest.mark.parametrize(
    "written", ["rollout: prod-first", "rollout: {order: staging-first}", "soak: soon", "soak: -1"]
)
def test_a_rollout_of_another_form_is_an_error(root: Path, written: str) -> None:
    write(root / "hubctl.yaml", written + "\n")
    with pytest.raises(Unparseable) as raised:
        read_settings(root, {})
    assert (raised.value.file, raised.value.line, raised.value.code) == ("hubctl.yaml", 1, "bad-settings")


def test_what_steers_credentials_in_the_repositorys_file_is_a_problem_at_its_line_even_where_malformed(
    root: Path,
) -> None:
    write(
        root / "hubctl.yaml",
        "registries:\n  quay.io:\n    kind: quay\n    mirror: ftp://evil\n    token_hosts: evil\n",
    )
    settings, problems = read_settings(root, {})
    assert settings == Settings(registries={"quay.io": RegistryEntry(kind="quay")})
    assert [(problem.line, problem.rule, problem.fails) for problem in problems] == [
        (4, "untrusted-setting", False),
        (5, "untrusted-setting", False),
    ]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("version: 1\nlabel: [x]\n", "unknown key `label`, did you mean `labels`?", 2),
        ("policies:\n- pin: x\n- patern: y\n", "unknown key `patern`, did you mean `pattern`?", 3),
        ("version: 2\n", "`version` is not `1`", 1),
        ("\nminimum_age: soon\n", "`minimum_age` is not an age like `7d`, `12h` or a number of days", 2),
        ("minimum_age: -1\n", "`minimum_age` is not an age like `7d`, `12h` or a number of days", 1),
        ("labels: images\n", "`labels` is not a list", 1),
        ("labels:\n- a\n- 1\n", "`labels.1` is not a text", 3),
        ("policies:\n- pin: a\n  pattern: b\n", "`policies.0` is not a policy with either `pin` or `pattern`", 2),
        ("group: everything\n", "`group` is not one of `hub`, `cluster`, `image`, `all`", 1),
        ("- a\n", "the settings are not a mapping", 1),
        (
            "registries:\n  quay.io: {kind: x}\n",
            f"`registries.quay.io.kind` is not one of {KINDS}",
            2,
        ),
        ("registries:\n  https://quay.io: {}\n", "not a registry host: `https://quay.io`", 2),
        (
            "policies:\n- image: x\n  pattern: (\n",
            "`policies.0.pattern` is not a regular expression (missing ), unterminated subpattern at position 0)",
            3,
        ),
    ],
)
def test_what_is_unknown_or_wrong_is_one_error_with_its_line(root: Path, text: str, message: str, line: int) -> None:
    assert refused(root, text)[:3] == (message, line, "bad-settings")


def test_further_findings_stand_in_the_hint(root: Path) -> None:
    assert refused(root, "labl: []\ngrop: hub\nreviewer: []\n") == (
        "unknown key `labl`, did you mean `labels`?",
        1,
        "bad-settings",
        "line 2: unknown key `grop`, did you mean `group`?, line 3: unknown key `reviewer`, did you mean `reviewers`?",
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [\n", 2),
        ("labels: []\nlabels: []\n", 2),
        ("--- {}\n--- {}\n", 2),
        ("a: " + "[" * 3000, 1),
        ("a: !!python/object/apply:os.system [id]\n", 1),
        (
            "a: &a [x, x]\nb: &b [*a, *a]\n"
            + "".join(
                f"{chr(99 + n)}: &{chr(99 + n)} [" + ", ".join([f"*{chr(98 + n)}"] * 9) + "]\n" for n in range(9)
            ),
            None,
        ),
        (b"\xff", 1),
        (b"#" * 2_000_001, 1),
    ],
)
def test_a_file_that_is_no_bounded_yaml_is_one_error(root: Path, text: str | bytes, line: int | None) -> None:
    found = refused(root, text)
    assert found[2] == "unreadable"
    assert line is None or found[1] == line


def test_a_repositorys_file_that_is_a_link_out_or_no_regular_file_is_refused(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "outside.yaml", "labels: [x]\n")
    (root / "hubctl.yaml").symlink_to("../outside.yaml")
    with pytest.raises(Unparseable, match="a link that leads out of the repository"):
        read_settings(root, {})
    (root / "hubctl.yaml").unlink()
    os.mkfifo(root / "hubctl.yaml")
    with pytest.raises(Unparseable, match="not a regular file"):
        read_settings(root, {})
