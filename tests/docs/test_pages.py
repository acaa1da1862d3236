"""Every command of a page is played again, every link leads somewhere, every example can be read."""

from __future__ import annotations

import doctest
import json
import re
import shlex
from pathlib import Path

import jsonschema
import pytest
import yaml

from docs.pages import PAGES, ROOT, commands, fenced, rewritten
from docs.playing import playground
from docs.record import PICTURE, demo_picture
from hubctl.cli.app import parse
from hubctl.cli.invocation import Invocation
from hubctl.cli.settings_files import layer_of
from hubctl.images.policy import parse_policy
from hubctl.images.sites import find_sites
from hubctl.settings import merge

LINK = re.compile(r"\]\(([^)\s]+)\)")
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text("utf-8") for page in PAGES}


def blocks(kind: str) -> list[tuple[str, str]]:
    return [(name, text) for name, page in TEXTS.items() for text in fenced(page, kind)]


def anchors(page: str) -> set[str]:
    """Return the anchors GitHub makes of headings, and those that are written."""
    prose = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    titles = [
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    ]
    return {*titles, *re.findall(r'<a id="([\w-]+)">', page)}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({name for name, _ in blocks("console")}))
def test_each_command_prints_what_its_page_shows(name):
    with playground() as play:
        for block in fenced(TEXTS[name], "console"):
            shown = commands(block)
            printed = play(tuple(each.command for each in shown))
            for each, text in zip(shown, printed, strict=True):
                assert each.fits(text), f"{each.command}\n\nprints:\n{text}\nrun `python -m docs.record`"


@pytest.mark.slow
def test_the_picture_is_the_demo_of_today():
    assert demo_picture() == PICTURE.read_text("utf-8")


def test_recording_keeps_excerpts_and_replaces_whole_outputs():
    page = "a\n```console\n$ one\nold\n$ two\n…\nkept\n```\n```sh\n$ three\n```\n"

    assert rewritten(page, lambda commands: tuple(f"{each} is new\n" for each in commands)) == (
        "a\n```console\n$ one\none is new\n$ two\n…\nkept\n```\n```sh\n$ three\n```\n"
    )


@pytest.mark.parametrize(
    ("shown", "printed", "fits"),
    [
        ("a\nb", "a\nb\n", True),
        ("a\nb", "a\n", False),
        ("a\n…", "a\nb\nc\n", True),
        ("…\nb\n…", "b\n", True),
        ("…\nb", "a\nbb\n", False),
    ],
)
def test_an_excerpt_fits_only_what_was_printed(shown, printed, fits):
    (one,) = commands(f"$ command\n{shown}\n")

    assert one.fits(printed) is fits


def test_a_console_block_begins_with_a_command():
    with pytest.raises(ValueError, match="begins with a command, not with: output"):
        commands("output\n$ command\n")


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_each_link_leads_to_a_page_and_a_heading_that_exist(name):
    dead = []
    for link in LINK.findall(TEXTS[name]):
        file, _, anchor = link.partition("#")
        if file.startswith("https://"):
            continue
        target = ((ROOT / name).parent / file).resolve() if file else ROOT / name
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            dead.append(link)

    assert dead == []


def test_the_index_links_every_page():
    linked = {link.partition("#")[0] for link in LINK.findall(TEXTS["docs/index.md"])}

    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"} == {
        link for link in linked if link.endswith(".md") and not link.startswith("../")
    }


@pytest.mark.parametrize(("name", "text"), blocks("yaml"))
def test_each_yaml_example_is_what_its_first_line_says(name, text):
    file = text.splitlines()[0].removeprefix("# ")
    if file.startswith(".github/workflows/"):
        assert yaml.safe_load(text)["name"] == file.removeprefix(".github/workflows/")[:-4].replace("-", " ")
    elif file == ".pre-commit-config.yaml":
        hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
        assert [hook["id"] for hook in yaml.safe_load(text)["repos"][0]["hooks"]] == [hook["id"] for hook in hooks]
    elif file.startswith("config/clusters/"):
        sites = find_sites(text.encode(), file)
        assert sites != ()
        assert [parse_policy(site.comment).origin for site in sites if site.comment] == ["comment"] * 2
    else:
        assert file in {"hubctl.yaml", "~/.config/hubctl/config.yaml"}
        assert merge([layer_of(text.encode(), file, trusted=file != "hubctl.yaml")])[1] == ()


@pytest.mark.parametrize("name", sorted({name for name, _ in blocks("pycon")}))
def test_the_python_examples_of_a_page_give_what_they_show(name):
    session = "".join(fenced(TEXTS[name], "pycon"))
    examples = doctest.DocTestParser().get_doctest(session, {}, name, name, 0)

    done = doctest.DocTestRunner(verbose=False).run(examples)

    assert (done.failed, done.attempted) == (0, session.count(">>> "))


