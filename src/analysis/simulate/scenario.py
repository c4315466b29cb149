"""A scenario: who speaks of which purchase, the same over all sentences of a post."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from analysis.simulate import personal_data
from analysis.simulate.days import Draws
from analysis.simulate.grammar import Grammar, Template, Wordings, fill

# Lowest and highest price of a kind of goods, yuan.
_GOODS = {
    "wear": (39, 699), "shoe": (89, 1899), "gadget": (59, 6999), "appliance": (99, 8999),
    "beauty": (29, 999), "baby": (29, 1299), "food": (15, 199), "fruit": (19, 129),
    "home": (19, 2999), "produce": (1, 15), "luxury": (399, 12999),
}  # fmt: skip
_ANY_GOODS = ("wear", "wear", "shoe", "gadget", "appliance", "beauty", "baby", "food", "home")
# Planted values stand as private-use letters until the writing is done, so nothing distorts them.
_FIRST_PLANT = 0xE000
# At difficulty 1, one post in four hides what it is about.
_HIDDEN_SHARE = 0.25
_WORDED = {"handle": "nickname", "address": "address_words", "name": "full_name"}

# Names that some wordings hold as they stand, beside the slot <plat>; 得物 is none of them, since
# 觉得物流 holds it too.
_BY_NAME = (
    "淘宝",
    "天猫",
    "京东",
    "拼多多",
    "抖音",
    "快手",
    "小红书",
    "微信",
    "微博",
    "闲鱼",
    "唯品会",
    "美团",
)


def named_in(text: str, named: list[str]) -> list[str]:
    """Return the platforms that a text names: through the slot, or by their plain name."""
    return named + [name for name in _BY_NAME if name in text and name not in named]


class Scenario:
    """The facts of one post, drawn when a sentence first needs them."""

    def __init__(
        self,
        draws: Draws,
        grammar: Grammar,
        *,
        difficulty: float = 1.0,
        platform: str | None = None,
        barred: tuple[str, ...] = (),
        register: str = "weibo",
    ) -> None:
        self.draws = draws
        self._uniform = draws.uniform
        self.grammar = grammar
        self.difficulty = difficulty
        self.register = register
        self._pools = grammar.register(register)
        self.platform = platform
        self.barred = barred
        self.named: list[str] = []
        self.planted: list[tuple[str, str]] = []
        self.is_hidden = False
        self._facts: dict[str, str] = {}
        self._letters: dict[str, str] = {}
        self._said: set[int] = set()
        self._kind = ""
        self._price = 0

    def pool(self, name: str) -> Wordings:
        """Return a pool in the post's register."""
        return self._pools[name]

    def say(self, pool: str) -> str:
        """Return one wording of a pool in the post's register."""
        wordings, uniform = self._pools[pool], self._uniform
        if wordings.mere:
            uniform()  # chooses the one template, which takes a draw as every choice does
            return wordings.mere[int(uniform() * len(wordings.mere))]
        if wordings.hidden:
            template = self._choose(wordings)
        else:
            template = wordings.open[int(uniform() * len(wordings.open))]
        return template.text or fill(template, uniform, self.value)

    def say_new(self, pool: str) -> str:
        """Return a wording that the post has not used yet, as far as the pool reaches."""
        wordings = self._pools[pool]
        for _ in range(4):
            template = self._choose(wordings)
            if id(template) not in self._said:
                break
        self._said.add(id(template))
        return fill(template, self._uniform, self.value)

    def value(self, slot: str) -> str:
        """Return what stands in a slot."""
        special = _SPECIAL.get(slot)
        return self.say(slot) if special is None else special(self)

    def plant(self, kind: str) -> str:
        """Invent a personal datum, remember it, and return the letter that stands for it.

        A post has one phone, one name and so on; only names of other writers and links differ.
        """
        if kind in self._letters:
            return self._letters[kind]
        if kind in _WORDED:
            found = self.say(_WORDED[kind])
        else:
            found = getattr(personal_data, kind)(self.draws)
        self.planted.append((kind, found))
        letter = chr(_FIRST_PLANT + len(self.planted) - 1)
        if kind == "handle":
            return "@" + letter
        if kind != "url":
            self._letters[kind] = letter
        return letter

    def settle(self, text: str) -> str:
        """Put the planted values where their letters stand."""
        for number, (_, found) in enumerate(self.planted):
            text = text.replace(chr(_FIRST_PLANT + number), found)
        return text

    def _choose(self, wordings: Wordings) -> Template:
        uniform, lines = self._uniform, wordings.open
        if wordings.hidden and (
            not lines or uniform() < min(0.95, _HIDDEN_SHARE * self.difficulty)
        ):
            self.is_hidden = True
            lines = wordings.hidden
        return lines[int(uniform() * len(lines))]

    def find_goods(self, slot: str) -> str:
        """Return goods of a kind, or with `item` those of the post."""
        if slot == "item" and self._kind:
            return self._facts["item"]
        self._kind = self.draws.pick(_ANY_GOODS) if slot == "item" else slot
        self._price = 0
        name = self.say(f"goods_{self._kind}")
        self._facts["item"] = name
        if self.draws.chance(0.4):
            return self.say(f"look_{self._kind}") + name
        return name

    def thing(self) -> str:
        """Return some other goods, beside those of the post."""
        return self.say("goods_" + self.draws.pick(_ANY_GOODS))

    def price(self) -> int:
        """Return the price of the goods in whole yuan."""
        if not self._price:
            low, high = _GOODS[self._kind or "wear"]
            value = low * (high / low) ** (self.draws.uniform() ** 1.3)
            self._price = max(low, int(value) if value < 30 else int(value / 10) * 10 + 9)
        return self._price

    def lower_price(self) -> int:
        """Return a price after a reduction, the same all through the post."""
        if "low" not in self._facts:
            price = self.price()
            self._facts["low"] = str(max(1, int(price * (0.55 + 0.38 * self.draws.uniform()))))
        return int(self._facts["low"])

    def kept(self, fact: str, make: Callable[[], str]) -> str:
        """Return a fact, made when it is first needed."""
        if fact not in self._facts:
            self._facts[fact] = make()
        return self._facts[fact]

    def name_platform(self) -> str:
        """Name the platform of the post by one of its names."""
        if self.platform is None:
            lines = self.grammar.wordings("platform_weights").open
            while True:
                chosen = str(self.draws.pick(lines)[0])
                if chosen not in self.barred:
                    break
            self.platform = chosen
        if self.platform not in self.named:
            self.named.append(self.platform)
        return self.say("alias_" + self.platform)


