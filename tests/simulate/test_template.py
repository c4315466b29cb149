"""Templates: what they read, what they refuse."""

import pytest

from analysis.errors import CaodianError
from analysis.simulate.grammar import _parse_template, fill


def first(_slot="") -> float:
    return 0.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("发货", "发货"),
        ("{快|慢}递", "快递"),
        ("等了<days>天", "等了[days]天"),
        ("{a{b|c}d|e}f", "abdf"),
        ("[怒]{！|。}", "[怒]！"),
        ("{|x}y", "y"),
        ("", ""),
        ("{<a>|b}", "[a]"),
    ],
)
def test_fills_with_the_first_choice(text, expected):
    assert fill(_parse_template(text), first, lambda slot: f"[{slot}]") == expected


def test_optional_words_are_mostly_there():
    template = _parse_template("{也|}")
    filled = [fill(template, lambda step=step: step / 60, str) for step in range(60)]
    assert filled.count("也") == 50


@pytest.mark.parametrize("text", ["{a|b", "a}b", "<slot", "{a|<b}"])
def test_refuses_what_does_not_close(text):
    with pytest.raises(CaodianError):
        _parse_template(text)
