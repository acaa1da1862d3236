"""Credential helpers and AWS' programs: real executables on PATH, well behaved and not."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hubctl.images.facts import Listing, NoAnswer
from hubctl.registry.address import endpoint
from hubctl.registry.credentials import Found, Login
from hubctl.registry.logins import Logins
from hubctl.secret import Secret
from hubctl.settings import RegistryEntry
from tests.registry.conftest import Asking, image, plain
from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, as_json, serve
from tests.servers.registry import push_image, start_registry
from tests.servers.tags import many_tags
from tests.servers.token import IDENTITY, PASSWORD, USER, start_token_server

CANARY = "canary-p:a:ss"
NOT_FOUND = "echo 'credentials not found in native keychain'; exit 1"
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
TAGS = many_tags(3)


class Tools:
    """A folder of programs on PATH, and an environment whose docker file names them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.environment = {"PATH": f"{self.bin}:{os.environ['PATH']}", "DOCKER_CONFIG": str(folder)}

    def make(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)

    def helper(self, script: str, name: str = "test") -> None:
        self.make(f"docker-credential-{name}", script)

    def config(self, **data: object) -> None:
        (self.folder / "config.json").write_text(json.dumps(data))

    def find(self, host: str = "quay.io", name: str = "a/b", **more: object) -> Found:
        return self.logins(**more).find(endpoint(host, name, {}))

    def named(self, host: str = "quay.io") -> Found:
        return self.logins().named(endpoint(host, "a/b", {}))

    def logins(self, **more: object) -> Logins:
        return Logins({}, self.environment, **more)  # type: ignore[arg-type] # seconds, root


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    return Tools(tmp_path)


def answer(username: object = "robot", secret: object = CANARY) -> str:
    """Return a script that prints a helper's answer."""
    given = json.dumps({"ServerURL": "x", "Username": username, "Secret": secret})
    return f"cat <<'EOF'\n{given}\nEOF"


def entry(username: str, password: str = CANARY) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:{password}".encode()).decode()}


def shown(found: Found) -> tuple[str, str] | None:
    """Return user name and password of a login."""
    return (found.login.username, found.login.password.reveal()) if found.login and found.login.password else None


@pytest.mark.parametrize(
    ("host", "keys", "server"),
    [
        ("quay.io", {"credHelpers": {"quay.io": "test"}}, "quay.io"),
        ("quay.io", {"credHelpers": {"https://quay.io/v2/": "test"}}, "quay.io"),
        ("quay.io", {"credHelpers": {"Quay.IO": "test"}}, "quay.io"),
        ("r.example:5000", {"credHelpers": {"r.example:5000": "test"}}, "r.example:5000"),
        ("docker.io", {"credHelpers": {"docker.io": "test"}}, "https://index.docker.io/v1/"),
        ("docker.io", {"credHelpers": {"index.docker.io": "test"}}, "https://index.docker.io/v1/"),
        ("docker.io", {"credHelpers": {"https://index.docker.io/v1/": "test"}}, "https://index.docker.io/v1/"),
        ("docker.io", {"credsStore": "test"}, "https://index.docker.io/v1/"),
        ("ghcr.io", {"credsStore": "test"}, "ghcr.io"),
        ("ghcr.io", {"credsStore": "test", "auths": {"ghcr.io": {}}}, "ghcr.io"),
    ],
)
def test_a_helper_is_asked_for_the_server_by_its_name_in_docker_files(tools: Tools, host, keys, server) -> None:
    tools.helper(f"echo $1 > {tools.folder}/asked; cat >> {tools.folder}/asked; {answer()}")
    tools.config(**keys)

    assert shown(tools.find(host)) == ("robot", CANARY)
    assert (tools.folder / "asked").read_text() == f"get\n{server}"


@pytest.mark.parametrize(
    "keys", [{"credHelpers": {"quay.io.evil.example": "test"}}, {"credHelpers": {"io": "test"}}, {}]
)
def test_a_helper_is_not_asked_for_hosts_it_is_not_named_for(tools: Tools, keys) -> None:
    tools.helper(f"touch {tools.folder}/asked; {answer()}")
    tools.config(**keys)

    assert tools.find() == Found()
    assert not (tools.folder / "asked").exists()


