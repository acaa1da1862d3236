"""A GitHub double: REST in memory over real bare repositories, checked against GitHub's own description."""

from tests.forge.double import BOT, TOKEN, Forge, start_forge
from tests.forge.faults import Fault, lost_push_reply

__all__ = ["BOT", "TOKEN", "Fault", "Forge", "lost_push_reply", "start_forge"]
