"""Which files `secret check` looks at, by their names alone."""

from __future__ import annotations

import pytest

from hubctl.secrets.choosing import Wanted, chosen, nearer_rules


@pytest.mark.parametrize(
    ("path", "tracked", "other"),
    [
        ("enc-prod.secret.values.yaml", True, True),
        ("a/b/enc-prod.secret.values.yaml", True, True),
        ("a/enc-key", True, True),
        ("a/enc-", True, True),
        ("a/enc-key.json", True, True),
        ("a/enc-deployer.txt", True, True),
        ("a/prod.secret.values.yaml", True, False),
        ("a/prod.secret.yml", True, False),
        ("a/prod.secret.json", True, False),
        (".secret.yaml", True, False),
        ("a/prod.secret.txt", False, False),
        ("a/prod.secrets.yaml", False, False),
        ("a/secret.yaml", False, False),
        ("a.secret.d/values.yaml", False, False),
        ("enc-folder/values.yaml", False, False),
        ("a/my-enc-key.yaml", False, False),
        ("a/ENC-key.yaml", False, False),
        ("a/prod.values.yaml", False, False),
        (".sops.yaml", False, False),
    ],
)
def test_a_name_says_whether_a_file_is_looked_at(path: str, tracked: bool, other: bool) -> None:  # noqa: FBT001  # a table
    assert chosen([path], []) == ((path,) if tracked else ())
    assert chosen([], [path]) == ((path,) if other else ())


def test_wanted_files_count_whatever_their_names_and_folders_with_what_would_count_anyway() -> None:
    tracked = ["a/enc-x", "a/plain.yaml", "ab/enc-y", "enc-z", "enc-z", "a/x.secret.yaml"]

    assert chosen(tracked, ["a/enc-new"]) == ("a/enc-new", "a/enc-x", "a/x.secret.yaml", "ab/enc-y", "enc-z")
    assert chosen(tracked, [], (Wanted("a/plain.yaml", folder=False),)) == ("a/plain.yaml",)
    assert chosen(tracked, ["a/enc-new"], (Wanted("a", folder=True),)) == ("a/enc-new", "a/enc-x", "a/x.secret.yaml")
    assert chosen(tracked, [], (Wanted("", folder=True),)) == chosen(tracked, [])
    both = (Wanted("ab", folder=True), Wanted("a/plain.yaml", folder=False), Wanted("gone", folder=False))
    assert chosen(tracked, [], both) == ("a/plain.yaml", "ab/enc-y", "gone")


def test_the_rules_file_itself_is_no_secret_file() -> None:
    assert chosen([".sops.yaml"], [], (Wanted(".sops.yaml", folder=False),)) == ()
    assert chosen([], [], (Wanted("a/.sops.yaml", folder=False),)) == ("a/.sops.yaml",)


def test_rules_in_every_folder_above_a_file_but_the_root_are_nearer() -> None:
    assert nearer_rules(["a/b/enc-x", "a/c/enc-y", "enc-z"]) == ("a/.sops.yaml", "a/b/.sops.yaml", "a/c/.sops.yaml")
    assert nearer_rules(["enc-z"]) == ()
