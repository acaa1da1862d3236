"""Recordings: what was answered, written down and given again; and files that are no recordings."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.errors import Unparseable
from hubctl.images.facts import ImageFacts, Listing, NoAnswer, TagFact
from hubctl.images.reference import ImageName
from hubctl.registry.memory import Memory
from hubctl.registry.recording import Recording, Replay

ROOT = Path(__file__).parents[2]
NAME, OTHER = ImageName("quay.io/some/image"), ImageName("mysql")
DIGEST, LONG = f"sha256:{'a' * 64}", f"sha512:{'b' * 128}"
REFUSED = NoAnswer("denied", "`quay.io` does not show `some/image`: status 401")
moments = st.datetimes(min_value=dt.datetime.fromisoformat("1981-01-01T00:00:00"), timezones=st.just(dt.UTC))
tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True)
digests = st.sampled_from([DIGEST, LONG])
sentences = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=50)
sources = st.sampled_from(["oci", "quay"])
facts = st.builds(
    TagFact, tags, st.none() | digests, st.none() | moments, st.none() | moments, st.none() | moments, sources
)
refusals = st.builds(NoAnswer, st.sampled_from(["denied", "no-answer", "no-such-tag"]), sentences)
listings = st.builds(
    Listing, st.lists(facts, max_size=4).map(tuple), sources, st.lists(sentences, max_size=2).map(tuple)
)
images = st.builds(
    ImageFacts,
    digests,
    st.sampled_from([(), ("linux/amd64",), ("linux/arm64/v8", "linux/amd64")]),
    st.none() | moments,
    st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3),
    st.none() | st.integers(min_value=0),
    st.lists(sentences, max_size=2).map(tuple),
)


class Given:
    """Answers every question about every tag the same."""

    notes = ("a note",)

    def __init__(self, listing=REFUSED, digest=REFUSED, image=REFUSED, past=REFUSED) -> None:
        self._answers = listing, digest, image, past

    def tags_of(self, names):
        return dict.fromkeys(names, self._answers[0])

    def digests_of(self, pairs):
        return dict.fromkeys(pairs, self._answers[1])

    def inspect_all(self, pairs):
        return dict.fromkeys(pairs, self._answers[2])

    def history_of(self, pairs):
        return dict.fromkeys(pairs, self._answers[3])


def ask(answers: object) -> list[object]:
    pairs = [(NAME, "v1"), (OTHER, "v2")]
    return [
        answers.tags_of([NAME, OTHER]),
        answers.digests_of(pairs),
        answers.inspect_all(pairs),
        answers.history_of(pairs),
    ]


@pytest.mark.slow
@given(listings | refusals, digests | refusals, images | refusals, st.lists(facts, max_size=3).map(tuple) | refusals)
def test_a_replay_answers_as_the_recorded_run_did(listing, digest, facts, past) -> None:
    recording = Recording(Given(listing, digest, facts, past))
    answered = ask(recording)
    written = recording.as_bytes()
    assert ask(Replay(written, "r.json")) == answered
    schema = json.loads((ROOT / "schemas" / "recording.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads(written), schema)
    again = Recording(Replay(written, "r.json"))
    ask(again)
    assert again.as_bytes() == written


def test_a_recording_is_stable_text_by_image() -> None:
    recording = Recording(Given(Listing((TagFact("v1", DIGEST),), "quay")))
    recording.tags_of([NAME, OTHER])
    recording.digests_of([(OTHER, "v2")])
    listing = {"notes": [], "source": "quay", "tags": [{"digest": DIGEST, "name": "v1", "source": "oci"}]}
    assert json.loads(recording.as_bytes()) == {
        "version": 1,
        "images": {
            "docker.io/library/mysql": {
                "digests": {"v2": {"code": "denied", "why": REFUSED.why}},
                "list": listing,
            },
            "quay.io/some/image": {"list": listing},
        },
    }
    assert recording.notes == ("a note",)


def test_what_a_recording_does_not_hold_is_no_answer() -> None:
    replay = Replay(b'{"version": 1, "images": {}}', "r.json")
    pair = (NAME, "v1")
    assert [dict(answer) for answer in (replay.tags_of([NAME]), replay.digests_of([pair]))] == [
        {NAME: NoAnswer("no-answer", "not asked: `r.json` does not hold the tags of `quay.io/some/image`")},
        {pair: NoAnswer("no-answer", "not asked: `r.json` does not hold where `quay.io/some/image:v1` points")},
    ]
    assert replay.notes == ("answers are those of `r.json`: no registry was asked",)


def with_image(**image: object) -> bytes:
    return json.dumps({"version": 1, "images": {"quay.io/a/b": image}}).encode()


def with_tag(**tag: object) -> bytes:
    return with_image(list={"source": "oci", "notes": [], "tags": [{"name": "v1", "source": "oci"} | tag]})


TAG = "images.quay.io/a/b.list.tags[0]"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (b"", 1, "not JSON: Expecting value"),
        (b'{"version": 1,\n"images": {,}}', 2, "not JSON: Expecting property name enclosed in double quotes"),
        (b"[" * 200_000, 1, "not JSON that can be read"),
        (b'{"a": ' + b"9" * 5_000 + b"}", 1, "not JSON that can be read"),
        (b'{"version": 1,\n"\xff": 1}', 2, "not UTF-8"),
        ('{"version": 1}'.encode("utf-16"), 1, "not UTF-8"),
        (b"[]", 1, "`the file` is no object"),
        (b"{}", 1, "no recording of version 1"),
        (b'{"version": 2, "images": {}}', 1, "no recording of version 1"),
        (b'{"version": true, "images": {}}', 1, "no recording of version 1"),
        (b'{"version": 1}', 1, "no recording: it is without `images`"),
        (b'{"version": 1, "images": []}', 1, "`images` is no object"),
        (b'{"version": 1, "other": []}', 1, "`other` is an unknown field"),
        (with_image(lists={}), 1, "`images.quay.io/a/b.lists` is an unknown field"),
        (with_image(list={"source": "oci"}), 1, "`images.quay.io/a/b.list` is without `tags`"),
        (with_image(list={"code": "fine", "why": "x"}), 1, "`images.quay.io/a/b.list.code` is no code of a question"),
        (with_image(list={"code": "denied"}), 1, "`images.quay.io/a/b.list` is without `why`"),
        (with_image(digests={"v1": "sha256:x"}), 1, "`images.quay.io/a/b.digests.v1` is no digest"),
        (with_image(digests={"v1": 1}), 1, "`images.quay.io/a/b.digests.v1` is no text"),
        (with_image(digests={"-v\n": DIGEST}), 1, "`images.quay.io/a/b.digests.-v\\n` is of no tag"),
        (
            with_image(inspected={"v1": {"digest": DIGEST, "size": -1}}),
            1,
            "`images.quay.io/a/b.inspected.v1.size` is no",
        ),
        (with_image(inspected={"v1": {"platforms": []}}), 1, "`images.quay.io/a/b.inspected.v1` is without `digest`"),
        (
            with_image(inspected={"v1": {"digest": DIGEST, "labels": {"a": 1}}}),
            1,
            "`images.quay.io/a/b.inspected.v1.lab",
        ),
        (
            with_image(inspected={"v1": {"digest": DIGEST, "platforms": ["\x1b/x"]}}),
            1,
            "`images.quay.io/a/b.inspected.",
        ),
        (with_image(history={"v1": {}}), 1, "`images.quay.io/a/b.history.v1` is no list"),
        (with_tag(name="$(x)"), 1, f"`{TAG}.name` is no tag"),
        (with_tag(name=f"sha256-{'a' * 64}.sig"), 1, f"`{TAG}.name` is no tag"),
        (with_tag(name="x" * 129), 1, f"`{TAG}.name` is no tag"),
        (with_tag(digest="sha1:0"), 1, f"`{TAG}.digest` is no digest"),
        (with_tag(pushed="yesterday"), 1, f"`{TAG}.pushed` is no moment"),
        (with_tag(pushed=1), 1, f"`{TAG}.pushed` is no text"),
        (with_tag(source="\x1b[31m"), 1, f"`{TAG}.source` is no source"),
    ],
)
def test_a_file_that_is_no_recording_is_one_clear_error(text, line, message) -> None:
    with pytest.raises(Unparseable) as caught:
        Replay(text, "r.json")
    assert (caught.value.file, caught.value.line, caught.value.code) == ("r.json", line, "bad-recording")
    assert caught.value.message.startswith(message)


def test_what_a_recording_says_reaches_no_terminal_unescaped() -> None:
    replay = Replay(with_image(list={"code": "denied", "why": "\x1b[31m\u202e"}), "r.json")
    name = ImageName("quay.io/a/b")
    assert replay.tags_of([name]) == {name: NoAnswer("denied", "\\u001b[31m\\u202e")}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | digests,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
REPLAYED = ["version", "images", "list", "digests", "inspected", "history", "tags", "source", "notes", "name", "digest"]
KEPT = ["version", "asked", "list", "digests", "moved", "tags", "name", "digest"]


def harmed(whole: object, names: list[str]) -> st.SearchStrategy[object]:
    """Return `whole` with something else in place of the value of one of its keys, wherever it stands."""

    def replaced(at: object, name: str, value: object) -> object:
        if isinstance(at, dict):
            return {key: value if key == name else replaced(inner, name, value) for key, inner in at.items()}
        return [replaced(inner, name, value) for inner in at] if isinstance(at, list) else at

    return st.builds(lambda name, value: replaced(whole, name, value), st.sampled_from(names), json_values)


def whole_recording() -> object:
    fact = TagFact("v1", DIGEST, source="oci")
    recording = Recording(Given(Listing((fact,), "oci"), DIGEST, ImageFacts(DIGEST, (), None, {}, 1), (fact,)))
    ask(recording)
    return json.loads(recording.as_bytes())


@given(harmed(whole_recording(), REPLAYED))
def test_whatever_stands_in_a_recording_it_is_read_or_refused(value) -> None:
    try:
        answered = len(ask(Replay(json.dumps(value).encode(), "r.json"))), None
    except Unparseable as refused:
        answered = 4, refused.code
    assert answered in {(4, None), (4, "bad-recording")}


def whole_memory() -> object:
    memory = Memory(None)
    moment = dt.datetime(2026, 6, 5, tzinfo=dt.UTC)
    memory.listed(Listing((TagFact("v1", DIGEST), TagFact("1.2.3")), "oci"), moment)
    memory.saw("1.2.3", DIGEST, moment)
    memory.saw("1.2.3", DIGEST.replace("a", "b"), moment)
    return json.loads(memory.as_bytes())


@given(harmed(whole_memory(), KEPT))
def test_whatever_stands_in_a_memory_it_is_read_or_forgotten(value) -> None:
    memory = Memory(json.dumps(value).encode())
    moment = dt.datetime(2026, 6, 6, tzinfo=dt.UTC)
    assert memory.listing is None or isinstance(memory.listing[1], Listing)
    memory.listed(Listing((TagFact("v1", DIGEST),), "oci"), moment)
    assert memory.usable("1.2.3", moment) in {None, DIGEST, DIGEST.replace("a", "b")}
    assert memory.listing == (moment, Listing((TagFact("v1", DIGEST),), "oci"))
    assert Memory(memory.as_bytes()).listing == memory.listing
