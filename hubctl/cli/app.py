"""The command line as declarations: parsing ends in an `Invocation`, nothing is done here."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from hubctl import __version__
from hubctl.cli import options as o
from hubctl.cli.declaring_bump import declare_bump_image
from hubctl.cli.declaring_completion import declare_completion
from hubctl.cli.declaring_hub import declare_hub
from hubctl.cli.declaring_init import declare_init
from hubctl.cli.declaring_looks import declare_image
from hubctl.cli.declaring_plan import declare_plan
from hubctl.cli.declaring_secret import declare_secret
from hubctl.cli.declaring_validate import declare_validate
from hubctl.cli.invocation import Globals, Invocation, Parsed
from hubctl.commands import requests


def parse(argv: Sequence[str] | None) -> Invocation | int:
    """Return what was asked for, or the exit code where typer already answered (help, version, usage errors)."""
    parsed = Parsed()
    try:
        _app(parsed)(args=argv, prog_name="hubctl")
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
        return parsed.invocation if parsed.invocation and not code else code
    raise AssertionError("typer always exits")


def _app(parsed: Parsed) -> typer.Typer:
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
    declare_bump_image(app, parsed)
    declare_image(app, parsed)
    declare_hub(app, parsed)
    declare_plan(app, parsed)
    declare_validate(app, parsed)
    declare_secret(app, parsed)
    declare_init(app, parsed)
    declare_completion(app, parsed)
    _declare_others(app, parsed)
    return app


def _print_version(value: bool) -> None:  # noqa: FBT001  # typer calls an option's callback so
    if value:
        typer.echo(f"hubctl {__version__}")
        raise typer.Exit


def _declare_globals(app: typer.Typer, parsed: Parsed) -> None:
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


def _declare_others(app: typer.Typer, parsed: Parsed) -> None:
    @app.command("doctor")
    def doctor(*, registries: o.Registries = False, json: o.Json = False) -> None:
        """What hubctl found: the layout, the tools, the credentials (never their values)."""
        parsed.invocation = Invocation(requests.Doctor(registries=registries), parsed.options, json=json)

    @app.command("demo")
    def demo(*, json: o.Json = False) -> None:
        """The whole main job on an example fleet, without network or tokens."""
        parsed.invocation = Invocation(requests.Demo(), parsed.options, json=json)
