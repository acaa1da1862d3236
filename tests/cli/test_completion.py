"""`hubctl completion`: the scripts, and what the words of a command line may become."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import get_args

import jsonschema
import pytest

from hubctl.adapters.files import WorkTree
from hubctl.cli import completing
from hubctl.cli.app import parse
from hubctl.cli.completing_scripts import Shell
from hubctl.commands import completion
from hubctl.commands.completion_scan import hub_names, image_names
from hubctl.fleet.read import read_fleet
from hubctl.images.sites import find_sites
from tests.cli.playground import FLEET

Complete = Callable[..., list[str]]
WORDS = 4
RIDGE = """\
name: ridge
hubs:
  - domain: staging.ridge.example.org # the first
    name: "staging"
    helm_chart: basehub
    auth0: {name: not-a-hub}
    extra:
      name: nor-this
    helm_chart_values_files:
      - staging.values.yaml
  # - name: retired
  - name: prod # the second
    helm_chart: basehub
provider: aws
other:
- name: outside
"""


def written(root: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """Two clusters, one of them with a chart and its defaults."""
    local = "jupyterhub:\n  singleuser:\n    image:\n      name: localhost:5000/ridge/base\n      tag: v1\n"
    return written(
        tmp_path / "fleet",
        FLEET
        | {
            "config/clusters/ridge/cluster.yaml": RIDGE,
            "config/clusters/ridge/staging.values.yaml": local,
            "helm-charts/basehub/Chart.yaml": "name: basehub\nversion: 1\n",
            "helm-charts/basehub/values.yaml": "jupyterhub:\n  cull: {enabled: true}\n",
        },
    )


@pytest.fixture
def complete(fleet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Complete:
    """Ask as the scripts do; the last word is the one that is being typed."""
    monkeypatch.chdir(fleet)

    def ask(*words: str) -> list[str]:
        monkeypatch.setenv("_HUBCTL_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", "\n".join(["hubctl", *words]))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        assert completing.answer(parse) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        return [word for word in printed.out.split("\n") if word]

    return ask


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("bu", ["bump-image"]),
        ("image ", ["list", "newest", "tags"]),
        ("bump-image --allow", ["--allow-downgrade"]),
        ("bump-image ", ["leap", "ridge"]),
        ("bump-image l", ["leap"]),
        ("bump-image leap ", ["staging", "prod"]),
        ("bump-image leap p", ["prod"]),
        ("bump-image nowhere ", []),
        ("image list ridge ", ["staging", "prod"]),
        ("hub list r", ["ridge"]),
        ("hub show ", ["leap/staging", "leap/prod", "ridge/staging", "ridge/prod"]),
        ("hub show le", ["leap/staging", "leap/prod"]),
        ("hub show leap/p", ["leap/prod"]),
        ("hub show lea/", []),
        (
            "hub show leap/prod jupyterhub.h",
            [f"jupyterhub.hub{end}" for end in ("", ".image", ".image.name", ".image.tag")],
        ),
        ("hub show leap/prod jupyterhub.c", ["jupyterhub.cull", "jupyterhub.cull.enabled"]),
        ("hub show leap jup", []),
        ("bump-image --role s", ["sidecar", "service"]),
        ("bump-image --group c", ["cluster"]),
        ("bump-image --image quay.io/leap/s", ["quay.io/leap/small"]),
        ("bump-image ridge --image ", ["localhost:5000/ridge/base"]),
        ("bump-image --image = quay.io/leap/s", ["quay.io/leap/small"]),
        ("bump-image --image=quay.io/leap/s", ["quay.io/leap/small"]),
        ("bump-image --image localhost : 50", ["5000/ridge/base"]),
        ("bump-image --image = localhost : ", ["5000/ridge/base"]),
        ("bump-image --image = localhost :", ["5000/ridge/base"]),
        ("completion ", ["bash", "zsh", "fish"]),
        ("-C elsewhere bump-image ", []),
        ("--settings ", []),
    ],
)
def test_a_word_becomes_what_can_stand_there(complete: Complete, typed: str, found: list[str]) -> None:
    assert complete(*typed.split(" ")) == found


def test_names_are_those_of_the_folder_that_is_given(complete: Complete, tmp_path: Path) -> None:
    written(tmp_path, {"other/config/clusters/shore/cluster.yaml": "hubs: [{name: one}, {name: two}]\n"})

    assert complete("-C", "../other", "bump-image", "shore", "") == ["one", "two"]
    assert complete("-C", "../other/config", "bump-image", "") == ["shore"]


def test_clusters_are_found_in_other_layouts(complete: Complete, fleet: Path) -> None:
    shutil.move(fleet / "config" / "clusters", fleet / "hubs")
    written(fleet, {"charts/cluster.yaml": "kind: Cluster\n"})

    assert complete("bump-image", "") == ["leap", "ridge"]
    assert complete("bump-image", "--image", "quay.io/leap/h") == ["quay.io/leap/hub"]


def test_images_of_files_that_clusters_share_are_offered(complete: Complete, fleet: Path) -> None:
    shared = "hubs: [{name: one, helm_chart_values_files: [../../shared/all.yaml, ../../../outside.yaml]}]\n"
    image = "jupyterhub: {hub: {image: {name: quay.io/all/hub, tag: v1}}}\n"
    written(fleet, {"config/clusters/shore/cluster.yaml": shared, "config/shared/all.yaml": image})

    assert complete("bump-image", "shore", "--image", "") == ["quay.io/all/hub"]
    assert complete("bump-image", "--image", "quay.io/a") == ["quay.io/all/hub"]


@pytest.mark.slow
def test_of_very_many_files_the_first_are_looked_into(complete: Complete, fleet: Path) -> None:
    names = [f"f{number:04}.yaml" for number in range(1_501)]
    listed = "".join(f"  - {name}\n" for name in names)
    shore = {"cluster.yaml": f"hubs:\n- name: one\n  helm_chart_values_files:\n{listed}"}
    images = {name: f"image: quay.io/{name[:5]}/x:v1\n" for name in names}
    written(fleet, {f"config/clusters/shore/{name}": text for name, text in (shore | images).items()})

    found = complete("bump-image", "shore", "--image", "quay.io/f")

    assert (len(found), found[-1]) == (1_500, "quay.io/f1499/x")


def test_a_folder_that_cannot_be_a_cluster_is_not_offered(complete: Complete, fleet: Path) -> None:
    written(fleet, {"config/clusters/$(touch ran)/cluster.yaml": RIDGE, "config/clusters/Big/cluster.yaml": RIDGE})

    assert complete("bump-image", "") == ["leap", "ridge"]


def test_many_key_paths_are_offered_from_the_top(complete: Complete, fleet: Path) -> None:
    many = "".join(f"    key{number}: {{deep: 1}}\n" for number in range(150))
    written(fleet, {"config/clusters/ridge/staging.values.yaml": f"a:\n  b:\n{many}"})

    assert complete("hub", "show", "ridge/staging", "a")[:3] == ["a", "a.b", "a.b.key0"]
    assert len(complete("hub", "show", "ridge/staging", "a")) == 152
    assert complete("hub", "show", "ridge/staging", "a.b.key149") == ["a.b.key149", "a.b.key149.deep"]


@pytest.mark.parametrize(
    "text", ["", "hubs: [", "\0", "hubs:\n- name: [\n", "a: &a [*a]\n", "- 1\n", "hubs: 7\n", "hubs:\n- name: ${x}\n"]
)
def test_a_broken_cluster_offers_nothing_and_the_others_go_on(complete: Complete, fleet: Path, text: str) -> None:
    written(fleet, {"config/clusters/ridge/cluster.yaml": text})

    assert complete("bump-image", "ridge", "") == []
    assert complete("hub", "show", "") == ["leap/staging", "leap/prod"]
    assert complete("hub", "show", "ridge/staging", "") == []


def test_a_hub_whose_cluster_is_being_written_is_offered_all_the_same(complete: Complete, fleet: Path) -> None:
    written(fleet, {"config/clusters/ridge/cluster.yaml": RIDGE + "broken: [\n"})

    assert complete("bump-image", "ridge", "") == ["staging", "prod"]


@pytest.mark.parametrize("text", ["a: [", "- 1\n", "", "\0", "b" * 2_000_001])
def test_a_broken_values_file_counts_as_empty(complete: Complete, fleet: Path, text: str) -> None:
    written(fleet, {"config/clusters/leap/prod.values.yaml": text})

    found = complete("hub", "show", "leap/prod", "jupyterhub.s")

    assert "jupyterhub.singleuser.image.tag" in found
    assert complete("bump-image", "--image", "quay.io/leap/n") == ["quay.io/leap/notebook"]


def test_files_that_cannot_be_read_are_passed_over(complete: Complete, fleet: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("jupyterhub: {singleuser: {image: quay.io/outside/one:v1}}\n")
    folder = fleet / "config" / "clusters" / "leap"
    (folder / "link.values.yaml").symlink_to(outside)
    os.mkfifo(folder / "pipe.values.yaml")
    (folder / "prod.values.yaml").unlink()
    (folder / "prod.values.yaml").symlink_to("prod.values.yaml")

    assert complete("bump-image", "--image", "quay.io/o") == []
    assert complete("bump-image", "--image", "quay.io/leap/n") == ["quay.io/leap/notebook"]


def test_a_name_that_a_terminal_would_act_on_is_not_offered(complete: Complete, fleet: Path) -> None:
    written(fleet, {"config/clusters/leap/prod.values.yaml": '"a\\x1b[31m": {b: 1}\n"a\\nb": 1\nab: 1\n'})

    assert complete("hub", "show", "leap/prod", "") == [
        word for word in complete("hub", "show", "leap/prod", "") if word.isprintable()
    ]
    assert complete("hub", "show", "leap/prod", "a") == ["ab"]


def test_nothing_heavy_is_loaded_and_nothing_is_said(fleet: Path) -> None:
    heavy = ["requests", "urllib3", "git", "ruamel", "jsonschema", "rich", "http.client", "hubctl.registry"]
    parsers = ["yaml", "hubctl.text.parse"]
    program = f"""
