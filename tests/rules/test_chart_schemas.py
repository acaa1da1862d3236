"""Merged values against the schemas of charts: where each departure stands, and schemas that nobody should trust."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.rules.fleets import BASEHUB, DASKHUB, FOLDER, SOPS, judged, told

FILE = "prod.values.yaml"
SCHEMA = "helm-charts/basehub/values.schema.yaml"
VALUES = "helm-charts/basehub/values.yaml"
TYPED = """\
$schema: http://json-schema.org/draft-07/schema#
type: object
additionalProperties: false
required: [nfs, jupyterhub]
properties:
  global: {type: object}
  nfs:
    additionalProperties: false
    required: [enabled, serverIP]
    properties:
      enabled: {type: boolean}
      serverIP: {type: string}
  jupyterhub:
    properties:
      size: {enum: [small, large]}
      hosts: {type: array, items: {type: string}}
"""


def problems(root: Path, files: dict[str, str], hub: str = "prod", *more: str) -> list[tuple[str, str, int, int, str]]:
    found = judged(
        root, {**(DASKHUB if hub.endswith("-dask") else BASEHUB), SCHEMA: TYPED, **files}, {hub: (FILE, *more)}
    )
    return [(one.rule, one.file.removeprefix(FOLDER), one.line, one.column, one.path) for one in found]


def test_each_departure_stands_where_its_value_is_written(tmp_path: Path) -> None:
    defaults = "nfs:\n  enabled: 'no'\njupyterhub:\n  size: small\n"
    values = "nfs:\n  serverIp: 10.0.0.1\njupyterhub:\n  size: huge\n  hosts:\n  - a\n  - 7\n"
    assert problems(tmp_path, {VALUES: defaults, FILE: values}) == [
        ("missing-key", FILE, 1, 1, "nfs.serverIP"),
        ("unknown-key", FILE, 2, 3, "nfs.serverIp"),
        ("wrong-value", FILE, 4, 9, "jupyterhub.size"),
        ("wrong-value", FILE, 7, 5, "jupyterhub.hosts[1]"),
        ("wrong-value", VALUES, 2, 12, "nfs.enabled"),
    ]


def test_what_another_file_gives_is_not_missing(tmp_path: Path) -> None:
    defaults = "nfs: {enabled: true}\n"
    assert problems(tmp_path, {VALUES: defaults, FILE: "nfs: {serverIP: x}\njupyterhub: {}\n"}) == []


def test_a_key_missing_at_the_root_stands_at_the_start_of_the_last_file(tmp_path: Path) -> None:
    values = "# a hub\njupyterhub: {}\n"
    assert problems(tmp_path, {FILE: values}) == [("missing-key", FILE, 2, 1, "nfs")]


def test_a_hub_without_values_misses_them_where_it_is_declared(tmp_path: Path) -> None:
    assert problems(tmp_path, {FILE: ""})[0] == ("missing-key", "cluster.yaml", 4, 3, "hubs[name=prod]")


def test_below_a_wrapper_the_path_has_its_prefix(tmp_path: Path) -> None:
    values = "basehub:\n  nfs: {enabled: 1, serverIP: x}\n  jupyterhub: {}\n"
    assert problems(tmp_path, {FILE: values}, "prod-dask") == [("wrong-value", FILE, 2, 18, "basehub.nfs.enabled")]


def test_what_an_encrypted_file_says_counts_as_set_and_as_right(tmp_path: Path) -> None:
    secret = f"nfs: {{serverIP: ENC, enabled: ENC}}\n{SOPS}"
    values = "nfs: {enabled: <set-in-encrypted-values>}\njupyterhub: {}\n"
    name = "enc-prod.secret.values.yaml"
    assert problems(tmp_path, {FILE: values, name: secret}, "prod", name) == []


def test_a_key_that_most_of_many_hubs_lack_is_not_told(tmp_path: Path) -> None:
    files = {**BASEHUB, SCHEMA: TYPED, "a.values.yaml": "jupyterhub: {}\n", "b.values.yaml": "nfs: {enabled: true}\n"}
    hubs: dict[str, str | tuple[str, ...]] = {f"hub-{number}": "a.values.yaml" for number in range(9)}
    few = judged(tmp_path / "few", {name: files[name] for name in files if name != "b.values.yaml"}, hubs)
    many = judged(tmp_path / "many", files, {**hubs, "other": "b.values.yaml"})
    assert [(one.rule, one.path) for one in few] == [("missing-key", "nfs")]
    assert [(one.rule, one.path) for one in many] == [("missing-key", "jupyterhub"), ("missing-key", "nfs.serverIP")]


SUB = {
    "helm-charts/basehub/Chart.yaml": "name: basehub\ndependencies:\n"
    "- {name: nfs-server, alias: storage, condition: storage.enabled, repository: 'https://charts.example.org'}\n",
    "helm-charts/basehub/charts/nfs-server/Chart.yaml": "name: nfs-server\n",
    "helm-charts/basehub/charts/nfs-server/values.yaml": "size: 1\n",
    "helm-charts/basehub/charts/nfs-server/values.schema.json": json.dumps(
        {"required": ["size"], "properties": {"size": {"type": "integer"}}}
    ),
}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ("storage: {enabled: true, size: big}\n", [("wrong-value", FILE, 1, 32, "storage.size")]),
        ("storage: {enabled: false, size: big}\n", []),
        ("storage: {enabled: true}\n", []),
    ],
)
def test_a_chart_inside_is_judged_where_it_is_on(tmp_path: Path, values: str, found: list[object]) -> None:
    assert problems(tmp_path, {**SUB, SCHEMA: "{}", FILE: values}) == found


def test_the_values_of_support_are_judged_by_its_own_chart(tmp_path: Path) -> None:
    written = "name: leap\nprovider: aws\nsupport:\n  helm_chart_values_files: [support.values.yaml]\nhubs: []\n"
    files = {
        f"{FOLDER}cluster.yaml": written,
        "support.values.yaml": "grafana: 7\n",
        "helm-charts/support/values.yaml": "a: 1\n",
        "helm-charts/support/values.schema.yaml": "properties: {grafana: {type: object}}\n",
    }
    assert told(judged(tmp_path, files, {}), "wrong-value") == [("support.values.yaml", 1, 10, "grafana")]


def test_forms_to_choose_from_are_told_by_the_one_that_was_meant(tmp_path: Path) -> None:
    schema = """\
