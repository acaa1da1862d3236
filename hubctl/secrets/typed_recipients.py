"""Public keys of age as a person types them; what is none is refused without a word of it (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from hubctl.errors import UsageError
from hubctl.secrets.age_keys import is_age_recipient

_PRIVATE = re.compile(r"AGE-(?:SECRET-KEY|PLUGIN)-|PRIVATE KEY", re.IGNORECASE)
_EXPOSED = (
    "a private key was given where a public one belongs: it now stands in the history of your shell and could be "
    "seen in the list of processes, so treat it as exposed: make another with `age-keygen`, encrypt anew what it "
    "opens, and give the public key, `age1…`"
)


def typed_recipients(words: Iterable[str]) -> tuple[str, ...]:
    """Return the recipients of age that were typed, each once; several may stand in one word, with commas.

    Of a key of ssh its comment is left out. UsageError for one that sops would not read, which is not repeated.
    """
    given = tuple(words)
    refuse_private(given)
    typed = tuple(_split(given))
    for number, text in enumerate(typed, 1):
        if not is_age_recipient(text):
            which = f"number {number} of the recipients" if len(typed) > 1 else "the recipient"
            raise UsageError(
                f"{which} is no public key of age, or was copied in part: one begins with `age1`, `ssh-ed25519` or "
                "`ssh-rsa`; `age-keygen -y FILE` prints that of an identity"
            )
    return tuple(dict.fromkeys(typed))


def refuse_private(words: Iterable[str]) -> None:
    """Raise UsageError where a private key is among the words of a command line; it is not repeated."""
    if any(map(_PRIVATE.search, words)):
        raise UsageError(_EXPOSED)


def _split(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        text = word.strip()
        if text.startswith("ssh-"):
            yield " ".join(text.split()[:2])
        else:
            yield from (part.strip() for part in text.split(","))
