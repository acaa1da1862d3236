import base64
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from hubctl.adapters.git_run import Access, Completed, checked, is_loopback, redact, run_git
from hubctl.errors import GitRefused, ToolMissing
from hubctl.secret import Secret
from tests.proposals.parts import CANARY, git, make_clone


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return make_clone(tmp_path)[1]


def environment(clone: Path, access: Access | None = None) -> dict[str, str]:
    """What a program started by git sees."""
    completed = run_git(["-c", "alias.env=!env", "env"], cwd=clone, access=access)
    pairs = (line.partition("=") for line in completed.stdout.decode().splitlines())
    return {name: text for name, _, text in pairs}


def test_the_environment_is_rebuilt(clone, monkeypatch):
    for name in ("GIT_INDEX_FILE", "GIT_TRACE", "GIT_TRACE_CURL", "GIT_EXEC_PATH_X", "GIT_SSH_COMMAND", "GIT_EDITOR"):
        monkeypatch.setenv(name, "odd")
    monkeypatch.setenv("GIT_SSL_CAINFO", "/ca.pem")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    seen = environment(clone)
    git_own = {"GIT_DIR", "GIT_PREFIX", "GIT_EXEC_PATH", "GIT_CONFIG_PARAMETERS"}
    settings = {name for name in seen if name.startswith(("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"))}
    assert {name for name in seen if name.startswith("GIT_")} - settings - git_own == {
        "GIT_ALLOW_PROTOCOL",
        "GIT_ASKPASS",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_NO_LAZY_FETCH",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OPTIONAL_LOCKS",
        "GIT_SSH_COMMAND",
        "GIT_SSL_CAINFO",
        "GIT_TERMINAL_PROMPT",
    }
    assert (seen["LC_ALL"], seen["GIT_TERMINAL_PROMPT"], seen["HOME"]) == ("C", "0", os.environ["HOME"])


def test_without_a_remote_no_protocol_is_spoken(clone):
    """A git that does not know `GIT_NO_LAZY_FETCH` would fetch what a partial clone lacks, without a token."""
    assert environment(clone)["GIT_ALLOW_PROTOCOL"] == ""
    assert "not allowed" in run_git(["ls-remote", str(clone)], cwd=clone).stderr


def test_the_authorities_of_requests_count_where_git_has_none_of_its_own(clone, monkeypatch, tmp_path):
    access = Access("https://github.com/o/n")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/requests.pem")
    assert environment(clone, access)["GIT_SSL_CAINFO"] == "/requests.pem"
    assert "GIT_SSL_CAINFO" not in environment(clone)
    monkeypatch.setenv("GIT_SSL_CAINFO", "/git.pem")
    assert environment(clone, access)["GIT_SSL_CAINFO"] == "/git.pem"
    monkeypatch.delenv("GIT_SSL_CAINFO")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    assert environment(clone, access)["GIT_SSL_CAPATH"] == str(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "protocols", "token"),
    [
        ("https://github.com/o/n", "https:ssh:file", True),
        ("http://github.com/o/n", "https:ssh:file", False),
        ("http://127.0.0.1:80/o/n", "https:ssh:file:http", True),
        ("http://localhost/o/n", "https:ssh:file:http", True),
        ("http://localhost.evil.example/o/n", "https:ssh:file", False),
        ("git@github.com:o/n", "https:ssh:file", False),
        ("/srv/o/n", "https:ssh:file", False),
    ],
)
def test_a_token_is_given_for_https_and_this_machine_alone(clone, url, protocols, token):
    seen = environment(clone, Access(url, CANARY))
    assert seen["GIT_ALLOW_PROTOCOL"] == protocols
    assert ("HUBCTL_ASKPASS_TOKEN" in seen) is token
    assert any(CANARY.reveal() in text for text in seen.values()) is token


def test_a_program_named_in_an_url_does_not_run(clone, tmp_path):
    completed = run_git(["ls-remote", "--", f"ext::touch {tmp_path}/canary"], cwd=clone)
    assert (completed.code, completed.said) == (128, "fatal: transport 'ext' not allowed")
    assert not (tmp_path / "canary").exists()


