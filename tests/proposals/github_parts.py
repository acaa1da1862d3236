"""A client of the double, with a virtual clock."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hubctl.adapters.http import Http
from hubctl.errors import HubctlError
from hubctl.proposals.forge import NewPullRequest
from hubctl.proposals.github import GitHub
from hubctl.proposals.github_api import Api
from hubctl.proposals.github_refusal import Token
from hubctl.secret import Secret
from tests.forge import TOKEN, Forge, start_forge

BRANCH = "hubctl/bump-image/cluster-leap"
NEW = NewPullRequest("[leap] bump", "Body\n", f"acme:{BRANCH}", "main", draft=True)
PULLS = "/repos/acme/fleet/pulls"
HTML = "<html><body>\x1b[31mGateway</body></html>"


class Patience:
    """A budget with a virtual clock: it notes each wait and sleeps none."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        if seconds > self.left:
            return False
        self.left -= seconds
        self.waits.append(seconds)
        return True


@contextmanager
def forge_with_branch(folder: Path) -> Iterator[Forge]:
    """A forge where one commit waits on a branch of its own."""
    with start_forge(folder, "acme", "fleet", {"config/a.yaml": "tag: '1'\n"}) as running:
        running.commit(BRANCH, {"config/a.yaml": "tag: '2'\n"}, "[leap] bump", onto="main")
        yield running


def client(
    forge: Forge, *, wait: float = 120, token: str = TOKEN, source: str = "GH_TOKEN", seconds: float = 30
) -> GitHub:
    return GitHub(Api(Http(os.environ), Patience(wait), forge.url, "acme/fleet", Token(Secret(token), source), seconds))


def waits(github: GitHub) -> list[float]:
    patience = github.api.patience
    assert isinstance(patience, Patience)
    return patience.waits


def told(problem: pytest.ExceptionInfo[HubctlError]) -> tuple[int, str, str | None]:
    return problem.value.exit_code, problem.value.message, problem.value.hint


def said(message: str, *errors: object) -> str:
    return json.dumps({"message": message, "errors": list(errors)} if errors else {"message": message})


def failure(action: object) -> tuple[str, int, str, str, str | None]:
    """Return what the user would be told: class, exit code, code word, message and hint."""
    assert callable(action)
    with pytest.raises(HubctlError) as problem:
        action()
    found = problem.value
    assert TOKEN not in f"{found.message}{found.hint}{found!r}{found.args}"
    return type(found).__name__, found.exit_code, found.code, found.message, found.hint
