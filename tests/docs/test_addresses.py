"""What messages link to is there: each rule and each code has its heading."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.pages import ROOT
from hubctl import pages
from hubctl.cli import lines
from hubctl.problem import Problem
from hubctl.rules.catalogue import RULES


def headings(page: str, level: int) -> list[str]:
    return re.findall(rf"^{'#' * level} ([a-z-]+)$", (ROOT / page).read_text("utf-8"), re.MULTILINE)


def leads(address: str) -> bool:
    page, _, name = address.partition("#")
    return name in [*headings(page, 2), *headings(page, 3)]


def test_the_address_of_every_rule_leads_to_its_heading():
    named = {*headings(pages.RULES, 2), *(rule.name for rule in RULES), *pages.REFUSED}

    assert [rule for rule in sorted(named) if not leads(pages.of_rule(rule))] == []


def test_every_code_of_a_refused_edit_is_explained_where_its_problem_says():
    (below,) = re.findall(r"^## Refused edits$(.*)", (ROOT / pages.CODES).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    refused = set(re.findall(r"^### ([a-z-]+)$", below, re.MULTILINE))

    assert refused - {"duplicate-key"} == pages.REFUSED  # which is a rule as well


@pytest.mark.parametrize("page", [pages.RULES, pages.CODES])
def test_no_heading_stands_twice(page: str):
    named = [*headings(page, 2), *headings(page, 3)]

    assert sorted(set(named)) == sorted(named)


def test_problems_end_with_the_address_of_each_rule_once():
    found = [Problem("a", 1, "missing-file", "m", "n"), Problem("b", 2, "missing-file", "m", "n")]

    assert list(lines.problem_lines([*found, Problem("c", 3, "verify", "m", "n")])) == [
        "problem: a:1: missing-file: m (n)",
        "problem: b:2: missing-file: m (n)",
        "problem: c:3: verify: m (n)",
        "see hubctl's docs/problems.md#missing-file, docs/why-nothing.md#verify",
    ]
    assert list(lines.problem_lines([])) == []


def test_one_file_knows_the_pages():
    sources = sorted((ROOT / "hubctl").glob("**/*.py"))

    naming = [source for source in sources if re.search(r'"docs/(problems|why-nothing)\.md', source.read_text("utf-8"))]

    assert naming == [Path(pages.__file__)]
