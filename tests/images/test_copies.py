from __future__ import annotations

import textwrap

import pytest

from hubctl.images.copies import Copies, Move, copies_of, owner_of
from hubctl.images.sites import find_sites
from hubctl.text.edit import set_scalars
from hubctl.text.parse import parse


def moved(text: str, *tags: tuple[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the text with the copies of old tags moved, and the warnings; the images themselves stay."""
    data = textwrap.dedent(text).encode()
    news = dict(tags)
    moves = [Move(site, site.tag, news[site.tag]) for site in find_sites(data, "x") if site.tag in news]
    result = copies_of(parse(data), moves)
    return set_scalars(data, result.edits).decode(), result.warnings


def choice(words: str, old: str = "2025.01.10", new: str = "2026.02.11") -> tuple[str, tuple[str, ...]]:
    """Return the description of a choice after the move of its image's tag, and the warnings."""
    text = f"choices:\n  py:\n    description: '{words}'\n    kubespawner_override: {{image: 'a/b:{old}'}}\n"
    after, warnings = moved(text, (old, new))
    return after.split("description: '")[1].split("'\n")[0], warnings


def test_the_words_of_the_same_choice_move_and_no_others():
    text = """\
    profileList:
    - display_name: Small 2025.01.10
      slug: small-2025.01.10
      profile_options:
        image:
          choices:
            py:
              display_name: Python (2025.01.10)
              description: "a/b:2025.01.10, tested."  # 2025.01.10
              slug: py-2025.01.10
              kubespawner_override:
                image: a/b:2025.01.10
            r:
              display_name: R 2025.01.10
    """
    after, warnings = moved(text, ("2025.01.10", "2026.02.11"))
    expected = textwrap.dedent(text).replace("Python (2025.01.10)", "Python (2026.02.11)")
    assert after == expected.replace('"a/b:2025.01.10, tested."', '"a/b:2026.02.11, tested."')
    assert warnings == ()


def test_where_the_profile_overrides_the_image_its_own_words_move():
    text = """\
    profileList:
    - display_name: Small 2025.01.10
      slug: small
      description: |
        Packages of 2025.01.10.
        And more.
      kubespawner_override:
        image: a/b:2025.01.10
    """
    after, warnings = moved(text, ("2025.01.10", "2026.02.11"))
    dedented = textwrap.dedent(text)
    assert after == dedented.replace("Small 2025.01.10", "Small 2026.02.11").replace("of 2025.01.10", "of 2026.02.11")
    assert warnings == ()


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        (("profileList", 0, "kubespawner_override", "image"), ("profileList", 0)),
        (("a", "profile_list", "slug", "kubespawner_override", "image"), ("a", "profile_list", "slug")),
        (("profileList", 0, "image", "tag"), ("profileList", 0)),
        (("profileList", 0, "choices", "py", "x", "image"), ("profileList", 0, "choices", "py")),
        (("unlisted_choice", "kubespawner_override", "init_containers", 0, "image"), ("unlisted_choice",)),
        (("singleuser", "image", "tag"), None),
        (("choices", "image"), None),
        (("choices",), None),
    ],
)
def test_the_innermost_choice_or_profile_owns_a_place(path, owner):
    assert owner_of(path) == owner


@pytest.mark.parametrize(
    ("words", "old", "after"),
    [
        ("4.4", "4.4", "5.0"),
        ("R 4.4.", "4.4", "R 5.0."),
        ("R 4.4...", "4.4", "R 5.0..."),
        ("(4.4), 4.4; a/b:4.4", "4.4", "(5.0), 5.0; a/b:5.0"),
        ("4.4.1", "4.4", "4.4.1"),
        ("14.4", "4.4", "14.4"),
        ("v4.4", "4.4", "v4.4"),
        ("1.4.4", "4.4", "1.4.4"),
        ("4.4-cuda", "4.4", "4.4-cuda"),
        ("4.4_x \u00e94.4", "4.4", "4.4_x \u00e94.4"),
        ("4x4", "4.4", "4x4"),
        ("image ed76dadfea20", "ed76dadfea20", "image 5.0"),
        ("nothing", "4.4", "nothing"),
        ("Python latest", "latest", "Python 5.0"),
        ("MySQL 8 on 8 CPUs, 8GB, 8 cores", "8", "MySQL 5.0 on 8 CPUs, 8GB, 8 cores"),
        ("R 4.4 in 4.4 GiB", "4.4", "R 5.0 in 4.4 GiB"),
        ("R 4.4 Great", "4.4", "R 5.0 Great"),
    ],
)
def test_a_tag_moves_as_a_whole_word_only(words, old, after):
    assert choice(words, old, "5.0")[0] == after


