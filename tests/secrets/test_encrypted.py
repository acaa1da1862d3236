import json
import re

import pytest

from hubctl.errors import Unparseable
from hubctl.secrets.creation_rules import Encrypting
from hubctl.secrets.encrypted import looks_encrypted, read_encrypted
from tests.secrets import genuine

NAME = "3.13.2/enc-whole.yaml"
TEXT = genuine.sample(NAME)
READ = read_encrypted(TEXT.encode(), NAME)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ((), "mapping"),
        (("jupyterhub",), "mapping"),
        (("jupyterhub", "imagePullSecret", "password"), "leaf"),
        (("jupyterhub", "hub", "count"), "leaf"),
        (("jupyterhub", "hub", "empty"), "empty"),
        (("jupyterhub", "hub", "nothing"), "empty"),
        (("jupyterhub", "hub", "none"), "list"),
        (("jupyterhub", "hub", "bare"), "mapping"),
        (("jupyterhub", "hub", "nested"), "list"),
        (("jupyterhub", "hub", "k.ey"), "leaf"),
        (("jupyterhub", "hub", "1"), "leaf"),
        (("jupyterhub", "hub", "k"), "absent"),
        (("nowhere", "at", "all"), "absent"),
        (("jupyterhub", "hub", "nested", "0"), "absent"),
        (("jupyterhub", "hub", "count", "more"), "absent"),
        (("sops",), "absent"),
        (("sops", "mac"), "absent"),
    ],
)
def test_what_stands_at_a_path(path, kind):
    assert READ.kind_at(path) == kind


@pytest.mark.parametrize(
    ("path", "above"),
    [
        (("jupyterhub", "hub", "count"), None),
        (("jupyterhub", "hub", "new", "newer"), None),
        (("new", "newer"), None),
        (("new",), None),
        (("jupyterhub", "hub", "count", "x", "y"), (("jupyterhub", "hub", "count"), "leaf")),
        (("jupyterhub", "hub", "nested", "x"), (("jupyterhub", "hub", "nested"), "list")),
        (("jupyterhub", "hub", "nothing", "x"), (("jupyterhub", "hub", "nothing"), "empty")),
    ],
)
def test_the_first_part_of_a_path_that_is_no_mapping(path, above):
    assert READ.kinds_above(path) == above


def test_leaves_are_the_text_as_it_is_written_without_the_block_of_sops():
    assert READ.leaves[("jupyterhub", "hub", "empty")] == ""
    assert READ.leaves[("jupyterhub", "hub", "nothing")] == "null"
    assert READ.leaves[("jupyterhub", "hub", "nested", 1, 0)] == re.search(r"- - (ENC.*)", TEXT)[1]
    assert {path[0] for path in READ.leaves} == {"jupyterhub", "binderhub-service"}
    quoted = read_encrypted(genuine.sample("3.13.2/enc-whole.json").encode(), "enc-whole.json")
    assert quoted.leaves[("a",)] == json.loads(genuine.sample("3.13.2/enc-whole.json"))["a"]
    assert quoted.leaves[("l", 3)] == "null"


def test_a_file_says_how_it_is_encrypted():
    flux = read_encrypted(genuine.sample("3.9.4/flux.yaml").encode(), "flux.yaml")
    assert flux.encrypting == Encrypting("encrypted_regex", "^(data|stringData)$")
    assert flux.version == "3.9.4"
    assert [recipient.kind for recipient in flux.recipients.every] == ["age"]
    assert flux.leaves[("kind",)] == "Secret"


@pytest.mark.parametrize("text", ["a: b\n", TEXT.replace("mac:", "cam:"), "a: '", "", TEXT.replace("hub:", "hub: &a")])
def test_what_is_not_wholly_encrypted_is_not_read(text):
    with pytest.raises(Unparseable) as raised:
        read_encrypted(text.encode(), NAME)
    assert (raised.value.file, raised.value.hint is None) == (NAME, False)


@pytest.mark.parametrize(
    ("text", "file", "looks"),
    [
        (TEXT, NAME, True),
        (genuine.sample("3.13.2/enc-whole.json"), "a.json", True),
        (genuine.sample("3.13.2/enc-binary.bin"), "a.bin", True),
        ("a: b\nsops: wrong\n", "a.yaml", True),
        ("'sops': {}\n", "a.yaml", True),
        ("a: b\n---\nsops: {}\n", "a.yaml", True),
        ("a: {sops: {}}\n", "a.yaml", False),
        ("a: sops\n", "a.yaml", False),
        ("- sops\n", "a.yaml", False),
        ("sops: '\n", "a.yaml", False),
        ("", "a.yaml", False),
    ],
)
def test_what_looks_encrypted(text, file, looks):
    assert looks_encrypted(text.encode(), file) is looks
