"""The variables that sops is started with: those that open keys, none that change where secrets go (pure).

From cmd/sops/main.go and the key sources of sops 3.11 to 3.13. What is not named here is dropped, above all
`SOPS_AGE_RECIPIENTS` and its like, which replace the recipients of the rule, `SOPS_CONFIG`, which replaces the rules,
and `SOPS_KEYSERVICE`, which gives data keys to a server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

_PASSED = frozenset(
    {
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "TZ",
        "TMPDIR",
        "XDG_CONFIG_HOME",
        "XDG_RUNTIME_DIR",
        "GPG_TTY",
        "GNUPGHOME",
        "SOPS_AGE_KEY",
        "SOPS_AGE_KEY_FILE",
        "SOPS_AGE_KEY_CMD",
        "SOPS_AGE_SSH_PRIVATE_KEY_FILE",
        "SOPS_AGE_SSH_PRIVATE_KEY_CMD",
        "SOPS_GPG_EXEC",
        "SOPS_GCP_KMS_CLIENT_TYPE",
        "SOPS_GCP_KMS_UNIVERSE_DOMAIN",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    }
)
_PASSED_FAMILIES = ("LC_", "GOOGLE_", "CLOUDSDK_", "GCE_METADATA_", "AWS_", "AZURE_")
# sops runs in a folder of its own, where a relative path of the user would name nothing
_PATHS = frozenset(
    {
        "SOPS_AGE_KEY_FILE",
        "SOPS_AGE_SSH_PRIVATE_KEY_FILE",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "GNUPGHOME",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "XDG_CONFIG_HOME",
    }
)
_SET = {
    "SOPS_DISABLE_VERSION_CHECK": "1",
    "GOTRACEBACK": "none",
    "NO_COLOR": "1",
    "LC_ALL": "C.UTF-8",
}


def environment_for_sops(environment: Mapping[str, str], here: Path, vaults: Iterable[str] = ()) -> dict[str, str]:
    """Return exactly the variables that sops may see.

    Paths that are relative to the current folder `here` are made absolute. `vaults` are the addresses of HashiCorp
    Vault that the file's own rule names: it is asked of no other (hcvault/keysource.go, from sops 3.13).
    """
    passed = {
        name: str(here / text) if text and name in _PATHS else text
        for name, text in environment.items()
        if name in _PASSED or name.startswith(_PASSED_FAMILIES)
    }
    return {**passed, **_SET, "SOPS_HC_VAULT_ALLOWLIST": ",".join(sorted(set(vaults))) or "none"}