@pytest.mark.parametrize(
    ("keys", "user"),
    [
        ({"credHelpers": {"quay.io": "own"}, "auths": {"quay.io": entry("file")}, "credsStore": "store"}, "own"),
        ({"credHelpers": {"quay.io": "none"}, "auths": {"quay.io": entry("file")}, "credsStore": "store"}, "file"),
        ({"credHelpers": {"quay.io": "none"}, "credsStore": "store"}, "store"),
        ({"auths": {"quay.io/a": entry("namespace"), "quay.io": entry("file")}, "credsStore": "store"}, "namespace"),
        ({"auths": {"https://quay.io/v2/": entry("address")}, "credsStore": "store"}, "address"),
        ({"auths": {"quay.io": {}}, "credsStore": "store"}, "store"),
        ({"auths": {"quay.io": {"auth": "!"}}, "credsStore": "store"}, "store"),
        ({"credHelpers": {"quay.io": ""}, "auths": {"quay.io": entry("file")}, "credsStore": "store"}, "file"),
        ({"credHelpers": {"quay.io": ""}, "credsStore": "store"}, "next"),
        ({"credHelpers": {"quay.io": "none"}, "credsStore": "none"}, "next"),
        ({"credHelpers": {"quay.io": "absent"}, "auths": {"quay.io": entry("file")}}, "file"),
        ({"auths": {"ghcr.io": entry("other")}}, "next"),
    ],
)
def test_inside_a_file_the_own_helper_comes_first_and_the_store_last(tools: Tools, tmp_path, keys, user) -> None:
    for name in ("own", "store"):
        tools.helper(answer(name), name)
    tools.helper(NOT_FOUND, "none")
    first = tmp_path / "first.json"
    first.write_text(json.dumps(keys))
    tools.environment["REGISTRY_AUTH_FILE"] = str(first)
    tools.config(auths={"quay.io": entry("next")})

    assert shown(tools.find()) == (user, CANARY)


def test_a_store_that_holds_nothing_leaves_the_image_to_be_asked_anonymously(tools: Tools) -> None:
    tools.helper(NOT_FOUND)
    tools.config(credsStore="test")

    assert tools.find() == Found()


def test_an_identity_token_is_known_by_its_user_name(tools: Tools) -> None:
    tools.helper(answer("<token>"))
    tools.config(credsStore="test")

    assert tools.find("x.azurecr.io") == Found(Login("a credential helper `test`", identity=Secret(CANARY)))


@pytest.mark.parametrize(
    ("username", "secret"),
    [
        ("_json_key", json.dumps({"type": "service_account", "private_key": "-----\n" + "A:b/+\n" * 400}, indent=2)),
        ("_json_key_base64", base64.b64encode(b"x" * 4000).decode()),
        ("oauth2accesstoken", "ya29." + "a" * 2000),
        ("AWS", "eyJ" + "b" * 3000),
        ("robot$group+name", "p:a:ss"),
        ("00000000-0000-0000-0000-000000000000", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"),
        ("jürgen", "pässwört ✓"),
        ("", "ghp_only"),
    ],
)  # fmt: skip
def test_long_and_odd_passwords_survive_every_way(tools: Tools, username, secret) -> None:
    tools.helper(answer(username, secret))
    tools.config(credHelpers={"a.example": "test"}, auths={"b.example": entry(username, secret)})
    tools.environment |= {"ROBOT": username, "ROBOT_WORD": secret}
    own = {"c.example": RegistryEntry(username_env="ROBOT" if username else None, password_env="ROBOT_WORD")}
    logins = Logins(own, tools.environment)

    for host in ("a.example", "b.example", "c.example"):
        found = logins.find(endpoint(host, "a/b", own))
        assert found.login is not None
        assert found.login.basic is not None
        sent = base64.b64decode(found.login.basic.reveal().removeprefix("Basic ")).decode()
        assert sent == f"{username}:{secret}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 0", "it printed nothing"),
        ("echo; exit 0", "it printed nothing"),
        (f"echo {CANARY}", "its answer is not JSON"),
        (f"echo '{{\"Secret\": \"{CANARY}\"'", "its answer is not JSON"),
        ("printf '\\377\\376{}'", "its answer is not JSON"),
        ("head -c 50000 /dev/zero | tr '\\0' '['", "its answer is not JSON"),
        (f"echo '[\"{CANARY}\"]'", "its answer holds no user name and secret"),
        (answer("robot", ""), "its answer holds no user name and secret"),
        (answer("robot", 5), "its answer holds no user name and secret"),
        (answer("robot", [CANARY]), "its answer holds no user name and secret"),
        (answer("robot", "\ud800"), "its answer holds no user name and secret"),
        (answer(None), "its answer holds no user name and secret"),
        (answer(["robot"]), "its answer holds no user name and secret"),
        (f"echo {CANARY}; exit 1", "exit code 1"),
        (f"{answer()}\nexit 3", "exit code 3"),
        ("kill -9 $$", "it was ended by signal 9"),
        ("cat /dev/zero", "it printed more than 1 MiB"),
        (f"echo {CANARY}; sleep 60", "it took longer than 0.5 s"),
        ("exec >&- 2>&-; sleep 60", "it took longer than 0.5 s"),
        ("cat /dev/zero >&2", "it took longer than 0.5 s"),
        ("trap '' TERM INT HUP; sleep 60 & wait", "it took longer than 0.5 s"),
        ("echo 'no such thing' >&2; exit 1", "exit code 1; it said: no such thing"),
        ("printf 'a\\033[31mb\\nc\\r\\0d' >&2; exit 1", "exit code 1; it said: a\\u001b[31mb c \\u0000d"),
        (f"echo tried {CANARY} >&2; echo {CANARY}; exit 1", "exit code 1; it said: tried ***"),
        ('echo "sees $MY_TOKEN" >&2; exit 1', "exit code 1; it said: sees ***"),
    ],
)  # fmt: skip
def test_a_helper_that_gives_no_login_is_one_note_and_the_next_source_is_asked(tools: Tools, script, why) -> None:
    tools.helper(script)
    tools.config(credHelpers={"quay.io": "test"}, auths={"quay.io": entry("next")})
    tools.environment["MY_TOKEN"] = "canary-token"

    started = time.monotonic()
    found = tools.find(seconds=0.5)

    assert time.monotonic() - started < 5
    assert shown(found) == ("next", CANARY)
    note = found.notes[0]
    assert found == Found(found.login, (note,))
    assert (
        note.removeprefix("`docker-credential-test` gave no login for `quay.io`: ")
        .partition("\\u0000\\u0000")[0]
        .startswith(why)
    )
    assert "canary" not in note
    assert len(note) < 400


