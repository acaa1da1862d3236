"""What the pages list is what the source has: codes, rules, settings, files."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import get_args

from docs.pages import ROOT
from hubctl.images.shape import MOVING
from hubctl.proposals.acting import Operation
from hubctl.rules.catalogue import RULES
from hubctl.secrets.catalogue import RULES as SECRET_RULES

SOURCES = {file: ast.parse(file.read_text("utf-8")) for file in sorted((ROOT / "hubctl").glob("**/*.py"))}
# Calls whose argument of this index is a code of why-nothing.md.
CODED = {"Keep": 0, "Unknown": 0, "NoAnswer": 0, "drop": 1, "Skip": 2}
REFUSED = {"UnsafeEdit"}
UNANSWERED = {"Unanswered", "LoginRefused"}


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def headings(text: str, level: int) -> list[str]:
    return re.findall(rf"^{'#' * level} (.*)$", text, re.MULTILINE)


def named(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def words(expression: ast.expr, scope: ast.AST) -> Iterator[str]:
    """Yield the texts an expression can be; a name is looked up among the assignments of its function."""
    match expression:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from words(one, scope)
            yield from words(other, scope)
        case ast.Name(id=name):
            for node in ast.walk(scope):
                if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
                    yield from words(node.value, scope)


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)


def functions(tree: ast.AST) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def default_codes(names: set[str]) -> set[str]:
    """The `default_code` of classes."""
    return {
        text
        for tree in SOURCES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and (node.name in names or not names)
        for line in node.body
        if isinstance(line, ast.Assign | ast.AnnAssign)
        and line.value is not None
        and "default_code" in ast.unparse(line)
        for text in words(line.value, node)
    }


def codes_of_places() -> set[str]:
    """Every code a place can have that is left alone or unknown, as the source says it."""
    found = default_codes(REFUSED | UNANSWERED)
    for file, tree in SOURCES.items():
        for scope in functions(tree):
            for call in calls(scope):
                index = CODED.get(named(call))
                if index is not None and len(call.args) > index:
                    found |= set(words(call.args[index], scope))
                code = keyword(call, "code")
                edits = file.parent.name in {"text", "images"} and named(call) in REFUSED
                if code is not None and (edits or named(call) in UNANSWERED):
                    found |= set(words(code, scope))
    return found | set(dropped_codes())


def dropped_codes() -> Iterator[str]:
    """The codes of candidates: pairs of code and reason in `confirm.py`."""
    tree = SOURCES[ROOT / "hubctl" / "images" / "confirm.py"]
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[0], ast.Constant):
            yield str(node.elts[0].value)


def test_every_reason_to_leave_a_place_alone_has_its_heading():
    assert sorted(headings(page("why-nothing.md"), 3)) == sorted(codes_of_places())


def test_every_rule_has_its_heading():
    found = {False: set(), True: set()}
    for file, tree in SOURCES.items():
        of_secrets = file.parent.name == "secrets" or file.name.startswith("secret_")
        for call in calls(tree):
            if named(call) == "Problem":
                rule = keyword(call, "rule") or call.args[2]
                found[of_secrets] |= set(words(rule, tree))
    validated = {rule.name for rule in RULES}

    assert sorted(headings(page("problems.md"), 2)) == sorted({*found[False], *validated, "Refused edits"})
    assert found[True] - {rule.name for rule in SECRET_RULES} == set()
    assert {rule.name for rule in SECRET_RULES} - set(headings(page("secret-check.md"), 2)) == set()


def test_every_code_of_an_error_is_listed():
    found = default_codes(set())
    for tree in SOURCES.values():
        for call in calls(tree):
            code = keyword(call, "code")
            if code is not None:
                found |= set(words(code, tree))
    listed = set(re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| (`.*?) \|", page("exit-codes.md"), re.MULTILINE))))

    assert found - listed - set(headings(page("why-nothing.md"), 3)) == set()
    assert listed - found == {"no-such-cluster", "no-such-hub"}  # made of `no-such-` and the kind of name


def test_the_exit_codes_are_those_of_the_source():
    source = (ROOT / "hubctl" / "commands" / "codes.py").read_text("utf-8")
    known = {int(number) for number in re.findall(r"^[A-Z_]+ = (\d+)$", source, re.MULTILINE)}

    assert {int(number) for number in re.findall(r"^\| (\d+) \|", page("exit-codes.md"), re.MULTILINE)} == known | {143}


def test_every_setting_has_its_row_and_says_who_may_set_it():
    schema = json.loads((ROOT / "schemas" / "hubctl.schema.json").read_text("utf-8"))
    known = set(schema["properties"])
    known |= {f"policies[].{key}" for key in schema["$defs"]["policy"]["properties"]}
    known |= {f"registries.HOST.{key}" for key in schema["$defs"]["registry"]["properties"]}
    rows = re.findall(r"^\| `([\w.\[\]]+)` \|.*\| (yes|no|in part) \|$", page("settings.md"), re.MULTILINE)

    assert sorted(key for key, _ in rows) == sorted(known)
    from hubctl.settings import CREDENTIAL_KEYS  # noqa: PLC0415  # the one place that decides it

    assert {key.rpartition(".")[2] for key, answer in rows if answer == "no"} == set(CREDENTIAL_KEYS)


def test_every_choice_of_a_setting_is_named():
    schema = json.loads((ROOT / "schemas" / "hubctl.schema.json").read_text("utf-8"))
    rows = dict(re.findall(r"^\| `([\w.\[\]]+)` \| (.*?) \|", page("settings.md"), re.MULTILINE))

    assert set(re.findall(r"`(\w+)`", rows["group"])) == set(schema["properties"]["group"]["enum"])
    assert set(re.findall(r"`(\w+)`", rows["policies[].order"])) == set(
        schema["$defs"]["policy"]["properties"]["order"]["enum"]
    )
    assert set(re.findall(r"`(\w+)`", rows["registries.HOST.kind"])) == set(
        schema["$defs"]["registry"]["properties"]["kind"]["enum"]
    )


def test_every_row_of_the_decision_table_is_in_the_page():
    tree = SOURCES[ROOT / "hubctl" / "proposals" / "decision.py"]
    decided = {
        node.value
        for call in calls(tree)
        if named(call) in {"Decision", "_anew"} and not isinstance(call.args[0], ast.Name)
        for node in ast.walk(call.args[0])
        if isinstance(node, ast.Constant)
    }
    rows = re.findall(r"^\| (\d+) \| .* \| (.*?) \|$", page("pull-requests.md"), re.MULTILINE)

    # 4 is told apart from 5, 7 and 14 from 3 by what differs, 9 does not count, 16 is a push that lost a race.
    assert {int(number) for number, _ in rows} == decided | {4, 7, 9, 14, 16}
    assert {word for _, words in rows for word in re.findall(r"`(\w+)`", words)} == set(get_args(Operation))


def test_the_words_for_moving_tags_are_some_of_those_that_count():
    (row,) = re.findall(r"^\| moving \| (.*?) \|", page("choosing.md"), re.MULTILINE)

    assert set(re.findall(r"`(\w+)`", row)) < MOVING


def test_the_architecture_names_every_package_and_every_file_of_it():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    listed = set()
    room = ""
    for name, files in re.findall(r"^\| (?:`(hubctl/\w+)`)? ?\| (.*?) \|", text, re.MULTILINE):
        room = name or room
        listed |= {f"{room}/{file}" for file in re.findall(r"`(\w+\.py)`", files)}
    there = {file.relative_to(ROOT).as_posix() for file in SOURCES if file.parent != ROOT / "hubctl"}

    assert listed == {file for file in there if not file.endswith("/__init__.py")}


def test_every_path_the_architecture_names_exists():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    paths = re.findall(r"`((?:hubctl|docs|tests|schemas|config|bench)/[\w./-]*|pyproject\.toml)`", text)

    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert len(paths) > 40
