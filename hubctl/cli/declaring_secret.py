"""The verbs of `secret` as declarations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hubctl.cli import checks
from hubctl.cli import options as o
from hubctl.cli.declaring_secret_check import declare_secret_check
from hubctl.cli.declaring_secret_registry import declare_secret_registry
from hubctl.cli.invocation import Invocation, Parsed
from hubctl.cli.secret_flags import Cluster, FromFile, Hub, proposed, seen_from
from hubctl.commands import requests

KeyPath = Annotated[
    str, typer.Argument(metavar="KEYPATH", help="the key, without the chart's prefix", show_default=False)
]
Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH…", help="only these files and folders", show_default=False),
]
Show = Annotated[bool, typer.Option("--show", help="print it on a terminal, too")]
CheckDrift = Annotated[bool, typer.Option("--check", help="write nothing, exit 8 where recipients differ")]


def declare_secret(app: typer.Typer, parsed: Parsed) -> None:
    """Declare the verbs of `secret`."""
    group = typer.Typer(help="Store, change, rotate and check secrets.", no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(group, name="secret")
    _declare_set(group, parsed)
    _declare_get(group, parsed)
    _declare_unset(group, parsed)
    _declare_rotate(group, parsed)
    _declare_sync(group, parsed)
    declare_secret_check(group, parsed)
    declare_secret_registry(group, parsed)


def _declare_set(group: typer.Typer, parsed: Parsed) -> None:
    @group.command("set", context_settings={"allow_extra_args": True})
    @proposed
    def secret_set(  # noqa: PLR0913  # one parameter a flag
        ctx: typer.Context,
        cluster: Cluster,
        hub: Hub,
        key_path: KeyPath,
        *,
        from_file: FromFile = None,
        dry_run: o.DryRun = False,
        json: o.Json = False,
        proposing: requests.Proposing,
    ) -> None:
        """Store or change one secret of a hub; the value comes from a hidden prompt, stdin or a file."""
        checks.refuse_values(ctx.args)
        request = requests.SecretSet(cluster, hub, key_path, seen_from(parsed, from_file), dry_run, proposing)
        parsed.invocation = Invocation(request, parsed.options, json=json)


def _declare_get(group: typer.Typer, parsed: Parsed) -> None:
    @group.command("get")
    def secret_get(cluster: Cluster, hub: Hub, key_path: KeyPath, *, show: Show = False, json: o.Json = False) -> None:
        """Write one secret of a hub on stdout, exactly as it is stored."""
        request = requests.SecretGet(cluster, hub, key_path, show=show)
        parsed.invocation = Invocation(request, parsed.options, json=json)


def _declare_unset(group: typer.Typer, parsed: Parsed) -> None:
    @group.command("unset")
    @proposed
    def secret_unset(  # noqa: PLR0913  # one parameter a flag
        cluster: Cluster,
        hub: Hub,
        key_path: KeyPath,
        *,
        dry_run: o.DryRun = False,
        json: o.Json = False,
        proposing: requests.Proposing,
    ) -> None:
        """Remove one secret of a hub, and the mappings that it leaves empty."""
        request = requests.SecretUnset(cluster, hub, key_path, dry_run, proposing)
        parsed.invocation = Invocation(request, parsed.options, json=json)


def _declare_rotate(group: typer.Typer, parsed: Parsed) -> None:
    @group.command("rotate")
    @proposed
    def secret_rotate(
        cluster: Cluster,
        hub: Hub,
        *,
        dry_run: o.DryRun = False,
        json: o.Json = False,
        proposing: requests.Proposing,
    ) -> None:
        """Encrypt every secret file of a hub anew, with another data key."""
        request = requests.SecretRotate(cluster, hub, dry_run, proposing)
        parsed.invocation = Invocation(request, parsed.options, json=json)


def _declare_sync(group: typer.Typer, parsed: Parsed) -> None:
    @group.command("sync-recipients")
    @proposed
    def secret_sync_recipients(
        paths: Paths = None,
        *,
        check: CheckDrift = False,
        dry_run: o.DryRun = False,
        json: o.Json = False,
        proposing: requests.Proposing,
    ) -> None:
        """Encrypt secret files to the recipients that `.sops.yaml` names, or list where they differ."""
        checks.refuse_together(check=check, dry_run=dry_run)
        checks.refuse_together(check=check, open_pr=proposing.open_pr, print_pr=proposing.print_pr)
        absolute = checks.absolute(parsed.options.directory, paths)
        request = requests.SecretSync(absolute, check, dry_run, proposing)
        parsed.invocation = Invocation(request, parsed.options, json=json)
