"""The distribution: what it holds, what it lists, what it imports."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
OUTSIDE = {"hubctl.example": "config", "hubctl.schemas": "schemas"}
HEAVY = ["requests", "urllib3", "git", "jsonschema", "ruamel", "yaml", "rich", "http.client", "hubctl.demo"]


def _packages() -> set[str]:
    return {".".join(file.parent.relative_to(ROOT).parts) for file in ROOT.glob("hubctl/**/__init__.py")}


def test_every_package_is_in_the_distribution():
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == _packages() | OUTSIDE.keys()


def test_every_package_stands_in_the_order_of_the_rooms():
    (contract,) = (c for c in PROJECT["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    listed = {room.strip("() ") for layer in contract["layers"] for room in layer.split("|")}

    rooms = {name.split(".")[1] for name in _packages() if name.count(".") == 1}
    modules = {file.stem for file in (ROOT / "hubctl").glob("*.py")} - {"__init__", "__main__"}
    assert rooms | modules == {name for name in listed if name in rooms | modules}
    assert set(contract["exhaustive_ignores"]) == {"__main__", "schemas"}
    assert not any(c.get("ignore_imports") for c in PROJECT["tool"]["importlinter"]["contracts"])


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_load_nothing_heavy(argument):
    program = f"""
import json, sys
from hubctl.cli import main
code = main([{argument!r}])
print(json.dumps([code, [name for name in {HEAVY!r} if name in sys.modules]]))
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout.splitlines()[-1]) == [0, []]


LISTING = ["requests", "urllib3", "git", "jsonschema", "referencing", "ruamel", "rich", "http.client"]
PINNED = ["git", "jsonschema", "referencing", "rich", "hubctl.demo"]


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (("image", "list"), [*LISTING, "hubctl.demo", "hubctl.registry", "hubctl.proposals.propose"]),
        (("hub", "list"), [*LISTING, "hubctl.demo", "hubctl.registry", "hubctl.proposals.propose"]),
        (("hub", "show", "lagoon/prod"), [*LISTING, "hubctl.demo", "hubctl.registry", "hubctl.proposals.propose"]),
        (
            ("secret", "unset", "lagoon", "prod", "absent"),
            [*PINNED, "requests", "urllib3", "http.client", "hubctl.registry"],
        ),
        (("bump-image", "--dry-run", "--role", "all", "--policy", "pin because it stays"), PINNED),
    ],
)
def test_in_a_clone_without_settings_a_verb_loads_only_what_it_needs(tmp_path, arguments, heavy):
    shutil.copytree(ROOT / "config" / "clusters", tmp_path / "config" / "clusters")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    program = f"""
import json, sys
from hubctl.cli import main
code = main({["-C", str(tmp_path), *arguments]!r})
print(json.dumps([code, [name for name in {heavy!r} if name in sys.modules]]))
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout.splitlines()[-1]) == [0, []]


@pytest.mark.parametrize("file", sorted(ROOT.glob("hubctl/**/*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_stays_short_enough_to_read(file):
    text = file.read_text("utf-8")
    tree = ast.parse(text)

    assert len(text.splitlines()) <= 300
    assert ast.get_docstring(tree) or not tree.body


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the files git knows, as from a fresh clone."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    known = ["git", "-C", str(ROOT), "ls-files", "-z", "hubctl", "config", "schemas", "*.toml", "LICENSE", "README.md"]
    for name in subprocess.run(known, capture_output=True, text=True, check=True).stdout.split("\0")[:-1]:
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", str(made), str(source)], check=True)
    (found,) = made.iterdir()
    return found


@pytest.mark.slow
def test_the_wheel_holds_schemas_the_example_and_the_types_and_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    def held(folder: str, suffix: str) -> set[str]:
        return {name for name in names if name.startswith(folder) and name.endswith(suffix)}

    assert held("hubctl/schemas/", ".json") == {f"hubctl/{f.relative_to(ROOT)}" for f in ROOT.glob("schemas/*.json")}
    examples = {f.relative_to(ROOT / "config") for f in ROOT.glob("config/clusters/**/*.yaml")}
    assert held("hubctl/example/clusters/", ".yaml") == {f"hubctl/example/{name}" for name in examples}
    assert "hubctl/py.typed" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"hubctl", "jupyterhub_hubctl"}
    assert not any("test" in name for name in names)


@pytest.mark.slow
def test_the_installed_wheel_tells_the_story(wheel, tmp_path, monkeypatch):
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(tmp_path)]
    subprocess.run([*install, str(wheel)], check=True)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    where = [sys.executable, "-c", "import hubctl; print(hubctl.__file__)"]
    found = subprocess.run(where, capture_output=True, text=True, check=True)
    done = subprocess.run([sys.executable, "-m", "hubctl", "demo"], capture_output=True, text=True, check=False)

    assert (
        subprocess.run(where, capture_output=True, text=True, check=True).stdout == f"{tmp_path}/hubctl/__init__.py\n"
    )
    assert found.stdout == f"{tmp_path}/hubctl/__init__.py\n"
    assert (done.returncode, done.stderr) == (0, "")
    assert "\n+      tag: 2026.06.04\n" in done.stdout
