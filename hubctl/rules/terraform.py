"""What Terraform makes for a cluster on Google Cloud, as far as its variables say it (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hubctl.fleet.seen import Seen
from hubctl.rules.builders import PREFIX
from hubctl.rules.finding import Finding, shown
from hubctl.rules.prefixes import google_name

_TEXT_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|#[^\n]*|//[^\n]*|/\*.*?\*/', re.DOTALL)
_KEY = re.compile(r"^[ \t]*container_repos[ \t]*=[ \t]*(\[[^\]]*\])?", re.MULTILINE)
_NAMES = re.compile(r'\[\s*(?:"[^"\\$%]*"\s*,\s*)*(?:"[^"\\$%]*"\s*)?\]')


def variables_of(cluster: str) -> str:
    """Return where 2i2c's repository keeps the Terraform variables of a cluster."""
    return f"terraform/gcp/projects/{cluster}.tfvars"


def repositories(variables: str) -> frozenset[str] | None:
    """Return the names in `container_repos` of a `.tfvars` file, none without the key; None where it is no list."""
    text = _TEXT_OR_COMMENT.sub(lambda found: found[0] if found[0].startswith('"') else "", variables)
    found = _KEY.search(text)
    if found is None:
        return frozenset()
    listed = found[1] or ""
    return frozenset(re.findall(r'"([^"]*)"', listed)) if _NAMES.fullmatch(listed) else None


def container_repos(seen: Seen, variables: str | None) -> Iterator[Finding]:
    """Yield a finding where an image prefix on Artifact Registry names a repository that Terraform does not make."""
    name = google_name(seen)
    made = repositories(variables) if variables is not None else None
    if name is not None and made is not None and name not in made:
        message = f"Terraform makes no repository `{shown(name)}-registry` for this cluster"
        mend = f"add `{shown(name)}` to `container_repos` in `{variables_of(seen.hub.cluster)}`, or correct the prefix"
        yield Finding("container-repos", seen.spot(*PREFIX), message, mend, seen.hub.id)
