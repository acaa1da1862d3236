"""Comments below a pull request on GitHub."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from hubctl.proposals import github_values as values
from hubctl.proposals.forge import Comment
from hubctl.proposals.github_api import Api
from hubctl.proposals.github_refusal import Missing, NoComments
from hubctl.proposals.github_settling import settled
from hubctl.proposals.identity import lf


def listed(api: Api, number: int) -> tuple[Comment, ...]:
    """Return all comments of a pull request, oldest first; none where the repository takes none."""
    try:
        return tuple(values.comment(entry) for entry in api.pages(_path(api, number), {}))
    except NoComments:
        return ()


def add(api: Api, number: int, body: str, login: Callable[[], str | None]) -> Comment:
    """Add a comment and return it; after a lost answer one of `login()` (None: of anybody) with this text is it.

    Raises CommentRefused where the repository or the pull request takes none.
    """

    def standing() -> Comment | None:
        author = login()
        ours = (one for one in reversed(listed(api, number)) if _same(one.body, body) and _is_by(one, author))
        return next(ours, None)

    return settled(
        api.patience, lambda: values.comment(api.write("POST", _path(api, number), {"body": body})), standing
    )


def edit(api: Api, comment: int, body: str) -> None:
    """Change the text of a comment; after a lost answer it is read before it is sent again."""
    path = _path_of(api, comment)

    def standing() -> Comment | None:
        found = values.comment(api.read(path))
        return found if _same(found.body, body) else None

    settled(api.patience, lambda: values.comment(api.write("PATCH", path, {"body": body})), standing)


def delete(api: Api, comment: int) -> None:
    """Delete a comment; one that is gone already is success."""
    path = _path_of(api, comment)

    def write() -> bool:
        with contextlib.suppress(Missing):
            api.write("DELETE", path)
        return True

    def standing() -> bool | None:
        try:
            api.read(path)
        except Missing:
            return True
        return None

    settled(api.patience, write, standing)


def _path(api: Api, number: int) -> str:
    return f"{api.repository_path()}/issues/{number}/comments"


def _path_of(api: Api, comment: int) -> str:
    return f"{api.repository_path()}/issues/comments/{comment}"


def _same(one: str, other: str) -> bool:
    """GitHub trims comments."""
    return lf(one).strip() == lf(other).strip()


def _is_by(comment: Comment, login: str | None) -> bool:
    return login is None or (comment.author or "").casefold() == login.casefold()
