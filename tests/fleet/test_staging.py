"""What waits for staging, and what history says has been there long enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubctl.fleet.index import Index
from hubctl.fleet.staging import Place, Standing, Stay, Version, Wait, Written, standing, waits_of
from hubctl.images.reference import ImageName

from .trees import CHARTS, cluster, fleet, hub, sites

NOW = dt.datetime(2026, 6, 20, tzinfo=dt.UTC)
KEY = "quay.io/a/nb"
OLD, NEW, NEWER = "2026.05.01", "2026.05.20", "2026.06.04"
FOLDER = "config/clusters"


def on(day: int) -> dt.datetime:
    return dt.datetime(2026, 6, day, tzinfo=dt.UTC)


def states(*written: str) -> list[Version]:
    """States newest first: `18:TAG`, `18:` for nothing there, `18:TAG!` where history ends."""
    found = []
    for each in written:
        day, _, tag = each.partition(":")
        what = Written(tag.rstrip("!")) if tag.rstrip("!") else None
        found.append(Version(on(int(day)), what, edge=tag.endswith("!")))
    return found


@pytest.mark.parametrize(
    ("written", "soak", "soaked"),
    [
        ([f"17:{OLD}"], 3, OLD),
        ([f"18:{OLD}"], 3, None),
        ([f"18:{OLD}"], 0, OLD),
        ([f"25:{OLD}"], 0, OLD),  # a commit of the future, as clocks differ
        ([f"25:{OLD}"], 1, None),
        ([], 0, None),
        (["18:"], 0, None),
        ([f"19:{NEWER}", f"10:{NEW}", f"1:{OLD}"], 3, NEW),  # the newer one took its place after nine days
        ([f"19:{NEWER}", f"18:{NEW}", f"1:{OLD}"], 3, OLD),  # a day was too short
        ([f"19:{NEWER}", f"18:{NEWER}", f"10:{NEWER}"], 3, NEWER),  # other changes of the file do not matter
        ([f"19:{NEW}", "18:", f"1:{NEW}"], 3, None),  # taken away between
        ([f"10:{OLD}", f"5:{NEW}", f"1:{OLD}"], 3, OLD),  # taken back
        ([f"19:{OLD}", f"5:{NEW}", f"1:{OLD}"], 3, None),  # taken back a day ago: what was put back begins anew
        ([f"19:{OLD}", f"5:{NEW}"], 3, None),  # gone back to something older
        (["19:c0ffee3", "10:c0ffee2", "1:c0ffee1"], 3, "c0ffee2"),  # commits have no order but that of history
        (["19:c0ffee1", "10:c0ffee2", "1:c0ffee1"], 3, None),
        (["19:v1.0.0", f"10:{NEW}", f"1:{OLD}"], 3, NEW),  # tags of two shapes have none either
        (["19:c0ffee3", "10:c0ffee2", "5:c0ffee3", "1:c0ffee1"], 3, "c0ffee1"),
    ],
)
def test_what_has_stood_there_long_enough_has_soaked(written, soak, soaked):
    said = standing(states(*written), NOW, dt.timedelta(days=soak))
    assert (said.soaked and said.soaked.what, said.known) == (Written(soaked) if soaked else None, True)


@pytest.mark.parametrize(
    ("written", "known", "soaked"),
    [
        ([f"18:{OLD}!"], False, None),  # it may have stood there for years
        ([f"10:{OLD}!"], True, OLD),
        ([f"19:{NEW}", f"18:{OLD}!"], False, None),
        ([f"19:{NEW}", f"10:{OLD}!"], True, OLD),
        (["19:c0ffee2", "10:c0ffee1!"], False, None),  # whether it was taken back is not known
        (["18:!"], False, None),
    ],
)
def test_where_history_ends_too_early_nothing_is_told(written, known, soaked):
    said = standing(states(*written), NOW, dt.timedelta(days=3))
    assert (said.known, said.soaked and said.soaked.what) == (known, Written(soaked) if soaked else None)


def test_a_standing_says_since_when_and_reads_no_further_than_it_must():
    def counted() -> Iterator[Version]:
        yield from states(f"19:{NEWER}", f"10:{NEW}", f"9:{NEW}")
        raise AssertionError("read on")

    today = Stay(Written(NEWER), on(19))
    assert standing(counted(), NOW, dt.timedelta(days=3)) == Standing(today, Stay(Written(NEW), on(10), on(19)))


def image(tag: str = OLD, name: str = KEY) -> str:
    return f"singleuser:\n  image:\n    name: {name}\n    tag: {tag}\n"


def waits(tmp_path: Path, clusters: dict[str, dict[str, tuple[str, ...]]], files: dict[str, str]) -> dict[str, Wait]:
    """Return the waits of a fleet by file; `clusters` give the hubs with their files."""
    texts = {f"{FOLDER}/{name}": text for name, text in files.items()} | CHARTS
    for name, hubs in clusters.items():
        texts[f"{FOLDER}/{name}/cluster.yaml"] = cluster(name, *(hub(one, *own) for one, own in hubs.items()))
    read = fleet(tmp_path, texts)
    used = {site: (ImageName(site.image or ""),) for site in sites(read)}
    found = waits_of(Index(read), used, [site for site in used if site.image == KEY])
    return {site.file.removeprefix(f"{FOLDER}/"): wait for site, wait in found.items()}


def place(file: str) -> Place:
    return Place(f"{FOLDER}/{file}", "singleuser.image.tag", KEY)


TWO = {"staging": ("staging.yaml",), "prod": ("prod.yaml",)}


def test_production_waits_for_staging_of_its_own_cluster(tmp_path):
    files = {f"{name}/{stage}.yaml": image() for name in ("leap", "nasa") for stage in TWO}
    assert waits(tmp_path, {"leap": TWO, "nasa": TWO}, files) == {
        "leap/prod.yaml": Wait(("leap",), (place("leap/staging.yaml"),)),
        "nasa/prod.yaml": Wait(("nasa",), (place("nasa/staging.yaml"),)),
    }


def test_a_cluster_without_staging_of_this_image_waits_for_that_of_others(tmp_path):
    files = {"leap/staging.yaml": image(), "leap/prod.yaml": image(), "nasa/prod.yaml": image()}
    files["nasa/staging.yaml"] = image(name="quay.io/a/other")
    assert waits(tmp_path, {"leap": TWO, "nasa": TWO}, files)["nasa/prod.yaml"] == Wait(
        ("nasa",), (place("leap/staging.yaml"),)
    )


def test_where_no_staging_hub_has_the_image_there_is_nothing_to_wait_for(tmp_path):
    files = {"leap/staging.yaml": "a: 1\n", "leap/prod.yaml": image()}
    assert waits(tmp_path, {"leap": TWO}, files) == {"leap/prod.yaml": Wait(("leap",), ())}


def test_a_file_of_both_waits_for_one_of_staging_alone(tmp_path):
    both = {"staging": ("common.yaml",), "dask-staging": ("staging.yaml",), "prod": ("common.yaml",)}
    files = {"leap/common.yaml": image(), "leap/staging.yaml": image()}
    assert waits(tmp_path, {"leap": both}, files) == {
        "leap/common.yaml": Wait(("leap",), (place("leap/staging.yaml"),), both=True)
    }
    del both["dask-staging"]
    assert waits(tmp_path / "other", {"leap": both}, {"leap/common.yaml": image()}) == {
        "leap/common.yaml": Wait(("leap",), (), both=True)
    }


def test_a_place_that_production_overrides_is_stagings_own(tmp_path):
    hubs = {"staging": ("common.yaml",), "prod": ("common.yaml", "prod.yaml")}
    files = {"leap/common.yaml": image(), "leap/prod.yaml": image()}
    assert waits(tmp_path, {"leap": hubs}, files) == {
        "leap/prod.yaml": Wait(("leap",), (place("leap/common.yaml"),)),
    }
