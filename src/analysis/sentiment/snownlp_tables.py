"""SnowNLP's naive Bayes and stop words as arrays, computed with SnowNLP's own float operations."""

from __future__ import annotations

import codecs
import gzip
import importlib.metadata
import importlib.util
import marshal
import math
import struct
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.engine.snownlp import (
    BEGINNING,
    CHARACTER_BITS,
    MARGIN,
    TAG_BITS,
    SegmentTables,
    WordTables,
    fill_pairs,
    fill_triples,
    fill_words,
    meaning,
    read_counts,
)
from analysis.errors import CaodianError

# The files of the installed SnowNLP, read without importing it (2 s, 400 MB a process).


def snownlp_folder() -> Path:
    """Return the folder of the installed SnowNLP.

    Examples
    --------
    >>> snownlp_folder().name
    'snownlp'
    """
    found = importlib.util.find_spec("snownlp")
    if found is None or not found.submodule_search_locations:
        raise CaodianError("SnowNLP must be installed", remedy="Build .venv from the lock.")
    return Path(next(iter(found.submodule_search_locations)))


@dataclass(frozen=True)
class ModelFiles:
    """What SnowNLP scores with: its tagger, its classifier and its stop words."""

    segmentation: Path
    sentiment: Path
    stop_words: Path

    @classmethod
    def find(
        cls, segmentation: Path | str | None = None, sentiment: Path | str | None = None
    ) -> ModelFiles:
        """Return the files of the installed package, or retrained ones by the names they have.

        SnowNLP's `save(name)` writes `name.3`; either name finds the file.
        """
        folder = snownlp_folder()
        return cls(
            _saved(segmentation or folder / "seg" / "seg.marshal"),
            _saved(sentiment or folder / "sentiment" / "sentiment.marshal"),
            folder / "normal" / "stopwords.txt",
        )

    def fingerprint(self) -> str:
        """Return what tells these files from others: the version and a hash of their content."""
        digest = sha256()
        for path in (self.segmentation, self.sentiment, self.stop_words):
            digest.update(sha256(_content(path)).digest())
        return f"{importlib.metadata.version('snownlp')}-{digest.hexdigest()[:16]}"


def _saved(name: Path | str) -> Path:
    path = Path(name)
    with_suffix = path.with_name(path.name + ".3")
    return with_suffix if with_suffix.exists() else path


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CaodianError(
            "a SnowNLP model must be a file that can be read",
            value=error.strerror,
            where=str(path),
            remedy="On Python 3 SnowNLP's `save` adds '.3' to the name it is given.",
        ) from error


def read_unzipped(path: Path) -> bytes:
    """Return the bytes of a model file, compressed or plain."""
    content = _content(path)
    try:
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (EOFError, OSError) as error:
        raise _no_model(path, error) from error


def read_model(path: Path) -> dict[str, Any]:
    """Return the content of a model file as SnowNLP writes it.

    Raises
    ------
    CaodianError
        If the file cannot be read or is no such model.
    """
    try:
        return dict(marshal.loads(read_unzipped(path)))  # noqa: S302 - a model file that the user names
    except (ValueError, EOFError, TypeError) as error:
        raise _no_model(path, error) from error


def _no_model(path: Path, error: Exception) -> CaodianError:
    return CaodianError(
        "a SnowNLP model must be a file written by its `save`", value=str(error), where=str(path)
    )


def read_stop_words(path: Path) -> set[str]:
    """Return the stop words, read as SnowNLP reads them."""
    with codecs.open(str(path), "r", "utf-8") as lines:
        return {line.strip() for line in lines}


# What SnowNLP's tagger counted, read from the bytes of its file.

_ORDERS = {"uni": 1, "bi": 2, "tri": 3}


class _Counts(NamedTuple):
    """N-grams of Chinese characters: their tagged characters by number, and their counts."""

    parts: npt.NDArray[np.int64]  #: [n-gram, place]
    counts: npt.NDArray[np.float64]


