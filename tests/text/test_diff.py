"""The diff that `--dry-run` prints is one that git itself takes back."""

import subprocess
from pathlib import Path

import pytest

from hubctl.text.diff import unified_diff


def test_equal_bytes_have_no_diff() -> None:
    assert unified_diff("a.yaml", b"a: 1\n", b"a: 1\n") == b""


def test_one_changed_line_stands_between_three_lines_of_context() -> None:
    before = b"1\n2\n3\n4\ntag: old\n6\n7\n8\n9\n"

    assert unified_diff("leap/common.values.yaml", before, before.replace(b"old", b"new")) == (
        b"diff --git a/leap/common.values.yaml b/leap/common.values.yaml\n"
        b"--- a/leap/common.values.yaml\n"
        b"+++ b/leap/common.values.yaml\n"
        b"@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-tag: old\n+tag: new\n 6\n 7\n 8\n"
    )


def test_a_missing_final_newline_is_said() -> None:
    assert unified_diff("a", b"x: 1", b"x: 2").endswith(
        b"-x: 1\n\\ No newline at end of file\n+x: 2\n\\ No newline at end of file\n"
    )


def test_a_name_with_a_blank_ends_with_a_tab() -> None:
    assert b"--- a/two words\t\n" in unified_diff("two words", b"1\n", b"2\n")


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("plain.yaml", b"a: 1\nb: 2\n", b"a: 1\nb: 3\n"),
        ("two words.yaml", b"a: 1\n", b"a: 2\n"),
        ('hüb/ta\tb"q\\.yaml', b"a: 1\n", b"a: 2\n"),
        ("crlf.yaml", b"a: 1\r\nb: 2\r\n", b"a: 1\r\nb: 3\r\n"),
        ("no-newline.yaml", b"a: 1\nb: 2", b"a: 1\nb: 3"),
        ("odd-breaks.yaml", b"a: 1\x0b\x0c\nb: \xc2\x85 2\n", b"a: 1\x0b\x0c\nb: \xc2\x85 3\n"),
    ],
)
def test_git_applies_the_diff_and_writes_the_same_names(tmp_path: Path, name: str, before: bytes, after: bytes) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(before)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    path.write_bytes(after)
    gits = subprocess.run(["git", "diff"], cwd=tmp_path, check=True, capture_output=True).stdout
    path.write_bytes(before)

    ours = unified_diff(name, before, after)
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=tmp_path, check=True, input=ours)

    assert path.read_bytes() == after
    assert [line for line in gits.splitlines() if not line.startswith((b"index", b"@@"))][:3] == ours.splitlines()[:3]


@pytest.mark.parametrize("name", ["new.yaml", "two words.yaml", "hüb/enc-prod.secret.values.yaml"])
@pytest.mark.parametrize("after", [b"a: 1\nb: 2\n", b"a: 1", b""])
def test_a_new_file_is_written_as_git_writes_it(tmp_path: Path, name: str, after: bytes) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(after)
    subprocess.run(["git", "add", "--intent-to-add", "."], cwd=tmp_path, check=True)
    gits = subprocess.run(["git", "diff"], cwd=tmp_path, check=True, capture_output=True).stdout
    subprocess.run(["git", "reset", "-q"], cwd=tmp_path, check=True)
    path.unlink()

    ours = unified_diff(name, None, after)
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=tmp_path, check=True, input=ours)

    assert path.read_bytes() == after
    assert [line for line in gits.splitlines() if not line.startswith(b"index")] == ours.splitlines()
