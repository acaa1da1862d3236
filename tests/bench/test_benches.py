"""Each bench says what it measures, on the example fleet and once; the figures themselves are no matter of tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.registry import find_registry

ROOT = Path(__file__).parents[2]
BENCHES = sorted(file.stem for file in ROOT.glob("bench/[a-z]*.py"))
ROW = "wall N/N s, cpu N/N s, peak N MB, exit 0"
CLOCKS = "wall N/N s, cpu N/N s"
RATIO = "N by the clock, N by processor time"

COST = "wall N s, cpu N s, forge N s, N reads, N writes, N pushes, N other requests of git, exit 0"
VERBS = ("hub show", "hub list", "image list", "validate", "validate --base", "plan", "bump-image --dry-run")
LOOKED = "N tag lists of N names (at most 1 of one), N of manifests, N of blobs, N others"

EXPECTED = {
    "bumping": f"""\
N images: N requests, N tag lists, at most 1 of one
bump-image --dry-run --role all: {ROW}
the same requests alone, one after the other: {ROW}
bump-image / requests alone: {RATIO}
""",
    "choosing": "".join(
        f"N tags, now {tag}: {outcome} in cpu N/N s, peak N MB, N MB of it before\n"
        for last in ("Take", "Take", "Keep")  # 20,000 commits are too many to ask about
        for tag, outcome in (("2020.01.01", "Take"), ("1.2.3", "Take"), ("0123456789ab", last))
    ),
    "completing": f"python -c '': {ROW}\n"
    + "".join(
        f"completing {word}: {ROW}\ncompleting {word} / python -c '': {RATIO}\n"
        for word in ("verbs", "clusters", "hubs", "images", "key paths")
    ),
    "killing": "3 SIGKILLs within N ms of the start of writing: N old, N new, 0 torn\n",
    "listing": f"""\
N plain files of N kB in a git repository
python -c '': {ROW}
one event pass: {ROW}
image list (text): {ROW}
image list (text) / one event pass: {RATIO}
image list (json): {ROW}
image list (json) / one event pass: {RATIO}
""",
    "parts": """\
3 clusters, 8 hubs, N plain files, N places
parser's events: N ms, N event passes
trees: N ms, N event passes
trees and places: N ms, N event passes
reading the fleet: N ms, N event passes
what shadows each place: N ms, N event passes
""",
    "peer": f"""\
N names with N tags in one registry
hubctl cold: {LOOKED}
renovate cold: 1 tag lists of 1 names (at most 1 of one), 0 of manifests, 0 of blobs, 1 others
hubctl warm: {LOOKED}
renovate warm: 1 tag lists of 1 names (at most 1 of one), 0 of manifests, 0 of blobs, 1 others
hubctl cold: {ROW}
renovate cold: {ROW}
hubctl warm: {ROW}
renovate warm: {ROW}
renovate / hubctl, cold: {RATIO}
renovate / hubctl, warm: {RATIO}
""",
    "planning": f"""\
3 clusters; N shared files changed in a commit, N in the work tree
python -c '': {ROW}
one event pass: {ROW}
plan (work tree): {ROW}
plan (work tree) / one event pass: {RATIO}
plan HEAD~N..HEAD: {ROW}
plan HEAD~N..HEAD / one event pass: {RATIO}
plan HEAD~N..HEAD~N (charts): {ROW}
plan HEAD~N..HEAD~N (charts) / one event pass: {RATIO}
""",
    "proposing": f"""\
planning on the fetched base: {COST}
opening N pull requests: {COST}
opening, beyond planning and the forge: wall N s, cpu N s
with nothing to do: {COST}
with nothing to do, beyond planning and the forge: wall N s, cpu N s
with everything declined: {COST}
opening one for the whole fleet: {COST}
opening one, beyond planning and the forge: wall N s, cpu N s
""",
    "scale": "".join(
        f"{hubs} hubs, {verb}: cpu N s, N ms a hub, ratio N, peak N MB, exit 0\n" for hubs in (20, 40) for verb in VERBS
    ),
    "starting": f"""\
python -c '': {ROW}
hubctl --help: {ROW}
hubctl --help / python -c '': {RATIO}
hubctl --help / allowance (2.5 x python -c '' + 80 ms): N
hubctl --version: {ROW}
hubctl --version / python -c '': {RATIO}
hubctl --version / allowance (2.5 x python -c '' + 80 ms): N
""",
    "storing": f"""\