def _read_segmentation(content: bytes, where: str = "") -> dict[str, Any]:
    """Return the tagger as SnowNLP keeps it, with `_Counts` for its dictionaries of n-grams."""
    try:
        model = _Reader(content).read("")
        complete = {"l1", "l2", "l3", *_ORDERS} <= set(model)
        complete &= all(isinstance(model[name]["d"], _Counts) for name in _ORDERS)
    except (IndexError, KeyError, TypeError, ValueError, RecursionError, struct.error):
        complete = False
    if not complete:
        raise CaodianError("a SnowNLP model must be a file written by its `save`", where=where)
    return dict(model)


class _Reader:
    """A walk over `marshal`'s bytes; the kernel reads the dictionaries of n-grams."""

    def __init__(self, content: bytes) -> None:
        self.content = content + bytes(MARGIN)
        self.data = np.frombuffer(self.content, np.uint8)
        self.at, self.used = 0, 0
        self.objects: dict[int, Any] = {}
        # What each value that may be referred to means to the kernel.
        self.meanings = np.zeros(len(content) // 2 + 1024, np.int64)

    def read(self, name: str) -> Any:  # noqa: ANN401
        """Return the next value; `name` is the key it stands under."""
        kind, flag = chr(self.data[self.at] & 0x7F), self.data[self.at] & 0x80
        self.at += 1
        number = self.used
        self.used += bool(flag)
        value = self._read_kind(kind, name)
        if flag:
            self.objects[number] = value
            self.meanings[number] = self._meaning(value)
        return value

    def _read_kind(self, kind: str, name: str) -> Any:  # noqa: ANN401
        if kind == "r":
            number = self._unpack("<i")
            return self.objects.get(number, int(self.meanings[number]))
        if kind == "i":
            return self._unpack("<i")
        if kind == "g":
            return self._unpack("<d")
        if kind in "zZaAut":
            length = self._unpack("<B" if kind in "zZ" else "<I")
            self.at += length
            return self.content[self.at - length : self.at].decode("utf-8", "surrogatepass")
        if kind in ")([":
            length = self._unpack("<B" if kind == ")" else "<I")
            return tuple(self.read(name) for _ in range(length))
        if kind == "{":
            return self._read_dictionary(name)
        raise ValueError(kind)

    def _read_dictionary(self, name: str) -> dict[str, Any]:
        found = {}
        while self.data[self.at] != ord("0"):
            key = self.read(name)
            found[key] = self._read_counts(_ORDERS[name]) if key == "d" else self.read(key)
        self.at += 1
        return found

    def _read_counts(self, order: int) -> _Counts:
        if chr(self.data[self.at] & 0x7F) != "{":
            raise ValueError(order)
        self.used += bool(self.data[self.at] & 0x80)
        room = (len(self.data) - self.at) // (5 * order + 5) + 1
        parts, counts = np.empty((room, order), np.int64), np.empty(room)
        at, self.used, found = read_counts(
            self.data, self.at + 1, order, self.meanings, self.used, parts, counts
        )
        if at < 0:
            raise ValueError(order)
        self.at = at
        kept = ((parts[:found] >= 0) & (parts[:found] <= BEGINNING)).all(axis=1)
        return _Counts(parts[:found][kept], counts[:found][kept])

    def _unpack(self, form: str) -> Any:  # noqa: ANN401
        value = struct.unpack_from(form, self.content, self.at)[0]
        self.at += struct.calcsize(form)
        return value

    @staticmethod
    def _meaning(value: object) -> int:
        if isinstance(value, str):
            code = np.frombuffer(value.encode("utf-8", "surrogatepass") + bytes(MARGIN), np.uint8)
            return int(meaning(code, 0, len(code) - MARGIN))
        return value if isinstance(value, int) else -1


# SnowNLP's n-grams laid out for look-up: a row for each pair, an entry for each trigram.

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_Keys = npt.NDArray[np.uint64]


class _Grams(NamedTuple):
    """Tagged n-grams of numbered characters."""

    characters: _Ints  #: [n-gram, place]
    tags: _Ints  #: [n-gram, place]
    values: _Floats


def _index_grams(
    number: npt.NDArray[np.int32], singles: _Floats, firsts: _Floats, pairs: _Grams, triples: _Grams
) -> SegmentTables:
    """Return the tables of the tagger."""
    outside = len(singles)
    opening = _key(np.full(outside, outside), np.arange(outside))
    followed, later = _key(*pairs.characters.T), _key(*triples.characters[:, 1:].T)
    earlier = _key(*triples.characters[:, :2].T)
    keys = np.unique(np.concatenate([opening, followed, later, earlier]))
    first_row = outside + 1
    seconds = _second(keys)
    rows = np.concatenate([singles, np.zeros((1, 4)), singles[seconds]])
    rows = np.repeat(rows[:, None, :], 4, axis=1)
    rows[first_row + np.searchsorted(keys, followed), pairs.tags[:, 0], pairs.tags[:, 1]] = (
        pairs.values
    )
    rows[first_row + np.searchsorted(keys, opening)] = firsts[:, None, :]
    before = rows[first_row + np.searchsorted(keys, later), triples.tags[:, 1], triples.tags[:, 2]]
    if (triples.values < before).any():
        raise CaodianError("a trigram of a SnowNLP model must not be less likely for being seen")
    slots = np.zeros(4 << len(keys).bit_length(), np.uint64)
    fill_pairs(keys, first_row, slots)
    words = _triple_words(first_row + np.searchsorted(keys, earlier), triples)
    return SegmentTables(
        number=number,
        row_logs=rows.ravel(),
        pair_slots=slots,
        triple_words=words,
        triple_logs=words.view(np.float64),
    )


def _triple_words(rows: _Ints, triples: _Grams) -> _Keys:
    """Return the table of the trigrams; those of one key stand in the order of their tags."""
    keys = _key(rows, triples.characters[:, 2])
    tags = triples.tags @ np.array([16, 4, 1])
    words = np.zeros((4 << max(len(keys).bit_length(), 1)) + 8, np.uint64)
    rank = np.argsort(keys << TAG_BITS | tags.astype(np.uint64))
    fill_triples(keys[rank], tags[rank], triples.values[rank], words, words.view(np.float64))
    return words


def _key(first: _Ints, second: _Ints) -> _Keys:
    """Return `pair_key` or `triple_key` of each two numbers."""
    return (first << CHARACTER_BITS | second).astype(np.uint64) + np.uint64(1)


def _second(keys: _Keys) -> _Ints:
    return ((keys - np.uint64(1)) & np.uint64((1 << CHARACTER_BITS) - 1)).astype(np.int64)


# SnowNLP's tagger as arrays, computed with SnowNLP's own float operations.
#
# Only Chinese characters of SnowNLP's range (一 to 龥) are kept: it segments nothing else. Every
# probability is summed in SnowNLP's order and logged by `math.log`, as SnowNLP does for each
# text anew, so that the kernel only adds.


class _Counted(NamedTuple):
    """Tagged n-grams in the order of their keys: the parts by number, and what was counted."""

    key: _Ints
    parts: _Ints
    counted: _Floats


def build_segment_tables(content: bytes, where: str = "") -> SegmentTables:
    """Return the tables of the tagger from the content of `seg.marshal.3`, unzipped."""
    model = _read_segmentation(content, where)
    units, counted = model["uni"]["d"]
    count = np.zeros(BEGINNING + 1)
    count[units[:, 0]] = counted
    pairs, triples = _sort(model["bi"]["d"]), _sort(model["tri"]["d"])
    single = model["l1"] * (count / model["uni"]["total"])
    pair = single[pairs.parts[:, 1]] + _ratio(model["l2"] * pairs.counted, count[pairs.parts[:, 0]])
    inner = _find(pairs.key, triples.parts[:, 1] * len(count) + triples.parts[:, 2])
    outer = _find(pairs.key, triples.parts[:, 0] * len(count) + triples.parts[:, 1])
    triple = np.where(inner < 0, single[triples.parts[:, 2]], pair[inner]) + _ratio(
        model["l3"] * triples.counted, np.where(outer < 0, 0.0, pairs.counted[outer])
    )
    return _lay_out(count, single, (pairs.parts, pair), (triples.parts, triple))


def _sort(grams: _Counts) -> _Counted:
    key = grams.parts @ ((BEGINNING + 1) ** np.arange(grams.parts.shape[1] - 1, -1, -1))
    rank = np.argsort(key)
    return _Counted(key[rank], grams.parts[rank], grams.counts[rank])


def _find(keys: _Ints, wanted: _Ints) -> _Ints:
    """Return where each wanted key stands among the sorted keys, -1 where it does not."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)


def _ratio(above: _Floats, below: _Floats) -> _Floats:
    """Return SnowNLP's `div`: nothing where it would divide by nothing."""
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)


