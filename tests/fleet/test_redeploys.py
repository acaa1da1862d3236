"""Which hubs and supports a set of changed files redeploys, and why."""

from __future__ import annotations

from posixpath import normpath

import pytest

from hubctl.fleet.layout import chart_place, is_chart_values
from hubctl.fleet.redeploys import ListedHub, Listing, Redeployed, Redeploys, Support, redeploys

LEAP = "config/clusters/leap"
MEADOW = "config/clusters/meadow"


def listing(folder: str, *, support: bool = True, **hubs: tuple[str, ...]) -> Listing:
    listed = tuple(
        ListedHub(
            name, "staging" if "staging" in name else "prod", frozenset(normpath(f"{folder}/{file}") for file in files)
        )
        for name, files in hubs.items()
    )
    values = frozenset({f"{folder}/support.yaml"} if support else ())
    return Listing(folder.rpartition("/")[2], folder, f"{folder}/cluster.yaml", listed, values)


NOW = (
    listing(LEAP, staging=("common.yaml", "staging.yaml"), prod=("common.yaml", "enc-prod.secret.yaml")),
    listing(MEADOW, support=False, prod=("prod.yaml", "../leap/shared.yaml"), lab=("../leap/shared.yaml",)),
)


def decided(*changed: str, before: tuple[Listing, ...] = (), everywhere: bool = False) -> Redeploys:
    return redeploys(changed, NOW, before, everywhere=everywhere)


def hubs(found: Redeploys) -> dict[str, tuple[str, ...]]:
    return {f"{each.cluster}/{each.hub}": each.why for each in found.hubs}


@pytest.mark.parametrize(
    ("changed", "reached", "support", "elsewhere"),
    [
        (f"{LEAP}/staging.yaml", ["leap/staging"], [], ()),
        (f"{LEAP}/common.yaml", ["leap/prod", "leap/staging"], [], ()),
        (f"{LEAP}/enc-prod.secret.yaml", ["leap/prod"], [], ()),
        (f"{LEAP}/shared.yaml", ["meadow/lab", "meadow/prod"], [], ()),
        (f"{LEAP}/cluster.yaml", ["leap/prod", "leap/staging"], ["leap"], ()),
        (f"{MEADOW}/cluster.yaml", ["meadow/lab", "meadow/prod"], [], ()),
        (f"{LEAP}/support.yaml", [], ["leap"], ()),
        ("helm-charts/support/values.yaml", [], ["leap"], ()),
        (
            "helm-charts/basehub/templates/x.yaml",
            ["leap/prod", "leap/staging", "meadow/lab", "meadow/prod"],
            [],
            (),
        ),
        ("helm-charts/chartpress.yaml", ["leap/prod", "leap/staging", "meadow/lab", "meadow/prod"], [], ()),
        ("helm-charts", ["leap/prod", "leap/staging", "meadow/lab", "meadow/prod"], ["leap"], ()),
        (f"{LEAP}/nobody.values.yaml", [], [], (f"{LEAP}/nobody.values.yaml",)),
        ("docs/helm-charts/basehub/values.yaml", [], [], ("docs/helm-charts/basehub/values.yaml",)),
        ("README.md", [], [], ("README.md",)),
    ],
)
def test_a_changed_file_redeploys_what_it_feeds(changed, reached, support, elsewhere):
    found = decided(changed)

    assert hubs(found) == dict.fromkeys(reached, (changed,))
    assert found.support == tuple(Support(cluster, (changed,)) for cluster in support)
    assert found.elsewhere == elsewhere


def test_staging_does_not_follow_production():
    assert decided(f"{LEAP}/enc-prod.secret.yaml").hubs == (
        Redeployed("leap", "prod", "prod", (f"{LEAP}/enc-prod.secret.yaml",)),
    )


