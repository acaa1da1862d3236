"""Finding every place in a values file where an image is written."""

from __future__ import annotations

from dataclasses import dataclass

from hubctl.images.beside import Comments, KeyPaths
from hubctl.images.places import Places, Use
from hubctl.images.roles import role_of
from hubctl.images.site import Role, Site
from hubctl.text.parse import parse
from hubctl.text.recent import Recent
from hubctl.text.tree import Mapping, Node, Stream
from hubctl.text.walk import resolve

# Bytes of text whose places are kept: whoever edits asks again, and ten thousand hubs have about this. Places are few.
KEPT = 40_000_000
_found: Recent[tuple[bytes, str], tuple[Site, ...]] = Recent(KEPT)


def find_sites(data: bytes, file: str) -> tuple[Site, ...]:
    """Return the places of one YAML file where an image is written, in text order; `file` only names it.

    A place is an `image` or `build_image` scalar that holds a reference with tag or digest, a map of `name` or
    `repository` with `tag` (a `tag` alone below a key that ends in `image`), an entry of `extraImages`, and an
    environment value whose name contains IMAGE. An alias is no place: what it stands for is one, once, where it is
    written. Placeholders, templates, bare names and files sops encrypted hold none. `Unparseable` for what cannot
    be read as YAML or is over the limits of parsing.
    """
    return _found.recall((data, file), len(data), lambda: _sites(data, file))


def _sites(data: bytes, file: str) -> tuple[Site, ...]:
    stream = parse(data, file)
    if any(_is_encrypted(root) for root in stream.documents):
        return ()
    comments = Comments(stream)
    sites: list[Site] = []
    for document, root in enumerate(stream.documents):
        paths = KeyPaths(root)
        sites.extend(_site(file, document, written, paths, comments) for written in _written(stream, root))
    return tuple(sites)


def _is_encrypted(root: Node | None) -> bool:
    return isinstance(root, Mapping) and resolve(root, ("sops", "mac")) is not None


@dataclass(frozen=True, slots=True)
class _Written:
    """One written image with all its uses, the place itself, where it is one, before those through aliases."""

    uses: list[Use]
    aliases: tuple[int, ...]


def _written(stream: Stream, root: Node | None) -> list[_Written]:
    """Return the written images of one document in text order."""
    places = Places()
    if "&" in stream.text:
        places.note_anchors(root)
    places.walk(root)
    groups: dict[int, list[Use]] = {}
    for use in places.uses:
        groups.setdefault(id(use.scalar), []).append(use)
    written = [
        _Written(sorted(uses, key=lambda use: use.spot.lines), tuple(sorted(places.shared.get(scalar, ()))))
        for scalar, uses in groups.items()
    ]
    return sorted(written, key=lambda one: one.uses[0].scalar.start)


def _site(file: str, document: int, written: _Written, paths: KeyPaths, comments: Comments) -> Site:
    use = written.uses[0]
    return Site(
        file=file,
        path=use.spot.written,
        line=use.scalar.line,
        form=use.form,
        image=use.image,
        tag=use.tag,
        digest=use.digest,
        role=_role(written.uses),
        aliases=written.aliases,
        document=document,
        comment=comments.of(use.scalar),
        key_path=paths.text(use.spot.written),
    )


def _role(uses: list[Use]) -> Role:
    """Return the first role that says more than `service`: an anchor may stand where no chart looks."""
    return next((role for use in uses if (role := role_of(use.spot.path)) != "service"), "service")
