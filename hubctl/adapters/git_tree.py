"""The files of one commit, read without a checkout: in bare repositories and linked work trees, too."""

from __future__ import annotations

import contextlib
import subprocess
import weakref
from dataclasses import dataclass
from typing import IO, Self

from hubctl.adapters.git import Repository, is_partial
from hubctl.adapters.git_fetch import fetch_blobs
from hubctl.adapters.git_run import checked, open_git
from hubctl.errors import GitRefused, NotFound, Unparseable
from hubctl.show import show

SIZE_LIMIT = 2_000_000
# What a fleet is read from, and what says how a file is stored: fetched at once where one of them is not here.
_READ_TOGETHER = (".yaml", ".yml", ".gitattributes")
_ODD_MODES = {"120000": "a symbolic link", "160000": "a submodule"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands at a path of a commit: its mode as git writes it and the id of its contents."""

    mode: str
    blob: str


class CommitTree:
    """The files of `commit`; paths are posix and relative to the repository's root.

    The same two methods as those of a work tree; what a store does not have is fetched. Close it, or use it as a
    context: it holds one `git cat-file`.
    """

    def __init__(self, repository: Repository, commit: str) -> None:
        self.repository = repository
        self.commit = commit
        self._listed: dict[str, Entry] | None = None
        self._reader: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the git process that was started for reading, if one was."""
        if self._reader is not None:
            _end(self._reader)
            self._reader = None

    def paths(self, under: str = "") -> tuple[str, ...]:
        """Return the paths of all files in the folder `under` (`""`: of the commit), sorted; links are files here."""
        prefix = f"{under.rstrip('/')}/" if under.rstrip("/") else ""
        return tuple(sorted(path for path in self._entries() if path.startswith(prefix)))

    def entry(self, path: str) -> Entry | None:
        """Return what stands at a path of the commit, None where nothing does."""
        return self._entries().get(path)

    def read(self, path: str) -> bytes:
        """Return the contents of a regular file.

        Raises `NotFound` where there is none, `Unparseable` for a link, a submodule or more than 2 MB, and
        `GitRefused` where a partial clone lacks the contents; of a store, what the remote refuses.
        """
        entry = self._entries().get(path)
        if entry is None:
            raise NotFound(f"no such file in commit {self.commit[:10]}: `{show(path)}`", code="no-such-file")
        if entry.mode in _ODD_MODES:
            raise Unparseable(f"not a regular file but {_ODD_MODES[entry.mode]}: `{show(path)}`", file=path)
        return self._contents(entry.blob, path)

    def target(self, path: str) -> str:
        """Return `path` itself: links of a commit are not followed."""
        return path

    def _entries(self) -> dict[str, Entry]:
        if self._listed is None:
            argv = ["ls-tree", "-r", "-z", "--full-tree", self.commit]
            listed = checked(argv, cwd=self.repository.root).decode("utf-8", "surrogateescape")
            self._listed = dict(_entry(line) for line in filter(None, listed.split("\0")))
        return self._listed

    def fetch_usual(self) -> None:
        """Fetch into a store, in one request, the contents of all files that a fleet may be read from."""
        usual = [
            entry.blob
            for path, entry in self._entries().items()
            if entry.mode not in _ODD_MODES and path.endswith(_READ_TOGETHER)
        ]
        fetch_blobs(self.repository, usual)

    def _contents(self, blob: str, path: str) -> bytes:
        header = self._header(blob, path)
        if header is None and self.repository.source is not None:
            self.fetch_usual()
            fetch_blobs(self.repository, [blob])
            header = self._header(blob, path)
        if header is None:
            raise self._absent(path)
        reader, size = header
        if size > SIZE_LIMIT:
            self.close()  # the contents need not be read to be refused
            raise Unparseable(f"larger than {SIZE_LIMIT} bytes: `{show(path)}`", file=path)
        contents = reader.read(size + 1)
        if len(contents) != size + 1:
            raise GitRefused(f"`git cat-file` ended while reading `{show(path)}`")
        return contents[:-1]

    def _header(self, blob: str, path: str) -> tuple[IO[bytes], int] | None:
        """Ask for contents: where they can be read from now, and how many bytes; None where they are not here."""
        reader = self._started()
        if reader.stdin is None or reader.stdout is None:
            raise GitRefused("`git cat-file` has no pipes")
        try:
            reader.stdin.write(f"{blob}\n".encode())
            reader.stdin.flush()
        except BrokenPipeError as error:
            # left as it is, the door would take it for a reader of our output that went away
            raise GitRefused(f"`git cat-file` ended before reading `{show(path)}`") from error
        header = reader.stdout.readline().split()
        return (reader.stdout, int(header[2])) if len(header) == 3 else None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._reader is None:
            self._reader = open_git(["cat-file", "--batch"], cwd=self.repository.root)
            weakref.finalize(self, _end, self._reader)
        return self._reader

    def _absent(self, path: str) -> GitRefused:
        if is_partial(self.repository):
            hint = "this is a partial clone: fetch the contents with `git fetch --refetch --filter=blob:limit=2m`"
        else:
            hint = "the repository is damaged: try `git fsck`"
        return GitRefused(f"the contents of `{show(path)}` are not in this clone", hint=hint)


def _entry(line: str) -> tuple[str, Entry]:
    about, _, path = line.partition("\t")
    mode, _, blob = about.split()
    return path, Entry(mode, blob)


def _end(reader: subprocess.Popen[bytes]) -> None:
    """Closing its input ends `cat-file`; a second call finds it ended."""
    for pipe in (reader.stdin, reader.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    reader.wait()
