"""The three standard streams, made ready before the first word: any may be closed, or speak a narrow encoding."""

from __future__ import annotations

import io
import os
import sys

_STREAMS = ("stdin", "stdout", "stderr")  # by file descriptor


def prepare() -> None:
    """Open on nothing what the caller closed, and escape what an encoding lacks instead of failing on it.

    Without this the next file or pipe to be opened would become stdout, and talk would go there.
    """
    for descriptor, name in enumerate(_STREAMS):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, _nothing(descriptor))
        elif name != "stdin" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _nothing(descriptor: int) -> io.TextIOWrapper:
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != descriptor:
        os.dup2(opened, descriptor)
        os.close(opened)
    os.set_inheritable(descriptor, True)  # noqa: FBT003  # os has no keyword for it
    file = io.FileIO(descriptor, "rb" if descriptor == 0 else "wb", closefd=False)
    return io.TextIOWrapper(io.BufferedReader(file) if descriptor == 0 else io.BufferedWriter(file), encoding="utf-8")
