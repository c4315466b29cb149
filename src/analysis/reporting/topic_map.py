"""The map of topics: like texts near each other, on one page that asks nobody anything."""

from __future__ import annotations

import base64
import os
import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup
from numpy.typing import NDArray
from scipy import sparse

from analysis.clusters.consensus import (
    MIXED,
    hash_texts,
    learn_steady_space,
    unit_rows,
    weigh_space,
)
from analysis.clusters.levels import number_registers
from analysis.clusters.onset import list_days
from analysis.clusters.terms import USED, select_negative, suggest_period
from analysis.clusters.words import read_texts
from analysis.corpus.mask import mask_texts
from analysis.engine.layout import lay_out_points
from analysis.engine.strict_math import leading_vectors, strict_exp, strict_product
from analysis.frames import AnyFrame, as_small, as_texts, take_columns
from analysis.numbers import count_text, decimal_text, scale_text, share_text
from analysis.reporting.drawer import safe_json
from analysis.reporting.report import asset, csp_hash
from analysis.schema import parse_columns
from analysis.storage import write_text
from analysis.storage.write import show_hidden
from analysis.study.model import Study
from analysis.study.periods import Period
from analysis.words import load_words

_Floats = NDArray[np.float64]
_Places = NDArray[np.int64]

# So many texts are shown; the page stays below so many bytes, whatever it holds.
_MOST_TEXTS = 20_000
_MOST_BYTES = 1_000_000
# Characters of a text that are tried, the longest first, until the page is small enough.
_CUTS = (100_000, 120, 80, 60, 40, 30, 20, 12, 0)
_SNIPPET = 40
_RENDERED = "CAODIAN_RENDERED"  # set while notebooks are executed for readers

# Texts that teach the vectors, anchors of the layout, and how a text is drawn to its topic.
_LEARNT, _ANCHORS, _PULL = 12_000, 1_500, 0.5
_STEPS, _PERPLEXITY, _FEWEST = 350, 30, 10
_NEIGHBOURS, _SHARPNESS, _BATCH = 10, 0.02, 2_000
_SCATTER = 0.1  # of the gap between anchors
_GRID = 8_191
_SALT = 618
_SURE = 90  # per cent of confidence
_COLORS = 12
_HEIGHT = 720  # pixels in a notebook


def lay_out(
    texts: Sequence[str], topics: Sequence[int], channels: Sequence[str] | None = None
) -> NDArray[np.uint16]:
    """Place texts on a plane so that those of like words stand near each other.

    The vectors are those of `cluster_topics`, each moved half-way to the mean of its topic. A
    sample of 1,500 texts, drawn by a hash of the text, is laid out by t-SNE from their two
    principal components; every other text stands among the ten of them that are nearest to it.
    """
    if not len(texts):
        return np.zeros((0, 2), np.uint16)
    hashes = hash_texts(texts, _SALT)
    order = np.lexsort((np.array(texts, dtype=object), hashes))
    ordered, labels = [texts[i] for i in order], np.asarray(topics, dtype=np.int64)[order]
    reading = read_texts(ordered[:_LEARNT])
    counts = reading.counts
    registers = None
    if channels is not None:
        registers = number_registers([channels[i] for i in order[:_LEARNT]])
    space = learn_steady_space(counts, hashes[order[:_LEARNT]], registers)
    space = weigh_space(space, counts, reading.clauses, reading.owners, registers)
    points = space.place(reading.vocabulary.count(ordered))
    found = _spread(_draw_to_topics(np.round(points, 6), labels))
    # Texts of the same words would hide each other.
    jitter = np.random.default_rng(_SALT).normal(size=found.shape)
    placed = found + jitter * _SCATTER * _typical_gap(found)
    places = np.zeros((len(texts), 2), np.uint16)
    places[order] = _on_grid(placed)
    return places


def _draw_to_topics(points: _Floats, labels: _Places) -> _Floats:
    """Move each text that has a topic towards the mean of it."""
    drawn = points.copy()
    for topic in np.unique(labels[labels >= 0]):
        mine = labels == topic
        drawn[mine] += _PULL * unit_rows(points[mine].mean(axis=0, keepdims=True))
    return np.asarray(unit_rows(drawn))


