"""`hubctl demo` as it happens: each command as a user would type it, then what it printed."""

from __future__ import annotations

import os
from contextlib import closing

from hubctl.cli import showing
from hubctl.cli.invocation import Invocation
from hubctl.commands.demo import run


def run_demo(invocation: Invocation) -> int:
    """Play the demo and return 0; a step that fails raises HubctlError after it was shown."""
    steps = []
    with closing(run(dict(os.environ))) as story:
        for step in story:
            if invocation.json:
                steps.append({"command": step.command, "output": step.output, "exit_code": step.exit_code})
                continue
            showing.data(step.command if step.command.startswith("#") else f"$ {step.command}")
            showing.data(step.output)
    if invocation.json:
        showing.json_object({"steps": steps})
    return 0
