"""Answers to a shell that asks what a word may become: one a line, never an error, never on stderr."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import typer  # noqa: TC002  # typer reads the annotations of what it calls

if TYPE_CHECKING:
    from hubctl.adapters.files import WorkTree

VARIABLE = "_HUBCTL_COMPLETE"  # set by the scripts; its name is typer's rule
_BREAKS = frozenset("=:")  # characters at which bash cuts a word in pieces (COMP_WORDBREAKS)
_ROOTS = (".git", "config/clusters", "hubctl.yaml")
_MOST_FILES = 25_000  # of one folder and all below it: nobody waits longer for a Tab


def answer(parse: Callable[[Sequence[str]], object]) -> int:
    """Print the words that complete the command line in the environment, and return 0 whatever happens.

    `parse` reads a command line as typer does; typer itself sees that it is asked to complete. A shell shows what a
    completion prints in the middle of what is being typed, so nothing else is ever printed.
    """
    found = io.StringIO()
    cut = _rejoin()
    try:
        with redirect_stdout(found), redirect_stderr(io.StringIO()):
            from typer.completion import get_completion_inspect_parameters  # noqa: PLC0415  # only here

            get_completion_inspect_parameters()  # makes the shells known, as `add_completion` would
            parse(())
        words = [word[cut:] for word in found.getvalue().splitlines() if word.isprintable()]
        sys.stdout.write("".join(f"{word}\n" for word in words))
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt):  # noqa: BLE001  # a prompt is no place for a message
        sys.stdout = None  # what could not be written is not tried again at the end
    return 0


def _rejoin() -> int:
    """Put together in the environment what bash cut at `=` and `:`; return how much of each answer it has already."""
    words = os.environ.get("COMP_WORDS", "").split("\n")
    index = os.environ.get("COMP_CWORD", "")
    if len(words) < 2 or not index.isdecimal() or not 0 < int(index) <= len(words):
        return 0
    raw = [*words, ""][int(index)]
    whole: list[str] = []
    glue = False
    for word in [*words, ""][: int(index) + 1]:
        breaks = bool(word) and set(word) <= _BREAKS
        if whole and (breaks or glue):
            whole[-1] += word
        else:
            whole.append(word)
        glue = breaks
    os.environ |= {"COMP_WORDS": "\n".join(whole), "COMP_CWORD": str(len(whole) - 1)}
    last = whole[-1]
    value = last.partition("=")[2] if last.startswith("--") and "=" in last else last
    return max(len(value) - (0 if set(raw) <= _BREAKS else len(raw)), 0)


def clusters(ctx: typer.Context, incomplete: str) -> Sequence[str]:
    """Return the clusters that a word may be."""
    from hubctl.commands import completion  # noqa: PLC0415  # loaded to answer, not to declare

    return [name for name in completion.clusters(_tree(ctx)) if name.startswith(incomplete)]


def hubs(ctx: typer.Context, incomplete: str) -> Sequence[str]:
    """Return the hubs of the cluster before it that a word may be."""
    from hubctl.commands import completion  # noqa: PLC0415  # the same

    return [name for name in completion.hubs(_tree(ctx), ctx.params["cluster"] or "") if name.startswith(incomplete)]


def hub_words(ctx: typer.Context, incomplete: str) -> Sequence[str]:
    """Return the `CLUSTER/HUB` that a word may be."""
    from hubctl.commands import completion  # noqa: PLC0415  # the same

    return completion.hub_words(_tree(ctx), incomplete)


def image_names(ctx: typer.Context, incomplete: str) -> Sequence[str]:
    """Return the images of the selected cluster, else of all, that a word may be."""
    from hubctl.commands import completion  # noqa: PLC0415  # the same

    # An option that still lacks its value keeps typer from telling what the words before it are.
    cluster = ctx.params.get("cluster") or next(iter(ctx.args), None)
    return completion.image_names(_tree(ctx), cluster, incomplete)


def key_paths(ctx: typer.Context, incomplete: str) -> Sequence[str]:
    """Return the key paths in the values of the hub before it that a word may be."""
    from hubctl.commands import completion  # noqa: PLC0415  # the same

    cluster, _, hub = (ctx.params["hub"] or "").partition("/")
    return completion.key_paths(_tree(ctx), cluster, hub, incomplete)


def _tree(ctx: typer.Context) -> WorkTree:
    """The work tree that the command would run in, found without asking git."""
    from hubctl.adapters.files import WorkTree  # noqa: PLC0415  # the same

    start = Path(ctx.find_root().params.get("directory") or ".").resolve()
    for mark in (_ROOTS[:1], _ROOTS[1:]):
        for folder in (start, *start.parents) if start.is_dir() else ():
            if any((folder / name).exists() for name in mark):
                return WorkTree(folder, _MOST_FILES)
    return WorkTree(start, _MOST_FILES)
