"""What one `secret set` costs beyond its calls of sops, and beside decrypting a file, editing it and encrypting it."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench._measuring import HUBCTL, RUNS, show

FILE = "config/clusters/leap/enc-prod.secret.values.yaml"
FLEET = {
    "config/clusters/leap/cluster.yaml": """\
name: leap
hubs:
- name: prod
  domain: leap.example.org
  helm_chart: basehub
  helm_chart_values_files:
  - prod.values.yaml
  - enc-prod.secret.values.yaml
""",
    "config/clusters/leap/prod.values.yaml": "jupyterhub:\n  custom:\n    homepage: prod\n",
}
KEYS = 20
# In the place of sops: starts it and notes how long it ran, in nanoseconds, and its processor time, in seconds.
TIMER = """\
#!{python} -IS
import os, sys, time
started = time.perf_counter_ns()
child = os.fork()
if not child:
    os.execv({sops!r}, ["sops", *sys.argv[1:]])
_, status, usage = os.wait4(child, 0)
took = time.perf_counter_ns() - started
with open({log!r}, "a") as log:
    log.write(f"{{took}} {{usage.ru_utime + usage.ru_stime}}\\n")
os._exit(os.waitstatus_to_exitcode(status))
"""
# What wrappers do that change the file itself: plaintext in its place in between, all lines changed afterwards.
IN_PLACE = """\
set -e
sops decrypt --in-place "$0"
cat > "$0.new"
sed "s/key1: .*/key1: $(cat "$0.new")/" "$0" > "$0.edited"
mv "$0.edited" "$0"
rm "$0.new"
sops encrypt --in-place "$0"
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """One run: the clock and the processor in seconds, and how much of both was that of `calls` of sops."""

    wall: float
    cpu: float
    sops_wall: float = 0.0
    sops_cpu: float = 0.0
    calls: int = 0


def main() -> None:
    """Measure and show."""
    folder = os.pathsep.join([os.environ.get("PATH", ""), str(Path(__file__).parents[1] / ".tools" / "bin")])
    found = {name: shutil.which(name, path=folder) for name in ("sops", "age-keygen")}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        sys.stderr.write(f"NOT RUN: {sys.argv[0]}: no program `{missing[0]}`: `make tools` puts it into .tools/bin\n")
        return
    sops, keygen = str(found["sops"]), str(found["age-keygen"])
    with tempfile.TemporaryDirectory() as temporary:
        _measure(Path(temporary).resolve(), sops, keygen)


def _measure(folder: Path, sops: str, keygen: str) -> None:
    environment = _fleet(folder, sops, keygen)
    log = folder / "calls"
    timed = folder / "timed"
    timed.mkdir(mode=0o700)
    (timed / "sops").write_text(TIMER.format(python=sys.executable, sops=sops, log=str(log)))
    (timed / "sops").chmod(0o700)
    watched = {**environment, "PATH": f"{timed}{os.pathsep}{environment['PATH']}"}
    root = folder / "fleet"
    store = (*HUBCTL, "secret", "set", "leap", "prod")
    new = ("git", "-C", str(root), "checkout", "--quiet", ".")
    file = str(root / FILE)
    plain = (sops, "set", "--idempotent", "--value-stdin", file, '["keys"]["key1"]')
    programs: dict[str, tuple[Sequence[str], Mapping[str, str], str]] = {
        "secret set, a key that is there": ((*store, "keys.key1"), watched, "new"),
        "secret set, a new key": ((*store, "keys.more"), watched, "new"),
        "sops set": (plain, environment, '"new"'),
        "decrypt, edit, encrypt": (("sh", "-c", IN_PLACE, file), environment, "new"),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in programs}
    lines: dict[str, int] = {}
    for count in range(RUNS + 1):
        for name, (words, variables, value) in programs.items():
            log.write_text("")
            cost = _cost(words, variables, value, root, log)
            lines[name] = _changed(root)
            subprocess.run(new, check=True)
            if count:
                costs[name].append(cost)
    for name, runs in costs.items():
        walls, cpus = sorted(each.wall for each in runs), sorted(each.cpu for each in runs)
        show(
            f"{name}: wall {walls[0]:.3f}/{median(walls):.3f} s, cpu {cpus[0]:.3f}/{median(cpus):.3f} s, "
            f"{lines[name]} changed lines"
        )
    for name in tuple(costs)[:2]:
        runs = costs[name]
        walls = sorted(each.wall - each.sops_wall for each in runs)
        cpus = sorted(each.cpu - each.sops_cpu for each in runs)
        show(
            f"{name}, without its {runs[0].calls} calls of sops: wall {walls[0]:.3f}/{median(walls):.3f} s, "
            f"cpu {cpus[0]:.3f}/{median(cpus):.3f} s"
        )
    for name in tuple(costs)[2:]:
        pairs = list(zip(costs["secret set, a key that is there"], costs[name], strict=True))
        wall = median(one.wall / other.wall for one, other in pairs)
        cpu = median(one.cpu / other.cpu for one, other in pairs)
        show(f"secret set / {name}: {wall:.2f} by the clock, {cpu:.2f} by processor time")


def _fleet(folder: Path, sops: str, keygen: str) -> dict[str, str]:
    """Make a repository with one file of some keys, encrypted to a new identity; return the variables for it."""
    root, key = folder / "fleet", folder / "keys.txt"
    for name, text in FLEET.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run([keygen, "-o", key], check=True, capture_output=True)
    shown = subprocess.run([keygen, "-y", key], check=True, capture_output=True, text=True)
    (root / ".sops.yaml").write_text(f"creation_rules:\n- path_regex: .*secret.*\n  age: {shown.stdout.strip()}\n")
    variables = {"SOPS_AGE_KEY_FILE": str(key), "SOPS_DISABLE_VERSION_CHECK": "1"}
    variables["PATH"] = f"{Path(sops).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, **variables}
    plain = "keys:\n" + "".join(f"    key{number}: value {number}\n" for number in range(KEYS))
    words = (sops, "encrypt", "--input-type", "yaml", "--output-type", "yaml", "--filename-override", FILE)
    done = subprocess.run(words, input=plain.encode(), cwd=root, env=environment, check=True, capture_output=True)
    (root / FILE).write_bytes(done.stdout)
    identity = ("-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgSign=false")
    for argv in (("init", "-q"), ("add", "--all"), ("commit", "-q", "-m", "Start")):
        subprocess.run(["git", *identity, *argv], cwd=root, check=True)
    return environment


def _cost(words: Sequence[str], environment: Mapping[str, str], value: str, root: Path, log: Path) -> Cost:
    """Run a program that has to succeed, the value on its stdin, and return what it cost, with all that it started."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(words, input=value.encode(), cwd=root, env=environment, check=True, capture_output=True)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    calls = [line.split() for line in log.read_text().splitlines()]
    return Cost(wall, cpu, sum(int(took) for took, _ in calls) / 1e9, sum(float(cost) for _, cost in calls), len(calls))


def _changed(root: Path) -> int:
    """Return how many lines of the work tree differ from the commit's."""
    shown = subprocess.run(["git", "diff", "--numstat"], cwd=root, check=True, capture_output=True, text=True).stdout
    return sum(int(line.split()[0]) for line in shown.splitlines())


if __name__ == "__main__":
    main()
