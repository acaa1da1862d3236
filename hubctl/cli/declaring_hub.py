"""The verbs of `hub` as declarations."""

from __future__ import annotations

import typer

from hubctl.cli import options as o
from hubctl.cli.invocation import Invocation, Parsed
from hubctl.commands import requests


def declare_hub(app: typer.Typer, parsed: Parsed) -> None:
    """Declare the verbs of `hub`."""
    hub_app = typer.Typer(help="Look at the hubs of the fleet.", no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(hub_app, name="hub")

    @hub_app.command("list")
    def hub_list(cluster: o.Cluster = None, *, json: o.Json = False) -> None:
        """Every hub with its domain, chart, stage and the files that feed it."""
        parsed.invocation = Invocation(requests.HubList(cluster=cluster), parsed.options, json=json)

    @hub_app.command("show")
    def hub_show(
        hub: o.OneHub, key_path: o.KeyPath = None, *, json: o.Json = False, no_chart: o.NoChart = False
    ) -> None:
        """The values Helm would compute for a hub, with the file and line that gives each."""
        cluster, _, name = hub.partition("/")
        if not cluster or not name:
            raise typer.BadParameter("write CLUSTER/HUB, as `hubctl hub list` does")
        request = requests.HubShow(cluster, name, key_path, chart=not no_chart)
        parsed.invocation = Invocation(request, parsed.options, json=json)
