import pytest

from hubctl.errors import Unparseable
from hubctl.text.formatter import formatted

LONG = "x" * 300 + " " + "y" * 300


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n    b:\n        - x\n", "a:\n  b:\n  - x\n"),
        ('a: "x"\nb: "true"\nc: ""\n', "a: x\nb: 'true'\nc: ''\n"),
        (f"a: {LONG}\n", f"a: {LONG}\n"),
        ("# why\na: 1 # that\n", "# why\na: 1 # that\n"),
        ("a: |\n    x\n    y\n", "a: |\n  x\n  y\n"),
    ],
)
def test_a_text_is_laid_out_as_ruamelfmt_does(text: str, expected: str) -> None:
    assert formatted(text) == expected
    assert formatted(expected) == expected


@pytest.mark.parametrize("text", ["a: [canary", "a: canary\na: canary\n", 'a: "\\U00110000canary"'])
def test_what_is_not_yaml_is_refused_without_a_word_of_it(text: str) -> None:
    with pytest.raises(Unparseable) as caught:
        formatted(text)
    assert (str(caught.value), caught.value.__context__, caught.value.__cause__) == ("not valid YAML", None, None)
