"""Artifact Registry's tag list over a table of tags, from go-containerregistry: the plain one and a map of images."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, Server, serve
from tests.servers.tags import OCI_MANIFEST, Tag

Change = Callable[[Asked, dict[str, object]], object]


def google_images(tags: Sequence[Tag]) -> dict[str, dict[str, object]]:
    """Return the map of images by digest; a tag that comes later does not make the upload of its image later."""
    images: dict[str, dict[str, object]] = {}
    for tag in sorted(tags, key=lambda tag: tag.pushed):
        uploaded = str(int(tag.pushed.timestamp() * 1000))
        image = images.setdefault(
            tag.digest,
            {
                "imageSizeBytes": "1000",
                "layerId": "",
                "mediaType": OCI_MANIFEST,
                "tag": [],
                "timeCreatedMs": str(int(tag.created.timestamp() * 1000)) if tag.created else "0",
                "timeUploadedMs": uploaded,
            },
        )
        image["tag"] = [*image["tag"], tag.name]  # type: ignore[misc] # the list made above
    return images


@contextlib.contextmanager
def start_google(
    images: Mapping[str, Sequence[Tag]],
    *,
    page: int | None = None,
    link: str | None = '<{next}>; rel="next"',
    change: Change | None = None,
) -> Iterator[Server]:
    """Run the registry for `images` (path to tags); `page` and `link` as `distribution`.

    Each page has the map of its own tags' images. `change` turns a page into another answer.
    """
    open_door = distribution(images, page=page, link=link)

    def answer(asked: Asked) -> Answer:
        plain = open_door(asked)
        if plain.status != 200 or not asked.path.endswith("/tags/list"):
            return plain
        listed = json.loads(plain.body)
        shown = set(listed["tags"])
        tags = [tag for tag in images[listed["name"]] if tag.name in shown]
        whole: dict[str, object] = {"child": ["nested"], "manifest": google_images(tags), **listed}
        changed = change(asked, whole) if change else whole
        return changed if isinstance(changed, Answer) else replace(plain, body=json.dumps(changed).encode())

    with serve(answer) as server:
        yield server
