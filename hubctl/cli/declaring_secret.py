"""The verbs of `secret` as declarations."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from hubctl.cli import checks, completing
from hubctl.cli import options as o
from hubctl.cli.declaring_secret_check import declare_secret_check
from hubctl.cli.declaring_secret_registry import declare_secret_registry
from hubctl.cli.invocation import Invocation, Parsed
from hubctl.commands import requests

Cluster = Annotated[
    str,
    typer.Argument(
        metavar="CLUSTER", help="the cluster's folder", show_default=False, autocompletion=completing.clusters
    ),
]
Hub = Annotated[
    str,
    typer.Argument(
        metavar="HUB", help="the hub's name in its `cluster.yaml`", show_default=False, autocompletion=completing.hubs
    ),
]
KeyPath = Annotated[
    str, typer.Argument(metavar="KEYPATH", help="the key, without the chart's prefix", show_default=False)
]
FromFile = Annotated[
    Path | None,
    typer.Option(
        "--from-file", metavar="FILE", help="take the value from this file, `-` for stdin", show_default=False
    ),
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
    def secret_set(  # noqa: PLR0913  # one parameter a flag
        ctx: typer.Context,
        cluster: Cluster,
        hub: Hub,
        key_path: KeyPath,
        *,
        from_file: FromFile = None,
        dry_run: o.DryRun = False,
        json: o.Json = False,
        open_pr: o.OpenPr = False,
        print_pr: o.PrintPr = False,
        draft: o.Draft = False,
        label: o.Labels = None,
        reviewer: o.Reviewers = None,
        assignee: o.Assignees = None,
        take_over: o.TakeOver = False,
        supersede_approved: o.SupersedeApproved = False,
        remote: o.Remote = None,
        base: o.Base = None,
        repo: o.Repository = None,
    ) -> None:
        """Store or change one secret of a hub; the value comes from a hidden prompt, stdin or a file."""
        checks.refuse_values(ctx.args)
        proposing = checks.proposing(
            open_pr=open_pr,
            print_pr=print_pr,
            draft=draft,
            label=label,
            reviewer=reviewer,
            assignee=assignee,
            take_over=take_over,
            supersede_approved=supersede_approved,
            remote=remote,
            base=base,
            repo=repo,
        )
        request = requests.SecretSet(cluster, hub, key_path, _seen_from(parsed, from_file), dry_run, proposing)
        parsed.invocation = Invocation(request, parsed.options, json=json)


def _declare_get(group: typer.Typer, parsed: Parsed) -> None:
    @group.command("get")
    def secret_get(cluster: Cluster, hub: Hub, key_path: KeyPath, *, show: Show = False, json: o.Json = False) -> None:
        """Write one secret of a hub on stdout, exactly as it is stored."""
        request = requests.SecretGet(cluster, hub, key_path, show=show)
        parsed.invocation = Invocation(request, parsed.options, json=json)


def _declare_unset(group: typer.Typer, parsed: Parsed) -> None:
    @group.command("unset")
    def secret_unset(  # noqa: PLR0913  # one parameter a flag
        cluster: Cluster,
        hub: Hub,
        key_path: KeyPath,
        *,
        dry_run: o.DryRun = False,
        json: o.Json = False,
        open_pr: o.OpenPr = False,
        print_pr: o.PrintPr = False,
        draft: o.Draft = False,
        label: o.Labels = None,
        reviewer: o.Reviewers = None,
        assignee: o.Assignees = None,
        take_over: o.TakeOver = False,
        supersede_approved: o.SupersedeApproved = False,
        remote: o.Remote = None,
        base: o.Base = None,
        repo: o.Repository = None,
    ) -> None:
        """Remove one secret of a hub, and the mappings that it leaves empty."""
        proposing = checks.proposing(
            open_pr=open_pr,
            print_pr=print_pr,
            draft=draft,
            label=label,
            reviewer=reviewer,
            assignee=assignee,
            take_over=take_over,
            supersede_approved=supersede_approved,
            remote=remote,
            base=base,
            repo=repo,
        )
        request = requests.SecretUnset(cluster, hub, key_path, dry_run, proposing)
        parsed.invocation = Invocation(request, parsed.options, json=json)


def _declare_rotate(group: typer.Typer, parsed: Parsed) -> None:
    @group.command("rotate")
    def secret_rotate(  # noqa: PLR0913  # one parameter a flag
        cluster: Cluster,
        hub: Hub,
        *,
        dry_run: o.DryRun = False,
        json: o.Json = False,
        open_pr: o.OpenPr = False,
        print_pr: o.PrintPr = False,
        draft: o.Draft = False,
        label: o.Labels = None,
        reviewer: o.Reviewers = None,
        assignee: o.Assignees = None,
        take_over: o.TakeOver = False,
        supersede_approved: o.SupersedeApproved = False,
        remote: o.Remote = None,
        base: o.Base = None,
        repo: o.Repository = None,
    ) -> None:
        """Encrypt every secret file of a hub anew, with another data key."""
        proposing = checks.proposing(
            open_pr=open_pr,
            print_pr=print_pr,
            draft=draft,
            label=label,
            reviewer=reviewer,
            assignee=assignee,
            take_over=take_over,
            supersede_approved=supersede_approved,
            remote=remote,
            base=base,
            repo=repo,
        )
        request = requests.SecretRotate(cluster, hub, dry_run, proposing)
        parsed.invocation = Invocation(request, parsed.options, json=json)


def _declare_sync(group: typer.Typer, parsed: Parsed) -> None:
    @group.command("sync-recipients")
    def secret_sync_recipients(  # noqa: PLR0913  # one parameter a flag
        paths: Paths = None,
        *,
        check: CheckDrift = False,
        dry_run: o.DryRun = False,
        json: o.Json = False,
        open_pr: o.OpenPr = False,
        print_pr: o.PrintPr = False,
        draft: o.Draft = False,
        label: o.Labels = None,
        reviewer: o.Reviewers = None,
        assignee: o.Assignees = None,
        take_over: o.TakeOver = False,
        supersede_approved: o.SupersedeApproved = False,
        remote: o.Remote = None,
        base: o.Base = None,
        repo: o.Repository = None,
    ) -> None:
        """Encrypt secret files to the recipients that `.sops.yaml` names, or list where they differ."""
        checks.refuse_together(check=check, dry_run=dry_run)
        checks.refuse_together(check=check, open_pr=open_pr, print_pr=print_pr)
        proposing = checks.proposing(
            open_pr=open_pr,
            print_pr=print_pr,
            draft=draft,
            label=label,
            reviewer=reviewer,
            assignee=assignee,
            take_over=take_over,
            supersede_approved=supersede_approved,
            remote=remote,
            base=base,
            repo=repo,
        )
        start = parsed.options.directory or Path()
        # Absolute as typed: the root is not known yet, and a link stays what it is called.
        absolute = tuple(os.path.abspath(start / path) for path in paths or ())  # noqa: PTH100  # `resolve` follows links
        request = requests.SecretSync(absolute, check, dry_run, proposing)
        parsed.invocation = Invocation(request, parsed.options, json=json)


def _seen_from(parsed: Parsed, file: Path | None) -> str | None:
    """Return the file as seen from the folder of `-C`; `-` stays what it is."""
    if file is None or str(file) == "-":
        return None if file is None else "-"
    return str((parsed.options.directory or Path()) / file)
