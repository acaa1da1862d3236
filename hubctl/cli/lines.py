"""Reports as lines for people: one line a place, readable without colour."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from hubctl import pages
from hubctl.commands import reports
from hubctl.fleet.model import Hub
from hubctl.images.choice import Candidate
from hubctl.images.facts import TagFact, believed
from hubctl.images.shape import shape_of
from hubctl.problem import Problem
from hubctl.proposals.plan import Change, Plan, Skip
from hubctl.show import plural, show

if TYPE_CHECKING:  # `image list` loads nothing of pull requests
    from hubctl.proposals.acting import PullRequestResult

_SENTENCE = 1000  # characters of a reason, which may be a person's own words
_ALIASES = 10  # named one by one
_NOISE = re.compile(r"^(?:basehub\.)?(?:jupyterhub\.)?(?:singleuser\.)?")


def change_line(change: Change) -> str:
    """Return `leap/common  profileList[slug=small].image  NAME  OLD → NEW  why`."""
    moved = f"{change.old} → {change.new}" if change.old != change.new else f"{change.new} @ {change.digest[:19]}"
    return "  ".join(
        (
            _where(change.site.file),
            _short(change.site.key_path),
            change.image,
            moved,
            show(change.why, _SENTENCE) + _shared(change.site.aliases),
        )
    )


def _shared(aliases: tuple[int, ...]) -> str:
    """Return who else gets the value through an alias, by line; nothing where nobody does."""
    if not aliases:
        return ""
    named = ", ".join(map(str, aliases[:_ALIASES]))
    more = f" and {len(aliases) - _ALIASES} more" if aliases[_ALIASES:] else ""
    return f"; shared with the {'aliases at lines' if aliases[1:] else 'alias at line'} {named}{more}"


def skip_line(skip: Skip) -> str:
    """Return `leap/common  PATH  NAME  TAG  code: why`."""
    tag = skip.site.tag or skip.site.digest or ""
    image = skip.image or "(name in another file)"
    place = (_where(skip.site.file), _short(skip.site.key_path), show(image), show(tag))
    return "  ".join((*place, f"{skip.code}: {show(skip.why, _SENTENCE)}"))


def problem_line(problem: Problem) -> str:
    """Return `FILE:LINE: rule: message (mend)`."""
    return f"{show(problem.file)}:{problem.line}: {problem.rule}: {problem.message} ({problem.mend})"


def checked_line(problems: Sequence[Problem], checked: int) -> str:
    """Return `2 problems in 3 files`."""
    found = plural(len(problems), "problem") if problems else "no problem"
    return f"{found} in {plural(checked, 'file')}"


def problem_lines(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield `problem: …` for each, then where their rules are explained."""
    rules = set()
    for problem in problems:
        yield f"problem: {problem_line(problem)}"
        rules.add(problem.rule)
    yield from see(map(pages.of_rule, rules))


def code_lines(skips: Iterable[Skip]) -> Iterator[str]:
    """Yield where the codes of these places are explained; nothing where there are none."""
    return see(pages.of_code(skip.code) for skip in skips)


def see(addresses: Iterable[str]) -> Iterator[str]:
    """Yield one line with each address once; nothing where there are none."""
    known = sorted(set(addresses))
    if known:
        yield f"see hubctl's {', '.join(known)}"


def counts(plan: Plan, *, done: str) -> str:
    """Return how many places change (`done` says what became of them), stay as they are and could not be told."""
    files = len({change.site.file for change in plan.changes})
    parts = []
    if plan.changes:
        verb = {"written": " changed", "proposed": ""}.get(done, " to change")
        parts.append(f"{plural(len(plan.changes), 'place')}{verb} in {plural(files, 'file')}")
    if plan.skips:
        codes = sorted(Counter(skip.code for skip in plan.skips).items(), key=lambda each: (-each[1], each[0]))
        parts.append(f"{len(plan.skips)} left alone: " + ", ".join(f"{number} {code}" for code, number in codes))
    if plan.unknown:
        parts.append(f"{len(plan.unknown)} could not be told")
    return "; ".join(parts) or "no image is written in the selected files"


