import itertools
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.adapters.git import checked_branch
from hubctl.errors import UnsafeEdit
from hubctl.fleet.model import Cluster, Hub
from hubctl.proposals.identity import Marker, place_id
from hubctl.proposals.offer import Offer, Words, contained
from hubctl.proposals.plan import Change, FileEdit, Plan
from hubctl.proposals.units import Selection, Unit, divide

from .parts import NEW, NEWER, change

VERB = "bump-image"
PREFIX = "hubctl/bump-image/"
BOTH = ("leap/prod", "leap/staging")


def cluster(name: str, *hubs: str) -> Cluster:
    members = tuple(Hub(name, hub, f"{hub}.example.org", "basehub", "prod", ()) for hub in hubs)
    return Cluster(name, f"config/clusters/{name}", f"config/clusters/{name}/cluster.yaml", members)


CLUSTERS = (cluster("leap", "staging", "prod"), cluster("nasa", "prod"))
COMMON = change(file="config/clusters/leap/common.values.yaml", hubs=BOTH)
PROD = change(file="config/clusters/leap/prod.values.yaml", hubs=("leap/prod",), image="quay.io/org/other")
STAGING = change(file="config/clusters/leap/staging.values.yaml", hubs=("leap/staging",))
SUPPORT = change(file="config/clusters/leap/support.values.yaml", hubs=())
NASA = change(file="config/clusters/nasa/prod.values.yaml", hubs=("nasa/prod",))
SHARED = change(file="config/clusters/shared.values.yaml", hubs=("leap/prod", "nasa/prod"))
CHART = change(file="helm-charts/basehub/values.yaml", hubs=(*BOTH, "nasa/prod"))
SUPPORT_CHART = change(file="helm-charts/support/values.yaml", hubs=())
ALL = (COMMON, PROD, STAGING, SUPPORT, NASA, SHARED, CHART, SUPPORT_CHART)


def plan(*changes: Change) -> Plan:
    files = sorted({one.site.file for one in changes})
    return Plan(changes=changes, edits=tuple(FileEdit(file, b"before", b"all") for file in files))


def applied(before: bytes, changes: tuple[Change, ...]) -> bytes:
    """Stands in for editing: the bytes say which changes were asked for."""
    return before + b"".join(f"+{one.image}".encode() for one in changes)


def cut(*changes: Change, group="cluster", clusters=CLUSTERS, **selection: object) -> tuple[Unit, ...]:
    return divide(
        plan(*changes), verb=VERB, group=group, selection=Selection(**selection), clusters=clusters, apply=applied
    )


def divided(*changes: Change, group="cluster", clusters=CLUSTERS, **selection: object) -> dict[str, list[str]]:
    units = cut(*changes, group=group, clusters=clusters, **selection)
    return {
        f"{unit.branch.removeprefix(PREFIX)} [{unit.title}]": [one.site.file.rpartition("/")[2] for one in unit.changes]
        for unit in units
    }


def test_by_cluster_each_cluster_is_a_unit_and_a_file_of_several_is_its_own():
    assert divided(*ALL) == {
        "cluster-leap [leap]": [
            "common.values.yaml",
            "prod.values.yaml",
            "staging.values.yaml",
            "support.values.yaml",
        ],
        "cluster-nasa [nasa]": ["prod.values.yaml"],
        "file-config--clusters--shared.values.yaml [*]": ["shared.values.yaml"],
        "file-helm-charts--basehub--values.yaml [*]": ["values.yaml"],
        "file-helm-charts--support--values.yaml [*]": ["values.yaml"],
    }


def test_by_hub_what_several_hubs_share_is_its_own():
    assert divided(*ALL, group="hub") == {
        "file-config--clusters--leap--common.values.yaml [leap]": ["common.values.yaml"],
        "file-config--clusters--leap--support.values.yaml [leap]": ["support.values.yaml"],
        "file-config--clusters--shared.values.yaml [*]": ["shared.values.yaml"],
        "file-helm-charts--basehub--values.yaml [*]": ["values.yaml"],
        "file-helm-charts--support--values.yaml [*]": ["values.yaml"],
        "hub-leap-prod [leap, prod]": ["prod.values.yaml"],
        "hub-leap-staging [leap, staging]": ["staging.values.yaml"],
        "hub-nasa-prod [nasa, prod]": ["prod.values.yaml"],
    }


def test_by_image_each_name_is_a_unit():
    assert divided(COMMON, PROD, NASA, group="image") == {
        "image-quay.io--org--other [*]": ["prod.values.yaml"],
        "image-quay.io--pangeo--base [*]": ["common.values.yaml", "prod.values.yaml"],
    }


