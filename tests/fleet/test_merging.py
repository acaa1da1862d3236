"""Values laid over each other as Helm does it, and which line gives each."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hubctl.adapters.files import WorkTree
from hubctl.errors import HubctlError
from hubctl.fleet import merging
from hubctl.fleet.index import layers_of
from hubctl.fleet.merging import Layer, Place, Source, below, merge
from hubctl.fleet.read import read_fleet
from hubctl.fleet.values import values_of


def layer(name: str, text: str, *, default: bool = False, prefix: tuple[str, ...] = ()) -> Layer:
    return Layer(name, below(prefix, values_of(text.encode(), name).root), default=default)


def merged(*texts: str, chart: tuple[str, ...] = ()) -> dict[str, object]:
    defaults = [layer(f"chart{number}", text, default=True) for number, text in enumerate(chart)]
    return merge([*defaults, *(layer(f"file{number}", text) for number, text in enumerate(texts))]).values


@pytest.mark.parametrize(
    ("chart", "files", "values"),
    [
        ((), ("a: {x: 1}", "a: {w: 2}"), {"a": {"x": 1, "w": 2}}),
        ((), ("a: [1, 2]", "a: [3]"), {"a": [3]}),
        ((), ("a: 1", "a: '1'"), {"a": "1"}),
        ((), ("a: {x: 1}", "a: 1"), {"a": 1}),
        ((), ("a: 1", "a: {x: 1}"), {"a": {"x": 1}}),
        ((), ("a: {x: 1}", "a: null"), {}),
        ((), ("a: {x: 1, w: 1}", "a: {x: ~}"), {"a": {"w": 1}}),
        ((), ("a: {x: 1}", "a: {x: ~}"), {"a": {}}),
        ((), ("a: {x: 1}", "a: {x: ~}", "a: {x: 2}"), {"a": {"x": 2}}),
        ((), ("a: {x: 1}", "a: ~", "a: {w: 2}"), {"a": {"w": 2}}),
        ((), ("a: [{x: ~}]",), {"a": [{"x": None}]}),
        ((), ("a: {}", "a: {x: 1}"), {"a": {"x": 1}}),
        ((), ("a: {x: 1}", "a: {}"), {"a": {"x": 1}}),
        (("a: {x: 1}",), ("a: {x: ~}",), {"a": {}}),
        (("a: {x: 1, w: 2}",), ("a: ~",), {}),
        (("a: ~",), (), {}),
        (("a: ~",), ("a: 1",), {"a": 1}),
        # a later mapping gets the chart's defaults, whatever files between said
        (("a: {c: 1}",), ("a: {x: 1}", "a: ~", "a: {w: 2}"), {"a": {"c": 1, "w": 2}}),
        (("a: {c: 1}",), ("a: 5", "a: {w: 2}"), {"a": {"c": 1, "w": 2}}),
        # a wrapper's default that is no mapping neither replaces a file's mapping nor hides its subchart's
        (("a: {c: 1}", "a: 5"), ("a: {w: 2}",), {"a": {"c": 1, "w": 2}}),
        (("a: {c: 1}", "a: 5"), (), {"a": 5}),
        (("a: 5", "a: {c: 1}"), (), {"a": {"c": 1}}),
        (("a: {c: 1}", "a: ~"), (), {}),
    ],
)
def test_layers_merge_as_in_helm(chart, files, values):
    assert merged(*files, chart=chart) == values


def test_a_source_names_the_line_and_what_it_shadows_nearest_first() -> None:
    found = merge(
        [
            layer("chart", "x:\n  a: 0\n  only: here\n", default=True, prefix=("basehub",)),
            layer("common", "basehub:\n  x:\n    a: 1\n    l: [1]\n"),
            layer("own", "# own\nbasehub:\n  x:\n    a: 2\n    l:\n    - 2\n    gone: 1\n"),
            layer("last", "basehub: {x: {gone: ~, a: 3}}\n"),
        ]
    )

    assert found.values == {"basehub": {"x": {"a": 3, "only": "here", "l": [2]}}}
    assert found.sources == (
        Source(("basehub", "x", "a"), 3, Place("last", 1), (Place("own", 4), Place("common", 3), Place("chart", 2))),
        Source(("basehub", "x", "only"), "here", Place("chart", 3)),
        Source(("basehub", "x", "l"), [2], Place("own", 5), (Place("common", 4),)),
    )


def test_a_value_in_the_place_of_a_mapping_shadows_the_mapping() -> None:
    (source,) = merge([layer("low", "a:\n  x: 1\n"), layer("high", "a: none\n")]).sources

    assert source == Source(("a",), "none", Place("high", 1), (Place("low", 1),))


def test_an_empty_mapping_is_a_leaf_where_nothing_fills_it() -> None:
    found = merge([layer("low", "a: {x: 1}\nb: {}\n"), layer("high", "\na: {x: ~}\nb: {x: 1}\n")])

    assert found.values == {"a": {}, "b": {"x": 1}}
    assert found.sources == (
        Source(("a",), {}, Place("high", 2), (Place("low", 1),)),
        Source(("b", "x"), 1, Place("high", 3)),
    )


def test_the_defaults_of_a_chart_without_values_add_no_key() -> None:
    assert merge([layer("chart", "# none\n", default=True, prefix=("basehub",))]).values == {}


@pytest.mark.slow
def test_more_values_than_anybody_reads_are_refused() -> None:
    text = "x: &x {" + ", ".join(f"k{number}: 1" for number in range(100)) + "}\n"
    bomb = [layer(str(name), text + "".join(f"a{name}k{key}: *x\n" for key in range(900))) for name in range(4)]

    with pytest.raises(HubctlError, match="more than 300,000 values in the files of this hub") as refused:
        merge(bomb)
    assert (refused.value.code, merging.MAX_VISITS) == ("too-many-values", 300_000)


def as_helm_does(defaults: list[dict], files: list[dict]) -> dict:
    """Helm's own steps, one function for one of its: mergeMaps, then coalesceTables for each chart, nulls last."""
    values: dict = {}
    for file in files:
        values = merge_maps(values, file)
    for default in reversed(defaults):
        coalesce(values, default)
    return without_nulls(values)


