"""What several verbs of `secret` take: which hub, a file with the value, and the flags of pull requests."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from hubctl.cli import checks, completing
from hubctl.cli import options as o
from hubctl.cli.invocation import Parsed
from hubctl.commands.requests import Proposing

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
FromFile = Annotated[
    Path | None,
    typer.Option(
        "--from-file", metavar="FILE", help="take the value from this file, `-` for stdin", show_default=False
    ),
]


def seen_from(parsed: Parsed, file: Path | None) -> str | None:
    """Return the file as seen from the folder of `-C`; `-` stays what it is."""
    if file is None or str(file) == "-":
        return None if file is None else "-"
    return str((parsed.options.directory or Path()) / file)


def _proposing(  # noqa: PLR0913  # one parameter a flag
    *,
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
) -> Proposing:
    """Return how a secret's pull request is made; BadParameter where it is to be opened and printed."""
    checks.refuse_together(open_pr=open_pr, print_pr=print_pr)
    return Proposing(
        open_pr=open_pr,
        print_pr=print_pr,
        draft=draft,
        labels=tuple(label or ()),
        reviewers=tuple(reviewer or ()),
        assignees=tuple(assignee or ()),
        take_over=take_over,
        supersede_approved=supersede_approved,
        remote=remote,
        base=base,
        repository=repo,
    )


def proposed(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that takes the flags of pull requests and passes them on as one value, `proposing`.

    typer reads the flags from the signature, so there they stand one by one.
    """
    flags = inspect.signature(_proposing, eval_str=True).parameters
    own = inspect.signature(command, eval_str=True)

    @functools.wraps(command)
    def with_flags(*words: object, **given: object) -> None:
        proposing = _proposing(**{name: given.pop(name) for name in flags})  # type: ignore[arg-type]  # typer's values
        command(*words, **given, proposing=proposing)

    kept = [parameter for name, parameter in own.parameters.items() if name != "proposing"]
    shown = own.replace(parameters=[*kept, *flags.values()])
    with_flags.__signature__ = shown  # type: ignore[attr-defined]  # what `inspect` looks for
    with_flags.__annotations__ = {name: parameter.annotation for name, parameter in shown.parameters.items()}
    return with_flags
