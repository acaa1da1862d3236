"""Whether a file is really encrypted, all of it, to the right recipients; without any key (pure).

Any doubt is a finding: what sops would accept, but cannot have written, is one, too. No finding holds a value, a part
of one, its length or a hash of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from hubctl.problem import Problem
from hubctl.secrets.catalogue import BY_NAME
from hubctl.secrets.creation_rules import CreationRule, Rules, rule_for
from hubctl.secrets.examining import WHOLE, Examined, examine
from hubctl.secrets.findings import Findings
from hubctl.secrets.reading import SOPS
from hubctl.secrets.recipients import drift


def verify(data: bytes, file: str, rules: Rules) -> tuple[Problem, ...]:
    """Return everything that is wrong in a secret file, by line; nothing for one that is clean.

    `file` is its path from the root of the repository, which the creation rules match and the findings name. What is
    wrong with the rules themselves is among the findings: a rule that cannot be read could be the file's own.
    """
    rule = rule_for(rules, file)
    found = Findings(file)
    examined = examine(data, file, found, rule.encrypting if rule else WHOLE)
    if rule is None and (rules.there or not rules.problems):
        found.add("no-rule", 1, "no rule of `.sops.yaml` matches it")
    if rule is not None and examined is not None:
        _compare(examined, rule, found)
    return tuple(sorted({*found.every(), *rules.problems}))


def verify_form(data: bytes, file: str) -> tuple[Problem, ...]:
    """Return what is wrong in a secret file taken by itself, whatever the creation rules say today.

    A file that is not called `enc-…` may leave in clear what its own metadata says.
    """
    found = Findings(file)
    examine(data, file, found, None)
    return found.every()


def is_clear(problems: Iterable[Problem]) -> bool:
    """Tell whether one of the problems says that something stands, or may stand, in clear."""
    return any(problem.rule in BY_NAME and BY_NAME[problem.rule].clear for problem in problems)


def _compare(examined: Examined, rule: CreationRule, found: Findings) -> None:
    """Compare what the file says of itself with its creation rule: they are two sources, and sops obeys the file."""
    metadata, line = examined.metadata, examined.line
    written = metadata.encrypting
    binary = examined.contents.store == "binary"  # sops 3.11 and later leaves out there what has no effect on one value
    if written is None and not binary:
        found.add(
            "metadata-rule",
            line,
            f"does not say what is encrypted, `.sops.yaml` gives `{rule.encrypting.key}`",
            (SOPS,),
        )
    if written not in (None, rule.encrypting):
        what = f"`{rule.encrypting.key}`" if written.key != rule.encrypting.key else f"another `{written.key}`"
        found.add("metadata-rule", line, f"has `{written.key}` where `.sops.yaml` gives {what}", (SOPS,))
    if metadata.mac_only_encrypted != rule.mac_only_encrypted and not (binary and rule.mac_only_encrypted):
        found.add("metadata-rule", line, "differs from `.sops.yaml` in `mac_only_encrypted`", (SOPS,))
    changed = drift(metadata.recipients, rule.recipients)
    if changed:
        found.add("recipients", line, f"other recipients than `.sops.yaml` names ({changed})", (SOPS,))
