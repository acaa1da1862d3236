"""What an image reference is, where one is written, which tag is newer and why (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubctl.images.site import Site

if TYPE_CHECKING:
    from hubctl.images.sites import find_sites
    from hubctl.images.tagging import retag

__all__ = ["Site", "find_sites", "retag"]


def __getattr__(name: str) -> object:
    """Return `find_sites` or `retag`, whose YAML parsers are imported only when one is asked for."""
    if name == "find_sites":
        from hubctl.images.sites import find_sites  # noqa: PLC0415  # 15 ms that `--help` need not pay

        return find_sites
    if name == "retag":
        from hubctl.images.tagging import retag  # noqa: PLC0415  # the same

        return retag
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
