"""A question about one image that got no answer, as the failure of a run."""

from __future__ import annotations

from hubctl.commands import codes
from hubctl.commands.requests import Sources
from hubctl.errors import AuthNeeded, HubctlError, NotFound, RemoteRefused
from hubctl.images.choice import Unknown
from hubctl.images.facts import NoAnswer
from hubctl.images.reference import ImageName
from hubctl.show import show

_HIDDEN = "is the name right? some registries hide private images like this: try `docker login`"
_LOG_IN = "log in with `docker login` or `podman login`, or name variables under `registries:` in your settings"


def failure(name: ImageName, answer: Unknown | NoAnswer, sources: Sources) -> tuple[int, HubctlError]:
    """Return the exit code and the error: 4 where access is denied, 1 where there is no such image, else 9.

    `sources` says whether a registry was asked at all, so that the hint is one that helps.
    """
    image = f"`{show(str(name))}`"
    if answer.code == "denied":
        message = f"the registry denies access to {image}: {answer.why}"
        return codes.CREDENTIALS, AuthNeeded(message, hint=_LOG_IN, code="denied")
    if answer.code == "no-such-image":
        return codes.FAILED, NotFound(f"no such image: {answer.why}", hint=_HIDDEN, code="no-such-image")
    message = f"could not tell about {image}: {answer.why}"
    flag = "--offline" if sources.offline else "--replay" if sources.replay else None
    hint = f"ask the registry: leave out `{flag}`" if flag else "run again later"
    return codes.COULD_NOT_TELL, RemoteRefused(message, hint=hint, code=answer.code)
