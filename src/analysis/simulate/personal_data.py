"""Invented personal data, planted with their truth. No number here belongs to anybody we know."""

from __future__ import annotations

from analysis.simulate.days import Draws

KINDS = (
    "phone", "id_card", "bank_card", "order_no", "plate", "passport", "email", "wechat", "qq",
    "url", "handle", "address", "name",
)  # fmt: skip
_MOBILE = (
    "130",
    "135",
    "136",
    "137",
    "138",
    "139",
    "150",
    "151",
    "158",
    "166",
    "177",
    "186",
    "189",
)
_AREAS = ("110105", "310112", "330106", "420111", "440305", "510107", "370102", "210202", "610113")
_CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_HAN_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
_WIDE_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")


def phone(draws: Draws) -> str:
    """Return a mobile number in one of the forms in which people write it."""
    number = draws.pick(_MOBILE) + draws.digits(8)
    form = draws.uniform()
    if form < 0.70:
        return number
    if form < 0.80:
        return f"{number[:3]}-{number[3:7]}-{number[7:]}"
    if form < 0.90:
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    if form < 0.96:
        return number.translate(_WIDE_DIGITS)
    return number.translate(_HAN_DIGITS)


def id_card(draws: Draws) -> str:
    """Return a resident number with its right check character (ISO 7064 MOD 11-2)."""
    day = f"{draws.below(1960, 2004)}{draws.below(1, 13):02d}{draws.below(1, 29):02d}"
    body = draws.pick(_AREAS) + day + draws.digits(3)
    weighted = sum(int(digit) * weight for digit, weight in zip(body, _CHECK_WEIGHTS, strict=True))
    return body + "10X98765432"[weighted % 11]


def bank_card(draws: Draws) -> str:
    """Return a card number of 19 digits whose last digit is right (Luhn)."""
    body = draws.pick(("621700", "622848", "622202", "621226", "623058")) + draws.digits(12)
    doubled = [int(digit) * (2 if n % 2 == 0 else 1) for n, digit in enumerate(reversed(body))]
    number = body + str(-sum(value // 10 + value % 10 for value in doubled) % 10)
    if draws.chance(0.3):
        return " ".join(number[n : n + 4] for n in range(0, len(number), 4))
    return number


def order_no(draws: Draws) -> str:
    """Return an order number as shops print it."""
    form = draws.uniform()
    if form < 0.4:
        return "1" + draws.digits(17)
    if form < 0.7:
        return f"2006{draws.below(1, 21):02d}-{draws.digits(15)}"
    return draws.pick(("11", "12", "E2", "DD")) + draws.digits(10)


def plate(draws: Draws) -> str:
    """Return a car's number plate."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    return (
        draws.pick("京沪粤苏浙鲁川鄂豫冀")
        + draws.pick(letters)
        + draws.pick(letters)
        + draws.digits(4)
    )


def passport(draws: Draws) -> str:
    """Return a passport number."""
    return draws.pick("EG") + draws.digits(8)


def email(draws: Draws) -> str:
    """Return an e-mail address."""
    return (
        f"{_nick(draws)}@{draws.pick(('163.com', 'qq.com', '126.com', 'sina.cn', 'foxmail.com'))}"
    )


def wechat(draws: Draws) -> str:
    """Return a WeChat id."""
    return _nick(draws) + draws.pick(("", "_", "-")) + draws.digits(draws.below(2, 5))


def qq(draws: Draws) -> str:
    """Return a QQ number."""
    return str(draws.below(1, 10)) + draws.digits(draws.below(7, 10))


def url(draws: Draws) -> str:
    """Return a short link."""
    letters = "".join(draws.pick(_LETTERS + "ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(7))
    return (
        draws.pick(
            ("http://t.cn/A6", "https://t.cn/A6", "http://dwz.example/", "https://s.example.com/")
        )
        + letters
    )


def _nick(draws: Draws) -> str:
    syllables = (
        "xiao",
        "wang",
        "li",
        "mei",
        "yu",
        "chen",
        "dan",
        "jia",
        "hao",
        "lin",
        "qing",
        "tao",
        "fei",
    )
    return draws.pick(syllables) + draws.pick(syllables) + draws.digits(draws.below(0, 3))
