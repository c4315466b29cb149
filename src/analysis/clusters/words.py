"""Words and phrases of Chinese posts: what texts are cut into, and what may name something.

The cut is that of jieba's dictionary (rjieba), to which come the names of platforms and the words
that the texts themselves show: neighbours that seldom stand apart and stand beside many others
(闪退). A term is a word of matter (noun, verb, adjective, by the dictionary) or two neighbours that
stand together beyond chance (安装费), whole on both sides: a piece of a longer fixed phrase always
has the same neighbour. No digit, mark or mask (【电话】) is of a word, no name of a person a term.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
import rjieba
from numpy.typing import NDArray
from scipy import sparse

from analysis.clusters.consensus import tell_bound
from analysis.clusters.terms import (
    Boilerplate,
    Matrix,
    find_boilerplate,
    find_fields,
    find_formal,
)
from analysis.coding.codebook import load_platforms
from analysis.sentiment.snownlp_tables import read_stop_words, snownlp_folder

_Places = NDArray[np.int64]
_Flags = NDArray[np.bool_]
_Floats = NDArray[np.float64]

_MASK = re.compile(r"【[^【】]{1,4}】")
_WORD = re.compile("[\u3400-\u9fff]+|[a-z]{2,}")
_CLAUSE = re.compile("[，。！？；、：,.!?;:~～…\\s]+")
_BATCH = 2_000  # texts that are cut at once: tokens of more fill the memory
_LONGEST_WORD, _LONGEST_PHRASE = 4, 6
_MOST_WORDS = 4_000
# A word that the dictionary lacks may be a name. Of its own words hardly more than a thousandth of
# the texts must hold one, in a small corpus too: four fifths of the texts then show nearly all.
_FEWEST_TEXTS_FOUND, _FEWEST_TEXTS = 5, 3
_MOST_COMMON = 0.5
# Normalised pointwise mutual information (Bouma 2009) of neighbours that are one word, one phrase.
_OF_WORD, _OF_PHRASE = 0.5, 0.2
# Least branching of a whole word on either side, 1 where no two neighbours are the same, and the
# least share of places where a phrase that ends in a single character ends a clause, too.
_LEAST_BRANCHING, _NEIGHBOURS, _OPEN_EDGE = 0.4, 30, 0.25
# Words are one where they stand apart in a fifth of their places at most; its own least branching.
_MOSTLY, _LEAST_OF_ONE = 0.8, 0.25
# What stands in a fixed company in half of its clauses (打断, 神奇) is small talk and no name.
_MOST_BOUND = 0.5
# Parts of speech, by their first letter: what names matter, and what carries only grammar.
_MATTER, _FORM = frozenset("nvailjbxz"), frozenset("ucpydrfqmeo")
_NOUNS = frozenset("nab")
_PERSON = "nr"
_NEGATIONS = frozenset("不没无未")
# Small words that the dictionary takes for matter.
_SMALL = frozenset(
    "是有来去到会要想说能得过给让叫做弄搞看上下好大小多少新老人家天次年月日里个您咱俺其此该不没无未非"
)
# Edges that a term does not share with the words about it: degree, number, aspect, mood.
_EDGES = re.compile("^[太很真更最挺超也就都还又您]|^[一二三两几半][^样]|[了的着吗呢吧啊呀哦啦]$")
_EMPTY = """
http https www com cn html
没有 知道 感觉 觉得 希望 东西 时候 可能 需要 起来 出来 下来 过来 回来 上去 下去 进去 看到 看看
说是 是不是 有没有 能不能 有点 不知 不想 无语 不能 不会 不要 不到 不了 不行 不好 应该 发现 大家
谢谢 请问 气死 哈哈 呵呵 说实话 没想到 没什么 差不多 还有 还要 只能 开始 选择 实在 好像 有人
结果 问题 情况 事情 地方 收到 相信 值得 只有 想到 以为 根本 一般 不同 重要 最好 最差 最大 所有
唯一 主要 整个 所谓 来看 那么 时间 小时 半小时 一共
"""


@dataclass(frozen=True)
class Cuts:
    """The words of texts, one behind the other."""

    words: list[str]  #: the distinct words, sorted
    number: _Places  #: of each token the place of its word in these
    texts: _Places  #: the text it stands in
    is_joined: _Flags  #: whether it stands directly behind the word before


@lru_cache(maxsize=4)
def _cutter(found: frozenset[str]) -> rjieba.Jieba:
    """Give jieba's segmenter, with the names of platforms and the words that were found."""
    cutter = rjieba.Jieba()
    for name in sorted(found | _platforms()):
        cutter.add_word(name, None, None)
    return cutter


