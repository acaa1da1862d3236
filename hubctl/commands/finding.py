"""A fleet with its sites: what every verb that looks at images starts from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from hubctl.adapters.files import WorkTree
from hubctl.adapters.git import absent_paths
from hubctl.commands.world import World
from hubctl.errors import GitRefused, HubctlError, NotFound, Unparseable
from hubctl.fleet.index import Index
from hubctl.fleet.model import Fleet
from hubctl.fleet.names import image_names
from hubctl.fleet.read import STAGING, Tree, read_fleet
from hubctl.fleet.select import part_of, select
from hubctl.images.reference import ImageName, parse_name, parse_user_name
from hubctl.images.site import ROLES, Site
from hubctl.images.sites import find_sites
from hubctl.problem import Problem
from hubctl.rules import check
from hubctl.show import near, plural, show

_HOOKS = ".pre-commit-config.yaml"
_OF_A_FLEET = ("/cluster.yaml", ".values.yaml", ".values.yml")
_WHOLE = "run `git sparse-checkout add FOLDER`, or use `--open-pr`, which reads the base branch"


@dataclass(frozen=True, slots=True)
class Found:
    """A fleet, its index and every site in it; `problems` are those of the files that could not be searched.

    `hooks` is the content of `.pre-commit-config.yaml`, which says how files are formatted; None without one.
    """

    fleet: Fleet
    index: Index
    sites: tuple[Site, ...]
    problems: tuple[Problem, ...]
    hooks: bytes | None = None


@dataclass(frozen=True, slots=True)
class Selected:
    """The sites a command line selects, the image names each can have, and the problems of what was selected."""

    sites: tuple[Site, ...]
    names: Mapping[Site, tuple[ImageName, ...]]
    problems: tuple[Problem, ...]


def work_tree(world: World) -> WorkTree:
    """Return the files of the work tree; GitRefused in a bare repository, which has none."""
    if world.git is not None and world.git.bare:
        raise GitRefused(
            "a bare repository has no work tree to read",
            hint="use `--open-pr` or `--print-pr`, which read the base branch, or make a clone with a work tree",
            code="bare-repository",
        )
    return WorkTree(world.root)


def find_in_work_tree(world: World) -> Found:
    """Return what the work tree holds; what a sparse checkout leaves out is a problem, or explains why nothing is here.

    GitRefused in a bare repository, NotFound where there is no fleet.
    """
    absent = tuple(path for path in absent_paths(world.git) if path.endswith(_OF_A_FLEET)) if world.git else ()
    try:
        found = find(work_tree(world), world.settings.staging)
    except NotFound as error:
        if not absent:
            raise
        raise NotFound(f"{error.message}: {_left_out(absent)}", hint=_WHOLE, code=error.code) from error
    if not absent:
        return found
    sparse = Problem(absent[0], 1, "sparse-checkout", _left_out(absent), _WHOLE)
    return replace(found, problems=(*found.problems, sparse))


def _left_out(absent: tuple[str, ...]) -> str:
    return f"a sparse checkout leaves out {plural(len(absent), 'file')} of the fleet, the first: `{show(absent[0])}`"


def find(tree: Tree, staging: tuple[str, ...] = STAGING) -> Found:
    """Return the fleet of a tree and every site in it; a file that cannot be searched is a problem, the others go on.

    NotFound where there is no fleet.
    """
    fleet = read_fleet(tree, staging)
    index = Index(fleet)
    sites: list[Site] = []
    problems: list[Problem] = []
    for file in sorted(fleet.texts):
        try:
            sites += find_sites(fleet.texts[file], file)
            index.keys(file)  # while its tree is at hand
        except Unparseable as error:
            mend = error.hint or "make it YAML that Helm can read"
            problems.append(Problem(file, error.line, "unreadable", error.message, mend, fails=True))
    return Found(fleet, index, tuple(sites), tuple(problems), _read_if_possible(tree, _HOOKS))


def _read_if_possible(tree: Tree, path: str) -> bytes | None:
    try:
        return tree.read(path)
    except HubctlError:
        return None


def choose_sites(found: Found, cluster: str | None, hub: str | None, image: str | None) -> Selected:
    """Return the sites of a selection, chart defaults among them only without one or where an image is named.

    NotFound with near names for an unknown cluster, hub or image; UsageError for a name that is none.
    """
    wanted = parse_user_name(image) if image is not None else None
    placed = select(found.fleet, found.sites, cluster, hub, charts=wanted is not None)
    names = {site: names_of(found.index, site) for site in placed}
    part = part_of(found.fleet, cluster, hub)
    problems = tuple(_problems(found, part, whole=cluster is None))
    if wanted is None:
        return Selected(placed, names, problems)
    kept = tuple(site for site in placed if any(name.key == wanted.key for name in names[site]))
    if not kept:
        raise _no_such_image(wanted, names)
    return Selected(kept, names, problems)


def roles_of(asked: tuple[str, ...], *, default: tuple[str, ...]) -> frozenset[str]:
    """Return the roles meant by `--role`, `all` standing for every one."""
    return frozenset(ROLES if "all" in asked else asked or default)


def names_of(index: Index, site: Site) -> tuple[ImageName, ...]:
    """Return every image name a site can have, by what it or the files of the same hubs say."""
    written = (site.image,) if site.image is not None else image_names(index, site)
    return tuple(name for text in written if (name := parse_name(text)))


def _problems(found: Found, part: Fleet, *, whole: bool) -> Iterator[Problem]:
    files = {file for hub in part.hubs for file in hub.files}
    files |= {file for cluster in part.clusters for file in cluster.support}
    yield from part.problems
    yield from check(part)
    yield from (problem for problem in found.problems if whole or problem.file in files)


def _no_such_image(wanted: ImageName, names: Mapping[Site, tuple[ImageName, ...]]) -> NotFound:
    known = sorted({str(name) for each in names.values() for name in each})
    close = ", ".join(f"`{show(name)}`" for name in near(str(wanted), known))
    return NotFound(
        f"no such image in the selected files: `{show(str(wanted))}`",
        hint=f"did you mean {close}?" if close else "see `hubctl image list` for all of them",
        code="no-such-image",
    )