secret set, a key that is there: {CLOCKS}, N changed lines
secret set, a new key: {CLOCKS}, N changed lines
sops set: {CLOCKS}, N changed lines
decrypt, edit, encrypt: {CLOCKS}, N changed lines
secret set, a key that is there, without its N calls of sops: {CLOCKS}
secret set, a new key, without its N calls of sops: {CLOCKS}
secret set / sops set: {RATIO}
secret set / decrypt, edit, encrypt: {RATIO}
""",
    "validating": f"""\
N plain files, 8 hubs, in a git repository
python -c '': {ROW}
loading alone: {ROW}
loading and one pass of jsonschema: {ROW}
validate: {ROW.replace("exit 0", "exit N")}
validate / loading and one pass of jsonschema: {RATIO}
validate --base HEAD: {ROW}
validate --base HEAD / loading and one pass of jsonschema: {RATIO}
""",
    "verifying": f"""\
N encrypted files of N kB, in a git repository
python -c '': {ROW}
loading alone: {ROW}
secret check: {ROW}
secret check --staged: {ROW}
secret check --base: {ROW}
secret check / loading alone: {RATIO}
""",
}
KEPT = (
    r"at most 1|exit 0|2\.5 x|80 ms:|^3 (?:SIGKILLs|clusters)|8 hubs|^[24]0 hubs|0 torn"
    r"|(?<=^renovate ....: )1 tag.*others|now \S+:"
)


# In Renovate's place: reads the settings it is given and asks for the tags of one image, as often as it runs.
STAND_IN = f"""\
#!{sys.executable}
import json, os, sys, urllib.request
assert sys.argv[1:] == ["--platform=local", "--dry-run=lookup"] and os.path.isdir(".git")
assert os.path.isdir(os.environ["RENOVATE_CACHE_DIR"])
host = json.load(open(os.environ["RENOVATE_CONFIG_FILE"]))["hostRules"][0]["matchHost"]
for path in ("", "quay.io/lagoon-institute/python-notebook/tags/list"):
    urllib.request.urlopen(f"http://{{host}}/v2/{{path}}").read()
"""


def run_bench(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"bench.{name}", *arguments],
        cwd=ROOT,
        env={**os.environ, "HUBCTL_BENCH_RUNS": "1", **environment},
        capture_output=True,
        text=True,
        check=True,
    )


def without_figures(text: str) -> str:
    """Replace every figure that depends on the machine or the fleet's size."""
    return re.sub(rf"(?m)({KEPT}|-c ''(?: \+ 80 ms)?)|\b\d+(?:\.\d+)?\b", lambda found: found[1] or "N", text)


@pytest.mark.slow
@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_runs_on_the_example_fleet(name, tmp_path):
    stand_in = tmp_path / "renovate"
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    if name == "peer":
        find_registry()

    arguments = {"killing": ["3"], "scale": ["20", "40"]}.get(name, [str(ROOT)])
    done = run_bench(name, *arguments, HUBCTL_BENCH_RENOVATE=str(stand_in))

    assert (without_figures(done.stdout), done.stderr) == (EXPECTED[name], "")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bumping", "listing", "parts", "peer", "planning", "validating"])
def test_without_a_fleet_a_bench_says_that_it_did_not_run(name):
    done = run_bench(name, HUBCTL_CORPUS="")

    assert (done.stdout, done.stderr) == (
        "",
        f"NOT RUN: {ROOT}/bench/{name}.py: name a fleet, or set HUBCTL_CORPUS to a folder with corpus/\n",
    )


def test_without_the_peer_its_bench_says_that_it_did_not_run(tmp_path):
    (tmp_path / "registry").write_text("#!/bin/sh\n")
    (tmp_path / "registry").chmod(0o755)

    done = run_bench("peer", str(ROOT), HUBCTL_BENCH_RENOVATE="", PATH=str(tmp_path))

    assert (done.stdout, done.stderr) == (
        "",
        f"NOT RUN: {ROOT}/bench/peer.py: no program `renovate`: put it on PATH, or name it in HUBCTL_BENCH_RENOVATE\n",
    )
