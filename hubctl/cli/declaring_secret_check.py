"""`secret check` as a declaration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hubctl.cli import checks
from hubctl.cli import options as o
from hubctl.cli.invocation import Invocation, Parsed
from hubctl.commands import requests

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH…", help="only these files, whatever their names, and folders", show_default=False),
]
Staged = Annotated[bool, typer.Option("--staged", help="look at the index instead of the files on disk")]
Base = Annotated[
    str | None,
    typer.Option(
        "--base", metavar="REF", help="look at everything that commits since this one brought", show_default=False
    ),
]


def declare_secret_check(group: typer.Typer, parsed: Parsed) -> None:
    """Declare `secret check`."""

    @group.command("check")
    def secret_check(paths: Paths = None, *, staged: Staged = False, base: Base = None, json: o.Json = False) -> None:
        """Whether every secret file is really encrypted, to whom `.sops.yaml` says; needs no key and no sops."""
        checks.refuse_together(staged=staged, base=base is not None)
        absolute = checks.absolute(parsed.options.directory, paths)
        parsed.invocation = Invocation(requests.SecretCheck(absolute, staged, base), parsed.options, json=json)
