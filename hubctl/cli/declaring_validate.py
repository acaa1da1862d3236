"""`validate` as a declaration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from hubctl.cli import checks
from hubctl.cli import options as o
from hubctl.cli.invocation import Invocation, Parsed
from hubctl.commands import requests

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH…", help="tell only what is wrong in these files and folders", show_default=False),
]
Base = Annotated[
    str | None,
    typer.Option("--base", metavar="REF", help="tell only what is new since HEAD left this commit", show_default=False),
]
Format = Annotated[
    Literal["text", "json", "github"] | None,
    typer.Option("--format", help="lines, as `--json`, or annotations of GitHub Actions", show_default=False),
]
Rules = Annotated[bool, typer.Option("--rules", help="list the rules instead")]


def declare_validate(app: typer.Typer, parsed: Parsed) -> None:
    """Declare `validate`."""

    @app.command("validate")
    def validate(
        paths: Paths = None, *, base: Base = None, form: Format = None, rules: Rules = False, json: o.Json = False
    ) -> None:
        """What is wrong in the fleet: `cluster.yaml` and values against schemas and house rules, with file and line."""
        if json and form not in (None, "json"):
            raise typer.BadParameter(f"`--json` and `--format {form}` exclude each other")
        absolute = checks.absolute(parsed.options.directory, paths)
        request = requests.Validate(absolute, base, annotate=form == "github", rules=rules)
        parsed.invocation = Invocation(request, parsed.options, json=json or form == "json")
