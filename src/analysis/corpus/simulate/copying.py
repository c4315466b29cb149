"""Copies with small changes: campaigns, chains and floods."""

from __future__ import annotations

from dataclasses import replace

from analysis.corpus.simulate.draws import Draws
from analysis.corpus.simulate.grammar import Grammar
from analysis.corpus.simulate.spelling import scatter, slip
from analysis.corpus.simulate.strata import Stratum
from analysis.corpus.simulate.telling import Telling, named_in
from analysis.corpus.simulate.writing import Written

_MARKS = (("，", " "), ("。", "！"), ("，", ","), ("！", "!"), ("。", ""), ("？", "?"))


def vary(written: Written, stratum: Stratum, draws: Draws, grammar: Grammar) -> Written:
    """Return the text as the next one posts it; what it says stays the same.

    Floods of adverts scatter marks through the text; all others add a word before or after it,
    change the punctuation, or slip once.
    """
    if stratum.harmless == "advert" and not written.planted and draws.chance(0.12):
        return replace(written, text=scatter(written.text, draws))
    telling = Telling(draws, grammar, barred=("得物",) if stratum.is_negative else ())
    text = written.text
    form = draws.uniform()
    if form < 0.35:
        text = telling.say("copy_before") + text
    elif form < 0.65:
        text += telling.say("copy_after")
    if form > 0.55 and not written.planted:
        text = text.replace(*draws.pick(_MARKS))
        text = slip(text, draws) if draws.chance(0.3) else text
    text = telling.settle(text)
    platforms = named_in(text, list(dict.fromkeys([*written.platforms, *telling.named])))
    planted = [*written.planted, *telling.planted]
    return replace(written, text=text, platforms=platforms, planted=planted)
