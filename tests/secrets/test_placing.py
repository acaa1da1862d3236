"""Where a hub's secret is or belongs: charts, shared files, order, and what nobody can tell."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from hubctl.adapters.files import WorkTree
from hubctl.commands.secret_places import Ground, deploying, ground_of, listing_of, refuse_place, warnings_on
from hubctl.errors import HubctlError
from hubctl.fleet.model import Cluster, Hub
from hubctl.secrets.placing import Place, find_place, keys_of, new_place, own_file, refuse_shared
from tests.secrets.genuine import as_yaml, ciphertext, made_up

CHANCE = random.Random(7)
METADATA = made_up(CHANCE, aws=False, version="3.11.0")["sops"]
LEAP = "config/clusters/leap"
KEY = ("jupyterhub", "hub", "key")
PLAIN = "jupyterhub: {}\n"


def secret(*paths: str, **values: object) -> str:
    """An encrypted file with ciphertext at these dotted paths; `values` stand at its top as they are."""
    root: dict[str, object] = {}
    for path in paths:
        *parents, last = path.split(".")
        place = root
        for key in parents:
            place = place.setdefault(key, {})  # type: ignore[assignment]  # mappings all the way
        place[last] = ciphertext(CHANCE)
    return as_yaml({**root, **values, "sops": METADATA}, indent=2)


def hub(name: str, *files: str, chart: str = "basehub") -> str:
    listed = "".join(f"  - {file}\n" for file in files)
    return f"- name: {name}\n  domain: {name}.example.org\n  helm_chart: {chart}\n  helm_chart_values_files:\n{listed}"


def ground(folder: Path, files: Mapping[str, str], cluster: str = "leap", name: str = "prod") -> Ground:
    for file, text in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return ground_of(WorkTree(folder), cluster, name)


def leap(*hubs: str, **files: str) -> dict[str, str]:
    """The files of one cluster; keyword `a_b` is the file `a-b`, a plain one where nothing else is said."""
    plain = {f"{LEAP}/{name}.values.yaml": PLAIN for name in ("common", "prod", "staging")}
    given = {f"{LEAP}/enc-{name}.secret.values.yaml": text for name, text in files.items()}
    return {**plain, f"{LEAP}/cluster.yaml": f"name: leap\nhubs:\n{''.join(hubs)}", **given}


def found(here: Ground, path: tuple[str, ...] = KEY) -> Place:
    place = find_place(path, here.hub, here.fleet, here.files)
    return place or new_place(path, here.hub, here.cluster, here.fleet, here.files)


def told(place: Place) -> tuple[str, bool, bool, tuple[str, ...]]:
    return place.file.rpartition("/")[2], place.there, place.listed, tuple(one.id for one in place.hubs)


PROD = hub("prod", "common.values.yaml", "enc-common.secret.values.yaml", "prod.values.yaml")
BOTH = hub("prod", "enc-common.secret.values.yaml", "prod.values.yaml", "enc-prod.secret.values.yaml")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (leap(hub("prod", "prod.values.yaml")), ("enc-prod.secret.values.yaml", False, False, ("leap/prod",))),
        (
            leap(PROD, common=secret("jupyterhub.hub.other")),
            ("enc-prod.secret.values.yaml", False, False, ("leap/prod",)),
        ),
        (
            leap(PROD, common=secret("jupyterhub.hub.key")),
            ("enc-common.secret.values.yaml", True, True, ("leap/prod",)),
        ),
        (
            leap(hub("staging", "enc-common.secret.values.yaml"), PROD, common=secret("jupyterhub.hub.key")),
            ("enc-common.secret.values.yaml", True, True, ("leap/staging", "leap/prod")),
        ),
        (
            leap(BOTH, common=secret("jupyterhub.hub.key"), prod=secret("jupyterhub.hub.key")),
            ("enc-prod.secret.values.yaml", True, True, ("leap/prod",)),
        ),
        (
            leap(BOTH, common=secret("jupyterhub.hub.key"), prod=secret("other")),
            ("enc-common.secret.values.yaml", True, True, ("leap/prod",)),
        ),
        (leap(BOTH), ("enc-prod.secret.values.yaml", False, True, ("leap/prod",))),
        (
            leap(hub("prod", "prod.values.yaml"), prod=secret("jupyterhub.hub.key")),
            ("enc-prod.secret.values.yaml", True, False, ("leap/prod",)),
        ),
        (
            leap(hub("prod", "prod.values.yaml"), prod=secret(jupyterhub={"hub": {"key": ""}})),
            ("enc-prod.secret.values.yaml", True, False, ("leap/prod",)),
        ),
        (
            leap(
                hub("staging", "enc-prod.secret.values.yaml"),
                hub("prod", "prod.values.yaml"),
                prod=secret("jupyterhub.hub.other"),
            ),
            ("enc-prod.secret.values.yaml", False, False, ("leap/staging", "leap/prod")),
        ),
        (
            leap(
                hub("prod", "prod.values.yaml", "enc-prod.secret.values.yaml"),
                prod=secret("jupyterhub.hub.key"),
            )
            | {"config/clusters/reef/cluster.yaml": f"hubs:\n{hub('main', '../leap/enc-prod.secret.values.yaml')}"},
            ("enc-prod.secret.values.yaml", True, True, ("leap/prod", "reef/main")),
        ),
        (
            leap(hub("prod", "prod.values.yaml", "enc-prod.secret.values.yaml"), prod=secret("jupyterhub.hub.key"))
            | {
                "config/clusters/reef/cluster.yaml": "hubs:\n" + hub("main", "enc-prod.secret.values.yaml"),
                "config/clusters/broken/cluster.yaml": "{",
            },
            ("enc-prod.secret.values.yaml", True, True, ("leap/prod",)),
        ),
    ],
    ids=[
        "a new file",
        "a new file beside a shared one",
        "a shared file that has it",
        "a shared file feeds others",
        "the last of several",
        "the only one of several",
        "a file that is listed and absent",
        "a file that is not listed",
        "a value that is empty",
        "a file of a hub that another one lists",
        "a file that another cluster lists",
        "a file of the same name in another cluster",
    ],
)
def test_a_key_has_one_place(tmp_path, files, expected):
    assert told(found(ground(tmp_path, files))) == expected


def test_files_that_have_the_key_too_are_named(tmp_path):
    here = ground(tmp_path, leap(BOTH, common=secret("jupyterhub.hub.key"), prod=secret("jupyterhub.hub.key")))

    assert list(warnings_on(found(here), here, None)) == [
        (
            f"`{LEAP}/enc-common.secret.values.yaml` has `jupyterhub.hub.key`, too, and comes before "
            f"`{LEAP}/enc-prod.secret.values.yaml`: what it says does not count"
        )
    ]


def test_a_plain_file_that_is_listed_later_and_has_the_key_is_named(tmp_path):
    listed = hub("prod", "enc-common.secret.values.yaml", "common.values.yaml", "prod.values.yaml")
    here = ground(
        tmp_path,
        leap(listed, common=secret("jupyterhub.hub.key"))
        | {
            f"{LEAP}/common.values.yaml": "{",
            f"{LEAP}/prod.values.yaml": "jupyterhub: {hub: {key: <set elsewhere>}}\n",
        },
    )

    assert list(warnings_on(found(here), here, None)) == [
        (
            f"`{LEAP}/prod.values.yaml` has `jupyterhub.hub.key` in clear and is listed later: "
            "that value counts, not the encrypted one"
        )
    ]


def test_what_comes_with_a_new_listing_is_said(tmp_path):
    here = ground(tmp_path, leap(hub("prod", "prod.values.yaml"), prod=secret("other")))
    place = found(here)

    assert deploying(here) == f"merging a change of `{LEAP}/cluster.yaml` deploys every hub of the cluster"
    assert list(warnings_on(place, here, listing_of(place, here)[0])) == [
        f"`{LEAP}/enc-prod.secret.values.yaml` was there and not listed: whatever else is in it counts from now on",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("common", "prod"), ["common", "prod", "NEW"]),
        (("prod", "common"), ["prod", "NEW", "common"]),
        (("common", "staging"), ["common", "staging", "NEW"]),
        (("common", "enc-common.secret"), ["common", "NEW", "enc-common.secret"]),
        (("enc-common.secret",), ["enc-common.secret", "NEW"]),
        (("prod", "enc-common.secret", "prod", "common"), ["prod", "enc-common.secret", "prod", "NEW", "common"]),
    ],
)
def test_a_new_file_is_listed_behind_the_plain_file_of_the_hub(tmp_path, before, after):
    listed = hub("prod", *(f"{name}.values.yaml" for name in before))
    here = ground(tmp_path, leap(hub("staging", "staging.values.yaml"), listed, common=secret("other")))
    edit, change = listing_of(found(here), here)

    new = "enc-prod.secret.values.yaml"
    expected = "".join(f"  - {new if name == 'NEW' else f'{name}.values.yaml'}\n" for name in after)
    assert edit.after.decode().endswith(f"  helm_chart_values_files:\n{expected}")
    assert edit.after.decode().replace(f"  - {new}\n", "") == edit.before.decode()
    assert (change.file, change.path, change.what, change.hubs) == (
        f"{LEAP}/cluster.yaml",
        "hubs[name=prod].helm_chart_values_files",
        "listed",
        ("leap/prod",),
    )


@pytest.mark.parametrize(
    "cluster",
    [
        "hubs:\n- name: prod\n  helm_chart: basehub\n",
        "hubs:\n- name: prod\n  helm_chart: basehub\n  helm_chart_values_files:\n",
        "x: &files [prod.values.yaml]\nhubs:\n- name: prod\n  helm_chart: basehub\n  helm_chart_values_files: *files\n",
        (
            "hubs:\n- name: staging\n  helm_chart: basehub\n  helm_chart_values_files: &files\n  - prod.values.yaml\n"
            "- name: prod\n  helm_chart: basehub\n  helm_chart_values_files: *files\n"
        ),
    ],
)
def test_a_list_that_is_not_the_hubs_own_is_left_alone(tmp_path, cluster):
    here = ground(tmp_path, {**leap(), f"{LEAP}/cluster.yaml": cluster})

    with pytest.raises(HubctlError) as refused:
        listing_of(found(here), here)
    assert refused.value.code == "unsafe-edit"
    assert refused.value.message == (
        f"`{LEAP}/cluster.yaml` has no `helm_chart_values_files` of leap/prod that can be edited"
    )


BASE = Hub("leap", "prod", "", "basehub", "prod", ())
DASK = Hub("leap", "prod", "", "daskhub", "prod", (), prefix=("basehub",))
DEEP = Hub("leap", "prod", "", "outer", "prod", (), prefix=("inner", "basehub"))


@pytest.mark.parametrize(
    ("text", "one", "keys"),
    [
        ("a.b", BASE, ("a", "b")),
        ('a["k.ey"].b', BASE, ("a", "k.ey", "b")),
        ("jupyterhub.x", DASK, ("basehub", "jupyterhub", "x")),
        ("basehub.jupyterhub.x", DASK, ("basehub", "jupyterhub", "x")),
        ("basehub.basehub.x", DASK, ("basehub", "basehub", "x")),
        ("x.basehub", DASK, ("basehub", "x", "basehub")),
        ("x.basehub", BASE, ("x", "basehub")),
        ("x", DEEP, ("inner", "basehub", "x")),
        ("basehub.x", DEEP, ("inner", "basehub", "x")),
        ("inner.basehub.x", DEEP, ("inner", "basehub", "x")),
        (".".join("a" * 64), BASE, tuple("a" * 64)),
        ('a["b=\\"c"].d', BASE, ("a", 'b="c', "d")),
    ],
)
def test_a_key_path_has_the_prefix_of_the_chart_once(text, one, keys):
    assert keys_of(text, one) == keys


@pytest.mark.parametrize(
    ("text", "one", "message"),
    [
        ("a[0]", BASE, "a key path of a secret goes through keys alone, not through lists: `a[0]`"),
        ("a[slug=x].b", BASE, "a key path of a secret goes through keys alone, not through lists: `a[slug=x].b`"),
        ("a..b", BASE, "not a key path: `a..b`"),
        ("", BASE, "not a key path: ``"),
        (".".join("a" * 65), BASE, "a key path has at most 64 keys"),
        (".".join("a" * 64), DASK, "a key path has at most 64 keys"),
        ('a[""]', BASE, 'a key that YAML reads as something else: `a[""]`'),
        ("a.b=canary", BASE, "a value never stands on the command line, where others see it: type it or pipe it"),
        ('a.b="can ary"', BASE, "a value never stands on the command line, where others see it: type it or pipe it"),
        ("a.<<", BASE, "a key that YAML reads as something else: `a.<<`"),
        ("basehub", DASK, "a key path goes on behind the chart's prefix: `basehub`"),
        ("basehub.a", BASE, "the chart `basehub` of leap/prod reads nothing below `basehub`"),
        ("basehub", BASE, "the chart `basehub` of leap/prod reads nothing below `basehub`"),
    ],
)
def test_a_key_path_that_leads_nowhere_is_refused(text, one, message):
    with pytest.raises(HubctlError) as refused:
        keys_of(text, one)

    assert refused.value.message == message


def refusal(folder: Path, files: Mapping[str, str], *names: str) -> tuple[str, str]:
    with pytest.raises(HubctlError) as refused:
        found(ground(folder, files, *names))
    return refused.value.code, refused.value.message


@pytest.mark.parametrize(
    ("files", "code", "message"),
    [
        (leap(PROD, PROD), "ambiguous-hub", f"`{LEAP}/cluster.yaml` has two hubs called `prod`, at lines 3 and 10"),
        (
            leap(hub("prod", chart="mine")),
            "unknown-chart",
            "nobody knows how the chart `mine` of leap/prod reads its values",
        ),
        (
            leap(hub("prod", chart="mine")) | {"helm-charts/mine/Chart.yaml": "{"},
            "unreadable",
            "not valid YAML",
        ),
        (
            leap(hub("prod", "../../../../out.values.yaml")),
            "unreadable",
            "leads out of the repository: `../../../../out.values.yaml`",
        ),
        (
            leap(BOTH, common=secret("jupyterhub.hub.key"), prod="jupyterhub: {hub: {key: clear}}\n"),
            "unreadable",
            "cannot tell whether this file has `jupyterhub.hub.key`: 1 value in clear",
        ),
        (
            leap(BOTH, common="{", prod=secret("other")),
            "unreadable",
            "cannot tell whether this file has `jupyterhub.hub.key`: not valid YAML",
        ),
        (
            leap(BOTH, prod=secret("jupyterhub.hub.key.deeper")),
            "collection",
            f"`{LEAP}/enc-prod.secret.values.yaml`: a mapping stands at `jupyterhub.hub.key`: it is no value",
        ),
        (
            leap(BOTH, prod=secret("jupyterhub.hub")),
            "collection",
            f"`{LEAP}/enc-prod.secret.values.yaml`: a value stands at `jupyterhub.hub`: nothing can be stored below it",
        ),
        (leap(hub("staging")), "no-such-hub", "no such hub in cluster `leap`: `prod`"),
        ({**leap(), f"{LEAP}/cluster.yaml": "hubs: {"}, "unreadable", "not valid YAML"),
    ],
    ids=[
        "two hubs of one name",
        "an unknown chart",
        "a broken chart",
        "a file outside",
        "a later file in clear",
        "an earlier file that is broken",
        "a mapping in its place",
        "a value above it",
        "no such hub",
        "a broken cluster",
    ],
)
def test_what_nobody_can_tell_is_refused(tmp_path, files, code, message):
    told_code, said = refusal(tmp_path, files)

    assert (told_code, said[: len(message)]) == (code, message)


def test_a_broken_file_that_cannot_matter_is_no_hindrance(tmp_path):
    place = found(ground(tmp_path, leap(BOTH, common="{", prod=secret("jupyterhub.hub.key"))))

    assert (place.file, place.there, place.others) == (f"{LEAP}/enc-prod.secret.values.yaml", True, ())


@pytest.mark.parametrize(
    ("other", "code", "message"),
    [
        (
            hub("staging", "enc-common.secret.values.yaml", chart="daskhub"),
            "unsafe-edit",
            (
                f"`{LEAP}/enc-common.secret.values.yaml` feeds leap/prod (basehub) and leap/staging (daskhub), "
                "which read different keys"
            ),
        ),
        (
            hub("staging", "enc-common.secret.values.yaml", chart="mine"),
            "unknown-chart",
            "nobody knows how the chart `mine` of leap/staging reads its values",
        ),
    ],
)
def test_a_file_that_hubs_read_in_two_ways_is_refused(tmp_path, other, code, message):
    here = ground(tmp_path, leap(other, PROD, common=secret("jupyterhub.hub.key")))

    with pytest.raises(HubctlError) as refused:
        refuse_shared(found(here), here.hub, here.fleet)
    assert (refused.value.code, refused.value.message) == (code, message)


def test_a_file_that_hubs_of_one_chart_share_is_none_of_these(tmp_path):
    here = ground(
        tmp_path, leap(hub("staging", "enc-common.secret.values.yaml"), PROD, common=secret("jupyterhub.hub.key"))
    )

    refuse_shared(found(here), here.hub, here.fleet)


def test_a_chart_of_the_repository_says_its_own_prefix(tmp_path):
    charts = {
        "helm-charts/mine/Chart.yaml": "dependencies:\n- {name: basehub, repository: file://../basehub}\n",
        "helm-charts/basehub/Chart.yaml": "dependencies:\n- {name: jupyterhub, repository: https://example.org}\n",
    }
    here = ground(tmp_path, leap(hub("prod", chart="mine")) | charts)

    assert keys_of("jupyterhub.x", here.hub) == ("basehub", "jupyterhub", "x")


def test_the_own_file_lies_beside_its_cluster():
    cluster = Cluster("leap", "some/where", "some/where/cluster.yaml", ())

    assert own_file(BASE, cluster) == "some/where/enc-prod.secret.values.yaml"
    assert own_file(BASE, Cluster("leap", "", "cluster.yaml", ())) == "enc-prod.secret.values.yaml"


def test_through_a_link_nothing_is_written(tmp_path):
    files = leap(hub("prod", "prod.values.yaml"))
    here = ground(tmp_path, files)
    cluster = tmp_path / LEAP / "cluster.yaml"
    cluster.rename(tmp_path / "elsewhere.yaml")
    cluster.symlink_to(tmp_path / "elsewhere.yaml")
    linked = tmp_path / LEAP / "enc-prod.secret.values.yaml"
    linked.symlink_to(tmp_path / "nowhere.yaml")

    with pytest.raises(HubctlError, match=r"cluster\.yaml` is a link, or below one"):
        listing_of(found(here), here)
    with pytest.raises(HubctlError, match=r"enc-prod\.secret\.values\.yaml` is a link, or below one"):
        refuse_place(found(ground_of(WorkTree(tmp_path), "leap", "prod")), here)


def test_another_cluster_that_cannot_be_read_is_no_hindrance(tmp_path):
    files = leap(hub("prod", "prod.values.yaml"))
    (tmp_path / "config/clusters/broken").mkdir(parents=True)
    (tmp_path / "config/clusters/broken/cluster.yaml").symlink_to("/etc/hostname")

    assert told(found(ground(tmp_path, files))) == ("enc-prod.secret.values.yaml", False, False, ("leap/prod",))


def test_the_own_file_may_be_listed_among_hubs_that_are_none(tmp_path):
    cluster = "hubs:\n- just a text\n- {name: Nobody}\n" + hub("prod", "prod.values.yaml")
    here = ground(tmp_path, {**leap(), f"{LEAP}/cluster.yaml": cluster})

    assert listing_of(found(here), here)[0].after == cluster.encode() + b"  - enc-prod.secret.values.yaml\n"
