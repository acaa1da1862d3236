"""What hubctl says below a pull request: one comment of its own for each purpose, kept current (pure words)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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


def note_text(decision: Decision, *, base: str, wanted: Sequence[str], done: str) -> str:
    """Return the comment that a decision leaves; `wanted` is what would be proposed, `done` where base got it."""
    said = {
        "people": _people,
        "moved": _moved,
        "approved": _approved,
        "rebuilt": _rebuilt,
        "covered": _covered,
        "done": _done,
    }[decision.note or "done"]
    return f"{note_marker(decision)}\n{said(_About(decision, code(base), _listed(wanted), done))}\n"


@dataclass(frozen=True, slots=True)
class _About:
    """What a comment speaks of: `base` and `wanted` are Markdown, `done` is a commit."""

    decision: Decision
    base: str
    wanted: str
    done: str

    @property
    def commits(self) -> str:
        """Return the commits of people."""
        listed, more = self.decision.foreign[:_LISTED], len(self.decision.foreign) - _LISTED
        return f"{', '.join(listed)}{f' and {more} more' if more > 0 else ''}"


def _listed(wanted: Sequence[str]) -> str:
    more = [f"- and {len(wanted) - _LISTED} more"] if len(wanted) > _LISTED else []
    return "\n".join([*(f"- {line}" for line in wanted[:_LISTED]), *more])


def is_note(comment: Comment, marker: str, mine: Mine) -> bool:
    """Return whether a comment is hubctl's own with this marker: a marker in somebody else's words is nothing."""
    return lf(comment.body).startswith(marker) and mine(comment.author)


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


def _people(about: _About) -> str:
    return (
        f"This branch has commits that are not hubctl's: {about.commits}. It is yours, and not pushed to.\n\n"
        f"hubctl would propose now:\n\n{about.wanted}\n\nTo let it rebuild the branch, which takes these commits "
        f"away, put the label `{REBUILD}` on this pull request, or run it with `--take-over`."
    )


def _moved(about: _About) -> str:
    return (
        f"hubctl proposes this to {about.base}, and the pull request was pointed at another branch. It is left to "
        f"you.\n\nTo let hubctl point it back, put the label `{REBUILD}` on it, or run hubctl with `--take-over`."
    )


def _approved(about: _About) -> str:
    return (
        "This pull request was approved, so it stays as it was approved. A newer change is there by now:\n\n"
        f"{about.wanted}\n\nMerge this one, and the newer change is proposed afterwards; or run hubctl with "
        "`--supersede-approved` to have this one rebuilt."
    )


def _rebuilt(about: _About) -> str:
    tip = about.decision.lease
    return (
        "Rebuilt as asked. The branch had commits that are not hubctl's and are on it no more: "
        f"{about.commits}. Its tip was {tip}: `git fetch origin {tip}` brings it back."
    )


def _covered(about: _About) -> str:
    reason = about.decision.reason
    if about.decision.action == "close":
        return f"Superseded: {reason}."
    return f"{reason[:1].upper()}{reason[1:]} where it is not needed any more."


def _done(about: _About) -> str:
    if about.decision.action == "close":
        return f"Done on {about.base} in {about.done}: nothing is left to merge."
    return (
        f"Done on {about.base} in {about.done}. This branch has commits that are not hubctl's, {about.commits}, so it "
        "is left to you: close it where it is not needed any more."
    )
