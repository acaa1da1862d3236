"""Reports as the JSON objects of the documented contracts; key order is part of the output."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from hubctl.cli.invocation import Request
from hubctl.commands import reports, requests
from hubctl.errors import HubctlError, Unparseable, UsageError
from hubctl.images.choice import Candidate, Evidence, Keep, Take, Unknown
from hubctl.images.facts import believed
from hubctl.images.reference import ImageName, Reference
from hubctl.images.shape import shape_of
from hubctl.images.typed import parse_typed
from hubctl.problem import Problem
from hubctl.proposals.plan import Change, Skip
from hubctl.show import show

Json = dict[str, object]

_OF_SECRETS: Mapping[type[Request], Json] = {
    requests.SecretSet: {"changes": []},
    requests.SecretGet: {"value": None},
    requests.SecretUnset: {"changes": []},
    requests.SecretRotate: {"changes": []},
    requests.SecretSync: {"changes": [], "drift": []},
    requests.SecretRegistrySet: {"changes": []},
    requests.SecretRegistryRotate: {"changes": []},
    requests.SecretRegistryCheck: {"checked": 0, "problems": []},
    requests.SecretCheck: {"checked": 0, "problems": []},
}


def empty(request: Request) -> Json:  # noqa: PLR0911  # one return a verb
    """Return the verb's shape with nothing in it, for a run that failed before there was a report."""
    if type(request) in _OF_SECRETS:
        return dict(_OF_SECRETS[type(request)])
    match request:
        case requests.BumpImage():
            return {"changes": [], "skips": [], "unknown": [], "problems": [], "pull_requests": []}
        case requests.ImageNewest():
            return _newest(_typed(request.reference))
        case requests.ImageTags():
            return {"image": str(_typed(request.reference).name), "source": None, "tags": [], "notes": []}
        case requests.HubShow():
            return {"values": {}, "sources": [], "unread": [], "problems": []}
        case requests.PlanRange():
            nothing: Json = {"changes": [], "hubs": [], "support": [], "matrix": {"include": []}}
            return nothing | {"removed": [], "elsewhere": [], "problems": []}
        case requests.Init():
            return {"files": [], "notes": [], "problems": []}
        case requests.Validate():
            return {"problems": [], "checked": 0}
        case requests.Demo():
            return {"steps": []}
        case _:
            listed = {requests.ImageList: "sites", requests.HubList: "hubs", requests.Doctor: "checks"}
            return {listed[type(request)]: [], "problems": []}


def error_object(error: HubctlError) -> Json:
    """Return `{"code", "message", "hint"}`; `hint` is null where there is none."""
    return {"code": error.code, "message": located(error), "hint": error.hint}


def located(error: HubctlError) -> str:
    """Return the message, after `FILE:LINE: ` where the failure is in a file."""
    place = f"{show(error.file)}:{error.line}: " if isinstance(error, Unparseable) and error.file else ""
    return place + error.message


def sites(report: reports.SitesReport) -> Json:
    """Return the object of `image list --json`."""
    return {"sites": [_site(listed) for listed in report.sites], "problems": problems(report.problems)}


def newest(report: reports.NewestReport) -> Json:
    """Return the object of `image newest --json`; `error` is there only where something failed."""
    choice = report.choice
    shape = _newest(report.reference) | {
        "digest": report.digest,
        "code": "newer" if isinstance(choice, Take) else choice.code,
        "why": choice.why,
    }
    if isinstance(choice, Take):
        shape |= {"new": choice.tag, "evidence": evidence(choice.evidence)}
    if not isinstance(choice, Unknown):
        shape["candidates"] = [_candidate(each) for each in (*_moved(choice), *choice.candidates)]
    return _with_error(shape, report.error)


def tags(report: reports.TagsReport) -> Json:
    """Return the object of `image tags --json`; `error` is there only where something failed."""
    listed = [
        {
            "tag": tag.name,
            "digest": tag.digest,
            "pushed": _time(tag.pushed),
            "created": _time(believed(tag.created)),
            "expires": _time(tag.expires),
            "shape": str(shape_of(tag.name)),
        }
        for tag in report.tags
    ]
    shape: Json = {"image": str(report.name), "source": report.source, "tags": listed, "notes": list(report.notes)}
    return _with_error(shape, report.error)


