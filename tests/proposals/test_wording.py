import datetime as dt
import re
from dataclasses import replace

import cmarkgfm
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hubctl import __version__
from hubctl.images.choice import Evidence, Origin
from hubctl.proposals.composing import BODY_LIMIT
from hubctl.proposals.identity import BEGIN, END, parse_marker, proposal_id
from hubctl.proposals.plan import FileEdit
from hubctl.proposals.region import region
from hubctl.proposals.units import Unit
from hubctl.proposals.wording import title, words

from .parts import DIGEST, FILE, NEW, NEWER, OLD, TEXT, change, commit_file, git, make_clone, unit

DASH = "\N{EN DASH}"  # neither passed nor failed


def roll_back(identity):
    by_id = f"git rev-list -1 --no-merges --grep='Hubctl-Proposal: {identity}' origin/main"
    by_tag = f"git log -1 --no-merges --no-show-signature --format=%H -S'{NEW}' origin/main -- '{FILE}'"
    return f'git revert --no-edit "$({by_id} | grep . || {by_tag})"'


def test_the_whole_text_of_a_small_unit():
    said = words(unit(), base="main")
    identity = proposal_id(unit().changes)
    assert said.id == identity
    assert said.title == "[leap] quay.io/pangeo/base 2025.07.09 → 2026.06.04"
    assert said.message == (
        f"{said.title}\n\n- {FILE}: singleuser.image.tag: {OLD} -> {NEW}\n\nHubctl-Proposal: {identity}\n"
    )
    marker = parse_marker(said.body)
    assert marker is not None
    assert (marker.id, marker.scope) == (identity, "cluster-leap")
    assert (
        said.body
        == f"""{BEGIN}
{marker}
Changes the tag of `quay.io/pangeo/base` in 1 place of 1 file; 2 hubs: 1 staging now, 1 prod in the same merge.

| image | old → new | built | size | new digest |
| --- | --- | --- | --- | --- |
| `quay.io/pangeo/base` | `{OLD}` → `{NEW}` | pushed 2026-06-05 | 1.23 GB | `{DIGEST[:19]}` |

**Hubs affected: 2**

staging: 1

- `leap/staging`

prod: 1

- `leap/prod`

Values files, as Helm lays them over each other:

- `{FILE}` feeds 2 hubs (1 staging, 1 prod)

| file | place | old → new | why this tag | hubs | note |
| --- | --- | --- | --- | --- | --- |
| `{FILE}` | `singleuser.image.tag` | `{OLD}` → `{NEW}` | `newest date, pushed 2026-06-05` | 2 | {DASH} |

**Changes in the image**

- unknown: the image before could not be looked into

**Checks**

- ✓ tag: each new tag exists under this very image name
- ✓ digest: that of each new tag is the one above
- ✓ platform: each new tag has an image for linux/amd64
- ✓ not older: each was chosen for the reason given
- ✓ not a moving tag: each new tag is of a kind that stays where it is
- {DASH} size: not known of both images: `quay.io/pangeo/base:{NEW}`
- {DASH} schema: the values were not checked against one
- ✓ only the intended lines changed: 1 place on 1 line of 1 file, and all else was read again and is as before
- {DASH} pull secret: not checked
- {DASH} signature: not configured

**Roll back** after the merge, in a fresh clone; then push it or open a pull request:

```sh
{roll_back(identity)}
```

**Decline**: close this pull request; this tag will not be proposed again, a newer one will.
A commit of yours on this branch, and it is left to you. The label `hubctl:rebuild` lets the next run
build the branch anew.

hubctl {__version__}: run the same command again to renew this text. What you write outside it stays.
{END}
"""
    )


def made(*changes, title_scope="leap", stages=None):
    files = sorted({change.site.file for change in changes})
    edits = tuple(FileEdit(file, b"a", b"b") for file in files)
    return Unit("cluster-leap", "hubctl/bump-image/cluster-leap", title_scope, changes, edits, stages or {})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([change()], f"[leap] quay.io/pangeo/base {OLD} → {NEW}"),
        ([change(), change(old="2024.01.01")], f"[leap] quay.io/pangeo/base to {NEW}"),
        ([change(), change(NEWER)], "[leap] quay.io/pangeo/base: 2 tags"),
        ([change(), change(image="quay.io/other/image")], "[leap] update 2 images"),
        ([change("main", old="main")], "[leap] quay.io/pangeo/base:main to its present digest"),
        ([replace(change(), old=None)], f"[leap] quay.io/pangeo/base to {NEW}"),
        ([change(image="x" * 300)], "[leap] " + "x" * 248 + "…"),
        ([change(image="a\nb\x1b")], f"[leap] a\\nb\\u001b {OLD} → {NEW}"),
    ],
)
def test_a_title_says_where_and_what(changes, expected):
    assert title(made(*changes)) == expected


