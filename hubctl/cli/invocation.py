"""One parsed command line as values: what was asked for, and how its report is to be shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hubctl.commands import requests

SecretRequest = (
    requests.SecretSet
    | requests.SecretGet
    | requests.SecretUnset
    | requests.SecretRotate
    | requests.SecretSync
    | requests.SecretCheck
    | requests.SecretRegistrySet
    | requests.SecretRegistryRotate
    | requests.SecretRegistryCheck
)
Request = (
    requests.BumpImage
    | requests.ImageList
    | requests.ImageNewest
    | requests.ImageTags
    | requests.HubList
    | requests.HubShow
    | requests.PlanRange
    | requests.Init
    | requests.Completion
    | requests.Validate
    | SecretRequest
    | requests.Doctor
    | requests.Demo
)


@dataclass(frozen=True, slots=True)
class Globals:
    """What stands before the verb."""

    directory: Path | None = None
    settings: Path | None = None
    quiet: bool = False
    verbose: bool = False
    color: bool = True


@dataclass(frozen=True, slots=True)
class Invocation:
    """One parsed command line: the request and how its report is to be shown."""

    request: Request
    options: Globals
    json: bool = False
    explain: bool = False
    yes: bool = False


@dataclass(slots=True)
class Parsed:
    """What the declarations fill in while a command line is read."""

    options: Globals = field(default_factory=Globals)
    invocation: Invocation | None = None