def doctor(report: reports.DoctorReport) -> Json:
    """Return the object of `doctor --json`."""
    return {
        "checks": [{"topic": each.topic, "state": each.state, "detail": each.detail} for each in report.checks],
        "problems": problems(report.problems),
    }


def bump(report: reports.BumpReport) -> Json:
    """Return the object of `bump-image --json`; `error` is there only where something failed."""
    shape: Json = {
        "changes": [_change(change) for change in report.plan.changes],
        "skips": [_skip(skip) for skip in report.plan.skips],
        "unknown": [_skip(skip) for skip in report.plan.unknown],
        "problems": problems(report.problems),
        "pull_requests": [
            {
                "number": made.number,
                "url": made.url,
                "branch": made.branch,
                "operation": made.operation,
                "warnings": list(made.warnings),
            }
            for made in report.pull_requests
        ],
    }
    return _with_error(shape, report.error)


def problems(found: tuple[Problem, ...]) -> list[Json]:
    """Return problems as objects with `file`, `line`, `rule`, `message`, `mend`."""
    return [
        {"file": each.file, "line": each.line, "rule": each.rule, "message": each.message, "mend": each.mend}
        for each in found
    ]


def _with_error(shape: Json, error: HubctlError | None) -> Json:
    return {**shape, "error": error_object(error)} if error else shape


def _newest(reference: Reference) -> Json:
    return {
        "image": str(reference.name),
        "tag": reference.tag,
        "new": None,
        "digest": reference.digest,
        "code": None,
        "why": None,
        "evidence": {},
        "candidates": [],
    }


def _moved(choice: Take | Keep) -> list[Candidate]:
    """Return the winner where it is the current tag itself with another digest, which is no candidate of the engine."""
    if isinstance(choice, Keep) or any(each.lost is None for each in choice.candidates):
        return []
    return [Candidate(choice.tag, None, choice.evidence.pushed, choice.evidence.created)]


def _typed(text: str) -> Reference:
    """Return what was typed; where it cannot be read, it stands for the name as it is."""
    try:
        return parse_typed(text)
    except UsageError:
        return Reference(ImageName(text), None, None, text)


def _candidate(each: Candidate) -> Json:
    return {"tag": each.tag, "lost": each.lost, "pushed": _time(each.pushed), "created": _time(each.created)}


def _site(listed: reports.ListedSite) -> Json:
    site = listed.site
    return {
        "file": site.file,
        "line": site.line,
        "path": site.key_path,
        "form": site.form,
        "role": site.role,
        "image": site.image,
        "tag": site.tag,
        "digest": site.digest,
        "hubs": list(listed.hubs),
        "shadowed": listed.shadowed,
        "aliases": list(site.aliases),
    }


def _change(change: Change) -> Json:
    return {
        "file": change.site.file,
        "line": change.site.line,
        "path": change.site.key_path,
        "role": change.site.role,
        "image": change.image,
        "old": change.old,
        "new": change.new,
        "digest": change.digest,
        "why": change.why,
        "evidence": evidence(change.evidence),
        "hubs": list(change.hubs),
    }


def _skip(skip: Skip) -> Json:
    return {
        "file": skip.site.file,
        "line": skip.site.line,
        "path": skip.site.key_path,
        "role": skip.site.role,
        "image": skip.image,
        "tag": skip.site.tag,
        "code": skip.code,
        "why": skip.why,
    }


def evidence(known: Evidence) -> Mapping[str, str]:
    """Return what is known of the evidence; a key that is unknown is absent, times are RFC 3339 in UTC."""
    facts = {
        "source": known.source,
        "pushed": _time(known.pushed),
        "created": _time(known.created),
        "digest": known.digest,
        "twin_of": known.twin_of,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _time(moment: dt.datetime | None) -> str | None:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
