"""GitHub's rules about pull requests, as far as they are known: what each call does and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.forge import bodies, issue_rules
from tests.forge.state import Pull, Refused, Repository, invalid
from tests.forge.world import Asked, World, pull_of, repository_of, shown, writable

REPOSITORY = "/repos/{owner}/{repo}"


def get_repository(asked: Asked, world: World) -> tuple[int, Any]:
    found = repository_of(asked, world)
    parent = world.repositories.get(found.parent or "")
    return 200, bodies.repository(found, asked.api, asked.login, parent)


def get_user(asked: Asked, world: World) -> tuple[int, Any]:
    if asked.account is None:
        raise Refused(401, "Requires authentication")
    if asked.account.kind != "User":
        raise Refused(403, "Resource not accessible by integration")
    return 200, bodies.private_user(asked.account.login)


def get_users(asked: Asked, world: World) -> tuple[int, Any]:
    return 200, bodies.private_user(asked.parameters["username"])


def get_reference(asked: Asked, world: World) -> tuple[int, Any]:
    found = repository_of(asked, world)
    if not found.bare.branches():
        raise Refused(409, "Git Repository is empty.")
    branch = asked.parameters["ref"].removeprefix("heads/")
    tip = found.bare.tip(branch)
    if tip is None:
        raise Refused(404, "Not Found")
    return 200, bodies.reference(branch, tip)


def list_pulls(asked: Asked, world: World) -> tuple[int, Any]:
    """`head` counts only as `owner:branch`; the order is by number, newest first unless `direction` says else."""
    found = repository_of(asked, world)
    state, base = asked.query.get("state", "open"), asked.query.get("base")
    owner, colon, branch = asked.query.get("head", "").partition(":")
    listed = [
        pull
        for pull in found.pulls
        if (state in ("all", pull.state))
        and (base in (None, pull.base))
        and (
            not colon or (world.repositories[pull.head_repository].owner.lower(), pull.head) == (owner.lower(), branch)
        )
    ]
    listed.sort(key=lambda pull: pull.number, reverse=asked.query.get("direction", "desc") == "desc")
    return 200, [shown(pull, found, asked, world, whole=False) for pull in listed]


def create_pull(asked: Asked, world: World) -> tuple[int, Any]:
    found = writable(asked, world, "read", "pull_requests=write")
    if asked.account and asked.account.kind == "Job" and not found.jobs_open:
        raise Refused(403, "GitHub Actions is not permitted to create or approve pull requests.")
    body = asked.body
    head, branch = _head(found, asked, world)
    base = found.bare.tip(body["base"])
    if base is None:
        raise invalid("PullRequest", field="base", code="invalid")
    tip = head.bare.tip(branch) if head else None
    if head is None or tip is None:
        raise invalid("PullRequest", field="head", code="invalid")
    if len(body.get("title") or "") > 256:
        raise invalid(
            "PullRequest", field="title", code="custom", message="title is too long (maximum is 256 characters)"
        )
    if len(body.get("body") or "") > 65536:
        raise invalid(
            "PullRequest", field="body", code="custom", message="body is too long (maximum is 65536 characters)"
        )
    draft = bool(body.get("draft", False))
    if draft and not found.drafts:
        raise Refused(422, "Draft pull requests are not supported in this repository.")
    foreign = head.full_name != found.full_name
    if foreign and body.get("maintainer_can_modify", True) and not head.allows(asked.login, "write"):
        said = "Fork collab can't be granted by someone without permission"
        raise invalid("PullRequest", field="fork_collab", code="custom", message=said)
    twin = (head.full_name, branch, body["base"])
    if any(one.state == "open" and (one.head_repository, one.head, one.base) == twin for one in found.pulls):
        said = f"A pull request already exists for {head.owner}:{branch}."
        raise invalid("PullRequest", code="custom", message=said)
    number = len(found.pulls) + 1
    found.bare.borrow(head.bare, tip, f"refs/pull/{number}/head")
    if not found.bare.ahead(body["base"], tip):
        said = f"No commits between {body['base']} and {head.owner + ':' if foreign else ''}{branch}"
        raise invalid("PullRequest", code="custom", message=said)
    member = found.allows(asked.login, "triage")
    made = Pull(
        number, body["title"], body.get("body"), asked.login, head.full_name, branch, tip, body["base"], base, draft,
        association="MEMBER" if member else "NONE",
        maintainer_can_modify=foreign and bool(body.get("maintainer_can_modify", True)),
    )  # fmt: skip
    found.pulls.append(made)
    return 201, shown(made, found, asked, world, whole=True)


def _head(found: Repository, asked: Asked, world: World) -> tuple[Repository | None, str]:
    """Return the repository and the branch a new pull request comes from."""
    owner, colon, branch = str(asked.body["head"]).rpartition(":")
    named = asked.body.get("head_repo")
    if named:
        return world.repositories.get(named), branch
    if not colon or owner.lower() == found.owner.lower():
        return found, branch
    network = {found.full_name, found.parent}
    forks = [
        one
        for one in world.repositories.values()
        if one.owner.lower() == owner.lower()
        and not one.deleted
        and (one.parent in network or one.full_name in network)
    ]
    return (forks[0] if forks else None), branch


def get_pull(asked: Asked, world: World) -> tuple[int, Any]:
    found = repository_of(asked, world)
    return 200, shown(pull_of(found, asked), found, asked, world, whole=True)


def update_pull(asked: Asked, world: World) -> tuple[int, Any]:
    found = repository_of(asked, world)
    pull = pull_of(found, asked)
    right = "read" if asked.login == pull.author else "write"
    writable(asked, world, right, "pull_requests=write")
    state = asked.body.get("state", pull.state)
    if state == "open" and pull.state == "closed":
        head = world.repositories[pull.head_repository]
        if pull.merged or head.bare.tip(pull.head) != pull.head_sha:
            said = f"state cannot be changed. The {pull.head} branch was force-pushed or recreated."
            raise invalid("PullRequest", field="state", code="custom", message=said)
    if state == "closed" and pull.state == "open":
        pull.closed_by = asked.login
    pull.state = state
    pull.title = asked.body.get("title", pull.title)
    pull.body = asked.body.get("body", pull.body)
    pull.base = asked.body.get("base", pull.base)
    return 200, shown(pull, found, asked, world, whole=True)


def get_reviewers(asked: Asked, world: World) -> tuple[int, Any]:
    found = repository_of(asked, world)
    body = shown(pull_of(found, asked), found, asked, world, whole=True)
    return 200, {"users": body["requested_reviewers"], "teams": body["requested_teams"]}


def request_reviewers(asked: Asked, world: World) -> tuple[int, Any]:
    """All or nothing: one name that cannot be asked refuses the whole call."""
    found = writable(asked, world, "triage", "pull_requests=write")
    pull = pull_of(found, asked)
    users, teams = asked.body.get("reviewers", []), asked.body.get("team_reviewers", [])
    if pull.author in users:
        raise Refused(422, "Review cannot be requested from pull request author.")
    strangers = [login for login in users if login not in found.collaborators]
    if strangers:
        said = "Reviews may only be requested from collaborators. One or more of the users or teams you specified"
        raise Refused(422, f"{said} is not a collaborator of the {found.full_name} repository.")
    if not set(teams) <= set(found.teams):
        raise Refused(422, "Could not resolve to a node with the global id of 'T_kwDO'.")
    pull.reviewers += [login for login in users if login not in pull.reviewers]
    pull.teams += [slug for slug in teams if slug not in pull.teams]
    return 201, shown(pull, found, asked, world, whole=False)


def list_reviews(asked: Asked, world: World) -> tuple[int, Any]:
    pull = pull_of(repository_of(asked, world), asked)
    return 200, [bodies.review(review, at) for at, review in enumerate(pull.reviews, 1)]


def branch_rules(asked: Asked, world: World) -> tuple[int, Any]:
    found = repository_of(asked, world)
    if found.private and not found.allows(asked.login, "write"):
        raise Refused(403, "Upgrade to GitHub Pro or make this repository public to enable this feature.")
    told: list[dict[str, Any]] = [{"type": "deletion"}]
    if asked.parameters["branch"] in found.strict:
        wanted = {"required_status_checks": [{"context": "ci"}], "strict_required_status_checks_policy": True}
        told.append({"type": "required_status_checks", "parameters": wanted})
    return 200, told


def list_forks(asked: Asked, world: World) -> tuple[int, Any]:
    found = repository_of(asked, world)
    forks = [one for one in world.repositories.values() if one.parent == found.full_name and not one.deleted]
    return 200, [bodies.listed_fork(one, asked.api) for one in forks]


def make_fork(asked: Asked, world: World) -> tuple[int, Any]:
    """One fork for an account: a second time, the same one. It takes a while until it answers."""
    found = repository_of(asked, world)
    if asked.account is None or asked.account.kind != "User":
        raise Refused(403, "Resource not accessible by integration")
    owner = asked.account.login
    forks = [one for one in world.repositories.values() if one.parent == found.full_name and one.owner == owner]
    if not forks:
        name = full_name = f"{owner}/{found.full_name.split('/')[1]}"
        while full_name in world.repositories:
            full_name = f"{name}-{len(world.repositories)}"
        forks = [world.add(full_name, found.bare.path.parents[1], found)]
    return 202, bodies.repository(forks[0], asked.api, owner, found)


CALLS: dict[str, Callable[[Asked, World], tuple[int, Any]]] = {
    "GET /user": get_user,
    "GET /users/{username}": get_users,
    f"GET {REPOSITORY}": get_repository,
    f"GET {REPOSITORY}/forks": list_forks,
    f"POST {REPOSITORY}/forks": make_fork,
    f"GET {REPOSITORY}/git/ref/{{ref}}": get_reference,
    f"GET {REPOSITORY}/pulls": list_pulls,
    f"POST {REPOSITORY}/pulls": create_pull,
    f"GET {REPOSITORY}/pulls/{{pull_number}}": get_pull,
    f"PATCH {REPOSITORY}/pulls/{{pull_number}}": update_pull,
    f"GET {REPOSITORY}/pulls/{{pull_number}}/requested_reviewers": get_reviewers,
    f"POST {REPOSITORY}/pulls/{{pull_number}}/requested_reviewers": request_reviewers,
    f"GET {REPOSITORY}/pulls/{{pull_number}}/reviews": list_reviews,
    f"GET {REPOSITORY}/rules/branches/{{branch}}": branch_rules,
    **issue_rules.CALLS,
}
