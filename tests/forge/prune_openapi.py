"""Make `openapi.json.gz`: the part of GitHub's description of its REST API that the double speaks.

Run it with the path of `generated/api.github.com.json`, unpacked from the npm package `@octokit/openapi`:

    python tests/forge/prune_openapi.py package/generated/api.github.com.json

Kept are the operations below, what they refer to, and nothing that is only for people (texts, examples).
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

EXCERPT = Path(__file__).with_name("openapi.json.gz")
REPOSITORY = "/repos/{owner}/{repo}"
OPERATIONS = {
    "/user": ("get",),
    "/users/{username}": ("get",),
    REPOSITORY: ("get",),
    f"{REPOSITORY}/forks": ("get", "post"),
    f"{REPOSITORY}/git/ref/{{ref}}": ("get",),
    f"{REPOSITORY}/issues/{{issue_number}}/assignees": ("post",),
    f"{REPOSITORY}/issues/{{issue_number}}/comments": ("get", "post"),
    f"{REPOSITORY}/issues/{{issue_number}}/events": ("get",),
    f"{REPOSITORY}/issues/comments/{{comment_id}}": ("get", "patch", "delete"),
    f"{REPOSITORY}/issues/{{issue_number}}/labels": ("get", "post"),
    f"{REPOSITORY}/pulls": ("get", "post"),
    f"{REPOSITORY}/pulls/{{pull_number}}": ("get", "patch"),
    f"{REPOSITORY}/pulls/{{pull_number}}/requested_reviewers": ("get", "post"),
    f"{REPOSITORY}/pulls/{{pull_number}}/reviews": ("get",),
    f"{REPOSITORY}/rules/branches/{{branch}}": ("get",),
}
FOR_PEOPLE = {"description", "example", "examples", "externalDocs", "summary", "tags", "title", "x-github"}


def without_texts(node: Any, *, names: bool = False) -> Any:
    """Return `node` without what is only read by people; below `properties` every key is a name and stays."""
    if isinstance(node, list):
        return [without_texts(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: without_texts(value, names=key == "properties" and not names)
        for key, value in node.items()
        if names or key not in FOR_PEOPLE
    }


def references(node: Any) -> Iterator[str]:
    """Give each `$ref` below `node`."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def prune(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the description of `OPERATIONS` with every component they reach."""
    paths = {
        path: {method: without_texts(whole["paths"][path][method]) for method in methods}
        for path, methods in OPERATIONS.items()
    }
    components: dict[str, dict[str, Any]] = {}
    wanted = list(references(paths))
    while wanted:
        _, _, kind, name = wanted.pop().split("/")
        if name not in components.setdefault(kind, {}):
            components[kind][name] = without_texts(whole["components"][kind][name])
            wanted.extend(references(components[kind][name]))
    info = {"title": "Excerpt of @octokit/openapi", "version": whole["info"]["version"], "license": {"name": "MIT"}}
    return {"openapi": whole["openapi"], "info": info, "paths": paths, "components": components}


if __name__ == "__main__":
    text = json.dumps(prune(json.loads(Path(sys.argv[1]).read_bytes())), sort_keys=True, separators=(",", ":"))
    EXCERPT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    sys.stdout.write(f"{EXCERPT.name}: {len(text)} bytes, {EXCERPT.stat().st_size} gzipped\n")
