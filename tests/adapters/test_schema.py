"""hubctl's JSON Schemas judge data in hubctl's words and fetch nothing."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from hubctl.adapters.schema import problems
from hubctl.text.data import data
from hubctl.text.parse import parse

NAMES = sorted(entry.name for entry in resources.files("hubctl.schemas").iterdir() if entry.name.endswith(".json"))
CLUSTER = {
    "name": "leap",
    "provider": "gcp",
    "hubs": [
        {
            "name": name,
            "domain": f"{name}.example.org",
            "helm_chart": "basehub",
            "helm_chart_values_files": ["a.values.yaml"],
        }
        for name in ("staging", "prod")
    ],
}


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_itself_valid_and_says_what_it_is(name: str) -> None:
    schema = json.loads(resources.files("hubctl.schemas").joinpath(name).read_text())
    Draft202012Validator.check_schema(schema)
    assert {"$schema", "$id", "title", "description"} <= set(schema)


def test_a_cluster_in_order_has_no_problem() -> None:
    assert problems(CLUSTER, "cluster") == []


def test_the_second_hub_is_judged_like_the_first() -> None:
    second = {**CLUSTER["hubs"][1], "name": "-x", "helm_chart_values_file": []}
    assert problems({**CLUSTER, "hubs": [CLUSTER["hubs"][0], second]}, "cluster") == [
        (
            ("hubs", 1, "helm_chart_values_file"),
            "unknown key `helm_chart_values_file`, did you mean `helm_chart_values_files`?",
        ),
        (("hubs", 1, "name"), "`hubs.1.name` is not a name of lower-case letters, digits, dots and dashes"),
    ]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"hubs": {}}, [(("hubs",), "`hubs` is not a list or empty")]),
        ({"provider": "moon"}, [(("provider",), "`provider` is not one of `gcp`, `aws`, `azure`, `kubeconfig`")]),
        (
            {"hubs": [{"name": "a"}]},
            [(("hubs", 0, key), f"`{key}` is missing") for key in CLUSTER["hubs"][0] if key != "name"],
        ),
        ({"x\x1by": 1}, [(("x\x1by",), "unknown key `x\\u001by`")]),
    ],
)
def test_what_departs_from_a_schema_is_told_in_our_words(change: dict[str, object], found: object) -> None:
    assert problems({**CLUSTER, **change}, "cluster") == sorted(found, key=lambda one: [str(step) for step in one[0]])


def test_data_that_is_no_mapping_is_told_without_a_place() -> None:
    assert problems([], "cluster") == [((), "the file is not a mapping")]


def test_the_list_of_findings_is_bounded() -> None:
    assert len(problems({f"key{number}": 1 for number in range(500)}, "cluster")) == 50


def test_every_cluster_of_the_real_fleet_fits(corpus: Path) -> None:
    files = sorted((corpus / "config" / "clusters").glob("*/cluster.yaml"))
    read = {file.parent.name: data(parse(file.read_bytes()).documents[0]) for file in files}
    assert {name: found for name, whole in read.items() if (found := problems(whole, "cluster"))} == {}
    assert len(read) == len(files) > 0


def test_every_cluster_of_the_example_fleet_fits() -> None:
    files = sorted((Path(__file__).parents[2] / "config" / "clusters").glob("*/cluster.yaml"))
    found = {file.parent.name: problems(data(parse(file.read_bytes()).documents[0]), "cluster") for file in files}
    assert found == {"lagoon": [], "meadow": [], "ridge": []}
