"""GitHub's answers as values: every field is looked at before it is believed (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hubctl.errors import RemoteRefused
from hubctl.proposals.forge import Comment, ForgeRepository, PullRequest, Review

# Whose account was deleted; GitHub's own pages call them so.
GHOST: Final = "ghost"


def repository(found: object) -> ForgeRepository:
    """Return a repository from the body of `GET /repos/{owner}/{repo}`."""
    body = mapping(found, "repository")
    permissions, parent, source = body.get("permissions"), body.get("parent"), body.get("source")
    push, triage = (permissions.get(one) if isinstance(permissions, dict) else None for one in ("push", "triage"))
    return ForgeRepository(
        full_name=_text(body, "full_name"),
        default_branch=_text(body, "default_branch"),
        archived=body.get("archived") is True,
        can_push=push if isinstance(push, bool) else None,
        fork=body.get("fork") is True,
        parent=_text(parent, "full_name") if isinstance(parent, dict) else None,
        source=_text(source, "full_name") if isinstance(source, dict) else None,
        can_triage=triage if isinstance(triage, bool) else None,
        clone_url=address if isinstance(address := body.get("clone_url"), str) else None,
    )


def pull_request(found: object) -> PullRequest:
    """Return a pull request as its own page and as lists show it."""
    body = mapping(found, "pull request")
    head, base = mapping(body.get("head"), "head"), mapping(body.get("base"), "base")
    number, origin = body.get("number"), head.get("repo")
    if not isinstance(number, int) or isinstance(number, bool):
        raise _odd("number")
    return PullRequest(
        number=number,
        url=_text(body, "html_url"),
        state="open" if _text(body, "state") == "open" else "closed",
        merged=isinstance(body.get("merged_at"), str),
        draft=body.get("draft") is True,
        title=_text(body, "title"),
        body=_text(body, "body") if body.get("body") is not None else "",
        head_ref=_text(head, "ref"),
        head_label=label if isinstance(label := head.get("label"), str) else "",  # of a deleted fork
        head_sha=_text(head, "sha"),
        head_repository=_text(origin, "full_name") if isinstance(origin, dict) else None,
        base_ref=_text(base, "ref"),
        author=login(body.get("user")),
        author_association=_text(body, "author_association"),
        labels=_names(body.get("labels"), "name"),
        reviewers=_names(body.get("requested_reviewers"), "login"),
        teams=_names(body.get("requested_teams"), "slug"),
        assignees=_names(body.get("assignees"), "login"),
        closed_at=closed if isinstance(closed := body.get("closed_at"), str) else None,
    )


def review(found: object) -> Review | None:
    """Return a review that decides, None for a comment or one that is not sent yet."""
    body = mapping(found, "review")
    user = login(body.get("user")) or GHOST
    match body.get("state"):
        case "APPROVED":
            return Review(user, "APPROVED")
        case "CHANGES_REQUESTED":
            return Review(user, "CHANGES_REQUESTED")
        case "DISMISSED":
            return Review(user, "DISMISSED")
    return None


def comment(found: object) -> Comment:
    """Return a comment of a pull request."""
    body = mapping(found, "comment")
    number = body.get("id")
    if not isinstance(number, int) or isinstance(number, bool):
        raise _odd("id")
    text = body.get("body")
    return Comment(number, login(body.get("user")), text if isinstance(text, str) else "")


def is_closing(event: object) -> bool:
    """Return whether an event of an issue's history closed it."""
    return mapping(event, "event").get("event") == "closed"


def actor(event: object) -> str | None:
    """Return the login of who caused an event, None where the account is gone."""
    return login(mapping(event, "event").get("actor"))


def assignees(found: object) -> tuple[str, ...]:
    """Return the logins an issue is assigned to."""
    return _names(mapping(found, "issue").get("assignees"), "login")


def full_name(found: object) -> str:
    """Return `owner/name` of a repository in a list, or of one being made."""
    return _text(mapping(found, "repository"), "full_name")


def wants_current_branches(rule: object) -> bool:
    """Return whether a rule of a branch merges only what has its tip and passed its checks there."""
    body = mapping(rule, "rule")
    parameters = body.get("parameters")
    if body.get("type") != "required_status_checks" or not isinstance(parameters, dict):
        return False
    return parameters.get("strict_required_status_checks_policy") is True


def login(user: object) -> str | None:
    """Return the login of a user, None where the account is gone."""
    return _text(user, "login") if isinstance(user, dict) else None


def labels(found: object) -> tuple[str, ...]:
    """Return the names in a list of labels."""
    return _names(found, "name")


def mapping(found: object, name: str) -> Mapping[str, object]:
    """Return `found` where it is an object; else raise RemoteRefused."""
    if not isinstance(found, dict):
        raise _odd(name)
    return found


def _names(found: object, key: str) -> tuple[str, ...]:
    return tuple(_text(entry, key) for entry in found if isinstance(entry, dict)) if isinstance(found, list) else ()


def _text(body: Mapping[str, object], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise _odd(key)
    return value


def _odd(name: str) -> RemoteRefused:
    return RemoteRefused(f"GitHub's answer has no {name} that can be read", code="unreadable-answer")
