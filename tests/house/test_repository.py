"""The repository keeps its own rules: locks, workflows, changelog, reasons, and no trace of one machine."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import hubctl

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-build.txt", "requirements-go.txt")

# Written in parts, so that this file does not contain them.
INDEX_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
        ("repo1", "maven", "org"),
    )
]
MACHINE_PATHS = re.compile(r"(?<![\w./~-])/(?:root|work|opt/wheels)/")


def _tracked() -> list[str]:
    listed = ["git", "-C", str(ROOT), "ls-files", "-z"]
    names = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split("\0")[:-1]
    return [name for name in names if (ROOT / name).is_file()]


def _text(name: str) -> str:
    return (ROOT / name).read_bytes().decode("utf-8", "replace")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _locked(lock: str) -> dict[str, str]:
    return {_normal(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", _text(lock), re.MULTILINE)}


def _required(requirements: list[str]) -> set[str]:
    return {_normal(re.match(r"[\w.-]+", line)[0]) for line in requirements}


def test_no_file_names_a_package_index_or_a_folder_of_one_machine():
    found = [
        f"{name}: {hit}"
        for name in _tracked()
        for hit in [host for host in INDEX_HOSTS if host in _text(name)] + MACHINE_PATHS.findall(_text(name))
    ]

    assert found == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_versions_and_hashes_and_nothing_else(lock):
    lines = [line.strip().removesuffix("\\").strip() for line in _text(lock).splitlines()]
    packages = [line for line in lines if line and not line.startswith(("#", "--hash=sha256:"))]

    assert [line for line in packages if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    assert _text(lock).count("--hash=sha256:") >= len(packages) > 0


def test_the_locks_hold_every_direct_dependency_in_one_version():
    extras = PROJECT["optional-dependencies"]

    assert _required(PROJECT["dependencies"]) - _locked("requirements.txt").keys() == set()
    assert _required(extras["test"] + extras["lint"]) - _locked("requirements-dev.txt").keys() == set()
    assert _locked("requirements.txt").items() - _locked("requirements-dev.txt").items() == set()


def test_every_runtime_dependency_has_a_bound_and_a_reason():
    reasons = _text("CONTRIBUTING.md")

    for requirement in PROJECT["dependencies"]:
        (name,) = re.findall(r"^[\w.-]+", requirement)
        assert ",<" in requirement
        assert f"\n| {name} | " in reasons


def test_the_changelog_has_the_form_of_keep_a_changelog():
    titles = re.findall(r"^## (.*)$", _text("CHANGELOG.md"), re.MULTILINE)
    kinds = re.findall(r"^### (.*)$", _text("CHANGELOG.md"), re.MULTILINE)

    assert titles[0] == "[Unreleased]"
    assert [title for title in titles[1:] if not re.fullmatch(r"\[\d+\.\d+\.\d+\]( - \d{4}-\d\d-\d\d)?", title)] == []
    assert titles[1].startswith(f"[{hubctl.__version__}]")
    assert set(kinds) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.mark.parametrize("workflow", sorted(path.name for path in ROOT.glob(".github/workflows/*.yml")))
def test_a_workflow_is_pinned_and_has_no_right_it_does_not_need(workflow):
    text = _text(f".github/workflows/{workflow}")
    values = yaml.safe_load(text)
    used = re.findall(r"uses: (.*)", text)

    assert values["permissions"] == {}
    assert values["concurrency"]["cancel-in-progress"] is True
    assert [job for job, value in values["jobs"].items() if "timeout-minutes" not in value] == []
    assert [use for use in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[\d.]+", use)] == []
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


def test_every_exception_from_a_check_names_its_rule_and_its_reason():
    marks = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:|ruff:).*")
    reasoned = re.compile(r"# (?:noqa: [A-Z]+\d+(?:, [A-Z]+\d+)*|type: ignore\[[\w, -]+\]|pragma: no \w+)\s+# \S.*")
    lines = [
        (name, mark)
        for name in _tracked()
        if name.endswith(".py") and name != "tests/house/test_repository.py"
        for mark in marks.findall(_text(name))
    ]

    assert [f"{name}: {mark}" for name, mark in lines if not reasoned.fullmatch(mark)] == []


def test_ci_runs_the_test_command_of_the_readme():
    command = _text(".ci/run").splitlines()[-1]

    assert command == "make test"
    assert command in _text("README.md")
    assert "make demo" in _text("README.md")


def test_the_licence_is_the_one_the_package_declares():
    assert PROJECT["license"] == "BSD-3-Clause"
    assert _text("LICENSE").startswith("BSD 3-Clause License")


def test_make_lists_what_can_be_made():
    done = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)

    named = [line.split()[1] for line in done.stdout.splitlines()]
    assert named == ["help", "demo", "play", "test", "fast", "check", "lint", "bench", "docs", "tools", "lock", "clean"]
    assert [name for name in named if f"make {name} " not in _text("CONTRIBUTING.md")] == ["help", "lint", "bench"]
