"""What a pull request says: facts of both images, whom it reaches, and a way back that works as printed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.forging import Scene, opened_scene, scene
from tests.cli.playground import COMMON, COMMON_FILE, DAY, FLEET
from tests.servers.tags import OCI_MANIFEST, Tag, sha256

SOURCE, REVISION = "org.opencontainers.image.source", "org.opencontainers.image.revision"
A, B = "a" * 40, "b" * 40
COMPARED, UNKNOWN = f"/compare/{A}...{B})", "- unknown: the image before could not be looked into\n"
SMALL = "quay.io/leap/small"
NOTEBOOK = "quay.io/leap/notebook"


@dataclass(frozen=True)
class Labelled(Tag):
    """A tag whose image says where it was built from, and is as large as wanted."""

    labels: tuple[tuple[str, str], ...] = ()
    size: int = 7

    @property
    def config(self) -> bytes:
        told = {"Labels": {"content": self.content, **dict(self.labels)}}
        return json.dumps({"os": "linux", "architecture": "amd64", "config": told}).encode()

    @property
    def manifest(self) -> bytes:
        described = {"digest": sha256(self.config), "size": len(self.config)}
        layers = [{"size": self.size}]
        return json.dumps(
            {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": described, "layers": layers}
        ).encode()

    @property
    def digest(self) -> str:
        return sha256(self.manifest)


@pytest.fixture
def offline(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        yield made


def built(name: str, revision: str, *, source: str = "https://github.com/leap/image", size: int = 7) -> Tag:
    return Labelled(name, f"{name} {revision}", DAY, labels=((SOURCE, source), (REVISION, revision)), size=size)


def printed(made: Scene, *words: str) -> str:
    done = made.run("bump-image", "leap", "--print-pr", *words)
    assert done.code == 0, done.err
    return done.out


def section(text: str, heading: str) -> list[str]:
    """Return the lines of a section, without blank ones."""
    return [line for line in text.split(f"**{heading}**\n", 1)[1].split("\n**", 1)[0].split("\n") if line]


def test_labels_of_both_images_give_a_link_and_sizes_are_compared(offline: Scene) -> None:
    offline.images[NOTEBOOK] = [built("2026.05.01", A, size=10**9), built("2026.06.04", B, size=11 * 10**8)]

    text = printed(offline, "--image", NOTEBOOK)

    link = f"[`{A[:12]}...{B[:12]}`](https://github.com/leap/image/compare/{A}...{B})"
    assert section(text, "Changes in the image") == [f"- `{NOTEBOOK}`: {link}, as the labels of both images claim"]
    assert "- ✓ size: 1.00 GB → 1.10 GB (+10%)\n" in text
    assert "| 1.00 GB → 1.10 GB |" in text


def test_an_inherited_revision_and_an_unknown_forge_are_no_link(offline: Scene) -> None:
    offline.images[NOTEBOOK] = [built("2026.05.01", A), built("2026.06.04", A)]
    offline.images[SMALL] = [
        built("2026.05.01", A, source="https://evil.example/x/y"),
        built("2026.06.02", B, source="https://evil.example/x/y"),
    ]

    text = printed(offline)

    assert section(text, "Changes in the image") == [
        f"- unknown: both images carry the same revision label, which a base image may have left there: `{NOTEBOOK}`",
        f"- unknown: the source label is no repository on github.com, gitlab.com or codeberg.org: `{SMALL}`",
    ]
    assert "evil.example" not in text


def test_an_image_without_labels_is_unknown_and_said(offline: Scene) -> None:
    text = printed(offline)

    assert section(text, "Changes in the image") == [
        f"- unknown: the image carries no source label: `{NOTEBOOK}`, `{SMALL}`"
    ]


def test_an_old_tag_that_is_gone_is_a_warning_and_no_failure(offline: Scene) -> None:
    offline.images[NOTEBOOK] = [built("2026.06.04", B)]

    text = printed(offline, "--image", NOTEBOOK)

    assert section(text, "Changes in the image") == ["- unknown: the image before could not be looked into"]
    assert section(text, "Warnings") == [
        f"- `{NOTEBOOK}`: ``the current tag `2026.05.01` is not in the registry's list: deleted, or a typing error``"
    ]


def test_an_image_before_that_cannot_be_read_keeps_nothing_from_being_proposed(offline: Scene) -> None:
    lost = Labelled("2026.05.01", "lost", DAY, gone=True)
    offline.images[NOTEBOOK] = [lost, built("2026.06.04", B)]

    text = printed(offline, "--image", NOTEBOOK)

    assert section(text, "Changes in the image") == ["- unknown: the image before could not be looked into"]
    assert f"- \N{EN DASH} size: not known of both images: `{NOTEBOOK}:2026.06.04`\n" in text


@pytest.mark.slow
def test_what_earlier_runs_kept_gives_the_same_text(offline: Scene) -> None:
    offline.images[NOTEBOOK] = [built("2026.05.01", A), built("2026.06.04", B)]

    first = printed(offline, "--image", NOTEBOOK)

    assert f"compare/{A}...{B}" in first
    assert printed(offline, "--image", NOTEBOOK) == first
    assert printed(offline, "--image", NOTEBOOK, "--offline") == first
    assert printed(offline, "--image", NOTEBOOK, "--no-cache") == first


def test_only_a_pull_request_asks_for_the_image_before(offline: Scene) -> None:
    old, new = built("2026.05.01", A), built("2026.06.04", B)
    offline.images[NOTEBOOK] = [old, new]

    def configs() -> list[str]:
        names = {sha256(old.config): "old", sha256(new.config): "new"}
        found = [asked.path.rpartition("/")[2] for asked in offline.playground.registry.log if "/blobs/" in asked.path]
        return [names[digest] for digest in found]

    offline.run("bump-image", "leap", "--image", NOTEBOOK, "--dry-run")
    assert configs() == ["new"]
    printed(offline, "--image", NOTEBOOK, "--no-cache")
    assert sorted(configs()) == ["new", "new", "old"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("written", "tags", "said"),
    [
        (f"2026.05.01@{built('2026.05.01', A).digest}", [built("2026.05.01", A), built("2026.06.04", B)], COMPARED),
        (
            f"2026.05.01@{built('x', A).digest}",
            [built("2026.05.01", B), built("x", A), built("2026.06.04", B)],
            COMPARED,
        ),
        (f"2026.05.01@sha256:{'0' * 64}", [built("2026.05.01", A), built("2026.06.04", B)], UNKNOWN),
        (f"main@{built('x', A).digest}", [built("main", B), built("x", A)], COMPARED),
    ],
)
def test_a_digest_written_beside_a_tag_is_the_image_that_is_compared(
    tmp_path: Path, written: str, tags: list[Tag], said: str
) -> None:
    text = COMMON.replace("tag: 2026.05.01", f"tag: {written}")
    with scene(tmp_path, {**FLEET, COMMON_FILE: text}) as made:
        made.images[NOTEBOOK] = tags
        body = printed(made, "--image", NOTEBOOK)
    assert [line for line in (COMPARED, UNKNOWN) if line in body] == [said]


@pytest.mark.slow
def test_files_default_choices_and_configurators_are_named(tmp_path: Path) -> None:
    fleet = dict(FLEET)
    fleet["config/clusters/leap/prod.values.yaml"] = (
        "jupyterhub:\n  custom: {jupyterhubConfigurator: {enabled: true}}\n"
        "  singleuser:\n    image: {name: quay.io/leap/notebook, tag: 2026.06.04}\n"
    )
    with scene(tmp_path, fleet) as made:
        text = printed(made)

    assert f"- `{COMMON_FILE}` feeds 2 hubs (1 staging, 1 prod); in 1 of them a later file overrides" in text
    assert "- `config/clusters/leap/staging.values.yaml` feeds 1 hub (1 staging, 0 prod)\n" in text
    assert section(text, "Warnings") == [
        f"- `{SMALL}` is what people get who choose nothing: 1 default option of `profileList`",
        f"- `{NOTEBOOK}`: ``the configurator of `leap/prod` may override it: its admins set the image there``",
        f"- `{COMMON_FILE}`, line 5: a later file overrides it in `leap/prod`",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["merge", "squash", "rebase"])
def test_what_was_merged_is_undone_by_the_command_as_printed(tmp_path: Path, how: str) -> None:
    with opened_scene(tmp_path) as made:
        pull = made.forge.pulls[0]
        before = FLEET[COMMON_FILE]
        desk = made.clone("desk")
        if how == "squash":
            made.forge.merge(1)
            made.git("pull", "--quiet", at=desk)
        elif how == "rebase":
            made.git("commit", "--quiet", "--allow-empty", "--message", "Meanwhile", at=desk)
            made.git("cherry-pick", f"origin/{pull.head}", at=desk)
        else:
            words = ("--no-ff", "--message", f"Merge pull request #1 from acme/x\n\n{pull.title}")
            made.git("merge", "--quiet", *words, f"origin/{pull.head}", at=desk)
        path = desk / COMMON_FILE
        path.write_text(f"# later\n{path.read_text()}")
        made.git("commit", "--quiet", "--all", "--message", "Later", at=desk)
        made.git("push", "--quiet", str(made.forge.bare.path), "HEAD:main", at=desk)

        fresh = made.clone("fresh")
        assert "2026.06.04" in (fresh / COMMON_FILE).read_text()
        found = re.search(r"```sh\n(.*?)\n```", pull.body, re.DOTALL)
        assert found is not None
        script = made.folder / "roll-back"
        script.write_text(found[1])
        made.git("-c", f"alias.roll=!sh {script}", "roll", at=fresh)

        assert made.git("diff", "--name-only", "HEAD~1", at=fresh).splitlines() == [
            COMMON_FILE,
            "config/clusters/leap/staging.values.yaml",
        ]
        assert (fresh / COMMON_FILE).read_text() == f"# later\n{before}"
