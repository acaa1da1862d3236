"""What hubctl says below a pull request, and how it keeps that one comment."""

from __future__ import annotations

from pathlib import Path

import cmarkgfm
import pytest

from hubctl.proposals.notes import HELD, SUPERSEDED, has_note, note_marker, note_text, put_note, take_note_away
from hubctl.proposals.observed import Decision
from hubctl.proposals.plan import Change, FileEdit
from hubctl.proposals.units import Unit
from hubctl.proposals.wording import offered

from .parts import NEW, MemoryForge, change, offer

TIP = "c" * 40
FOREIGN = ("a" * 40, "b" * 40)
HOSTILE = "x`<img src=x onerror=1>`-->@everyone #1\u202e"


def us(login: str | None) -> bool:
    return login == "engineer"


def said(decision: Decision, base: str = "main", *changes: Change) -> str:
    files = tuple(FileEdit(one.site.file, b"", b"x") for one in changes)
    made = Unit("", "hubctl/x", "", changes, files, {})
    wanted = offered(made, base="main").wanted if changes else offer().wanted
    return note_text(decision, base=base, wanted=wanted, done="d" * 40)


def test_each_kind_says_what_is_so_and_what_to_do() -> None:
    people = Decision(6, "hold", "", 1, note="people", foreign=FOREIGN)
    assert said(people) == (
        f"{HELD}\nThis branch has commits that are not hubctl's: {', '.join(FOREIGN)}. It is yours, and not pushed "
        f"to.\n\nhubctl would propose now:\n\n- `quay.io/pangeo/base`: `{NEW}`\n\nTo let it rebuild the branch, which "
        "takes these commits away, put the label `hubctl:rebuild` on this pull request, or run it with `--take-over`.\n"
    )
    assert said(Decision(15, "close", "its changes are in #2", 1, TIP, note="covered")) == (
        f"{SUPERSEDED}\nSuperseded: its changes are in #2.\n"
    )
    covered = "its changes are in #2, but #1 has commits that are not hubctl's: close it"
    assert said(Decision(15, "hold", covered, 1, note="covered", foreign=FOREIGN)) == (
        f"{HELD}\nIts changes are in #2, but #1 has commits that are not hubctl's: close it where it is not needed any "
        "more.\n"
    )


def test_a_rebuild_over_commits_of_people_names_them_and_has_a_comment_of_its_own() -> None:
    decision = Decision(6, "rebuild", "", 1, TIP, note="rebuilt", foreign=FOREIGN)
    assert note_marker(decision) == f"<!-- hubctl:note rebuilt {TIP} -->"
    assert all(sha in said(decision) for sha in (*FOREIGN, f"`git fetch origin {TIP}`"))


def test_long_lists_are_cut_and_say_so() -> None:
    many = tuple(f"{number:040x}" for number in range(30))
    decision = Decision(6, "hold", "", 1, note="people", foreign=many)
    text = said(decision, "main", *(change(image=f"quay.io/o/n{number:02}") for number in range(30)))
    assert (many[19] in text, many[20] in text, " and 10 more." in text, "- and 10 more" in text) == (
        True, False, True, True,
    )  # fmt: skip


@pytest.mark.parametrize("note", ["people", "moved", "approved", "rebuilt", "covered", "done"])
def test_foreign_words_stay_in_their_code_span(note: str) -> None:
    decision = Decision(6, "hold", "held", 1, TIP, note=note, foreign=FOREIGN)
    shown = cmarkgfm.github_flavored_markdown_to_html(said(decision, HOSTILE, change(HOSTILE, image=HOSTILE)))
    assert "<img" not in shown.replace("&lt;img", "")
    assert said(decision, HOSTILE).count("-->") == 1


def test_one_comment_is_kept_current_and_nothing_is_sent_where_it_says_the_same(tmp_path: Path) -> None:
    forge = MemoryForge(tmp_path)
    put_note(forge, 1, f"{HELD}\none\n", us)
    put_note(forge, 1, f"{HELD}\none\n", us)
    forge.said[1] = [type(one)(one.id, one.author, one.body.replace("\n", "\r\n")) for one in forge.said[1]]
    put_note(forge, 1, f"{HELD}\none\n", us)
    put_note(forge, 1, f"{HELD}\ntwo\n", us)
    assert forge.calls == ["comment 1", "edit comment 1"]
    assert [one.body for one in forge.said[1]] == [f"{HELD}\ntwo\n"]
    take_note_away(forge, 1, HELD, us)
    take_note_away(forge, 1, HELD, us)
    assert (forge.said[1], forge.calls[2:]) == ([], ["delete comment 1"])


def test_of_two_that_were_written_at_once_the_older_one_stays(tmp_path: Path) -> None:
    class Racing(MemoryForge):
        def comment(self, number, body):
            super().comment(number, body)
            return super().comment(number, body)

    forge = Racing(tmp_path)
    put_note(forge, 1, f"{HELD}\none\n", us)
    assert [one.id for one in forge.said[1]] == [1]


def test_a_marker_in_words_of_others_or_in_the_middle_of_ours_is_no_note(tmp_path: Path) -> None:
    forge = MemoryForge(tmp_path)
    forge.comment(1, f"quoted: {SUPERSEDED}")
    forge.me = "mallory"
    forge.comment(1, f"{SUPERSEDED}\nSuperseded.")
    assert not has_note(forge, 1, SUPERSEDED, us)
    forge.me = "engineer"
    forge.comment(1, f"{SUPERSEDED}\nSuperseded.")
    assert has_note(forge, 1, SUPERSEDED, us)
