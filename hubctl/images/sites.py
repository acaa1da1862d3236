"""Finding every place in a values file where an image is written."""

from __future__ import annotations

import re

from hubctl.images.places import Places, Use
from hubctl.images.roles import role_of
from hubctl.images.site import Role, Site
from hubctl.text.parse import parse
from hubctl.text.tree import Mapping, Node, Stream
from hubctl.text.walk import key_path, resolve, trailing_comment

_COMMENT = re.compile(r"(?:^|#\s*)hubctl:\s*(.*)")


def find_sites(data: bytes, file: str) -> tuple[Site, ...]:
    """Return the places of one YAML file where an image is written, in text order; `file` only names it.

    A place is an `image` or `build_image` scalar that holds a reference with tag or digest, a map of `name` or
    `repository` with `tag` (a `tag` alone below a key that ends in `image`), an entry of `extraImages`, and an
    environment value whose name contains IMAGE. An alias is no place: what it stands for is one, once, where it is
    written. Placeholders, templates, bare names and files sops encrypted hold none. `Unparseable` for what cannot
    be read as YAML or is over the limits of parsing.
    """
    stream = parse(data, file)
    if any(_is_encrypted(root) for root in stream.documents):
        return ()
    return tuple(site for document in range(len(stream.documents)) for site in _sites_of(stream, document, file))


def _is_encrypted(root: Node | None) -> bool:
    return isinstance(root, Mapping) and resolve(root, ("sops", "mac")) is not None


def _sites_of(stream: Stream, document: int, file: str) -> list[Site]:
    places = Places()
    root = stream.documents[document]
    if "&" in stream.text:
        places.note_anchors(root)
    places.walk(root)
    written: dict[int, list[Use]] = {}
    for use in places.uses:
        written.setdefault(id(use.scalar), []).append(use)
    uses = sorted(written.values(), key=lambda uses: uses[0].scalar.start)
    return [_site(stream, document, file, group, places) for group in uses]


def _site(stream: Stream, document: int, file: str, uses: list[Use], places: Places) -> Site:
    uses = sorted(uses, key=lambda use: use.spot.lines)  # the place itself, where it is one, before its aliases
    use = uses[0]
    return Site(
        file=file,
        path=use.spot.written,
        line=use.scalar.line,
        form=use.form,
        image=use.image,
        tag=use.tag,
        digest=use.digest,
        role=_role(uses),
        aliases=tuple(sorted(places.shared.get(id(use.scalar), ()))),
        document=document,
        comment=_comment(stream, use),
        key_path=key_path(stream.documents[document], use.spot.written),
    )


def _role(uses: list[Use]) -> Role:
    """Return the first role that says more than `service`: an anchor may stand where no chart looks."""
    return next((role for use in uses if (role := role_of(use.spot.path)) != "service"), "service")


def _comment(stream: Stream, use: Use) -> str | None:
    found = _COMMENT.search(trailing_comment(stream, use.scalar) or "")
    return found[1].strip() if found else None