@pytest.mark.slow
def test_a_git_that_takes_too_long_is_ended(clone, tmp_path):
    (tmp_path / "slow").write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    (tmp_path / "slow").chmod(0o755)
    start = time.monotonic()
    with pytest.raises(GitRefused, match=r"`git slow` took longer than 0\.5 s"):
        run_git(["slow"], cwd=clone, timeout=0.5, config=[("alias.slow", f"!{tmp_path}/slow")])
    assert time.monotonic() - start < 10


@pytest.mark.slow
def test_ctrl_c_ends_git_and_goes_on_up(clone, tmp_path):
    """The signal reaches us while git waits: nothing of it stays behind."""
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run_git(["wait"], cwd=clone, config=[("alias.wait", f"!echo $$ > {tmp_path}/pid; sleep 30 & wait")])
    pid = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]


def test_without_git_the_error_says_so(clone, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolMissing, match="`git` is not installed"):
        run_git(["version"], cwd=clone)


def test_a_folder_that_is_gone_is_said(tmp_path):
    with pytest.raises(ToolMissing, match="the folder is gone"):
        run_git(["version"], cwd=tmp_path / "gone")


def test_a_failing_command_is_told_in_gits_words(clone):
    with pytest.raises(GitRefused) as caught:
        checked(["rev-parse", "--verify", "nothing"], cwd=clone)
    assert caught.value.message == "`git rev-parse` failed: fatal: Needed a single revision"


def test_a_repository_of_somebody_else_names_the_command_to_run(clone):
    if os.getuid() != 0:
        pytest.skip("NOT RUN: only root can give a folder to somebody else")
    os.chown(clone, 12345, 12345)
    os.chown(clone / ".git", 12345, 12345)
    with pytest.raises(GitRefused) as caught:
        run_git(["status"], cwd=clone)
    assert caught.value.hint == f"if you trust it: git config --global --add safe.directory {clone}"


def test_what_git_says_is_one_harmless_line():
    said = Completed(1, b"", "remote: \x1b[31mno\nremote: \u202eway\r\n\n").said
    assert said == "remote: \\u001b[31mno; remote: \\u202eway"
    assert Completed(3, b"", "").said == "no message, exit code 3"


@pytest.mark.parametrize(
    "text",
    [
        "fatal: ghp_canary0123456789",
        f"Authorization: basic {base64.b64encode(b'x-access-token:ghp_canary0123456789').decode()}",
        f"Authorization: basic {base64.b64encode(b'ghp_canary0123456789').decode()}",
        "https://x-access-token:ghp_canary0123456789@github.com/o/n",
    ],
)
def test_no_form_of_a_token_is_said(text):
    shown = redact(text, CANARY)
    assert "canary" not in shown
    assert base64.b64encode(b"ghp_canary0123456789").decode().rstrip("=")[:20] not in shown
    assert "***" in shown


def test_any_login_in_an_url_is_left_out():
    assert (
        redact("fatal: https://ann:pass@example.org/x not found", None) == "fatal: https://***@example.org/x not found"
    )


def test_a_token_with_odd_characters_is_left_out_of_urls():
    assert redact("at https://h/?t=a%2Fb%26", Secret("a/b&")) == "at https://h/?t=***"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:1", True),
        ("http://[::1]/", True),
        ("http://localhost", True),
        ("http://127.0.0.1.example", False),
        ("http://10.0.0.1", False),
        ("/srv/x", False),
        ("", False),
    ],
)
def test_what_this_machine_is(url, expected):
    assert is_loopback(url) is expected


def test_reading_leaves_no_lock_and_runs_no_fsmonitor(clone, tmp_path):
    git(clone, "config", "core.fsmonitor", f"touch {tmp_path}/canary;:")
    before = (clone / ".git" / "index").stat().st_mtime_ns
    os.utime(clone / "README.md", (1, 1))
    assert run_git(["status", "--porcelain"], cwd=clone).stdout == b""
    assert not (tmp_path / "canary").exists()
    assert (clone / ".git" / "index").stat().st_mtime_ns == before
