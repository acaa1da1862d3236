"""Where a run of pull requests starts from and where it goes: the clone one is in, a store beside it, or no clone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from hubctl.adapters.clock import Waiting
from hubctl.adapters.gh import gh_token
from hubctl.adapters.git import Remote, Repository, checked_branch, default_branch, is_partial, remotes, tracking_tip
from hubctl.adapters.git_fetch import absolute_url, fetch_tip
from hubctl.adapters.git_run import Access
from hubctl.adapters.git_store import default_of, lacks_objects, open_store
from hubctl.adapters.git_tree import CommitTree
from hubctl.commands.requests import Proposing
from hubctl.commands.world import SETTINGS_FILE, World
from hubctl.errors import AuthNeeded, GitRefused, HubctlError, NotFound
from hubctl.problem import Problem
from hubctl.proposals.commit import committer
from hubctl.proposals.destination import Destination
from hubctl.proposals.elsewhere import aim_elsewhere, alike, leads_elsewhere
from hubctl.proposals.forge import Forge
from hubctl.proposals.github import GitHub
from hubctl.proposals.github_api import Api
from hubctl.proposals.github_pace import pace_of
from hubctl.proposals.github_refusal import Token
from hubctl.proposals.place import Place
from hubctl.proposals.settling import Stranger, settle
from hubctl.proposals.target import Aim, Target, choose, find_token, named_place, push_address
from hubctl.show import show


@dataclass(frozen=True, slots=True)
class Start:
    """The commit `tip` of the branch `base` in `repository`, and where pull requests go: None where nothing is sent.

    `world` is the one that counts: its settings are those of the repository that is proposed to, and its work tree is
    none where that is not the clone one is in. `problems` are those of such settings, else None.
    """

    world: World
    repository: Repository
    base: str
    tip: str
    destination: Destination | None = None
    problems: tuple[Problem, ...] | None = None


@contextmanager
def starting(wanted: Proposing, world: World, waiting: Waiting) -> Iterator[Start]:
    """Give where a run starts and goes; nothing is pushed, repository and token are checked first.

    `--print-pr` reads the remote-tracking branch of the clone and asks neither git's remote nor the forge. With
    `--repo` outside a clone of that repository a store is made, and gone afterwards; so it is where a clone is shallow
    or partial, which stays as it is. GitRefused outside a repository and where base is not known, AuthNeeded without a
    token or the right to push.
    """
    known = remotes(world.git) if world.git is not None else ()
    named = named_place(wanted.repository) if wanted.repository is not None and wanted.remote is None else None
    apart = leads_elsewhere(known, named, world.environment) if named is not None else False
    with ExitStack() as stack:
        run = _Run(stack, wanted, world, waiting)
        if wanted.open_pr:
            yield run.without_clone(named) if named is not None and apart else run.with_clone(known, named)
        elif named is not None and (apart or (apart is None and not alike(known, named))):
            yield run.read_only(named)
        else:
            yield _tracked(wanted, world)


@dataclass(frozen=True, slots=True)
class _Run:
    """What a run that asks a remote needs; its store is open as long as `stack` is."""

    stack: ExitStack
    wanted: Proposing
    world: World
    waiting: Waiting

    def with_clone(self, known: tuple[Remote, ...], named: Place | None) -> Start:
        """Settle with the forge; where that says that the clone is a stranger to `--repo`, go without it."""
        clone, wanted = _repository(self.world), self.wanted
        aim = choose(known, self.world.environment, repository=wanted.repository, remote=wanted.remote)
        try:
            return self._settled(aim, clone)
        except Stranger:
            if named is None:
                raise
            return self.without_clone(named)

    def without_clone(self, named: Place) -> Start:
        return self._elsewhere(self._settled(aim_elsewhere(named, self.world.environment, self.world.root), None))

    def read_only(self, named: Place) -> Start:
        """Read the base of a repository that there is no clone of, with a token where there is one."""
        aim, wanted = aim_elsewhere(named, self.world.environment, self.world.root), self.wanted
        try:
            token = find_token(self.world.environment, aim.host, gh_token)[0]
        except AuthNeeded:
            token = None
        access = Access(push_address(aim.remote), token)
        store = self._store(access, stands_in=False)
        base = checked_branch(wanted.base) if wanted.base else default_of(access, store.root)
        tip = fetch_tip(store, access, f"refs/heads/{base}")
        if tip is None:
            raise _no_base(base, aim, named=wanted.base is not None)
        return self._elsewhere(Start(self.world, store, base, tip))

    def _settled(self, aim: Aim, clone: Repository | None) -> Start:
        wanted, environment = self.wanted, self.world.environment
        text, source = find_token(environment, aim.host, gh_token)
        if clone is not None:
            committer(clone)  # asked before anybody else is
        pace = pace_of(aim.api)

        def open_forge(full_name: str) -> Forge:
            return GitHub(Api(self.world.http, self.waiting, aim.api, full_name, Token(text, source), pace=pace))

        target, forge = settle(aim, open_forge, credential=f"the token from `{source}`")
        if clone is None or lacks_objects(clone):
            target = _from_anywhere(target, clone)
            repository = self._store(Access(target.base_url, text), stands_in=clone is not None)
        else:
            repository = clone
        base = checked_branch(wanted.base) if wanted.base else target.repository.default_branch
        tip = fetch_tip(repository, Access(target.base_url, text), f"refs/heads/{base}")
        if tip is None:
            raise _no_base(base, aim, named=wanted.base is not None)
        destination = Destination(
            repository=repository,
            target=target,
            forge=forge,
            token=text,
            base=base,
            tip=tip,
            identity=committer(repository),
            bots=self.world.settings.bot_identities,
        )
        start = Start(self.world, repository, base, tip, destination)
        unread = clone is not None and clone.bare and is_partial(clone)  # its settings are not in the clone
        return self._elsewhere(start) if unread else start

    def _store(self, source: Access, *, stands_in: bool) -> Repository:
        return self.stack.enter_context(open_store(source, self.world.git, stands_in=stands_in))

    def _elsewhere(self, start: Start) -> Start:
        """Let the settings of the repository that is proposed to count, not those of the folder one is in."""
        with CommitTree(start.repository, start.tip) as tree:
            try:
                text = tree.read(SETTINGS_FILE)
            except NotFound:
                text = None
        settings, problems = self.world.settings_with(text)
        world = replace(self.world, root=start.repository.root, git=None, settings=settings)
        destination = start.destination
        if destination is not None:
            destination = replace(destination, bots=settings.bot_identities)
        return replace(start, world=world, destination=destination, problems=problems)


def _from_anywhere(target: Target, clone: Repository | None) -> Target:
    """A store is in another folder than what relative paths in a clone's settings are meant from."""
    if clone is None:
        return target
    return replace(target, base_url=absolute_url(clone, target.base_url), push_url=absolute_url(clone, target.push_url))


