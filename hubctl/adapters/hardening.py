"""A process whose memory nobody else gets to see: no core dump, and no reading by others of the same user."""

from __future__ import annotations

import resource
import sys

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def keep_memory_private() -> None:
    """Let neither this process nor the programs it starts leave a core dump; on Linux none of this user read it.

    The latter holds for this process alone: what it starts is readable again. Where the system refuses, nothing is
    said, for what is kept from there is only a second line.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415  # only the verbs that see secrets need it

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