def _spread(points: _Floats) -> _Floats:
    """Lay out the first texts, the anchors, and put all others among them."""
    anchors = points[:_ANCHORS]
    if points.shape[1] < 2 or len(np.unique(anchors, axis=0)) < _FEWEST:
        turn = 2 * np.pi * np.arange(len(points)) / len(points)
        return np.column_stack([np.cos(turn), np.sin(turn)])
    placed = _lay_out_anchors(anchors)
    near = min(_NEIGHBOURS, len(anchors))
    parts = [placed]
    for first in range(len(anchors), len(points), _BATCH):
        likeness = np.round(strict_product(points[first : first + _BATCH], anchors.T), 9)
        # All that are as near as the tenth: which of equals a sort puts first is the processor's.
        least = np.partition(likeness, -near, axis=1)[:, -near, None]
        weights = strict_exp((likeness - likeness.max(axis=1, keepdims=True)) / _SHARPNESS)
        weights[likeness < least] = 0
        weights /= weights.sum(axis=1, keepdims=True)
        parts.append(strict_product(weights, placed))
    return np.concatenate(parts)


def _lay_out_anchors(anchors: _Floats) -> _Floats:
    left, sizes = leading_vectors(sparse.csr_matrix(anchors - anchors.mean(axis=0)), 2)
    # The sign of a component is chance; its largest weight is made positive.
    signs = np.sign(left[np.abs(left).argmax(axis=0), np.arange(2)])
    start = left * sizes * np.where(signs == 0, 1, signs)
    lengths = (anchors**2).sum(axis=1)
    gaps = lengths[:, None] + lengths - 2 * strict_product(anchors, anchors.T)
    return lay_out_points(
        np.maximum(gaps, 0),
        start / max(float(start[:, 0].std()), 1e-12) * 1e-4,
        perplexity=min(_PERPLEXITY, (len(anchors) - 1) / 3),
        steps=_STEPS,
    )


def _typical_gap(placed: _Floats) -> float:
    """Give the gap that texts would have if they stood evenly."""
    return float(np.ptp(placed, axis=0).max() / np.sqrt(max(len(placed), 1)))


def _on_grid(placed: _Floats) -> NDArray[np.uint16]:
    low, high = placed.min(axis=0), placed.max(axis=0)
    middle, half = (low + high) / 2, max(float((high - low).max()), 1e-12) / 2
    on_grid: NDArray[np.uint16] = np.round(
        (placed - middle) / half * (_GRID / 2) + _GRID / 2
    ).astype(np.uint16)
    return on_grid


@dataclass(frozen=True)
class _Dots:
    """What stands on the map: one row a distinct text, and the days of its posts."""

    table: pl.DataFrame  # text, topic, confidence, grievances; by topic and text
    days: pl.DataFrame  # dot, day (its place in the calendar, -1 for none), items
    calendar: tuple[date, ...]
    all_texts: int


