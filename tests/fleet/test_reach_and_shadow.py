"""What a file reaches, whether a later file takes its place, and where a lone tag's name comes from."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubctl.adapters.files import WorkTree
from hubctl.fleet.index import Index, layers_of
from hubctl.fleet.model import Cluster, Fleet, Hub
from hubctl.fleet.names import image_names
from hubctl.fleet.reach import reach_of
from hubctl.fleet.read import read_fleet
from hubctl.fleet.shadow import shadowed
from hubctl.images.site import Site
from tests.fleet.trees import CHARTS, cluster, fleet, hub, indexed, leap, sites

IMAGE = "jupyterhub:\n  singleuser:\n    image: {name: quay.io/a/b, tag: '1'}\n"
TAG = "jupyterhub:\n  singleuser:\n    image: {tag: '2'}\n"
PROFILES = "jupyterhub:\n  singleuser:\n    profileList:\n    - kubespawner_override: {image: 'quay.io/a/b:1'}\n"


def reached(read: Fleet, file: str) -> list[str]:
    return [one.id for one in reach_of(read).get(file, ())]


def test_a_file_reaches_the_hubs_that_list_it_and_a_chart_those_of_its_kind(tmp_path: Path) -> None:
    support = "support:\n  helm_chart_values_files: [support.yaml]\n"
    read = fleet(
        tmp_path,
        {
            "config/clusters/leap/cluster.yaml": cluster(
                "leap", hub("a", "x.yaml"), hub("b", "x.yaml", "y.yaml", chart="daskhub"), support=support
            ),
            "config/clusters/ridge/cluster.yaml": cluster("ridge", hub("c", "../leap/x.yaml"), hub("d", chart="other")),
            **{f"config/clusters/leap/{name}.yaml": "" for name in ("x", "y", "support")},
            **CHARTS,
            "helm-charts/support/values.yaml": "",
        },
    )
    assert {file: reached(read, file) for file in sorted(read.texts)} == {
        "config/clusters/leap/support.yaml": [],
        "config/clusters/leap/x.yaml": ["leap/a", "leap/b", "ridge/c"],
        "config/clusters/leap/y.yaml": ["leap/b"],
        "helm-charts/basehub/values.yaml": ["leap/a", "leap/b", "ridge/c"],
        "helm-charts/support/values.yaml": [],
    }


@pytest.mark.parametrize(
    ("first", "later", "hidden"),
    [
        (IMAGE, "", False),
        (IMAGE, "jupyterhub: {singleuser: {image: {name: other}}}\n", False),
        (IMAGE, "jupyterhub: {singleuser: {image: {}}}\n", False),
        (IMAGE, TAG, True),
        (IMAGE, "jupyterhub: {singleuser: {image: {tag: }}}\n", True),
        (IMAGE, "jupyterhub: {singleuser: {image: quay.io/x/y:1}}\n", True),
        (IMAGE, "jupyterhub: {singleuser: }\n", True),
        (IMAGE, "jupyterhub: []\n", True),
        (IMAGE, "x: &x {image: {tag: a}}\njupyterhub: {singleuser: *x}\n", True),
        (IMAGE, "x: &x {image: {tag: a}}\njupyterhub: {singleuser: {<<: *x}}\n", True),
        (IMAGE, "x: &x {image: {tag: a}}\njupyterhub: {singleuser: {<<: [{}, *x]}}\n", True),
        (IMAGE, "x: &x {image: &y {tag: a}}\njupyterhub: {singleuser: {<<: [{image: {}}, *x]}}\n", False),
        (IMAGE, "? [a]\n: 1\njupyterhub: {singleuser: {image: {tag: a}}}\n", True),
        (IMAGE, "basehub: {jupyterhub: {singleuser: {image: {tag: a}}}}\n", False),
        (IMAGE, PROFILES, False),
        (IMAGE, "- a list\n", False),
        (IMAGE, "jupyterhub: [\n", False),
        (IMAGE, "other: 1\n---\njupyterhub: {singleuser: {image: {tag: a}}}\n", False),
        (PROFILES, "jupyterhub: {singleuser: {profileList: []}}\n", True),
        (PROFILES, "jupyterhub: {singleuser: {profileList: }}\n", True),
        (PROFILES, "jupyterhub: {singleuser: {defaultUrl: /lab}}\n", False),
    ],
)
def test_a_site_is_shadowed_where_a_later_file_sets_it_or_replaces_what_holds_it(
    tmp_path: Path,
    first: str,
    later: str,
    hidden: bool,  # noqa: FBT001  # a column of the table
) -> None:
    read = leap(tmp_path, {"first.yaml": first, "later.yaml": later}, hub("prod", "first.yaml", "later.yaml"))
    index, site = indexed(read, "first.yaml")
    assert shadowed(index, site) is hidden


def test_a_site_is_shadowed_only_where_every_hub_it_reaches_overrides_it(tmp_path: Path) -> None:
    texts = {"common.yaml": IMAGE, "own.yaml": TAG}
    one_free = leap(tmp_path / "1", texts, hub("a", "common.yaml", "own.yaml"), hub("b", "common.yaml"))
    all_hidden = leap(tmp_path / "2", texts, hub("a", "common.yaml", "own.yaml"), hub("b", "common.yaml", "own.yaml"))
    before = leap(tmp_path / "3", texts, hub("a", "own.yaml", "common.yaml"))
    again = leap(tmp_path / "4", texts, hub("a", "common.yaml", "own.yaml", "common.yaml"))
    assert [shadowed(*indexed(read, "common.yaml")) for read in (one_free, all_hidden, before, again)] == [
        False,
        True,
        False,
        False,
    ]


def test_support_files_and_charts_without_hubs_are_never_shadowed(tmp_path: Path) -> None:
    read = fleet(
        tmp_path, {"config/clusters/leap/cluster.yaml": "hubs: []\n", "helm-charts/support/values.yaml": IMAGE}
    )
    assert shadowed(*indexed(read, "support/values.yaml")) is False


@pytest.mark.parametrize(
    ("chart", "own", "hidden"),
    [
        ("basehub", TAG, True),
        ("daskhub", TAG, False),
        ("daskhub", "basehub: {jupyterhub: {singleuser: {image: {tag: '2'}}}}\n", True),
        ("basehub", "basehub: {jupyterhub: {singleuser: {image: {tag: '2'}}}}\n", False),
        ("daskhub", "basehub: false\n", True),
    ],
)
def test_a_chart_default_is_compared_where_its_values_stand_for_the_hub(
    tmp_path: Path,
    chart: str,
    own: str,
    hidden: bool,  # noqa: FBT001  # a column of the table
) -> None:
    read = leap(tmp_path, {"own.yaml": own}, hub("prod", "own.yaml", chart=chart), charts=True)
    assert shadowed(*indexed(read, "basehub/values.yaml")) is hidden


@pytest.mark.parametrize(
    ("others", "names"),
    [
        ({}, ("quay.io/a/base",)),
        ({"before.yaml": "jupyterhub: {singleuser: {image: {name: ghcr.io/x/y}}}\n"}, ("ghcr.io/x/y",)),
        ({"after.yaml": "jupyterhub: {singleuser: {image: {name: ghcr.io/x/y}}}\n"}, ("ghcr.io/x/y",)),
        (
            {"after.yaml": "jupyterhub: {singleuser: {image: {repository: x/y, registry: ghcr.io/}}}\n"},
            ("ghcr.io/x/y",),
        ),
        ({"before.yaml": "jupyterhub: {singleuser: {image: {name: }}}\n"}, ()),
        ({"before.yaml": "jupyterhub: {singleuser: {image: }}\n"}, ()),
        ({"before.yaml": "jupyterhub: {singleuser: {image: {name: [x]}}}\n"}, ()),
    ],
)
def test_the_name_of_a_lone_tag_is_what_helm_merges_beside_it(
    tmp_path: Path, others: dict[str, str], names: tuple[str, ...]
) -> None:
    texts = {"before.yaml": "", "own.yaml": TAG, "after.yaml": "", **others}
    read = leap(tmp_path, texts, hub("prod", "before.yaml", "own.yaml", "after.yaml"), charts=True)
    assert image_names(*indexed(read, "own.yaml")) == names


def test_a_lone_tag_may_have_another_name_in_each_hub_or_none_at_all(tmp_path: Path) -> None:
    texts = {
        "tag.yaml": TAG,
        **{f"{n}.yaml": f"jupyterhub: {{singleuser: {{image: {{name: q/{n}}}}}}}\n" for n in "ab"},
    }
    hubs = (hub("two", "b.yaml", "tag.yaml"), hub("one", "a.yaml", "tag.yaml"), hub("none", "tag.yaml"))
    assert image_names(*indexed(leap(tmp_path, texts, *hubs), "tag.yaml")) == ("q/a", "q/b")


def test_a_lone_tag_in_a_dask_hub_finds_the_charts_name_below_the_prefix(tmp_path: Path) -> None:
    own = "basehub: {jupyterhub: {singleuser: {image: {tag: '2'}}}}\n"
    read = leap(tmp_path, {"own.yaml": own}, hub("prod", "own.yaml", chart="daskhub"), charts=True)
    assert image_names(*indexed(read, "own.yaml")) == ("quay.io/a/base",)


def test_no_other_file_names_a_lone_tag_inside_a_list(tmp_path: Path) -> None:
    read = leap(tmp_path, {"a.yaml": "x: 1\n"}, hub("prod", "a.yaml"))
    site = Site("config/clusters/leap/a.yaml", ("l", 0, "image", "tag"), 1, "split", None, "1", None, "service")
    assert image_names(Index(read), site) == ()


SENTINEL = "the-site"


def merged(below: Any, above: Any) -> Any:
    """Helm's merge of two values files: mappings key by key, all else replaced."""
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {key: merged(below[key], value) if key in below else value for key, value in above.items()}
    return above


