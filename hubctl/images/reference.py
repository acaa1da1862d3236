"""Image names and references: parsed by the grammar of distribution/reference, printed back exactly as written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hubctl.errors import UsageError
from hubctl.settings import DOCKER_HUB, one_name
from hubctl.show import show

NAME_LIMIT = 255
PLACEHOLDERS = frozenset({"set-by-chartpress", "placeholder"})  # compared in lower case

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}")
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")  # docker takes 64 hexadecimal digits for an image's id, not its name
_QUAY_PAGE = re.compile(r"(?:https?://)?quay\.io/repository/([^/?#]+(?:/[^/?#]+)+)/?(?:[?#].*)?")


@dataclass(frozen=True, slots=True)
class ImageName:
    """A name without tag or digest; `str` gives it as written, `key` the form in which two names compare."""

    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def host(self) -> str:
        """The registry's host in lower case with its port; `docker.io` where none is written."""
        return one_name(_split_host(self.text)[0].lower() or DOCKER_HUB)

    @property
    def path(self) -> str:
        """The path below the host; one component on `docker.io` stands below `library/`."""
        path = _split_host(self.text)[1]
        return f"library/{path}" if self.host == DOCKER_HUB and "/" not in path else path

    @property
    def key(self) -> str:
        """`host/path`, equal for all spellings of one name."""
        return f"{self.host}/{self.path}"


@dataclass(frozen=True, slots=True)
class Reference:
    """A name with a tag, a digest or both; `str` gives it as written. The digest wins where both stand."""

    name: ImageName
    tag: str | None
    digest: str | None
    text: str

    def __str__(self) -> str:
        return self.text

    def with_tag(self, tag: str | None, digest: str | None = None) -> str:
        """Return the reference with `tag`; `digest` replaces the written one, which stays where it is None."""
        return f"{self.name}:{tagged(tag, digest or self.digest)}" if tag else f"{self.name}@{digest or self.digest}"


def tagged(tag: str, digest: str | None) -> str:
    """Return what stands in a tag field: `tag` or `tag@digest`."""
    return f"{tag}@{digest}" if digest else tag


def is_tag(text: str) -> bool:
    """Tell whether the whole text is a tag by its grammar, at most 128 characters of ASCII."""
    return _TAG.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """Tell whether the whole text is a sha256 or sha512 digest in lower case."""
    return _DIGEST.fullmatch(text) is not None


def parse_name(text: str) -> ImageName | None:
    """Return an image name, None for what is none: tagged, over 255 characters, capitals in the path, not ASCII."""
    host, path = _split_host(text)
    if len(text) > NAME_LIMIT or _IDENTIFIER.fullmatch(text) or not _PATH.fullmatch(path):
        return None
    return ImageName(text) if not host or _HOST.fullmatch(host) else None


def parse_reference(text: str) -> Reference | None:
    """Return a reference with tag, digest or both; None for a bare name, a placeholder and all else."""
    rest, at, digest = text.partition("@")
    before, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:  # a colon before a slash is a port's
        before, tag = rest, ""
    name = parse_name(before)
    if name is None or (at and not is_digest(digest)) or not (tag or at):
        return None
    if (tag or before != rest) and not _is_written_tag(tag):
        return None
    return Reference(name, tag or None, digest or None, text)


def parse_tag(text: str) -> tuple[str, str | None] | None:
    """Return tag and digest of a tag field, `v1` or `v1@sha256:…`; None for a placeholder and what is no tag."""
    tag, at, digest = text.partition("@")
    if not _is_written_tag(tag) or (at and not is_digest(digest)):
        return None
    return tag, digest or None


def parse_user_name(text: str) -> ImageName:
    """Return the name a person typed; the address of quay's web page is turned into the image's name.

    `UsageError` for a name with a tag or a digest and for what is no name.
    """
    typed = text.strip()
    page = _QUAY_PAGE.fullmatch(typed)
    name = parse_name(f"quay.io/{page[1]}" if page else typed)
    if name:
        return name
    reference = parse_reference(typed)
    if reference:
        to_one_tag = f" --to {reference.tag}" if reference.tag else ""
        raise UsageError(
            f"an image name without tag or digest is needed: `{show(typed)}`",
            hint=f"use `--image {reference.name}{to_one_tag}`",
        )
    raise UsageError(f"not an image name: `{show(typed)}`", hint="a name looks like `quay.io/jupyter/base-notebook`")


def _split_host(text: str) -> tuple[str, str]:
    """Return host and path as written, the host empty where the first component is not one."""
    first, slash, rest = text.partition("/")
    return (first, rest) if slash and (first == "localhost" or "." in first or ":" in first) else ("", text)


def _is_written_tag(tag: str) -> bool:
    return is_tag(tag) and tag.lower() not in PLACEHOLDERS
