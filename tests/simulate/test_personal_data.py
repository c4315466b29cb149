"""Invented personal data have the shape and the check digits of real ones."""

import re

import pytest

from analysis.simulate import personal_data
from analysis.simulate.days import POSTS, Draws, generator

SHAPES = {
    "id_card": r"\d{17}[\dX]",
    "bank_card": r"(?:\d ?){19}",
    "order_no": r"[0-9A-Z-]{12,25}",
    "plate": r"[一-龥][A-Z]{2}\d{4}",
    "passport": r"[EG]\d{8}",
    "email": r"[a-z0-9]+@[a-z0-9]+\.(?:com|cn)",
    "wechat": r"[a-z0-9_-]{5,20}",
    "qq": r"[1-9]\d{7,9}",
    "url": r"https?://[\w./-]+",
}


def many(kind, number=200):
    draws = Draws(generator(5, POSTS, 1))
    return [getattr(personal_data, kind)(draws) for _ in range(number)]


@pytest.mark.parametrize("kind", SHAPES)
def test_shape(kind):
    assert all(re.fullmatch(SHAPES[kind], value) for value in many(kind))


def test_phone_forms():
    wide = str.maketrans("零一二三四五六七八九０１２３４５６７８９", "01234567890123456789")
    bare = [re.sub("[- ]", "", number.translate(wide)) for number in many("phone")]
    assert all(re.fullmatch(r"1[3-9]\d{9}", number) for number in bare)
    assert len({len(number) for number in many("phone")}) > 1


def test_id_cards_pass_their_check():
    for number in many("id_card"):
        total = sum(
            (10 if digit == "X" else int(digit)) * pow(2, 17 - place, 11)
            for place, digit in enumerate(number)
        )
        assert total % 11 == 1


def test_bank_cards_pass_luhn():
    for number in many("bank_card"):
        digits = [int(digit) for digit in number.replace(" ", "")]
        doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
        assert (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