def nested(value: Any, prefix: tuple[str, ...]) -> Any:
    for key in reversed(prefix):
        value = {key: value}
    return value


def marked(value: Any, path: tuple[str | int, ...]) -> Any:
    if not path:
        return SENTINEL
    if isinstance(value, list):
        return [marked(item, path[1:]) if index == path[0] else item for index, item in enumerate(value)]
    return {key: marked(item, path[1:]) if key == path[0] else item for key, item in value.items()}


def arrives(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(arrives(item) for item in (value.values() if isinstance(value, dict) else value))
    return bool(value == SENTINEL)


@lru_cache(maxsize=1000)
def loaded(text: bytes) -> Any:
    return yaml.load(text, yaml.CSafeLoader)


def hidden_by_merging(read: Fleet, site: Site) -> bool:
    """The oracle: put a mark where the site is, merge all files of each hub, and look whether the mark arrives."""
    hubs = reach_of(read).get(site.file, ())
    for one in hubs:
        values: Any = {}
        for file, prefix in layers_of(one):
            whole = loaded(read.texts[file]) or {}
            whole = marked(whole, site.path) if file == site.file else whole
            values = merged(values, nested(whole, prefix))
        if arrives(values):
            return False
    return bool(hubs)


@pytest.mark.slow
def test_every_site_of_the_real_fleet_is_shadowed_exactly_where_a_merge_loses_it(corpus: Path) -> None:
    read = read_fleet(WorkTree(corpus))
    index = Index(read)
    found = [site for site in sites(read) if len(reach_of(read).get(site.file, ())) < 5]
    assert [site for site in found if shadowed(index, site) != hidden_by_merging(read, site)] == []
    assert len(found) > 100


KEYS = st.sampled_from("abc")
VALUES = st.recursive(
    st.none() | st.sampled_from("xy"),
    lambda inner: st.dictionaries(KEYS, inner) | st.lists(inner, max_size=2),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.dictionaries(KEYS, VALUES, min_size=1), min_size=2, max_size=4), st.data())
def test_whatever_the_files_hold_shadowing_is_what_merging_loses(files: list[Any], data: st.DataObject) -> None:
    names = [f"{number}.yaml" for number in range(len(files))]
    hubs = tuple(
        Hub("c", f"h{number}", "", "", "prod", tuple(data.draw(st.permutations(names)))) for number in range(2)
    )
    texts = {name: yaml.safe_dump(whole).encode() for name, whole in zip(names, files, strict=True)}
    read = Fleet((Cluster("c", "", "", hubs),), (), texts)
    leaf = data.draw(st.sampled_from(list(leaves(files[0]))))
    site = Site(names[0], leaf, 1, "inline", None, None, None, "user")
    assert shadowed(Index(read), site) == hidden_by_merging(read, site)


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Any:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path
