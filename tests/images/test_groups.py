"""Images of one group move together, or not at all."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubctl.commands.choosing import Query, choose_all
from hubctl.errors import Unparseable
from hubctl.images.choice import Keep, Policy, Take, Unknown
from hubctl.images.choose import Question
from hubctl.images.facts import Listing, NoAnswer
from hubctl.images.groups import Group, groups_of
from hubctl.images.reference import ImageName
from hubctl.settings import GroupEntry
from tests.images.simulated import DENIED, DOWN, GONE, NO_IMAGE, NOW, Pushed, Simulated, outcome, tags

BASE, R, GEO = (ImageName(f"quay.io/acme/{name}") for name in ("base", "r", "geo"))
STACK = Group(("stack",), (BASE, GEO, R))
OLD, NEW, NEWER = "2026.01.01", "2026.06.04", "2026.07.01"
YOUNG = Policy(minimum_age=dt.timedelta(days=30))


@dataclass
class World:
    """Registries by image name; a NoAnswer is one whose list cannot be got."""

    registries: dict[ImageName, Simulated | NoAnswer]
    asked: list[str] = field(default_factory=list)

    def listings(self) -> dict[str, Listing | NoAnswer]:
        return {
            name.key: registry if isinstance(registry, NoAnswer) else registry.listing()
            for name, registry in self.registries.items()
        }

    def _found(self, name, tag):
        return next((each for each in self.registries[name].pushed if each.tag == tag), None)

    def digests_of(self, pairs):
        found = {pair: self._found(*pair) for pair in pairs}
        return {pair: (each.head or each.digest) if each else GONE for pair, each in found.items()}

    def inspect_all(self, pairs):
        found = {pair: self._found(*pair) for pair in pairs}
        return {pair: each.image() if each else GONE for pair, each in found.items()}

    def history_of(self, pairs):
        return dict.fromkeys(pairs, ())

    def choose(self, *places, groups=(STACK,)):
        """Return what is chosen for places given as (image, tag) or (image, tag, policy)."""
        queries = [query(*place) for place in places]
        chosen = choose_all(queries, self.listings(), self, NOW, groups)
        return [chosen[each] for each in queries]

    def outcomes(self, *places, groups=(STACK,)):
        return [outcome(answer) for answer in self.choose(*places, groups=groups)]


def written(*texts):
    return tuple(GroupEntry(text) for text in texts)


def query(name, tag, policy=None, *, pin=False):
    return Query(name, Question(name.key, tag, None, policy or Policy(), pin=pin))


def world(base, geo, r, source="quay"):
    def made(pushed):
        return pushed if isinstance(pushed, NoAnswer) else Simulated(list(pushed), source)

    return World({BASE: made(base), GEO: made(geo), R: made(r)})


# Who belongs to a group


def test_members_are_all_images_in_use_that_match_and_all_that_are_named():
    used = [ImageName(text) for text in ("quay.io/acme/r", "quay.io/acme/base", "jupyter/base", "ghcr.io/x/y")]

    assert groups_of(
        {"stack": written("quay.io/acme/*", "docker.io/jupyter/base", "ghcr.io/un/used"), "none": written("z*")}, used
    ) == (
        Group(
            ("stack",),
            tuple(
                ImageName(text) for text in ("jupyter/base", "ghcr.io/un/used", "quay.io/acme/base", "quay.io/acme/r")
            ),
        ),
        Group(("none",), ()),
    )


def test_groups_that_share_an_image_are_one():
    entries = {"a": written("x.io/a", "x.io/b"), "c": written("x.io/c"), "b": written("x.io/b", "x.io/d")}

    groups = groups_of(entries, [])

    assert [(group.names, [str(member) for member in group.members], str(group)) for group in groups] == [
        (("c",), ["x.io/c"], "group `c`"),
        (("a", "b"), ["x.io/a", "x.io/b", "x.io/d"], "groups `a`, `b`"),
    ]


@pytest.mark.parametrize("text", ["quay.io/acme/base:1", "", "Capital/x", "https://quay.io/x", "a b"])
def test_a_member_that_is_no_image_name_is_refused(text):
    with pytest.raises(Unparseable, match="not an image name in the group `stack`") as refused:
        groups_of({"stack": (GroupEntry(text, "hubctl.yaml", 7),)}, [])
    assert (refused.value.file, refused.value.line, refused.value.code) == ("hubctl.yaml", 7, "bad-settings")


# Which tags they take


@pytest.mark.parametrize("source", ["oci", "quay"])
def test_a_tag_is_taken_where_every_member_has_it(source):
    full = tags(OLD, NEW, NEWER)
    here = world(full, tags(OLD, NEW), full, source)

    base, geo, r = here.choose((BASE, OLD), (GEO, OLD), (R, OLD))

    assert (base.tag, geo.tag, r.tag) == (NEW, NEW, NEW)
    missing = "not in every image of the group `stack`: missing in `quay.io/acme/geo`"
    assert {each.tag: each.lost for each in base.candidates} == {NEWER: missing, NEW: None}


def test_one_member_alone_is_held_back_by_the_others():
    here = world(tags(OLD, NEW, NEWER), tags(OLD), tags(OLD, NEW))

    (answer,) = here.choose((BASE, OLD))

    why = "not in every image of the group `stack`: missing in `quay.io/acme/geo`, `quay.io/acme/r`"
    assert (answer.code, answer.why) == ("group", f"`{NEWER}`: {why}")
    assert here.outcomes((BASE, OLD), groups=()) == [NEWER]


@pytest.mark.parametrize("failure", [DOWN, DENIED, NoAnswer("no-such-image", "404")])
def test_a_list_that_cannot_be_got_makes_every_member_unknown(failure):
    here = world(tags(OLD, NEW), failure, tags(OLD))

    answers = here.choose((BASE, OLD), (R, OLD), (GEO, OLD), (BASE, "latest"))

    why = f"group `stack`: the tags of `quay.io/acme/geo` could not be listed: {failure.why}"
    assert answers == [Unknown(failure.code, why)] * 4
    pinned = here.choose((BASE, OLD, Policy(kind="pin", reason="drivers")))
    assert pinned == [Keep("pinned", "drivers")]


@pytest.mark.parametrize(
    "bad",
    [
        Pushed(NEWER, platforms=("linux/arm64",)),
        Pushed(NEWER, inspect=GONE),
        Pushed(NEWER, expires="2026-09-01"),
        Pushed(NEWER, head=GONE),
    ],
)
@pytest.mark.parametrize("source", ["oci", "quay"])
def test_a_tag_that_one_member_drops_is_not_taken_by_the_others(bad, source):
    if source == "oci" and bad.expires:
        return
    if source == "quay" and bad.head:
        return
    full = tags(OLD, NEW, NEWER)
    here = world(full, [*tags(OLD, NEW), bad], full, source)

    assert here.outcomes((BASE, OLD), (GEO, OLD), (R, OLD)) == [NEW, NEW, NEW]
    (base, _) = here.choose((BASE, OLD), (GEO, OLD))
    assert base.candidates[0].tag == NEWER or base.candidates[1].tag == NEWER
    lost = {each.tag: each.lost for each in base.candidates}[NEWER]
    assert lost.startswith("group `stack`: `quay.io/acme/geo` does not take it: ")


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (Pushed(NEWER, platforms=("linux/arm64",)), "has no linux/amd64 image"),
        (Pushed(NEWER, inspect=GONE), "listed, but it no longer exists"),
        (Pushed(NEWER, inspect=NO_IMAGE), "an old schema"),
    ],
)
@pytest.mark.parametrize("place", [(), (GEO, OLD, Policy(kind="pin", reason="drivers"))])
def test_a_member_of_which_no_place_is_asked_about_is_looked_into(bad, why, place):
    full = tags(OLD, NEW, NEWER)
    here = world(full, [*tags(OLD, NEW), bad], full)

    base, *_ = here.choose((BASE, OLD), *([place] if place else []))

    assert base.tag == NEW
    assert base.candidates[1].lost == f"group `stack`: `quay.io/acme/geo` does not take it: {why}"


def test_a_member_of_which_no_place_is_asked_about_and_that_does_not_answer_is_unknown():
    full = tags(OLD, NEW)
    here = world(full, [Pushed(OLD), Pushed(NEW, inspect=DOWN)], full)

    base, r = here.choose((BASE, OLD), (R, NEW))

    assert base == Unknown("no-answer", f"group `stack`: could not tell about `quay.io/acme/geo`: `{NEW}`: {DOWN.why}")
    assert outcome(r) == "up-to-date"


def test_members_agree_after_each_dropped_another_tag():
    days = [f"2026.0{month}.01" for month in range(1, 8)]

    def without(*bad):
        return [Pushed(day, platforms=("linux/arm64",) if day in bad else ("linux/amd64",)) for day in days]

    here = world(without(days[6], days[3]), without(days[5]), without(days[4]))

    assert here.outcomes((BASE, OLD), (GEO, OLD), (R, OLD)) == [days[2]] * 3


def test_the_same_image_under_a_new_name_holds_nobody_back():
    here = world(tags(OLD, NEW), [Pushed(OLD, "x"), Pushed(NEW, "x")], tags(OLD, NEW))

    assert here.outcomes((BASE, OLD), (GEO, OLD), (R, OLD)) == [NEW, "same-digest", NEW]


def test_a_member_that_is_there_already_stays():
    here = world(tags(OLD, NEW), tags(OLD, NEW), tags(OLD, NEW))

    assert here.outcomes((BASE, OLD), (GEO, NEW)) == [NEW, "up-to-date"]


def test_a_tag_too_young_for_one_image_is_too_young_for_all():
    pushed = [Pushed(OLD, pushed="2026-01-01"), Pushed(NEW, pushed="2026-06-04"), Pushed(NEWER, pushed="2026-08-15")]
    here = world(pushed, pushed, pushed)

    assert here.outcomes((BASE, OLD), (GEO, OLD, YOUNG)) == [NEW, NEW]


def test_what_waits_in_production_may_move_in_staging():
    pushed = [Pushed(OLD, pushed="2026-01-01"), Pushed(NEW, pushed="2026-06-04"), Pushed(NEWER, pushed="2026-08-15")]
    here = world(pushed, pushed, pushed)
    staging, production = [(BASE, OLD), (GEO, OLD)], [(BASE, OLD, YOUNG), (GEO, OLD, YOUNG)]

    assert here.outcomes(*staging, *production) == [NEWER, NEWER, NEW, NEW]


def test_members_of_different_shapes_each_take_a_tag_that_all_have():
    commits = ["a" * 12, "b" * 12]

    def both(*names):
        return [Pushed(name, pushed=f"2026-0{number}-01") for number, name in enumerate(names, 1)]

    here = world(
        both(OLD, commits[0], NEW, commits[1]), both(commits[0], OLD, commits[1]), both(commits[0], commits[1])
    )

    assert here.outcomes((BASE, OLD), (GEO, commits[0]), (R, commits[0])) == ["group", commits[1], commits[1]]


def test_commit_tags_that_not_all_have_are_passed_over():
    old, new, newest = "f" * 12, "b" * 12, "a" * 12

    def made(*names):
        days = {old: "2026-01-01", new: "2026-02-01", newest: "2026-03-01", "latest": "2026-03-01"}
        return [Pushed(name, newest if name == "latest" else "", pushed=days[name]) for name in names]

    here = world(made(old, new, newest), made(old, new), made(old, new))
    assert here.outcomes((BASE, old), (GEO, old)) == [new, new]
    assert here.outcomes((BASE, new)) == ["group"]
    assert here.outcomes((BASE, newest)) == ["up-to-date"]
    older = world(made(old, new), made(new), made(new))
    assert older.outcomes((BASE, new)) == ["up-to-date"]


def test_a_moving_tag_whose_twin_not_all_have_leaves_only_builds_of_a_known_branch():
    old, new, newest = "f" * 12, "b" * 12, "a" * 12

    def made(branch, *names):
        days = {old: "2026-01-01", new: "2026-02-01", newest: "2026-03-01", "latest": "2026-03-01"}
        return [Pushed(name, newest if name == "latest" else "", pushed=days[name], branch=branch) for name in names]

    for branch, chosen in (("refs/heads/main", new), (None, "ambiguous")):
        here = world(made(branch, old, new, newest, "latest"), made(branch, old, new, "latest"), made(branch, old, new))
        assert here.outcomes((BASE, old)) == [chosen]


def test_a_twin_is_written_where_every_member_has_it():
    def made(*names):
        return [Pushed(name, "x") for name in names]

    here = world(made("latest", NEW, NEWER), made("latest", NEW), made(NEW))
    queries = [query(BASE, "latest", pin=True), query(GEO, "latest", pin=True)]
    chosen = choose_all(queries, here.listings(), here, NOW, [STACK])
    assert [outcome(chosen[each]) for each in queries] == [NEW, NEW]

    bare = world(made("latest", NEW), made("latest"), made("latest"))
    chosen = choose_all(queries[:1], bare.listings(), bare, NOW, [STACK])
    missing = "missing in `quay.io/acme/geo`, `quay.io/acme/r`"
    assert (chosen[queries[0]].code, chosen[queries[0]].why) == (
        "group",
        f"`{NEW}`: not in every image of the group `stack`: {missing}",
    )


# --to


def test_a_named_tag_is_refused_where_a_member_lacks_it():
    here = world(tags(OLD, NEW), tags(OLD), tags(OLD, NEW))
    to = Policy(kind="to", tag=NEW)

    (answer,) = here.choose((BASE, OLD, to))

    assert (answer.code, answer.why) == (
        "group",
        f"`{NEW}`: not in every image of the group `stack`: missing in `quay.io/acme/geo`",
    )
    assert here.outcomes((GEO, OLD, to)) == ["no-such-tag"]


def test_a_named_tag_that_one_member_cannot_run_is_taken_by_none():
    here = world(tags(OLD, NEW), [Pushed(OLD), Pushed(NEW, platforms=("linux/arm64",))], tags(OLD, NEW))
    to = Policy(kind="to", tag=NEW)

    assert here.outcomes((BASE, OLD, to), (GEO, OLD, to), (R, OLD, to)) == ["group", "unconfirmed", "group"]
    assert here.outcomes((BASE, OLD, to)) == ["group"]


# Could not tell


def test_nobody_moves_beside_a_member_that_could_not_be_told():
    here = world(tags(OLD, NEW), [Pushed(OLD), Pushed(NEW, inspect=DOWN)], tags(OLD, NEW))

    base, geo, r = here.choose((BASE, OLD), (GEO, OLD), (R, NEW))

    assert geo == Unknown("no-answer", f"`{NEW}`: {DOWN.why}")
    assert base == Unknown("no-answer", f"group `stack`: could not tell about `quay.io/acme/geo`: {geo.why}")
    assert r.code == "up-to-date"


def test_other_images_are_not_held_back_by_a_group():
    here = world(tags(OLD, NEW), DOWN, tags(OLD, NEW))

    assert here.outcomes((BASE, OLD), (R, OLD), groups=[Group(("g",), (BASE, GEO))]) == ["no-answer", NEW]


def test_members_that_never_agree_end_without_a_change():
    days = [(dt.date(2020, 1, 1) + dt.timedelta(days=number)).strftime("%Y.%m.%d") for number in range(100)]
    even, odd = (
        [
            Pushed(day, platforms=("linux/amd64",) if number % 2 == rest else ("linux/arm64",))
            for number, day in enumerate(days)
        ]
        for rest in (0, 1)
    )
    here = World({BASE: Simulated(even, "quay"), GEO: Simulated(odd, "quay")})

    answers = here.choose((BASE, days[0]), (GEO, days[0]), groups=[Group(("g",), (BASE, GEO))])

    assert [answer.code for answer in answers] == ["group", "group"]


PUSHED = st.builds(
    Pushed,
    tag=st.just(""),
    content=st.sampled_from(["", "", "x"]),
    pushed=st.sampled_from([None, "2026-01-01", "2026-08-10"]),
    platforms=st.sampled_from([("linux/amd64",), ("linux/amd64",), ("linux/arm64",)]),
    inspect=st.sampled_from([None, None, None, GONE]),
)
DAYS = [f"2026.0{month}.01" for month in range(1, 9)]


@st.composite
def registries(draw):
    names = [OLD, *draw(st.lists(st.sampled_from(DAYS[1:]), unique=True))]
    return Simulated([replace(draw(PUSHED), tag=name) for name in names], draw(st.sampled_from(["oci", "quay"])))


@pytest.mark.slow
@settings(max_examples=100)
@given(registries(), registries(), registries(), st.sampled_from([Policy(), YOUNG]))
def test_whoever_moves_moves_to_one_tag_that_everybody_has(base, geo, r, policy):
    here = World({BASE: base, GEO: geo, R: r})
    places = [(name, OLD, policy) for name in (BASE, GEO, R)]

    answers = here.choose(*places)

    taken = {answer.tag for answer in answers if isinstance(answer, Take)}
    listed = [{each.tag for each in registry.pushed} for registry in (base, geo, r)]
    assert all(tag in tags for tag in taken for tags in listed)
    for answer, name in zip(answers, (BASE, GEO, R), strict=True):
        refused = {tag for tag, _ in getattr(answer, "refused", ())}
        others = {
            each.tag
            for each, who in zip(answers, (BASE, GEO, R), strict=True)
            if isinstance(each, Take) and who != name
        }
        assert not refused & others
    assert here.choose(*places) == answers