def test_a_helper_that_says_a_lot_is_cut(tools: Tools) -> None:
    tools.helper("yes blah | head -c 500000 >&2; exit 1")
    tools.config(credsStore="test")

    (note,) = tools.find().notes
    assert note.startswith("`docker-credential-test` gave no login for `quay.io`: exit code 1; it said: blah blah")
    assert len(note) < 400


@pytest.mark.parametrize(
    "secret", [CANARY, "two lines\nof-canary", 'quo"ted-canary', json.dumps({"key": "---\ncanary\n"}, indent=1)]
)
def test_a_secret_on_stderr_is_not_repeated(tools: Tools, secret) -> None:
    tools.helper(f"exec 3>&1; cat <<'EOF' | tee /dev/fd/3 >&2\n{json.dumps({'Username': 'r', 'Secret': secret})}\nEOF")
    tools.config(credsStore="test")
    found = tools.find()
    assert shown(found) == ("r", secret)
    assert found.notes == ()
    assert found.asides == ('`docker-credential-test` said: {"Username": "r", "Secret": "***"}',)

    raw = tools.folder / "raw"
    raw.write_text(f"warning: {secret}\nand {base64.b64encode(f'r:{secret}'.encode()).decode()}")
    tools.helper(f"cat {raw} >&2; {answer('r', secret)}")
    (aside,) = tools.find().asides
    assert aside.startswith("`docker-credential-test` said: warning: ***")
    assert "canary" not in aside
    assert aside.endswith("and ***")


def test_a_secret_of_parts_is_not_repeated_though_the_helper_failed(tools: Tools) -> None:
    secret = "the-canary:p:a:ss"
    tools.helper(f"echo 'user {secret}' >&2; {answer('r', secret)}\nexit 1")
    tools.config(credsStore="test")

    said = "`docker-credential-test` gave no login for `quay.io`: exit code 1; it said: user ***"
    assert tools.find().notes == (said,)


def test_a_secret_that_fills_stderr_is_not_repeated_in_part(tools: Tools) -> None:
    secret = "canary" * 500
    tools.helper(f"i=0; while [ $i -lt 30 ]; do echo {secret} >&2; i=$((i+1)); done; {answer('r', secret)}")
    tools.config(credsStore="test")

    found = tools.find()
    assert shown(found) == ("r", secret)
    assert found.asides == ()


