"""The picture of a pull request shows a text of today, whole and inside its page."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from docs.pull_request_picture import WIDTH, Run, blocks, drawn, pull_request_picture, runs, wrapped
from docs.record import PULL_REQUEST

SVG = "{http://www.w3.org/2000/svg}"
PRINTED = """\
[lagoon] a <b> & c
hubctl/bump-image/x → main

<!-- hubctl:begin -->
One sentence about `quay.io/a/b`.

| image | old → new |
| --- | --- |
| `quay.io/a/b` | ``odd`tag`` → `2` |

**Checks**

- ✓ tag: it exists
- see [`1...2`](https://example.org/1...2), as labels claim

**Roll back** after the merge

- not shown
"""


def shown(picture: str) -> list[str]:
    return ["".join(text.itertext()) for text in ET.fromstring(picture).iter(f"{SVG}text")]


@pytest.mark.slow
def test_the_picture_is_the_pull_request_of_today():
    assert pull_request_picture() == PULL_REQUEST.read_text("utf-8")


def test_everything_up_to_the_roll_back_is_drawn_in_order():
    assert shown(drawn(PRINTED)) == [
        "[lagoon] a <b> & c",
        "Open",
        "hubctl/bump-image/x → main",
        "One sentence about quay.io/a/b.",
        "image",
        "old → new",
        "quay.io/a/b",
        "odd`tag → 2",
        "Checks",
        "✓ tag: it exists",
        "see 1...2, as labels claim",
    ]


def test_nothing_stands_outside_the_page():
    page = ET.fromstring(PULL_REQUEST.read_text("utf-8"))

    assert max(float(box.get("x")) + float(box.get("width")) for box in page.iter(f"{SVG}rect")) <= WIDTH
    assert max(float(text.get("y")) for text in page.iter(f"{SVG}text")) < float(page.get("height"))


def test_marks_of_markdown_become_looks():
    assert runs("a **b** `c` [`d`](https://example.org)") == (
        Run("a "),
        Run("b", "bold"),
        Run(" "),
        Run("c", "code"),
        Run(" "),
        Run("d", "link"),
    )


def test_a_long_line_is_broken_and_nothing_is_lost():
    line = runs("config/clusters/lagoon/common.values.yaml and `more-of-it` here")

    rows = list(wrapped(line, 150))

    assert max(sum(run.width for run in row) for row in rows) <= 150 + Run(" ").width
    assert "".join(run.text for row in rows for run in row) == "".join(run.text for run in line)
    assert len(rows) == 4


def test_blocks_leave_out_comments_and_folds():
    body = ["<details><summary>x</summary>", *PRINTED.splitlines()[3:]]

    assert [block[0] for block in blocks(body)] == [
        "One sentence about `quay.io/a/b`.",
        "| image | old → new |",
        "**Checks**",
        "- ✓ tag: it exists",
    ]