@pytest.mark.parametrize(
    ("hubs", "stages", "expected"),
    [
        ((), {}, "no hub reads these files by itself"),
        (("a/b",), {"a/b": "prod"}, "1 hub, all prod"),
        (("a/b", "a/c"), {"a/b": "staging", "a/c": "staging"}, "2 hubs, all staging"),
    ],
)
def test_the_first_sentence_says_what_a_merge_does(hubs, stages, expected):
    body = words(made(change(hubs=hubs), stages=stages), base="main").body
    assert f"in 1 place of 1 file; {expected}." in body


def section(body, heading):
    """Return the lines of a section, without blank ones."""
    lines = body.split(f"{heading}\n", 1)[1].split("\n**", 1)[0].split("\n")
    return [line for line in lines if line]


def test_notes_warnings_and_evidence_are_told():
    one = replace(
        change(warnings=("old tag was deleted",)),
        shadowed=True,
        copies=("a", "b"),
        site=replace(change().site, aliases=(3,)),
        evidence=Evidence(created=dt.datetime(2026, 6, 4, tzinfo=dt.UTC)),
        size=5_000_000,
    )
    two = replace(change("main", old="main", image="i"), evidence=Evidence(), size=None)
    body = words(made(one, two), base="main").body
    assert "| 2 display texts moved along |" in body
    assert "| claims 2026-06-04 | 5.0 MB |" in body
    assert "| unknown | unknown |" in body
    assert section(body, "**Warnings**") == [
        "- `i`: `main` is a moving tag, and its digest is what keeps it in place",
        "- `quay.io/pangeo/base`: `old tag was deleted`",
        f"- `{FILE}`, line 4: shadowed, a later file overrides it in every hub it reaches",
        f"- `{FILE}`, line 4: used again by alias, at line 3",
    ]


def test_many_hubs_and_places_are_folded():
    hubs = tuple(f"c/h{number:02}" for number in range(12))
    body = words(made(*(change(path=("a", number), hubs=hubs) for number in range(12))), base="main").body
    assert "<details><summary>prod: 12</summary>" in body
    assert "<details><summary>12 places in 1 file</summary>" in body
    assert body.count("</details>") == 2


@pytest.mark.slow
@pytest.mark.parametrize("count", [100, 400, 3000])
def test_a_body_that_is_too_long_is_cut_and_says_so(count):
    changes = tuple(
        change(file=f"config/clusters/c{number}/{'x' * 90}.yaml", hubs=(f"c{number}/{'y' * 60}",), image=f"i{number}")
        for number in range(count)
    )
    body = words(made(*changes), base="main").body
    assert len(body.encode()) <= BODY_LIMIT
    assert ("more are in the diff" in body) == (count > 100)
    assert ("more are reached" in body) == (count > 100)
    assert f"**Hubs affected: {count}**" in body
    assert "**Checks**" in body
    assert region(body) is not None
    assert parse_marker(body) is not None


def test_the_hubs_stay_whole_where_cutting_the_places_is_enough():
    hubs = tuple(f"c/h{number:03}" for number in range(150))
    changes = tuple(change(path=("profileList", number, "x" * 60), hubs=hubs) for number in range(600))
    body = words(made(*changes), base="main").body
    assert len(body.encode()) <= BODY_LIMIT
    assert body.count("- `c/h") == 150
    assert re.findall("cut here.*", body) == ["cut here: 500 more are in the diff"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([change()], "Changes the tag of `quay.io/pangeo/base` in"),
        ([change("main", old="main")], "Changes the digest of `quay.io/pangeo/base` in"),
        ([change(), change("main", old="main")], "Changes the tag or digest of `quay.io/pangeo/base` in"),
    ],
)
def test_the_first_sentence_says_what_of_an_image_changes(changes, expected):
    assert expected in words(made(*changes), base="main").body


