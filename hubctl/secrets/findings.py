"""What is wrong in one secret file, collected: constants, lines and key paths, never a word of a value (pure)."""

from __future__ import annotations

from collections import Counter

from hubctl.problem import Problem
from hubctl.show import show
from hubctl.text.tree import Path
from hubctl.text.walk import with_key

MOST = 40  # findings of one rule that are listed one by one
_PATH_SHOWN = 160

# What to do, a sentence a rule; `docs/secret-check.md` has the whole of it.
MENDS: dict[str, str] = {
    "clear-comment": "remove it, and change what it tells; encrypted comments come from sops alone",
    "clear-key": "rename the key",
    "clear-value": "revoke the secret, store a new one with `hubctl secret set`",
    "duplicate-key": "keep one",
    "look-alike": "revoke the secret if it was one, store a new one with `hubctl secret set`",
    "metadata": "restore the file from git, change it with sops or `hubctl secret` alone",
    "metadata-rule": "restore the file from git, or encrypt it again under its rule",
    "no-metadata": "encrypt it: `hubctl secret set` makes the file; revoke what stood here in clear",
    "no-rule": "add a rule for it to `creation_rules` in the root `.sops.yaml`",
    "not-a-mapping": "restore the file from git, or remove it",
    "odd-key": "use a plain word as the key",
    "recipients": "`hubctl secret sync-recipients`, after a look at who changed what",
    "several-documents": "keep one document a file",
    "unreadable": "restore the file from git; revoke what stands in it in clear",
    "yaml-feature": "write out what it stands for, with `hubctl secret set`",
}


class Findings:
    """The findings of one file; of a rule that is broken more than forty times the rest is one finding."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: dict[tuple[str, int, str], Problem] = {}
        self._count: Counter[str] = Counter()
        self._beyond: dict[str, tuple[int, int]] = {}

    def add(self, rule: str, line: int, message: str, path: Path = ()) -> None:
        """Note a finding; `message` is a constant, or has key names that went through `show`."""
        self._count[rule] += 1
        if self._count[rule] > MOST:
            first, count = self._beyond.get(rule, (line, 0))
            self._beyond[rule] = (first, count + 1)
            return
        text = _path_text(path)
        said = f"`{text}`: {message}" if text else message
        self._found[rule, line, said] = Problem(self.file, line, rule, said, MENDS[rule], path=text)

    def every(self) -> tuple[Problem, ...]:
        """Return the findings by line."""
        rest = (
            Problem(self.file, line, rule, f"{count:,} more of the kind from this line on", MENDS[rule])
            for rule, (line, count) in self._beyond.items()
        )
        return tuple(sorted([*self._found.values(), *rest]))


def _path_text(path: Path) -> str:
    """Return a key path for people; items of lists stand with their index, for their names are secret, too."""
    text = ""
    for step in path:
        text = f"{text}[{step}]" if isinstance(step, int) else with_key(text, step)
    return show(text, _PATH_SHOWN)
