"""What is kept of texts read lately."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from hubctl.text.recent import Recent


def asked(recent, *keys):
    """Ask for keys, each as large as it is long, and return those that had to be made."""
    made = []

    def make(key):
        made.append(key)
        return key.upper()

    assert [recent.recall(key, len(key), lambda key=key: make(key)) for key in keys] == [key.upper() for key in keys]
    return made


def test_a_value_is_made_once():
    assert asked(Recent(10), "abc", "de", "abc", "de") == ["abc", "de"]


def test_what_was_used_longest_ago_makes_room():
    recent = Recent(6)

    assert asked(recent, "abc", "de", "abc", "fg") == ["abc", "de", "fg"]
    assert asked(recent, "abc", "fg", "de") == ["de"]


def test_a_value_larger_than_the_limit_is_not_kept_and_drives_nothing_out():
    assert asked(Recent(4), "abc", "large", "abc", "large") == ["abc", "large", "large"]


def test_nothing_is_kept_of_a_failure():
    recent = Recent(4)

    with pytest.raises(ZeroDivisionError):
        recent.recall("a", 1, lambda: 1 / 0)

    assert recent.recall("a", 1, lambda: 2) == 2


def test_a_value_made_twice_at_once_counts_once():
    recent = Recent(4)

    assert recent.recall("abc", 3, lambda: recent.recall("abc", 3, lambda: "ABC")) == "ABC"
    assert asked(recent, "d", "abc") == ["d"]


def test_many_threads_get_the_values_of_their_keys():
    recent = Recent(50)
    keys = [str(number) for number in range(40)] * 50

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda key: recent.recall(key, 2, lambda: key), keys)) == keys
