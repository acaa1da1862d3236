"""`hubctl image newest`: the engine for one reference, in a folder that is no repository."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubctl.adapters.schema import problems
from tests.cli.playground import IMAGES, NOW, Outcome, Playground, settings_for, tags
from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, serve
from tests.servers.quay import start_quay
from tests.servers.tags import Tag

NOTEBOOK = "quay.io/leap/notebook"
DIGESTS = {tag.name: tag.digest for tag in IMAGES[NOTEBOOK]}
HOSTILE = "\x1b]0;owned\x07"


def answer(asked: Asked) -> Answer:
    """The playground's images; `denied` needs a login nobody has, `down` is broken."""
    if "/leap/denied/" in asked.path:
        return Answer(401, headers=(("WWW-Authenticate", 'Basic realm="leap"'),))
    if "/leap/down/" in asked.path:
        return Answer(404, b"<html>") if "/manifests/" in asked.path else Answer(200, b"<html>")
    return distribution(IMAGES)(asked)


@pytest.fixture
def anywhere(tmp_path: Path) -> Iterator[Playground]:
    """An empty folder outside any repository."""
    folder = tmp_path / "anywhere"
    folder.mkdir()
    with serve(answer) as registry:
        settings = settings_for(registry, tmp_path)
        yield Playground(folder, registry, {"HUBCTL_SETTINGS": str(settings), "SOURCE_DATE_EPOCH": NOW})


def newest(playground: Playground, *words: str, **variables: str) -> Outcome:
    return playground.run("image", "newest", *words, **variables)


ROWS = [
    ((f"{NOTEBOOK}:2026.05.01",), 0, f"{NOTEBOOK}:2026.06.04\n"),
    (("quay.io/leap/nothing:1.0.0",), 1, ""),
    (("quay.io/Leap/notebook:1.0.0",), 2, ""),
    (("quay.io/leap/denied:1.0.0",), 4, ""),
    (("quay.io/leap/down:1.0.0",), 9, ""),
]
MORE_ROWS = [
    ((f"{NOTEBOOK}:2026.06.04",), 0, f"{NOTEBOOK}:2026.06.04\n"),
    ((f"{NOTEBOOK}:2026.05.01", "--policy", "pattern=.*20"), 0, f"{NOTEBOOK}:2026.05.20\n"),
    ((f"{NOTEBOOK}:2026.05.01", "--policy", "pin because of drivers"), 0, f"{NOTEBOOK}:2026.05.01\n"),
    ((f"{NOTEBOOK}:2026.05.01", "--policy", "pattern=x.*"), 1, ""),
    ((f"{NOTEBOOK}:2026.05.01", "--policy", "soon"), 2, ""),
    ((f"{NOTEBOOK}:2026.05.01", "--offline", "--replay", "x"), 2, ""),
    ((), 2, ""),
]


@pytest.mark.parametrize(
    ("words", "code", "out"), [*ROWS, *(pytest.param(*row, marks=pytest.mark.slow) for row in MORE_ROWS)]
)
def test_stdout_is_the_reference_to_use_and_the_exit_code_tells_the_rest(anywhere, words, code, out) -> None:
    done = newest(anywhere, *words)

    assert (done.code, done.out) == (code, out)
    assert "bug" not in done.err


def test_the_reason_and_every_candidate_stand_on_stderr(anywhere: Playground) -> None:
    done = newest(anywhere, f"{NOTEBOOK}:2026.05.01", "--explain")

    assert (done.out, done.err.splitlines()) == (
        f"{NOTEBOOK}:2026.06.04\n",
        [
            "2026.05.01 → 2026.06.04  newest date",
            "    no date     2026.06.04  chosen",
            "    no date     2026.05.20  older than `2026.06.04`",
            "    no date     latest  another shape: moving",
        ],
    )


def test_json_is_the_documented_object(anywhere: Playground) -> None:
    done = newest(anywhere, f"{NOTEBOOK}:2026.05.01", "--json")

    assert list(done.json.items()) == [
        ("image", NOTEBOOK),
        ("tag", "2026.05.01"),
        ("new", "2026.06.04"),
        ("digest", DIGESTS["2026.06.04"]),
        ("code", "newer"),
        ("why", "newest date"),
        ("evidence", {"source": "oci", "digest": DIGESTS["2026.06.04"]}),
        (
            "candidates",
            [
                {"tag": "2026.06.04", "lost": None, "pushed": None, "created": None},
                {"tag": "2026.05.20", "lost": "older than `2026.06.04`", "pushed": None, "created": None},
                {"tag": "latest", "lost": "another shape: moving", "pushed": None, "created": None},
            ],
        ),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code", "found"),
    [
        ((f"{NOTEBOOK}:2026.06.04",), 0, ("2026.06.04", DIGESTS["2026.06.04"], "up-to-date", None)),
        ((f"{NOTEBOOK}:2026.05.01", "--policy", "pin"), 0, ("2026.05.01", None, "pinned", None)),
        ((f"{NOTEBOOK}@{DIGESTS['latest']}",), 0, (None, DIGESTS["latest"], "digest-only", None)),
        (("quay.io/leap/nothing:1.0.0",), 1, ("1.0.0", None, "no-such-image", "no-such-image")),
        (("quay.io/leap/denied:1.0.0",), 4, ("1.0.0", None, "denied", "denied")),
        (("quay.io/leap/down:1.0.0",), 9, ("1.0.0", None, "no-answer", "no-answer")),
        ((f"{NOTEBOOK}:1", "--policy", "pattern=x"), 1, ("1", None, "other-shape", "no-such-tag")),
    ],
)
def test_json_of_what_is_not_newer_names_the_reason_and_fits_the_schema(anywhere, words, code, found) -> None:
    done = newest(anywhere, *words, "--json")
    shape = done.json

    failed = shape.get("error", {"code": None})["code"]
    assert (done.code, shape["new"], (shape["tag"], shape["digest"], shape["code"], failed)) == (code, None, found)
    assert problems(shape, "image-newest") == []