def test_all_is_one_unit():
    assert list(divided(*ALL, group="all")) == ["all [*]"]


@pytest.mark.parametrize(
    ("changes", "group", "selection", "expected"),
    [
        ((COMMON, PROD), "cluster", {"cluster": "leap"}, ["cluster-leap [leap]"]),
        ((COMMON, PROD), "cluster", {"cluster": "leap", "hub": "prod"}, ["hub-leap-prod [leap, prod]"]),
        (
            (PROD, CHART),
            "cluster",
            {"cluster": "leap", "hub": "prod"},
            ["file-helm-charts--basehub--values.yaml [*]", "hub-leap-prod [leap, prod]"],
        ),
        ((COMMON,), "all", {"cluster": "leap"}, ["cluster-leap [leap]"]),
        ((COMMON,), "all", {"cluster": "leap", "hub": "prod"}, ["hub-leap-prod [leap, prod]"]),
        ((PROD,), "image", {"cluster": "leap"}, ["image-quay.io--org--other-cluster-leap [leap]"]),
        ((PROD,), "cluster", {"images": ("quay.io/org/other",)}, ["cluster-leap-image-quay.io--org--other [leap]"]),
        ((PROD,), "image", {"images": ("quay.io/org/other",)}, ["image-quay.io--org--other [*]"]),
        ((PROD,), "cluster", {"roles": ("sidecar", "hub")}, ["cluster-leap-role-hub-role-sidecar [leap]"]),
        ((PROD,), "all", {"roles": ("all",)}, ["all-role-all [*]"]),
    ],
)
def test_a_selection_narrower_than_the_unit_has_its_own_branch(changes, group, selection, expected):
    assert list(divided(*changes, group=group, **selection)) == expected


def test_two_hubs_whose_names_run_together_never_share_a_branch():
    clusters = (cluster("a", "b-c"), cluster("a-b", "c"))
    one = change(file="config/clusters/a/x.yaml", hubs=("a/b-c",))
    two = change(file="config/clusters/a-b/x.yaml", hubs=("a-b/c",))
    together = divided(one, two, group="hub", clusters=clusters)
    alone = divided(two, group="hub", clusters=clusters)
    assert len(together) == 2
    assert next(iter(alone)) in together
    assert all(name.startswith("hub-a-b-c-") for name in together)


def test_by_image_all_spellings_of_one_name_are_one_unit():
    one = change(file="config/clusters/leap/a.yaml", image="jupyter/base-notebook")
    two = change(file="config/clusters/leap/b.yaml", image="docker.io/jupyter/base-notebook")
    assert divided(one, two, group="image") == {"image-docker.io--jupyter--base-notebook [*]": ["a.yaml", "b.yaml"]}
    assert list(divided(one, two, images=("jupyter/base-notebook", "docker.io/jupyter/base-notebook"))) == [
        "cluster-leap-image-docker.io--jupyter--base-notebook [leap]"
    ]


@pytest.mark.parametrize(
    ("whole", "narrowed"),
    [
        (("hub", "leap/prod-role-hub", {}), ("hub", "leap/prod", {"roles": ("hub",)})),
        (("hub", "a-b/role-hub", {}), ("hub", "a/b", {"roles": ("hub",)})),
        (("hub", "a-b-role/hub", {}), ("hub", "a/b", {"roles": ("hub",)})),
        (("cluster", "leap-role-all/x", {}), ("cluster", "leap/x", {"roles": ("all",)})),
    ],
)
def test_a_name_that_reads_as_a_narrower_selection_never_shares_its_branch(whole, narrowed):
    branches = []
    for group, hub, selection in (whole, narrowed):
        clusters = tuple(cluster(*each[1].split("/")) for each in (whole, narrowed))
        (unit,) = cut(change(file="config/x.yaml", hubs=(hub,)), group=group, clusters=clusters, **selection)
        branches.append(unit.branch)
    assert len(set(branches)) == 2, branches


@pytest.mark.parametrize(
    ("name", "selection"),
    [
        ("quay.io/org/name-cluster-leap", {"cluster": "leap"}),
        ("quay.io/org/name-hub-leap/prod", {"cluster": "leap", "hub": "prod"}),
        ("quay.io/org/name-hub-leap-prod", {"cluster": "leap", "hub": "prod"}),
        ("quay.io/org/name-role-hub", {"roles": ("hub",)}),
    ],
)
def test_an_image_that_reads_as_a_narrower_selection_never_shares_its_branch(name, selection):
    (whole,) = cut(change(image=name), group="image")
    (narrowed,) = cut(change(image="quay.io/org/name"), group="image", **selection)
    assert whole.branch != narrowed.branch
    assert whole.branch.startswith(f"{PREFIX}image-quay.io--org--name")