properties:
  pv:
    anyOf:
    - {properties: {enabled: {const: true}}, required: [enabled, serverIP]}
    - {properties: {enabled: {const: false}}}
"""
    on = problems(tmp_path / "on", {SCHEMA: schema, FILE: "pv: {enabled: true}\n"})
    off = problems(tmp_path / "off", {SCHEMA: schema, FILE: "pv: {enabled: false}\n"})
    odd = problems(tmp_path / "odd", {SCHEMA: schema, FILE: "pv: {enabled: maybe, serverIP: x}\n"})
    assert (on, off) == ([("missing-key", FILE, 1, 1, "pv.serverIP")], [])
    assert odd == [("wrong-value", FILE, 1, 1, "pv")]


LOOP = {"definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"allOf": [{"$ref": "#/definitions/a"}]}}}
BOMB = {"definitions": {f"a{n}": {"anyOf": [{"$ref": f"#/definitions/a{n + 1}"}] * 2} for n in range(40)}}
UNUSABLE = {
    "remote": ({"$ref": "https://evil.example/x.json"}, "`$ref` leads out of the file and is not fetched"),
    "unreached": ({"properties": {"x": {"$ref": "file:///etc/passwd"}}}, "`$ref` leads out of the file"),
    "nowhere": ({"properties": {"jupyterhub": {"$ref": "#/definitions/x"}}}, "`$ref` leads nowhere"),
    "circle": ({**LOOP, "$ref": "#/definitions/a"}, "`$ref` leads in a circle"),
    "bomb": (
        {"definitions": {**BOMB["definitions"], "a40": {"type": "string"}}, "$ref": "#/definitions/a0"},
        "takes more",
    ),
    "no schema": ({"type": 7}, "no schema: `type` is not what it must be"),
    "list": ([], "a schema is a mapping"),
    "unique": ({"properties": {"many": {"uniqueItems": True}}}, "`uniqueItems` on a list of more than 1,000 items"),
}


# hypothesis hooks into the garbage collector, where the first of the signals that stop a schema may be thrown away
SWALLOWED = pytest.mark.filterwarnings("ignore:Exception ignored in.*gc_callback")


@SWALLOWED
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name == "bomb" else ()) for name in UNUSABLE]
)
def test_a_schema_that_cannot_be_used_is_one_problem_in_the_schema(tmp_path: Path, name: str) -> None:
    schema, said = UNUSABLE[name]
    values = "jupyterhub: {}\nmany: [" + ", ".join("{a: 1}" for _ in range(1_001)) + "]\n"
    files = {**BASEHUB, "helm-charts/basehub/values.schema.json": json.dumps(schema), FILE: values}
    (found,) = judged(tmp_path, files, {"prod": FILE, "staging": FILE})
    assert (found.rule, found.file, found.line) == ("chart-schema", "helm-charts/basehub/values.schema.json", 1)
    assert said in found.message


@SWALLOWED
@pytest.mark.slow
def test_a_pattern_that_never_ends_is_stopped(tmp_path: Path) -> None:
    schema = json.dumps({"properties": {"a": {"pattern": "^(a+)+$"}}})
    files = {**BASEHUB, "helm-charts/basehub/values.schema.json": schema, FILE: f"a: {'a' * 60}!\n"}
    (found,) = judged(tmp_path, files, {"prod": FILE})
    assert (found.rule, found.message) == ("chart-schema", "the schema takes more than 2 seconds for one hub")


@pytest.mark.parametrize("text", ["{not json", "[" * 200 + "]" * 200])
def test_a_schema_that_is_no_json_is_named(tmp_path: Path, text: str) -> None:
    files = {**BASEHUB, "helm-charts/basehub/values.schema.json": text, FILE: "a: 1\n"}
    assert [one.rule for one in judged(tmp_path, files, {"prod": FILE})] == ["chart-schema"]


def test_a_schema_may_speak_of_itself_and_charts_need_none(tmp_path: Path) -> None:
    tree = (
        "definitions: {n: {type: object, additionalProperties: {$ref: '#/definitions/n'}}}\n$ref: '#/definitions/n'\n"
    )
    assert problems(tmp_path / "one", {SCHEMA: tree, FILE: "a: {b: {c: {}}}\n"}) == []
    assert problems(tmp_path / "two", {SCHEMA: tree, FILE: "a: {b: 7}\n"}) == [("wrong-value", FILE, 1, 8, "a.b")]
    assert judged(tmp_path / "three", {**BASEHUB, FILE: "a: {b: 7}\n"}, {"prod": FILE}) == ()


def test_values_that_are_a_list_are_unreadable_and_an_empty_file_is_none(tmp_path: Path) -> None:
    files = {"list.values.yaml": "- a\n", "empty.values.yaml": "", "comment.values.yaml": "# nothing\n"}
    found = judged(tmp_path, files, {"prod": ("list.values.yaml", "empty.values.yaml", "comment.values.yaml")})
    assert [(one.rule, one.file.removeprefix(FOLDER), one.line, one.fails) for one in found] == [
        ("unreadable", "list.values.yaml", 1, True)
    ]
