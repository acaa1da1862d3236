"""What commands return; `cli` turns a report into text, JSON and an exit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hubctl.errors import HubctlError
from hubctl.fleet.model import Hub
from hubctl.images.choice import Choice
from hubctl.images.facts import TagFact
from hubctl.images.reference import ImageName, Reference
from hubctl.images.site import Site
from hubctl.problem import Problem
from hubctl.proposals.plan import Plan

if TYPE_CHECKING:  # `image list` loads nothing of pull requests, nor of merging
    from hubctl.fleet.merging import Source
    from hubctl.proposals.acting import PullRequestResult
    from hubctl.proposals.secret_plan import SecretPlan


@dataclass(frozen=True, slots=True)
class ListedSite:
    """A site with what the fleet says of it; `hubs` are `cluster/hub`."""

    site: Site
    hubs: tuple[str, ...]
    shadowed: bool


@dataclass(frozen=True, slots=True)
class SitesReport:
    """`image list`."""

    sites: tuple[ListedSite, ...]
    problems: tuple[Problem, ...]
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class NewestReport:
    """`image newest`: `digest` is that of the tag to take, else of the image that stays as far as it is known."""

    reference: Reference
    choice: Choice
    digest: str | None = None
    notes: tuple[str, ...] = ()
    exit_code: int = 0
    error: HubctlError | None = None


@dataclass(frozen=True, slots=True)
class TagsReport:
    """`image tags`: the tags as far as they are known, the newest first.

    `source` is whose list they are from, `notes` are about the image, `asides` about the run that asked.
    """

    name: ImageName
    source: str | None
    tags: tuple[TagFact, ...]
    notes: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()
    exit_code: int = 0
    error: HubctlError | None = None


@dataclass(frozen=True, slots=True)
class HubsReport:
    """`hub list`."""

    hubs: tuple[Hub, ...]
    problems: tuple[Problem, ...]
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class ValuesReport:
    """`hub show`: the effective values of a hub, or the one at `key_path`, and a source for each leaf.

    `files` are those that were read, `unread` those that were not, both lowest first. With an `error` nothing is
    known of the values.
    """

    value: object
    sources: tuple[Source, ...]
    files: tuple[str, ...]
    unread: tuple[str, ...]
    problems: tuple[Problem, ...]
    key_path: str | None = None
    exit_code: int = 0
    error: HubctlError | None = None


@dataclass(frozen=True, slots=True)
class InitFile:
    """One file of `init`: made, to be made in a dry run, or left alone because it is there."""

    file: str
    action: Literal["created", "planned", "kept"]


@dataclass(frozen=True, slots=True)
class InitReport:
    """`init`: the files in the order in which they are offered; `diff` is that of a dry run."""

    files: tuple[InitFile, ...]
    notes: tuple[str, ...] = ()
    diff: bytes = b""
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Checkup:
    """One line of `doctor`: `state` is `ok`, `missing` or `note`."""

    topic: str
    state: Literal["ok", "missing", "note"]
    detail: str


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """`doctor`."""

    checks: tuple[Checkup, ...]
    problems: tuple[Problem, ...]
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class BumpReport:
    """`bump-image`: the plan and what was done with it.

    `done` says what happened to the plan; `also_moves` are the lines about hubs beyond the selection, `notes` other
    talk; `printed` the texts of `--print-pr`; `error` the failure that came after the plan was made.
    """

    plan: Plan
    problems: tuple[Problem, ...]
    exit_code: int
    done: Literal["nothing", "planned", "written", "proposed", "printed"]
    also_moves: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    pull_requests: tuple[PullRequestResult, ...] = ()
    printed: tuple[str, ...] = ()
    error: HubctlError | None = None


@dataclass(frozen=True, slots=True)
class SecretReport:
    """What every verb returns that writes secrets: the plan and what was done with it; never a value.

    `printed` are the texts of `--print-pr`; `error` is the failure that came after the plan was made. `problems` are
    those of the settings of the repository that is proposed to, None where the run's own settings counted.
    """

    plan: SecretPlan
    done: Literal["nothing", "planned", "written", "proposed", "printed"]
    pull_requests: tuple[PullRequestResult, ...] = ()
    printed: tuple[str, ...] = ()
    exit_code: int = 0
    error: HubctlError | None = None
    problems: tuple[Problem, ...] | None = None
    notes: tuple[str, ...] = ()
