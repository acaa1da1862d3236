"""A forge that answers what opening one pull request asks of GitHub's REST API, over a real bare repository."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hubctl.demo.serving import Answered, Asked, as_json

LOGIN = "demo-engineer"


class Forge:
    """One repository, `example/fleet`; keeps the pull requests it receives, in order.

    `tip` gives the commit a branch of the remote points at, None where it has no such branch.
    """

    def __init__(self, repository: str, token: str, tip: Callable[[str], str | None]) -> None:
        self.repository = repository
        self.pulls: list[dict[str, Any]] = []
        self._token = token
        self._tip = tip

    def answer(self, asked: Asked) -> Answered:
        """Return the response to one request; a wrong token is 401, an unknown address 404, as on GitHub."""
        if asked.headers.get("authorization") != f"Bearer {self._token}":
            return as_json(401, {"message": "Bad credentials", "status": "401"})
        owner, name = self.repository.split("/")
        match asked.path:
            case ("user",):
                return as_json(200, {"login": LOGIN, "id": 1, "type": "User"})
            case ("repos", o, n, *rest) if (o, n) == (owner, name):
                return self._of_repository(asked, rest)
            case _:
                return _not_found()

    def _of_repository(self, asked: Asked, rest: list[str]) -> Answered:
        match (asked.method, *rest):
            case ("GET",):
                answered = as_json(200, self._described())
            case ("GET", "pulls"):
                answered = as_json(200, self._listed(asked))
            case ("POST", "pulls"):
                answered = self._create(json.loads(asked.body))
            case ("POST", "issues", number, "labels") if number in map(str, range(1, len(self.pulls) + 1)):
                answered = self._label(self.pulls[int(number) - 1], json.loads(asked.body))
            case ("GET", "pulls" | "issues", _, "reviews" | "comments") | ("GET", "rules", "branches", _):
                answered = as_json(200, [])
            case _:
                answered = _not_found()
        return answered

    def _described(self) -> dict[str, Any]:
        owner, name = self.repository.split("/")
        return {
            "id": 1,
            "name": name,
            "full_name": self.repository,
            "owner": {"login": owner, "id": 2, "type": "Organization"},
            "private": False,
            "fork": False,
            "archived": False,
            "disabled": False,
            "default_branch": "main",
            "permissions": {"admin": False, "maintain": False, "push": True, "triage": True, "pull": True},
        }

    def _listed(self, asked: Asked) -> list[dict[str, Any]]:
        head, base, state = (asked.query.get(key) for key in ("head", "base", "state"))
        return [
            pull
            for pull in reversed(self.pulls)
            if (not head or pull["head"]["label"] == head)
            and (not base or pull["base"]["ref"] == base)
            and (state == "all" or pull["state"] == (state or "open"))
        ]

    def _create(self, asked: dict[str, Any]) -> Answered:
        head, base = asked["head"].split(":")[-1], asked["base"]
        ends = {"head": self._end(head), "base": self._end(base)}
        for field, end in ends.items():
            if end["sha"] is None:
                return _invalid(field)
        number = len(self.pulls) + 1
        pull = ends | {
            "number": number,
            "html_url": f"https://github.example.org/{self.repository}/pull/{number}",
            "state": "open",
            "merged_at": None,
            "draft": asked.get("draft", False),
            "title": asked["title"],
            "body": asked.get("body"),
            "user": {"login": LOGIN, "id": 1, "type": "User"},
            "author_association": "MEMBER",
            "labels": [],
            "requested_reviewers": [],
            "requested_teams": [],
        }
        self.pulls.append(pull)
        return as_json(201, pull)

    def _label(self, pull: dict[str, Any], asked: dict[str, Any]) -> Answered:
        known = [label["name"] for label in pull["labels"]]
        pull["labels"] += [{"name": name} for name in asked["labels"] if name not in known]
        return as_json(200, pull["labels"])

    def _end(self, branch: str) -> dict[str, Any]:
        owner = self.repository.split("/")[0]
        return {"ref": branch, "label": f"{owner}:{branch}", "sha": self._tip(branch), "repo": self._described()}


def _not_found() -> Answered:
    return as_json(404, {"message": "Not Found", "status": "404"})


def _invalid(field: str) -> Answered:
    error = {"resource": "PullRequest", "code": "invalid", "field": field}
    return as_json(422, {"message": "Validation Failed", "errors": [error], "status": "422"})