HOSTILE = (
    "leap",
    "Leap",
    "LEAP",
    "leap.lock",
    "leap.",
    "a-leap",
    "image-x",
    "hub-leap",
    "cluster-leap",
    "all",
    "file-x",
    "prod",
    "leap-prod",
    "-x",
    "..",
    "x..y",
    "@{u}",
    "a b",
    'zzz";echo${IFS}hi;#',
    "caf\u00e9",
    "cafe\u0301",
    "\u212aelvin",
    "kelvin",
    "\udcff",
    "x" * 300,
    "x" * 300 + "y",
    "X" * 300,
    "prod-role-hub",
    "a--b",
    "a-",
    "-b",
)


def test_no_two_hubs_share_a_branch_whatever_they_are_called():
    ids = [f"{one}/{other}" for one, other in itertools.product(HOSTILE, HOSTILE)]
    clusters = tuple(cluster(name, *HOSTILE) for name in HOSTILE)
    changes = [change(file=f"config/{number}.yaml", hubs=(hub,)) for number, hub in enumerate(ids)]
    units = cut(*changes, group="hub", clusters=clusters)
    wide = cut(*changes, group="cluster", clusters=clusters)
    branches = [unit.branch for unit in (*units, *wide)]
    assert (len(units), len(wide)) == (len(ids), len(HOSTILE))
    assert len({branch.casefold() for branch in branches}) == len(branches)
    assert {branch.removeprefix(PREFIX).count("/") for branch in branches} == {0}
    assert max(map(len, branches)) == 100


@pytest.mark.parametrize("name", HOSTILE)
def test_git_takes_every_branch_as_it_is_written(name):
    there = (cluster(name, name),)
    one = change(file=f"config/{name}.yaml", hubs=(f"{name}/{name}",), image=f"quay.io/org/{name}")
    shared = change(file=f"config/{name}.yaml", hubs=(f"{name}/{name}", "other/one"))
    cuts = [cut(one, group=group, clusters=there) for group in ("hub", "cluster", "image", "all")]
    cuts += [cut(shared, group=group, clusters=there) for group in ("hub", "cluster")]
    cuts.append(cut(one, clusters=there, cluster=name, hub=name, images=(f"quay.io/org/{name}",), roles=("hub",)))
    for (unit,) in cuts:
        assert checked_branch(unit.branch) == unit.branch


@given(st.lists(st.text(min_size=1, max_size=30).filter(lambda text: "/" not in text), min_size=1, unique=True))
def test_names_of_clusters_never_meet(names):
    clusters = tuple(cluster(name, "prod") for name in names)
    changes = [change(file=f"{number}.yaml", hubs=(f"{name}/prod",)) for number, name in enumerate(names)]
    branches = [unit.branch for unit in cut(*changes, clusters=clusters)]
    assert len({branch.casefold() for branch in branches}) == len(names)


GROUPS = ("hub", "cluster", "image", "all")


def held(opened: Mapping[str, Marker], units: Iterable[Unit]) -> dict[str, tuple[str, ...]]:
    """Return what is contained in what these units offer."""
    nothing = Words("", "", "", "")
    return contained(
        opened,
        [
            Offer(unit.branch, (), nothing, unit.places, narrowed=unit.narrowed, selection=unit.selection)
            for unit in units
        ],
    )


def marker(*changes: Change, **fields: object) -> Marker:
    return Marker(id="0" * 64, scope="", title="", places=tuple(place_id(one) for one in changes), **fields)


def test_after_a_change_of_group_what_other_units_hold_whole_is_named_with_them():
    opened = {f"{PREFIX}cluster-leap": marker(COMMON, PROD, STAGING), f"{PREFIX}cluster-nasa": marker(NASA)}
    units = cut(COMMON, PROD, STAGING, group="hub")
    branches = (
        f"{PREFIX}file-config--clusters--leap--common.values.yaml",
        f"{PREFIX}hub-leap-prod",
        f"{PREFIX}hub-leap-staging",
    )
    assert held(opened, units) == {f"{PREFIX}cluster-leap": branches}


def test_parts_of_a_larger_unit_are_each_contained_in_it():
    opened = {f"{PREFIX}hub-leap-prod": marker(PROD), f"{PREFIX}hub-leap-staging": marker(STAGING)}
    whole = (f"{PREFIX}cluster-leap",)
    assert held(opened, cut(COMMON, PROD, STAGING)) == dict.fromkeys(opened, whole)


