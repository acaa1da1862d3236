"""Response bodies: GitHub's smallest valid ones, with what the double knows laid over them."""

from __future__ import annotations

import copy
import functools
from typing import Any

from tests.forge import description
from tests.forge.state import Comment, Pull, Repository, Review

WEB = "https://github.example"
MOMENT = "2026-01-01T00:00:00Z"


@functools.cache
def _template(method: str, path: str, status: int) -> Any:
    found = description.operation(method, path)
    assert found is not None, path
    return description.smallest(found, status)


@functools.cache
def _item_template(path: str) -> Any:
    found = description.operation("GET", path)
    assert found is not None, path
    return description.smallest_of(description.schema_of(found, 200)["items"])


def _fresh(method: str, path: str, status: int = 200) -> Any:
    return copy.deepcopy(_template(method, path, status))


def user(login: str, kind: str = "User") -> dict[str, Any]:
    body = _fresh("GET", "/repos/o/r")["owner"]
    number = sum(ord(letter) * 31**at for at, letter in enumerate(login)) % 10**8
    return {**body, "login": login, "id": number, "type": kind, "html_url": f"{WEB}/{login}"}


def private_user(login: str) -> dict[str, Any]:
    return {**_fresh("GET", "/user"), **user(login), "name": None, "two_factor_authentication": True}


def repository(found: Repository, api: str, login: str | None, parent: Repository | None) -> dict[str, Any]:
    body = _described(_fresh("GET", "/repos/o/r"), found, api)
    if login is not None:
        rights = {"admin": "admin", "push": "write", "triage": "triage", "pull": "read"}
        body["permissions"] = {name: found.allows(login, right) for name, right in rights.items()}
    if parent is not None:
        body["parent"] = body["source"] = _described(
            copy.deepcopy(_template("POST", "/repos/o/r/pulls", 201)["base"]["repo"]), parent, api
        )
    return body


def _described(body: dict[str, Any], found: Repository, api: str) -> dict[str, Any]:
    return {
        **body,
        "id": found.id,
        "name": found.full_name.split("/")[1],
        "full_name": found.full_name,
        "owner": user(found.owner),
        "private": found.private,
        "fork": found.parent is not None,
        "default_branch": found.default_branch,
        "archived": found.archived,
        "url": f"{api}/repos/{found.full_name}",
        "html_url": f"{WEB}/{found.full_name}",
        "clone_url": f"{api}/{found.full_name}.git",
        "has_issues": found.issues,
        "pushed_at": MOMENT,
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }


def pull(found: Pull, base: Repository, head: Repository, api: str, *, whole: bool) -> dict[str, Any]:
    """Return a pull request as its own page shows it, or (not `whole`) as lists do."""
    body = _fresh("POST", "/repos/o/r/pulls", 201) if whole else copy.deepcopy(_item_template("/repos/o/r/pulls"))
    url = f"{api}/repos/{base.full_name}/pulls/{found.number}"
    closed = MOMENT if found.state == "closed" else None
    body |= {
        "id": 1000 + found.number,
        "number": found.number,
        "url": url,
        "html_url": f"{WEB}/{base.full_name}/pull/{found.number}",
        "issue_url": f"{api}/repos/{base.full_name}/issues/{found.number}",
        "state": found.state,
        "locked": found.locked,
        "title": found.title,
        "body": found.body,
        "user": user(found.author) if found.author else None,
        "draft": found.draft,
        "author_association": found.association,
        "labels": [label(name) for name in found.labels],
        "requested_reviewers": [user(login) for login in found.reviewers],
        "assignees": [user(login) for login in found.assignees],
        "requested_teams": [_team(slug) for slug in found.teams],
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "closed_at": closed,
        "merged_at": MOMENT if found.merged else None,
        "head": _side(body["head"], head, found.head, found.head_sha, api),
        "base": _side(body["base"], base, found.base, found.base_sha, api),
    }
    if whole:
        body |= {
            "merged": found.merged,
            "maintainer_can_modify": found.maintainer_can_modify,
            "comments": len(found.comments),
        }
    return body


def _side(body: dict[str, Any], found: Repository, branch: str, sha: str, api: str) -> dict[str, Any]:
    described = None if found.deleted else _described(body["repo"], found, api)
    return {
        **body,
        "label": f"{found.owner}:{branch}",
        "ref": branch,
        "sha": sha,
        "repo": described,
        "user": user(found.owner),
    }


def _team(slug: str) -> dict[str, Any]:
    path = "/repos/o/r/pulls/1/requested_reviewers"
    found = description.operation("GET", path)
    assert found is not None
    body = description.smallest_of(description.schema_of(found, 200)["properties"]["teams"]["items"])
    return {**body, "slug": slug, "name": slug}


def label(name: str) -> dict[str, Any]:
    body = copy.deepcopy(_item_template("/repos/o/r/issues/1/labels"))
    return {**body, "name": name, "color": "ededed", "description": ""}


def comment(found: Comment, base: Repository) -> dict[str, Any]:
    body = copy.deepcopy(_item_template("/repos/o/r/issues/1/comments"))
    url = f"{WEB}/{base.full_name}/comment/{found.id}"
    return {**body, "id": found.id, "body": found.body, "user": user(found.user), "html_url": url}


def issue(found: Pull, base: Repository) -> dict[str, Any]:
    """Return a pull request as the issue it also is."""
    body = _fresh("POST", "/repos/o/r/issues/1/assignees", 201)
    return {
        **body,
        "id": 1000 + found.number,
        "number": found.number,
        "title": found.title,
        "state": found.state,
        "user": user(found.author) if found.author else None,
        "labels": [label(name) for name in found.labels],
        "assignees": [user(login) for login in found.assignees],
        "html_url": f"{WEB}/{base.full_name}/pull/{found.number}",
    }


def event(kind: str, login: str, at: int) -> dict[str, Any]:
    body = copy.deepcopy(_item_template("/repos/o/r/issues/1/events"))
    del body["label"]
    return {**body, "id": at, "event": kind, "actor": user(login), "created_at": MOMENT}


def listed_fork(found: Repository, api: str) -> dict[str, Any]:
    return _described(copy.deepcopy(_item_template("/repos/o/r/forks")), found, api)


def review(found: Review, at: int) -> dict[str, Any]:
    body = copy.deepcopy(_item_template("/repos/o/r/pulls/1/reviews"))
    author = user(found.user) if found.user else None
    return {**body, "id": at, "user": author, "body": "", "state": found.state, "commit_id": found.commit}


def reference(branch: str, sha: str) -> dict[str, Any]:
    body = _fresh("GET", "/repos/o/r/git/ref/heads/x")
    return {**body, "ref": f"refs/heads/{branch}", "object": {**body["object"], "sha": sha, "type": "commit"}}
