"""The verbs of `secret` as declarations."""

from __future__ import annotations

import typer

from hubctl.cli.invocation import Parsed


def declare_secret(app: typer.Typer, parsed: Parsed) -> None:  # noqa: ARG001  # the verbs that follow fill it in
    """Declare the verbs of `secret`."""
    group = typer.Typer(help="Store, change, rotate and check secrets.", no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(group, name="secret")