@pytest.mark.slow
def test_what_a_helper_left_running_is_not_waited_for(tools: Tools) -> None:
    mark = tools.folder / "alive"
    tools.helper(f"(sleep 3; touch {mark}) & {answer()}")
    tools.config(credsStore="test")

    started = time.monotonic()
    assert shown(tools.find()) == ("robot", CANARY)
    assert time.monotonic() - started < 2.5


@pytest.mark.slow
def test_what_a_helper_started_ends_with_it(tools: Tools) -> None:
    tools.helper(f"sleep 300 & echo $! > {tools.folder}/child; wait")
    tools.config(credsStore="test")

    assert tools.find(seconds=0.5).login is None
    child = int((tools.folder / "child").read_text())
    for _ in range(100):
        if not _alive(child):
            break
        time.sleep(0.02)
    assert not _alive(child)


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_helper_sees_the_users_environment_without_what_opens_other_doors(tools: Tools) -> None:
    tools.helper(f"env > {tools.folder}/env; pwd >> {tools.folder}/env; {answer()}")
    tools.config(credsStore="test")
    tools.environment |= {"GH_TOKEN": CANARY, "GITHUB_TOKEN": CANARY, "U": CANARY, "P": CANARY, "KEPT": "yes"}
    entries = {"ghcr.io": RegistryEntry(username_env="U", password_env="P")}

    assert shown(Logins(entries, tools.environment).find(endpoint("quay.io", "a/b", entries))) == ("robot", CANARY)
    seen = (tools.folder / "env").read_text()
    assert "canary" not in seen
    assert "KEPT=yes\n" in seen
    assert f"PWD={tools.folder}" not in seen
    assert seen.endswith("\n/\n")


def test_nothing_of_a_login_stands_on_a_command_line(tools: Tools) -> None:
    tools.helper(f"tr '\\0' ' ' < /proc/$$/cmdline > {tools.folder}/argv; {answer()}")
    tools.config(credsStore="test")
    tools.find()

    assert (tools.folder / "argv").read_text().split() == ["/bin/sh", f"{tools.bin}/docker-credential-test", "get"]


def test_a_helper_is_asked_once_for_a_host_however_many_ask(tools: Tools) -> None:
    tools.helper(f'echo "$(cat)" >> {tools.folder}/asked; sleep 0.2; {answer()}')
    tools.config(credsStore="test", auths={"ghcr.io": entry("file")})
    logins = tools.logins()
    found: list[Found] = []

    def look(host: str, number: int) -> None:
        found.append(logins.find(endpoint(host, f"a/b{number}", {})))

    hosts = ["quay.io", "docker.io", "ghcr.io"]
    threads = [threading.Thread(target=look, args=(host, number)) for host in hosts for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted((tools.folder / "asked").read_text().split()) == ["https://index.docker.io/v1/", "quay.io"]
    assert sorted(filter(None, map(shown, found))) == [("file", CANARY)] * 5 + [("robot", CANARY)] * 10


def test_a_missing_helper_is_said_once_and_named_with_its_file(tools: Tools) -> None:
    tools.config(credHelpers={"quay.io": "absent"}, auths={"quay.io": entry("next")})

    found = tools.find()

    assert shown(found) == ("next", CANARY)
    assert found.notes == (
        f"`docker-credential-absent`, which `{tools.folder}/config.json` names for `quay.io`, is not installed",
    )


@pytest.mark.parametrize("make", ["no shebang", "#!/nowhere/sh\n"])
def test_a_helper_that_cannot_be_started_is_a_note(tools: Tools, make) -> None:
    (tools.bin / "docker-credential-test").write_text(make)
    (tools.bin / "docker-credential-test").chmod(0o700)
    tools.config(credsStore="test")

    (note,) = tools.find().notes
    assert note.startswith("`docker-credential-test` gave no login for `quay.io`: it cannot be started: ")


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("{repo}/bin", True),
        ("{repo}/bin:", True),
        (".", False),
        ("", False),
        ("bin", False),
        ("{linked}", True),
        ("{repo}/../repo/bin", True),
    ],
)
def test_no_program_of_the_repository_is_started(tools: Tools, monkeypatch, tmp_path, path, inside) -> None:
    repository = tmp_path / "repo"
    (repository / "bin").mkdir(parents=True)
    (tmp_path / "linked").symlink_to(repository / "bin")
    tools.helper(f"touch {tmp_path}/started; {answer()}")
    (tools.bin / "docker-credential-test").rename(repository / "bin" / "docker-credential-test")
    (repository / "docker-credential-test").symlink_to("bin/docker-credential-test")
    monkeypatch.chdir(repository)
    tools.environment |= {
        "PATH": path.format(repo=repository, linked=tmp_path / "linked"),
        "HOME": str(tmp_path / "home"),
    }
    tools.config(credsStore="test")

    (note,) = tools.find(root=repository).notes
    where = "; one in the repository is not started" if inside else ""
    assert note == (
        f"`docker-credential-test`, which `{tmp_path}/config.json` names for `quay.io`, is not installed{where}"
    )
    assert not (tmp_path / "started").exists()