def test_each_json_example_fits_the_schema_of_its_verb():
    checked = []
    for section in re.split(r"^## ", TEXTS["docs/json.md"], flags=re.MULTILINE)[1:]:
        (schema,) = set(re.findall(r"\.\./schemas/([\w-]+)\.schema\.json", section)) or {"image-list"}
        outputs = ["\n".join(each.output) for block in fenced(section, "console") for each in commands(block)]
        for text in [*outputs, *fenced(section, "json")]:
            value = json.loads(text)
            whole = {"sites": [], "problems": [value]} if section.startswith("A problem") else value
            jsonschema.validate(whole, json.loads((ROOT / "schemas" / f"{schema}.schema.json").read_text("utf-8")))
            checked.append(schema)

    looked_at = [
        "image-list",
        "bump-image",
        "bump-image",
        "image-newest",
        "image-tags",
        "hub-list",
        "hub-show",
        "plan",
        "init",
        "completion",
        "validate",
        "secret-set",
        "secret-get",
        "secret-unset",
        "secret-rotate",
        "secret-sync-recipients",
        "secret-check",
        "secret-registry-set",
        "secret-registry-rotate",
        "secret-registry-check",
        "doctor",
        "demo",
    ]
    assert checked == [*looked_at, "recording", "image-list"]


def test_every_answer_has_its_schema_in_the_page():
    answers = {path.name for path in ROOT.glob("schemas/*.json")} - {
        f"{name}.schema.json" for name in ("cluster", "hubctl", "hub-values")
    }

    assert set(re.findall(r"\(\.\./schemas/([\w.-]+)\)", TEXTS["docs/json.md"])) == answers


def test_every_verb_has_its_help_in_the_page():
    shown = {
        each.command: each.output
        for block in fenced(TEXTS["docs/command-line.md"], "console")
        for each in commands(block)
    }

    def verbs(words: str) -> list[str]:
        output = shown[f"{words} --help"]
        if "Commands:" not in output:
            return [words]
        listed = output[output.index("Commands:") + 1 :]
        below = [line.split()[0] for line in listed if re.match(r"  [a-z]", line)]
        return [words, *(found for name in below for found in verbs(f"{words} {name}"))]

    assert sorted(f"{words} --help" for words in verbs("hubctl")) == sorted(shown)


def _typed() -> list[str]:
    """Every command of hubctl that pages show without running it."""
    workflow = yaml.safe_load(next(text for _, text in blocks("yaml") if "bump images" in text))
    steps = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]
    lines = [line for _, text in blocks("sh") for line in text.splitlines()] + steps
    return [line.partition("  #")[0].strip() for line in lines if line.startswith("hubctl ")]


@pytest.mark.parametrize("line", _typed())
def test_each_command_that_is_only_shown_can_be_typed(line):
    assert isinstance(parse(shlex.split(line)[1:]), Invocation)


def test_no_page_shows_a_secret_on_a_command_line():
    shells = [text for kind in ("sh", "console", "text", "yaml") for _, text in blocks(kind)]
    lines = [line for text in shells for line in text.splitlines() if "hubctl secret" in line]

    assert len(lines) > 20
    assert [line for line in lines if re.search(r"\b(?:echo|printf)\b|<<<|--(?:password|value)\b", line)] == []


def test_the_workflow_has_no_right_it_does_not_need_and_pins_its_actions():
    (text,) = (text for _, text in blocks("yaml") if "bump images" in text)
    workflow = yaml.safe_load(text)
    ours = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")

    assert workflow["permissions"] == {}
    assert [job["permissions"] for job in workflow["jobs"].values()] == [
        {"contents": "write", "pull-requests": "write"}
    ]
    assert workflow[True]["schedule"] == [{"cron": "17 6 * * 1"}]
    assert [
        use for use in re.findall(r"uses: (.*)", text) if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", use)
    ] == []
    assert set(re.findall(r"uses: (.*)", text)) <= set(re.findall(r"uses: (.*)", ours))
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")
    assert "timeout-minutes" in text


def test_the_readme_fits_one_screen_and_installs_what_is_declared():
    readme = TEXTS["README.md"]

    assert len(readme.splitlines()) <= 60
    assert "docs/demo.svg" in readme
    assert "`jupyterhub-hubctl`" in readme
    named = re.search(r"The verbs today are (.*?)\.", readme, re.DOTALL)[1]
    shown = [each.command for block in fenced(TEXTS["docs/command-line.md"], "console") for each in commands(block)]
    groups = {"hubctl", "hubctl image", "hubctl hub", "hubctl secret", "hubctl secret registry"}
    verbs = {command.removesuffix(" --help") for command in shown} - groups
    assert {f"hubctl {verb}" for verb in re.findall(r"`([a-z -]+)`", named)} == verbs


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_page_holds_lines_a_reviewer_can_read(name):
    prose = re.sub(r"^```.*?^```$", "", TEXTS[name], flags=re.MULTILINE | re.DOTALL)

    assert [line for line in prose.splitlines() if len(line) > 130 and not line.startswith("|")] == []
    assert not Path(name).is_absolute()
