"""The verbs of `secret registry` as declarations."""

from __future__ import annotations

from typing import Annotated

import typer

from hubctl.cli import checks, completing
from hubctl.cli import options as o
from hubctl.cli.invocation import Invocation, Parsed
from hubctl.cli.secret_flags import Cluster, FromFile, Hub, proposed, seen_from
from hubctl.commands import requests

OnlyCluster = Annotated[
    str | None,
    typer.Argument(
        metavar="CLUSTER",
        help="only the hubs of this cluster",
        show_default=False,
        autocompletion=completing.clusters,
    ),
]
OnlyHub = Annotated[
    str | None, typer.Argument(metavar="HUB", help="only this hub", show_default=False, autocompletion=completing.hubs)
]
Registry = Annotated[
    str, typer.Option("--registry", metavar="HOST", help="the registry's host, such as `quay.io`", show_default=False)
]
Username = Annotated[
    str,
    typer.Option(
        "--username", metavar="NAME", help="who logs in: `ORG+ROBOT` on quay.io, `_json_key`", show_default=False
    ),
]


def declare_secret_registry(group: typer.Typer, parsed: Parsed) -> None:
    """Declare the verbs of `secret registry` below the group `secret`."""
    registry = typer.Typer(
        help="The logins to registries: store, rotate, check.", no_args_is_help=True, rich_markup_mode=None
    )
    group.add_typer(registry, name="registry")
    _declare_set(registry, parsed)
    _declare_rotate(registry, parsed)
    _declare_check(registry, parsed)


def _declare_set(group: typer.Typer, parsed: Parsed) -> None:
    @group.command("set", context_settings={"allow_extra_args": True})
    @proposed
    def registry_set(  # noqa: PLR0913  # one parameter a flag
        ctx: typer.Context,
        cluster: Cluster,
        hub: Hub,
        *,
        registry: Registry,
        username: Username,
        from_file: FromFile = None,
        dry_run: o.DryRun = False,
        json: o.Json = False,
        proposing: requests.Proposing,
    ) -> None:
        """Store the login of a hub to a registry in every place that needs it; one hidden prompt, stdin or a file."""
        checks.refuse_values(ctx.args)
        request = requests.SecretRegistrySet(
            cluster, hub, registry, username, seen_from(parsed, from_file), dry_run, proposing
        )
        parsed.invocation = Invocation(request, parsed.options, json=json)


def _declare_rotate(group: typer.Typer, parsed: Parsed) -> None:
    @group.command("rotate", context_settings={"allow_extra_args": True})
    @proposed
    def registry_rotate(  # noqa: PLR0913  # one parameter a flag
        ctx: typer.Context,
        *,
        registry: Registry,
        username: Username,
        from_file: FromFile = None,
        dry_run: o.DryRun = False,
        json: o.Json = False,
        proposing: requests.Proposing,
    ) -> None:
        """Replace every copy of one password in the whole fleet, in one plan and one pull request."""
        checks.refuse_values(ctx.args)
        request = requests.SecretRegistryRotate(registry, username, seen_from(parsed, from_file), dry_run, proposing)
        parsed.invocation = Invocation(request, parsed.options, json=json)


def _declare_check(group: typer.Typer, parsed: Parsed) -> None:
    @group.command("check")
    def registry_check(cluster: OnlyCluster = None, hub: OnlyHub = None, *, json: o.Json = False) -> None:
        """Whether every user name has its password, all copies agree, and none stands in clear."""
        parsed.invocation = Invocation(requests.SecretRegistryCheck(cluster, hub), parsed.options, json=json)
