"""Settings are merged from layers, and the repository's layer cannot steer credentials."""

from __future__ import annotations

import datetime as dt

import pytest

from hubctl.errors import Unparseable, UsageError
from hubctl.problem import Problem
from hubctl.settings import GroupEntry, Layer, PolicyRule, RegistryEntry, Settings, merge, normal_host, parse_age

KINDS = "`oci`, `quay`, `dockerhub`, `google`, `ghcr`, `gitlab`, `ecr`, `harbor`"


def user(**data: object) -> Layer:
    return Layer(data=data, file="config.yaml", trusted=True)


def repository(**data: object) -> Layer:
    return Layer(data=data, file="hubctl.yaml", trusted=False)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("7d", dt.timedelta(days=7)),
        ("12h", dt.timedelta(hours=12)),
        ("3", dt.timedelta(days=3)),
        ("0", dt.timedelta(0)),
        (" 1.5d ", dt.timedelta(hours=36)),
        ("99999d", dt.timedelta(days=99999)),
    ],
)
def test_an_age_is_days_or_hours_and_a_bare_number_is_days(text: str, age: dt.timedelta) -> None:
    assert parse_age(text) == age


@pytest.mark.parametrize("text", ["", "d", "-1d", "1y", "7 days", "1e3", "999999999999d", "٣d", "1h30", "nan", "\x1b"])
def test_what_is_no_age_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="not an age"):
        parse_age(text)


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("Quay.IO", "quay.io"),
        ("index.docker.io", "docker.io"),
        ("registry-1.docker.io", "docker.io"),
        ("docker.io", "docker.io"),
        ("localhost:5000", "localhost:5000"),
        ("[::1]:5000", "[::1]:5000"),
        ("us-central1-docker.pkg.dev", "us-central1-docker.pkg.dev"),
        ("*", "*"),
    ],
)
def test_a_registry_key_is_a_normalised_host_with_its_port(given: str, host: str) -> None:
    assert normal_host(given) == host


def test_groups_of_every_layer_count_and_a_higher_one_replaces_those_of_its_name() -> None:
    lower = user(groups={"stack": ["quay.io/a/base", "quay.io/a/r"], "dask": ["quay.io/b/*"]})
    higher = repository(groups={"stack": ["quay.io/a/*"], 3: []})

    settings, problems = merge([lower, higher])

    assert settings.groups == {"stack": (GroupEntry("quay.io/a/*"),), "dask": (GroupEntry("quay.io/b/*"),), "3": ()}
    assert problems == ()


@pytest.mark.parametrize("text", ["https://quay.io", "quay.io/org", "", "a b", "user@host", "quay.io:x", "-x", "**"])
def test_what_is_no_host_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="not a registry host"):
        normal_host(text)


def test_without_a_layer_the_built_in_settings_hold() -> None:
    assert merge(()) == (
        Settings(
            minimum_age=dt.timedelta(0),
            policies=(),
            labels=(),
            reviewers=(),
            group="cluster",
            bot_identities=(),
            registries={},
        ),
        (),
    )


def test_every_key_of_the_file_arrives() -> None:
    layer = repository(
        version=1,
        minimum_age="3d",
        policies=[
            {"image": "quay.io/*", "path": "*.hub.image.tag", "pin": "frozen"},
            {"pattern": "v.*", "order": "version", "ignore": ["*-rc*"], "minimum_age": 2},
        ],
        labels=["images"],
        reviewers=["octocat"],
        assignees=["ada"],
        max_open=3,
        group="hub",
        bot_identities=["bot@example.org"],
        registries={"Index.docker.io": {"kind": "dockerhub"}},
    )
    assert merge([layer]) == (
        Settings(
            minimum_age=dt.timedelta(days=3),
            policies=(
                PolicyRule(image="quay.io/*", path="*.hub.image.tag", pin="frozen"),
                PolicyRule(pattern="v.*", order="version", ignore=("*-rc*",), minimum_age=dt.timedelta(days=2)),
            ),
            labels=("images",),
            reviewers=("octocat",),
            assignees=("ada",),
            max_open=3,
            group="hub",
            bot_identities=("bot@example.org",),
            registries={"docker.io": RegistryEntry(kind="dockerhub")},
        ),
        (),
    )


def test_a_higher_layer_replaces_values_and_lists_and_its_policies_stand_first() -> None:
    below = user(
        minimum_age=7,
        labels=["a"],
        reviewers=["x"],
        group="all",
        policies=[{"pin": "below"}],
        registries={"quay.io": {"mirror": "http://127.0.0.1:1/{host}", "insecure": True}, "*": {"kind": "oci"}},
    )
    above = Layer(
        data={
            "minimum_age": "12h",
            "labels": [],
            "policies": [{"pin": "above"}],
            "registries": {"quay.io": {"insecure": False, "token_hosts": ["Auth.Example:8443"]}},
        },
        file="extra.yaml",
        trusted=True,
    )
    assert merge([below, above]) == (
        Settings(
            minimum_age=dt.timedelta(hours=12),
            policies=(PolicyRule(pin="above"), PolicyRule(pin="below")),
            labels=(),
            reviewers=("x",),
            group="all",
            registries={
                "quay.io": RegistryEntry(
                    mirror="http://127.0.0.1:1/{host}", insecure=False, token_hosts=("auth.example:8443",)
                ),
                "*": RegistryEntry(kind="oci"),
            },
        ),
        (),
    )


