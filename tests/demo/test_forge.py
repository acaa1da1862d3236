"""The demo's forge answers what opening one pull request asks of GitHub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hubctl.demo.forge import Forge
from hubctl.demo.serving import serving
from tests.demo.asking import ask

BRANCHES = {"main": "a" * 40, "hubctl/x": "b" * 40}
NEW = {"title": "Move", "body": "Why", "head": "example:hubctl/x", "base": "main"}


@pytest.fixture
def repository() -> Iterator[str]:
    with serving(Forge("example/fleet", "word", BRANCHES.get).answer) as address:
        yield f"{address}/repos/example/fleet"


def test_a_wrong_token_is_refused(repository):
    found = ask(repository, token="other")

    assert (found.status, found.json()["message"]) == (401, "Bad credentials")


def test_the_repository_can_be_pushed_to(repository):
    found = ask(repository, token="word").json()

    assert (found["full_name"], found["default_branch"], found["permissions"]["push"]) == (
        "example/fleet",
        "main",
        True,
    )


def test_a_pull_request_is_created_and_found_by_its_head(repository):
    made = ask(f"{repository}/pulls", method="POST", token="word", value=NEW)
    found = ask(f"{repository}/pulls?head=example:hubctl/x&base=main&state=all", token="word").json()
    of_another = ask(f"{repository}/pulls?head=example:hubctl/y", token="word").json()
    closed = ask(f"{repository}/pulls?state=closed", token="word").json()

    assert made.status == 201
    assert found == [made.json()]
    assert (found[0]["number"], found[0]["title"], found[0]["head"]["sha"]) == (1, "Move", "b" * 40)
    assert (of_another, closed) == ([], [])


@pytest.mark.parametrize("end", ["head", "base"])
def test_a_branch_that_the_remote_lacks_is_invalid(repository, end):
    found = ask(f"{repository}/pulls", method="POST", token="word", value=NEW | {end: "missing"})

    assert (found.status, found.json()["errors"][0]["field"]) == (422, end)


def test_labels_are_added_once(repository):
    ask(f"{repository}/pulls", method="POST", token="word", value=NEW)

    for labels in (["images"], ["images", "weekly"]):
        found = ask(f"{repository}/issues/1/labels", method="POST", token="word", value={"labels": labels})

    assert [label["name"] for label in found.json()] == ["images", "weekly"]


@pytest.mark.parametrize("path", ["/issues/7/labels", "/branches"])
def test_what_it_does_not_know_is_not_found(repository, path):
    assert ask(f"{repository}{path}", method="POST", token="word", value={"labels": []}).status == 404


def test_another_repository_is_not_found(repository):
    assert ask(repository.replace("fleet", "other"), token="word").status == 404


def test_the_token_belongs_to_somebody(repository):
    assert ask(repository.replace("repos/example/fleet", "user"), token="word").json()["login"] == "demo-engineer"


@pytest.mark.parametrize("path", ["/pulls/1/reviews", "/issues/1/comments", "/rules/branches/main"])
def test_nobody_has_said_anything_yet(repository, path):
    assert ask(f"{repository}{path}", token="word").json() == []