@pytest.mark.slow
def test_a_run_that_fails_before_it_asks_keeps_the_shape(anywhere: Playground) -> None:
    anywhere.write({"hubctl.yaml": "policies: 7\n"})
    done = newest(anywhere, f"{NOTEBOOK}:2026.05.01", "--json")

    assert (done.code, done.json["image"], done.json["code"]) == (1, NOTEBOOK, None)
    assert done.json["error"]["code"] == "bad-settings"
    assert problems(done.json, "image-newest") == []


def test_a_bare_name_asks_for_the_fixed_twin_of_latest(tmp_path: Path, anywhere: Playground) -> None:
    published = tags("2026.05.01", "2026.06.04")
    latest = Tag("latest", published[-1].content, published[-1].pushed)
    with start_quay({"leap/notebook": [*published, latest]}, otherwise=answer) as quay:
        path = tmp_path / "quay.yaml"
        entry = {"mirror": f"{quay.base}/{{host}}", "insecure": True, "kind": "quay", "api": quay.base}
        path.write_text(json.dumps({"registries": {"quay.io": entry}}))
        done = anywhere.run("--settings", str(path), "image", "newest", NOTEBOOK, "--json")

    assert (done.code, done.json["tag"], done.json["new"], done.json["code"]) == (0, None, "2026.06.04", "newer")


def test_with_a_digest_behind_the_tag_both_are_new(anywhere: Playground) -> None:
    done = newest(anywhere, f"{NOTEBOOK}:2026.05.01@{DIGESTS['2026.05.01']}")

    assert done.out == f"{NOTEBOOK}:2026.06.04@{DIGESTS['2026.06.04']}\n"


@pytest.mark.slow
def test_a_tag_that_moves_is_newer_by_its_digest(anywhere: Playground) -> None:
    old = f"{NOTEBOOK}:latest@{DIGESTS['2026.05.01']}"
    said, told = newest(anywhere, old), newest(anywhere, old, "--json").json

    why = "`latest` moved to another digest"
    assert (said.out, said.err) == (
        f"{NOTEBOOK}:latest@{DIGESTS['latest']}\n",
        f"latest @ {DIGESTS['latest'][:19]}  {why}\n",
    )
    assert (told["new"], told["digest"], told["code"], told["why"]) == ("latest", DIGESTS["latest"], "newer", why)
    assert [each["tag"] for each in told["candidates"] if each["lost"] is None] == ["latest"]


@pytest.mark.slow
def test_rules_for_the_image_count_and_rules_for_a_path_do_not(anywhere: Playground) -> None:
    anywhere.write(
        {"hubctl.yaml": "policies:\n- path: '*'\n  pin: nobody\n- image: quay.io/leap/*\n  ignore: ['*.04']\n"}
    )

    assert newest(anywhere, f"{NOTEBOOK}:2026.05.01").out == f"{NOTEBOOK}:2026.05.20\n"


@pytest.mark.slow
def test_a_repository_s_rules_count_in_any_of_its_folders(anywhere: Playground) -> None:
    anywhere.write({"hubctl.yaml": "policies:\n- image: quay.io/leap/*\n  pin: the drivers\n", "deep/down/x": ""})
    done = anywhere.run("-C", "deep/down", "image", "newest", f"{NOTEBOOK}:2026.05.01")

    assert (done.code, done.out, done.err) == (0, f"{NOTEBOOK}:2026.05.01\n", "pinned: the drivers\n")


@pytest.mark.slow
def test_the_page_of_quay_and_dockers_scheme_are_understood(anywhere: Playground) -> None:
    done = newest(anywhere, "docker://quay.io/repository/leap/notebook:2026.05.01")

    assert done.out == f"{NOTEBOOK}:2026.06.04\n"


@pytest.mark.slow
def test_what_a_person_typed_reaches_no_terminal_as_it_is(anywhere: Playground) -> None:
    done = newest(anywhere, f"quay.io/leap/notebook:{HOSTILE}")

    assert (done.code, HOSTILE in done.err, "\\u001b" in done.err) == (2, False, True)


@pytest.mark.slow
def test_quiet_leaves_the_answer_alone(anywhere: Playground) -> None:
    done = anywhere.run("--quiet", "image", "newest", f"{NOTEBOOK}:2026.05.01")

    assert (done.out, done.err) == (f"{NOTEBOOK}:2026.06.04\n", "")


@pytest.mark.slow
def test_git_is_not_needed(anywhere: Playground, tmp_path: Path) -> None:
    done = newest(anywhere, f"{NOTEBOOK}:2026.05.01", PATH=str(tmp_path))

    assert (done.code, done.out) == (0, f"{NOTEBOOK}:2026.06.04\n")
