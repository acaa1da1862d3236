"""What it means that sops failed, from its exit code alone: what it prints quotes plaintext and is never shown.

The codes are those of cmd/sops/codes/codes.go, the same in sops 3.11 to 3.13.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from hubctl.adapters.programs import Ended
from hubctl.errors import AuthNeeded, HubctlError
from hubctl.secrets.recipients import Kind, Recipients
from hubctl.show import show

Doing: TypeAlias = Literal["encrypt", "decrypt", "change"]

NO_KEY = 128
_FROM_GIT = "restore the file from git, or from who holds the secrets"
_DAMAGED = "a value cannot be decrypted: the file is damaged, or was changed by other means than sops"
_MAC = "its MAC does not fit its values: the file was changed by other means than sops"
_ROOM = "make room in the folder for temporary files, or set `TMPDIR`"
_REASONS: dict[int, tuple[str, str | None]] = {
    2: ("sops cannot read it", _FROM_GIT),
    3: ("sops cannot write its copy", _ROOM),
    5: ("sops cannot read the rules", "`hubctl secret check`"),
    24: (_MAC, _FROM_GIT),
    25: (_DAMAGED, _FROM_GIT),
    51: (_MAC, _FROM_GIT),
    52: (_MAC, _FROM_GIT),
}
# Where the key sources of sops look for what opens a file (age/keysource.go, gcpkms, kms, azkv, hcvault, pgp).
_SEARCHED: dict[Kind, str] = {
    "age": (
        "age: `SOPS_AGE_KEY`, `SOPS_AGE_KEY_FILE`, `SOPS_AGE_KEY_CMD`, `SOPS_AGE_SSH_PRIVATE_KEY_FILE`, "
        "`SOPS_AGE_SSH_PRIVATE_KEY_CMD`, `~/.ssh/id_ed25519`, `~/.ssh/id_rsa`, `$XDG_CONFIG_HOME/sops/age/keys.txt`"
    ),
    "pgp": "pgp: the secret keys of `gpg` in `GNUPGHOME` or `~/.gnupg`",
    "kms": "kms: the profile or keys of `AWS_*`, `~/.aws`, and the right to use the key",
    "gcp_kms": (
        "gcp_kms: `GOOGLE_APPLICATION_CREDENTIALS` or `gcloud auth application-default login`, and the right to use "
        "the key"
    ),
    "hckms": "hckms: `~/.huaweicloud/credentials`, and the right to use the key",
    "azure_kv": "azure_kv: `AZURE_*` or `az login`, and the right to use the key",
    "hc_vault": "hc_vault: `~/.vault-token`, and the right to use the key",
}


def searched_for(recipients: Recipients) -> str:
    """Return, for a hint, where sops looks for the keys of these recipients, a piece for each kind."""
    kinds = dict.fromkeys(recipient.kind for recipient in recipients.every)
    return "; ".join(_SEARCHED[kind] for kind in kinds)


def refusal(ended: Ended, doing: Doing, file: str, recipients: Recipients) -> HubctlError:
    """Return the error for a call of sops that failed, of the code `sops`.

    AuthNeeded where no key opens the file, with the places that were searched, and where a key service could not be
    asked to encrypt.
    """
    name = show(file)
    if ended.problem is not None:
        services = _services(recipients)
        asked = f"; it may have waited for {services}" if services and "longer" in ended.problem else ""
        return HubctlError(f"`{name}`: sops failed: {ended.problem}{asked}", hint=searched_for(recipients), code="sops")
    if ended.code == NO_KEY:
        return AuthNeeded(f"`{name}`: no key was found that opens it", hint=f"looked for {searched_for(recipients)}")
    services = _services(recipients)
    if ended.code == 1 and services and doing == "encrypt":
        said = f"`{name}`: sops could not encrypt to {services}: exit 1"
        return AuthNeeded(said, hint=f"looked for {searched_for(recipients)}")
    other = f"sops failed: exit {ended.code}"
    # what else ends in 1 is refused before sops is started: no rule, no such key, nothing encrypted
    reason, hint = _REASONS.get(ended.code or 0, (other, _ROOM if (ended.code, doing) == (1, "change") else None))
    return HubctlError(f"`{name}`: {reason}", hint=hint, code="sops")


def _services(recipients: Recipients) -> str:
    """Name the recipients that only another program or server can encrypt to."""
    return ", ".join(_shown(recipient for recipient in recipients.every if recipient.kind != "age"))


def _shown(recipients: Iterable[object]) -> Iterable[str]:
    return (f"`{show(str(recipient))}`" for recipient in recipients)
