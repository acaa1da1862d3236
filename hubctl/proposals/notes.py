"""What hubctl says below a pull request: one comment of its own for each purpose, kept current (pure words)."""

from __future__ import annotations

from collections.abc import Callable

from hubctl.proposals.forge import Comment, Forge
from hubctl.proposals.identity import lf
from hubctl.proposals.markdown import code
from hubctl.proposals.observed import Decision

REBUILD = "hubctl:rebuild"
HELD = "<!-- hubctl:note held -->"
SUPERSEDED = "<!-- hubctl:note superseded -->"
_LISTED = 20

Mine = Callable[[str | None], bool]


def note_marker(decision: Decision) -> str:
    """Return the hidden line that a decision's comment is found by; each rebuilding over commits of people has one."""
    if decision.note == "rebuilt":
        return f"<!-- hubctl:note rebuilt {decision.lease} -->"
    return SUPERSEDED if decision.action == "close" else HELD


def note_text(decision: Decision, *, base: str, title: str, done: str) -> str:
    """Return the comment that a decision leaves; `title` is what would be proposed now, `done` where base got it."""
    said = {
        "people": _people,
        "moved": _moved,
        "approved": _approved,
        "rebuilt": _rebuilt,
        "covered": _covered,
        "done": _done,
    }[decision.note or "done"]
    return f"{note_marker(decision)}\n{said(decision, code(base), code(title), done)}"


def is_note(comment: Comment, marker: str, mine: Mine) -> bool:
    """Return whether a comment is hubctl's own with this marker: a marker in somebody else's words is nothing."""
    return mine(comment.author) and lf(comment.body).startswith(marker)


def put_note(forge: Forge, number: int, text: str, mine: Mine) -> None:
    """Make exactly one comment of ours with the text's marker stand there with this text. Raises what is refused.

    One that says the same is left alone. Of two that were written at the same moment the older one stays.
    """
    marker = text.partition("\n")[0]
    standing = _standing(forge, number, marker, mine)
    if not standing:
        forge.comment(number, text)
        standing = _standing(forge, number, marker, mine)
    elif lf(standing[0].body).strip() != text.strip():
        forge.edit_comment(standing[0].id, text)
    for copy in standing[1:]:
        forge.delete_comment(copy.id)


def take_note_away(forge: Forge, number: int, marker: str, mine: Mine) -> None:
    """Delete what hubctl said with this marker and is true no more. Raises what is refused."""
    for comment in _standing(forge, number, marker, mine):
        forge.delete_comment(comment.id)


def has_note(forge: Forge, number: int, marker: str, mine: Mine) -> bool:
    """Return whether a comment of ours with this marker stands there."""
    return bool(_standing(forge, number, marker, mine))


def _standing(forge: Forge, number: int, marker: str, mine: Mine) -> list[Comment]:
    return sorted(
        (each for each in forge.comments(number) if is_note(each, marker, mine)), key=lambda comment: comment.id
    )


def _commits(decision: Decision) -> str:
    listed = ", ".join(decision.foreign[:_LISTED])
    more = len(decision.foreign) - _LISTED
    return f"{listed} and {more} more" if more > 0 else listed


def _people(decision: Decision, _base: str, title: str, _done: str) -> str:
    return (
        f"This branch has commits that are not hubctl's: {_commits(decision)}. It is yours, and not pushed to.\n\n"
        f"hubctl would propose now: {title}. To let it rebuild the branch, which takes these commits away, put the "
        f"label `{REBUILD}` on this pull request, or run it with `--take-over`."
    )


def _moved(_decision: Decision, base: str, _title: str, _done: str) -> str:
    return (
        f"hubctl proposes this to {base}, and the pull request was pointed at another branch. It is left to you.\n\n"
        f"To let hubctl point it back, put the label `{REBUILD}` on it, or run hubctl with `--take-over`."
    )


def _approved(_decision: Decision, _base: str, title: str, _done: str) -> str:
    return (
        f"A newer change is there: {title}. This pull request was approved, so it stays as it was approved.\n\n"
        "Merge it, and the newer change is proposed afterwards; or run hubctl with `--supersede-approved` to have this "
        "one rebuilt."
    )


def _rebuilt(decision: Decision, _base: str, _title: str, _done: str) -> str:
    return (
        f"Rebuilt as asked. The branch had commits that are not hubctl's and are on it no more: {_commits(decision)}. "
        f"Its tip was {decision.lease}: `git fetch origin {decision.lease}` brings it back."
    )


def _covered(decision: Decision, _base: str, _title: str, _done: str) -> str:
    if decision.action == "close":
        return f"Superseded: {decision.reason}."
    return f"{decision.reason[:1].upper()}{decision.reason[1:]} where it is not needed any more."


def _done(decision: Decision, base: str, _title: str, done: str) -> str:
    if decision.action == "close":
        return f"Done on {base} in {done}: nothing is left to merge."
    return (
        f"Done on {base} in {done}. This branch has commits that are not hubctl's, {_commits(decision)}, so it is left "
        "to you: close it where it is not needed any more."
    )
