"""`hubctl bump-image` on a work tree, from the outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests.cli.playground import COMMON, COMMON_FILE, FLEET, PROD, Playground, settings_for
from tests.servers.faults import Answer, Asked, as_json, serve


def valid(shape: object, name: str) -> None:
    jsonschema.validate(shape, json.loads(files("hubctl.schemas").joinpath(f"{name}.schema.json").read_text()))


def test_only_the_bytes_of_the_tag_change(playground: Playground) -> None:
    done = playground.run("bump-image", "leap", "prod")

    assert done.code == 0
    assert playground.read(COMMON_FILE) == COMMON.replace("tag: 2026.05.01", "tag: 2026.06.04")
    assert playground.read("config/clusters/leap/prod.values.yaml") == PROD
    assert done.out == ("leap/common  image.tag  quay.io/leap/notebook  2026.05.01 → 2026.06.04  newest date\n")
    assert done.err == (
        "also moves: leap/staging\n"
        "1 place changed in 1 file; 2 left alone: 2 role\n"
        "next: `git diff`, or propose it instead: `hubctl bump-image leap prod --open-pr`\n"
        "hint: `--explain` says why each was left alone\n"
    )


def test_the_second_run_says_nothing_to_do_and_touches_nothing(playground: Playground) -> None:
    playground.run("bump-image", "leap")
    before = (playground.root / COMMON_FILE).stat().st_mtime_ns

    done = playground.run("bump-image", "leap")

    assert (done.code, done.out) == (0, "")
    assert "nothing to do\n" in done.err
    assert (playground.root / COMMON_FILE).stat().st_mtime_ns == before


def test_the_json_answer_has_every_selected_place_in_exactly_one_list(playground: Playground) -> None:
    done = playground.run("bump-image", "--json")
    listed = playground.run("image", "list", "--json").json

    valid(done.json, "bump-image")
    valid(listed, "image-list")
    places = [(each["file"], each["path"]) for kind in ("changes", "skips", "unknown") for each in done.json[kind]]
    assert sorted(places) == sorted((site["file"], site["path"]) for site in listed["sites"])
    assert [(each["path"], each["old"], each["new"], each["hubs"]) for each in done.json["changes"]] == [
        ("jupyterhub.singleuser.image.tag", "2026.05.01", "2026.06.04", ["leap/staging", "leap/prod"]),
        (
            "jupyterhub.singleuser.profileList[slug=small].kubespawner_override.image",
            "2026.05.01",
            "2026.06.02",
            ["leap/staging"],
        ),
    ]
    assert {skip["code"] for skip in done.json["skips"]} == {"role"}


def test_a_dry_run_prints_a_diff_that_git_applies_and_writes_nothing(playground: Playground) -> None:
    playground.committed()

    done = playground.run("bump-image", "--dry-run")

    assert done.code == 0
    assert playground.git("status", "--porcelain") == ""
    (playground.root.parent / "patch").write_text(done.out)
    playground.git("apply", "../patch")
    assert playground.read(COMMON_FILE) == COMMON.replace("tag: 2026.05.01", "tag: 2026.06.04")


@pytest.mark.parametrize(("runs_before", "code"), [(0, 8), (1, 0)])
@pytest.mark.parametrize("more", [(), pytest.param(("--dry-run",), marks=pytest.mark.slow), ("--json",)])
def test_check_says_by_its_code_whether_something_would_change(
    playground: Playground, runs_before: int, code: int, more: tuple[str, ...]
) -> None:
    for _ in range(runs_before):
        playground.run("bump-image")

    done = playground.run("bump-image", "--check", *more)

    assert done.code == code
    if not runs_before:
        assert playground.read(COMMON_FILE) == COMMON


def test_roles_replace_the_default_and_all_means_every_one(playground: Playground) -> None:
    sidecars = playground.run("bump-image", "--role", "sidecar", "--json").json
    every = playground.run("bump-image", "--role", "all", "--json").json

    assert [change["image"] for change in sidecars["changes"]] == ["quay.io/leap/volume"]
    assert sorted(change["role"] for change in every["changes"]) == ["hub", "service", "user", "user"]


def test_an_image_is_selected_by_name_whatever_its_role(playground: Playground) -> None:
    done = playground.run("bump-image", "--image", "quay.io/leap/hub", "--json").json

    assert [(change["image"], change["new"]) for change in done["changes"]] == [("quay.io/leap/hub", "4.3.1")]
    assert done["skips"] == []


def test_one_question_is_asked_for_each_image_name(playground: Playground) -> None:
    playground.run("bump-image", "--role", "all")

    lists = [url for url in playground.registry.urls if url.endswith("/tags/list")]
    assert sorted(lists) == sorted(set(lists))
    assert len(lists) == 5


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("bump-image", "laep"), 1, "no such cluster: `laep`"),
        (("bump-image", "leap", "pord"), 1, "no such hub in cluster `leap`: `pord`"),
        (("bump-image", "--image", "quay.io/leap/notebok"), 1, "no such image in the selected files"),
        (("bump-image", "--role", "users"), 2, "users"),
        (("bump-imag",), 2, "bump-imag"),
        (("bump-image", "--to", "no tag"), 2, "not a tag"),
        (("bump-image", "--policy", "nonsense"), 2, "not a policy"),
        (("bump-image", "--min-age", "soon"), 2, "not an age"),
        (("bump-image", "--open-pr", "--print-pr"), 2, "exclude each other"),
        (("-C", "nowhere", "bump-image"), 1, "no such folder"),
        (("bump-image", "--to", "2030.01.01", "--image", "quay.io/leap/notebook"), 1, "no tag `2030.01.01`"),
    ],
)
def test_what_cannot_be_is_said_in_one_clear_error(
    playground: Playground, words: tuple[str, ...], code: int, said: str
) -> None:
    done = playground.run(*words)

    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert "Traceback" not in done.err
    assert {name: playground.read(name) for name in FLEET} == FLEET


def test_near_names_are_offered(playground: Playground) -> None:
    assert "did you mean `leap`?" in playground.run("bump-image", "laep").err
    assert "did you mean `prod`?" in playground.run("bump-image", "leap", "pord").err


def test_a_failure_in_json_is_an_object_of_the_verbs_shape(playground: Playground) -> None:
    done = playground.run("bump-image", "laep", "--json")

    assert done.code == 1
    valid(done.json, "bump-image")
    assert done.json == {
        "changes": [],
        "skips": [],
        "unknown": [],
        "problems": [],
        "pull_requests": [],
        "error": {
            "code": "no-such-cluster",
            "message": "no such cluster: `laep`",
            "hint": "did you mean `leap`?",
        },
    }


def test_an_image_that_is_not_there_is_unknown_and_the_others_go_on(playground: Playground) -> None:
    gone = "jupyterhub: {singleuser: {image: quay.io/leap/gone:2026.01.01}}\n"
    playground.write({"config/clusters/leap/staging.values.yaml": gone})

    done = playground.run("bump-image", "--json")

    assert done.code == 9
    assert [each["code"] for each in done.json["unknown"]] == ["no-such-image"]
    assert [each["new"] for each in done.json["changes"]] == ["2026.06.04"]
    assert done.json["error"]["code"] == "no-such-image"
    assert done.json["error"]["hint"].startswith("is the name right?")
    assert "2026.06.04" in playground.read(COMMON_FILE)


def test_a_file_that_cannot_be_read_is_one_problem_and_the_others_go_on(playground: Playground) -> None:
    playground.write({"config/clusters/leap/staging.values.yaml": "jupyterhub:\n  image: [\n"})

    done = playground.run("bump-image", "--json")
    listed = playground.run("image", "list", "--json")

    assert (done.code, listed.code) == (1, 0)
    assert [problem["file"] for problem in done.json["problems"]] == ["config/clusters/leap/staging.values.yaml"]
    assert [each["new"] for each in done.json["changes"]] == ["2026.06.04"]


def test_a_pin_beside_the_tag_holds_until_the_flag_says_otherwise(playground: Playground) -> None:
    pinned = COMMON.replace("# the day it was built", "# hubctl: pin because GPU drivers")
    playground.write({COMMON_FILE: pinned})

    held = playground.run("bump-image", "leap", "prod", "--json").json
    asked = list(playground.registry.urls)
    moved = playground.run("bump-image", "leap", "prod", "--to", "2026.05.20", "--json").json

    assert [(skip["code"], skip["why"]) for skip in held["skips"] if skip["role"] == "user"] == [
        ("pinned", "GPU drivers")
    ]
    assert asked == []
    assert [change["new"] for change in moved["changes"]] == ["2026.05.20"]


def test_an_unreadable_policy_comment_is_a_problem_and_the_place_stays(playground: Playground) -> None:
    playground.write({COMMON_FILE: COMMON.replace("# the day it was built", "# hubctl: pattern=[ order=date")})

    done = playground.run("bump-image", "leap", "prod", "--json")

    assert done.code == 0
    assert [skip["code"] for skip in done.json["skips"] if skip["role"] == "user"] == ["pinned"]
    assert [(problem["file"], problem["line"]) for problem in done.json["problems"]] == [(COMMON_FILE, 5)]


def test_settings_of_the_repository_are_used_but_not_where_credentials_go(playground: Playground) -> None:
    playground.write(
        {
            "hubctl.yaml": 'policies:\n- {image: "quay.io/leap/*", ignore: ["2026.06.*"]}\n'
            'registries:\n  quay.io: {api: "https://evil.example.org"}\n'
        }
    )

    done = playground.run("bump-image", "leap", "prod", "--json")

    assert done.code == 0
    assert [change["new"] for change in done.json["changes"]] == ["2026.05.20"]
    assert [(problem["file"], problem["line"], problem["rule"]) for problem in done.json["problems"]] == [
        ("hubctl.yaml", 4, "untrusted-setting")
    ]


def test_it_works_from_a_subdirectory_with_paths_relative_to_the_root(playground: Playground) -> None:
    playground.committed()

    done = playground.run("bump-image", "leap", "prod", "--json", at=playground.root / "config/clusters/leap")

    assert [change["file"] for change in done.json["changes"]] == [COMMON_FILE]


def test_the_work_tree_is_not_edited_in_the_middle_of_a_merge(playground: Playground) -> None:
    playground.committed()
    (playground.root / ".git/MERGE_HEAD").write_text(playground.git("rev-parse", "HEAD"))

    done = playground.run("bump-image", "--json")

    assert (done.code, done.json["error"]["code"]) == (1, "in-progress")
    assert playground.read(COMMON_FILE) == COMMON


def test_an_edit_goes_on_top_of_what_is_on_disk(playground: Playground) -> None:
    playground.committed()
    playground.write({COMMON_FILE: "# a note of mine\n" + COMMON})

    playground.run("bump-image", "leap", "prod")

    assert playground.read(COMMON_FILE) == "# a note of mine\n" + COMMON.replace("tag: 2026.05.01", "tag: 2026.06.04")


def test_nothing_but_data_stands_on_stdout_when_quiet(playground: Playground) -> None:
    done = playground.run("--quiet", "bump-image", "leap", "prod")

    assert done.err == ""
    assert done.out.count("\n") == 1


def test_a_reader_that_leaves_early_is_no_failure(playground: Playground) -> None:
    playground.write({f"config/clusters/leap/h{number}.values.yaml": PROD for number in range(400)})
    hubs = "".join(
        f"- name: h{number}\n  domain: x.example.org\n  helm_chart: basehub\n"
        f"  helm_chart_values_files: [h{number}.values.yaml]\n"
        for number in range(400)
    )
    playground.write({"config/clusters/leap/cluster.yaml": f"name: leap\nhubs:\n{hubs}"})

    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "hubctl", "image", "list"],
        cwd=playground.root,
        env={**os.environ, **playground.environment},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)

    assert (done.returncode, done.stderr) == (0, b"")


def test_a_sparse_checkout_says_what_it_leaves_out(playground: Playground) -> None:
    playground.committed()
    playground.git("sparse-checkout", "set", "--no-cone", "/*", "!/config/clusters/leap/staging.values.yaml")

    partly = playground.run("image", "list", "--json").json
    playground.git("sparse-checkout", "set", "docs")
    nothing = playground.run("image", "list", "--json")

    assert [(problem["rule"], problem["file"]) for problem in partly["problems"]] == [
        ("missing-file", "config/clusters/leap/cluster.yaml"),
        ("sparse-checkout", "config/clusters/leap/staging.values.yaml"),
    ]
    assert nothing.code == 1
    assert nothing.json["error"] == {
        "code": "no-fleet",
        "message": "no `cluster.yaml` in this repository: a sparse checkout leaves out 5 files of the fleet, "
        "the first: `config/clusters/leap/cluster.yaml`",
        "hint": "run `git sparse-checkout add FOLDER`, or use `--open-pr`, which reads the base branch",
    }


def test_a_bare_repository_has_nothing_to_edit(playground: Playground) -> None:
    playground.committed()
    bare = playground.root.parent / "bare.git"
    playground.git("clone", "--quiet", "--bare", ".", str(bare))

    done = playground.run("bump-image", "--json", at=bare)

    assert (done.code, done.json["error"]["code"]) == (1, "bare-repository")


def test_who_shares_an_edited_value_is_named_by_line(playground: Playground) -> None:
    image = "&image {name: quay.io/leap/notebook, tag: 2026.05.01}"
    playground.write({COMMON_FILE: f"jupyterhub:\n  singleuser:\n    image: {image}\n  one: *image\n  two: *image\n"})

    done = playground.run("bump-image", "leap", "prod")

    assert done.out == (
        "leap/common  image.tag  quay.io/leap/notebook  2026.05.01 → 2026.06.04  newest date; "
        "shared with the aliases at lines 4, 5\n"
    )


def test_paths_on_the_command_line_are_seen_from_the_folder_of_capital_c(playground: Playground) -> None:
    settings = Path(playground.environment["HUBCTL_SETTINGS"])
    relative = os.path.relpath(settings, playground.root)
    words = ("-C", str(playground.root), "--settings", relative, "bump-image", "--check")

    by_flag = playground.run(*words, at=Path("/"))
    by_variable = playground.run(
        "-C", str(playground.root), "bump-image", "--check", at=Path("/"), HUBCTL_SETTINGS=relative
    )

    assert (by_flag.code, by_variable.code) == (8, 8)


@pytest.mark.slow
def test_one_refused_place_among_a_thousand_holds_back_no_other(playground: Playground) -> None:
    choices = "".join(f"    - {{slug: s{n}, image: 'quay.io/leap/small:2026.05.01'}}\n" for n in range(999))
    odd = "    - {slug: odd, image: !!str quay.io/leap/small:2026.05.01}\n"
    playground.write({COMMON_FILE: f"jupyterhub:\n  singleuser:\n    profileList:\n{odd}{choices}"})

    done = playground.run("bump-image", "leap", "prod", "--json")

    assert (done.code, len(done.json["changes"])) == (1, 999)
    assert [(skip["path"], skip["code"]) for skip in done.json["skips"] if skip["file"] == COMMON_FILE] == [
        ("jupyterhub.singleuser.profileList[slug=odd].image", "tagged")
    ]
    assert playground.read(COMMON_FILE) == f"jupyterhub:\n  singleuser:\n    profileList:\n{odd}" + choices.replace(
        "2026.05.01", "2026.06.02"
    )


def test_a_reference_that_is_a_digest_alone_is_left_without_a_question(playground: Playground) -> None:
    fixed = f"jupyterhub: {{singleuser: {{image: 'quay.io/leap/notebook@sha256:{'a' * 64}'}}}}\n"
    playground.write({COMMON_FILE: fixed, "config/clusters/leap/staging.values.yaml": "{}\n"})

    done = playground.run("bump-image", "--json")

    assert [skip["code"] for skip in done.json["skips"] if skip["role"] == "user"] == ["digest-only"]
    assert playground.registry.urls == []


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_does_not_wait_for_a_registry_that_limits_requests(
    playground: Playground, number: signal.Signals, code: int
) -> None:
    limited = threading.Event()

    def answer(asked: Asked) -> Answer:
        if asked.url.endswith("/tags/list"):
            return as_json({"tags": ["2026.05.01", "2026.06.01"]})
        limited.set()
        return Answer(429, b"{}", (("Retry-After", "60"),))

    with serve(answer) as registry:
        settings = settings_for(registry, playground.root.parent)
        command = [sys.executable, "-m", "hubctl", "--settings", str(settings), "bump-image", "leap"]
        with subprocess.Popen(command, cwd=playground.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert limited.wait(30)
            process.send_signal(number)
            out, _ = process.communicate(timeout=20)

    assert (process.returncode, out) == (code, b"")
    assert playground.read(COMMON_FILE) == COMMON