import json, sys
from hubctl.cli import main
code = main([])
print(json.dumps([code, [name for name in {[*heavy, *parsers]!r} if name in sys.modules]]))
"""
    asked = {
        ("bump-image", "le"): [],
        ("hub", "show", "l"): [],
        ("bump-image", "--image", "quay"): [],
        ("hub", "show", "leap/prod", "jup"): parsers,
    }
    for typed, loaded in asked.items():
        words = {"COMP_WORDS": "\n".join(("hubctl", *typed)), "COMP_CWORD": str(len(typed))}

        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=fleet,
            env=os.environ | words | {"_HUBCTL_COMPLETE": "complete_bash"},
            capture_output=True,
            text=True,
            check=True,
        )

        assert done.stderr == ""
        assert len(done.stdout.splitlines()) > 1
        assert json.loads(done.stdout.splitlines()[-1]) == [0, loaded]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"_HUBCTL_COMPLETE": "complete_tcsh"},
        {"_HUBCTL_COMPLETE": "complete_bash", "COMP_WORDS": 'hubctl "un', "COMP_CWORD": "1"},
        {"_HUBCTL_COMPLETE": "complete_bash", "COMP_WORDS": "hubctl", "COMP_CWORD": "x"},
    ],
)
def test_a_question_that_makes_no_sense_gets_no_answer(
    fleet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environment: dict[str, str]
) -> None:
    monkeypatch.chdir(fleet)
    for name in ("COMP_WORDS", "COMP_CWORD"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"_HUBCTL_COMPLETE": "complete_bash"} | environment).items():
        monkeypatch.setenv(name, value)

    assert completing.answer(parse) == 0

    printed = capsys.readouterr()
    assert (printed.out.strip(), printed.err) == ("", "")


def shell(fleet: Path, program: list[str], text: str) -> subprocess.CompletedProcess[str]:
    """Run a shell in the fleet in which `hubctl` is a program on PATH."""
    folder = fleet.parent / "bin"
    folder.mkdir(exist_ok=True)
    command = folder / "hubctl"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m hubctl "$@"\n')
    command.chmod(0o755)
    environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        [*program, text], cwd=fleet, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


ASK = """\
source <(hubctl completion bash)
function=$(complete -p hubctl | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); $function "$1" "${!#}" ""; printf '%s\\n' "${COMPREPLY[@]}"; }
"""


@pytest.mark.slow
def test_bash_completes(fleet: Path) -> None:
    asked = "ask hubctl bump-image le; ask hubctl hub show leap/; ask hubctl bump-image --image = quay.io/leap/sm"

    done = shell(fleet, ["bash", "-c"], ASK + asked)

    assert done.stderr == ""
    assert done.stdout == "leap\nleap/staging\nleap/prod\nquay.io/leap/small\n"


def test_bash_runs_nothing_of_what_files_say(fleet: Path) -> None:
    keys = '"$(touch ran)": {b: 1}\n"`touch ran`": 1\n"* ?": 2\nplain: 3\n'
    written(fleet, {"config/clusters/ridge/staging.values.yaml": keys})

    done = shell(fleet, ["bash", "-c"], ASK + 'ask hubctl hub show ridge/staging "["; eval echo "${COMPREPLY[@]}"')

    assert done.stderr == ""
    assert not (fleet / "ran").exists()
    assert done.stdout.splitlines()[-1] == '["$(touch ran)"] ["$(touch ran)"].b ["* ?"] ["`touch ran`"]'


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_the_other_shells_take_their_script(fleet: Path, name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"NOT RUN: {name} is not installed")
    texts = {
        "zsh": 'autoload -Uz compinit; compinit -u -D; source <(hubctl completion zsh); print -r -- "$_comps[hubctl]"',
        "fish": "hubctl completion fish | source; complete -C 'hubctl bump-image le'",
    }

    done = shell(fleet, {"zsh": ["zsh", "-f", "-c"], "fish": ["fish", "--no-config", "-c"]}[name], texts[name])

    assert (done.stdout.split(), done.stderr) == ({"zsh": ["_hubctl"], "fish": ["leap"]}[name], "")


@pytest.mark.slow
@pytest.mark.parametrize("name", get_args(Shell))
def test_the_script_is_printed_without_a_repository_and_as_json(tmp_path: Path, name: str) -> None:
    def run(*more: str) -> str:
        command = [sys.executable, "-m", "hubctl", "completion", name, *more]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    script, shape = run(), json.loads(run("--json"))

    schema = json.loads(files("hubctl.schemas").joinpath("completion.schema.json").read_text())
    jsonschema.validate(shape, schema)
    assert shape == {"shell": name, "script": script}
    assert "_HUBCTL_COMPLETE=complete_bash" in script.replace(
        "_HUBCTL_COMPLETE complete_bash", "_HUBCTL_COMPLETE=complete_bash"
    )


def test_hubs_are_seen_in_a_list_of_any_indentation() -> None:
    assert hub_names(RIDGE) == ("staging", "prod")
    assert hub_names(RIDGE.replace("  - ", "- ").replace("    ", "  ")) == ("staging", "prod")
    assert hub_names(RIDGE.replace("\n", "\r\n")) == ("staging", "prod")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("image: quay.io/a/b:v1\n", {"quay.io/a/b"}),
        ("- image: &i 'a/b:v1' # why\n", {"a/b"}),
        ("image: a/b\nimage_prefix: a/c:v1\n", set()),
        ("image: '{value}'\n", set()),
        ("image:\n  tag: v1\n  # a comment\n  pullPolicy: Always\n  name: a/b\n", {"a/b"}),
        ("image:\n  registry: quay.io/\n  repository: a/b\n  tag: v1\n", {"quay.io/a/b"}),
        ("x: {name: a/b, tag: v1}\n", {"a/b"}),
        ("x:\n- name: a/b\n  tag: v1\n- name: a/c\n  other: v1\n", {"a/b"}),
        ("name: a/b\nx:\n  tag: v1\n", set()),
        ("extraEnv:\n  WORK_IMAGE: a/b:v1\n", {"a/b"}),
        ("x: {image: a/b:v1}\n", {"a/b"}),
        (f"image: a/b@sha256:{'0' * 64}\n", {"a/b"}),
    ],
)
def test_images_are_seen_as_they_are_written(text: str, names: set[str]) -> None:
    assert image_names(text) == names


@pytest.mark.slow
def test_what_is_offered_on_the_real_tree_is_what_is_there(corpus: Path) -> None:
    tree = WorkTree(corpus)
    fleet = read_fleet(tree)
    images = {site.image for file, text in fleet.texts.items() for site in find_sites(text, file)} - {None}

    assert completion.clusters(tree) == tuple(sorted(cluster.name for cluster in fleet.clusters))
    assert tuple(sorted(completion.hub_words(tree, ""))) == tuple(sorted(hub.id for hub in fleet.hubs))
    assert completion.image_names(tree, None, "") == tuple(sorted(images))