@lru_cache(maxsize=1)
def _platforms() -> frozenset[str]:
    platforms = load_platforms()
    names = {*platforms, *(alias for one in platforms.values() for alias in one.aliases)}
    return frozenset(name.lower() for name in names if _WORD.fullmatch(name.lower()) and name[1:])


def cut_words(texts: Sequence[str], found: Collection[str] = ()) -> Cuts:
    """Cut texts into words; `found` are words that the dictionary lacks."""
    cutter = _cutter(frozenset(found))
    index: defaultdict[str, int] = defaultdict()
    index.default_factory = index.__len__
    parts, line = [np.zeros(0, np.int64)], index["\n"]
    for first in range(0, len(texts), _BATCH):
        plain = [_MASK.sub(" ", text.lower()) for text in texts[first : first + _BATCH]]
        whole = "\n".join(text.replace("\n", " ").replace("\r", " ") for text in plain)
        parts.append(np.array([index[word] for word in cutter.cut(whole + "\n", hmm=False)]))
    number = np.concatenate(parts)
    is_word = np.array([bool(_WORD.fullmatch(word)) for word in index], dtype=np.bool_)
    owner = np.cumsum(number == line) - (number == line)
    kept = is_word[number]
    joined = kept & np.concatenate([[False], kept[:-1]])
    words = sorted(word for word, known in zip(index, is_word, strict=True) if known)
    place = np.full(len(index), -1)
    place[[index[word] for word in words]] = np.arange(len(words))
    return Cuts(words, place[number[kept]], owner[kept], joined[kept])


def find_words(texts: Sequence[str], fewest: int | None = None) -> list[str]:
    """Find words of up to four characters that the dictionary lacks.

    Two neighbours, one of them a single character, are one word where they stand together far
    more often than by chance, in at least five texts and in changing company on either side.
    """
    cuts = cut_words(texts)
    kinds = _kinds(cuts.words)
    may_be = _are_signs(cuts.words, kinds)
    may_be |= np.array([word[1:] > "z" for word in cuts.words], dtype=np.bool_)
    may_be &= np.array([kind[0] in _MATTER for kind in kinds], dtype=np.bool_)
    is_name = np.array([kind == _PERSON for kind in kinds], dtype=np.bool_)
    # A single character makes a longer word another one (充电宝) where it is no verb (规格害…).
    is_single = np.array([len(word) == 1 for word in cuts.words], dtype=np.bool_)
    is_noun = np.array([kind[0] in _NOUNS for kind in kinds], dtype=np.bool_)
    pairs = _pair_up(cuts, may_be & ~is_name, may_be, _LONGEST_WORD)
    fewest = fewest or max(_FEWEST_TEXTS_FOUND, round(0.0005 * len(texts)))
    kept = (pairs.texts >= fewest) & (pairs.cohesion > _OF_WORD)
    alone, behind = is_single[pairs.one], is_single[pairs.other]
    kept &= alone & behind | alone & is_noun[pairs.one] | behind & is_noun[pairs.other]
    branching = _branches(
        pairs.place, pairs.ends - 1, pairs.ends, cuts, len(kept), are_words_free=True
    )
    kept &= branching >= _LEAST_BRANCHING
    return [one + other for one, other in pairs.spell(cuts, kept)]


def _kinds(words: Sequence[str]) -> list[str]:
    """Give the part of speech of each word by the dictionary; x where it holds none."""
    tagged = (rjieba.tag(word, hmm=False) if rjieba.has_word(word) else [] for word in words)
    return [told[0][1] if len(told) == 1 else "x" for told in tagged]


def _are_signs(words: Sequence[str], kinds: Sequence[str]) -> _Flags:
    """Tell which words are a single character of matter."""
    flags = [
        len(word) == 1 and word > "z" and kind[0] in _MATTER and word not in _SMALL
        for word, kind in zip(words, kinds, strict=True)
    ]
    return np.array(flags, dtype=np.bool_)


@dataclass(frozen=True)
class _Pairs:
    """Neighbours: of each pair its words, texts and cohesion; of each place pair and end."""

    one: _Places
    other: _Places
    texts: _Places
    cohesion: _Floats
    place: _Places
    ends: _Places

    def spell(self, cuts: Cuts, kept: _Flags) -> list[tuple[str, str]]:
        return [
            (cuts.words[one], cuts.words[other])
            for one, other in zip(self.one[kept], self.other[kept], strict=True)
        ]


