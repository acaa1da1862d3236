"""`--record`, `--replay`, `--offline`, `--no-cache`: the same answers without asking, at the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.playground import COMMON, COMMON_FILE, Outcome, Playground

NOTEBOOK = "quay.io/leap/notebook"
VERBS = [
    ("image", "newest", f"{NOTEBOOK}:2026.05.01", "--json"),
    ("image", "newest", NOTEBOOK, "--json"),
    ("image", "tags", NOTEBOOK, "--json"),
    ("image", "tags", f"{NOTEBOOK}:latest", "--json"),
    ("bump-image", "leap", "--role", "all", "--dry-run", "--json"),
]
FIRST = pytest.param(VERBS[0], id="image newest")
OTHERS = [pytest.param(verb, id=" ".join(verb[:3]), marks=pytest.mark.slow) for verb in VERBS[1:]]


def asked(playground: Playground, *words: str) -> tuple[Outcome, int]:
    """Run hubctl and count what it asked the registry."""
    before = len(playground.registry.log)
    done = playground.run(*words)
    return done, len(playground.registry.log) - before


def _without_age(done: Outcome) -> Any:
    """Return the answer without the note that says when an old list was asked."""
    notes = [note for note in done.json.get("notes", []) if "no newer one" not in note]
    return {**done.json, **({"notes": notes} if "notes" in done.json else {})}


@pytest.mark.parametrize("verb", [FIRST, *OTHERS])
def test_a_recording_gives_the_same_answers_and_asks_nobody(playground: Playground, verb, tmp_path: Path) -> None:
    file = str(tmp_path / "answers.json")
    recorded, requests = asked(playground, *verb, "--no-cache", "--record", file)
    replayed, none = asked(playground, *verb, "--no-cache", "--replay", file)

    assert (recorded.code, requests > 0, none) == (0, True, 0)
    assert (replayed.code, replayed.json) == (0, recorded.json)


@pytest.mark.parametrize("verb", [FIRST, *OTHERS])
def test_what_an_earlier_run_kept_is_enough_offline(playground: Playground, verb) -> None:
    cold, none = asked(playground, *verb, "--offline")
    warming, requests = asked(playground, *verb)
    warm, neither = asked(playground, *verb, "--offline")

    assert (cold.code, none, requests > 0, neither) == (9, 0, True, 0)
    assert (warm.code, _without_age(warm)) == (0, _without_age(warming))


@pytest.mark.slow
def test_a_recording_is_seen_from_the_folder_that_was_named(playground: Playground, tmp_path: Path) -> None:
    verb = ("-C", str(playground.root), "image", "newest", f"{NOTEBOOK}:2026.05.01")
    made = playground.run(*verb, "--record", "made.json", at=tmp_path)
    used = playground.run(*verb, "--replay", "made.json", at=tmp_path)

    assert (made.code, used.code, used.out) == (0, 0, made.out)
    assert isinstance(json.loads(playground.read("made.json")), dict)


@pytest.mark.slow
def test_what_is_not_in_a_recording_could_not_be_told(playground: Playground, tmp_path: Path) -> None:
    file = str(tmp_path / "answers.json")
    playground.run("image", "newest", f"{NOTEBOOK}:2026.05.01", "--record", file)
    done = playground.run("image", "newest", "quay.io/leap/small:2026.05.01", "--replay", file, "--json")

    failed = done.json["error"]
    hint = "ask the registry: leave out `--replay`"
    assert (done.code, done.json["new"], failed["code"], failed["hint"]) == (9, None, "no-answer", hint)


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"version": 99}', b"null", b"a: 1"])
def test_what_is_no_recording_is_an_error_and_no_bug(playground: Playground, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "answers.json"
    file.write_bytes(content)
    done = playground.run("image", "newest", f"{NOTEBOOK}:2026.05.01", "--replay", str(file), "--json")

    assert (done.code, done.json["new"], "error" in done.json) == (1, None, True)


@pytest.mark.slow
@pytest.mark.parametrize("flag", ["--replay", "--record"])
def test_a_file_that_cannot_be_opened_is_an_error(playground: Playground, tmp_path: Path, flag: str) -> None:
    done = playground.run("bump-image", "leap", flag, str(tmp_path / "nowhere" / "answers.json"))

    assert (done.code, "bug" in done.err) == (1, False)
    assert playground.read(COMMON_FILE) == COMMON


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("bump-image", "--offline", "--replay", "x"),
        ("bump-image", "--record", "x", "--replay", "x"),
        ("bump-image", "--offline", "--open-pr"),
        ("bump-image", "--pin", "--to", "x"),
        ("image", "newest", NOTEBOOK, "--offline", "--replay", "x"),
        ("image", "tags", NOTEBOOK, "--record", "x", "--replay", "x"),
        ("image", "tags", NOTEBOOK, "--max-wait", "-1"),
        ("image", "tags", NOTEBOOK, "--max-wait", "nan"),
    ],
)
def test_flags_that_exclude_each_other_are_a_usage_error(playground: Playground, words) -> None:
    done, none = asked(playground, *words)

    assert (done.code, done.out, none) == (2, "", 0)
