"""Images that nobody pushes any more, and tags unlike all others of their image."""

from __future__ import annotations

import pytest

from hubctl.images.facts import Listing
from hubctl.images.health import lone_shape, replacement, silence
from hubctl.images.order import FROZEN_DOCKER_STACKS
from hubctl.images.reference import ImageName
from tests.images.simulated import DOWN, NOW, Pushed, Simulated

ACME = ImageName("quay.io/acme/base")


def listing(*rows):
    return Simulated([Pushed(*row) for row in rows], "quay").listing()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [("2025.01.01", "", "2025-01-01"), ("2025.02.01", "", "2025-02-02")],
            "the last push of `quay.io/acme/base` was on 2025-02-02, 564 days ago",
        ),
        ([("2026.02.01", "", "2026-02-22")], None),
        (
            [("2026.02.01", "", "2026-02-20")],
            "the last push of `quay.io/acme/base` was on 2026-02-20, 181 days ago",
        ),
        ([("2025.01.01", "", "2025-01-01"), ("2026.08.01", "", "2026-08-01")], None),
        # a date that is missing may be of today
        ([("2025.01.01", "", "2025-01-01"), ("latest", "", None)], None),
        ([], None),
        # an old image under a new name, and a signature, are no pushes
        (
            [
                ("2025.01.01", "x", "2025-01-01"),
                ("stable", "x", "2026-08-01"),
                (f"sha256-{'a' * 64}.sig", "", "2026-08-02"),
            ],
            "the last push of `quay.io/acme/base` was on 2025-01-01, 596 days ago",
        ),
    ],
)
def test_an_image_is_dead_half_a_year_after_its_last_push(rows, said):
    assert silence(ACME, listing(*rows), NOW) == said
    assert replacement(ACME) is None


def test_nothing_is_said_where_nothing_is_known():
    assert silence(ACME, DOWN, NOW) is None
    assert silence(ACME, None, NOW) is None
    assert silence(ACME, Listing((), "oci"), NOW) is None


@pytest.mark.parametrize("text", ["jupyter/base-notebook", "docker.io/jupyter/base-notebook"])
def test_docker_stacks_on_docker_hub_are_dead_by_their_name(text):
    name = ImageName(text)
    dated = listing(("2023-10-20", "", "2023-10-20"))

    assert silence(name, DOWN, NOW) == f"`{text}` gets no pushes: {FROZEN_DOCKER_STACKS}"
    assert silence(name, dated, NOW) == (
        f"the last push of `{text}` was on 2023-10-20, 1035 days ago: {FROZEN_DOCKER_STACKS}"
    )
    assert replacement(name) == "quay.io/jupyter/base-notebook"
    assert silence(ImageName("quay.io/jupyter/base-notebook"), DOWN, NOW) is None


@pytest.mark.parametrize(
    ("tag", "others", "shape"),
    [
        ("2026-06-04", ["2026.06.04", "2026.01.01", "2025.01.01"], "YYYY.MM.DD"),
        ("b9584f6", ["2026.06.04"] * 3, "YYYY.MM.DD"),
        ("2026.06.05", ["2026.06.04"] * 3, None),
        ("b9584f6", ["2026.06.04"] * 2, None),
        ("b9584f6", ["2026.06.04", "2026.06.04", "latest"], None),
        ("b9584f6", [], None),
        ("latest", ["2026.06.04"] * 3, "YYYY.MM.DD"),
        ("2026.06.04", ["latest", "main", "latest"], None),
        ("2026.06.04", ["8.0"] * 3, None),
        ("2026.06.04", ["gui-demo"] * 3, None),
    ],
)
def test_a_tag_is_odd_where_at_least_three_others_are_alike(tag, others, shape):
    found = lone_shape(tag, others)

    assert (str(found) if found else None) == shape
