"""The value of a secret, from where the user gives it."""

from __future__ import annotations

from hubctl.adapters import prompting
from hubctl.secret import Secret
from hubctl.secrets.value import value_of
from hubctl.show import show


def asked_value(question: str, from_file: str | None) -> Secret:
    """Return the value from a file (`-` for stdin), else from whoever sits at the terminal, else from stdin.

    Raises as `value_of` and the ways of `prompting` do.
    """
    if from_file is not None and from_file != "-":
        return value_of(prompting.from_file(from_file))
    if prompting.is_typed():
        return value_of(prompting.typed(show(question)))
    return value_of(prompting.piped())
