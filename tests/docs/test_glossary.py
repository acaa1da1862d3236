"""Each word of the glossary stands there once, and pages or code use it."""

from __future__ import annotations

import re

from docs.pages import PAGES, ROOT

ROWS = re.findall(
    r'^\| <a id="([\w-]+)"></a>(.*?) \| (.+) \|$', (ROOT / "docs" / "glossary.md").read_text("utf-8"), re.MULTILINE
)
TEXTS = [page for page in PAGES if page.name != "glossary.md"] + sorted((ROOT / "hubctl").glob("**/*.py"))
USED = re.sub(r"[_\s]+", " ", "\n".join(file.read_text("utf-8") for file in TEXTS)).lower()


def test_each_word_has_one_row_and_an_anchor_of_its_own():
    lines = (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()

    assert len(ROWS) == len([line for line in lines if line.startswith("| ")]) - 1
    assert len({word for _, word, _ in ROWS}) == len(ROWS)
    assert [(anchor, word) for anchor, word, _ in ROWS if anchor != word.replace(" ", "-")] == []


def test_each_word_is_one_that_pages_or_code_use():
    assert [word for _, word, _ in ROWS if re.search(rf"\b{word}", USED) is None] == []
