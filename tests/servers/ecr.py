"""Amazon's registries over a table of tags: the public one with its own scope, the private one with no order."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence

from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, as_json
from tests.servers.tags import Tag, sha256

PAGE = 1_000  # more at once than this is refused
_TOKEN = "canary-ecr-token"


def ecr_public(images: Mapping[str, Sequence[Tag]], *, page: int = PAGE) -> Callable[[Asked], Answer]:
    """Return a handler whose challenge names the scope `aws` alone, and whose tokens need the image's scope too."""
    listed = distribution(images, page=page)

    def answer(asked: Asked) -> Answer:
        if asked.path == "/token/":
            scopes = asked.query.get("scope", "").split()
            known = asked.query.get("service") == "public.ecr.aws" and "aws" in scopes
            return as_json({"token": f"{_TOKEN}-{scopes[-1]}"}) if known and len(scopes) == 2 else Answer(403)
        name = asked.path.removeprefix("/v2/").rsplit("/", 2)[0]
        if asked.headers.get("authorization") != f"Bearer {_TOKEN}-repository:{name}:pull":
            realm = f'realm="http://{asked.headers["host"]}/token/",service="public.ecr.aws",scope="aws"'
            return as_json({"errors": [{"code": "DENIED"}]}, 401, ("WWW-Authenticate", f"Bearer {realm}"))
        return listed(asked)

    return answer


def ecr_private(
    images: Mapping[str, Sequence[Tag]], *, login: str = "AWS:canary", page: int = PAGE
) -> Callable[[Asked], Answer]:
    """Return a handler that wants Basic authentication; its lists have no order, and a Link with a word of its own."""
    basic = "Basic " + base64.b64encode(login.encode()).decode()
    manifests = distribution(images)

    def answer(asked: Asked) -> Answer:
        if asked.headers.get("authorization") != basic:
            realm = f'Basic realm="https://{asked.headers["host"]}/",service="ecr.amazonaws.com"'
            return Answer(401, b"Not Authorized\n", (("WWW-Authenticate", realm),))
        name = asked.path.removeprefix("/v2/").removesuffix("/tags/list")
        if name not in images or not asked.path.endswith("/tags/list"):
            return manifests(asked)
        if int(asked.query.get("n", "1")) > PAGE:
            return as_json({"errors": [{"code": "UNSUPPORTED"}]}, 405)
        names = sorted((tag.name for tag in images[name]), key=lambda tag: sha256(tag.encode()))
        last = asked.query.get("last", "MA==")
        if not last.endswith("="):
            return as_json({"errors": [{"code": "NAME_INVALID", "message": "invalid token"}]}, 400)
        start = int(base64.b64decode(last))
        after = base64.b64encode(f"{start + page:07}".encode()).decode()
        link = [("Link", f'<{asked.path}?last={after}>; rel="next"')] if start + page < len(names) else []
        return as_json({"name": name, "tags": names[start : start + page]}, 200, *link)

    return answer


def described(tags: Sequence[Tag], *, seconds: bool = False) -> str:
    """Return what `aws ecr describe-images` prints, in no order; `seconds` is how its first version writes times."""
    by_digest: dict[str, list[Tag]] = {}
    for tag in sorted(tags, key=lambda tag: sha256(tag.name.encode())):
        by_digest.setdefault(tag.digest, []).append(tag)
    details = []
    for digest, found in by_digest.items():
        pushed = min(tag.pushed for tag in found)  # a further tag on an image that is there changes nothing
        details.append(
            {
                "registryId": "123456789012",
                "repositoryName": "some/image",
                "imageDigest": digest,
                "imageTags": [tag.name for tag in found],
                "imageSizeInBytes": 1000,
                "imagePushedAt": pushed.timestamp() if seconds else pushed.isoformat(timespec="microseconds"),
            }
        )
    return json.dumps({"imageDetails": details}, indent=4)