def test_a_program_in_the_current_folder_is_started_where_that_is_no_repository(
    tools: Tools, monkeypatch, tmp_path
) -> None:
    tools.helper(answer())
    tools.config(credsStore="test")
    tools.environment["HOME"] = "/nowhere"
    monkeypatch.chdir(tmp_path)

    assert shown(tools.find()) == ("robot", CANARY)


def test_a_program_of_the_users_home_is_started_where_the_home_is_a_repository(tools: Tools, tmp_path) -> None:
    tools.helper(answer())
    tools.config(credsStore="test")
    tools.environment["HOME"] = str(tmp_path)

    assert shown(tools.find(root=tmp_path)) == ("robot", CANARY)


@pytest.mark.parametrize(
    ("host", "region"),
    [
        (ECR, "eu-west-1"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("12345678901.dkr.ecr.eu-west-1.amazonaws.com", None),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example", None),
        ("123456789012.dkr.ecr.eu-west-1.evil.example", None),
        ("public.ecr.aws", None),
    ],
)
def test_aws_is_asked_for_its_own_private_registries_alone(tools: Tools, host, region) -> None:
    tools.make("aws", f'echo "$@" > {tools.folder}/asked; echo {CANARY}')

    found = tools.find(host)

    if region is None:
        assert found == Found()
        assert not (tools.folder / "asked").exists()
    else:
        assert found == Found(Login("`aws ecr get-login-password`", "AWS", Secret(CANARY)))
        assert (tools.folder / "asked").read_text() == f"ecr get-login-password --region {region}\n"


def test_the_helper_for_ecr_comes_before_aws_and_after_every_file(tools: Tools) -> None:
    tools.make("aws", f"touch {tools.folder}/asked; echo no")
    tools.helper(f"cat > {tools.folder}/server; {answer('AWS')}", "ecr-login")
    assert shown(tools.find(ECR)) == ("AWS", CANARY)
    assert (tools.folder / "server").read_text() == ECR

    tools.config(auths={ECR: entry("AWS", "stored")})
    assert shown(tools.find(ECR)) == ("AWS", "stored")
    assert not (tools.folder / "asked").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 0", "it printed nothing"),
        ("echo canary two words", "its answer is no password"),
        ("printf 'canary\\nX: 1\\n'", "its answer is no password"),
        ("printf '\\377canary'", "its answer is no password"),
        ("echo Unable to locate credentials >&2; exit 253", "exit code 253; it said: Unable to locate credentials"),
        ("sleep 60", "it took longer than 0.5 s"),
    ],
)
def test_an_aws_that_gives_no_password_is_a_note(tools: Tools, script, why) -> None:
    tools.make("aws", script)

    note = f"`aws ecr get-login-password` gave no login for `{ECR}`: {why}"
    assert tools.find(ECR, seconds=0.5) == Found(None, (note,))


def test_a_private_registry_of_aws_without_its_programs_says_what_it_needs_where_it_refuses(tools: Tools) -> None:
    tools.environment["PATH"] = str(tools.bin)

    ways = "`docker login`, `docker-credential-ecr-login` or `aws` makes one, and neither program is installed"
    assert tools.find(ECR) == Found(None, (), (f"`{ECR}` needs a login: {ways}",))


def test_without_starting_anything_the_program_is_named(tools: Tools) -> None:
    tools.helper(f"touch {tools.folder}/asked; {answer()}")
    tools.make("aws", f"touch {tools.folder}/asked; echo {CANARY}")
    tools.config(credsStore="test", auths={"quay.io": entry("file")})

    assert shown(tools.named()) == ("file", CANARY)
    assert tools.named("ghcr.io") == Found(Login("a credential helper `test`"))
    tools.config()
    assert tools.named(ECR) == Found(Login("`aws ecr get-login-password`"))
    tools.helper(f"touch {tools.folder}/asked; {answer()}", "ecr-login")
    assert tools.named(ECR) == Found(Login("a credential helper `ecr-login`"))
    assert not (tools.folder / "asked").exists()


