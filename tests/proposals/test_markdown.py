import html
import re

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.proposals.markdown import code, folded, table
from hubctl.show import show

HOSTILE = [
    "`",
    "``",
    "a`b",
    "```x```",
    " `",
    "` ",
    "|",
    "a|b|c",
    "\\|",
    "a\\",
    "\\",
    "\\`|`",
    "@team",
    "#123",
    "owner/repo#1",
    "<img src=x onerror=alert(1)>",
    "<!-- hubctl:end -->",
    "-->",
    "[x](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "\n\n# heading",
    "\r\n| a | b |",
    "\x1b[31mred",
    "\u202egnp.exe",
    "\u200b",
    "",
    "   ",
    "*a* _b_ ~~c~~",
    "::set-output name=x::y",
    "&lt;&amp;",
    "$(id)",
]


def rendered(markdown: str) -> str:
    return cmarkgfm.github_flavored_markdown_to_html(markdown)


def spans(page: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r"<code>(.*?)</code>", page, re.DOTALL)]


def plain(text: str) -> str:
    """What a reader should see: the text as `show` gives it, comment marks broken up."""
    return show(text).replace("<!--", "\\u003c!--").replace("-->", "--\\u003e")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_one_code_span_with_nothing_around_it(text):
    page = rendered(code(text))
    assert re.sub(r"<code>.*?</code>", "", page, flags=re.DOTALL) == "<p></p>\n"
    assert [span.strip() for span in spans(page)] == [plain(text).strip()]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_in_its_cell(text):
    page = rendered("\n".join(table(("a", "b"), [[code(text, cell=True), "next"]])))
    assert [span.strip() for span in spans(page)] == [plain(text).strip()]
    assert (page.count("<td>"), page.count("<tr>"), page.count("<td>next</td>")) == (2, 2, 1)


@given(st.text(max_size=60))
def test_any_text_stays_in_its_cell_and_reads_as_shown(text):
    page = rendered("\n".join(table(("a", "b"), [[code(text, cell=True), "next"]])))
    assert [span.strip() for span in spans(page)] == [plain(text).strip()]
    assert (page.count("<td>"), page.count("<tr>")) == (2, 2)


@given(st.text(alphabet="`|\\ \n<!->a", max_size=40))
def test_fences_pipes_and_comments_in_any_order_stay_inside(text):
    for cell in (True, False):
        span = code(text, cell=cell)
        assert "<!--" not in span
        assert "-->" not in span
        assert "\n" not in span
    page = rendered("\n".join(table(("a", "b"), [[code(text, cell=True), "next"]])))
    assert [span.strip() for span in spans(page)] == [plain(text).strip()]


def test_a_long_text_is_cut():
    assert code("x" * 500, limit=10) == "`xxxxxxxxx…`"


def test_lines_are_folded_only_where_there_are_many():
    assert folded("three", ["a", "b", "c"], over=3) == ["a", "b", "c"]
    assert folded("three", ["a", "b", "c"], over=2) == [
        "<details><summary>three</summary>",
        "",
        "a",
        "b",
        "c",
        "",
        "</details>",
    ]