def test_what_gives_a_place_another_tag_is_contained_in_what_gives_it_one_now():
    older = change(NEWER, file=PROD.site.file, image=PROD.image, hubs=PROD.hubs)
    opened = {f"{PREFIX}hub-leap-prod": marker(older)}
    assert held(opened, cut(COMMON, PROD, STAGING)) == {f"{PREFIX}hub-leap-prod": (f"{PREFIX}cluster-leap",)}


def test_only_what_the_same_selection_opened_is_contained_where_one_is_narrower():
    narrow = cut(COMMON, PROD, STAGING, group="image", cluster="leap")
    whole = cut(COMMON, PROD, STAGING, cluster="leap")
    assert {unit.selection for unit in (*narrow, *whole)} == {"cluster-leap"}
    same = {f"{PREFIX}x": marker(PROD, selection="cluster-leap")}
    narrower = {f"{PREFIX}x": marker(PROD, selection="cluster-leap-role-hub", narrowed=True)}
    other = {f"{PREFIX}x": marker(PROD, selection="hub-leap/prod")}
    assert [[*held(opened, narrow)] for opened in (same, narrower, other)] == [[f"{PREFIX}x"], [], []]
    assert [[*held(opened, whole)] for opened in (same, narrower, other)] == [[f"{PREFIX}x"], [], [f"{PREFIX}x"]]


def test_a_unit_knows_that_the_selection_is_narrower_than_its_kind():
    def narrowed(group, **selection):
        return {unit.narrowed for unit in cut(COMMON, PROD, STAGING, group=group, **selection)}

    assert {group: narrowed(group) for group in GROUPS} == {group: {False} for group in GROUPS}
    leap = {"hub": {False}, "cluster": {False}, "image": {True}, "all": {True}}
    assert {group: narrowed(group, cluster="leap") for group in GROUPS} == leap
    assert narrowed("cluster", cluster="leap", hub="prod") == {True}
    assert narrowed("hub", cluster="leap", hub="prod") == {False}
    assert {group: narrowed(group, roles=("hub",)) for group in GROUPS} == {group: {True} for group in GROUPS}


@pytest.mark.parametrize(
    ("branch", "places"),
    [
        ("cluster-leap", (PROD,)),  # the unit's own
        ("hub-leap-prod", ()),  # says nothing
        ("hub-leap-prod", (PROD, NASA)),  # one of its changes is nowhere else
        ("hub-leap-prod", (change(file=PROD.site.file, image="quay.io/org/stranger", hubs=PROD.hubs),)),  # an image
    ],
)
def test_what_is_not_wholly_in_other_units_is_not_named(branch, places):
    assert held({PREFIX + branch: marker(*places)}, cut(COMMON, PROD, STAGING)) == {}


def test_a_file_of_one_unit_keeps_the_plans_bytes_and_a_shared_one_is_edited_again():
    other = change(file=COMMON.site.file, image="quay.io/org/other", hubs=BOTH, path=("x", "tag"))
    units = divide(
        plan(COMMON, other, NASA),
        verb=VERB,
        group="image",
        selection=Selection(),
        clusters=CLUSTERS,
        apply=applied,
    )
    assert {unit.scope: unit.edits for unit in units} == {
        "image-quay.io/org/other": (FileEdit(COMMON.site.file, b"before", b"before+quay.io/org/other"),),
        "image-quay.io/pangeo/base": (
            FileEdit(COMMON.site.file, b"before", b"before+quay.io/pangeo/base"),
            FileEdit(NASA.site.file, b"before", b"all"),
        ),
    }


def test_a_plan_without_changes_has_no_units():
    assert divided() == {}


def test_a_plan_that_lost_the_text_of_a_change_is_refused():
    lost = Plan(changes=(COMMON,))
    with pytest.raises(UnsafeEdit, match="has no text for it"):
        divide(lost, verb=VERB, group="all", selection=Selection(), clusters=(), apply=applied)


def test_the_order_of_changes_does_not_matter():
    def units(*changes: Change) -> list[tuple[str, tuple[FileEdit, ...]]]:
        made: tuple[Unit, ...] = divide(
            plan(*changes), verb=VERB, group="cluster", selection=Selection(), clusters=CLUSTERS, apply=applied
        )
        return [(unit.branch, unit.edits) for unit in made]

    assert units(*ALL) == units(*reversed(ALL))
    assert COMMON.new == NEW