def test_what_steers_credentials_is_ignored_in_the_repositorys_file_with_a_problem_each() -> None:
    keys = {
        "api": "https://evil.example",
        "insecure": True,
        "mirror": "http://evil.example",
        "password_env": "GH_TOKEN",
        "token_hosts": ["evil.example"],
        "username_env": "USER",
    }
    layer = Layer(
        data={"registries": {"quay.io": {**keys, "kind": "quay"}}},
        file="hubctl.yaml",
        trusted=False,
        lines={("registries", "quay.io", name): 3 + index for index, name in enumerate(keys)},
    )
    settings, problems = merge([layer])
    assert settings == Settings(registries={"quay.io": RegistryEntry(kind="quay")})
    assert problems == tuple(
        Problem(
            file="hubctl.yaml",
            line=3 + index,
            rule="untrusted-setting",
            message=f"`{name}` of `quay.io` is ignored: it decides where credentials go, and a pull request "
            "can write this file",
            mend="set it in your own settings file, with `--settings` or `HUBCTL_SETTINGS`",
        )
        for index, name in enumerate(keys)
    )


def test_the_repositorys_file_cannot_change_what_the_users_file_says_of_credentials() -> None:
    mine = user(registries={"quay.io": {"username_env": "MINE", "password_env": "SECRET"}})
    theirs = repository(registries={"QUAY.io": {"password_env": "GH_TOKEN", "mirror": "https://evil.example"}})
    settings, problems = merge([mine, theirs])
    assert settings.registries == {"quay.io": RegistryEntry(username_env="MINE", password_env="SECRET")}
    assert [problem.fails for problem in problems] == [False, False]


def test_a_dialect_in_the_repositorys_file_leaves_the_users_mirror_in_force() -> None:
    mine = user(registries={"*": {"mirror": "https://mirror.example/{host}", "password_env": "SECRET"}})
    theirs = repository(registries={"quay.example": {"kind": "quay"}, "ghcr.io": {"mirror": "https://evil.example"}})

    settings, problems = merge([mine, theirs])

    star = RegistryEntry(mirror="https://mirror.example/{host}", password_env="SECRET")
    named = RegistryEntry(mirror="https://mirror.example/{host}", kind="quay")
    assert settings.registries == {"*": star, "quay.example": named}
    assert [problem.rule for problem in problems] == ["untrusted-setting"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"minimum_age": "soon"}, "not an age: `soon`"),
        ({"minimum_age": True}, "`minimum_age` is not an age like `7d` or `12h`"),
        ({"rollout": "prod-first"}, "`rollout` is not one of `together`, `staging-first`"),
        ({"soak": "soon"}, "not an age: `soon`"),
        ({"group": "everything"}, "`group` is not one of `hub`, `cluster`, `image`, `all`"),
        *[({"max_open": value}, "`max_open` is not a number of 0 or more") for value in (-1, True, "many", 1.5)],
        ({"labels": "x"}, "`labels` is not a list of texts"),
        ({"groups": ["x"]}, "`groups` is not a mapping of names"),
        ({"groups": {"a": "x"}}, "`groups.a` is not a list of texts"),
        ({"labels": [["x"]]}, "`labels.0` is not a text"),
        ({"policies": {"image": "x"}}, "`policies` is not a list"),
        ({"policies": ["x"]}, "`policies.0` is not a mapping"),
        ({"policies": [{"order": "size"}]}, "`policies.0.order` is not one of `date`, `version`, `number`, `created`"),
        (
            {"policies": [{"pattern": "("}]},
            "`policies.0.pattern` is not a regular expression (missing ), unterminated subpattern at position 0)",
        ),
        ({"registries": []}, "`registries` is not a mapping of hosts"),
        ({"registries": {"quay.io": "x"}}, "`registries.quay.io` is not a mapping"),
        ({"registries": {"https://quay.io": {}}}, "not a registry host: `https://quay.io`"),
        ({"registries": {"quay.io": {"insecure": "yes"}}}, "`registries.quay.io.insecure` is not true or false"),
        (
            {"registries": {"quay.io": {"kind": "hub"}}},
            f"`registries.quay.io.kind` is not one of {KINDS}",
        ),
    ],
)
def test_a_value_of_the_wrong_form_names_file_and_line(data: dict[str, object], message: str) -> None:
    layer = Layer(data=data, file="config.yaml", trusted=True, lines={(next(iter(data)),): 4})
    with pytest.raises(Unparseable) as caught:
        merge([layer])
    assert (caught.value.message, caught.value.file, caught.value.line) == (message, "config.yaml", 4)
    assert (caught.value.exit_code, caught.value.code) == (1, "bad-settings")


def test_an_order_without_a_pattern_is_ignored_and_reported():
    settings, problems = merge([user(policies=[{"image": "quay.io/*", "order": "date"}])])

    assert [rule.pattern for rule in settings.policies] == [None]
    assert [(problem.rule, problem.fails) for problem in problems] == [("policy", False)]