@pytest.mark.parametrize(
    ("words", "tokens"),
    [
        ("base 2024.12.01", ["2024.12.01"]),
        ("since 2024-12-01, not 2024-12", ["2024-12-01", "2024-12"]),
        ("R 4.4 and Python v3.11.4rc1, R 4.4 again", ["4.4", "v3.11.4rc1"]),
        ("2025.01.10", []),
        ("(2025-01-10)", ["2025-01-10"]),
        ("~30.5 GB, 7.4GiB RAM, 1.5 CPUs, 0.5 cores, 99.5%, $1.25", []),
        ("Python 3, 100", []),
    ],
)
def test_other_versions_in_the_words_are_told(words, tokens):
    expected = tuple(f"`description` at line 3 also names `{token}`, left as it is" for token in tokens)
    assert choice(words)[1] == expected


@pytest.mark.parametrize(
    ("slug", "told"),
    [("", True), ("slug: ''", True), ("slug: small", False), ("slug: *slug", False)],
)
def test_a_profile_whose_slug_is_made_of_its_name_is_told(slug, told):
    text = f"""\
    x: &slug small
    profileList:
    - display_name: Small 2025.01.10
      kubespawner_override: {{image: 'a/b:2025.01.10'}}
      {slug}
    """
    after, warnings = moved(text, ("2025.01.10", "2026.02.11"))
    assert "Small 2026.02.11" in after
    told_so = "the profile at line 3 has no slug: its new display_name changes it, choices people saved are lost"
    assert warnings == ((told_so,) if told else ())


def test_a_profile_list_by_slug_needs_no_slug():
    text = """\
    profile_list:
      small:
        display_name: Small 2025.01.10
        kubespawner_override: {image: 'a/b:2025.01.10'}
    """
    assert moved(text, ("2025.01.10", "2026.02.11"))[1] == ()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("display_name: *words", "the value at line 4 is an alias"),
        ("display_name: !x 'R 4.4'", "the value at line 4 has a tag"),
        ("{display_name: a, display_name: R 4.4}", "a key occurs twice in the mapping at line 4"),
    ],
)
def test_words_that_may_not_be_edited_stay_and_are_told(words, reason):
    pairs = words.strip("{}").replace(", ", "\n    ")
    text = f"x: &words R 4.4\nchoices:\n  r:\n    {pairs}\n    kubespawner_override: {{image: 'a/b:4.4'}}\n"
    after, warnings = moved(text, ("4.4", "4.5"))
    assert after == text
    assert [warning.split(" ", 4)[4] for warning in warnings] == [f"was left as it is: {reason}", "still says `4.4`"]


def test_several_moves_of_one_choice_make_one_edit_of_its_words():
    text = """\
    choices:
      py:
        description: 1.0 with 2.0
        kubespawner_override:
          image: a/b:1.0
          init_containers: [{image: 'a/c:2.0'}]
    """
    after, warnings = moved(text, ("1.0", "2.0"), ("2.0", "3.0"))
    assert (after, warnings) == (textwrap.dedent(text).replace("1.0 with 2.0", "2.0 with 3.0"), ())


def test_one_old_tag_with_two_new_ones_moves_no_words():
    data = b"choices: {py: {description: R 4.4, image: 'a/b:4.4', init_containers: [{image: 'a/c:4.4'}]}}"
    first, second = find_sites(data, "x")
    result = copies_of(parse(data), [Move(first, "4.4", "4.5"), Move(second, "4.4", "4.6")])
    assert result == Copies((), ("`description` at line 1 still says `4.4`",))


def test_places_outside_of_profiles_and_moves_to_the_same_tag_have_no_copies():
    data = b"description: v1.0\nimage: a/b:v1.0\nchoices: {py: {description: [v1.0], image: 'a/b:v1.0'}}\n"
    outside, inside = find_sites(data, "x")
    assert copies_of(parse(data), [Move(outside, "v1.0", "v2.0")]) == Copies((), ())
    assert copies_of(parse(data), [Move(inside, "v1.0", "v1.0")]) == Copies((), ())
    assert copies_of(parse(data), [Move(inside, "v1.0", "v2.0")]) == Copies((), ())
