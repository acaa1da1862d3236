"""The verbs of `image` as declarations."""

from __future__ import annotations

import typer

from hubctl.cli import checks
from hubctl.cli import options as o
from hubctl.cli.invocation import Invocation, Parsed
from hubctl.commands import requests


def declare_image(app: typer.Typer, parsed: Parsed) -> None:
    """Declare the verbs of `image`."""
    image_app = typer.Typer(
        help="Look at images: the fleet's, the registries'.", no_args_is_help=True, rich_markup_mode=None
    )
    app.add_typer(image_app, name="image")

    @image_app.command("list")
    def image_list(
        cluster: o.Cluster = None,
        hub: o.Hub = None,
        *,
        role: o.Roles = None,
        image: o.Image = None,
        json: o.Json = False,
    ) -> None:
        """Every place where an image is written: file, line, key path, role, and the hubs it reaches."""
        request = requests.ImageList(
            cluster=cluster, hub=hub, roles=tuple(each.value for each in role or ()), image=image
        )
        parsed.invocation = Invocation(request, parsed.options, json=json)

    _declare_questions(image_app, parsed)


def _declare_questions(image_app: typer.Typer, parsed: Parsed) -> None:
    @image_app.command("newest")
    def image_newest(  # noqa: PLR0913  # one parameter a flag
        ref: o.Ref,
        *,
        policy: o.PolicyText = None,
        explain: o.Explain = False,
        json: o.Json = False,
        offline: o.Offline = False,
        record: o.Record = None,
        replay: o.Replay = None,
        no_cache: o.NoCache = False,
        max_wait: o.MaxWait = 120.0,
    ) -> None:
        """The newest tag that may follow a reference, and why; needs no repository."""
        sources = checks.sources(
            parsed.options.directory,
            offline=offline,
            record=record,
            replay=replay,
            no_cache=no_cache,
            max_wait=max_wait,
        )
        request = requests.ImageNewest(ref, policy=policy, sources=sources)
        parsed.invocation = Invocation(request, parsed.options, json=json, explain=explain)

    @image_app.command("tags")
    def image_tags(  # noqa: PLR0913  # one parameter a flag
        ref: o.Ref,
        *,
        json: o.Json = False,
        offline: o.Offline = False,
        record: o.Record = None,
        replay: o.Replay = None,
        no_cache: o.NoCache = False,
        max_wait: o.MaxWait = 120.0,
    ) -> None:
        """Every tag a registry has of an image: date, digest, shape, the newest first; needs no repository."""
        sources = checks.sources(
            parsed.options.directory,
            offline=offline,
            record=record,
            replay=replay,
            no_cache=no_cache,
            max_wait=max_wait,
        )
        parsed.invocation = Invocation(requests.ImageTags(ref, sources=sources), parsed.options, json=json)
