"""What a change of a secret file starts from, checked before sops is started (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from hubctl.errors import HubctlError
from hubctl.problem import Problem
from hubctl.secrets.creation_rules import CreationRule, Rules, read_rules, rule_for
from hubctl.secrets.encrypted import Encrypted, read_encrypted
from hubctl.secrets.reading import read_contents
from hubctl.secrets.recipients import Recipients
from hubctl.secrets.verifier import verify
from hubctl.show import show

DRIFT = "recipients"


@dataclass(frozen=True)
class Source:
    """A secret file: `file` is its path from the root of the repository, `data` its ciphertext.

    `data` is None where the file is to be made; `rules_text` is the root `.sops.yaml`, None without one.
    """

    file: str
    data: bytes | None
    rules_text: bytes | None

    @cached_property
    def rules(self) -> Rules:
        """The creation rules as values."""
        return read_rules(self.rules_text)

    @property
    def ciphertext(self) -> bytes:
        """The bytes of a file that is there."""
        return self.data or b""

    @property
    def rule(self) -> CreationRule:
        """The rule of this file. HubctlError, code `sops-rules` or `no-rule`, where there is none that is sound."""
        if self.rules.problems:
            raise told(self.rules.problems[0])
        found = rule_for(self.rules, self.file)
        if found is None:
            mend = "add a rule for it to `creation_rules` in the root `.sops.yaml`"
            raise HubctlError(f"no rule of `.sops.yaml` matches `{show(self.file)}`", hint=mend, code="no-rule")
        return found

    @property
    def recipients(self) -> Recipients:
        """Those whom the file is encrypted to, or will be."""
        return self.rule.recipients if self.data is None else read_encrypted(self.data, self.file).recipients

    @property
    def vaults(self) -> frozenset[str]:
        """The addresses of HashiCorp Vault that the rule names; sops may ask no others."""
        return frozenset(one.identity[0] for one in self.rule.recipients.every if one.kind == "hc_vault")

    @property
    def kind(self) -> str:
        """The store of sops that the file is for: `yaml` or `json`."""
        return "json" if self.data is not None and read_contents(self.data, self.file).store != "yaml" else "yaml"

    def checked(self, *, drifted: bool = False) -> Encrypted:
        """Return the file as a value; HubctlError, with file, line and mend, where the verifier finds anything.

        `drifted` lets recipients differ from the rule's. The code is the name of the finding's rule.
        """
        data = self.ciphertext
        for problem in verify(data, self.file, self.rules):
            if not (drifted and problem.rule == DRIFT):
                raise told(problem)
        return read_encrypted(data, self.file)

    def with_data(self, data: bytes) -> Source:
        """Return the same file with other ciphertext."""
        return Source(self.file, data, self.rules_text)


def told(problem: Problem) -> HubctlError:
    """Return a finding as a refusal."""
    return HubctlError(
        f"{show(problem.file)}:{problem.line}: {problem.message} ({problem.rule})",
        hint=problem.mend,
        code=problem.rule,
    )