def test_every_reason_is_named_once_and_sorted():
    found = decided(f"{LEAP}/staging.yaml", f"{LEAP}/common.yaml", f"{LEAP}/cluster.yaml", "helm-charts/a", "x")

    assert hubs(found)["leap/staging"] == (
        f"{LEAP}/cluster.yaml",
        f"{LEAP}/common.yaml",
        f"{LEAP}/staging.yaml",
        "helm-charts/a",
    )
    assert found.elsewhere == ("x",)


def test_a_file_that_a_hub_listed_until_now_is_a_reason_too():
    before = (listing(LEAP, staging=("old.yaml",), prod=()),)

    found = decided(f"{LEAP}/cluster.yaml", f"{LEAP}/old.yaml", before=before)

    assert hubs(found)["leap/staging"] == (f"{LEAP}/cluster.yaml", f"{LEAP}/old.yaml")
    assert hubs(found)["leap/prod"] == (f"{LEAP}/cluster.yaml",)


def test_hubs_that_are_gone_are_named_and_not_deployed():
    before = (listing("config/clusters/gone", prod=()), listing(LEAP, workshop=(), prod=()))

    found = decided("config/clusters/gone/cluster.yaml", f"{LEAP}/cluster.yaml", before=before)

    assert found.removed == ("gone/prod", "leap/workshop")
    assert sorted(hubs(found)) == ["leap/prod", "leap/staging"]
    assert found.elsewhere == ("config/clusters/gone/cluster.yaml",)


def test_a_hub_that_is_listed_twice_is_deployed_once_for_all_reasons():
    twice = Listing(
        "leap",
        LEAP,
        f"{LEAP}/cluster.yaml",
        (ListedHub("a", "prod", frozenset({"one"})), ListedHub("a", "prod", frozenset({"two"}))),
        frozenset(),
    )

    assert redeploys(["one", "two"], [twice], [], everywhere=False).hubs == (
        Redeployed("leap", "a", "prod", ("one", "two")),
    )


def test_charts_in_any_folder_count_for_the_clusters_below_it():
    inner = listing("north/clusters/leap", prod=())
    outer = listing("south/clusters/meadow", prod=())

    found = redeploys(["north/helm-charts/hub/x", "helm-charts/support/y"], [inner, outer], [], everywhere=True)

    assert hubs(found) == {"leap/prod": ("north/helm-charts/hub/x",)}
    assert found.support == (
        Support("leap", ("helm-charts/support/y",)),
        Support("meadow", ("helm-charts/support/y",)),
    )


@pytest.mark.slow
def test_ten_thousand_files_of_charts_name_some_and_count_the_others():
    fleet = tuple(
        listing(f"config/clusters/c{number}", **{f"hub{each}": ("own.yaml",) for each in range(20)})
        for number in range(500)
    )
    changed = [f"helm-charts/basehub/f{number:05}" for number in range(10_000)] + ["config/clusters/c7/own.yaml"]

    found = redeploys(changed, fleet, [], everywhere=False)

    assert len(found.hubs) == 10_000
    assert {(len(each.why), each.more) for each in found.hubs} == {(20, 9_980), (20, 9_981)}
    assert all("config/clusters/c7/own.yaml" in each.why for each in found.hubs if each.cluster == "c7")
    assert found.elsewhere == ()


@pytest.mark.parametrize(
    ("path", "everywhere", "place"),
    [
        ("helm-charts/basehub/values.yaml", False, ("", "basehub")),
        ("helm-charts", False, ("", "")),
        ("a/helm-charts/basehub/values.yaml", False, None),
        ("a/helm-charts/basehub/values.yaml", True, ("a", "basehub")),
        ("helm-charts-old/basehub/values.yaml", True, None),
    ],
)
def test_a_chart_is_where_its_folder_is(path, everywhere, place):
    assert chart_place(path, everywhere=everywhere) == place


def test_the_defaults_of_a_chart_are_values():
    assert is_chart_values("helm-charts/basehub/values.yaml")
    assert not is_chart_values("helm-charts/basehub/sub/values.yaml")
    assert not is_chart_values("helm-charts/values.yaml")