@dataclass(frozen=True, repr=False)
class TopicMap:
    """A map of topics; it shows itself in JupyterLab, and `save` writes it as one HTML file."""

    topics: pd.DataFrame
    dots: _Dots
    notes: tuple[str, str]
    language: str
    title: str | None
    scale: float | None
    is_simulated: bool
    period: Period

    def __repr__(self) -> str:
        say = load_words(self.language)
        return say("map.shown", n=self.dots.table.height, topics=len(self.topics))

    def _repr_html_(self) -> str:
        """Show the map; a page that is executed for readers has the topics alone."""
        if os.environ.get(_RENDERED):
            return f"<p>{escape(repr(self))}</p>{self._table().to_html(index=False, border=0)}"
        page = self.page(quotes=True)
        return (
            f'<iframe title="{escape(self._headline(self.language))}" srcdoc="{escape(page)}" '
            f'sandbox="allow-scripts" width="100%" height="{_HEIGHT}" style="border:0"></iframe>'
        )

    @cached_property
    def _placed(self) -> pl.DataFrame:
        """The texts with their places, which take seconds and are found when they are needed."""
        table = self.dots.table
        places = lay_out(
            table["text"].to_list(), table["topic"].to_list(), table["channel"].to_list()
        )
        return table.with_columns(x=places[:, 0], y=places[:, 1])

    def save(
        self,
        path: str | Path,
        *,
        language: str | None = None,
        title: str | None = None,
        quotes: bool = False,
    ) -> Path:
        """Write the map as one HTML file."""
        return write_text(self.page(language, title=title, quotes=quotes), path)

    def page(
        self, language: str | None = None, *, title: str | None = None, quotes: bool = False
    ) -> str:
        """Write the page, its texts cut so far that it stays below 1 MB."""
        language = language or self.language
        title = title or self._headline(language)
        longest = _CUTS[0] if self.is_simulated else _SNIPPET if quotes else 0
        texts = self.dots.table["text"]
        if longest:
            texts = mask_texts(texts)[0].map_elements(show_hidden, return_dtype=pl.String)
        # What cuts no text is tried once.
        longest = min(longest, max(map(len, texts), default=0)) or longest
        for cut in dict.fromkeys(cut for cut in (longest, *_CUTS) if cut <= longest):
            page = self._write(language, title, [_shorten(text, cut) for text in texts], cut)
            if len(page.encode()) <= _MOST_BYTES:
                break
        return page

    def _headline(self, language: str) -> str:
        return self.title or load_words(language)("map.title")

    def _table(self) -> pd.DataFrame:
        columns = ["label", "items", "terms", "top_grievance", "covered", "stability", "onset"]
        shown = self.topics[[name for name in columns if name in self.topics]]
        # A column in which nothing stands tells nothing; nor does the share of codes without codes.
        known = {str(name) for name in shown if shown[name].replace("", None).notna().any()}
        if "top_grievance" not in known:
            known.discard("covered")
        return shown[[name for name in shown if name in known]]

    def _write(self, language: str, title: str, texts: Sequence[str], cut: int) -> str:
        say, dots = load_words(language, self.period), self.dots
        characters, text_bytes = _spell_short(texts)
        own = {key.removeprefix("map.js."): text for key, text in say.texts.items()
               if key.startswith("map.js.")}  # fmt: skip
        codes = dots.table["grievances"].to_list()
        sets = sorted({tuple(names) for names in codes})
        facts = {
            "words": own,
            "topics": _place_labels(self.topics, self._placed),
            "calendar": [day.isoformat() for day in dots.calendar],
            "codes": [[say.label(name) for name in names] for names in sets],
            "characters": [*map(ord, characters)], "grid": _GRID, "texts": dots.table.height,
            "pairs": dots.days.height, "simulated": self.is_simulated, "has_texts": cut > 0,
        }  # fmt: skip
        where = {names: place for place, names in enumerate(sets)}
        packed = _pack(
            self._placed, dots.days, [where[tuple(names)] for names in codes], text_bytes
        )
        tell = [_close(self.notes[language == "en"], language)]
        if dots.table.height < dots.all_texts:
            tell.append(say("map.sampled", n=dots.table.height, all=dots.all_texts))
        if self.is_simulated or not cut:
            tell.append(say("map.simulated" if self.is_simulated else "map.withheld"))
        else:
            tell.append(say("map.quoted", n=min(cut, _SNIPPET)))
        if self.is_simulated and any(len(text) > cut for text in texts):  # with its ellipsis
            tell.append(say("map.cut", n=cut))
        script = asset("topic_map.js")
        values = {
            "say": say, "title": title, "notes": [note for note in tell if note],
            "mark": _mark(self.scale, self.is_simulated, language),
            "headers": [say(f"header.{_HEADERS.get(str(n), n)}") for n in self._table()],
            "rows": [_row(row, language) for row in self._table().to_dict("records")],
            "facts": Markup(safe_json(facts)), "packed": packed,  # noqa: S704 - escaped there
            "style": Markup(asset("topic_map.css")),  # noqa: S704 - our own file
            "script": Markup(script), "script_hash": csp_hash(script),  # noqa: S704 - our own file
        }  # fmt: skip
        return show_hidden(_template().render(values), in_page=True)


def headline_of(study: Study, language: str) -> str:
    """Give the headline of the map of a study's run."""
    say = load_words(language)
    title = study.title_zh if language == "zh" else study.title_en
    return say("map.of", title=title, map=say("map.title"))


def notes_of(tables: Mapping[str, pd.DataFrame]) -> tuple[str, str]:
    """Give the notes of a run that stand on its map, in both languages.

    The first note is of topics; of what emerges, the second, a map shows nothing.
    """
    rows = tables["notes"]
    told = rows[(rows["about"] == "clusters") & (rows["number"].astype(str) == "1")]
    return " ".join(told["zh"]), " ".join(told["en"])


# What follows from posts alone: blocks of data, and behind the notes how many texts are shown.
_DATA = re.compile(
    r'(?<=<script id="facts" type="application/json">)[^<]*(?=</script>)'
    r'|(?<=<script id="packed" type="text/plain">)[A-Za-z0-9+/=\s]*(?=</script>)'
    r'|(?<=<p class="note">)(?P<note>[^<]*)(?=</p>\n</header>)'
)


_HEADERS = {"label": "cluster"}


def _close(note: str, language: str) -> str:
    """End a note with a full stop."""
    if not note or note.endswith((".", "。")):
        return note
    return note + ("." if language == "en" else "。")


