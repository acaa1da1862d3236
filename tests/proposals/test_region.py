import pytest

from hubctl.proposals.identity import BEGIN, END
from hubctl.proposals.region import is_current, region, with_region

OLD = f"{BEGIN}\nold\n{END}"
NEW = f"{BEGIN}\nnew\n{END}\n"


@pytest.mark.parametrize(
    "body",
    ["", "mine", f"{BEGIN} only", f"only {END}", f"{END} turned {BEGIN}", OLD + OLD, f"{BEGIN}{OLD}", OLD + END],
)
def test_a_body_without_exactly_our_two_markers_is_left_alone(body):
    assert region(body) is None
    assert with_region(body, NEW) == body
    assert is_current(body, NEW)


def test_only_the_text_between_the_markers_is_replaced():
    assert with_region(f"Hello\r\n{OLD}\r\nBye", NEW) == f"Hello\r\n{BEGIN}\nnew\n{END}\r\nBye"


def test_line_ends_do_not_count():
    assert is_current(f"Hello\r\n{NEW}".replace("\n", "\r\n"), NEW)
    assert not is_current(OLD, NEW)


def test_nothing_is_replaced_by_a_text_without_markers():
    assert with_region(OLD, "new") == OLD
