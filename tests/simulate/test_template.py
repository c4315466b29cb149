"""Templates: what they read, what they refuse."""

import pytest

from analysis.errors import CaodianError
from analysis.simulate.days import COPIES, POSTS, Draws, Streams, generator
from analysis.simulate.grammar import Grammar, _parse_template, _pool, fill
from analysis.simulate.scenario import Scenario


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


@pytest.mark.parametrize("ahead", [1, 5, 80])
@pytest.mark.parametrize("purpose", [POSTS, COPIES])
def test_a_stream_has_the_draws_of_its_own_generator(purpose, ahead):
    streams = Streams(3, purpose, 19, ahead)
    first, second = streams.draws(7), streams.draws(8)  # both are open at once
    for place, stream in ((7, first), (8, second)):
        drawn = [stream.uniform() for _ in range(200)]
        assert drawn == generator(3, purpose, 19, place).random(200).tolist()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{a|b|c}"], "b"),  # one list of words: the line takes the first draw, the word the second
        (["{a|b|c}x"], "bx"),
        (["{a|b|{c|d}}"], "b"),
        (["a", "b", "{c|d}"], "a"),
        (["~x", "{a|b}"], "x"),  # a hidden line takes one more
        (["{a|}"], "a"),
    ],
)
def test_a_pool_says_by_one_draw_a_choice(lines, said):
    grammar = Grammar({"pool": _pool({"any": lines})})
    draws = Draws.of(iter([0.2, 0.4, 0.9, 0.9]))
    assert Scenario(draws, grammar).say("pool") == said