def warning_lines(plan: Plan) -> Iterator[str]:
    """Yield each warning once, with the first place it is about and how many more there are.

    A tag that was moved away from the digest beside it is one even where nothing changes: somebody replaced an image.
    """
    places: dict[str, list[str]] = {}
    for change in plan.changes:
        for warning in change.warnings:
            places.setdefault(warning, []).append(f"{show(change.site.file)}:{change.site.line}")
    for skip in plan.skips:
        if skip.code == "tag-moved":
            places.setdefault(show(skip.why, _SENTENCE), []).append(f"{show(skip.site.file)}:{skip.site.line}")
    for warning, where in places.items():
        more = f" (and {plural(len(where) - 1, 'place')} more)" if where[1:] else ""
        yield f"warning: {where[0]}: {warning}{more}"


def explanation(plan: Plan) -> Iterator[str]:
    """Yield every place with every candidate and why it lost."""
    for change in plan.changes:
        yield change_line(change)
        yield from candidate_lines(change.candidates)
    for skip in (*plan.skips, *plan.unknown):
        yield skip_line(skip)
        yield from candidate_lines(skip.candidates)


def site_line(listed: reports.ListedSite) -> str:
    """Return one line of `image list`."""
    site = listed.site
    reference = (site.image or "(name in another file)") + (f":{site.tag}" if site.tag else "")
    reference += f"@{site.digest}" if site.digest else ""
    reach = plural(len(listed.hubs), "hub") + (", shadowed" if listed.shadowed else "")
    return "  ".join((f"{show(site.file)}:{site.line}", site.role, show(site.key_path, 400), show(reference), reach))


def tag_lines(tags: Sequence[TagFact]) -> Iterator[str]:
    """Yield a line for each tag: its name, its date and whose date it is, its digest and its shape, in columns."""
    width = max((len(tag.name) for tag in tags), default=0)
    for tag in tags:
        created = believed(tag.created)
        dated = f"pushed {tag.pushed:%Y-%m-%d}" if tag.pushed else f"created {created:%Y-%m-%d}" if created else ""
        expires = f", expires {tag.expires:%Y-%m-%d}" if tag.expires else ""
        columns = (show(tag.name).ljust(width), (dated or "no date").ljust(18), (tag.digest or "no digest").ljust(71))
        yield "  ".join((*columns, str(shape_of(tag.name)) + expires))


def hub_line(hub: Hub) -> str:
    """Return one line of `hub list`."""
    files = ", ".join(show(file.rsplit("/", 1)[-1]) for file in hub.files)
    hidden = f" + {len(hub.encrypted)} encrypted" if hub.encrypted else ""
    return "  ".join((hub.id, hub.stage, show(hub.chart), show(hub.domain), files + hidden))


def check_line(check: reports.Checkup) -> str:
    """Return one line of `doctor`."""
    return f"{check.state:<8}{check.topic}: {check.detail}"


def candidate_lines(candidates: Iterable[Candidate]) -> Iterator[str]:
    """Yield a line for each candidate: its date, its tag, why it lost."""
    for each in candidates:
        dated = each.pushed or each.created
        day = f"{dated:%Y-%m-%d}" if dated else "no date   "
        yield f"    {day}  {show(each.tag)}  {each.lost or 'chosen'}"


def _where(file: str) -> str:
    name = file.removeprefix("config/clusters/")
    for ending in (".values.yaml", ".values.yml", ".yaml", ".yml"):
        if name.endswith(ending):
            return show(name.removesuffix(ending))
    return show(name)


def _short(key_path: str) -> str:
    path = _NOISE.sub("", key_path)
    return show(path.replace(".profile_options.", ".").replace(".kubespawner_override.", "."), 300)


def pull_request_line(made: PullRequestResult) -> str:
    """Return `created  #12  URL  BRANCH`."""
    number = f"#{made.number}" if made.number is not None else "no pull request"
    return "  ".join((made.operation, number, show(made.url or ""), show(made.branch)))
