"""GitHub's rules about what stands on a pull request as on any issue: labels, comments, assignees, events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.forge import bodies
from tests.forge.state import Comment, Pull, Refused, Repository, invalid
from tests.forge.world import Asked, World, pull_of, repository_of, writable

REPOSITORY = "/repos/{owner}/{repo}"


def list_labels(asked: Asked, world: World) -> tuple[int, Any]:
    pull = pull_of(repository_of(asked, world), asked, "issue_number")
    return 200, [bodies.label(name) for name in pull.labels]


def add_labels(asked: Asked, world: World) -> tuple[int, Any]:
    found = writable(asked, world, "triage", "issues=write; pull_requests=write")
    pull = pull_of(found, asked, "issue_number")
    given = asked.body["labels"] if isinstance(asked.body, dict) else asked.body
    names = [one if isinstance(one, str) else one["name"] for one in given]
    if any(len(name) > 50 for name in names):
        raise invalid("Label", field="name", code="custom", message="name is too long (maximum is 50 characters)")
    pull.labels += [name for name in names if name.lower() not in {known.lower() for known in pull.labels}]
    return 200, [bodies.label(name) for name in pull.labels]


def _commented(asked: Asked, world: World) -> tuple[Repository, Pull]:
    found = repository_of(asked, world)
    if not found.issues:
        raise Refused(410, "Issues has been disabled in this repository.")
    return found, pull_of(found, asked, "issue_number")


def list_comments(asked: Asked, world: World) -> tuple[int, Any]:
    found, pull = _commented(asked, world)
    return 200, [bodies.comment(one, found) for one in pull.comments]


def add_comment(asked: Asked, world: World) -> tuple[int, Any]:
    writable(asked, world, "read", "issues=write; pull_requests=write")
    found, pull = _commented(asked, world)
    if pull.locked and not found.allows(asked.login, "write"):
        raise Refused(403, "Unable to create comment because issue is locked.")
    world.comments += 1
    pull.comments.append(Comment(world.comments, asked.login or "", asked.body["body"]))
    return 201, bodies.comment(pull.comments[-1], found)


def update_comment(asked: Asked, world: World) -> tuple[int, Any]:
    found = writable(asked, world, "read", "issues=write; pull_requests=write")
    _, made = _made(found, asked)
    made.body = asked.body["body"]
    return 200, bodies.comment(made, found)


def get_comment(asked: Asked, world: World) -> tuple[int, Any]:
    found = repository_of(asked, world)
    return 200, bodies.comment(_made(found, asked)[1], found)


def delete_comment(asked: Asked, world: World) -> tuple[int, Any]:
    found = writable(asked, world, "read", "issues=write; pull_requests=write")
    pull, made = _made(found, asked)
    if made.user != asked.login and not found.allows(asked.login, "write"):
        raise Refused(403, "Must have admin rights to Repository.")
    pull.comments.remove(made)
    return 204, None


def _made(found: Repository, asked: Asked) -> tuple[Pull, Comment]:
    wanted = int(asked.parameters["comment_id"])
    made = [(pull, one) for pull in found.pulls for one in pull.comments if one.id == wanted]
    if not made:
        raise Refused(404, "Not Found")
    return made[0]


def add_assignees(asked: Asked, world: World) -> tuple[int, Any]:
    """Who may not push, and whoever would be the eleventh, is left out without a word."""
    found = writable(asked, world, "triage", "issues=write; pull_requests=write")
    pull = pull_of(found, asked, "issue_number")
    known = [*found.collaborators, *(login for login in found.rights if found.allows(login, "write"))]
    new = [login for login in known if login.lower() in {name.lower() for name in asked.body["assignees"]}]
    pull.assignees = [*pull.assignees, *(login for login in new if login not in pull.assignees)][:10]
    return 201, bodies.issue(pull, found)


def list_events(asked: Asked, world: World) -> tuple[int, Any]:
    """What became of a pull request, oldest first: what is older than its last closing is not remembered."""
    found = repository_of(asked, world)
    pull = pull_of(found, asked, "issue_number")
    told = [("labeled", pull.author or "ghost")] if pull.labels else []
    if pull.state == "closed":
        closer = pull.closed_by or "ghost"
        told += [*([("merged", closer)] if pull.merged else []), ("closed", closer), ("head_ref_deleted", "grace")]
    return 200, [bodies.event(kind, login, at) for at, (kind, login) in enumerate(told, 1)]


CALLS: dict[str, Callable[[Asked, World], tuple[int, Any]]] = {
    f"GET {REPOSITORY}/issues/{{issue_number}}/labels": list_labels,
    f"POST {REPOSITORY}/issues/{{issue_number}}/labels": add_labels,
    f"GET {REPOSITORY}/issues/{{issue_number}}/comments": list_comments,
    f"POST {REPOSITORY}/issues/{{issue_number}}/comments": add_comment,
    f"GET {REPOSITORY}/issues/comments/{{comment_id}}": get_comment,
    f"PATCH {REPOSITORY}/issues/comments/{{comment_id}}": update_comment,
    f"DELETE {REPOSITORY}/issues/comments/{{comment_id}}": delete_comment,
    f"POST {REPOSITORY}/issues/{{issue_number}}/assignees": add_assignees,
    f"GET {REPOSITORY}/issues/{{issue_number}}/events": list_events,
}