def _pair_up(cuts: Cuts, before: _Flags, after: _Flags, longest: int) -> _Pairs:
    """List neighbours of such words, and how far beyond chance they stand together."""
    # A Latin word makes a phrase as long as one may be.
    size = np.array([len(w) if w[0] > "z" else longest for w in cuts.words], dtype=np.int64)
    ends = np.flatnonzero(cuts.is_joined)
    one, other = cuts.number[ends - 1], cuts.number[ends]
    ends = ends[before[one] & after[other] & (size[one] + size[other] <= longest)]
    pairs = cuts.number[ends - 1] * len(size) + cuts.number[ends]
    distinct, place, together = np.unique(pairs, return_inverse=True, return_counts=True)
    one, other = np.divmod(distinct, max(1, len(size)))
    counts, total = np.bincount(cuts.number, minlength=len(size)), len(cuts.number)
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = np.log(together * total / (counts[one] * counts[other]))
        cohesion = np.nan_to_num(chance / np.log(total / together))
    texts = _texts_with(place, cuts.texts[ends], len(distinct))
    return _Pairs(one, other, texts, cohesion, place, ends)


def _texts_with(number: _Places, texts: _Places, words: int) -> _Places:
    """Count the texts that hold each word."""
    pairs = np.unique(number * (texts.max(initial=0) + 1) + texts)
    return np.bincount(pairs // (texts.max(initial=0) + 1), minlength=words)


def _branches(
    what: _Places,
    first: _Places,
    last: _Places,
    cuts: Cuts,
    size: int,
    *,
    are_words_free: bool = False,
) -> _Floats:
    """Give the smaller entropy of the neighbours before and behind, as a share of the largest.

    The largest is that of as many neighbours as places, of thirty at most. The end of a run and a
    word of grammar are a neighbour like no other, and so is, if asked for, any longer word of the
    dictionary: where that begins, what stands before it ends.
    """
    is_form = np.array(
        [are_words_free if word[1:] else kind[0] in _FORM
         for word, kind in zip(cuts.words, _kinds(cuts.words), strict=True)], dtype=np.bool_,
    )  # fmt: skip
    joined, total = np.append(cuts.is_joined, False), np.bincount(what, minlength=size)
    smallest = np.ones(size)
    for at, is_near in ((first - 1, joined[first]), (last + 1, joined[last + 1])):
        beside = np.clip(at, 0, max(0, len(cuts.number) - 1))
        near = is_near & ~is_form[cuts.number[beside]]
        pairs = what[near] * len(is_form) + cuts.number[beside[near]]
        distinct, counts = np.unique(pairs, return_counts=True)
        spent = np.bincount(distinct // max(1, len(is_form)), counts * np.log(counts), size)
        entropy = np.log(np.maximum(total, 1)) - spent / np.maximum(total, 1)
        smallest = np.minimum(smallest, entropy / np.log(np.clip(total, 2, _NEIGHBOURS)))
    return smallest


@dataclass(frozen=True)
class Terms:
    """Words and phrases that may name something, and where they stand."""

    terms: list[str]
    rows: _Places  #: clause (or text) and term of each place
    columns: _Places
    whole: _Flags  #: of each term: a phrase, or a word, that stands in changing company
    may_name: _Flags  #: whether it is a whole phrase, or a word that is no piece of one
    parts: list[tuple[str, ...]]  #: the words that each is made of

    def held(self, size: int) -> Matrix:
        """Give texts × terms, 1 where a text holds a term."""
        return _mark(self.rows, self.columns, (size, len(self.terms)))


def list_terms(
    texts: Sequence[str], fewest: int = _FEWEST_TEXTS, *, cuts: Cuts | None = None,
    owners: _Places | None = None,
) -> Terms:  # fmt: skip
    """List the words of matter, and the phrases of two of them, of at least so many texts.

    Examples
    --------
    >>> found = list_terms(["客服拒绝退款", "客服态度差", "物流慢，客服不回", "好"])
    >>> found.terms, found.held(4).toarray().ravel().tolist()
    (['客服'], [1.0, 1.0, 1.0, 0.0])
    """
    cuts = cuts or cut_words(texts, find_words(texts, fewest))
    texts_of = cuts.texts if owners is None else owners[cuts.texts]
    kinds, words = _kinds(cuts.words), cuts.words
    is_word = np.array([*map(_says_something, words, kinds)], dtype=np.bool_)
    often = is_word & (_texts_with(cuts.number, texts_of, len(words)) >= fewest)
    at = np.flatnonzero(often[cuts.number])
    whole = _branches(cuts.number[at], at, at, cuts, len(words)) >= _LEAST_BRANCHING
    pairs, kept = _phrases(cuts, is_word, often, kinds)
    kept &= pairs.texts >= fewest
    place = np.cumsum(kept) - 1
    inside = kept[pairs.place]
    pair, ends = place[pairs.place[inside]], pairs.ends[inside]
    spelled = pairs.spell(cuts, kept)
    branching = _branches(pair, ends - 1, ends, cuts, len(spelled))
    one, other, places = pairs.one[kept], pairs.other[kept], np.bincount(pair)
    usual = np.bincount(cuts.number, minlength=len(words))
    # Words that hardly stand apart are one, though their neighbours be few.
    is_one = places >= _MOSTLY * np.maximum(usual[one], usual[other])
    is_whole = (branching >= _LEAST_BRANCHING) | (is_one & (branching >= _LEAST_OF_ONE))
    is_piece = np.zeros(len(words), dtype=np.bool_)
    for part in (one, other):
        is_piece[part[is_whole & (places >= _MOSTLY * usual[part])]] = True
    # Two pairs of words can be one phrase.
    single = np.flatnonzero(often)
    parts: list[tuple[str, ...]] = [(words[i],) for i in single]
    parts += spelled
    names, column = np.unique(np.array(["".join(p) for p in parts], str), return_inverse=True)
    numbers = np.full(len(words), -1)
    numbers[single] = np.arange(len(single))
    columns = column[np.concatenate([numbers[cuts.number[at]], len(single) + pair])]
    flags, may_name = np.zeros((2, len(names)), dtype=np.bool_)
    np.logical_or.at(flags, column, np.concatenate([whole[single], is_whole]))
    np.logical_or.at(may_name, column, np.concatenate([~is_piece[single], is_whole]))
    made = dict(zip(column.tolist(), parts, strict=True))
    return Terms(
        names.tolist(), cuts.texts[np.concatenate([at, ends])], columns, flags, may_name,
        [made[number] for number in range(len(names))],
    )  # fmt: skip


def _phrases(
    cuts: Cuts, is_word: _Flags, often: _Flags, kinds: Sequence[str]
) -> tuple[_Pairs, _Flags]:
    """List the pairs that are a phrase: a word of matter, and a word, a sign or a negation.

    A sign is a single character of matter (安装费); at an edge where hardly any run of characters
    ends it is a piece of the next word (会员充 of 会员充值).
    """
    is_sign = _are_signs(cuts.words, kinds)
    is_negation = np.array([word in _NEGATIONS for word in cuts.words], dtype=np.bool_)
    pairs = _pair_up(cuts, is_word | is_sign | is_negation, is_word | is_sign, _LONGEST_PHRASE)
    joined, size = np.append(cuts.is_joined, False), np.maximum(np.bincount(pairs.place), 1)
    before = np.bincount(pairs.place, ~joined[pairs.ends - 1]) / size
    behind = np.bincount(pairs.place, ~joined[pairs.ends + 1]) / size
    kept = (pairs.cohesion >= _OF_PHRASE) & (often[pairs.one] | often[pairs.other])
    kept &= ~(is_sign & ~is_negation)[pairs.one] | (before >= _OPEN_EDGE)
    kept &= ~is_sign[pairs.other] | (behind >= _OPEN_EDGE)
    return pairs, kept


@dataclass(frozen=True)
class Vocabulary:
    """The words that topics are made of, learnt from some texts and counted in any."""

    words: list[str]
    found: frozenset[str]
    boilerplate: Boilerplate

    def count(self, texts: Sequence[str]) -> Matrix:
        """Count the words in texts: a sparse matrix of texts × words."""
        return self._counted(cut_words(self.boilerplate.blank(texts), self.found), len(texts))

    def _counted(self, cuts: Cuts, n_texts: int) -> Matrix:
        column = {word: place for place, word in enumerate(self.words)}
        place = np.array([column.get(word, -1) for word in cuts.words], dtype=np.int64)[cuts.number]
        known = place >= 0
        counted = sparse.csr_matrix(
            (np.ones(known.sum()), (cuts.texts[known], place[known])), (n_texts, len(self.words))
        )
        counted.sum_duplicates()
        return counted


@dataclass(frozen=True)
class Reading:
    """Texts read for topics: what they are told apart by, and what may name a topic."""

    vocabulary: Vocabulary
    clauses: Matrix
    owners: _Places
    terms: list[str]
    held: Matrix
    size: int

    @property
    def counts(self) -> Matrix:
        """Texts × words."""
        return (_join(self.owners, self.size) @ self.clauses).tocsr()


def _join(owners: _Places, size: int) -> Matrix:
    """Give texts × clauses, 1 where a clause is of a text."""
    number = len(owners)
    return sparse.csr_matrix((np.ones(number), (owners, np.arange(number))), (size, number))


def _mark(rows: _Places, columns: _Places, shape: tuple[int, int]) -> Matrix:
    """Give a matrix that is 1 at each of these places, however often it is named."""
    marked = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape)
    marked.sum_duplicates()
    marked.data[:] = 1
    return marked


def read_texts(texts: Sequence[str], *, with_sayings: bool = False) -> Reading:
    """Choose the words of distinct texts that may tell topics apart, and those that may name one.

    Parameters
    ----------
    texts
        Distinct masked texts.
    with_sayings
        Whether sayings are read, too: no topic is made of them, but a selection may be.

    Returns
    -------
    Reading
        Its words have two characters and more and stand in at least three texts (two below a
        hundred), a thousandth, and at most half of them; at most 4,000. Without sayings, words by
        which texts open and close are none.

    Examples
    --------
    >>> parts = ["水管", "阀门", "弯头", "支架", "烟管", "插座"]
    >>> texts = [f"{part}安装费，贵" for part in parts] + [f"{part}漏水" for part in parts]
    >>> reading = read_texts(texts)
    >>> [term for term in reading.terms if term not in parts]
    ['安装费', '漏水']
    >>> reading.clauses.shape[0], reading.counts.shape[0]
    (18, 12)
    """
    boilerplate = Boilerplate(find_fields(texts)) if with_sayings else find_boilerplate(texts)
    plain = boilerplate.blank(texts)
    parts = [[part for part in _CLAUSE.split(_MASK.sub(" ", text)) if part] for text in plain]
    owners = np.repeat(np.arange(len(texts)), [len(part) for part in parts])
    found = frozenset(find_words(plain))
    cuts = cut_words([*chain.from_iterable(parts)], found)
    texts_of = owners[cuts.texts]
    frequency = _texts_with(cuts.number, texts_of, len(cuts.words))
    fewest = max(min(_FEWEST_TEXTS, 2 + len(texts) // 100), round(0.001 * len(texts)))
    frequent = (frequency >= fewest) & (frequency <= _MOST_COMMON * len(texts))
    formal = find_formal(cuts.number, texts_of, len(cuts.words), len(texts))
    frequent &= with_sayings | ~formal
    kept = [
        place
        for place, (word, kind) in enumerate(zip(cuts.words, _kinds(cuts.words), strict=True))
        if frequent[place] and _says_something(word, kind)
    ]
    kept = sorted(sorted(kept, key=lambda i: (-frequency[i], cuts.words[i]))[:_MOST_WORDS])
    vocabulary = Vocabulary([cuts.words[place] for place in kept], found, boilerplate)
    known = {*vocabulary.words}
    listed = list_terms(texts, fewest, cuts=cuts, owners=owners)
    number = {word: place for place, word in enumerate(cuts.words)}
    made = [[number[word] for word in part] for part in listed.parts]
    own = _mark(
        np.repeat(np.arange(len(made)), [len(part) for part in made]),
        np.array([*chain.from_iterable(made)], dtype=np.int64),
        (len(made), len(cuts.words)),
    )
    clauses = listed.held(len(owners))
    tokens = _mark(cuts.texts, cuts.number, (len(owners), len(cuts.words)))
    is_free = listed.whole & (tell_bound(clauses, tokens, own) <= _MOST_BOUND)
    is_free &= np.array([not known.isdisjoint(part) for part in listed.parts], dtype=np.bool_)
    free = np.flatnonzero(is_free & (with_sayings | (own @ formal == 0)))
    held = (_join(owners, len(texts)) @ clauses)[:, free]
    held.data[:] = 1
    return Reading(
        vocabulary,
        vocabulary._counted(cuts, len(owners)),
        owners,
        [listed.terms[i] for i in free],
        held,
        len(texts),
    )


def learn_words(texts: Sequence[str]) -> tuple[Vocabulary, Matrix]:
    """Choose the words of distinct texts that may tell topics apart, and count them there."""
    reading = read_texts(texts)
    return reading.vocabulary, reading.counts


@lru_cache(maxsize=1)
def _empty_words() -> frozenset[str]:
    return frozenset(_EMPTY.split()) | read_stop_words(
        snownlp_folder() / "normal" / "stopwords.txt"
    )


def _says_something(word: str, kind: str) -> bool:
    """Whether a word of two characters and more is of matter, and no person's name."""
    if len(word) < 2 or word in _empty_words() or len(set(word)) == 1:  # xxxx: digits taken out
        return False
    if word in _platforms():
        return True
    is_matter = kind == "eng" or (kind[0] in _MATTER and not kind.startswith(_PERSON))
    return is_matter and not _EDGES.search(word)
