"""The command line as declarations: parsing ends in an `Invocation`, nothing is done here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typer

from hubctl import __version__
from hubctl.cli import checks
from hubctl.cli import options as o
from hubctl.commands import requests

Request = (
    requests.BumpImage
    | requests.ImageList
    | requests.ImageNewest
    | requests.ImageTags
    | requests.HubList
    | requests.Doctor
    | requests.Demo
)


@dataclass(frozen=True, slots=True)
class Globals:
    """What stands before the verb."""

    directory: Path | None = None
    settings: Path | None = None
    quiet: bool = False
    verbose: bool = False
    color: bool = True


@dataclass(frozen=True, slots=True)
class Invocation:
    """One parsed command line: the request and how its report is to be shown."""

    request: Request
    options: Globals
    json: bool = False
    explain: bool = False
    yes: bool = False


@dataclass(slots=True)
class _Parsed:
    options: Globals = field(default_factory=Globals)
    invocation: Invocation | None = None


def parse(argv: Sequence[str] | None) -> Invocation | int:
    """Return what was asked for, or the exit code where typer already answered (help, version, usage errors)."""
    parsed = _Parsed()
    try:
        _app(parsed)(args=argv, prog_name="hubctl")
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
        return parsed.invocation if parsed.invocation and not code else code
    raise AssertionError("typer always exits")


def _app(parsed: _Parsed) -> typer.Typer:
    app = typer.Typer(
        help="Keeps the images of a fleet of JupyterHubs current, through pull requests a reviewer can trust.",
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    _declare_globals(app, parsed)
    _declare_bump_image(app, parsed)
    _declare_image(app, parsed)
    _declare_hub(app, parsed)
    _declare_others(app, parsed)
    return app


def _print_version(value: bool) -> None:  # noqa: FBT001  # typer calls an option's callback so
    if value:
        typer.echo(f"hubctl {__version__}")
        raise typer.Exit


def _declare_globals(app: typer.Typer, parsed: _Parsed) -> None:
    @app.callback()
    def global_options(
        *,
        directory: o.Directory = None,
        settings: o.SettingsFile = None,
        quiet: o.Quiet = False,
        verbose: o.Verbose = False,
        no_color: o.NoColor = False,
        _version: bool = typer.Option(
            False,  # noqa: FBT003  # typer's own form
            "--version",
            help="print the version and exit",
            is_eager=True,
            callback=_print_version,
        ),
    ) -> None:
        if quiet and verbose:
            raise typer.BadParameter("`--quiet` and `--verbose` exclude each other")
        parsed.options = Globals(directory, settings, quiet, verbose, not no_color)


def _declare_bump_image(app: typer.Typer, parsed: _Parsed) -> None:
    @app.command("bump-image")
    def bump_image(  # noqa: PLR0913  # one parameter a flag
        cluster: o.Cluster = None,
        hub: o.Hub = None,
        *,
        role: o.Roles = None,
        image: o.Image = None,
        to: o.To = None,
        pin: o.Pin = False,
        policy: o.PolicyText = None,
        min_age: o.MinimumAge = None,
        allow_downgrade: o.AllowDowngrade = False,
        dry_run: o.DryRun = False,
        check: o.Check = False,
        explain: o.Explain = False,
        yes: o.Yes = False,
        json: o.Json = False,
        offline: o.Offline = False,
        record: o.Record = None,
        replay: o.Replay = None,
        no_cache: o.NoCache = False,
        max_wait: o.MaxWait = 120.0,
        open_pr: o.OpenPr = False,
        print_pr: o.PrintPr = False,
        draft: o.Draft = False,
        label: o.Labels = None,
        reviewer: o.Reviewers = None,
        assignee: o.Assignees = None,
        again: o.Again = False,
        take_over: o.TakeOver = False,
        supersede_approved: o.SupersedeApproved = False,
        max_open: o.MostOpen = None,
        staging_first: o.StagingFirst = False,
        group: o.Group = None,
        remote: o.Remote = None,
        base: o.Base = None,
        repo: o.Repository = None,
    ) -> None:
        """Move images to their newest tag: finds the places, asks the registries, changes only the tag's bytes."""
        checks.refuse_together(open_pr=open_pr, print_pr=print_pr)
        checks.refuse_together(to=to, policy=policy)
        checks.refuse_together(pin=pin, to=to)
        checks.refuse_together(offline=offline, open_pr=open_pr)
        sources = checks.sources(
            parsed.options.directory,
            offline=offline,
            record=record,
            replay=replay,
            no_cache=no_cache,
            max_wait=max_wait,
        )
        proposing = requests.Proposing(
            open_pr=open_pr,
            print_pr=print_pr,
            draft=draft,
            labels=tuple(label or ()),
            reviewers=tuple(reviewer or ()),
            assignees=tuple(assignee or ()),
            again=again,
            take_over=take_over,
            supersede_approved=supersede_approved,
            most_open=max_open,
            staging_first=staging_first,
            group=group,
            remote=remote,
            base=base,
            repository=repo,
        )
        request = requests.BumpImage(
            cluster=cluster,
            hub=hub,
            roles=tuple(each.value for each in role or ()),
            image=image,
            to=to,
            policy=policy,
            minimum_age=checks.age(min_age),
            allow_downgrade=allow_downgrade,
            dry_run=dry_run,
            check=check,
            pin=pin,
            explain=explain,
            sources=sources,
            proposing=proposing,
        )
        parsed.invocation = Invocation(request, parsed.options, json=json, explain=explain, yes=yes)


def _declare_image(app: typer.Typer, parsed: _Parsed) -> None:
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


def _declare_questions(image_app: typer.Typer, parsed: _Parsed) -> None:
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


def _declare_hub(app: typer.Typer, parsed: _Parsed) -> None:
    hub_app = typer.Typer(help="Look at the hubs of the fleet.", no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(hub_app, name="hub")

    @hub_app.command("list")
    def hub_list(cluster: o.Cluster = None, *, json: o.Json = False) -> None:
        """Every hub with its domain, chart, stage and the files that feed it."""
        parsed.invocation = Invocation(requests.HubList(cluster=cluster), parsed.options, json=json)


def _declare_others(app: typer.Typer, parsed: _Parsed) -> None:
    @app.command("doctor")
    def doctor(*, registries: o.Registries = False, json: o.Json = False) -> None:
        """What hubctl found: the layout, the tools, the credentials (never their values)."""
        parsed.invocation = Invocation(requests.Doctor(registries=registries), parsed.options, json=json)

    @app.command("demo")
    def demo(*, json: o.Json = False) -> None:
        """The whole main job on an example fleet, without network or tokens."""
        parsed.invocation = Invocation(requests.Demo(), parsed.options, json=json)
