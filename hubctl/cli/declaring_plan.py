"""`plan` as a declaration."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from hubctl.cli import options as o
from hubctl.cli.invocation import Invocation, Parsed
from hubctl.commands import requests

Range = Annotated[
    str | None,
    typer.Argument(
        metavar="BASE..HEAD", help="what HEAD has since it left BASE; without it the work tree", show_default=False
    ),
]
Format = Annotated[
    Literal["text", "markdown", "json"] | None,
    typer.Option("--format", help="for a terminal, for a comment, or as `--json` (default: text)", show_default=False),
]


def declare_plan(app: typer.Typer, parsed: Parsed) -> None:
    """Declare `plan`."""

    @app.command("plan")
    def plan(commits: Range = None, *, form: Format = None, json: o.Json = False) -> None:
        """Which values a change sets, and which hubs are deployed when it is merged."""
        if json and form not in (None, "json"):
            raise typer.BadParameter(f"`--json` and `--format {form}` exclude each other")
        request = requests.PlanRange(commits, markdown=form == "markdown")
        parsed.invocation = Invocation(request, parsed.options, json=json or form == "json")
