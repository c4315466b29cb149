"""The evidence of names: the shipped weights byte for byte, and what is planted where."""

import random
from collections import Counter

import numpy as np
import pytest

from analysis.corpus.mask_addresses import _WEIGHTS as _ADDRESS_WEIGHTS
from analysis.corpus.mask_finders import bond_table, characters, number_characters, one_of, surnames
from analysis.corpus.mask_names import _WEIGHTS
from analysis.training.evidence import (
    SLOT,
    _Addresses,
    _alphabet,
    _firm_pairs,
    _listed,
    _mention,
    _Names,
    _News,
    _Places,
    _plant_address,
    train_addresses,
    train_names,
)

NEWS = _News(
    [f"记者{SLOT}报道"],
    [("王", "小明"), ("李", "娜")],
    Counter({"天气": 9, "了解": 9, "好": 9}),
)


@pytest.mark.training
def test_shipped_weights_are_rebuilt_byte_for_byte(tmp_path):
    train_names().save(tmp_path)
    assert (tmp_path / "names.npz").read_bytes() == _WEIGHTS.read_bytes()


def test_shipped_weights_are_small():
    assert _WEIGHTS.stat().st_size <= 150_000


def test_names_are_drawn_of_surnames_and_given_names_alike_for_the_same_seed():
    drawn = [_Names(NEWS, random.Random(5)).draw() for _ in range(2)]
    assert drawn[0] == drawn[1]
    names = _Names(NEWS, random.Random(5))
    many = [names.draw() for _ in range(500)]
    known = {*surnames(), *one_of("double_surnames").split("|")}
    assert all(name[0] in known or name[:2] in known for name in many)
    assert {len(name) for name in many} == {2, 3, 4}
    assert not any("了解" in name for name in many)  # 了 is in no given name


@pytest.mark.parametrize("text", ["店长说可以退", "他不接电话", "发货慢。质量差"])
def test_a_slot_stands_in_the_place_of_people_or_beside_them_and_the_rest_stays(text):
    places = _Places(random.Random(7))
    planted = [one for one in (places.plant(text, 1.0) for _ in range(200)) if one]
    assert all(SLOT in one for one in planted)
    kept = [one for one in planted if text[-3:] in one or text[:3] in one]
    assert len(kept) == len(planted)


def test_the_other_than_names_are_none():
    alphabet = number_characters(_alphabet(["王芳说王牌好"] * 9, NEWS.persons))
    bonds = bond_table(alphabet, *_firm_pairs(["王牌"] * 9, alphabet))
    names = _Names(NEWS, random.Random(5))
    _, held, cost, is_first = _listed(f"王牌{SLOT}说", 0.5, names, alphabet, bonds)
    assert held.sum() == 1
    assert is_first.sum() < len(held)  # 王牌 and what goes on behind it are one choice
    assert len(held) > 1
    assert (cost == 0.5).all()


def test_pairs_that_stand_together_by_chance_are_not_firm():
    texts = ["天气天气天气天气天气", *"天地气象"]
    alphabet = number_characters("天气地象")
    pairs, firm = _firm_pairs(texts * 40, alphabet)
    size = len(alphabet.flags)
    one, other = (int(alphabet.points[ord(part)]) for part in "天气")
    strengths = dict(zip(pairs.tolist(), firm.tolist(), strict=True))
    assert strengths.get(other * size + one, 0) <= strengths.get(one * size + other, 0) + 1
    assert (np.diff(pairs) > 0).all()


def test_never_given_characters_are_in_no_drawn_name_s_flags():
    alphabet = number_characters("王芳的")
    flags = alphabet.flags[alphabet.points[list(map(ord, "芳的"))]]
    assert flags.tolist() == [1, 0]
    assert "的" in characters("never_given")


@pytest.mark.training
def test_shipped_weights_of_addresses_are_rebuilt_byte_for_byte(tmp_path):
    train_addresses().save(tmp_path)
    assert (tmp_path / "addresses.npz").read_bytes() == _ADDRESS_WEIGHTS.read_bytes()


def test_a_planted_address_stands_where_it_is_said_to():
    rng = random.Random(3)
    addresses = _Addresses(["天山", "光明"], rng)
    planted = [_plant_address(addresses, ["发货慢,差评。"], ["没人管"], rng) for _ in range(300)]
    assert all(0 <= one.start < one.end <= len(one.text) for one in planted)
    assert not any("{" in one.text or "\x00" in one.text for one in planted)
    assert len({one.text[one.start : one.end] for one in planted}) > 250
    mentions = [_mention(addresses, ["没人管"], rng) for _ in range(300)]
    assert not any("{" in one for one in mentions)
