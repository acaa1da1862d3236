import pytest

from hubctl.adapters.private import private_copies
from hubctl.errors import HubctlError


def test_copies_are_for_this_user_alone_and_gone_afterwards() -> None:
    with private_copies({"a/b/c.yaml": b"one", ".sops.yaml": b"two"}) as folder:
        seen = {path.relative_to(folder).as_posix(): path.stat().st_mode & 0o777 for path in folder.rglob("*.yaml")}
        held = ((folder / "a/b/c.yaml").read_bytes(), (folder / ".sops.yaml").read_bytes())
        assert (folder.resolve(), folder.stat().st_mode & 0o777) == (folder, 0o700)
    assert seen == {"a/b/c.yaml": 0o600, ".sops.yaml": 0o600}
    assert (held, folder.exists()) == ((b"one", b"two"), False)


@pytest.mark.parametrize(
    ("files", "reason"),
    [({"n" * 300: b""}, "file name too long"), ({"a": b"", "a/b": b""}, "file exists")],
)
def test_what_cannot_be_written_says_why(files: dict[str, bytes], reason: str) -> None:
    with pytest.raises(HubctlError) as caught, private_copies(files):
        raise AssertionError
    said = f"no copy can be written into the folder for temporary files: {reason}"
    assert (caught.value.message, caught.value.hint) == (said, "set `TMPDIR` to a folder with room")
