"""What the commit and the pull request of a `secret` verb say: never a value, its length or a hash of it (pure)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from hubctl.proposals.checking import NOT_CHECKED, PASSED
from hubctl.proposals.composing import TITLE_LIMIT, Lengths, ending, fitting, message, roll_back
from hubctl.proposals.identity import BEGIN, MARKED_PLACES, Marker, text_id
from hubctl.proposals.markdown import code, cut, folded, table, unlinked
from hubctl.proposals.offer import Offer, Words
from hubctl.proposals.reaching import Reach, effect, hubs_affected
from hubctl.proposals.secret_plan import SecretChange, SecretPlan, What, branch_of, places_of, plan_id
from hubctl.show import plural, show

_FOLD = 12
_QUOTABLE = re.compile(r"[\w\[][\w .,:@+/`\[\]-]*", re.ASCII)
_DETAIL = 1000  # characters; recipients of a cloud are long, and who can read it is what a reviewer asks
_ENCRYPTED: frozenset[What] = frozenset({"added", "changed", "removed", "rotated", "recipients"})
_SAID: dict[What, str] = {
    "added": "added",
    "changed": "changed",
    "removed": "removed",
    "rotated": "encrypted with a new data key",
    "recipients": "recipients as in `.sops.yaml`",
    "listed": "listed",
    "plain": "set, not secret",
}


def secret_offer(plan: SecretPlan, *, base: str) -> Offer:
    """Return what a plan offers to branch `base` of the forge; the same plan gives the same words."""
    identity, title = plan_id(plan), _title(plan)
    places = places_of(plan)
    marker = Marker(id=identity, scope=plan.scope, title=text_id(title), places=places[:MARKED_PLACES])
    lines = (f"- {unlinked(_line(change))}" for change in plan.changes)
    said = Words(
        id=identity,
        title=title,
        message=message(title, lines, identity),
        body=fitting(lambda lengths: _sections(plan, marker, base, lengths)),
    )
    wanted = tuple(f"{_place(change)}: {_SAID[change.what]}" for change in _ordered(plan))
    return Offer(branch=branch_of(plan), edits=plan.edits, said=said, places=frozenset(places), wanted=wanted)


def _title(plan: SecretPlan) -> str:
    return show(unlinked(plan.title), TITLE_LIMIT)


def _line(change: SecretChange) -> str:
    return ": ".join(filter(None, (show(change.file), show(change.path), _SAID[change.what].replace("`", ""))))


def _ordered(plan: SecretPlan) -> list[SecretChange]:
    return sorted(plan.changes, key=lambda change: (change.file, change.path, change.what, change.detail))


def _place(change: SecretChange) -> str:
    return f"{code(change.file)} {code(change.path)}" if change.path else code(change.file)


def _sections(plan: SecretPlan, marker: Marker, base: str, lengths: Lengths) -> list[list[str]]:
    reach = _reach(plan)
    return [
        [BEGIN, str(marker), f"{_sentence(plan)}; {effect(reach)}.", "No secret value stands in this text."],
        _changes(plan, lengths.first),
        hubs_affected(reach, lengths.first),
        ["**Checks**", "", *_checks(plan)],
        _warnings(plan.warnings, lengths.rest),
        _besides(plan),
        [*roll_back(marker.id, base, _brought(plan)), *_going_back(plan)],
        ending("it is proposed again only by who runs the same command again"),
    ]


def _reach(plan: SecretPlan) -> Reach:
    reached: dict[str, set[str]] = {}
    for change in plan.changes:
        if change.what != "listed":
            reached.setdefault(change.file, set()).update(change.hubs)
    if not reached:
        reached = {change.file: set(change.hubs) for change in plan.changes}
    return Reach({file: frozenset(hubs) for file, hubs in reached.items()}, plan.stages, {})


def _sentence(plan: SecretPlan) -> str:
    """Say what is done how often, as the beginning of a sentence."""
    count = Counter[str](change.what for change in plan.changes)
    parts = [
        f"{verb} {plural(count[what], 'secret value')}"
        for what, verb in (("added", "adds"), ("changed", "changes"), ("removed", "removes"))
        if count[what]
    ]
    if count["rotated"]:
        parts.append("gives a new data key to the secrets")
    if count["recipients"]:
        parts.append("changes who can read to the recipients of `.sops.yaml`")
    if count["plain"]:
        parts.append(f"sets {plural(count['plain'], 'value')} beside them that {_is(count['plain'])} not secret")
    if count["listed"]:
        parts.append("lists an encrypted file in `cluster.yaml`")
    text = " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
    return f"{text[:1].upper()}{text[1:]} in {plural(len(plan.edits), 'file')}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _changes(plan: SecretPlan, length: int) -> list[str]:
    rows = [
        [
            code(change.file, cell=True),
            code(change.path, cell=True) if change.path else "the whole file",
            _SAID[change.what] + (f": {code(change.detail, cell=True, limit=_DETAIL)}" if change.detail else ""),
            str(len(change.hubs)),
        ]
        for change in _ordered(plan)[:length]
    ]
    listed = table(("file", "key path", "what", "hubs"), rows)
    return [
        *folded(plural(len(plan.changes), "place"), listed, over=_FOLD),
        *cut(len(plan.changes), length),
    ]


def _checks(plan: SecretPlan) -> Iterator[str]:
    whats = {change.what for change in plan.changes}
    if whats & _ENCRYPTED:
        yield f"- {PASSED} encrypted: every value and comment in a secret file is ciphertext, as is seen without a key"
        yield f"- {PASSED} recipients: those of a secret file are the ones that its rule in `.sops.yaml` names"
        yield f"- {PASSED} whole: sops read each of them back with a key, which proves its MAC"
    yield f"- {PASSED} only the intended places changed: all else was read again and is as before"
    if whats & {"added", "changed", "plain"}:
        yield f"- {NOT_CHECKED} valid: whether a server takes these credentials was not tried"


def _warnings(warnings: Sequence[str], length: int) -> list[str]:
    lines = [*(f"- {said}" for said in warnings[:length]), *cut(len(warnings), length, "told by the command")]
    return ["**Warnings**", "", *lines] if lines else []


def _besides(plan: SecretPlan) -> list[str]:
    """Say what a merge does not do by itself."""
    whats = {change.what for change in plan.changes}
    lines = []
    if plan.verb == "secret registry rotate":
        lines.append("- After the deployment **revoke the old password at the registry**: old commits still hold it.")
    elif whats & {"changed", "removed"}:
        lines.append("- Old commits still hold the old value. Where it may be known, revoke it where it came from.")
    if "rotated" in whats:
        lines.append(
            "- The values are the same as before. One that may be known needs a new value, and the old one revoked."
        )
    if "recipients" in whats:
        lines.append("- Who is no recipient any more can still read old commits: renew the values, revoke the old.")
    if "listed" in whats:
        lines.append("- `cluster.yaml` changes, and with it every hub of the cluster is deployed again.")
    return ["**To do besides**", "", *lines] if lines else []


def _brought(plan: SecretPlan) -> tuple[str, str] | None:
    """Return what `git log` takes to find the commit by its title; None where a shell might read names wrong."""
    title, file = _title(plan), min(edit.file for edit in plan.edits)
    quotable = _QUOTABLE.fullmatch(title) and _QUOTABLE.fullmatch(file)
    return (f"--fixed-strings --grep='{title}'", f"-- '{file}'") if quotable else None


def _going_back(plan: SecretPlan) -> list[str]:
    whats = {change.what for change in plan.changes}
    said = []
    if whats & {"changed", "removed"}:
        said.append(
            "A revert brings back the **old** value. Where that one was exposed or revoked do not revert: set another,"
            " and revoke the exposed one at its registry."
        )
    if whats & _ENCRYPTED:
        said.append(
            "The revert conflicts where a file was changed since, for one MAC covers it all: then use `hubctl secret`."
        )
    return ["", *said] if said else []
