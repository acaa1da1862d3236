"""`hubctl bump-image` as a declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubctl.cli import checks
from hubctl.cli import options as o
from hubctl.cli.invocation import Invocation, Parsed
from hubctl.commands import requests

if TYPE_CHECKING:
    import typer


def declare_bump_image(app: typer.Typer, parsed: Parsed) -> None:
    """Declare `bump-image`."""

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
