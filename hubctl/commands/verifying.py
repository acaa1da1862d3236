"""What no commit of hubctl may hold: a file that should be encrypted and is not, or to other recipients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hubctl.errors import UnsafeEdit
from hubctl.fleet.layout import RULES_FILE, is_encrypted_name
from hubctl.fleet.read import Tree, read_if_there
from hubctl.proposals.plan import FileEdit
from hubctl.show import plural, show

if TYPE_CHECKING:  # a plan without secrets loads nothing of them
    from hubctl.secrets.creation_rules import Rules


def refuse_unencrypted(edits: Iterable[FileEdit], rules: Rules) -> None:
    """Look at every edit that is, or by its name should be, encrypted; no key is needed.

    UnsafeEdit, code `unencrypted`, where one has a finding: it names file, line and rule, never a value.
    """
    from hubctl.secrets.verifier import verify  # noqa: PLC0415  # see above

    for edit in edits:
        problems = verify(edit.after, edit.file, rules) if is_secret(edit) else ()
        if problems:
            first = problems[0]
            more = f" and {plural(len(problems) - 1, 'problem')} more" if len(problems) > 1 else ""
            raise UnsafeEdit(
                f"`{show(first.file)}:{first.line}` is not to be committed: {first.message}{more}",
                hint=first.mend,
                code="unencrypted",
            )


def refuse_unencrypted_on(tree: Tree, edits: Iterable[FileEdit]) -> None:
    """Do so with the creation rules of a tree, which is asked only where there is such an edit."""
    secret = [edit for edit in edits if is_secret(edit)]
    if secret:
        refuse_unencrypted(secret, rules_of(tree))


def is_secret(edit: FileEdit) -> bool:
    """Return whether an edited file has to pass: by its name, or because it has, or had, metadata of sops."""
    return is_encrypted_name(edit.file) or _is_of_sops(edit.after, edit.before)


def _is_of_sops(*texts: bytes | None) -> bool:
    named = [text for text in texts if text is not None and b"sops" in text]
    if not named:
        return False
    from hubctl.secrets.encrypted import looks_encrypted  # noqa: PLC0415  # see above

    return any(map(looks_encrypted, named))


def rules_of(tree: Tree) -> Rules:
    """Return the creation rules of a tree: those of the `.sops.yaml` at its root alone."""
    from hubctl.secrets.creation_rules import read_rules  # noqa: PLC0415  # see above

    return read_rules(read_if_there(tree, RULES_FILE))