def _mark(scale: float | None, is_simulated: bool, language: str) -> str:
    """Write the mark of made-up data."""
    if not is_simulated:
        return ""
    say = load_words(language)
    if scale is None:
        return say("map.made_up")
    return say("scale.simulated", scale=scale_text(scale))


def _row(row: dict[Any, Any], language: str) -> list[str]:
    """Write a row of the table of topics as readers see it."""
    say = load_words(language)
    writers: dict[str, Callable[[Any], str]] = {
        "items": count_text, "covered": share_text, "stability": decimal_text,
        "top_grievance": lambda code: say.label(str(code)),
    }  # fmt: skip
    cells = []
    for name, value in row.items():
        write = writers.get(str(name))
        cells.append("" if pd.isna(value) else str(value) if write is None else write(value))
    return cells


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("analysis.reporting", "templates"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("topic_map.html.j2")


def _shorten(text: str, cut: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= cut else plain[:cut] + "…" * (cut > 0)


# How texts are written: the commonest characters in one byte, all others in two.
_ONE_BYTE = 150


def _spell_short(texts: Sequence[str]) -> tuple[str, bytes]:
    """Give the characters by their number, and the texts in these numbers, one behind the other."""
    joined = "\n".join(texts).encode("utf-8", "replace").decode("utf-8")
    counted = sorted(Counter(joined).items(), key=lambda pair: (-pair[1], pair[0]))
    most = _ONE_BYTE + (256 - _ONE_BYTE) * 256
    characters = [character for character, _ in counted[:most]]
    code = {
        character: bytes([place]) if place < _ONE_BYTE
        else bytes([_ONE_BYTE + (place - _ONE_BYTE) // 256, (place - _ONE_BYTE) % 256])
        for place, character in enumerate(characters)
    }  # fmt: skip
    return "".join(characters), b"".join(code.get(character, b"") for character in joined)


def _pack(table: pl.DataFrame, days: pl.DataFrame, codes: Sequence[int], texts: bytes) -> str:
    """Put numbers and texts into one compressed block; long numbers stand first."""
    sizes = days.group_by("dot").len().sort("dot")["len"].to_numpy()
    blocks = [
        days["items"].to_numpy().astype("<u4"),
        table["x"].to_numpy().astype("<u2"), table["y"].to_numpy().astype("<u2"),
        (table["topic"].to_numpy() + 1).astype("<u2"), np.array(codes, dtype="<u2"),
        sizes.astype("<u2"), (days["day"].to_numpy() + 1).astype("<u2"),
        np.round(table["confidence"].to_numpy() * 100).astype("u1"),
    ]  # fmt: skip
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = b"".join(block.tobytes() for block in blocks) + texts
    return base64.b64encode(packer.compress(content) + packer.flush()).decode("ascii")


def _place_labels(topics: pd.DataFrame, dots: pl.DataFrame) -> list[dict[str, Any]]:
    """Find the place of each label, in the thick of the topic, and a colour its neighbours lack."""
    shown: list[dict[str, Any]] = []
    for row in topics.to_dict("records"):
        mine = dots.filter(pl.col("topic") == int(row["cluster"]))
        sure = mine.filter(pl.col("confidence") * 100 >= _SURE)
        x, y = _thickest((mine if sure.is_empty() else sure).select("x", "y").to_numpy())
        near = [
            min(
                (float(np.hypot(x - other["x"], y - other["y"])) for other in shown
                 if other["color"] == color), default=np.inf,
            )
            for color in range(_COLORS)
        ]  # fmt: skip
        shown.append(
            {"label": str(row["label"]), "terms": str(row["terms"]), "x": x, "y": y,
             "color": int(np.argmax(near))}
        )  # fmt: skip
    return shown


def _thickest(places: NDArray[np.int64]) -> tuple[int, int]:
    """Give the place around which most of some places stand."""
    if not len(places):
        return _GRID // 2, _GRID // 2
    some = places[:: max(1, len(places) // 1_000)].astype(np.float64)
    gaps = np.hypot(*(some[:, None, axis] - some[None, :, axis] for axis in (0, 1)))
    thick = (gaps < _GRID / 12).sum(axis=1)
    x, y = some[int(thick.argmax())]
    return int(x), int(y)


def map_topics(
    posts: AnyFrame,
    topics: AnyFrame,
    path: str | Path | None = None,
    *,
    text: str = "text",
    notes: tuple[str, str] = ("", ""),
    language: str = "zh",
    title: str | None = None,
    scale: float | None = None,
    period: Period | None = None,
    quotes: bool = False,
) -> TopicMap:
    """Lay the texts of topics out on a map that is searched, zoomed and cut to days.

    A point is a distinct text (a family of near-duplicates), its size the number of its posts.
    Texts that stand close use like words; how far two islands lie apart means nothing.

    Parameters
    ----------
    posts
        pandas or Polars frame as `cluster_topics(posts).posts`: the text, `topic` (−1 for mixed,
        missing where it was not looked at) and `confidence`; `family_id, published_at, grievances,
        source` are used where they are there. Of more than 20,000 texts a sample is shown, drawn
        by a hash of the text.
    topics
        Its table `clusters`: `cluster, label, terms, items`.
    path
        File to write.
    text
        Column of the text, cleaned and masked.
    notes
        What stands below the headline, in Chinese and English.
    language
        `zh` or `en`.
    title
        Another headline.
    scale
        Scale of a simulated corpus, for the mark of made-up data.
    period
        Steps of the slider: `day`, `week` or `month`; by default by the range of the posts.
    quotes
        Whether a file of real posts holds the first 40 characters of their masked texts; else a
        point opens its topic, day and codes alone. Simulated texts stand in full.

    Returns
    -------
    TopicMap
        It shows itself in JupyterLab, there with 40 characters of each text.

    Raises
    ------
    CaodianError
        When a column is missing.

    Examples
    --------
    >>> posts = pd.DataFrame({"text": ["迟迟不退款", "催了不退"], "topic": [0, -1],
    ...                       "confidence": [0.9, 0.3]})
    >>> topics = pd.DataFrame({"cluster": [0], "label": ["退款"], "terms": ["退款"], "items": [1]})
    >>> map_topics(posts, topics, language="en")
    A map of 2 texts and 1 topic
    """
    wanted = [name for name in (*USED, "grievances", "source") if name != text]
    taken = take_columns(
        posts, [text, "topic", "confidence"], wanted,
        "Give the posts that cluster_topics gave back.",
    )  # fmt: skip
    taken = parse_columns(taken.with_columns(as_texts(taken[text]).alias("text")))
    table = as_small(take_columns(topics, ["cluster", "label", "terms", "items"], _MORE))
    looked = taken.filter(pl.col("topic").is_not_null())
    is_simulated = "source" in looked.columns and looked.height > 0 and bool(
        (looked["source"] == "simulated").all()
    )  # fmt: skip
    steps = period or suggest_period(taken)
    made = TopicMap(
        table, _gather(taken, steps), notes, language, title, scale,
        scale is not None or is_simulated, steps,
    )  # fmt: skip
    load_words(language)
    if path is not None:
        made.save(path, quotes=quotes)
    return made


_MORE = ("top_grievance", "covered", "stability", "onset")


def _gather(posts: pl.DataFrame, period: Period) -> _Dots:
    """Gather the distinct texts of posts with a topic or none, place them and count their days."""
    if "grievances" not in posts.columns:
        posts = posts.with_columns(pl.lit([], dtype=pl.List(pl.String)).alias("grievances"))
    looked = posts.with_columns(is_negative=pl.col("topic").is_not_null())
    rows = looked.with_row_index("row").select("row", "topic", "confidence")
    items = select_negative(looked, period).join(rows, on="row", maintain_order="left")
    texts = items.group_by("family", maintain_order=True).agg(
        pl.col("text").first(), pl.col("topic").first().cast(pl.Int64),
        pl.col("confidence").first().cast(pl.Float64).fill_null(0), pl.col("channel").first(),
        # Two posts with one text may be coded apart: the union, whichever comes first.
        pl.col("grievances").explode().drop_nulls().unique().sort(),
    )  # fmt: skip
    hashes = hash_texts(texts["text"].to_list(), _SALT)
    drawn = texts.with_columns(hashed=hashes).sort("hashed", "text", "family").head(_MOST_TEXTS)
    last = pl.col("topic") == MIXED
    table = drawn.sort(last, "topic", "text", "family").with_row_index("dot")
    calendar = tuple(list_days(items, period))
    at = {day: place for place, day in enumerate(calendar)}
    days = items.join(table.select("family", "dot"), on="family").select(
        pl.col("dot"),
        pl.col("day").replace_strict(list(at), list(at.values()), default=MIXED,
                                     return_dtype=pl.Int64).fill_null(MIXED),
    )  # fmt: skip
    counted = days.group_by("dot", "day").agg(pl.len().alias("items")).sort("dot", "day")
    shown = table.drop("dot", "hashed", "family")
    return _Dots(shown, counted, calendar, texts.height)
