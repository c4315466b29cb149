import pytest

from analysis.coding.lexicon import _factor_term, _split_wildcards, expand_term, parse_phrase
from analysis.errors import CaodianError


@pytest.mark.parametrize(
    ("term", "wordings"),
    [
        ("坏了", ["坏了"]),
        ("退(款|货)", ["退款", "退货"]),
        ("退(款|(旧|新)货)", ["退款", "退旧货", "退新货"]),
        ("[太好]坑", ["太坑", "好坑"]),
        ("坏了?", ["坏了", "坏"]),
    ],
)
def test_terms_expand(term, wordings):
    assert expand_term(term) == wordings


@pytest.mark.parametrize("term", ["退(款", "坑)", "[坑", "了?"])
def test_broken_terms_raise(term):
    with pytest.raises(CaodianError):
        expand_term(term)


def test_large_terms_are_matched_in_parts():
    term = "(一|二|三|四|五|六|七|八)(甲|乙|丙|丁|戊|己|庚|辛)(子|丑|寅|卯|辰|巳|午|未)"
    assert " ~0 " in _factor_term(term)


def test_dots_become_gaps():
    assert _split_wildcards("问.?.?没人") == "问 ~2 没人"


def test_phrase_needs_gaps_between_parts():
    with pytest.raises(CaodianError):
        parse_phrase("{refusal} 退款")