def test_nothing_shows_what_a_helper_gave(tools: Tools) -> None:
    tools.helper(answer("canary-user"))
    tools.config(credsStore="test")

    found = tools.find()

    assert shown(found) == ("canary-user", CANARY)
    assert "canary" not in repr(found) + repr(tools.logins()) + str(found)


def behind(login: str) -> Callable[[Asked], Answer]:
    """Serve `a/b` to one Basic login."""
    wanted = "Basic " + base64.b64encode(login.encode()).decode()
    opened = distribution({"a/b": TAGS})
    refused = as_json({}, 401, ("WWW-Authenticate", 'Basic realm="x"'))
    return lambda asked: opened(asked) if asked.headers.get("authorization") == wanted else refused


def test_the_login_of_a_helper_opens_a_private_image(asking: Asking, tools: Tools) -> None:
    with serve(behind(f"robot:{CANARY}")) as server:
        tools.helper(answer())
        tools.config(credHelpers={server.host: "test"})

        listing = asking({server.host: plain()}, tools.environment).tags(image(f"{server.host}/a/b"))

        assert isinstance(listing, Listing)
        assert listing.notes == ()
        assert len(listing.tags) == 3


def test_a_refusal_names_what_the_helper_said(asking: Asking, tools: Tools) -> None:
    with serve(behind("other:word")) as server:
        tools.helper(f"echo your session ends soon >&2; {answer()}")
        tools.config(credHelpers={server.host: "test"})

        refused = asking({server.host: plain()}, tools.environment).tags(image(f"{server.host}/a/b"))

        assert isinstance(refused, NoAnswer)
        assert refused.code == "denied"
        assert refused.why.endswith("; `docker-credential-test` said: your session ends soon")
        assert "canary" not in refused.why


STALE = "`{host}` was asked without the stored login: `{host}` gives no token for `public/x` (status 401)"


@pytest.mark.parametrize(
    ("username", "secret", "name", "note"),
    [
        (USER, PASSWORD, "private/x", None),
        ("<token>", IDENTITY, "private/x", None),
        (USER, "stale-canary", "public/x", STALE),
        ("<token>", "stale-canary", "public/x", STALE),
    ],
)  # fmt: skip
def test_a_real_registry_takes_a_helpers_login_and_a_stale_one_is_left_out_aloud(
    asking: Asking, tools: Tools, *, username, secret, name, note
) -> None:
    tmp_path = tools.folder
    with (
        start_token_server(tmp_path) as address,
        start_registry(tmp_path / "registry", token=address) as running,
    ):
        token = address.signer.token(USER, [{"type": "repository", "name": name, "actions": ["push", "pull"]}], 300)
        push_image(running.base, name, "1.0", authorization=f"Bearer {token}")
        tools.helper(answer(username, secret))
        tools.config(credsStore="test")
        entry = plain(token_hosts=(address.server.host,))

        listing = asking({running.host: entry}, tools.environment).tags(image(f"{running.host}/{name}"))

        assert isinstance(listing, Listing)
        assert [fact.name for fact in listing.tags] == ["1.0"]
        assert listing.notes == ((note.format(host=running.host),) if note else ())


def test_an_identity_token_of_azure_opens_an_image_from_a_file_and_from_a_helper(asking: Asking, tools: Tools) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    shown: list[str] = []

    def azure(asked: Asked) -> Answer:
        if asked.path == "/token":
            shown.append(f"{asked.method} {asked.headers.get('authorization', '')} {asked.body.decode()}")
            taken = asked.method == "POST" and f"refresh_token={CANARY.replace(':', '%3A')}" in asked.body.decode()
            return as_json({"access_token": "t"}) if taken else as_json({}, 401)
        challenge = f'Bearer realm="http://{asked.headers["host"]}/token",service="x"'
        opened = asked.headers.get("authorization") == "Bearer t"
        return distribution({"a/b": TAGS})(asked) if opened else as_json({}, 401, ("WWW-Authenticate", challenge))

    with serve(azure) as server:
        entry_of_file = entry(nobody, "") | {"identitytoken": CANARY}
        for data in ({"auths": {server.host: entry_of_file}}, {"credsStore": "test"}):
            tools.helper(answer("<token>"))
            tools.config(**data)
            listing = asking({server.host: plain()}, tools.environment).tags(image(f"{server.host}/a/b"))
            assert isinstance(listing, Listing)
            assert listing.notes == ()
    assert [line.split()[0] for line in shown] == ["POST", "POST"]
    assert nobody not in "".join(shown)
