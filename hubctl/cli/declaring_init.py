"""`init` as a declaration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from hubctl.cli import options as o
from hubctl.cli.invocation import Invocation, Parsed
from hubctl.commands import requests

Sops = Annotated[bool, typer.Option("--sops", help="also a `.sops.yaml`, which says who can open secrets")]
Age = Annotated[
    list[str] | None,
    typer.Option(
        "--age",
        metavar="RECIPIENT",
        help="with `--sops`: a public key of age that can open them; repeatable",
        show_default=False,
    ),
]


def declare_init(app: typer.Typer, parsed: Parsed) -> None:
    """Declare `init`."""

    @app.command("init", context_settings={"allow_extra_args": True})
    def init(
        context: typer.Context, *, sops: Sops = False, age: Age = None, dry_run: o.DryRun = False, json: o.Json = False
    ) -> None:
        """Settings with comments, pre-commit hooks and a workflow, where this repository has none."""
        recipients = _recipients(age or (), context.args)
        if context.args:
            raise typer.BadParameter("`init` takes flags alone; each recipient stands behind an `--age` of its own")
        if recipients and not sops:
            raise typer.BadParameter("`--age` says who can open secrets in a `.sops.yaml`: add `--sops`")
        if sops and not recipients:
            raise typer.BadParameter("`--sops` needs to know who can open secrets: `--age RECIPIENT`, a public key")
        request = requests.Init(dry_run=dry_run, recipients=recipients)
        parsed.invocation = Invocation(request, parsed.options, json=json)


def _recipients(age: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Return the public keys; where a private one was typed, by mistake, the command line is refused unrepeated."""
    if not age and not others:
        return ()
    from hubctl.errors import HubctlError  # noqa: PLC0415  # read only where something was given
    from hubctl.secrets.typed_recipients import refuse_private, typed_recipients  # noqa: PLC0415  # the same

    try:
        refuse_private(others)
        return typed_recipients(age)
    except HubctlError as error:
        raise typer.BadParameter(error.message) from None
