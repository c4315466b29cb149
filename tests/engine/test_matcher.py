"""The matching kernel against a slow, readable reference on real wording and random text."""

import random
import re

import numpy as np
import polars as pl
import pytest

from analysis.coding.compiler import _fold_character, compile_lexicon
from analysis.coding.lexicon import GIVEN_CONCEPTS, Concept, Lexicon, Rule, expand_term
from analysis.engine.flat_columns import text_buffers
from analysis.engine.matcher import find_concepts

LEXICON = Lexicon(
    concepts={
        "negator": Concept(words=("不 没",)),
        "bad": Concept(words=("坏了? 烂",), excepted=("坏人",), negated="drop"),
        "refund": Concept(words=("退(款|货) 换",)),
        "refusal": Concept(words=("不给 拒绝",)),
        "refused": Concept(words=("{refusal} ~3 {refund}", "{refund} ~~4 拒")),
        "days": Concept(words=("#天",)),
        "site": Concept(words=("tb",)),
        "refund_there": Concept(words=("{refund} ~2 tb",)),
    },
    rules={"angry": Rule(needs=("bad", "refused days"), unless=("site",))},
)
NUMBER = re.compile(
    r"[0-9零一二两三四五六七八九十百千万亿几半*][0-9零一二两三四五六七八九十百千万亿几半*多来余.,]*"
)


ACROSS = Lexicon(
    concepts={
        "negator": Concept(words=("不",)),
        "refund": Concept(words=("退款",)),
        "refusal": Concept(words=("拒绝",)),
        "later": Concept(words=("{refund} ~~3 {refusal}",)),
        "soon": Concept(words=("{refund} ~3 {refusal}",)),
        "bad": Concept(words=("烂",), excepted=("真烂", "烂漫"), negated="drop"),
    },
    rules={},
)


def _found(texts, lexicon=LEXICON):
    tables, numbers = compile_lexicon(lexicon)
    names = {number: name for name, number in numbers.items()}
    buffers = text_buffers(pl.Series(texts, dtype=pl.String))
    given = np.full((len(texts), 1), -1, np.int32)
    shown = np.arange(tables.n_concepts) < tables.n_named
    starts, found = find_concepts(tables, buffers.data, buffers.offsets, given, shown)
    return [
        {names[c] for c in found[starts[i] : starts[i + 1]].tolist()} - set(GIVEN_CONCEPTS)
        for i in range(len(texts))
    ]


def _terms(text, concept):
    return {
        (m.start(), m.start() + len(wording))
        for term in LEXICON.concepts[concept].terms
        for wording in expand_term(term)
        for m in re.finditer(f"(?={re.escape(wording)})", text)
    }


def _reference(raw):
    """What the kernel must find in text of letters, written with loops and regular expressions."""
    text = "".join(_fold_character(c) for c in raw.replace(" ", ""))
    # Where a word begins behind a blank.
    begins = {len(raw[:i].replace(" ", "")) for i, c in enumerate(raw) if c == " "}
    sentence = [len(re.findall("[。!?;\n…]", text[:i])) for i in range(len(text) + 1)]
    negators = _terms(text, "negator")
    excepted = [m.span() for m in re.finditer("坏人", text)]

    def negated(start):
        return any(
            end <= start <= end + 2
            and "," not in text[end:start]
            and sentence[end - 1] == sentence[start]
            for _, end in negators
        )

    def inside(place):
        letters = re.match("[a-z]{2}", text[max(place - 1, 0) :])
        return place > 0 and place not in begins and letters is not None

    bad = {
        (s, e)
        for s, e in _terms(text, "bad")
        if not any(a <= s and e <= b for a, b in excepted) and not negated(s)
    }
    refunds, refusals = _terms(text, "refund"), _terms(text, "refusal")
    refused = any(
        e <= s and s - e <= 3 and sentence[e - 1] == sentence[s]
        for _, e in refusals
        for s, _ in refunds
    ) or any(0 <= m.start() - e <= 4 for _, e in refunds for m in re.finditer("拒", text))
    found = set()
    found |= {"negator"} if negators else set()
    found |= {"bad"} if bad else set()
    found |= {"refund"} if refunds else set()
    found |= {"refusal"} if refusals else set()
    found |= {"refused"} if refused else set()
    found |= (
        {"days"}
        if any(text[m.end() : m.end() + 1] == "天" for m in NUMBER.finditer(text))
        else set()
    )
    sites = {m.start() for m in re.finditer("tb", text) if not inside(m.start())}
    sites = {start for start in sites if not inside(start + 2)}
    found |= {"site"} if sites else set()
    found |= (
        {"refund_there"}
        if any(
            0 <= s - e <= 2 and sentence[e - 1] == sentence[s] for _, e in refunds for s in sites
        )
        else set()
    )
    if "bad" in found and found & {"refused", "days"} and "site" not in found:
        found.add("angry")
    return found


PIECES = [*"坏了烂人不没给退款货换拒绝三5天", "tb", "tbc", " ", " ", "，", "。", "啊", "某"]


def _is_found_as_the_reference_finds(seed, count):
    rng = random.Random(seed)
    texts = ["".join(rng.choice(PIECES) for _ in range(rng.randrange(12))) for _ in range(count)]
    for text, found in zip(texts, _found(texts), strict=True):
        assert found == _reference(text), text


def test_against_the_reference_on_some_random_text():
    _is_found_as_the_reference_finds(8, 400)


@pytest.mark.slow
def test_against_the_reference_on_random_text():
    _is_found_as_the_reference_finds(7, 3000)


def test_named_cases():
    cases = {
        "坏了": {"bad"},
        "不坏": {"negator"},
        "不，坏了": {"negator", "bad"},
        "坏人": set(),
        "等了十几天": {"days"},
        "坏🔥了": {"bad"},
        "用TB买": {"site"},
        "on TB now": {"site"},
        "on T B now": {"site"},
        "on·TB": {"site"},
        "TBC shop": set(),
        "shop ontb": set(),
        "退款 on tb": {"refund", "site", "refund_there"},
        "退款 tbs": {"refund"},
        "退款 atb": {"refund"},
        "": set(),
    }
    assert dict(zip(cases, _found(list(cases)), strict=True)) == cases


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("退款就拒绝", {"refund", "refusal", "later", "soon"}),
        ("退款。拒绝", {"refund", "refusal", "later"}),
        ("退款了也都拒绝", {"refund", "refusal", "later", "soon"}),
        ("退款了也都会拒绝", {"refund", "refusal"}),  # four between
        ("拒绝退款", {"refund", "refusal"}),
        ("烂", {"bad"}),
        ("真烂", set()),  # ends with what it excepts
        ("烂漫", set()),  # and begins with it
        ("真烂，烂", {"bad"}),
        ("不太会烂", {"negator"}),
        ("不太会就烂", {"negator", "bad"}),  # three between
        ("不会，烂", {"negator", "bad"}),
        ("不。烂", {"negator", "bad"}),
    ],
)
def test_what_stands_between_two_terms_is_counted(text, found):
    assert _found([text], ACROSS) == [found]