def merge_maps(low: dict, high: dict) -> dict:
    out = dict(low)
    for key, value in high.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = merge_maps(out[key], value) if both else value
    return deepcopy(out)


def coalesce(over: dict, under: dict) -> None:
    for key, value in under.items():
        if key not in over:
            over[key] = deepcopy(value)
        elif isinstance(over[key], dict) and isinstance(value, dict):
            coalesce(over[key], value)


def without_nulls(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}


KEYS = st.sampled_from(["a", "b", "c"])
LEAVES = st.none() | st.integers(0, 3) | st.lists(st.integers(0, 1) | st.none(), max_size=2) | st.just("text")
TREES = st.dictionaries(
    KEYS, st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)
)


@given(st.lists(TREES, max_size=2), st.lists(TREES, max_size=4))
def test_any_layers_merge_as_helms_own_steps_do(defaults, files):
    layers = [layer(f"c{n}", json.dumps(each), default=True) for n, each in enumerate(defaults)]
    layers += [layer(f"f{n}", json.dumps(each)) for n, each in enumerate(files)]

    assert merge(layers).values == as_helm_does(defaults, files)


@given(st.lists(TREES, min_size=1, max_size=4))
def test_every_leaf_has_one_source_whose_line_holds_its_key(files):
    texts = {f"f{n}": yaml.safe_dump(each, sort_keys=False) for n, each in enumerate(files)}
    found = merge([layer(name, text) for name, text in texts.items()])

    def leaves(value: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
        if not isinstance(value, dict) or (not value and path):
            return [path]
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))]

    assert sorted(source.path for source in found.sources) == sorted(leaves(found.values))
    for source in found.sources:
        places = (source.place, *source.shadows)
        assert all(f"{source.path[-1]}:" in texts[place.file].splitlines()[place.line - 1] for place in places)
        assert [place.file for place in places] == sorted({place.file for place in places}, reverse=True)


@pytest.mark.slow
def test_every_hub_of_the_real_fleet_has_the_values_of_helms_own_steps(corpus: Path) -> None:
    """PyYAML reads with the readings of Go's YAML put in; the fleet holds no key or number these two differ in."""

    class Go(yaml.CSafeLoader):
        pass

    Go.yaml_implicit_resolvers = deepcopy(yaml.CSafeLoader.yaml_implicit_resolvers)
    for first, resolvers in Go.yaml_implicit_resolvers.items():
        Go.yaml_implicit_resolvers[first] = [each for each in resolvers if "timestamp" not in each[0]]

    fleet = read_fleet(WorkTree(corpus))
    loaded = {file: yaml.load(text, Go) or {} for file, text in fleet.texts.items()}
    lines = {file: text.decode().split("\n") for file, text in fleet.texts.items()}
    checked = 0
    for hub in fleet.hubs:
        count = len(hub.defaults)
        layers = [
            Layer(file, below(prefix, values_of(fleet.texts[file], file).root), default=number < count)
            for number, (file, prefix) in enumerate(layers_of(hub))
        ]
        defaults = [{prefix[0]: loaded[file]} if prefix else loaded[file] for file, prefix in hub.defaults]
        found = merge(layers)
        assert found.values == as_helm_does(deepcopy(defaults), [loaded[file] for file in hub.files]), hub.id
        for source in found.sources:
            for place in (source.place, *source.shadows):
                line = lines[place.file][place.line - 1]
                assert f"{source.path[-1]}:" in line or ": &" in line, source
        checked += 1

    assert checked == 171
