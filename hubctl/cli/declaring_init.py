"""`init` as a declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubctl.cli import options as o
from hubctl.cli.invocation import Invocation, Parsed
from hubctl.commands import requests

if TYPE_CHECKING:
    import typer


def declare_init(app: typer.Typer, parsed: Parsed) -> None:
    """Declare `init`."""

    @app.command("init")
    def init(*, dry_run: o.DryRun = False, json: o.Json = False) -> None:
        """Settings with comments, a pre-commit hook and a workflow, where this repository has none."""
        parsed.invocation = Invocation(requests.Init(dry_run=dry_run), parsed.options, json=json)
