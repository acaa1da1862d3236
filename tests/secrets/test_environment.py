from pathlib import Path

import pytest

from hubctl.secrets.environment import environment_for_sops

HERE = Path("/here")
ALWAYS = {
    "GOTRACEBACK": "none",
    "LC_ALL": "C.UTF-8",
    "NO_COLOR": "1",
    "SOPS_DISABLE_VERSION_CHECK": "1",
    "SOPS_HC_VAULT_ALLOWLIST": "none",
}
DROPPED = [
    "SOPS_AGE_RECIPIENTS",
    "SOPS_PGP_FP",
    "SOPS_KMS_ARN",
    "SOPS_GCP_KMS_IDS",
    "SOPS_AZURE_KEYVAULT_URLS",
    "SOPS_VAULT_URIS",
    "SOPS_HUAWEICLOUD_KMS_IDS",
    "SOPS_CONFIG",
    "SOPS_KEYSERVICE",
    "SOPS_GCP_KMS_ENDPOINT",
    "SOPS_ENABLE_LOCAL_KEYSERVICE",
    "SOPS_EDITOR",
    "SOPS_DECRYPTION_ORDER",
    "SOPS_OF_TOMORROW",
    "SOPS_AGE_KEY_FILES",
    "VAULT_ADDR",
    "VAULT_TOKEN",
    "EDITOR",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "LD_PRELOAD",
    "GODEBUG",
    "PYTHONPATH",
    "SSLKEYLOGFILE",
    "DOCKER_CONFIG",
    "HUBCTL_SETTINGS",
    "path",
    "aws_profile",
]
PASSED = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "GPG_TTY",
    "SOPS_AGE_KEY",
    "SOPS_AGE_KEY_CMD",
    "SOPS_AGE_SSH_PRIVATE_KEY_CMD",
    "SOPS_GPG_EXEC",
    "SOPS_GCP_KMS_CLIENT_TYPE",
    "SOPS_GCP_KMS_UNIVERSE_DOMAIN",
    "GOOGLE_CREDENTIALS",
    "CLOUDSDK_CONFIG",
    "GCE_METADATA_HOST",
    "AWS_PROFILE",
    "AZURE_TENANT_ID",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
]
PATHS = [
    "GNUPGHOME",
    "XDG_CONFIG_HOME",
    "SOPS_AGE_KEY_FILE",
    "SOPS_AGE_SSH_PRIVATE_KEY_FILE",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
]


def test_nothing_but_what_is_always_set_is_there_without_an_environment() -> None:
    assert environment_for_sops({}, HERE) == ALWAYS


@pytest.mark.parametrize("name", DROPPED)
def test_what_changes_where_secrets_go_and_what_is_not_known_is_dropped(name: str) -> None:
    assert environment_for_sops({name: "x"}, HERE) == ALWAYS


@pytest.mark.parametrize("name", PASSED)
def test_what_opens_keys_is_passed_as_it_is(name: str) -> None:
    assert environment_for_sops({name: "x/y"}, HERE) == {**ALWAYS, name: "x/y"}


@pytest.mark.parametrize("name", PATHS)
def test_a_path_is_passed_as_an_absolute_one(name: str) -> None:
    assert environment_for_sops({name: "keys/x"}, HERE) == {**ALWAYS, name: "/here/keys/x"}
    assert environment_for_sops({name: "/keys/x"}, HERE) == {**ALWAYS, name: "/keys/x"}
    assert environment_for_sops({name: ""}, HERE) == {**ALWAYS, name: ""}


@pytest.mark.parametrize("name", list(ALWAYS))
def test_what_is_set_is_not_the_users(name: str) -> None:
    assert environment_for_sops({name: "all"}, HERE) == ALWAYS


def test_only_the_vaults_of_the_rule_may_be_asked() -> None:
    seen = environment_for_sops({}, HERE, ["https://b.example.org", "https://a.example.org", "https://b.example.org"])
    assert seen["SOPS_HC_VAULT_ALLOWLIST"] == "https://a.example.org,https://b.example.org"
