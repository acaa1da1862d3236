import json
import random
import subprocess
import sys
import time

import pytest

from hubctl.secrets.creation_rules import read_rules
from hubctl.secrets.encrypted import looks_encrypted, read_encrypted
from hubctl.secrets.verifier import verify, verify_form
from tests.secrets import genuine
from tests.secrets.parts import some_fast

ROUND_TRIP = """
import io, sys
from ruamel.yaml import YAML
yaml = YAML()
yaml.width = sys.maxsize
yaml.preserve_quotes = sys.argv[1] == "quotes"
for text in sys.stdin.read().split("\\0"):
    out = io.StringIO()
    yaml.dump(yaml.load(text), out)
    sys.stdout.write(out.getvalue() + "\\0")
"""


@pytest.mark.parametrize("name", genuine.NAMES)
def test_every_file_that_real_sops_wrote_is_clean(name):
    data = genuine.sample(name).encode()
    assert verify(data, name, genuine.sample_rules()) == ()
    assert verify_form(data, name) == ()
    assert looks_encrypted(data, name)
    assert read_encrypted(data, name).version == name.split("/")[0]


def test_there_are_samples_of_every_version_and_store():
    kinds = {(name.split("/")[0], name.rsplit(".", 1)[1]) for name in genuine.NAMES}
    assert kinds == {(version, end) for version in genuine.VERSIONS for end in ("yaml", "json", "bin")}


def made_up_files(count):
    rules = read_rules(genuine.MADE_UP_RULES.encode())
    chance = random.Random(7)
    for number in range(count):
        aws = bool(number % 2)
        version = chance.choice(("3.7.1", "3.7.3", *genuine.VERSIONS))
        tree = genuine.made_up(chance, aws=aws, version=version)
        cluster = "aws-here" if aws else "two-clouds"
        file = f"config/clusters/{cluster}/enc-{number}.secret.values.yaml"
        yield file, tree, chance, rules


def test_no_finding_on_three_hundred_files_of_gcp_and_aws_keys():
    wrong = {}
    for number, (name, tree, chance, rules) in enumerate(made_up_files(300)):
        file = name.replace(".yaml", ".json") if number % 6 == 0 else name
        if file.endswith(".json"):
            text = json.dumps(tree, indent="\t" if number % 4 else 4, ensure_ascii=False)
        else:
            text = genuine.as_yaml(tree, indent=chance.choice((2, 4)), comments=chance if number % 3 == 0 else None)
        found = verify(text.encode(), file, rules)
        wrong |= {file: found} if found else {}
    assert wrong == {}


@pytest.mark.parametrize("quotes", some_fast(["quotes", "none"], 2))
def test_no_finding_on_files_that_a_formatter_dumped_again(quotes):
    files = list(made_up_files(40))
    texts = [genuine.as_yaml(tree, indent=4, comments=chance) for _, tree, chance, _ in files]
    done = subprocess.run(
        [sys.executable, "-c", ROUND_TRIP, quotes], input="\0".join(texts), capture_output=True, text=True, check=True
    )
    again = done.stdout.split("\0")
    assert [verify(text.encode(), file, rules) for text, (file, _, _, rules) in zip(again, files, strict=False)] == [
        ()
    ] * 40


def test_other_line_ends_a_byte_order_mark_and_document_marks_are_no_findings():
    name = "3.13.2/enc-whole.yaml"
    text = genuine.sample(name)
    for other in (text.replace("\n", "\r\n"), "\ufeff" + text, text.rstrip("\n"), "---\n" + text, text + "...\n"):
        assert verify(other.encode(), name, genuine.sample_rules()) == ()


def test_two_hundred_and_sixty_files_take_less_than_a_second():
    texts = [(genuine.as_yaml(tree, indent=4).encode(), file, rules) for file, tree, _, rules in made_up_files(260)]
    began = time.perf_counter()
    for data, file, rules in texts:
        assert verify(data, file, rules) == ()
    assert time.perf_counter() - began < 1
