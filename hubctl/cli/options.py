"""The flags of the command line, declared once and shared by the verbs that take them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from hubctl.cli import completing

GroupName: TypeAlias = Literal["hub", "cluster", "image", "all"]


class RoleName(StrEnum):
    """What `--role` takes; an enumeration, because typer reads lists of nothing else that is closed."""

    USER = "user"
    HUB = "hub"
    SIDECAR = "sidecar"
    SERVICE = "service"
    ALL = "all"


Cluster = Annotated[
    str | None,
    typer.Argument(
        help="only places in files that feed this cluster", show_default=False, autocompletion=completing.clusters
    ),
]
Hub = Annotated[
    str | None,
    typer.Argument(help="only places in files that feed this hub", show_default=False, autocompletion=completing.hubs),
]
OneHub = Annotated[
    str,
    typer.Argument(metavar="CLUSTER/HUB", help="which hub", show_default=False, autocompletion=completing.hub_words),
]
KeyPath = Annotated[
    str | None,
    typer.Argument(
        metavar="KEYPATH",
        help="only the value at this key path",
        show_default=False,
        autocompletion=completing.key_paths,
    ),
]
NoChart = Annotated[bool, typer.Option("--no-chart", help="leave the defaults of charts out")]
Roles = Annotated[
    list[RoleName] | None,
    typer.Option("--role", help="roles instead of `user`; repeatable, `all` for every role", show_default=False),
]
Ref = Annotated[
    str,
    typer.Argument(metavar="REF", help="an image, as `docker pull` takes it: name, tag, digest", show_default=False),
]
Image = Annotated[
    str | None,
    typer.Option(
        "--image",
        metavar="NAME",
        help="only this image, whatever its role",
        autocompletion=completing.image_names,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object on stdout")]

To = Annotated[str | None, typer.Option("--to", metavar="TAG", help="exactly this tag; it may have another shape")]
Pin = Annotated[bool, typer.Option("--pin", help="write the fixed twin of a tag that moves by itself")]
PolicyText = Annotated[
    str | None,
    typer.Option("--policy", metavar="P", help="what may stand after `# hubctl:`, for example `newest`"),
]
MinimumAge = Annotated[
    str | None,
    typer.Option("--min-age", metavar="AGE", help="only tags at least this old: `7d`, `12h`, a bare number is days"),
]
AllowDowngrade = Annotated[bool, typer.Option("--allow-downgrade", help="accept an older tag")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="print the unified diff, write nothing")]
Check = Annotated[bool, typer.Option("--check", help="write nothing, exit 8 where something would change")]
Explain = Annotated[bool, typer.Option("--explain", help="print every candidate and why it lost")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="do not ask before writing")]
MaxWait = Annotated[
    float,
    typer.Option("--max-wait", metavar="SECONDS", min=0, help="all waiting for limits together; 0 waits for nothing"),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="use nothing that earlier runs kept, keep nothing")]
Offline = Annotated[bool, typer.Option("--offline", help="ask no registry: only what earlier runs kept")]
Record = Annotated[
    Path | None,
    typer.Option("--record", metavar="FILE", help="write the registries' answers into this file", show_default=False),
]
Replay = Annotated[
    Path | None,
    typer.Option("--replay", metavar="FILE", help="answer from such a file, ask no registry", show_default=False),
]
Registries = Annotated[bool, typer.Option("--registries", help="try the login of each registry, too")]

OpenPr = Annotated[bool, typer.Option("--open-pr", help="propose the change as a pull request; touches no checkout")]
PrintPr = Annotated[bool, typer.Option("--print-pr", help="print the pull request's text; needs no token")]
Draft = Annotated[bool, typer.Option("--draft", help="open it as a draft")]
Labels = Annotated[list[str] | None, typer.Option("--label", metavar="L", help="add this label; repeatable")]
Reviewers = Annotated[
    list[str] | None,
    typer.Option("--reviewer", metavar="R", help="ask this user or ORG/TEAM to review; repeatable"),
]
Assignees = Annotated[list[str] | None, typer.Option("--assignee", metavar="U", help="assign this user; repeatable")]
Again = Annotated[bool, typer.Option("--again", help="propose once more what was declined or taken back")]
TakeOver = Annotated[bool, typer.Option("--take-over", help="rebuild a branch that people committed to, too")]
SupersedeApproved = Annotated[
    bool, typer.Option("--supersede-approved", help="rebuild an approved pull request for a newer tag, too")
]
MostOpen = Annotated[
    int | None,
    typer.Option("--max-open", metavar="N", min=0, help="open no more while so many are (default: 10)"),
]
StagingFirst = Annotated[
    bool, typer.Option("--staging-first", help="move hubs of production only after staging has had the tag")
]
Group = Annotated[
    GroupName | None,
    typer.Option("--group", help="one pull request for each of these (default: cluster)", show_default=False),
]
Remote = Annotated[str | None, typer.Option("--remote", metavar="NAME", help="the git remote to push to")]
Base = Annotated[str | None, typer.Option("--base", metavar="BRANCH", help="the branch to propose to")]
Repository = Annotated[str | None, typer.Option("--repo", metavar="OWNER/NAME", help="the repository to propose to")]

Directory = Annotated[
    Path | None,
    typer.Option("-C", metavar="DIR", help="run as if started in this folder", show_default=False),
]
SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help="read these settings above all others", show_default=False),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="print no talk, only data and errors")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="say also what was skipped, with the reason")]
NoColor = Annotated[bool, typer.Option("--no-color", help="never colour the output")]
