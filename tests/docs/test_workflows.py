"""The workflows of the pages may be put into a repository as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from docs.pages import PAGES, ROOT, fenced

WORKFLOWS = {
    text.splitlines()[0].removeprefix("# "): text
    for page in PAGES
    for text in fenced(page.read_text("utf-8"), "yaml")
    if text.startswith("# .github/workflows/")
}


@pytest.mark.parametrize("file", sorted(WORKFLOWS))
def test_each_workflow_takes_no_right_at_the_top_and_pins_what_it_uses(file: str):
    text = WORKFLOWS[file]
    ours = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    workflow = yaml.safe_load(text)

    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["cancel-in-progress"] is False
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())
    assert set(re.findall(r"uses: (.*)", text)) <= set(re.findall(r"uses: (.*)", ours))
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")
    assert [line for line in re.findall(r"run: (.*)", text) if "${{" in line] == []


def test_zizmor_finds_nothing_in_the_workflows_of_the_pages(tmp_path: Path):
    zizmor = Path(sys.executable).with_name("zizmor")
    if not zizmor.exists():
        pytest.skip("NOT RUN: zizmor is not installed")
    for file, text in WORKFLOWS.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, "utf-8")

    done = subprocess.run(
        [zizmor, "--offline", "--pedantic", "--no-progress", ".github"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert len(WORKFLOWS) == 2