def _repository(world: World) -> Repository:
    if world.git is None:
        raise GitRefused(
            f"no git repository at `{show(str(world.root))}`",
            hint="a pull request needs a clone, or `--repo OWNER/NAME`; to edit files here leave out `--open-pr`",
            code="no-repository",
        )
    return world.git


def _tracked(wanted: Proposing, world: World) -> Start:
    """Return the base branch and its commit as the clone knows them."""
    repository = _repository(world)
    names = [remote.name for remote in remotes(repository)]
    if not names and wanted.remote is None:
        raise GitRefused("there is no remote, so no base to start from", hint="add one: `git remote add origin URL`")
    usual = next((name for name in ("upstream", "origin") if name in names), names[0] if names else "")
    remote = wanted.remote or usual
    if remote not in names:
        raise NotFound(f"no such remote: `{show(remote)}`", code="no-such-remote")
    base = checked_branch(wanted.base) if wanted.base else default_branch(repository, remote)
    tip = tracking_tip(repository, remote, base) if base else None
    if base is None or tip is None:
        name = f"`{show(remote)}/{show(base)}`" if base else f"the default branch of `{show(remote)}`"
        raise GitRefused(
            f"the clone does not know {name}", hint=f"run `git fetch {show(remote)}`, or say `--base BRANCH`"
        )
    return Start(world, repository, base, tip)


def _no_base(base: str, aim: Aim, *, named: bool) -> HubctlError:
    where = f"`{show(aim.remote.name)}`"
    if named:
        return NotFound(f"no branch `{show(base)}` at {where}", hint="say another `--base`", code="no-such-branch")
    return GitRefused(f"{where} has no branch `{show(base)}`: it is empty", hint="push a first commit", code="empty")
