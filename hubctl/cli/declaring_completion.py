"""`completion` as a declaration."""

from __future__ import annotations

from typing import Annotated

import typer

from hubctl.cli import options as o
from hubctl.cli.completing_scripts import Shell
from hubctl.cli.invocation import Invocation, Parsed
from hubctl.commands import requests

ShellName = Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish", show_default=False)]


def declare_completion(app: typer.Typer, parsed: Parsed) -> None:
    """Declare `completion`."""

    @app.command("completion")
    def completion(shell: ShellName, *, json: o.Json = False) -> None:
        """The script that completes verbs, flags, clusters, hubs, images and key paths in a shell."""
        parsed.invocation = Invocation(requests.Completion(shell), parsed.options, json=json)