def _logs(sums: _Floats) -> _Floats:
    """Return the logarithms by `math.log`: that of numpy may differ in the last bit."""
    logs = [math.log(value) if value else -math.inf for value in sums.ravel().tolist()]
    return np.array(logs).reshape(sums.shape)


def _lay_out(
    count: _Floats,
    single: _Floats,
    pairs: tuple[_Ints, _Floats],
    triples: tuple[_Ints, _Floats],
) -> SegmentTables:
    """Return the tables: known characters numbered, sums arranged for look-up."""
    is_known = (count[:BEGINNING].reshape(-1, 4) != 0).any(axis=1)
    outside = int(is_known.sum())
    number = np.where(is_known, np.cumsum(is_known) - 1, -1)
    number = np.append(number, outside).astype(np.int32)
    singles = single[:BEGINNING].reshape(-1, 4)[is_known]
    firsts = singles.copy()
    grams = [
        _Grams(number[parts >> 2].astype(np.int64), parts & 3, sums)
        for parts, sums in (pairs, triples)
    ]
    for gram in grams:
        last, opens = gram.characters[:, -1], (gram.characters[:, :-1] == outside).all(axis=1)
        opens &= _is_known(last, outside)
        firsts[last[opens], gram.tags[opens, -1]] = gram.values[opens]
    within = [_within_run(gram, outside) for gram in grams]
    return _index_grams(number, _logs(singles), _logs(firsts), *within)


