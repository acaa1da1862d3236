"""A command line selects a cluster or a hub, and hears whom a change reaches beyond that."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubctl.errors import NotFound
from hubctl.fleet.model import Fleet
from hubctl.fleet.select import also_moves, part_of, select
from hubctl.rules import check
from tests.fleet.trees import CHARTS, cluster, fleet, hub, sites

IMAGE = "image: quay.io/a/b:1\n"
SHARED = "config/clusters/shared.yaml"


@pytest.fixture
def read(tmp_path: Path) -> Fleet:
    support = "support:\n  helm_chart_values_files: [support.yaml]\n"
    return fleet(
        tmp_path,
        {
            "config/clusters/leap/cluster.yaml": cluster(
                "leap",
                hub("staging", "../shared.yaml", "common.yaml", "gone.yaml"),
                hub("prod", "common.yaml", "prod.yaml"),
                support=support,
            ),
            "config/clusters/ridge/cluster.yaml": cluster("ridge", hub("prod", "../shared.yaml", "enc-a.yaml")),
            "config/clusters/broken/cluster.yaml": "hubs: {}\n",
            SHARED: IMAGE,
            **{f"config/clusters/leap/{name}.yaml": IMAGE for name in ("common", "prod", "support")},
            "config/clusters/leap/old.values.yaml": IMAGE,
            "config/clusters/ridge/old.values.yaml": IMAGE,
            **CHARTS,
        },
    )


def names(selected: object) -> list[str]:
    return sorted(site.file.removeprefix("config/clusters/") for site in selected)  # type: ignore[attr-defined] # sites


BASE = "helm-charts/basehub/values.yaml"


@pytest.mark.parametrize(
    ("selection", "charts", "files"),
    [
        ((None, None), False, [BASE, "leap/common.yaml", "leap/prod.yaml", "leap/support.yaml", "shared.yaml"]),
        (("leap", None), False, ["leap/common.yaml", "leap/prod.yaml", "leap/support.yaml", "shared.yaml"]),
        (("leap", "prod"), False, ["leap/common.yaml", "leap/prod.yaml"]),
        (("leap", "staging"), False, ["leap/common.yaml", "shared.yaml"]),
        (("ridge", None), False, ["shared.yaml"]),
        (("ridge", "prod"), True, [BASE, "shared.yaml"]),
        (("broken", None), True, []),
        (("broken", "any"), False, []),
    ],
)
def test_a_selection_takes_the_sites_in_files_that_feed_it(
    read: Fleet,
    selection: tuple[str | None, str | None],
    charts: bool,  # noqa: FBT001  # a column of the table
    files: list[str],
) -> None:
    assert names(select(read, sites(read), *selection, charts=charts)) == sorted(files)


@pytest.mark.parametrize(
    ("selection", "message", "hint", "code"),
    [
        (("laep", None), "no such cluster: `laep`", "did you mean `leap`?", "no-such-cluster"),
        (("zzz", "prod"), "no such cluster: `zzz`", "see `hubctl hub list` for all 2", "no-such-cluster"),
        (("../x", None), "no such cluster: `../x`", "see `hubctl hub list` for all 2", "no-such-cluster"),
        (("leap", "prd"), "no such hub in cluster `leap`: `prd`", "did you mean `prod`?", "no-such-hub"),
        (("ridge", "-x"), "no such hub in cluster `ridge`: `-x`", "there is `prod`", "no-such-hub"),
        (("a\x1b", None), "no such cluster: `a\\u001b`", "see `hubctl hub list` for all 2", "no-such-cluster"),
    ],
)
def test_an_unknown_name_is_told_with_its_near_names(
    read: Fleet, selection: tuple[str, str | None], message: str, hint: str, code: str
) -> None:
    with pytest.raises(NotFound) as caught:
        select(read, (), *selection)
    assert (caught.value.message, caught.value.hint, caught.value.code) == (message, hint, code)


@pytest.mark.parametrize(
    ("selection", "beyond"),
    [
        ((None, None), ()),
        (("leap", None), ("ridge/prod",)),
        (("leap", "prod"), ("leap/staging",)),
        (("leap", "staging"), ("leap/prod", "ridge/prod")),
        (("ridge", "prod"), ("leap/staging",)),
    ],
)
def test_what_a_change_reaches_beyond_the_selection_is_told(
    read: Fleet, selection: tuple[str | None, str | None], beyond: tuple[str, ...]
) -> None:
    assert also_moves(read, select(read, sites(read), *selection), *selection) == beyond


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        (
            (None, None),
            [
                ("broken/cluster.yaml", "unreadable"),
                ("leap/cluster.yaml", "missing-file"),
                ("leap/old.values.yaml", "unlisted-file"),
                ("ridge/cluster.yaml", "missing-file"),
                ("ridge/old.values.yaml", "unlisted-file"),
            ],
        ),
        (("leap", None), [("leap/cluster.yaml", "missing-file"), ("leap/old.values.yaml", "unlisted-file")]),
        (("leap", "staging"), [("leap/cluster.yaml", "missing-file")]),
        (("ridge", "prod"), [("ridge/cluster.yaml", "missing-file")]),
        (("broken", None), [("broken/cluster.yaml", "unreadable")]),
    ],
)
def test_only_the_problems_of_what_was_selected_are_told(
    read: Fleet, selection: tuple[str | None, str | None], found: list[tuple[str, str]]
) -> None:
    part = part_of(read, *selection)
    told = sorted((*part.problems, *check(part)))
    assert [(one.file.removeprefix("config/clusters/"), one.rule) for one in told] == found
    assert [one.fails for one in told] == [one.rule == "unreadable" for one in told]
