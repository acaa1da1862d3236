"""A reference as a person types it, on a command line or from the address bar of a browser."""

from __future__ import annotations

from hubctl.errors import UsageError
from hubctl.images.reference import Reference, is_digest, is_tag, parse_name, parse_user_name
from hubctl.show import show

_DOCKER = "docker://"  # skopeo's and podman's spelling
_LIKE = "a reference looks like `quay.io/jupyter/base-notebook:2026-06-01`; a tag or a digest may be left out"


def parse_typed(text: str) -> Reference:
    """Return the reference a person typed; unlike one in a file it may have neither a tag nor a digest.

    `docker://` before it is left out, and the address of quay's web page is turned into the image's name. `text` is
    then as it would be written. UsageError, saying what is wrong, for a name, tag or digest that is none.
    """
    typed = text.strip().removeprefix(_DOCKER)
    rest, at, digest = typed.partition("@")
    if at and not is_digest(digest):
        raise UsageError(f"not a digest: `{show(digest)}`", hint="a digest is `sha256:` and 64 hexadecimal digits")
    before, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:  # a colon before a slash is a port's
        before, tag, colon = rest, "", ""
    if colon and not is_tag(tag):
        raise UsageError(f"not a tag: `{show(tag)}`", hint="a tag holds letters, digits and `._-`, at most 128")
    if parse_name(before) is None and parse_name(before.lower()) is not None:
        raise UsageError(f"an image name has no capitals: `{show(before)}`", hint=f"write `{show(before.lower())}`")
    if ":" in before.rpartition("/")[2] or not before:
        raise UsageError(f"not an image: `{show(typed)}`", hint=_LIKE)
    name = parse_user_name(before)
    written = f"{name}" + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    return Reference(name, tag or None, digest or None, written)