def test_no_address_of_a_mirror_and_no_path_of_a_machine_is_told():
    odd = change(
        why="newest date, from http://127.0.0.1:5000/v2/x",
        warnings=("read /home/ann/fleet/x, see https://m.example/a",),
    )
    body = words(made(odd), base="main").body
    assert "`newest date, from (address left out)`" in body
    assert "`read (address left out) see (address left out)`" in body


def test_a_hostile_base_does_not_reach_the_shell_line():
    body = words(unit(), base='x";id;#').body
    assert ";id;" not in body
    assert body.count(" HEAD ") == 2


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (change(file="a'$(id)'.yaml"), "origin/main)"),
        (change(file="-x.yaml"), "origin/main)"),
        (change("a'b"), "origin/main)"),
        (change("main", old="main"), f"-S'{DIGEST}' origin/main -- '{FILE}')"),
    ],
)
def test_a_hostile_name_does_not_reach_the_shell_line(one, found):
    line = words(made(one), base="main").body.split("```sh\n")[1].split("\n")[0]
    assert "id)'" not in line
    assert line.endswith(f'{found}"')


# what GitHub acts on, what Markdown and HTML are made of, and every other character
PIECES = ["`", "``", "|", "\\", "\n", "\r\n", "<!--", "-->", "<img src=x>", "</code>", "@ann", "#12", "o/r#1", "GH-1"]
PIECES += [
    "https://github.com/o/r/issues/1",
    "![x](y)",
    "[x](y)",
    "**",
    "\u202e",
    "\u200b",
    "fixes #3",
    "[skip ci]",
    "</details>",
]
PIECES += [
    BEGIN,
    END,
    "::error::x",
    "```",
    "www.example.org",
    "a@b.example",
    "\ud800",
    "&lt;",
    "<script>",
    "- [ ] x",
    "\t",
]
ANY = st.one_of(st.text(max_size=30), st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
CLAIMS = st.builds(Origin, size=st.none() | st.integers(0, 10**12), source=ANY, revision=ANY, repository=ANY)
TAGS = {"p", "table", "thead", "tbody", "tr", "th", "td", "strong", "ul", "li", "pre", "details", "summary"}


def outside_code(page):
    """Return a page without what stands in code."""
    return re.sub(r"<code[^>]*>.*?</code>", "", page, flags=re.DOTALL)


@example(["", "", "", "", "", "", "\r", "", "", ""], None, None)
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150, deadline=None)
@given(st.lists(ANY, min_size=10, max_size=10), st.none() | CLAIMS, st.none() | CLAIMS)
def test_whatever_stands_in_a_fleet_the_page_keeps_its_form(texts, before, after):
    image, old, new, file, key, why, warning, hub, scope, copy = texts
    one = change(new, old=old or "x", image=image, file=file, hubs=(hub,), warnings=(warning,), why=why)
    one = replace(one, before=before, after=after, overridden=(hub,), default="profile", copies=(copy,))
    one = replace(one, site=replace(one.site, key_path=key, aliases=(7,)))
    said = words(made(one, title_scope=scope), base=copy)
    assert words(made(one, title_scope=scope), base=copy) == said
    assert said.body.count("<!--") == 3
    assert said.body.count(BEGIN) == said.body.count(END) == 1
    assert parse_marker(said.body) is not None
    assert region(said.body) == said.body.rstrip("\n")
    assert "\r" not in said.body
    assert len(said.body.encode()) <= BODY_LIMIT
    outside = outside_code(cmarkgfm.github_flavored_markdown_to_html(said.body))
    assert set(re.findall(r"<(\w+)", outside)) <= TAGS
    assert not re.search(r"@\w|#\d|\bGH-\d|://|www\.", outside)
    assert (outside.count("<table>"), outside.count("<tr>"), outside.count("<td>")) == (2, 4, 11)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150, deadline=None)
@given(st.lists(ANY, min_size=6, max_size=6))
def test_a_title_and_a_commit_close_nothing_and_call_nobody(texts):
    image, old, new, file, key, scope = texts
    one = change(new, old=old or "x", image=image, file=file)
    one = replace(one, site=replace(one.site, key_path=key))
    said = words(made(one, title_scope=scope), base="main")
    assert len(said.title) <= 256
    assert "\n" not in said.title
    assert not re.search(r"@\w|#\d|\bGH-\d|://|\[skip ci\]", f"{said.title}\n{said.message}")
    assert [line for line in said.message.splitlines() if line.startswith("Hubctl-Proposal:")] == [
        f"Hubctl-Proposal: {said.id}"
    ]


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=30, deadline=None)
@given(st.permutations(range(8)))
def test_the_order_of_changes_does_not_matter(order):
    all_of_them = [
        change(
            (NEW, NEWER)[number % 2],
            path=("a", number),
            image=f"i{number % 3}",
            file=f"f{number % 2}",
            hubs=(str(number),),
        )
        for number in range(8)
    ]
    shuffled = [all_of_them[number] for number in order]
    assert words(made(*shuffled), base="main") == words(made(*all_of_them), base="main")