def _number(low: int, high: int) -> Callable[[Scenario], str]:
    return lambda scenario: str(scenario.draws.below(low, high))


_HAN = "零一两三四五六七八九"

_SLOTS: dict[str, Callable[[Scenario], str]] = {
    "plat": Scenario.name_platform,
    "thing": Scenario.thing,
    "price": lambda scenario: str(scenario.price()),
    "low": lambda scenario: str(scenario.lower_price()),
    "diff": lambda scenario: str(max(1, scenario.price() - scenario.lower_price())),
    "n": _number(2, 10),
    "nn": _number(10, 100),
    "nnn": _number(100, 1000),
    "han": lambda scenario: _HAN[scenario.draws.below(1, 10)],
    "percent": _number(5, 95),
    "day": _number(1, 21),
    "month": _number(1, 6),
    "hour": _number(7, 24),
    "minute": lambda scenario: f"{scenario.draws.below(0, 60):02d}",
    "days": lambda scenario: scenario.kept("days", lambda: str(scenario.draws.below(3, 26))),
    "host": lambda scenario: scenario.kept("host", lambda: scenario.say("host_name")),
    "shop": lambda scenario: scenario.kept("shop", lambda: scenario.say("shop_name")),
    "brand": lambda scenario: scenario.kept("brand", lambda: scenario.say("brand_name")),
    "city": lambda scenario: scenario.kept("city", lambda: scenario.say("city_name")),
}

# What is no pool of the grammar: facts of the post, goods, personal data.
_SPECIAL: dict[str, Callable[[Scenario], str]] = {
    **{kind: partial(Scenario.plant, kind=kind) for kind in personal_data.KINDS},
    **{kind: partial(Scenario.find_goods, slot=kind) for kind in (*_GOODS, "item")},
    **_SLOTS,
}
