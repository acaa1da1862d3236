"""A site: one place in one file where one image is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Form: TypeAlias = Literal["inline", "split"]
Role: TypeAlias = Literal["user", "hub", "sidecar", "service"]

ROLES: tuple[Role, ...] = ("user", "hub", "sidecar", "service")


@dataclass(frozen=True, slots=True)
class Site:
    """One written place; aliases of an anchored part are not places of their own.

    `path` leads to the scalar that is written (the whole reference for `inline`, the tag for `split`) and
    `line` is that scalar's, 1-based. `image` is the name as written, None where only a tag stands here.
    `tag` and `digest` are as written (`tag: main@sha256:…` gives both). `aliases` are the lines of the
    aliases through which the same text is used elsewhere in the file.
    """

    file: str
    path: tuple[str | int, ...]
    line: int
    form: Form
    image: str | None
    tag: str | None
    digest: str | None
    role: Role
    aliases: tuple[int, ...] = ()
    document: int = 0
    comment: str | None = None  # text after `# hubctl:` on the scalar's own line, stripped; None without one
    key_path: str = ""  # `path` as text: dot-joined, list items by `[slug=x]`, `[name=x]` or `[0]`