def test_three_hundred_hubs_and_a_thousand_places_fit_with_all_that_counts():
    hubs = tuple(f"cluster-{number % 30:02}/hub-{number:03}" for number in range(300))
    stages = {hub: "staging" if number % 3 == 0 else "prod" for number, hub in enumerate(hubs)}
    changes = tuple(
        change(
            file=f"config/clusters/cluster-{number % 30:02}/common-{number % 7}.values.yaml",
            path=("jupyterhub", "singleuser", "profileList", number, "kubespawner_override", "image"),
            image=f"quay.io/org/image-{number % 20:02}",
            hubs=hubs[number % 30 :: 30],
            warnings=(f"`description` at line {number} still says `{OLD}`",),
        )
        for number in range(1_000)
    )
    body = words(made(*changes, stages=stages), base="main").body
    assert len(body.encode()) <= BODY_LIMIT
    assert "in 1000 places of 210 files; 300 hubs: 100 staging now, 200 prod in the same merge." in body
    assert body.count("\n- `cluster-") == 300
    assert body.count("\n| `quay.io/org/image-") == 20
    assert len(re.findall(r"\n- `config/.*` feeds ", body)) == 210
    assert len([line for line in body.splitlines() if line.startswith(("- ✓", "- ✗", f"- {DASH}"))]) == 10
    assert len(re.findall(r"cut here: \d+ more are (?:in the diff|told by the command)", body)) == 2


def merged(clone, branch, how, said):
    """Merge a branch into `main` as a forge does, by one of its ways, and push."""
    git(clone, "checkout", "-q", "-B", "main", "origin/main")
    text = f"{said.title} (#1)"
    if how == "rebase":
        git(clone, "cherry-pick", branch)
    elif how.startswith("squash"):
        message = {"squash": said.message, "squash with the body": said.body}.get(how, "")
        git(clone, "merge", "-q", "--squash", branch)
        git(clone, "commit", "-q", "-m", text, "-m", message)
    else:
        message = said.title if how == "merge" else said.body
        git(clone, "merge", "-q", "--no-ff", "-m", "Merge pull request #1 from org/branch", "-m", message, branch)
    git(clone, "push", "-q", "origin", "main")


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", ["merge", "merge with the body", "squash", "squash with the body", "squash by title", "rebase"]
)
def test_the_roll_back_command_works_as_printed_however_it_was_merged(tmp_path, how):
    """In a fresh clone it undoes the change alone, though its file and others changed before and after."""
    text = "".join(f"a{number}: 1\n" for number in range(9)) + TEXT + "".join(f"b{number}: 1\n" for number in range(9))
    bare, clone = make_clone(tmp_path, {FILE: text})
    said = words(unit(before=text), base="main")
    git(clone, "checkout", "-q", "-b", "proposed", "origin/main")
    commit_file(clone, FILE, unit(before=text).edits[0].after.decode(), said.message)
    git(clone, "checkout", "-q", "-B", "main", "origin/main")
    commit_file(clone, "README.md", "meanwhile\n")
    git(clone, "push", "-q", "origin", "main")
    merged(clone, "proposed", how, said)
    later = (clone / FILE).read_text().replace("a1: 1", "a1: 2").replace("b8: 1", "b8: 2")
    commit_file(clone, FILE, later)
    git(clone, "push", "-q", "origin", "main")

    found = re.search(r"```sh\n(.*?)\n```", said.body, re.DOTALL)
    assert found is not None
    git(tmp_path, "clone", "-q", "--branch", "main", str(bare), "fresh")
    script = tmp_path / "roll-back"
    script.write_text(found[1])
    git(tmp_path / "fresh", "-c", f"alias.roll=!sh {script}", "roll")
    assert NEW in later
    assert (tmp_path / "fresh" / FILE).read_text() == later.replace(NEW, OLD)
    assert (tmp_path / "fresh" / "README.md").read_text() == "meanwhile\n"