def _is_known(characters: _Ints, outside: int) -> npt.NDArray[np.bool_]:
    return (characters >= 0) & (characters < outside)


def _within_run(gram: _Grams, outside: int) -> _Grams:
    """Return the n-grams that are looked up within a run, with logarithms for sums.

    Of a trigram the first character may be the beginning of the run.
    """
    kept = _is_known(gram.characters[:, -2:], outside).all(axis=1) & (gram.characters[:, 0] >= 0)
    return _Grams(gram.characters[kept], gram.tags[kept], _logs(gram.values[kept]))


_CLASSES = {"neg", "pos"}


def build_word_tables(model: dict[str, Any], stop_words: set[str]) -> tuple[WordTables, int]:
    """Return the tables of the classifier and which of its two classes is the positive one."""
    classes = model["d"]
    if set(classes) != _CLASSES:
        raise CaodianError("a SnowNLP sentiment model knows `neg` and `pos`", value=list(classes))
    words = sorted(set().union(stop_words, *(counts["d"] for counts in classes.values())) - {""})
    logs = np.array([[_log_share(c, word) for c in classes.values()] for word in words])
    logs[[index for index, word in enumerate(words) if word in stop_words]] = 0.0
    spelling_from, spelling = _spell(words)
    cells = np.zeros((4 << (2 * len(words) - 1).bit_length()) + 8, np.uint64)
    fill_words(spelling_from, spelling, logs, cells, cells.view(np.float64))
    cells.view(np.float64)[-7:-5] = [_log_share(counts, "") for counts in classes.values()]
    tables = WordTables(
        cells=cells,
        logs=cells.view(np.float64),
        spelling_from=spelling_from,
        spelling=spelling,
        prior_log=np.array([_log_prior(c, model["total"]) for c in classes.values()]),
        is_space=np.array([chr(code).isspace() for code in range(0x3001)]),
    )
    return tables, list(classes).index("pos")


def _log_share(counts: dict[str, Any], word: str) -> float:
    """Return SnowNLP's `log(freq(word))`; the empty word was never counted."""
    return math.log(float(counts["d"].get(word, counts["none"])) / counts["total"])


def _log_prior(counts: dict[str, Any], total: float) -> float:
    return math.log(counts["total"]) - math.log(total)


def _spell(words: list[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    lengths = [len(word) for word in words]
    points = np.frombuffer(("".join(words) + "\0\0").encode("utf-32-le", "surrogatepass"), np.int32)
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32), points
