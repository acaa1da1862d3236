"""What no commit of hubctl may hold: a file that should be encrypted and is not, or to other recipients."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from hubctl.errors import NotFound, UnsafeEdit
from hubctl.fleet.read import Tree
from hubctl.proposals.plan import FileEdit
from hubctl.secrets.creation_rules import Rules, read_rules
from hubctl.secrets.encrypted import looks_encrypted
from hubctl.secrets.verifier import verify
from hubctl.show import plural, show

RULES_FILE = ".sops.yaml"
_SECRET_NAMES = ("enc-*", "*.secret.*")


def refuse_unencrypted(edits: Iterable[FileEdit], rules: Rules) -> None:
    """Look at every edit that is, or by its name should be, encrypted.

    UnsafeEdit, code `unencrypted`, where one has a finding: it names file, line and rule, never a value. No key is
    needed.
    """
    for edit in edits:
        problems = verify(edit.after, edit.file, rules) if is_secret(edit) else ()
        if problems:
            first = problems[0]
            more = f" and {plural(len(problems) - 1, 'problem')} more" if len(problems) > 1 else ""
            raise UnsafeEdit(
                f"{show(first.file)}:{first.line}: {first.message}{more}; nothing was written or pushed",
                hint=first.mend,
                code="unencrypted",
            )


def is_secret(edit: FileEdit) -> bool:
    """Return whether an edited file has to pass: by its name, or because it has, or had, metadata of sops."""
    name = edit.file.rpartition("/")[2]
    if any(fnmatchcase(name, pattern) for pattern in _SECRET_NAMES):
        return True
    return looks_encrypted(edit.after) or (edit.before is not None and looks_encrypted(edit.before))


def rules_of(tree: Tree) -> Rules:
    """Return the creation rules of a tree: those of the `.sops.yaml` at its root alone."""
    try:
        return read_rules(tree.read(RULES_FILE))
    except NotFound:
        return read_rules(None)
