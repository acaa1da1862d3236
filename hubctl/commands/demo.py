"""`hubctl demo`: the whole main job on the example fleet, told as the commands a user would type."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping

from hubctl.demo.stage import REPOSITORY, Stage, Step, staged
from hubctl.errors import HubctlError

REMOTE = "--git-dir=../remote.git"


def run(environment: Mapping[str, str]) -> Generator[Step]:
    """Play the story and yield each step when it is done; the last one is the pull request's text.

    A step that fails is yielded, too, then `HubctlError` is raised. Close the iterator (`contextlib.closing`)
    where it is not read to its end: that clears the stage away.
    """
    with staged(environment) as stage:
        for step in _story(stage):
            yield step
            if step.exit_code:
                raise HubctlError(f"`{step.command}` ended with exit code {step.exit_code}", code="demo-failed")


def _story(stage: Stage) -> Iterator[Step]:
    yield _told("an example fleet, 3 clusters with 8 hubs, in a git repository: where does it name images?")
    yield stage.hubctl("image", "list")
    yield _told("a registry knows newer tags: what would change? (nothing is written)")
    yield stage.hubctl("bump-image", "--dry-run")
    yield _told("one hub, with the reason for each choice")
    yield stage.hubctl("bump-image", "lagoon", "prod", "--explain", "--dry-run")
    yield _told("the same as a pull request; the checkout stays as it is")
    yield stage.hubctl("bump-image", "lagoon", "prod", "--open-pr", "--repo", REPOSITORY)
    if not stage.forge.pulls:
        raise HubctlError("the forge received no pull request", code="demo-failed")
    pull = stage.forge.pulls[-1]
    branch = pull["head"]["ref"]
    yield _told("what the remote has received")
    yield stage.git(REMOTE, "log", "--oneline", "--stat", f"main..{branch}")
    yield stage.git(REMOTE, "diff", "main", branch)
    received = f"{pull['title']}\n{branch} → {pull['base']['ref']}\n\n{pull['body']}"
    yield _told(f"the pull request, as POST /repos/{REPOSITORY}/pulls received it", received)


def _told(sentence: str, text: str = "") -> Step:
    """Return what the teller says between two commands; a shell would take it for a comment."""
    return Step(f"# {sentence}", text, 0)
