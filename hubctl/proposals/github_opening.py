"""Opening a pull request on GitHub: once, whatever becomes of the answer, and why it could not be opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import quote, urlsplit

from hubctl.errors import RemoteRefused
from hubctl.proposals import github_values as values
from hubctl.proposals.forge import AlreadyExists, NewPullRequest, NoCommits, PullRequest
from hubctl.proposals.github_api import Api
from hubctl.proposals.github_refusal import MissingRight, Unprocessable
from hubctl.proposals.github_settling import settled
from hubctl.show import show

_RACES: Final = (
    "pull request already exists", "reference already exists", "reference does not exist", "not a fast forward",
)  # fmt: skip


def create(
    api: Api, new: NewPullRequest, standing: Callable[[], PullRequest | None]
) -> PullRequest | NoCommits | AlreadyExists:
    """Open a pull request; after a lost answer `standing` looks it up before it is sent again.

    A branch that GitHub does not know yet is looked for twice more. After a lost answer, what exists already is
    most likely what was just opened. Raises AuthNeeded and RemoteRefused.
    """
    body: dict[str, object] = {
        "title": new.title,
        "body": new.body,
        "head": new.head,
        "base": new.base,
        "draft": new.draft,
        "maintainer_can_modify": new.maintainer_can_modify,
    }
    if new.head_repository is not None:
        body["head_repo"] = new.head_repository
    lost: list[bool] = []

    def look() -> PullRequest | None:
        lost.append(True)
        return standing()

    try:
        return settled(api.patience, lambda: _sent(api, body), look, lambda refused: about(refused, "head"))
    except Unprocessable as refused:
        if refused.refusal.says(*_RACES):
            return (standing() if lost else None) or AlreadyExists()
        if refused.refusal.says("no commits between"):
            return NoCommits()
        raise _explained(refused, new, api.repository) from None
    except MissingRight as refused:
        raise _with_compare_url(refused, compare_url(api.address, api.repository, new)) from None


def _sent(api: Api, body: dict[str, object]) -> PullRequest:
    path = f"{api.repository_path()}/pulls"
    try:
        return values.pull_request(api.write("POST", path, body))
    except Unprocessable as refused:
        if not refused.refusal.says("fork collab can't be granted") or not body["maintainer_can_modify"]:
            raise
    body["maintainer_can_modify"] = False
    return values.pull_request(api.write("POST", path, body))


def about(refused: Unprocessable, field: str) -> bool:
    """Return whether GitHub found the value of `field` invalid."""
    return any((one.field, one.code) == (field, "invalid") for one in refused.refusal.complaints)


def _explained(refused: Unprocessable, new: NewPullRequest, repository: str) -> RemoteRefused:
    """Return why a pull request could not be opened, in words of what the user gave."""
    if about(refused, "head"):
        return RemoteRefused(
            f"GitHub finds no branch `{show(new.head)}` in `{show(repository)}` or its forks",
            hint="check that the branch was pushed to a fork of this repository",
        )
    if about(refused, "base"):
        return RemoteRefused(
            f"`{show(repository)}` has no branch `{show(new.base)}` to merge into", hint="use `--base BRANCH`"
        )
    if refused.refusal.says("draft pull requests are not supported"):
        return RemoteRefused(f"`{show(repository)}` takes no draft pull requests", hint="run again without `--draft`")
    return refused


def _with_compare_url(refused: MissingRight, url: str) -> MissingRight:
    said = "open the pull request by hand: "
    hint = f"{refused.hint}; {said}{url}" if refused.hint else f"{said}{url}"
    return MissingRight(refused.message, hint=hint)


def compare_url(address: str, repository: str, new: NewPullRequest) -> str:
    """Return the page on which a person opens the pull request; `address` is that of the API."""
    parts = urlsplit(address)
    host = parts.netloc
    if host == "api.github.com" or (host.startswith("api.") and host.endswith(".ghe.com")):
        host = host.removeprefix("api.")
    span = f"{quote(new.base)}...{quote(new.head, safe=':/')}"
    return f"{parts.scheme}://{host}/{quote(repository)}/compare/{span}"
