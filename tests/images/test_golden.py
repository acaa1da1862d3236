"""Image bumps that people made: found as recorded and replayed byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hubctl.images import Site, find_sites, retag


@pytest.fixture(scope="module")
def golden(corpus_root: Path) -> Path:
    return corpus_root / "golden" / "2i2c-org+infrastructure"


@pytest.fixture(scope="module")
def pure(golden: Path) -> list[dict]:
    cases = [json.loads(line) for line in (golden / "cases.jsonl").read_text().splitlines()]
    return [case for case in cases if case["category"] == "pure"]


def blob(golden: Path, name: str) -> bytes:
    return (golden / "blobs" / name[:2] / f"{name}.yaml").read_bytes()


def test_all_recorded_bumps_are_there(pure):
    tag_only = [case for case in pure if not all(edit["repository"] for edit in case["edits"])]
    assert (len(pure), len(tag_only)) == (376, 5)


@pytest.mark.slow
def test_retagging_the_found_places_gives_what_the_person_committed(golden, pure):
    wrong = []
    for case in pure:
        data = blob(golden, case["before"])
        for edit in case["edits"]:
            sites = [site for site in find_sites(data, case["path"]) if site.path == tuple(edit["path"])]
            assert [(site.tag, site.line) for site in sites] == [(edit["old"], edit["line"])], case["id"]
            data = retag(data, sites[0], edit["new"])
        if data != blob(golden, case["after"]):
            wrong.append(case["id"])
    assert wrong == []


@pytest.mark.slow
def test_name_and_tag_alone_find_the_recorded_scalars_and_those_left_behind(golden, pure):
    wrong = []
    for case in pure:
        found, left = (paths_on_old(blob(golden, case[side]), case) for side in ("before", "after"))
        edited = {tuple(edit["path"]) for edit in case["edits"]}
        if found != edited | left or len(left) != case.get("left_on_old", 0):
            wrong.append((case["id"], edited, found, left))
    assert wrong == []


def paths_on_old(data: bytes, case: dict) -> set[tuple[str | int, ...]]:
    sites = find_sites(data, case["path"])
    return {site.path for site in sites for edit in case["edits"] if is_meant(site, edit)}


def is_meant(site: Site, edit: dict) -> bool:
    if edit["repository"] is None:
        return (site.line, site.image, site.tag) == (edit["line"], None, edit["old"])
    return (site.image, site.tag) == (edit["repository"], edit["old"])
