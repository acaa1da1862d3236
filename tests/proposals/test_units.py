import pytest

from hubctl.errors import UnsafeEdit
from hubctl.fleet.model import Cluster, Hub
from hubctl.proposals.plan import Change, FileEdit, Plan
from hubctl.proposals.units import Selection, Unit, divide

from .parts import NEW, change

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


def divided(*changes: Change, group="cluster", clusters=CLUSTERS, **selection: object) -> dict[str, list[str]]:
    units = divide(
        plan(*changes), verb=VERB, group=group, selection=Selection(**selection), clusters=clusters, apply=applied
    )
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
