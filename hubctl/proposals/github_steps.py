"""What is added to an open pull request, each a step of its own that may fail alone: labels, people, teams."""

from __future__ import annotations

from typing import Final

from hubctl.errors import AuthNeeded, RemoteRefused
from hubctl.proposals import github_values as values
from hubctl.proposals.forge import PullRequest
from hubctl.proposals.github_api import Api
from hubctl.proposals.github_refusal import Unprocessable
from hubctl.proposals.github_settling import settled
from hubctl.show import show

_NOT_YET: Final = ("could not resolve to a node", "tree sha does not exist")
_AT_ONCE: Final = 10  # assignees one call takes
_LEFT_OUT: Final = "`{}` was not assigned: GitHub leaves out who may not be asked to work here, and the eleventh"


def add_labels(api: Api, number: int, labels: tuple[str, ...], *, fresh: bool) -> tuple[str, ...]:
    """Add labels and return all that stand then; `fresh`: this run opened the pull request."""
    path = f"{api.repository_path()}/issues/{number}/labels"

    def standing() -> tuple[str, ...] | None:
        found = tuple(name for entry in api.pages(path, {}) for name in values.labels([entry]))
        known = {name.casefold() for name in found}
        return found if all(name.casefold() in known for name in labels) else None

    def write() -> tuple[str, ...]:
        return values.labels(api.write("POST", path, {"labels": list(labels)}))

    return settled(api.patience, write, standing, lambda refused: fresh and _not_yet(refused))


def request_reviewers(
    api: Api, number: int, users: tuple[str, ...], teams: tuple[str, ...], *, fresh: bool
) -> tuple[str, ...]:
    """Ask users and teams (slugs) for a review; return warnings, one for each not asked. Raises nothing.

    GitHub refuses all for one that cannot be asked: then each is asked alone.
    """
    try:
        _ask(api, number, users, teams, fresh=fresh)
    except Unprocessable as refused:
        if len(users) + len(teams) == 1:
            return (_not_asked((*users, *teams)[0], refused, team=bool(teams)),)
    except (AuthNeeded, RemoteRefused) as refused:
        return tuple(_not_asked(name, refused) for name in (*users, *teams))
    else:
        return ()
    alone = [request_reviewers(api, number, (user,), (), fresh=False) for user in users]
    alone += [request_reviewers(api, number, (), (team,), fresh=False) for team in teams]
    return tuple(warning for warnings in alone for warning in warnings)


def _ask(api: Api, number: int, users: tuple[str, ...], teams: tuple[str, ...], *, fresh: bool) -> None:
    path = f"{api.repository_path()}/pulls/{number}/requested_reviewers"
    wanted = {name: list(who) for name, who in (("reviewers", users), ("team_reviewers", teams)) if who}

    def standing() -> PullRequest | None:
        pull = _pull(api, number)
        asked = _folded(pull.reviewers) >= _folded(users) and _folded(pull.teams) >= _folded(teams)
        return pull if asked else None

    def write() -> PullRequest:
        return values.pull_request(api.write("POST", path, wanted))

    settled(api.patience, write, standing, lambda refused: fresh and _not_yet(refused))


def _not_asked(name: str, refused: AuthNeeded | RemoteRefused, *, team: bool = False) -> str:
    said = f"`{show(name)}` was not asked for a review: {refused.message}"
    hidden = team and isinstance(refused, Unprocessable) and _not_yet(refused)
    return f"{said}; the token of an App sees teams only with the permission `members: read`" if hidden else said


def add_assignees(api: Api, number: int, users: tuple[str, ...], *, fresh: bool) -> tuple[str, ...]:
    """Assign users; return warnings, one for each that was not assigned. Raises nothing.

    GitHub leaves out whoever may not be assigned without a word, so its answer is compared. Where it refuses all for
    one, each is assigned alone.
    """
    warnings: list[str] = []
    for at in range(0, len(users), _AT_ONCE):
        some = users[at : at + _AT_ONCE]
        try:
            assigned = _assign(api, number, some, fresh=fresh)
        except (AuthNeeded, RemoteRefused) as refused:
            if isinstance(refused, Unprocessable) and len(some) > 1:
                alone = [add_assignees(api, number, (user,), fresh=False) for user in some]
                warnings += [warning for each in alone for warning in each]
            else:
                warnings += [f"`{show(user)}` was not assigned: {refused.message}" for user in some]
        else:
            warnings += [_LEFT_OUT.format(show(user)) for user in some if user.casefold() not in assigned]
    return tuple(warnings)


def _assign(api: Api, number: int, users: tuple[str, ...], *, fresh: bool) -> set[str]:
    """Return everybody who is assigned then, lower case."""
    path = f"{api.repository_path()}/issues/{number}/assignees"

    def standing() -> set[str] | None:
        found = _folded(_pull(api, number).assignees)
        return found if found >= _folded(users) else None

    def write() -> set[str]:
        return _folded(values.assignees(api.write("POST", path, {"assignees": list(users)})))

    return settled(api.patience, write, standing, lambda refused: fresh and _not_yet(refused))


def _pull(api: Api, number: int) -> PullRequest:
    return values.pull_request(api.read(f"{api.repository_path()}/pulls/{number}"))


def _folded(names: tuple[str, ...]) -> set[str]:
    return {name.casefold() for name in names}


def _not_yet(refused: Unprocessable) -> bool:
    """Return whether GitHub may not have heard of a new pull request yet: a second or two later it has."""
    return refused.refusal.says(*_NOT_YET)
